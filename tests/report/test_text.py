"""How cells, differences and p values read."""

from dataclasses import replace

import pytest
from predicted import OOD, PUBLISHED, predictions

from arte.report import text as table_text
from arte.report.build import build
from arte.report.printed import Printed
from arte.report.specs import TABLE2, TABLE3, TABLE4

CFG = {"seed": 0, "student": "nano"}


def test_a_difference_shows_its_sign_but_never_minus_zero():
    row = build(predictions(), TABLE2, PUBLISHED, CFG).comparisons[0]
    row = replace(row, difference=-0.01, low=-4.26, high=4.24)
    assert table_text.signed(row) == "+0.0 [-4.3, +4.2]"


@pytest.mark.parametrize(
    ("p", "text"), [(0.04321, "0.0432"), (0.00004, "<0.0001"), (1.0, "1.0000")]
)
def test_a_small_p_is_never_shown_as_zero(p, text):
    assert table_text.p_text(p) == text


def test_shot_settings_of_the_paper_have_its_names_and_printed_numbers():
    assert [table_text.setting(shots) for shots in (0, 3, 5)] == [
        "Zero-shot",
        "Three-shot",
        "5-shot",
    ]
    printed = Printed(TABLE2, PUBLISHED["table2"])
    assert printed.rows(3)["arte"] == [39.86, 44.45, 46.13, 53.87, 43.44]
    assert printed.rows(5) == {}


def test_every_shot_setting_has_the_numbers_of_a_table_that_does_not_say_its_own():
    printed = Printed(TABLE3, PUBLISHED["table3"])
    assert printed.rows(0) == printed.rows(5)
    assert "columns" not in printed.rows(0)


def test_a_table_that_prints_differences_keeps_them_also_where_they_contradict_its_accuracies():
    arms = ("transfer_original", "transfer_aligned")
    results = build(predictions(sizes=OOD, arms=arms), TABLE4, PUBLISHED, CFG)
    three = table_text.select(results.comparisons, shots=3)
    printed = [results.printed.of_comparison(row) for row in three]
    assert printed == [1.6, 1.0, 0.8, 1.4, None, 1.2]


def test_what_the_paper_does_not_print_is_a_dash():
    assert table_text.printed_text(None, sign=True) == "–"
    assert table_text.printed_text(0.66, sign=True) == "+0.66"
