"""Tokenizers that would encode prompts wrongly are refused in words."""

import json
import os

import pytest
import tiny
import torch
from peft import LoraConfig, get_peft_model

from arte.core.errors import ArteError
from arte.models.folder import load_causal_lm, record_base, write_fingerprint
from arte.models.tokenizer import copy_tokenizer, load_tokenizer


@pytest.fixture
def folder(tmp_path):
    return tiny.save(tmp_path / "model")


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def template(*parts):
    """A post-processor that frames a text with special tokens."""
    ids = {"<s>": 0, "</s>": 1, "<bos>": 0, "<|begin_of_text|>": 0}
    single = [
        {"Sequence": {"id": "A", "type_id": 0}}
        if part == "A"
        else {"SpecialToken": {"id": part, "type_id": 0}}
        for part in parts
    ]
    tokens = {p: {"id": p, "ids": [ids[p]], "tokens": [p]} for p in parts if p != "A"}
    pair = [*single, {"Sequence": {"id": "B", "type_id": 1}}]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": pair,
        "special_tokens": tokens,
    }


def test_a_tokenizer_that_ends_texts_by_itself_is_refused(folder):
    edit(folder / "tokenizer.json", lambda t: t.update(post_processor=template("A", "</s>")))
    with pytest.raises(ArteError, match=r"(?s)'</s>' at the end of every text.*post_processor"):
        load_tokenizer(folder)


def test_a_tokenizer_without_end_token_is_refused(folder):
    edit(folder / "tokenizer_config.json", lambda config: config.pop("eos_token"))
    with pytest.raises(ArteError, match=r"(?s)no eos_token.*tokenizer_config\.json"):
        load_tokenizer(folder)


@pytest.mark.parametrize("start", ["<bos>", "<|begin_of_text|>"])
def test_a_start_token_that_the_model_needs_must_be_added(folder, start):
    def rename(tokenizer):
        tokenizer["post_processor"] = None
        text = json.dumps(tokenizer).replace('"<s>"', json.dumps(start))
        tokenizer.update(json.loads(text))

    edit(folder / "tokenizer.json", rename)
    edit(folder / "tokenizer_config.json", lambda config: config.update(bos_token=start))
    with pytest.raises(ArteError, match=r"(?s)without '<.*add_bos_token"):
        load_tokenizer(folder)
    edit(folder / "tokenizer.json", lambda t: t.update(post_processor=template(start, "A")))
    assert load_tokenizer(folder)("is")["input_ids"][0] == 0


def test_another_start_token_that_is_not_added_is_said(folder, capsys):
    assert load_tokenizer(folder)
    assert capsys.readouterr().err == ""
    edit(folder / "tokenizer.json", lambda tokenizer: tokenizer.update(post_processor=None))
    assert load_tokenizer(folder)("is")["input_ids"][0] != 0
    assert "start token '<s>'" in capsys.readouterr().err


def test_tokens_without_a_row_of_the_embedding_are_refused(folder):
    tokenizer = load_tokenizer(folder)
    n = len(tokenizer)
    tokenizer.add_tokens(["<new>"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(ArteError, match=f"ids up to {n}, and an embedding of {n} rows"):
        load_tokenizer(folder)


def test_a_tokenizer_that_other_packages_must_read_is_refused_with_the_conversion(folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()
    (folder / "tokenizer.model").write_bytes(b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02")
    with pytest.raises(ArteError, match=r"(?s)tokenizer\.json.*sentencepiece"):
        load_tokenizer(folder)


def test_files_are_copied_byte_by_byte_also_from_below_an_adapter(folder, tmp_path):
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    adapter, student = tmp_path / "adapter", tmp_path / "student"
    lora = LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear")
    get_peft_model(load_causal_lm(folder, "float32"), lora).save_pretrained(adapter)
    record_base(adapter, folder)
    for source, names in (
        (folder, ["chat_template.jinja", "tokenizer.json", "tokenizer_config.json"]),
        (adapter, ["chat_template.jinja", "tokenizer.json", "tokenizer_config.json"]),
    ):
        target = student / source.name
        target.mkdir(parents=True)
        copy_tokenizer(source, target)
        assert sorted(os.listdir(target)) == names
        assert all((target / n).read_bytes() == (folder / n).read_bytes() for n in names)


def test_sampling_defaults_that_contradict_each_other_can_be_saved(folder, tmp_path):
    path = folder / "generation_config.json"
    edit(path, lambda config: config.update(do_sample=False, temperature=0.9, top_p=0.5))
    write_fingerprint(folder)
    model = load_causal_lm(folder, "float32")
    model.save_pretrained(tmp_path / "student")
    saved = json.loads((tmp_path / "student" / "generation_config.json").read_text())
    assert saved["eos_token_id"] == 1
    assert "temperature" not in saved
    assert torch.isfinite(model(input_ids=torch.tensor([[3, 4]])).logits).all()
