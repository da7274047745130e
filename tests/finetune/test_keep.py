"""`finetune.keep`: which weights Snakemake deletes when all is asked of a student."""

import json

import pytest
from configs import ROOT
from dry_jobs import list_jobs

SMOKE = ROOT / "config/presets/smoke.yaml"


def weights_of(jobs, module):
    """The weights of students among the files of each job of a module, by its inputs or outputs."""
    side = "outputs" if module == "arte.finetune.student" else "inputs"
    found = [job for job in jobs if job.module == module]
    assert found
    return [[p for p in getattr(job, side) if p.endswith(".safetensors")] for job in found]


@pytest.mark.parametrize(
    ("mode", "keep", "name"),
    [("lora", "none", "adapter_model"), ("full", "adapters", "model"), ("lora", "adapters", None)],
)
def test_weights_that_do_not_stay_are_outputs_that_every_reader_names(tmp_path, mode, keep, name):
    changes = tmp_path / "changes.yaml"
    changes.write_text(json.dumps({"finetune": {"mode": mode, "keep": keep}}))
    jobs = list_jobs(ROOT, SMOKE, changes)
    expected = {f"{name}.safetensors"} if name else set()
    for files in weights_of(jobs, "arte.finetune.student"):
        assert {path.rpartition("/")[2] for path in files} == expected
    students = weights_of(jobs, "arte.evaluate.student")
    students += weights_of(jobs, "arte.prefer.score_rationales")  # round 2 asks a trained student
    assert any(files for files in students) == bool(name)
    readers = [job for job in jobs if any("/students/" in path for path in job.inputs)]
    for job in readers:
        folders = [p.rpartition("/")[0] for p in job.inputs if p.endswith("fingerprint.json")]
        read = [f"{folder}/{name}.safetensors" for folder in folders if "/students/" in folder]
        assert [path for path in job.inputs if path.endswith("safetensors")] == read * bool(name)
