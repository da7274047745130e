"""Tiny random models of many families: the slot cache computes their logits, or refuses them."""

import pytest
import tiny
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from arte.core.errors import ArteError
from arte.engine.backends import load_engine
from arte.engine.transformers import engine, self_test

CFG = {"backend": "transformers", "dtype": "float32", "max_model_len": 128, "batch_tokens": 1024}
SHAPE = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 48,
    "ffn_dim": 48,
    "word_embed_proj_dim": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
    "num_experts": 4,
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = {"num_key_value_heads": 2, "head_dim": 8}
LATENT = {
    "num_key_value_heads": 4,
    "head_dim": 8,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 4,
    "v_head_dim": 12,
    "n_routed_experts": 4,
    "n_group": 1,
    "topk_group": 1,
}
SAME = (
    *("llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen3_moe", "gemma", "gemma2"),
    *(
        "gemma3_text",
        "phi",
        "phi3",
        "olmo2",
        "olmoe",
        "afmoe",
        "granite",
        "smollm3",
        "cohere2",
        "glm4",
    ),
    *("gpt2", "gpt_neox", "opt", "starcoder2", "helium", "ernie4_5", "exaone4"),
)
REFUSED = {
    "diffllama": "logits that differ",
    "gpt_oss": "s_aux",
    "granitemoe_swa": "s_aux",
    "recurrent_gemma": "logits that differ",
    "bert": "logits that differ",
    "jetmoe": "logits that differ",
    "deepseek_v2": "Error",
    "deepseek_v3": "Error",
    "minicpm3": "Error",
    "bloom": "layers",
    "mamba": "layers",
    "falcon_h1": "layers",
    "qwen3_next": "layers",
}


def build(family, **settings):
    torch.manual_seed(0)
    shape = SHAPE | (LATENT if family in ("deepseek_v2", "deepseek_v3", "minicpm3") else GROUPED)
    config = AutoConfig.for_model(family, **shape | settings)
    return AutoModelForCausalLM.from_config(config).eval()


def install(model):
    engine._check_attention(model, where="here", max_model_len=128)
    self_test.install(model, where="here")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", SAME)
def test_families_that_the_cache_runs_as_the_library_does(family):
    install(build(family))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", REFUSED)
def test_families_that_it_would_run_wrongly_are_refused_in_words(family):
    with pytest.raises(ArteError, match=rf"(?s)(ForCausalLM|LMHeadModel): .*{REFUSED[family]}"):
        install(build(family))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_weights_of_few_digits_are_tested_in_exact_arithmetic(dtype):
    install(build("llama").to(getattr(torch, dtype)))
    with pytest.raises(ArteError, match="logits that differ"):
        install(build("diffllama").to(getattr(torch, dtype)))


def test_a_context_beyond_the_models_own_is_refused_with_both_numbers(tmp_path):
    folder = tiny.save(tmp_path / "model")
    own = AutoConfig.from_pretrained(folder).max_position_embeddings
    assert load_engine(folder, CFG | {"max_model_len": own})
    with pytest.raises(ArteError, match=rf"(?s)at most {own}.*{own + 1}"):
        load_engine(folder, CFG | {"max_model_len": own + 1})
