"""Options of a question."""

import pytest

from arte.core.options import option_letters


@pytest.mark.parametrize(
    ("question", "letters"),
    [
        ("Which?\nOptions:\n(A) one\n(B) two", ["A", "B"]),
        ("(X) is a letter. Options: (A) one (B) two", ["A", "B"]),
        ("Which?\n(A) item(S)\n(B) two", ["A", "B"]),
        ("No options", []),
    ],
)
def test_option_letters(question, letters):
    assert option_letters(question) == letters
