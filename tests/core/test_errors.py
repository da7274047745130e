import sys

import pytest

from arte.core.errors import ArteError, cli


def test_the_message_says_expected_found_where_and_remedy():
    error = ArteError(expected="a", found="b", where="c", remedy="d")
    assert str(error).split() == ["expected:", "a", "found:", "b", "where:", "c", "remedy:", "d"]


def test_a_command_ends_with_the_message_and_without_a_traceback(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["somewhere/score.py"])

    @cli
    def main():
        raise ArteError(expected="a", found="b", where="c", remedy="d")

    with pytest.raises(SystemExit, match=r"(?s)error in score.*remedy: d"):
        main()


def test_our_own_bugs_keep_their_traceback():
    @cli
    def main():
        raise KeyError("bug")

    with pytest.raises(KeyError):
        main()
