import polars as pl
import pytest

from arte.core.errors import ArteError
from arte.report import reference
from arte.report.reference import SOURCES, cells, ranges, summary


def write(run, *, arte=80.0, gap=(-2.0, -5.0, 1.0), naive=0.9):
    """The tables of a run with one cell each, at the places where a run has them."""
    tables = {
        "tables/table2.csv": [
            {"shots": 0, "arm": "arte", "column": "BBH", "average": average}
            | {"strict": arte, "low": arte - 3, "high": arte + 3}
            for average in ("micro", "macro_tasks")
        ],
        "tables/table2_differences.csv": [
            {"shots": 0, "arm": "arte", "reference": "question_only", "column": column}
            | {"average": "micro", "difference": gap[0], "low": gap[1], "high": gap[2]}
            for column in ("BBH", "BBH-CS")
        ],
        "tables/table6.csv": [
            {"row": "random", "shots": 3, "column": "BBH", "average": "micro"}
            | {"strict": 50.0, "low": 40.0, "high": 60.0}
        ],
        "tables/technique_shift.csv": [
            {"subtask": "web_of_lies", "measure": "share", "technique": technique}
            | dict.fromkeys(("before", "after"), value)
            | dict.fromkeys(("before_low", "after_low"), 0.1)
            | dict.fromkeys(("before_high", "after_high"), 0.9)
            for technique, value in (("steps", 0.5), ("other", None))
        ],
    }
    for role in ("teacher", "student"):
        tables[f"models/gates-{role}.csv"] = [
            {"subtask": "web_of_lies", "measure": "naive", "value": naive, "low": 0.8, "high": 0.95}
        ]
    assert set(tables) == {source.file for source in SOURCES.values()}
    for name, rows in tables.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows).write_csv(run / name)
    return cells(run)


def test_a_range_spans_the_intervals_of_all_runs(tmp_path):
    made = ranges([write(tmp_path / "a", arte=80.0), write(tmp_path / "b", arte=84.0)])
    (row,) = made.filter(table="table2").to_dicts()
    assert row["cell"] == "0 arte BBH"
    assert (row["smallest"], row["largest"]) == (80.0, 84.0)
    assert (row["low"], row["high"], row["n"]) == (77.0, 87.0, 2)
    assert made.height == len(SOURCES)  # macro averages, single categories, empty cells: left out


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ([(9, 5, 13), (4, 1, 7)], "higher"),
        ([(-9, -13, -5), (-4, -7, -1)], "lower"),
        ([(1, -2, 4), (-1, -4, 2)], "undecided"),
        ([(9, 5, 13), (1, -2, 4)], "differs"),
    ],
)
def test_a_claim_has_the_verdict_on_which_all_runs_agree(tmp_path, gaps, verdict):
    made = ranges([write(tmp_path / str(i), gap=gap) for i, gap in enumerate(gaps)])
    assert made.filter(table="table2_differences")["verdict"].to_list() == [verdict]
    assert made.filter(pl.col("table") != "table2_differences")["verdict"].null_count() == 6


def test_a_run_learns_where_it_leaves_the_reference(tmp_path):
    runs = [write(tmp_path / str(i), gap=(9, 5, 13)) for i in range(2)]
    made = ranges(runs)
    assert "1 of 1 verdicts" in summary(runs[0], made)
    assert summary(runs[0], made).endswith("in 7 of 7 cells")
    other = write(tmp_path / "other", arte=60.0, gap=(-9, -13, -5))
    said = summary(other, made)
    assert "arte question_only BBH: found lower, reference higher" in said
    assert "0 of 1 verdicts" in said
    assert "in 5 of 7 cells; outside: table2 0 arte BBH 60 [77, 83]" in said


def test_many_cells_outside_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "SHOWN", 1)
    made = ranges([write(tmp_path / "a")])
    assert summary(write(tmp_path / "b", arte=1.0, naive=0.1), made).endswith("and 2 more")


def test_the_two_commands_agree_on_the_file_between_them(tmp_path, monkeypatch, capsys):
    write(tmp_path / "run")
    table = tmp_path / "ranges.csv"
    for words in (
        ["range", "--runs", tmp_path / "run", "--output", table],
        ["compare", "--run", tmp_path / "run", "--reference", table],
    ):
        monkeypatch.setattr("sys.argv", ["reference", *map(str, words)])
        reference.main()
    assert "in 7 of 7 cells" in capsys.readouterr().out


def test_a_run_that_is_not_finished_is_no_reference(tmp_path):
    with pytest.raises(ArteError, match=r"table2\.csv"):
        cells(tmp_path)
