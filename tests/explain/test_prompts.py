"""Prompts of an explained run are found where its jobs read them."""

import manifests
from own_tasks import COIN, make_task

from arte.core.prompts import Prompts
from arte.explain import origins
from arte.explain.explain import HOME, Explainer


def test_a_task_of_ones_own_has_its_folder_beside_the_published_ones(tmp_path):
    make_task(tmp_path / "coin_flip")
    run = tmp_path / "results/own"
    shared = str(HOME / "resources/prompts")
    read = [f"{shared}/student.md", f"{shared}/navigate/task.yaml", "coin_flip/task.yaml"]
    manifests.write(run, manifests.manifest({"a": manifests.job(inputs=dict.fromkeys(read, ""))}))
    prompts = Explainer(run).prompts
    assert COIN["description"] in prompts.student("coin_flip", [], "q")
    assert prompts.student("navigate", [], "q") == Prompts(shared).student("navigate", [], "q")


def test_prompts_are_the_templates_techniques_and_descriptions_that_jobs_read():
    read = {"p/student.md": "a", "p/navigate/task.yaml": "b", "p/navigate/steps.md": "c"}
    jobs = {"draft": {"inputs": read | {"data/navigate/items.parquet": "d"}}}
    assert origins.prompts({"jobs": jobs}, ["draft"]) == read
