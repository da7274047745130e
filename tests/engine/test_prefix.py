from hypothesis import given
from hypothesis import strategies as st

from arte.engine.prefix import GROUP_COST, Request, group_by_prefix

IDS = st.lists(st.integers(0, 1), min_size=1, max_size=60).map(tuple)


def grouped(prompts):
    return group_by_prefix([Request(i, tuple(ids)) for i, ids in enumerate(prompts)])


@given(st.lists(IDS, max_size=20))
def test_groups_hold_every_request_once_and_truly_share(prompts):
    groups = grouped(prompts)
    indices = [request.index for group in groups for request in group.requests]
    assert sorted(indices) == list(range(len(prompts)))
    for group in groups:
        assert len({request.ids[: group.shared] for request in group.requests}) == 1
        lengths = [len(request.ids) for request in group.requests]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[-1] > group.shared


def test_families_are_told_apart_although_all_begin_alike():
    prompts = [[0] * 40 + [family] * 160 + [9, i] for family in (1, 2, 3) for i in range(10)]
    groups = grouped(prompts)
    assert [group.shared for group in groups] == [200, 200, 200]


def test_small_savings_are_not_worth_a_group():
    prompts = [[0] * 40 + [i] * 8 + [9, j] for i in range(5) for j in range(2)]
    assert [group.shared for group in grouped(prompts)] == [40]
    assert GROUP_COST > 8


def test_no_requests_give_no_groups():
    assert group_by_prefix([]) == []
