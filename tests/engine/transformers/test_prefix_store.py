import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from arte.engine.transformers.prefix_store import NONE, Prefixes

HEADS, SIZE = 2, 3


def prefixes(lengths):
    """Prefixes of these lengths; the keys and values of each are full of its first token id."""
    made = Prefixes(torch.float32, torch.device("cpu"))
    for number, length in enumerate(lengths):
        kv = torch.full((1, 2, HEADS, length, SIZE), float(number + 1))
        made.add((number + 1,) * length, [kv, -kv])
    return made


LENGTHS = st.lists(st.integers(1, 5), min_size=1, max_size=5)


@st.composite
def lengths_and_rows(draw):
    lengths = draw(LENGTHS)
    numbers = st.integers(NONE, len(lengths) - 1)
    return lengths, np.array(draw(st.lists(numbers, min_size=1, max_size=12)))


@given(lengths_and_rows())
def test_every_row_finds_itself_in_the_grid_beside_its_own_prefix(case):
    lengths, rows = case
    made = prefixes(lengths)
    shared = made.shared_by(rows)
    if shared is None:
        assert (rows == NONE).all()
        return
    lacking = np.zeros(len(rows), bool) if shared.lacking is None else shared.lacking.numpy()
    assert (lacking == (rows == NONE)).all()
    most = shared.grid.shape[1]
    for row in np.flatnonzero(~lacking):
        place = int(shared.place[row])
        assert shared.grid.flatten()[place] == row
        assert place // most == rows[row]
    for number, length in enumerate(lengths):
        seen = shared.kv[1][number]
        if shared.mask is not None:
            seen = seen[:, :, (shared.mask[number] == 0).flatten()]
        assert seen.shape == (2, HEADS, length, SIZE)
        assert (seen == -(number + 1)).all()


@given(lengths_and_rows())
def test_only_prefixes_of_rows_and_the_newest_are_kept(case):
    lengths, rows = case
    made = prefixes(lengths)
    before = list(made.ids)
    made.shared_by(rows)
    kept = made.keep(rows)
    assert [NONE if n == NONE else made.ids[n] for n in kept] == [
        NONE if n == NONE else before[n] for n in rows
    ]
    assert made.ids == [before[n] for n in sorted({*rows.tolist(), len(before) - 1} - {NONE})]
    assert (made.shared_by(kept) is None) == (rows == NONE).all()


def test_rows_that_change_their_prefix_share_anew():
    made = prefixes([2, 3])
    first = made.shared_by(np.array([0, 1]))
    assert made.shared_by(np.array([0, 1])) is first
    assert made.shared_by(np.array([1, 0])).place.tolist() == [1, 0]
