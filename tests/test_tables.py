"""Table cells against hand calculations, and what the files say."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from arte import cells, io, render, stats, tables
from arte.categories import table1, table7
from arte.errors import ArteError
from arte.schema import ITEMS, PREDICTIONS, PREFERENCE_SET
from arte.tasks import SUBTASKS

PUBLISHED = yaml.safe_load(
    (Path(__file__).parents[1] / "config" / "published.yaml").read_text(encoding="utf-8")
)
SIZES = {
    "web_of_lies": 30,
    "hyperbaton": 20,
    "logical_deduction_three_objects": 12,
    "logical_deduction_five_objects": 18,
}
ARMS = ("vanilla", "original_teacher", "question_only", "arte", "random")


def predictions(seeds=(0,), arms=ARMS, shots=(0, 3)):
    draw = np.random.default_rng(3)
    rows = []
    for arm_index, arm in enumerate(arms):
        for seed in (0,) if arm == "vanilla" else seeds:
            for k in shots:
                for subtask, size in SIZES.items():
                    for number in range(size):
                        right = bool(draw.random() < 0.3 + 0.1 * arm_index)
                        rows.append(
                            {
                                "subtask": subtask,
                                "task": SUBTASKS[subtask].task,
                                "category": SUBTASKS[subtask].category,
                                "item_id": f"{number:03d}",
                                "arm": arm,
                                "student": "nano",
                                "seed": seed,
                                "shots": k,
                                "answer": "x",
                                "output": "x",
                                "finish_reason": "stop",
                                "tagged": right,
                                "answer_pred": "x" if right else None,
                                "correct": right,
                                "answer_lenient": "x",
                                "correct_lenient": True,
                            }
                        )
    return PREDICTIONS.frame(rows).sample(fraction=1, shuffle=True, seed=1)


def cell(frame, **where):
    found = frame.filter(**where)
    assert found.height == 1
    return found.row(0, named=True)


def test_micro_macro_over_tasks_and_macro_over_files_match_hand_calculations():
    rows = predictions()
    frame, _ = tables.table2(rows, PUBLISHED, 0)
    mine = rows.filter(arm="arte", shots=0)
    by_file = mine.group_by("subtask").agg(pl.col("correct").mean())
    by_task = mine.group_by("task").agg(pl.col("correct").mean())
    expected = {
        "micro": mine["correct"].mean(),
        "macro_files": by_file["correct"].mean(),
        "macro_tasks": by_task["correct"].mean(),
    }
    for average, value in expected.items():
        found = cell(frame, arm="arte", shots=0, column="BBH", average=average)
        assert found["strict"] == pytest.approx(100 * value)
        assert found["low"] < found["strict"] < found["high"]


def test_a_category_counts_only_its_own_items():
    frame, _ = tables.table2(predictions(), PUBLISHED, 0)
    found = cell(frame, arm="arte", shots=3, column="BBH-Logic", average="micro")
    assert found["n"] == 60


def test_one_seed_gets_the_wilson_interval():
    rows = predictions()
    frame, _ = tables.table2(rows, PUBLISHED, 0)
    right = rows.filter(arm="arte", shots=0)["correct"].sum()
    found = cell(frame, arm="arte", shots=0, column="BBH", average="micro")
    low, high = stats.wilson(right, 80)
    assert (found["interval"], found["seeds"], found["seed_sd"]) == ("wilson", 1, None)
    assert (found["low"], found["high"]) == pytest.approx((100 * low, 100 * high))


def test_several_seeds_get_a_bootstrap_of_their_mean_and_a_seed_sd():
    rows = predictions(seeds=(0, 1, 2))
    frame, _ = tables.table2(rows, PUBLISHED, 0)
    found = cell(frame, arm="arte", shots=0, column="BBH", average="micro")
    means = rows.filter(arm="arte", shots=0).group_by("seed").agg(pl.col("correct").mean())
    assert (found["interval"], found["seeds"]) == ("bootstrap", 3)
    assert found["strict"] == pytest.approx(100 * means["correct"].mean())
    assert found["seed_sd"] == pytest.approx(100 * means["correct"].std())


def test_differences_are_from_original_teacher_which_has_none_itself():
    frame, _ = tables.table2(predictions(), PUBLISHED, 0)
    micro = frame.filter(shots=0, column="BBH", average="micro")
    reference, arte = cell(micro, arm="original_teacher"), cell(micro, arm="arte")
    assert reference["difference"] is None
    assert arte["difference"] == pytest.approx(arte["strict"] - reference["strict"])
    assert arte["difference_low"] < arte["difference"] < arte["difference_high"]
    assert arte["p"] <= arte["p_holm"] <= 1


def test_printed_values_stand_beside_micro_cells_only():
    frame, _ = tables.table2(predictions(), PUBLISHED, 0)
    assert cell(frame, arm="arte", shots=3, column="BBH", average="micro")["published"] == 43.44
    assert cell(frame, arm="arte", shots=0, column="BBH-CS", average="micro")["published"] == 44.44
    assert frame.filter(pl.col("average") != "micro")["published"].null_count() > 0
    assert frame.filter(pl.col("average") != "micro")["published"].drop_nulls().is_empty()


def test_an_arm_without_an_item_is_an_error():
    rows = predictions()
    short = rows.filter(~((pl.col("arm") == "arte") & (pl.col("item_id") == "005")))
    with pytest.raises(ArteError, match="arm arte, seed 0"):
        tables.table2(short, PUBLISHED, 0)


def test_an_arm_without_a_shot_setting_is_an_error():
    rows = predictions().filter(~((pl.col("arm") == "arte") & (pl.col("shots") == 0)))
    with pytest.raises(ArteError, match="0 answers"):
        tables.table2(rows, PUBLISHED, 0)


def test_table2_leaves_table6_rows_out_and_keeps_new_arms():
    frame, _ = tables.table2(predictions(arms=("random", "my_arm", "arte")), PUBLISHED, 0)
    assert frame["arm"].unique(maintain_order=True).to_list() == ["arte", "my_arm"]
    assert frame["difference"].null_count() == frame.height


def test_table6_gives_both_readings_of_aligned_teacher():
    arms = ("vanilla", "original_teacher", "rationale_only", "question_only")
    frame, document = tables.table6(predictions(arms=arms), PUBLISHED, 0)
    three = frame.filter(shots=3, column="BBH", average="micro")
    assert three.select("row", "arm", "published").rows() == [
        ("vanilla", "vanilla", 35.57),
        ("most_preferred", "original_teacher", 40.04),
        ("aligned_teacher (definition)", "rationale_only", None),
        ("aligned_teacher (number)", "question_only", 42.78),
    ]
    assert [row[0] for row in document.blocks[0].rows] == three["row"].to_list()


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
        for subtask, size in SIZES.items()
        for number in range(size)
    ]
    preferred = [row | {"discrimination": 1.0, "rank": 1} for row in rows if row["item_id"] < "004"]
    return ITEMS.frame(rows), PREFERENCE_SET.frame(preferred)


def test_table1_counts_tasks_files_and_items_beside_the_printed_ones():
    items, preference = item_tables()
    frame, _ = table1(items, preference, PUBLISHED)
    assert frame.rows() == [
        ("BBH-Logic", 2, 3, 12, 60, 10, 400, 3146),
        ("BBH-CS", 1, 1, 4, 20, 7, 280, 1615),
        ("BBH-Math", 0, 0, 0, 0, 3, 120, 750),
        ("BBH-Knowl", 0, 0, 0, 0, 3, 120, 750),
        ("Total", 3, 4, 16, 80, 23, 920, 6261),
    ]


def test_table7_lists_all_23_tasks_with_what_is_here():
    frame, _ = table7(item_tables()[0], PUBLISHED)
    assert frame.height == 23
    assert frame.filter(task="logical_deduction").row(0)[2:] == ("logical_deduction", 2, 30)
    assert frame.filter(task="causal_judgement").row(0)[2:] == ("causal_judgment", 0, 0)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["tables", *map(str, arguments)])
    tables.main()


def test_commands_write_csv_md_and_tex_with_the_same_bytes_each_time(monkeypatch, tmp_path):
    source = tmp_path / "predictions.parquet"
    io.write_table(predictions(), source, PREDICTIONS, {})
    published = Path(__file__).parents[1] / "config" / "published.yaml"
    written = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        outputs = [folder / f"table2.{suffix}" for suffix in ("csv", "md", "tex")]
        common = ("--predictions", source, "--published", published, "--output", *outputs)
        run(monkeypatch, "table2", "--cfg", json.dumps({"seed": 5}), *common)
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]


def test_show_prints_the_markdown(monkeypatch, tmp_path, capsys):
    file = tmp_path / "table.md"
    file.write_text("# Table\n", encoding="utf-8")
    run(monkeypatch, "show", file)
    assert capsys.readouterr().out == "# Table\n"


def test_markdown_columns_line_up():
    block = render.Block("c", ["arm", "x"], [["a_long_name", "1"], ["b", "22"]])
    text = render.markdown(render.Document("t", [], [block]))
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1


def test_latex_escapes_what_latex_reads():
    block = render.Block("50 %", ["a_b", "x & y"], [["#1", "{$}"]])
    text = render.latex(render.Document("t", [], [block]))
    assert r"\caption{50 \%}" in text
    assert r"a\_b & x \& y \\" in text
    assert r"\#1 & \{\$\} \\" in text


def test_every_category_has_a_column_in_the_papers_order():
    strata = predictions().group_by("subtask", "task", "category").len("n").sort("subtask")
    assert cells.columns(strata) == ["BBH-Logic", "BBH-CS", "BBH"]
