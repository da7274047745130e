"""What a reader of a table of accuracies must know: notes above its blocks."""

import math

from arte.report.build import Results
from arte.report.text import distinct, primary, select, setting

CUT_OFF = 5.0
"""Percent of answers cut off by the token limit above which a table warns.

A cut answer has no tag and counts as wrong. Up to as many points of accuracy may be due to the
limit alone; 5 points are the half-width of the 95 % interval of 400 items.
"""

CELLS = (
    "Strict accuracy in percent (a missing <ans> tag is wrong) [95 % Wilson interval over items;"
    " with several training seeds that of the seeds' mean]. SD: standard deviation between"
    " training seeds. cut off: share of answers that the token limit ended."
)

SEEDS = (
    "Differences are paired over items; their intervals and p count items and training seeds, each"
    " arm with a seed variance of its own ({distribution}). p (Holm) over {family}."
)

ITEMS = (
    "Differences are paired over items. Their intervals and p EXCLUDE training noise, which one"
    " training seed cannot tell: a second seed may move a difference out of its interval. p (Holm)"
    " over {family}."
)

MDE = (
    "MDE: minimum detectable effect, the smallest true difference that this comparison finds with"
    " 80 % power (two-sided test at 5 %, before Holm), from its standard error. A smaller one may"
    " exist unseen; above 100 none can be found."
)

TEACHER = (
    "One teacher: its sampled drafts, its alignment and the data that it wrote are one draw, which"
    " no interval counts. Another seeds.teacher on the same items shows how much they matter."
)

TEACHERS = (
    "{n} teachers, each from a run of its own (report.teachers). In arms that a teacher wrote, a"
    " seed is a teacher with the mean over its students. Intervals and p count items, teachers and"
    " training seeds."
)

PRINTED = (
    "printed: the paper's numbers (arXiv 2406.19227): Gemma-2B taught by Llama-3-70B-Instruct."
)


WARNING = (
    "WARNING: of some arms the token limit cut off more than {limit:g} % of the answers, and a cut"
    " answer counts as wrong. The limit alone may explain as many points; {limit:g} points are the"
    " half-width of a 95 % interval of 400 items. Raise evaluate.max_tokens. Worst column of each"
    " arm: {arms}."
)


def notes(results: Results) -> list[str]:
    """What was cut off, how to read a table's intervals and p values, and what they count."""
    apart = results.comparisons
    seeded = select(apart, counts="items and seeds")
    df = min((row.df for row in seeded), default=math.inf)
    # seeds that agree on every item leave no variance to estimate
    t = "" if math.isinf(df) else f"t, at least {math.floor(df)} degrees of freedom"
    distribution = t or "normal, for all seeds agree"
    template = SEEDS if seeded else ITEMS
    found = [
        *_cut_off(results),
        CELLS,
        template.format(distribution=distribution, family=results.spec.corrected),
        TEACHERS.format(n=results.teachers) if results.teachers > 1 else TEACHER,
    ]
    found += [MDE] if apart else []
    return found + ([PRINTED] if results.spec.role == "student" else [])


def _cut_off(results: Results) -> list[str]:
    """A warning with the worst column of each arm above CUT_OFF, or nothing."""
    arms = []
    for shots in results.settings:
        cells = primary(results, shots)
        for student in distinct(cells, "student"):
            for arm in distinct(cells, "arm"):
                worst = max(select(cells, student=student, arm=arm), key=lambda cell: cell.cut_off)
                if worst.cut_off > CUT_OFF + 1e-9:  # sums of shares round
                    where = f"{setting(shots).lower()}, {worst.column}"
                    arms.append(f"{student} on {arm} {worst.cut_off:.1f} % ({where})")
    return [WARNING.format(limit=CUT_OFF, arms="; ".join(arms))] if arms else []
