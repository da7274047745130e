"""Pinned files of data sets, from a hub on loopback."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from declared import OOD
from hub_server import Hub

from arte.core import io
from arte.tailor.instructions import READERS

ROOT = Path(__file__).parents[2]
PINS = ROOT / "resources/hub_files.json"
SCRIPTS = str(ROOT / "workflow/scripts")


@pytest.fixture
def pins(tmp_path):
    content = {
        "small": {
            "repo": "some/set",
            "revision": "0" * 40,
            "license": "MIT",
            "train": [{"path": "data/x.json", "sha256": None}],
            "test": [{"path": "y.parquet", "sha256": hashlib.sha256(b"y.parquet").hexdigest()}],
        }
    }
    io.write_json(content, tmp_path / "pins.json")
    return str(tmp_path / "pins.json")


def test_every_pin_is_a_full_commit_of_parquet_or_json_files():
    pinned = json.loads(PINS.read_text())
    assert set(pinned) == set(OOD) | set(READERS)
    for name, entry in pinned.items():
        assert re.fullmatch(r"[0-9a-f]{40}", entry["revision"]), name
        assert ("test" in entry) == (name in OOD), name
        for file in entry["train"] + entry.get("test", []):
            assert Path(file["path"]).suffix in (".parquet", ".json")
            assert file["sha256"] is None or re.fullmatch(r"[0-9a-f]{64}", file["sha256"])


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """The repository that `pins` names."""
    folder = tmp_path_factory.mktemp("sets")
    (folder / "data").mkdir()
    (folder / "data/x.json").write_text("data/x.json")
    (folder / "y.parquet").write_text("y.parquet")
    return folder


def fetch(server: Hub, pins: str, at: Path, **environment: str) -> subprocess.CompletedProcess:
    """The function in a process of its own, as the hub's library reads its environment once."""
    program = (
        "import sys; from arte.core.errors import cli; from arte.data.pinned_files import fetch"
    )
    call = "cli(lambda: fetch('small', *sys.argv[1:]))()"
    return subprocess.run(
        [sys.executable, "-c", f"{program}; {call}", pins, str(at / "raw")],
        env=server.environment(at / "home") | {"PYTHONPATH": SCRIPTS} | environment,
        text=True,
        capture_output=True,
    )


@pytest.fixture
def hub(sets):
    with Hub() as server:
        server.publish("some/set", "0" * 40, sets)
        yield server


def test_files_are_fetched_checked_and_recorded(hub, pins, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/train-1.json").write_text("of an earlier pin")
    done = fetch(hub, pins, tmp_path)
    assert done.returncode == 0, done.stderr
    names = ["record.json", "test-0.parquet", "train-0.json"]
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == names
    record = io.read_json(tmp_path / "raw/record.json")
    assert record["revision"] == "0" * 40
    assert record["files"]["train-0.json"] == {
        "path": "data/x.json",
        "sha256": hashlib.sha256(b"data/x.json").hexdigest(),
    }


def test_a_second_run_takes_the_files_from_the_cache_and_checks_them(hub, pins, tmp_path):
    assert fetch(hub, pins, tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "raw")
    assert fetch(hub, pins, tmp_path, HF_HUB_OFFLINE="1").returncode == 0
    (stored,) = (tmp_path / "home/hub").glob("datasets--*/snapshots/*/data/x.json")
    stored.resolve().write_text("data/z.json")
    done = fetch(hub, pins, tmp_path, HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    assert "the hub's file, hash" in done.stderr


def test_another_file_than_the_pinned_one_is_refused(hub, pins, tmp_path):
    io.write_text(Path(pins).read_text().replace("y.parquet", "data/x.json"), pins)
    done = fetch(hub, pins, tmp_path)
    assert done.returncode == 1
    assert "data/x.json at " + "0" * 40 in done.stderr
    assert not (tmp_path / "raw/record.json").exists()


FAILURES = {
    "gated": "accept its terms (license: MIT)",
    "401": "HF_TOKEN",
    "missing repository": "correct the name",
    "missing revision": "commits/main",
    "no file": "name a file",
    "503": "run again later",
    "cut": "can be reached",
    "page": "can be reached",
    "offline": "unset HF_HUB_OFFLINE",
}


@pytest.fixture(scope="module")
def failed(sets, tmp_path_factory) -> dict[str, subprocess.CompletedProcess]:
    """Every failure, at the same time: the hub's library tries again for half a minute."""

    def attempt(name: str) -> subprocess.CompletedProcess:
        at = tmp_path_factory.mktemp("failed")
        file = {"path": "none.json" if name == "no file" else "data/x.json", "sha256": None}
        pinned = {"repo": "some/set", "revision": "0" * 40, "license": "MIT", "train": [file]}
        io.write_json({"small": pinned}, at / "pins.json")
        environment = {"HF_HUB_OFFLINE": "1"} if name == "offline" else {}
        with Hub() as server:
            server.publish("some/set", "0" * 40, sets)
            if name not in ("no file", "offline"):
                server.fail(name)
            return fetch(server, str(at / "pins.json"), at, **environment)

    with ThreadPoolExecutor(len(FAILURES)) as pool:
        return dict(zip(FAILURES, pool.map(attempt, FAILURES), strict=True))


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_download_is_one_error_with_its_remedy(failed, name):
    done = failed[name]
    assert done.returncode == 1
    assert done.stderr.count("expected: ") == 1
    assert FAILURES[name] in done.stderr.partition("remedy: ")[2], done.stderr
    assert "Traceback" not in done.stderr
