"""The pipeline's code; docs/design.md describes it."""

import gc

# Importing transformers and trl makes half a million lasting objects: at Python's threshold of 700
# new ones, looking for garbage among them is an eighth of the time before a job begins.
gc.set_threshold(10_000)
