import polars as pl
import pytest
from reference_run import write

from arte.core.errors import ArteError
from arte.report import reference
from arte.report.reference import SOURCES, cells, ranges, summary


def test_a_range_spans_the_intervals_of_all_runs(tmp_path):
    made = ranges([write(tmp_path / "a", arte=80.0), write(tmp_path / "b", arte=84.0)])
    (row,) = made.filter(table="table2").to_dicts()
    assert row["cell"] == "0 arte BBH"
    assert (row["smallest"], row["largest"]) == (80.0, 84.0)
    assert (row["low"], row["high"], row["n"]) == (77.0, 87.0, 2)
    assert (
        made.height == len(SOURCES) + 1
    )  # with the claim; macro averages, single categories, empty cells: left out


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["supported", "supported"], "supported"),
        (["contradicted", "contradicted"], "contradicted"),
        (["supported", "not decided"], "differs"),
    ],
)
def test_a_claim_has_the_verdict_on_which_all_runs_agree(tmp_path, verdicts, verdict):
    made = ranges([write(tmp_path / str(i), verdict=said) for i, said in enumerate(verdicts)])
    assert made.filter(table="claims")["verdict"].to_list() == [verdict]
    assert made.filter(pl.col("table") != "claims")["verdict"].null_count() == len(SOURCES)


def test_a_run_learns_where_it_leaves_the_reference(tmp_path):
    runs = [write(tmp_path / str(i), verdict="supported") for i in range(2)]
    made = ranges(runs)
    assert summary(runs[0], made) == [
        "  Beside the reference of 2 runs: 7 of 7 numbers lie in its ranges,",
        "  1 of 1 verdicts are the same.",
    ]
    other = write(tmp_path / "other", arte=60.0, verdict="not decided")
    assert summary(other, made) == [
        "  Beside the reference of 2 runs: 6 of 7 numbers lie in its ranges,",
        "  0 of 1 verdicts are the same:",
        "    question_only_zero_shot: not decided, reference supported",
        "    table2, 0 arte BBH: 60, reference [77, 83]",
    ]


@pytest.mark.parametrize("verdicts", [("not decided",) * 2, ("supported", "contradicted")])
def test_a_claim_that_the_reference_does_not_decide_is_not_counted(tmp_path, verdicts):
    made = ranges([write(tmp_path / str(i), verdict=said) for i, said in enumerate(verdicts)])
    run = write(tmp_path / "run", verdict="supported")
    assert summary(run, made)[1] == "  0 of 0 verdicts are the same."


def test_many_cells_outside_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "SHOWN", 1)
    made = ranges([write(tmp_path / "a")])
    run = write(tmp_path / "b", arte=1.0, naive=0.1)
    assert summary(run, made)[-1].strip() == "and 2 more"


def test_the_two_commands_agree_on_the_file_between_them(tmp_path, monkeypatch, capsys):
    write(tmp_path / "run")
    table = tmp_path / "ranges.csv"
    for words in (
        ["range", "--runs", tmp_path / "run", "--output", table],
        ["compare", "--run", tmp_path / "run", "--reference", table],
    ):
        monkeypatch.setattr("sys.argv", ["reference", *map(str, words)])
        reference.main()
    assert "7 of 7 numbers" in capsys.readouterr().out


def test_a_run_that_is_not_finished_is_no_reference(tmp_path):
    with pytest.raises(ArteError, match=r"table2\.csv"):
        cells(tmp_path)
