"""How long a run takes on some devices: its jobs in the order that their files allow."""

import heapq

from arte.plan.jobs import Job, needs


def longest_chains(seconds: list[float], before: list[set[int]]) -> list[float]:
    """For each job the seconds from its start to the end of the longest chain that it begins.

    Jobs come after those that they need.
    """
    chains = list(seconds)
    for i in reversed(range(len(seconds))):
        for earlier in before[i]:
            chains[earlier] = max(chains[earlier], seconds[earlier] + chains[i])
    return chains


def elapsed(jobs: list[Job], seconds: list[float], devices: list[int], there: int) -> float:
    """Seconds until all jobs are done, where each holds some of the `there` devices.

    Of the jobs that could start, the one that begins the longest chain starts first. A job that
    asks for more devices than there are takes all of them.
    """
    before = needs(jobs)
    chains = longest_chains(seconds, before)
    waiting, running = set(range(len(jobs))), []
    done: set[int] = set()
    free, now = there, 0.0
    while waiting or running:
        ready = [i for i in waiting if before[i] <= done]
        for i in sorted(ready, key=lambda i: -chains[i]):
            asked = min(devices[i], there)
            if asked <= free:
                free -= asked
                heapq.heappush(running, (now + seconds[i], i, asked))
                waiting.remove(i)
        now, finished, held = heapq.heappop(running)
        done.add(finished)
        free += held
    return now
