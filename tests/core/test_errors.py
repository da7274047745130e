import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arte.core.errors import ArteError, cli

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


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


WRITERS = {
    "text": "io.write_text('x' * 10**5, 'file')",
    "parquet": "pq.write_table(pa.table({'n': np.random.random(10**5)}), 'file')",
    "safetensors": "save_file({'n': np.random.random(10**5)}, 'file')",
    "torch": "torch.save(torch.zeros(10**5), 'file')",
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_full_disk_is_one_error_whoever_writes(write, tmp_path):
    """A limit on the size of files stands for the end of the disk."""
    program = f"""
import numpy as np, pyarrow as pa, pyarrow.parquet as pq, torch
from safetensors.numpy import save_file
from arte.core import io
from arte.core.errors import cli

@cli
def main():
    {write}

main()
"""
    scripts = str(Path(__file__).parents[2] / "workflow/scripts")
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 16; "$@"', "bash", sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": scripts, "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 1
    assert "remedy: free space" in done.stderr
    assert "Traceback" not in done.stderr


PRINTS = "from arte.core.errors import cli\ncli(lambda: print({expression}))()"


def printed(text, **environment):
    """What a command that prints `text` writes, as bytes."""
    return subprocess.run(
        [sys.executable, "-c", PRINTS.format(expression=repr(text))],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)} | environment,
        capture_output=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_a_command_prints_in_any_encoding(encoding):
    text = "−73.5 [−76.5, −70.3] – § 4.1 … Zoë 家"
    seen = printed(text, PYTHONIOENCODING=encoding).decode(encoding).strip()
    assert seen.replace("−", "-").replace("–", "-").startswith("-73.5 [-76.5, -70.3] - ")
    assert encoding not in ("utf-8", "utf-16") or seen == text


@pytest.mark.parametrize("lines", [3, 100_000])
def test_a_reader_that_has_seen_enough_ends_a_command_quietly(lines):
    writer = subprocess.Popen(
        [sys.executable, "-c", PRINTS.format(expression=f"{lines} * 'long line '")],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait() == 128 + signal.SIGPIPE
