"""A run whose teacher only a server has: its jobs, and what a plan knows of them."""

import pytest
import yaml
from configs import ROOT
from dry_jobs import list_jobs, nothing_known

from arte.plan.commands import plan
from arte.plan.cost import Site, device_seconds, host_gb, peak_gb

SERVED = {
    "run": "served",
    "models": {
        "remote": {"source": "endpoint", "url": "http://a.b/v1", "model": "m", "license": "mit"}
    },
    "roles": {"teacher": "remote"},
    "arms": {
        **dict.fromkeys(("rationale_only", "question_only", "arte")),
        "naive": {"questions": "original", "rationales": "original"},
    },
    "ood": {"benchmarks": ["piqa"]},
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    file = tmp_path_factory.mktemp("served") / "served.yaml"
    file.write_text(yaml.safe_dump(SERVED))
    return list_jobs(ROOT, file)


def test_everything_but_alignment_is_made(jobs):
    stages = [job.stage for job in jobs]
    assert stages.count("name_endpoint") == 1
    made = {path.partition("served/")[2] for job in jobs for path in job.outputs}
    wanted = {f"tables/table{n}.md" for n in (1, 2, 3, 6, 7)}
    assert made >= {*wanted, "figures/figure2.pdf", "prefer/pairs.parquet", "report/index.html"}
    assert made >= {f"tailor/arms/{arm}.parquet" for arm in ("original_teacher", "random", "naive")}
    assert not [path for path in made if "align" in path or "technique_shift" in path]


def test_no_job_depends_on_where_the_server_is(jobs):
    """A teacher's jobs have neither address nor limits, and no number format."""
    asking = [job for job in jobs if job.cfg.get("engine", {}).get("backend") == "endpoint"]
    stages = {job.stage for job in asking}
    assert stages == {"draft_questions", "draft_rationales", "tailor_rationales"}
    assert {frozenset(job.cfg["engine"]) for job in asking} == {frozenset(("backend", "chat"))}
    assert not [job for job in jobs if "http://a.b" in str(job.cfg)]


def test_a_plan_counts_requests_and_tokens_and_takes_nothing_of_this_machine(jobs):
    known = nothing_known()
    found, site = plan(jobs, known), Site("a100-80", known.assumed)
    assert found.unplanned == []
    works = [one.work for one in found.planned if one.work.model.name == "remote"]
    assert all(work.requests and work.prompt and work.written for work in works)
    assert {peak_gb(work, site) for work in works} == {host_gb(work) for work in works} == {0.0}
    start = site.assumed["cpu"]["start_s"]
    assert {device_seconds(work, site) for work in works} == {start}
