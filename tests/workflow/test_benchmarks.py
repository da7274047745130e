"""The benchmarks run, on a workload too small to measure anything."""

import csv
import os
import runpy
import subprocess
import sys
from pathlib import Path

from chat_model import TEMPLATES, chat_tokenizer

ROOT = Path(__file__).parents[2]


def test_the_scoring_benchmark_runs_and_writes_its_table(tmp_path):
    table = tmp_path / "table.csv"
    size = ["--scale", "0.05", "--questions", "1", "--items", "4", "--csv", str(table)]
    command = [sys.executable, "benchmarks/scoring.py", "--parts", "speed", *size]
    environment = os.environ | {"PYTHONPATH": "workflow/scripts"}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[-3000:]
    with open(table) as file:
        found = {row["measure"]: float(row["value"]) for row in csv.DictReader(file)}
    assert found["requests"] == 16
    assert found["texts_equal_to_generate"] == 1
    assert found["texts_equal_without_sharing"] == 1
    assert all(measure in done.stdout for measure in found)


def test_the_comparison_of_chat_templates_finds_equal_ids(tmp_path, monkeypatch, capsys):
    folders = [str(tmp_path / name) for name in TEMPLATES]
    for name, folder in zip(TEMPLATES, folders, strict=True):
        chat_tokenizer(TEMPLATES[name]).save_pretrained(folder)
    script = ROOT / "benchmarks/chat_templates.py"
    monkeypatch.setattr(sys, "argv", [str(script), *folders])
    runpy.run_path(str(script), run_name="__main__")
    rows = [line.split(" | ")[4:] for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows == [["True"] * 5 + ["True |"]] * len(TEMPLATES)


def test_the_check_of_printed_commands_reads_all_of_the_readme():
    script = runpy.run_path(str(ROOT / "benchmarks/commands.py"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = list(script["printed"](text))
    assert len(commands) > 20
    assert {"make demo", "make test"} <= set(commands)
    for part in script["NEEDS"]:
        assert any(part in command for command in commands), part
    assert not [command for command in commands if set("<>") & set(script["filled"](command, None))]
