"""The data of a task of one's own: held out, drawn, counted, and shown in the tables."""

import json
import sys

import polars as pl
import pytest
from declared import SUBTASKS
from own_tasks import coin_rows, jsonl, make_task
from polars.testing import assert_frame_equal
from predicted import PUBLISHED, predictions

from arte.core import io
from arte.data import bbh, own
from arte.data.tables import EXEMPLARS, ITEMS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.report.bbh import table2, table6
from arte.report.categories import table1, table7

DECLARED = {"task": "coin_flip", "category": "Own", "answer": {"form": "yesno"}}
CFG = {"subtask": "coin_flip", "declared": DECLARED, "seed": 0, "answer_after": None}
CFG |= {"test_items": 5, "validation_items": 6}


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    """Runs the command on a folder; returns test, validation, exemplars and the report."""

    def run(folder, **changes):
        options = {"cfg": [json.dumps(CFG | changes)], "items": [folder / "items.jsonl"]}
        for split in ("validation", "exemplars"):
            path = folder / f"{split}.jsonl"
            options[split] = [path] if path.exists() else []
        for name in ("items", "validation", "exemplars", "report"):
            options[f"output-{name}"] = [tmp_path / name]
        words = [w for name, values in options.items() for w in (f"--{name}", *map(str, values))]
        monkeypatch.setattr(sys, "argv", ["own", *words])
        own.main()
        schemas = {"items": ITEMS, "validation": ITEMS, "exemplars": EXEMPLARS}
        tables = [io.read_table(tmp_path / name, schema) for name, schema in schemas.items()]
        return *tables, io.read_json(tmp_path / "report")

    return run


def test_without_other_files_all_comes_from_the_items_and_is_counted(tmp_path, prepare):
    test, validation, shown, report = prepare(make_task(tmp_path / "coin_flip"))
    assert (test.height, validation.height, shown.height) == (5, 6, 3)
    asked = [*test["question"], *validation["question"], *shown["question"]]
    assert len(set(asked)) == 14
    assert set(asked) <= {row["question"] for row in coin_rows(20)}
    assert report["exemplars_drawn"] == report["exemplars_without_solution"] == 3
    assert set(test["category"]) == {"Own"}
    for row in shown.rows(named=True):
        assert row["rationale"] == f"So the answer is <ans>{row['answer']}</ans>"


def test_files_of_validation_items_and_exemplars_leave_all_items_to_the_test(tmp_path, prepare):
    folder = make_task(tmp_path / "coin_flip")
    jsonl(folder / "validation.jsonl", coin_rows(30)[20:])
    solved = [row | {"rationale": f"We count. <ans>{row['answer']}</ans>"} for row in coin_rows(34)]
    jsonl(folder / "exemplars.jsonl", solved[30:])
    test, validation, shown, report = prepare(folder, test_items=0)
    assert (test.height, validation.height) == (20, 6)
    assert shown["question"].to_list() == [row["question"] for row in solved[30:33]]
    assert set(shown["rationale"].str.slice(0, 9)) == {"We count."}
    assert (report["exemplars_drawn"], report["exemplars_without_solution"]) == (0, 0)


def test_a_draw_is_repeatable_and_follows_the_seed(tmp_path, prepare):
    folder = make_task(tmp_path / "coin_flip")
    first, again, other = (prepare(folder, seed=seed)[1] for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first.equals(other)


def own_predictions(**how) -> pl.DataFrame:
    """Predictions on subtasks of BIG-Bench Hard, and the same as if some were one's own."""
    found = predictions(**how)
    mine = found.filter(subtask="hyperbaton")
    names = {"subtask": "coin_flip", "task": "coin_flip", "category": "Own"}
    mine = mine.with_columns(*(pl.lit(value).alias(name) for name, value in names.items()))
    return pl.concat([found, mine])


def test_table_2_has_a_column_for_the_category_and_one_over_everything():
    cfg = {"student": "nano"}
    before, after = (
        table2(made(), PUBLISHED, cfg).cells for made in (predictions, own_predictions)
    )
    columns = list(dict.fromkeys(after["column"]))
    assert columns == [*dict.fromkeys(before["column"]), "Own", "All"]
    kept = after.filter(~pl.col("column").is_in(["Own", "All"]))
    assert_frame_equal(kept, before)  # sums in another order may differ in their last bit
    sizes = dict(after.filter(average="micro").select("column", "n").iter_rows())
    assert sizes["All"] == sizes["BBH"] + sizes["Own"]
    assert after.filter(column="All")["published"].null_count() == after.filter(column="All").height


def test_a_run_of_ones_own_tasks_alone_has_no_columns_of_the_paper():
    only = own_predictions().filter(subtask="coin_flip")
    for table in (table2, table6):
        assert set(table(only, PUBLISHED, {"student": "nano"}).cells["column"]) == {"Own", "All"}


def test_table_1_counts_the_category_below_the_paper_s_total_and_table_7_names_the_task():
    items = pl.concat(
        [bbh.items(SUBTASKS["snarks"], [("a", "(A)"), ("b", "(A)")])]
        + [bbh.items(own.declared(CFG), [("c", "yes"), ("d", "no")])]
    )
    chosen = PREFERENCE_SET.frame([])
    counts, _ = table1(items, chosen, PUBLISHED, [])
    rows = {row["category"]: row for row in counts.rows(named=True)}
    assert (rows["Total"]["test"], rows["Own"]["test"]) == (2, 2)
    assert (rows["Total"]["printed_tasks"], rows["Own"]["printed_tasks"]) == (23, None)
    named, document = table7(items, PUBLISHED)
    last = named.row(-1, named=True)
    assert (last["task"], last["printed_name"], last["test"]) == ("coin_flip", None, 2)
    assert named.height == 24
    assert document.blocks[0].rows[-1] == ["Own", "coin_flip", "–", "1", "2"]


def test_names_of_the_paper_in_table_7_are_those_of_the_public_files():
    named, _ = table7(bbh.items(SUBTASKS["snarks"], [("a", "(A)")]), PUBLISHED)
    assert named.height == 23
    assert set(named["task"]) == {kind.task for kind in SUBTASKS.values()}
    pairs = set(named.select("category", "task").iter_rows())
    assert pairs == {(kind.category, kind.task) for kind in SUBTASKS.values()}
