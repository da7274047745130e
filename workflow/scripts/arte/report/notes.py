"""What a reader of a table of accuracies must know: notes above its blocks."""

from arte.report.build import Results
from arte.report.text import select

CELLS = (
    "Strict accuracy in percent (a missing <ans> tag is wrong) [95 % interval over items: Wilson"
    " for one training seed, else bootstrap of the seeds' mean]. SD: standard deviation between"
    " training seeds."
)

SEEDS = (
    "Differences are paired over items; their intervals and p count items and training seeds (seed"
    " variance pooled over the trained arms, {df} degrees of freedom). p (Holm) over {family}."
)

ITEMS = (
    "Differences are paired over items. Their intervals and p EXCLUDE training noise, which one"
    " training seed cannot tell: a second seed may move a difference out of its interval. p (Holm)"
    " over {family}."
)

PRINTED = (
    "printed: Gemma-2B taught by Llama-3-70B-Instruct (arXiv 2406.19227), another model scale than"
    " the embedded one."
)


def notes(results: Results) -> list[str]:
    """How to read a table's intervals and p values, and what they count."""
    apart = results.comparisons
    seeded = select(apart, counts="items and seeds")
    df = " or ".join(map(str, sorted({row.seed_df for row in seeded})))
    template = SEEDS if seeded else ITEMS
    found = [CELLS, template.format(df=df, family=results.spec.corrected)]
    return found + ([PRINTED] if results.spec.role == "student" else [])
