"""Rules that look at a whole run: its manifest and archives, the claims, the page.

REQUIRED INPUTS: none of its own. OUTPUTS: none of its own.
"""


include: "../provenance/manifest.smk"
include: "claims.smk"
include: "page.smk"
