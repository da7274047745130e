"""Students trained on the arms (§4.1).

student: fine-tuning of all weights, or of an adapter.
"""
