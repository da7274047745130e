"""Tables 2 and 6: which rows they have, against what, and beside which printed numbers."""

import polars as pl
import pytest
from predicted import PUBLISHED, cell, predictions

from arte.core.errors import ArteError
from arte.report import bbh as table_bbh
from arte.stats import intervals as stats

CFG = {"seed": 0, "student": "nano"}
FULL = ("vanilla", "original_teacher", "rationale_only", "question_only", "arte", "random")


def table2(rows):
    return table_bbh.table2(rows, PUBLISHED, CFG)


def test_printed_values_stand_beside_micro_cells_only():
    frame = table2(predictions()).cells
    assert cell(frame, arm="arte", shots=3, column="BBH", average="micro")["published"] == 43.44
    assert cell(frame, arm="arte", shots=0, column="BBH-CS", average="micro")["published"] == 44.44
    assert frame.filter(pl.col("average") != "micro")["published"].null_count() > 0
    assert frame.filter(pl.col("average") != "micro")["published"].drop_nulls().is_empty()


def test_differences_are_from_original_teacher_with_holm_over_arms():
    apart = table2(predictions()).differences.filter(
        holm_over="arms", shots=0, column="BBH", average="micro"
    )
    assert apart["arm"].to_list() == ["vanilla", "question_only", "arte"]
    assert set(apart["reference"]) == {"original_teacher"}
    assert apart["p_holm"].to_list() == pytest.approx(stats.holm(apart["p"].to_list()))
    assert cell(apart, arm="arte")["published"] == pytest.approx(41.96 - 37.55)


def test_claims_are_tested_on_all_of_bbh_and_by_task():
    apart = table2(predictions(arms=FULL)).differences.filter(shots=3)
    claims = apart.filter(holm_over="claims")
    assert claims.select("arm", "reference", "column").rows() == [
        ("arte", "original_teacher", "BBH"),
        ("arte", "rationale_only", "BBH"),
        ("arte", "question_only", "BBH"),
    ]
    for reference in claims["reference"]:
        tasks = apart.filter(holm_over="tasks", reference=reference)
        assert tasks["column"].to_list() == ["hyperbaton", "logical_deduction", "web_of_lies"]
        assert tasks["n"].to_list() == [20, 30, 30]
        assert tasks["p_holm"].to_list() == pytest.approx(stats.holm(tasks["p"].to_list()))


def test_table2_leaves_table6_rows_out_and_keeps_new_arms():
    found = table2(predictions(arms=("random", "my_arm", "arte")))
    assert found.cells["arm"].unique(maintain_order=True).to_list() == ["arte", "my_arm"]
    assert found.differences.is_empty()


def test_a_table_of_which_no_row_was_run_is_an_error():
    with pytest.raises(
        ArteError, match="predictions of the arms vanilla, random, original_teacher"
    ):
        table_bbh.table6(predictions(arms=("my_arm", "arte")), PUBLISHED, CFG)


def test_other_students_and_other_benchmarks_are_left_out():
    mine = predictions()
    others = [
        predictions(student="another", seed=8),
        predictions(sizes={"piqa": 10}),
    ]
    assert table2(pl.concat([mine, *others])).cells.equals(table2(mine).cells)


def test_a_student_without_predictions_is_an_error():
    with pytest.raises(ArteError, match="student nano on BBH"):
        table2(predictions(student="another"))


def test_the_accuracies_come_first_and_tell_seeds_and_their_spread():
    found = table2(predictions(seeds=(0, 1), arms=FULL))
    first, second = found.document.blocks[:2]
    assert first.caption.startswith("Zero-shot: strict accuracy")
    assert second.caption.startswith("Three-shot: strict accuracy")
    sizes, *arms = first.rows
    assert sizes == ["items", "", "60", "20", "80", ""]
    spread = cell(found.cells, arm="arte", shots=0, column="BBH", average="micro")["seed_sd"]
    assert (arms[-1][0], arms[-1][1], arms[-1][-1]) == ("arte", "2", f"{spread:.1f}")


def cut(rows, arm, shots, share):
    """The rows with this share of an arm's answers to hyperbaton cut off by the token limit."""
    those = (pl.col("arm") == arm) & (pl.col("shots") == shots)
    those &= (pl.col("subtask") == "hyperbaton") & (pl.col("item_id").cast(int) < 20 * share)
    reason = pl.when(those).then(pl.lit("length")).otherwise("finish_reason")
    return rows.with_columns(finish_reason=reason)


def test_a_table_warns_of_arms_whose_answers_were_cut_off_and_of_no_others():
    rows = cut(cut(predictions(), "arte", 3, 0.10), "vanilla", 0, 0.05)
    for make in (table_bbh.table2, table_bbh.table6):
        notes = make(rows.filter(pl.col("arm") != "arte"), PUBLISHED, CFG).document.notes
        assert not any("WARNING" in note for note in notes)
    found = table2(rows)
    (warning,) = [note for note in found.document.notes if "WARNING" in note]
    assert "nano on arte 10.0 % (three-shot, BBH-CS)" in warning
    assert "vanilla" not in warning
    for arm, share in {"arte": 10.0, "vanilla": 0.0}.items():
        where = {"arm": arm, "shots": 3, "column": "BBH-CS", "average": "micro"}
        assert cell(found.cells, **where)["cut_off"] == pytest.approx(share)


@pytest.mark.parametrize(
    ("seeds", "note"), [((0,), "EXCLUDE training noise"), ((0, 1), "degrees of freedom")]
)
def test_a_note_says_whether_training_noise_is_in_the_differences(seeds, note):
    found = table2(predictions(seeds=seeds))
    assert sum(note in text for text in found.document.notes) == 1
    assert sum("One teacher" in text for text in found.document.notes) == 1


def test_every_difference_has_the_smallest_one_that_could_have_been_found_beside_it():
    found = table2(predictions(seeds=(0, 1), arms=FULL))
    half = (found.differences["high"] - found.differences["low"]) / 2
    assert (found.differences["mde"] > half).all()
    assert any("difference" in block.header for block in found.document.blocks)
    for block in found.document.blocks:
        assert ("difference" in block.header) == ("MDE" in block.header)


def test_the_same_comparison_gives_the_same_numbers_in_both_tables():
    rows = predictions(seeds=(0, 1), arms=FULL)
    where = {"arm": "rationale_only", "shots": 3, "column": "BBH", "average": "micro"}
    first, second = (
        cell(make(rows, PUBLISHED, CFG).differences.filter(holm_over="arms"), **where)
        for make in (table_bbh.table2, table_bbh.table6)
    )
    for key in ("difference", "low", "high", "p"):
        assert first[key] == second[key]


def test_table6_gives_both_readings_of_aligned_teacher():
    arms = ("vanilla", "original_teacher", "rationale_only", "question_only")
    found = table_bbh.table6(predictions(arms=arms), PUBLISHED, CFG)
    three = found.cells.filter(shots=3, column="BBH", average="micro")
    assert three.select("row", "arm", "published").rows() == [
        ("vanilla", "vanilla", 35.57),
        ("most_preferred", "original_teacher", 40.04),
        ("aligned_teacher (definition)", "rationale_only", None),
        ("aligned_teacher (number)", "question_only", 42.78),
    ]
    assert [row[0] for row in found.document.blocks[0].rows] == three["row"].to_list()
