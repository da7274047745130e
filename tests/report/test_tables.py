"""The commands that make tables, and how tables are written."""

import json
import sys

import polars as pl
import pytest
from declared import SUBTASKS
from predicted import BBH, OOD, PUBLISHED, PUBLISHED_FILE, predictions

from arte.core import io
from arte.data.tables import ITEMS
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.report import render, tables
from arte.report.categories import table1, table7


def item_tables():
    rows = [
        {
            "subtask": subtask,
            "task": SUBTASKS[subtask].task,
            "category": SUBTASKS[subtask].category,
            "item_id": f"{number:03d}",
            "question": "q",
            "answer": "a",
        }
        for subtask, size in BBH.items()
        for number in range(size)
    ]
    preferred = [row | {"discrimination": 1.0, "rank": 1} for row in rows if row["item_id"] < "004"]
    return ITEMS.frame(rows), PREFERENCE_SET.frame(preferred)


def test_table1_counts_tasks_files_and_items_beside_the_printed_ones():
    items, preference = item_tables()
    frame, _ = table1(items, preference, PUBLISHED, [])
    assert frame.rows() == [
        ("BBH-Logic", 2, 3, 12, 60, 10, 400, 3146),
        ("BBH-CS", 1, 1, 4, 20, 7, 280, 1615),
        ("BBH-Math", 0, 0, 0, 0, 3, 120, 750),
        ("BBH-Knowl", 0, 0, 0, 0, 3, 120, 750),
        ("Total", 3, 4, 16, 80, 23, 920, 6261),
    ]


def test_table1_says_where_validation_items_are_from():
    sources = {"BIG-bench": 5, "generated": 0, "held out": 95}
    one = {"subtask": "disambiguation_qa", "from": sources, "test": 155, "shared": 0}
    other = one | {"subtask": "navigate", "from": sources | {"BIG-bench": 100, "held out": 0}}
    _, document = table1(*item_tables(), PUBLISHED, [other, one])
    block = document.blocks[1]
    assert block.rows == [
        ["disambiguation_qa", "5", "0", "95", "100", "155", "0"],
        ["navigate", "100", "0", "0", "100", "155", "0"],
        ["Total", "105", "0", "95", "200", "310", "0"],
    ]
    assert len(block.header) == 7


def test_table7_lists_all_23_tasks_with_what_is_here():
    frame, _ = table7(item_tables()[0], PUBLISHED)
    assert frame.height == 23
    assert frame.filter(task="logical_deduction").row(0)[2:] == ("logical_deduction", 2, 30)
    assert frame.filter(task="causal_judgement").row(0)[2:] == ("causal_judgment", 0, 0)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["tables", *map(str, arguments)])
    tables.main()


@pytest.mark.parametrize("table", ["table2", "table3", "table4", "table5", "table6"])
def test_commands_write_all_files_with_the_same_bytes_each_time(monkeypatch, tmp_path, table):
    source = tmp_path / "predictions.parquet"
    rows = [
        predictions(seeds=(0, 1)),
        predictions(seeds=(0, 1), sizes=OOD),
        predictions(seeds=(0, 1), sizes=OOD, arms=("transfer_original", "transfer_aligned")),
    ]
    io.write_table(pl.concat(rows), source, PREDICTIONS, {})
    cfg = {"seed": 5, "student": "nano", "students": [{"name": "nano", "note": "the same"}]}
    written = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        endings = (".csv", ".md", ".tex", "_differences.csv")
        outputs = [folder / f"{table}{ending}" for ending in endings]
        common = ("--predictions", source, "--published", PUBLISHED_FILE, "--output", *outputs)
        run(monkeypatch, table, "--cfg", json.dumps(cfg), *common)
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    cells, markdown, _, differences = (text.decode().splitlines() for text in written[0])
    assert cells[0] != differences[0]
    for name in ("student", "shots", "arm", "n", "seeds"):
        assert name in cells[0].split(",")
        assert name in differences[0].split(",")
    assert {"tagged", "cut_off"} <= set(cells[0].split(","))
    assert "mde" in differences[0].split(",")
    assert any("tagged" in line and "cut off" in line for line in markdown)
    assert max(map(len, markdown)) <= 103  # about a terminal


def test_markdown_columns_line_up():
    block = render.Block("c", ["arm", "x"], [["a_long_name", "1"], ["b", "22"]])
    text = render.markdown(render.Document("t", [], [block]))
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1


def test_latex_escapes_what_latex_reads():
    block = render.Block("50 %", ["a_b", "x & y"], [["#1", "{$}"]])
    text = render.latex(render.Document("t", [], [block]))
    assert r"\resizebox" in text  # no wider than the page
    assert r"\caption{50 \%}" in text
    assert r"a\_b & x \& y \\" in text
    assert r"\#1 & \{\$\} \\" in text
