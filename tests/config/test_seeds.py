"""Which seed reaches which command, read from the commands of a dry run."""

import json
import re
import subprocess
import sys

from checkout import copy_checkout

OF_DATA = {"data", "mini", "nano", "report", "torch"}  # torch: nano trainings, in two processes
OF_TEACHER = {"elicit", "align"}
MIXED = {
    "prefer.irt": 5,
    "prefer.preference_set": 5,
    "prefer.pairs": 7,
    "tailor.instructions": 5,
    "tailor.training_set": 7,
    "finetune.student": 11,
}


def test_the_data_and_the_teacher_and_the_students_have_seeds_of_their_own(tmp_path):
    tree = copy_checkout(tmp_path / "arte")
    changes = "seeds: { data: 5, teacher: 7 }\nfinetune: { seeds: [11] }\n"
    (tree / "seeds.yaml").write_text(changes)
    files = ("config/presets/smoke.yaml", "seeds.yaml")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "-p", "--configfile", *files],
        cwd=tree,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    found = set()
    for command in re.split(r"python -m ", done.stdout)[1:]:
        module = re.match(r"(?:arte\.)?([\w.]+)", command)[1]
        found |= {(module, int(seed)) for seed in re.findall(r'"seed":(\d+)', command)}
    found -= {("evaluate.student", 0)}  # the student before training
    for module, seed in found:
        room = module.partition(".")[0]
        expected = 5 if room in OF_DATA else 7 if room in OF_TEACHER else 11
        assert seed == MIXED.get(module, expected), module
    assert {module.partition(".")[0] for module, _ in found} >= OF_DATA | OF_TEACHER
    assert {module for module, _ in found} >= set(MIXED)


def pooling(tree, more: str = "") -> str:
    """The dry run of Table 6 that pools the runs `first` and `second`."""
    for run in ("first", "second"):
        (tree / f"results/{run}/evaluate").mkdir(parents=True, exist_ok=True)
    (tree / "teachers.yaml").write_text("report: { teachers: [first, second] }\n" + more)
    command = [sys.executable, "-m", "snakemake", "-n", "-p", "table6", "--configfile"]
    files = ("config/presets/smoke.yaml", "teachers.yaml")
    done = subprocess.run([*command, *files], cwd=tree, text=True, capture_output=True)
    return done.stdout + done.stderr


def test_tables_pool_the_predictions_of_runs_with_other_teachers(tmp_path):
    tree = copy_checkout(tmp_path / "arte")
    (tree / "own.jsonl").write_text('{"prompt": "Is it so?", "completion": "Yes."}\n')
    more = "arms: { mine: { file: own.jsonl } }\n"
    # the folders are empty: what is missing is what the pooled runs have to bring
    missing = re.findall(r"results/(\w+)/evaluate/(\S+)\.parquet", pooling(tree, more))
    own = {path for run, path in missing if run == "first"}
    assert own == {path for run, path in missing if run == "second"} != set()
    assert "smoke" not in {run for run, _ in missing}
    for path in own:
        for run in ("first", "second"):
            file = tree / f"results/{run}/evaluate/{path}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    (found,) = re.findall(r"arte\.report\.tables table6 --cfg '(.*?)'", pooling(tree, more))
    cfg = json.loads(found)
    assert cfg["teachers"] == 3
    sets = ["gpt4_llm", "openorca", "tulu_v2", "wizardlm"]
    assert sorted(cfg["fixed"]) == sorted(["vanilla", "mine", *sets])
