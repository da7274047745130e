import sys

import pytest

from arte.core.errors import ArteError
from arte.engine import journal
from arte.engine.contract import Completion
from arte.engine.journal import Journal, compact, journal_path, read_entries

FIRST = Completion("So the answer is <ans>ü\u2028</ans>", "stop", 9, 0, 4)
SECOND = Completion("", "eos", 7, 5, 1)


@pytest.fixture
def path(tmp_path):
    path = journal_path(tmp_path, fingerprint="a" * 64, stage="score", subtask="snarks")
    with Journal(path) as log:
        log.append("k1", FIRST)
        log.append("k2", SECOND)
    return path


def test_a_journal_gives_back_what_was_appended(path):
    with Journal(path) as log:
        assert log.entries == {"k1": FIRST, "k2": SECOND}


def test_a_last_line_torn_at_any_byte_is_dropped_and_can_be_written_again(path):
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        with Journal(path) as log:
            assert log.entries == {"k1": FIRST}
            assert path.stat().st_size == start
            log.append("k2", SECOND)
        assert path.read_bytes() == whole


def test_dropping_a_torn_line_is_logged(path, capsys):
    path.write_bytes(path.read_bytes()[:-5])
    with Journal(path):
        pass
    assert "torn last line" in capsys.readouterr().err


def test_a_last_line_of_zeros_is_dropped(path):
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 20 + b"\n")
    with Journal(path) as log:
        assert log.entries == {"k1": FIRST, "k2": SECOND}
    assert path.read_bytes() == whole


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"key": "k"}', b"", b"\xff"])
def test_damage_before_the_last_line_names_file_and_line(path, line):
    first, last, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([first, line, last, b""]))
    with pytest.raises(ArteError, match=r"snarks\.jsonl line 2"), Journal(path):
        pass


def test_a_wrong_type_is_damage(path):
    path.write_bytes(path.read_bytes().replace(b'"n_cached_tokens": 0', b'"n_cached_tokens": "0"'))
    with pytest.raises(ArteError, match="line 1"):
        read_entries(path)


def test_a_second_writer_is_refused(path, monkeypatch):
    monkeypatch.setattr(journal, "PATIENCE", 0)
    with Journal(path), pytest.raises(ArteError, match="another job"), Journal(path):
        pass


def test_the_lock_goes_with_its_holder(path):
    with pytest.raises(KeyError), Journal(path) as log:
        log.entries["unknown"]
    with Journal(path) as log:
        assert len(log.entries) == 2


def test_compact_drops_repeated_lines_and_keeps_entries(path):
    whole = path.read_bytes()
    path.write_bytes(whole + whole)
    assert compact(path) == (4, 2)
    assert path.read_bytes() == whole


def test_the_command_line_shows_stats(path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["journal", "stats", str(path.parents[2])])
    journal.main()
    header, line = capsys.readouterr().out.splitlines()
    assert header.split("\t")[:2] == ["journal", "generations"]
    assert line.split("\t")[:5] == [f"{'a' * 16}/score/snarks.jsonl", "2", "16", "5", "5"]


def test_the_command_line_compacts_all_journals(path, monkeypatch):
    path.write_bytes(path.read_bytes() * 2)
    monkeypatch.setattr(sys, "argv", ["journal", "compact", str(path.parents[2])])
    journal.main()
    assert len(path.read_bytes().splitlines()) == 2
