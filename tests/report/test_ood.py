"""Table 3: columns, references and printed numbers."""

import polars as pl
import pytest
from predicted import BBH, OOD, PUBLISHED, cell, predictions

from arte.core.errors import ArteError
from arte.report.ood import table3

CFG = {"seed": 0, "student": "nano"}
ARMS = ("vanilla", "gpt4_llm", "tulu_v2", "original_teacher", "arte")


def made(sizes=OOD, **how):
    return table3(predictions(sizes=sizes, arms=ARMS, **how), PUBLISHED, CFG)


def test_columns_are_in_the_papers_order_and_average_is_the_mean_over_them():
    found = made().cells.filter(arm="arte", shots=0)
    assert found["column"].to_list() == ["PIQA", "CSQA", "ARC-E", "ARC-C", "GSM8K", "Average"]
    *columns, average = found["strict"]
    assert average == pytest.approx(sum(columns) / 5)


def test_arms_are_compared_with_vanilla_and_with_the_best_baseline():
    found = made(seeds=(0, 1))
    cells = found.cells.filter(shots=3, column="Average")
    best = max(("gpt4_llm", "tulu_v2"), key=lambda arm: cell(cells, arm=arm)["strict"])
    apart = found.differences.filter(shots=3, column="Average")
    assert apart["reference"].unique(maintain_order=True).to_list() == ["vanilla", best]
    against = cell(apart, arm="arte", reference=best)
    expected = cell(cells, arm="arte")["strict"] - cell(cells, arm=best)["strict"]
    assert against["difference"] == pytest.approx(expected)
    assert against["counts"] == "items and seeds"


def test_without_baselines_vanilla_is_the_only_reference():
    found = table3(predictions(sizes=OOD), PUBLISHED, CFG)
    assert set(found.differences["reference"]) == {"vanilla"}


def test_printed_values_stand_beside_every_shot_setting():
    found = made().cells.filter(arm="arte", column="GSM8K")
    assert found["published"].to_list() == [32.0, 32.0]
    assert made().cells.filter(arm="original_teacher")["published"].drop_nulls().is_empty()


def test_a_note_recomputes_the_claim_of_the_text():
    assert any("its averages give 3.58" in note for note in made().document.notes)


def test_missing_benchmarks_are_named_and_stay_out_of_the_average():
    found = made(sizes={"piqa": 10, "gsm8k": 30})
    average = cell(found.cells, arm="arte", shots=0, column="Average")
    assert average["n"] == 40
    assert any("CSQA, ARC-E, ARC-C" in note for note in found.document.notes)


def test_bbh_and_task_transfer_are_left_out():
    rows = predictions(sizes=OOD, arms=ARMS)
    others = predictions(sizes=OOD, arms=("transfer_original", "transfer_aligned"))
    found = table3(pl.concat([rows, others, predictions(sizes=BBH)]), PUBLISHED, CFG)
    assert found.cells.equals(made().cells)


def test_no_benchmark_is_an_error():
    with pytest.raises(ArteError, match="student nano on piqa, commonsense_qa"):
        table3(predictions(sizes=BBH), PUBLISHED, CFG)
