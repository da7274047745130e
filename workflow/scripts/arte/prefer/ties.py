"""Ties between scores are drawn, never given to the first technique (§3.3).

With few preference items equal scores are common, and any fixed order would make a preference for
one technique out of none. So every rationale has a lot that depends on the seed and its key alone:
of equal scores the best has the highest lot, the worst the lowest. The same rationale is therefore
DPO's chosen one and the most preferred one of an arm, whichever other candidates there are.
"""

import polars as pl

from arte.core import job


def lot(seed: int, *key: str | int) -> int:
    """A number drawn for `key`: 32 bits, equal for equal arguments."""
    return job.derived_seed(seed, "tie", *key)


def with_lots(frame: pl.DataFrame, seed: int, key: tuple[str, ...]) -> pl.DataFrame:
    """`frame` with the column `lot`, drawn for each row's `key`."""
    drawn = [lot(seed, *values) for values in frame.select(key).iter_rows()]
    return frame.with_columns(pl.Series("lot", drawn, dtype=pl.Int64))
