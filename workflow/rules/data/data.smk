"""Rules of benchmark items: BIG-Bench Hard, benchmarks outside it, and tasks of one's own.

REQUIRED INPUTS: none of its own. OUTPUTS: none of its own.
"""


include: "bbh.smk"
include: "ood.smk"
include: "own.smk"
