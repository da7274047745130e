"""How cells, differences and p values read."""

import pytest

from arte.report import text as table_text


def test_a_difference_shows_its_sign_but_never_minus_zero():
    row = {"difference": -0.01, "low": -4.26, "high": 4.24}
    assert table_text.signed(row) == "+0.0 [-4.3, +4.2]"


@pytest.mark.parametrize(
    ("p", "text"), [(0.04321, "0.0432"), (0.00004, "<0.0001"), (1.0, "1.0000")]
)
def test_a_small_p_is_never_shown_as_zero(p, text):
    assert table_text.p_text(p) == text


def test_shot_settings_of_the_paper_have_its_names_and_printed_numbers():
    printed = {"three_shot": {"arte": [1.0]}}
    assert [table_text.setting(shots) for shots in (0, 3, 5)] == [
        "Zero-shot",
        "Three-shot",
        "5-shot",
    ]
    assert table_text.printed_block(printed, 3) == {"arte": [1.0]}
    assert table_text.printed_block(printed, 0) == table_text.printed_block(printed, 5) == {}


def test_what_the_paper_does_not_print_is_a_dash():
    assert table_text.printed_text(None, sign=True) == "–"
    assert table_text.printed_text(0.66, sign=True) == "+0.66"
