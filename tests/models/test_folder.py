import json
import shutil

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tiny_model import save_tiny_llama

from arte.core.errors import ArteError
from arte.models.folder import (
    load_causal_lm,
    read_fingerprint,
    record_base,
    write_fingerprint,
)
from arte.models.tokenizer import load_tokenizer


@pytest.fixture
def base(tmp_path):
    return save_tiny_llama(tmp_path / "models" / "base")


@pytest.fixture
def adapter(base):
    torch.manual_seed(1)
    lora = LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear", init_lora_weights=False)
    get_peft_model(load_causal_lm(base, "float32"), lora).save_pretrained(base.parent / "adapter")
    record_base(base.parent / "adapter", base)
    write_fingerprint(base.parent / "adapter")
    return base.parent / "adapter"


def test_a_fingerprint_follows_content_and_not_place(base, tmp_path):
    moved = shutil.copytree(base, tmp_path / "elsewhere")
    assert write_fingerprint(moved) == read_fingerprint(base)
    (moved / "generation_config.json").write_text("{}")
    assert write_fingerprint(moved) != read_fingerprint(base)


def test_metrics_are_not_part_of_a_fingerprint(base):
    before = read_fingerprint(base)
    (base / "metrics.json").write_text("{}")
    assert write_fingerprint(base) == before


@pytest.mark.parametrize("change", ["grown", "missing", "new"])
def test_a_changed_folder_is_refused(base, change):
    weights = base / "model.safetensors"
    if change == "grown":
        weights.write_bytes(weights.read_bytes() + b"x")
    elif change == "missing":
        (base / "tokenizer.json").unlink()
    else:
        (base / "extra.json").write_text("{}")
    with pytest.raises(ArteError, match="missing, new or changed"):
        read_fingerprint(base)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "training_args.bin", "model.pt"])
def test_pickled_files_are_refused(base, name):
    (base / name).write_bytes(b"")
    with pytest.raises(ArteError, match=name):
        load_causal_lm(base, "float32")


def test_a_folder_without_safetensors_is_refused(tmp_path):
    with pytest.raises(ArteError, match=r"\*\.safetensors"):
        write_fingerprint(tmp_path)


def test_an_adapter_is_merged_into_its_base(base, adapter):
    ids = torch.tensor([load_tokenizer(adapter)("Is it so?")["input_ids"]])
    whole, merged = load_causal_lm(base, "float32"), load_causal_lm(adapter, "float32")
    assert type(merged) is type(whole)
    with torch.no_grad():
        assert not torch.allclose(whole(ids).logits, merged(ids).logits)


def test_an_adapter_and_its_base_move_together(adapter, tmp_path):
    before = read_fingerprint(adapter)
    shutil.move(adapter.parent, tmp_path / "moved")
    assert read_fingerprint(tmp_path / "moved" / "adapter") == before
    assert str(tmp_path) not in (tmp_path / "moved" / "adapter" / "adapter_config.json").read_text()


def test_another_base_is_noticed(base, adapter):
    record = json.loads((base / "fingerprint.json").read_text())
    (base / "fingerprint.json").write_text(json.dumps({**record, "fingerprint": "0" * 64}))
    with pytest.raises(ArteError, match="base model"):
        read_fingerprint(adapter)
