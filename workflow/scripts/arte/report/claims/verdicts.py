"""The verdict on a claim: where the intervals of its differences lie."""

import math
from dataclasses import dataclass

from arte.report.claims.listed import Claim
from arte.report.claims.measured import Part

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
UNDECIDED = "not decided"
UNTESTED = "not testable here"

VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, UNTESTED)
"""All verdicts, the clearest first."""


@dataclass(frozen=True)
class Judged:
    """The verdict on a claim and why, with that on each of its comparisons."""

    verdict: str
    why: str
    parts: list[tuple[Part, str]]


def bounds(claim: Claim) -> tuple[float, float]:
    """The range in which every difference of a claim must lie."""
    if claim.within is not None:
        return -claim.within, claim.within
    if claim.below is not None:
        return -math.inf, claim.below
    return (-math.inf if claim.above is None else claim.above), math.inf


def asked(claim: Claim) -> str:
    """The range of a claim in words."""
    if claim.within is not None:
        return f"within {claim.within:g} of 0"
    if claim.below is not None:
        return f"below {claim.below:g}"
    return "" if claim.above is None else f"above {claim.above:g}"


def of_part(claim: Claim, part: Part) -> str:
    """The verdict on one comparison: its interval is inside the range, outside, or neither."""
    if part.missing:
        return UNTESTED
    least, most = bounds(claim)
    if least < part.low and part.high < most:
        return SUPPORTED
    return CONTRADICTED if part.high < least or part.low > most else UNDECIDED


def judge(claim: Claim, parts: list[Part]) -> Judged:
    """The verdict on a claim of which every comparison must hold.

    One that fails contradicts it. Where some cannot be tested here, the others alone do not
    support it.
    """
    judged = [(part, of_part(claim, part)) for part in parts]
    found = [verdict for _, verdict in judged]
    if CONTRADICTED in found:
        verdict = CONTRADICTED
    elif set(found) == {UNTESTED}:
        verdict = UNTESTED
    else:
        verdict = SUPPORTED if set(found) == {SUPPORTED} else UNDECIDED
    return Judged(verdict, _why(claim, verdict, judged), judged)


def _why(claim: Claim, verdict: str, judged: list[tuple[Part, str]]) -> str:
    if verdict == UNTESTED:
        return "; ".join(dict.fromkeys(part.missing for part, _ in judged))
    by = {name: [part for part, each in judged if each == name] for name in VERDICTS}
    several = len(judged) > 1
    if verdict == SUPPORTED:
        subject = f"all {len(judged)} intervals lie" if several else "the interval lies"
        return f"{subject} {asked(claim)}"
    if verdict == CONTRADICTED:
        found = by[CONTRADICTED]
        of = f", as {len(found)} of {len(judged)}" if several else ""
        return f"the interval of {found[0].what} does not lie {asked(claim)}{of}"
    texts = []
    if by[UNDECIDED]:
        subject = (
            f"{len(by[UNDECIDED])} of {len(judged)} intervals are" if several else "the interval is"
        )
        texts.append(f"{subject} not wholly {asked(claim)}, nor wholly outside{_unseen(by)}")
    if by[UNTESTED]:
        missing = by[UNTESTED][0].missing
        texts.append(f"{len(by[UNTESTED])} of {len(judged)} are not testable here: {missing}")
    return "; ".join(texts)


def _unseen(by: dict[str, list[Part]]) -> str:
    """The size up to which the undecided differences may stay unseen."""
    sizes = [part.mde for part in by[UNDECIDED] if part.mde is not None]
    return f"; less than {max(sizes):.1f} points may stay unseen" if sizes else ""
