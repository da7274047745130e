"""Models of source folder, by the real rule: used where they lie, and watched."""

import json
import os
import shutil
from pathlib import Path

import pytest
import tiny
import yaml
from checkout import copy_checkout, snakemake

from arte.config import files
from arte.core.errors import ArteError
from arte.models.contents import folder_files
from arte.models.folder import (
    clear_links,
    file_record,
    load_causal_lm,
    read_fingerprint,
    write_fingerprint,
)
from arte.models.link import link

BESIDE = {"fingerprint.json", "training_args.bin", "metrics.json", "notes.md"}
FINGERPRINT = "results/linked/models/mine/fingerprint.json"


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("linked") / "arte")


@pytest.fixture
def mine(tmp_path) -> Path:
    """A model as a trainer leaves it: with pickles and records beside the weights."""
    folder = tiny.save(tmp_path / "my models" / "mine")
    for name in BESIDE:
        (folder / name).write_text("theirs")
    return folder


@pytest.fixture
def linked(mine, tmp_path) -> tuple[Path, Path]:
    """A folder of links, and what it links to."""
    files = {path.name: file_record(path) for path in folder_files(mine)}
    link(mine, tmp_path / "linked", {"source": "folder"}, files)
    return tmp_path / "linked", mine


def configure(tree: Path, path: Path | str) -> None:
    model = {"source": "folder", "path": str(path), "license": "mit", "gpus": 0}
    text = yaml.safe_dump({"run": "linked", "models": {"mine": model}})
    (tree / "config/presets/linked.yaml").write_text(text)


def run(tree: Path, path: Path | str, *args: str) -> str:
    configure(tree, path)
    return snakemake(tree, *args, "--cores", "1", FINGERPRINT, preset="linked")


def state(folder: Path) -> dict[str, tuple]:
    """Content and time of every file."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_folder_is_linked_and_nothing_in_it_changes(tree, mine, monkeypatch):
    before = state(mine)
    monkeypatch.setenv("MY_MODELS", str(mine.parent))
    run(tree, "$MY_MODELS/mine", "--forceall")
    assert state(mine) == before
    linked = (tree / FINGERPRINT).parent
    links = {path.name for path in linked.iterdir() if path.is_symlink()}
    assert links == set(before) - {
        "fingerprint.json",
        "training_args.bin",
        "metrics.json",
        "notes.md",
    }
    assert (linked / "model.safetensors").samefile(mine / "model.safetensors")
    assert json.loads((tree / FINGERPRINT).read_text())["source"] == {"source": "folder"}
    load_causal_lm(linked, "float32")


def test_a_home_folder_is_expanded(tree, mine, monkeypatch):
    monkeypatch.setenv("HOME", str(mine.parent))
    run(tree, "~/mine", "--forceall")
    assert (tree / FINGERPRINT).parent.joinpath("config.json").samefile(mine / "config.json")


def test_the_fingerprint_does_not_say_where_a_model_lies(tree, mine, tmp_path):
    run(tree, mine, "--forceall")
    first = (tree / FINGERPRINT).read_bytes()
    moved = Path(shutil.move(mine, tmp_path / "moved"))
    run(tree, moved)
    assert (tree / FINGERPRINT).read_bytes() == first
    for name in BESIDE:
        (moved / name).unlink()
    assert write_fingerprint(moved) == read_fingerprint((tree / FINGERPRINT).parent)


def change_a_weight(folder: Path) -> None:
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def replace_with_an_older_one(folder: Path) -> None:
    """As `mv` and `cp -a` do: another model, and times from before the run."""
    shutil.rmtree(folder)
    tiny.save(folder, seed=9)
    for path in folder.iterdir():
        os.utime(path, (1, 1))


CHANGES = {
    "a weight": change_a_weight,
    "an older model": replace_with_an_older_one,
    "a further file": lambda folder: (folder / "chat_template.jinja").write_text("{{ x }}"),
    "a file less": lambda folder: (folder / "generation_config.json").unlink(),
}


def test_a_changed_folder_is_linked_anew(tree, mine):
    run(tree, mine, "--forceall")
    seen = [json.loads((tree / FINGERPRINT).read_text())["fingerprint"]]
    for what, change in CHANGES.items():
        change(mine)
        run(tree, mine)
        seen.append(json.loads((tree / FINGERPRINT).read_text())["fingerprint"])
        assert len(set(seen)) == len(seen), what


def test_new_times_and_files_that_are_not_the_model_change_nothing(tree, mine):
    run(tree, mine, "--forceall")
    (mine / "optimizer.pt").write_bytes(b"")
    for path in mine.iterdir():
        path.touch()
    assert "Nothing to be done" in run(tree, mine, "--dry-run")
    assert read_fingerprint((tree / FINGERPRINT).parent)


def test_a_job_notices_weights_that_change_under_it(linked):
    folder, theirs = linked
    change_a_weight(theirs)
    with pytest.raises(ArteError, match=r"changed: model\.safetensors"):
        read_fingerprint(folder)


def test_what_is_trained_in_its_place_does_not_go_through_the_links(linked):
    folder, theirs = linked
    before = state(theirs)
    clear_links(folder)
    tiny.save(folder, seed=5)
    assert state(theirs) == before


def test_a_model_in_the_place_of_its_own_links_is_left_alone(tmp_path):
    folder = tiny.save(tmp_path / "t")
    before = state(folder)
    with pytest.raises(ArteError, match="outside"):
        link(folder, folder, {"source": "folder"}, {})
    assert state(folder) == before


def sharded(folder: Path) -> Path:
    model = load_causal_lm(folder, "float32")
    model.save_pretrained(folder, max_shard_size="12KB")
    return folder


def with_only_pickles(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def without_a_shard(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    next(sharded(tiny.save(folder)).glob("model-*")).unlink()
    (folder / "model.safetensors").unlink(missing_ok=True)


def with_two_sets(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    sharded(folder)
    (folder / "model.safetensors").write_bytes(weights)


WRONG = {
    "nothing there": (shutil.rmtree, "No such file"),
    "pickles only": (with_only_pickles, "pytorch_model.bin"),
    "a lost shard": (without_a_shard, "1 missing, first model-"),
    "two sets of weights": (with_two_sets, "one set of weights"),
    "no configuration": (lambda at: (at / "config.json").unlink(), "config.json"),
    "no tokenizer": (lambda at: (at / "tokenizer.json").unlink(), "a tokenizer"),
    "an adapter": (lambda at: (at / "adapter_config.json").write_text("{}"), "an adapter"),
    "a broken index": (
        lambda at: (at / "model.safetensors.index.json").write_text("[]"),
        "weight_map",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), WRONG.values(), ids=WRONG)
def test_a_folder_that_is_no_model_is_refused_when_the_config_is_read(tmp_path, spoil, words):
    folder = tiny.save(tmp_path / "m")
    models = {"mine": {"source": "folder", "path": str(folder)}}
    assert list(files.models({"models": models})) == []
    spoil(folder)
    (error,) = files.models({"models": models})
    assert words in str(error)
    assert f"config key models.mine.path, {folder}" in error.where
