"""arte.verify: every damage is found and named, and it needs Python alone."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from arte import verify
from arte.core import io
from arte.prefer.tables.scores import QUESTION_SCORES
from arte.provenance.manifest import UNPUBLISHED, files

DAMAGES = 200


@pytest.fixture
def folder(tmp_path) -> Path:
    """A run's folder with tables, texts and weights, and its manifest."""
    run = tmp_path / "run"
    for number, subtask in enumerate(["snarks", "navigate", "hyperbaton"]):
        rows = [
            {"subtask": subtask, "question_id": f"{i:03}", "score": i / 7, "n": number}
            for i in range(20 + number)
        ]
        frame, path = QUESTION_SCORES.frame(rows), run / f"prefer/{subtask}.parquet"
        io.write_table(frame, path, QUESTION_SCORES, {"seed": 0})
        io.write_text(frame.write_csv(), run / f"tables/{subtask}.csv")
        io.write_json({"rows": len(rows)}, run / f"align/{subtask}.json")
    weights = random.Random(0).randbytes(50_000)
    (run / "models").mkdir()
    (run / "models/model.safetensors").write_bytes(weights)
    (run / "logs").mkdir()
    (run / "logs/job.log").write_text("a line\n")
    manifest = {"files": files(run, {}, UNPUBLISHED), "unpublished": UNPUBLISHED}
    (run / verify.MANIFEST).write_text(verify.sealed(manifest))
    return run


def damage(folder: Path, draw: random.Random) -> tuple[str, dict[Path, bytes | None]]:
    """Damage one file, or two; return the path that must be named, and how it was before."""
    names = [*verify.published(folder, UNPUBLISHED), verify.MANIFEST]
    name = draw.choice(names)
    path = folder / name
    content = path.read_bytes()
    before: dict[Path, bytes | None] = {path: content}
    kind = draw.choice(["truncate", "empty", "flip", "swap", "remove", "add"])
    if kind == "truncate":
        path.write_bytes(content[: draw.randrange(len(content))])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "flip":
        place, bit = draw.randrange(len(content)), 1 << draw.randrange(8)
        path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
    elif kind == "swap":
        other = folder / draw.choice([each for each in names if each != name])
        before[other] = other.read_bytes()
        path.write_bytes(before[other])
        other.write_bytes(content)
    elif kind == "remove":
        path.unlink()
    else:
        path = path.with_name(f"another-{draw.randrange(1000)}{path.suffix}")
        path.write_bytes(content)
        before = {path: None}
    return path.relative_to(folder).as_posix(), before


def test_each_of_200_random_damages_is_found_and_named(folder):
    draw, found = random.Random(12), 0
    for _ in range(DAMAGES):
        name, before = damage(folder, draw)
        lines = list(verify.faults(folder))
        broken = verify.MANIFEST in {path.name for path in before}
        found += any(line.split()[1].rstrip(":") in {name, verify.MANIFEST} for line in lines)
        assert broken or len(lines) == len(before), (name, lines)
        for path, content in before.items():
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
        assert list(verify.faults(folder)) == []
    assert found == DAMAGES


def test_a_swapped_file_is_told_from_a_broken_one(folder):
    one, other = folder / "tables/snarks.csv", folder / "tables/navigate.csv"
    other.write_bytes(one.read_bytes())
    assert list(verify.faults(folder)) == ["changed  tables/navigate.csv: holds tables/snarks.csv"]


def test_what_another_call_rewrites_is_no_fault(folder):
    (folder / "logs/job.log").write_text("another line\n")
    (folder / "scratch").mkdir()
    (folder / "scratch/checkpoint").write_text("")
    assert list(verify.faults(folder)) == []


def test_a_manifest_is_held_by_its_own_hash_even_where_it_is_still_json(folder):
    path = folder / verify.MANIFEST
    manifest = json.loads(path.read_text())
    manifest["files"]["tables/snarks.csv"]["rows"] += 1
    path.write_text(json.dumps(manifest, sort_keys=True, indent=1) + "\n")
    assert [line.split(":")[0] for line in verify.faults(folder)] == ["damaged  manifest.json"]


@pytest.mark.parametrize("broken", [False, True])
def test_the_file_alone_checks_a_folder(folder, tmp_path, broken):
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    if broken:
        (folder / "tables/snarks.csv").unlink()
    command = [sys.executable, "-I", "-S", str(alone), str(folder)]  # no package can be imported
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == broken
    assert ("missing  tables/snarks.csv" if broken else "10 files") in done.stdout


def test_the_manifest_says_what_is_in_a_table(folder):
    about = json.loads((folder / verify.MANIFEST).read_text())["files"]
    assert about["prefer/snarks.parquet"]["rows"] == 20
    assert about["prefer/snarks.parquet"]["schema"] == "question_scores 1"
    assert about["tables/hyperbaton.csv"]["rows"] == 22
    assert about["tables/hyperbaton.csv"]["schema"] == "subtask,question_id,score,n"


@pytest.mark.parametrize("key", ["files", "unpublished", "sha256", "bytes"])
def test_a_manifest_of_other_code_is_told_from_damage(folder, key):
    path = folder / verify.MANIFEST
    found = json.loads(path.read_text())
    entry = next(iter(found["files"].values()))
    del (entry if key in entry else found)[key]
    path.write_text(verify.sealed(found))
    (said,) = verify.faults(folder)
    assert said.startswith(f"unknown  {verify.MANIFEST}: no key {key}")
