"""A Llama of a few thousand weights in one GGUF file, written by the gguf package itself."""

from pathlib import Path

import gguf
import numpy as np
import torch
from gguf.quants import dequantize, quantize
from tokenizers import pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

HIDDEN, FFN, HEADS, KV_HEADS, LAYERS = 64, 96, 4, 2, 2
MERGES = ["Ġ i", "t h", "Ġi t", "1 7"]
CONTROL = ["<s>", "<end>"]
TOKENS = [
    *CONTROL,
    *sorted(pre_tokenizers.ByteLevel.alphabet()),
    *(merge.replace(" ", "") for merge in MERGES),
]
TEMPLATE = "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}<end>{% endfor %}"
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""Layers of transformers and of GGUF."""
Q8 = gguf.GGMLQuantizationType.Q8_0


def model(seed: int = 0) -> LlamaForCausalLM:
    """A random model whose weights are those that eight bits hold."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(TOKENS),
        hidden_size=HIDDEN,
        intermediate_size=FFN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        max_position_embeddings=512,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
    )
    made = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for weight in made.parameters():
            if weight.dim() == 2:
                weight.copy_(torch.tensor(dequantize(quantize(weight.numpy() * 10, Q8), Q8)))
            else:
                weight.copy_(torch.rand_like(weight) + 0.5)
    return made


def halves(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a head as GGUF has them: the two halves that rotate together take turns."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def tensors(source: LlamaForCausalLM) -> dict[str, np.ndarray]:
    """The weights under the names, and in the order of rows, that GGUF has."""
    found = {
        "token_embd": source.model.embed_tokens.weight,
        "output_norm": source.model.norm.weight,
    }
    for number, layer in enumerate(source.model.layers):
        for theirs, name in NAMES.items():
            found[f"blk.{number}.{name}"] = layer.get_submodule(theirs).weight
    arrays = {}
    for name, weight in found.items():
        heads = HEADS if name.endswith("attn_q") else KV_HEADS if name.endswith("attn_k") else 0
        array = weight.detach().numpy()
        arrays[f"{name}.weight"] = halves(array, heads) if heads else array
    return arrays


def save(
    path: Path, seed: int = 0, *, start: bool = False, architecture="llama", without: str = ""
) -> LlamaForCausalLM:
    """Write the model to `path` in eight bits and return it; `start`: texts begin with <s>."""
    made = model(seed)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(512)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3] * len(CONTROL) + [1] * (len(TOKENS) - len(CONTROL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(start)
    writer.add_chat_template(TEMPLATE)
    for name, weight in tensors(made).items():
        if name == without:
            continue
        if weight.ndim == 2:
            writer.add_tensor(name, quantize(weight, Q8), raw_dtype=Q8)
        else:
            writer.add_tensor(name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return made
