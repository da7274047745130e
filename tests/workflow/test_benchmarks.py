"""The benchmarks run, on a workload too small to measure anything."""

import csv
import os
import subprocess
import sys
from pathlib import Path

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
