"""Models of source gguf: the folder made of one has the file's weights, tokens and template."""

import json
import shutil
from pathlib import Path

import gguf
import pytest
import tiny_gguf
import torch
import yaml
from checkout import copy_checkout, snakemake

from arte.config import files
from arte.core.errors import ArteError
from arte.models.contents import model_files
from arte.models.dequantize_model import share, write
from arte.models.folder import load_causal_lm, read_fingerprint
from arte.models.gguf_header import header
from arte.models.tokenizer import load_tokenizer
from arte.plan.shapes import gguf_shape

FINGERPRINT = "results/quantized/models/mine/fingerprint.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The model that was written to a file, the file, and the folder made of it."""
    at = tmp_path_factory.mktemp("gguf")
    model = tiny_gguf.save(at / "mine.gguf")
    write(at / "mine.gguf", at / "folder")
    return model, at / "mine.gguf", at / "folder"


def test_logits_are_those_of_the_dequantized_weights(made):
    model, _, folder = made
    ids = torch.arange(2, 40).reshape(2, -1)
    with torch.inference_mode():
        assert torch.equal(load_causal_lm(folder, "float32")(ids).logits, model(ids).logits)


def test_the_folder_is_a_whole_model(made):
    folder = made[2]
    model_files([path.name for path in folder.iterdir()], folder)
    assert read_fingerprint(folder)
    settings = json.loads((folder / "generation_config.json").read_text())
    assert (settings["bos_token_id"], settings["eos_token_id"]) == (0, 1)


def test_the_tokenizer_is_that_of_the_file(made):
    tokenizer = load_tokenizer(made[2])
    wanted = ["Ġit", "Ġi", "s", "Ġ", "17", "."]
    assert tokenizer(" it is 17.")["input_ids"] == [tiny_gguf.TOKENS.index(t) for t in wanted]
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("<s>", "<end>")
    rendered = tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False)
    assert rendered == "<s>user: hi<end>"
    assert tokenizer("<end>")["input_ids"] == [1]


def test_texts_begin_with_the_start_token_where_the_file_says_so(tmp_path):
    tiny_gguf.save(tmp_path / "mine.gguf", start=True)
    write(tmp_path / "mine.gguf", tmp_path / "folder")
    ids = load_tokenizer(tmp_path / "folder")("17")["input_ids"]
    assert ids == [0, tiny_gguf.TOKENS.index("17")]


def test_the_fingerprint_is_of_content_alone(made, tmp_path):
    moved = tmp_path / "elsewhere" / "other name.gguf"
    moved.parent.mkdir()
    shutil.copyfile(made[1], moved)
    assert write(moved, tmp_path / "again") == read_fingerprint(made[2])
    tiny_gguf.save(tmp_path / "another.gguf", seed=1)
    assert write(tmp_path / "another.gguf", tmp_path / "another") != read_fingerprint(made[2])


def test_a_plan_reads_the_shape_from_the_header(made):
    model, file, _ = made
    shape = gguf_shape(str(file))
    assert shape.parameters == model.num_parameters()
    assert (shape.layers, shape.heads, shape.kv_heads, shape.head_dim) == (2, 4, 2, 16)


def test_weights_that_the_file_lacks_are_not_made_up(tmp_path):
    tiny_gguf.save(tmp_path / "mine.gguf", without="blk.1.ffn_up.weight")
    with pytest.raises(ArteError, match=r"1 missing .*layers\.1\.mlp\.up_proj"):
        write(tmp_path / "mine.gguf", tmp_path / "folder")
    assert not (tmp_path / "folder/fingerprint.json").exists()


def test_an_architecture_that_transformers_does_not_know_is_refused(tmp_path):
    tiny_gguf.save(tmp_path / "mine.gguf", architecture="plamo")
    with pytest.raises(ArteError, match=r"(?s)architecture .* found: plamo"):
        write(tmp_path / "mine.gguf", tmp_path / "folder")


def test_without_the_package_the_error_names_it(made, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ArteError, match="the package gguf"):
        write(made[1], tmp_path / "folder")


WRONG = {
    "nothing there": (lambda path: path.unlink(), "No such file"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "directory"),
    "another format": (lambda path: path.write_bytes(b"PK\3\4" * 9), r"begins with b'PK"),
    "an empty file": (lambda path: path.write_bytes(b""), "begins with b''"),
    "a download that broke off": (
        lambda path: path.write_bytes(path.read_bytes()[:3000]),
        "breaks off",
    ),
    "an old version": (lambda path: path.write_bytes(b"GGUF\1\0\0\0" + bytes(16)), "version 1"),
    "no architecture": (lambda path: path.write_bytes(b"GGUF\3\0\0\0" + bytes(16)), "general.arch"),
}


@pytest.mark.parametrize(("spoil", "found"), WRONG.values(), ids=WRONG)
def test_what_is_no_model_is_refused_at_parse_time(made, tmp_path, spoil, found):
    path = Path(shutil.copyfile(made[1], tmp_path / "mine.gguf"))
    spoil(path)
    model = {"source": "gguf", "path": str(path), "license": "mit", "gpus": 0}
    [error] = files.models({"models": {"mine": model}})
    assert "models.mine.path" in error.where
    with pytest.raises(ArteError, match=found):
        header(path)


def test_the_header_is_what_the_package_reads(made):
    reader = gguf.GGUFReader(made[1])
    found = header(made[1])
    assert found.pop("tensors") == [tensor.name for tensor in reader.tensors]
    for name, field in reader.fields.items():
        if field.types[:1] == [gguf.GGUFValueType.ARRAY]:
            assert found.pop(name + ".length") == len(field.data), name
        elif not name.startswith("GGUF."):
            assert found.pop(name) == pytest.approx(field.contents()), name
    assert found == {}


def test_links_to_a_copy_are_the_same_model_wherever_both_lie(made, tmp_path):
    folder = tmp_path / "run/models/mine"
    shutil.copytree(made[2], folder)
    linked = folder.with_name("again")
    assert share(folder, linked) == read_fingerprint(made[2])
    shutil.move(tmp_path / "run", tmp_path / "moved")
    linked = tmp_path / "moved/models/again"
    assert read_fingerprint(linked) == read_fingerprint(made[2])
    assert all(file.is_symlink() for file in linked.iterdir() if file.name != "fingerprint.json")
    write(made[1], linked)  # as the first copy, when the other model has no role any more
    assert not any(file.is_symlink() for file in linked.iterdir())


def test_a_run_makes_one_copy_of_a_file_and_anew_when_the_file_changes(tmp_path):
    tree, file, other = copy_checkout(tmp_path / "arte"), tmp_path / "mine.gguf", tmp_path / "b"
    tiny_gguf.save(file)
    tiny_gguf.save(other, seed=2)
    paths = {"mine": file, "mine_too": shutil.copyfile(file, tmp_path / "copy"), "other": other}
    models = {
        name: {"source": "gguf", "path": str(path), "license": "mit", "gpus": 0}
        for name, path in paths.items()
    }
    config = {"run": "quantized", "models": models}
    (tree / "config/presets/quantized.yaml").write_text(yaml.safe_dump(config))
    files = {name: Path(tree, FINGERPRINT.replace("mine", name)) for name in models}
    run = ("--cores", "1", *(FINGERPRINT.replace("mine", name) for name in models))
    snakemake(tree, *run, preset="quantized")
    first = {name: path.read_text() for name, path in files.items()}
    assert first["mine"] == first["mine_too"] != first["other"]
    weights = {path.with_name("model.safetensors").resolve() for path in files.values()}
    assert {path.parent.name for path in weights} == {"mine", "other"}
    file.touch()
    assert "Nothing to be done" in snakemake(tree, *run, "--dry-run", preset="quantized")
    tiny_gguf.save(file, seed=1)
    snakemake(tree, *run, preset="quantized")
    assert files["mine"].read_text() != first["mine"]
    assert files["mine_too"].read_text() == first["mine_too"]
    assert not files["mine_too"].with_name("model.safetensors").is_symlink()
