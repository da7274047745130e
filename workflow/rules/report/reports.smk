"""Rules of tables and figures, and what `snakemake --report` shows of their outputs.

REQUIRED INPUTS: none of its own. OUTPUTS: none of its own.
"""

IN_REPORT = (".md", ".svg", ".html")
"""Endings of outputs that people read; the others hold the same."""


def in_report(stem, endings, caption, category, name):
    """Outputs of one stem, of which those that people read go into Snakemake's report.

    caption: a file of workflow/report without its ending.
    """
    outputs = []
    for ending in endings.split():
        output = f"{stem}{ending}"
        if ending in IN_REPORT:
            text, labels = f"../../report/{caption}.rst", {
                "what": name,
                "as": ending[1:],
            }
            output = report(output, caption=text, category=category, labels=labels)
        outputs.append(output)
    return outputs


include: "tables.smk"
include: "figure2.smk"
include: "technique_shift.smk"
include: "consistency.smk"
include: "aa.smk"
include: "contamination.smk"
include: "figure1.smk"
