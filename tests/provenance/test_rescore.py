"""Tables are made again in the order in which they read each other."""

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
