"""Cells and differences against hand calculations."""

import polars as pl
import pytest
from predicted import BBH, cell, predictions

from arte.core.errors import ArteError
from arte.report.build import slices, tasks
from arte.report.specs import BBH_COLUMNS
from arte.stats import cells
from arte.stats import intervals as stats

ARMS = ["arte", "original_teacher", "vanilla"]


def measured(rows, arms=ARMS):
    data = cells.outcomes(rows, 0, arms)
    parts = slices(data.strata, BBH_COLUMNS)
    levels = pl.DataFrame([cells.level(data, arm, part) for arm in arms for part in parts])
    pairs = [(arm, "original_teacher") for arm in arms if arm != "original_teacher"]
    return levels, pl.DataFrame(cells.differences(data, pairs, parts, "arms"))


def test_micro_macro_over_tasks_and_macro_over_files_match_hand_calculations():
    rows = predictions()
    levels, _ = measured(rows)
    mine = rows.filter(arm="arte", shots=0)
    by_file = mine.group_by("subtask").agg(pl.col("correct").mean())
    by_task = mine.group_by("task").agg(pl.col("correct").mean())
    expected = {
        "micro": mine["correct"].mean(),
        "macro_files": by_file["correct"].mean(),
        "macro_tasks": by_task["correct"].mean(),
    }
    for average, value in expected.items():
        found = cell(levels, arm="arte", column="BBH", average=average)
        assert found["strict"] == pytest.approx(100 * value)
        assert found["low"] < found["strict"] < found["high"]


def test_a_category_counts_only_its_own_items():
    levels, _ = measured(predictions())
    assert cell(levels, arm="arte", column="BBH-Logic", average="micro")["n"] == 60


def test_every_category_has_a_column_in_the_papers_order():
    data = cells.outcomes(predictions(), 0, ARMS)
    parts = slices(data.strata, BBH_COLUMNS)
    names = [part.column for part in parts if part.average == "micro"]
    assert names == ["BBH-Logic", "BBH-CS", "BBH"]


def test_a_task_of_several_files_is_one_slice():
    data = cells.outcomes(predictions(), 0, ARMS)
    sizes = {part.column: cells.n_items(data, part) for part in tasks(data.strata)}
    assert sizes == {"hyperbaton": 20, "logical_deduction": 30, "web_of_lies": 30}


def test_one_seed_gets_the_wilson_interval():
    rows = predictions()
    levels, _ = measured(rows)
    right = rows.filter(arm="arte", shots=0)["correct"].sum()
    found = cell(levels, arm="arte", column="BBH", average="micro")
    low, high = stats.wilson(right, sum(BBH.values()))
    assert (found["interval"], found["seeds"], found["seed_sd"]) == ("wilson", 1, None)
    assert (found["low"], found["high"]) == pytest.approx((100 * low, 100 * high))


def test_several_seeds_get_the_interval_of_their_mean_and_a_seed_sd():
    rows = predictions(seeds=(0, 1, 2))
    levels, _ = measured(rows)
    found = cell(levels, arm="arte", column="BBH", average="micro")
    means = rows.filter(arm="arte", shots=0).group_by("seed").agg(pl.col("correct").mean())
    assert (found["interval"], found["seeds"]) == ("wilson, design effect", 3)
    assert found["strict"] == pytest.approx(100 * means["correct"].mean())
    assert found["seed_sd"] == pytest.approx(100 * means["correct"].std())
    single = cell(measured(predictions())[0], arm="arte", column="BBH", average="micro")
    assert found["high"] - found["low"] < single["high"] - single["low"]


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_a_cell_where_all_items_agree_is_no_point(seeds, right):
    rows = predictions(seeds=seeds).with_columns(correct=pl.lit(right))
    levels, differences = measured(rows)
    low, high = stats.wilson(sum(BBH.values()) * right, sum(BBH.values()))
    found = cell(levels, arm="arte", column="BBH", average="micro")
    assert (found["low"], found["high"]) == pytest.approx((100 * low, 100 * high))
    assert (levels["high"] - levels["low"]).min() > 0
    assert (differences["high"] - differences["low"]).min() > 0
    assert differences["difference"].to_list() == [0] * differences.height
    assert differences["p"].to_list() == [1] * differences.height


@pytest.mark.parametrize(("seeds", "counts"), [((0,), "items"), ((0, 1), "items and seeds")])
def test_a_difference_says_whether_it_counts_training_seeds(seeds, counts):
    levels, differences = measured(predictions(seeds=seeds))
    found = cell(differences, arm="arte", column="BBH", average="micro")
    arte, reference = (cell(levels, arm=arm, column="BBH", average="micro") for arm in ARMS[:2])
    assert found["counts"] == counts
    assert found["difference"] == pytest.approx(arte["strict"] - reference["strict"])
    assert found["low"] < found["difference"] < found["high"]


def test_an_untrained_arm_has_no_seed_noise_and_every_other_its_own():
    _, differences = measured(predictions(seeds=(0, 1, 2)))
    vanilla = cell(differences, arm="vanilla", column="BBH", average="micro")
    assert (vanilla["seeds"], vanilla["reference_seeds"]) == (1, 3)
    assert vanilla["df"] >= 2
    rows = predictions(seeds=(0, 1, 2))
    apart = (pl.col("arm") == "arte") & (pl.col("seed") == 1)
    noisy = rows.with_columns(correct=pl.when(apart).then(True).otherwise("correct"))
    _, beside = measured(noisy)
    assert cell(beside, arm="vanilla", column="BBH", average="micro") == vanilla


def test_seeds_that_disagree_widen_the_interval_of_a_difference():
    rows = predictions(seeds=(0, 1))
    apart = (pl.col("arm") == "arte") & (pl.col("seed") == 1)
    noisy = rows.with_columns(correct=pl.when(apart).then(True).otherwise("correct"))
    widths = []
    for table in (rows, noisy):
        found = cell(measured(table)[1], arm="arte", column="BBH", average="micro")
        widths.append(found["high"] - found["low"])
    assert widths[1] > 2 * widths[0]


def test_an_arm_without_an_item_is_an_error():
    short = predictions().filter(~((pl.col("arm") == "arte") & (pl.col("item_id") == "005")))
    with pytest.raises(ArteError, match="arm original_teacher, seed 0 to the 76 items"):
        cells.outcomes(short, 0, ARMS)


def test_an_arm_without_a_shot_setting_is_an_error():
    rows = predictions().filter(~((pl.col("arm") == "vanilla") & (pl.col("shots") == 0)))
    with pytest.raises(ArteError, match="0 answers"):
        cells.outcomes(rows, 0, ARMS)


def test_a_prompt_that_was_never_asked_is_no_wrong_answer():
    rows = predictions()
    one = (pl.col("arm") == "arte") & (pl.col("item_id") == "007") & (pl.col("shots") == 0)
    reason = pl.when(one).then(pl.lit("too_long")).otherwise("finish_reason")
    with pytest.raises(
        ArteError, match=r"4 prompts too long for the model, .* item 007 of"
    ) as error:
        cells.outcomes(rows.with_columns(finish_reason=reason), 0, ARMS)
    assert "nano trained on arte" in str(error.value)


def test_the_share_of_cut_answers_is_over_items_and_seeds_of_the_slice():
    rows = predictions(seeds=(0, 1))
    cut = (pl.col("subtask") == "hyperbaton") & (pl.col("item_id") < "005") & (pl.col("seed") == 0)
    reason = pl.when(cut).then(pl.lit("length")).otherwise("finish_reason")
    levels, _ = measured(rows.with_columns(finish_reason=reason))
    shares = {}
    for row in levels.filter(average="micro").iter_rows(named=True):
        shares[row["arm"], row["column"]] = row["cut_off"]
    for arm, seeds in {"arte": 2, "original_teacher": 2, "vanilla": 1}.items():
        assert shares[arm, "BBH-CS"] == pytest.approx(100 * 5 / (20 * seeds))
        assert shares[arm, "BBH-Logic"] == 0
        assert shares[arm, "BBH"] == pytest.approx(100 * 5 / (80 * seeds))


def test_holm_runs_within_each_family():
    data = cells.outcomes(predictions(), 0, ARMS)
    pairs = [("arte", "vanilla"), ("arte", "original_teacher"), ("original_teacher", "vanilla")]
    rows = cells.differences(data, pairs, tasks(data.strata), "tasks")
    rows += cells.differences(data, pairs, slices(data.strata, BBH_COLUMNS[-1:]), "whole")
    by = {"tasks": ("arm", "reference"), "whole": ("average",)}
    found = cells.with_holm(rows, by)
    assert [row.p for row in found] == [row.p for row in rows]
    members = [row for row in found if (row.holm_over, row.average) == ("whole", "micro")]
    assert [row.p_holm for row in members] == stats.holm([row.p for row in members])
    members = [
        row for row in found if (row.arm, row.reference, row.holm_over) == (*pairs[0], "tasks")
    ]
    assert len(members) == 3
    assert [row.p_holm for row in members] == stats.holm([row.p for row in members])
