"""Tables are made again in the order in which they read each other, by the Python that is asked."""

import pytest

from arte.core.errors import ArteError
from arte.provenance import rescore
from arte.provenance.rescore import reports


def test_a_job_that_reads_a_table_follows_the_job_that_makes_it():
    """Else verdicts on claims would be those of the tables before."""
    made = {
        "judge_every_claim": (["tables/table2_differences.csv"], ["tables/claims.md"]),
        "make_table/table2": (["evaluate/a.parquet"], ["tables/table2_differences.csv"]),
        "evaluate_student_0": ([], ["evaluate/a.parquet"]),
        "write_page": (["tables/claims.md"], ["report/index.html"]),
    }
    jobs = {name: {"inputs": read, "outputs": out} for name, (read, out) in made.items()}
    assert list(reports({"jobs": jobs})) == ["make_table/table2", "judge_every_claim"]


def test_a_command_of_several_programs_runs_by_this_python(tmp_path, monkeypatch):
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    rescore.start("echo pass | python -", tmp_path)
    with pytest.raises(ArteError, match="exit status 5"):
        rescore.start("echo 'exit(5)' | python -", tmp_path)
