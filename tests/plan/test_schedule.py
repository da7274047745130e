"""arte.plan.schedule: how long jobs take on some devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arte.plan.jobs import Job
from arte.plan.schedule import elapsed


def chain(*reads: tuple[int, ...]) -> list[Job]:
    """Jobs that each read the files of some earlier ones, by their positions."""
    return [
        Job(str(i), "m", (), {}, tuple(map(str, earlier)), (str(i),))
        for i, earlier in enumerate(reads)
    ]


@pytest.mark.parametrize(("there", "seconds"), [(1, 10), (2, 7), (3, 7)])
def test_jobs_wait_for_files_and_devices(there, seconds):
    """Two chains, of 3 + 4 and 1 + 2 seconds: the longer one first."""
    jobs = chain((), (), (0,), (1,))
    assert elapsed(jobs, [3, 1, 4, 2], [1, 1, 1, 1], there) == seconds


def test_a_large_job_waits_until_enough_devices_are_free():
    jobs = chain((), (), ())
    assert elapsed(jobs, [5, 3, 3], [8, 1, 1], 8) == 8
    assert elapsed(jobs, [5, 3, 3], [8, 1, 1], 4) == 8  # it takes all that there are


@st.composite
def graphs(draw):
    """Jobs that read files of earlier ones, with seconds and devices of each."""
    n = draw(st.integers(1, 8))
    reads = [tuple(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else () for i in range(n)]
    seconds = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    return chain(*reads), seconds, draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))


@given(graphs(), st.integers(1, 8))
def test_a_run_takes_no_less_than_its_work_and_no_more_than_one_job_at_a_time(graph, there):
    jobs, seconds, devices = graph
    time = elapsed(jobs, seconds, devices, there)
    held = sum(s * min(d, there) for s, d in zip(seconds, devices, strict=True))
    assert max(held / there, *seconds) <= time <= sum(seconds)
