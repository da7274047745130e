"""Tables 4 and 5: Original, Aligned and their difference."""

import polars as pl
import pytest
from predicted import BBH, OOD, PUBLISHED, cell, predictions

from arte.core.errors import ArteError
from arte.report.transfer import table4, table5
from arte.stats import intervals as stats

CFG = {"seed": 0, "student": "nano"}
ARMS4 = ("transfer_original", "transfer_aligned")
ARMS5 = ("original_teacher", "arte")
STUDENTS = [{"name": "large", "note": "larger"}, {"name": "other", "note": "another family"}]


def made4(**how):
    return table4(predictions(sizes=OOD, arms=ARMS4, **how), PUBLISHED, CFG)


def made5(students=STUDENTS, **how):
    rows = [
        predictions(arms=ARMS5, student=student, seed=number, **how)
        for number, student in enumerate(("nano", "large", "other"))
    ]
    return table5(pl.concat(rows), PUBLISHED, {"seed": 0, "students": students})


def test_the_average_is_over_the_papers_four_benchmarks():
    found = made4().cells.filter(arm="transfer_aligned", shots=0)
    columns = dict(found.select("column", "strict").iter_rows())
    assert list(columns) == [
        "PIQA",
        "ARC-E",
        "ARC-C",
        "GSM8K",
        "CSQA (not in the paper)",
        "Average",
    ]
    four = [columns[name] for name in ("PIQA", "ARC-E", "ARC-C", "GSM8K")]
    assert columns["Average"] == pytest.approx(sum(four) / 4)


def test_delta_is_aligned_minus_original_with_the_printed_delta_beside_it():
    found = made4(seeds=(0, 1))
    cells = found.cells.filter(shots=3, column="ARC-E")
    delta = cell(found.differences, shots=3, column="ARC-E")
    original, aligned = (cell(cells, arm=arm)["strict"] for arm in ARMS4)
    assert delta["difference"] == pytest.approx(aligned - original)
    assert (delta["published"], delta["counts"]) == (1.0, "items and seeds")
    assert cell(cells, arm="transfer_original")["published"] == 64.2


def test_holm_runs_over_benchmarks_without_the_average():
    apart = made4().differences.filter(shots=0)
    *each, average = apart.iter_rows(named=True)
    assert [row["p_holm"] for row in each] == pytest.approx(stats.holm([row["p"] for row in each]))
    assert average["p_holm"] == average["p"]


def test_printed_differences_stand_beside_ours():
    block = made4().document.blocks[1]
    assert [row[0] for row in block.rows][-2:] == ["CSQA (not in the paper)", "Average"]
    assert block.header[-1] == "printed"
    printed = [row[-1] for row in block.rows]
    assert printed == ["+3.20", "-3.00", "+0.20", "+3.40", "–", "+0.95"]


@pytest.mark.parametrize("arm", ARMS4)
def test_one_arm_of_the_task_transfer_is_not_enough(arm):
    with pytest.raises(ArteError, match="of the arms transfer_original, transfer_aligned"):
        table4(predictions(sizes=OOD, arms=(arm,)), PUBLISHED, CFG)


def test_csqa_alone_is_no_table_4():
    with pytest.raises(ArteError, match="on piqa, arc_easy, arc_challenge, gsm8k"):
        table4(predictions(sizes={"commonsense_qa": 9}, arms=ARMS4), PUBLISHED, CFG)


def test_students_are_rows_in_the_order_of_the_config_without_the_main_one():
    for students in (STUDENTS, STUDENTS[::-1]):
        levels, deltas = made5(students=students).document.blocks[:2]
        for block in (levels, deltas):
            assert [row[0] for row in block.rows] == [entry["name"] for entry in students]
    assert levels.header == ["student", "items", "seeds", "Original", "Aligned"]
    assert "printed" not in deltas.header


def test_each_student_is_compared_with_itself():
    found = made5(seeds=(0, 1))
    where = {"student": "other", "shots": 0, "average": "micro"}
    delta = cell(found.differences, **where)
    original, aligned = (cell(found.cells, arm=arm, **where)["strict"] for arm in ARMS5)
    assert delta["difference"] == pytest.approx(aligned - original)
    assert (delta["df"] >= 1, delta["holm_over"]) == (True, "students")


def test_notes_of_students_and_the_printed_students_are_shown():
    document = made5().document
    assert any("large: larger; other: another family" in note for note in document.notes)
    printed = [block for block in document.blocks if "printed" in block.caption]
    assert printed[1].rows[2] == ["delta", "-0.20", "+2.10", "+2.90"]


def test_a_student_that_was_not_evaluated_is_an_error():
    with pytest.raises(ArteError, match="student missing on BBH"):
        made5(students=[{"name": "missing", "note": ""}])


def test_table_5_is_on_bbh_only():
    rows = pl.concat([predictions(arms=ARMS5, sizes=sizes) for sizes in (OOD, BBH)])
    found = table5(rows, PUBLISHED, {"seed": 0, "students": [{"name": "nano", "note": "same"}]})
    assert set(found.cells["n"]) == {sum(BBH.values())}
