"""LoRA adapters lose nothing when they are run, joined or added to weights of few digits."""

import shutil

import pytest
import tiny
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from arte.core.errors import ArteError
from arte.core.io import read_json
from arte.models import adapter
from arte.models.folder import (
    base_of,
    load_causal_lm,
    load_merged,
    record_base,
    write_fingerprint,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:Model has .tie_word_embeddings"),
    pytest.mark.filterwarnings("ignore:Input and output embeddings are no longer tied"),
]
IDS = torch.arange(3, 40)[None]


def write(folder, base, *, seed=1, size=0.2, onto=None, **settings):
    """An adapter of `base` whose B is random, of `size`, trained on the model in `onto`."""
    torch.manual_seed(seed)
    settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"} | settings
    model = get_peft_model(load_merged(onto or base), LoraConfig(task_type="CAUSAL_LM", **settings))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter, std=size)
    model.save_pretrained(folder)
    record_base(folder, onto or base)
    write_fingerprint(folder)
    return folder, model.eval()


@pytest.fixture
def base(tmp_path):
    return tiny.save(tmp_path / "base")


@torch.no_grad()
def logits(model):
    return model(input_ids=IDS).logits.float()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_rslora": True},
        {"target_modules": ".*(q_proj|v_proj)"},
        {"target_modules": ["down_proj"]},
        {"use_dora": True},
        {"rank_pattern": {"q_proj": 2}},
        {"modules_to_save": ["lm_head"]},
    ],
    ids=str,
)
def test_a_fused_model_is_the_trained_one(tmp_path, base, settings):
    folder, trained = write(tmp_path / "lora", base, **settings)
    served = adapter.fuse(load_causal_lm(folder, "float32"))
    assert torch.allclose(logits(served), logits(trained), atol=1e-5)
    assert not torch.allclose(logits(served), logits(load_causal_lm(base, "float32")), atol=1e-3)


def test_transposed_layers_are_fused_too(tmp_path, base):
    shape = {"n_embd": 16, "n_layer": 1, "n_head": 2, "vocab_size": 320, "n_positions": 64}
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(**shape, bos_token_id=1, eos_token_id=1)).save_pretrained(base)
    write_fingerprint(base)
    folder, trained = write(tmp_path / "lora", base, fan_in_fan_out=True)
    served = adapter.fuse(load_causal_lm(folder, "float32"))
    assert any(isinstance(layer, adapter.OneProduct) for layer in served.modules())
    assert torch.allclose(logits(served), logits(trained), atol=1e-5)
    added = adapter.load_served(folder, "float32", "vllm")
    assert torch.allclose(logits(added), logits(trained), atol=1e-5)


def linear(size, seed=0):
    """A bfloat16 layer, factors of an update below its rounding, and inputs."""
    generator = torch.Generator().manual_seed(seed)
    weight, a, x = (
        torch.randn(*shape, generator=generator).bfloat16().float()
        for shape in ((96, 64), (4, 64), (4000, 64))
    )
    layer = nn.Linear(64, 96, bias=False)
    layer.weight.data = weight
    return layer.bfloat16(), a, torch.full((96, 4), size).bfloat16().float(), x


def kept(outputs, plain, update):
    """Share of an update that is left in outputs, along its own direction."""
    return float(((outputs - plain).double() * update).sum() / (update * update).sum())


@torch.no_grad()
def test_one_product_keeps_what_adding_to_a_rounded_output_loses():
    layer, a, b, x = linear(size=2e-4)
    update = (x @ a.T @ b.T).double()
    plain = layer(x.bfloat16()).float()
    one = adapter.OneProduct(layer, a, b, flip=False)
    assert kept(one(x.bfloat16()).float(), plain, update) == pytest.approx(1, abs=0.02)
    added = (plain + (x @ a.T @ b.T)).bfloat16().float()
    assert kept(added, plain, update) < 0.5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_rounding_at_random_keeps_an_update_that_rounding_to_nearest_loses(dtype):
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(400, 500, generator=generator).to(dtype).float()
    update = torch.full_like(weight, 1e-2 * torch.finfo(dtype).eps).double()
    found = adapter.narrow(weight + update.float(), dtype, "w")
    assert found.dtype == dtype
    assert kept(found.float(), weight, update) == pytest.approx(1, abs=0.1)
    assert kept((weight + update.float()).to(dtype).float(), weight, update) < 0.1
    assert torch.equal(found, adapter.narrow(weight + update.float(), dtype, "w"))
    assert torch.equal(adapter.narrow(weight, dtype, "w").float(), weight)
    exact = weight + update.float()
    step = torch.finfo(dtype).eps * exact.abs() + torch.finfo(dtype).smallest_normal
    assert ((found.float() - exact).abs() <= step).all()


@pytest.mark.parametrize("seconds", [{}, {"target_modules": ["q_proj"], "r": 2}], ids=str)
def test_an_adapter_on_top_of_another_becomes_one_of_both(tmp_path, base, seconds):
    first, _ = write(tmp_path / "first", base, use_rslora=True)
    second, trained = write(tmp_path / "second", base, onto=first, seed=2, **seconds)
    assert base_of(second).resolve() == base.resolve()
    assert read_json(second / adapter.CONFIG)["r"] == 4 + seconds.get("r", 4)
    for backend in ("transformers", "vllm", "openai"):
        served = adapter.load_served(second, "float32", backend)
        assert torch.allclose(logits(served), logits(trained), atol=1e-5)
    shutil.rmtree(first)
    third, trained = write(tmp_path / "third", base, onto=second, seed=3)
    assert torch.allclose(logits(load_causal_lm(third, "float32")), logits(trained), atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"use_dora": True},
        {"bias": "lora_only"},
        {"modules_to_save": ["lm_head"]},
        {"init_lora_weights": "pissa"},
        {"rank_pattern": {"q_proj": 2}},
    ],
    ids=str,
)
def test_what_is_no_plain_lora_is_refused_by_name(tmp_path, base, settings):
    folder, _ = write(tmp_path / "first", base, **settings)
    [name] = settings
    for refused in (
        lambda: adapter.Update(folder),
        lambda: write(tmp_path / "second", base, onto=folder),
    ):
        with pytest.raises(ArteError, match=rf"(?s){name}.*transformers"):
            refused()


def test_an_update_finds_its_weights_by_their_names(tmp_path, base):
    folder, _ = write(tmp_path / "lora", base)
    update = adapter.Update(folder)
    weights = load_file(base / "model.safetensors")
    assert update.names < weights.keys()
    merged = PeftModel.from_pretrained(load_causal_lm(base, "float32"), folder).merge_and_unload()
    for name, weight in weights.items():
        expected = merged.state_dict()[name]
        assert torch.allclose(update.added_to(name, weight, torch.float32), expected, atol=1e-6)
    untouched = torch.ones(2)
    assert update.added_to("lm_head.bias", untouched, torch.bfloat16) is untouched
    assert torch.equal(
        update.added_to(name, weight, torch.bfloat16),
        adapter.load_served(folder, "bfloat16", "vllm").state_dict()[name],
    )


def test_an_update_of_weights_that_the_base_lacks_is_refused(tmp_path, base):
    folder, _ = write(tmp_path / "lora", base)
    other = tiny.save(tmp_path / "other", layers=2)
    adapter.Update(folder).check_names(other)
    two, _ = write(tmp_path / "two", other)
    with pytest.raises(ArteError, match=r"model\.layers\.1\."):
        adapter.Update(two).check_names(base)
