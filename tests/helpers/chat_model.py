"""Small chat templates, each with traits of a family, on a byte tokenizer with marks for turns."""

from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from arte.models.folder import write_fingerprint

DEFAULT_SYSTEM = """{% if messages[0].role != 'system' %}
{{- '<turn>system\\nBe kind.<end>\\n' }}{% endif %}
{%- for m in messages %}{{ '<turn>' + m.role + '\\n' + m.content + '<end>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<turn>assistant\\n' }}{% endif %}"""
"""A system text of its own where there is none; a line after the end of a turn."""
NO_SYSTEM = """{{ bos_token }}{% for m in messages %}
{%- if m.role == 'system' %}{{ raise_exception('no system turn') }}{% endif %}
{{- '<turn>' + ('model' if m.role == 'assistant' else m.role) + '\\n' }}
{{- m.content | trim + '<end>' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<turn>model\\n' }}{% endif %}"""
"""A start token in the template, which the tokenizer puts before plain text, too; no system."""
SILENT = """{% for m in messages %}{% if m.role != 'system' %}
{{- '<turn>' + m.role + ': ' + m.content + '<end>' }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}{{ '<turn>assistant: ' }}{% endif %}"""
"""A system turn is left out without a word."""
THINKING = """{% for m in messages %}{{ '<turn>' + m.role + '\\n' }}
{%- if m.role == 'assistant' and loop.last %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}
{{- m.content + '<end>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<turn>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}{% endif %}"""
"""A switch for reasoning, and a block of no reasoning before the last answer."""
TEMPLATES = {
    "default_system": DEFAULT_SYSTEM,
    "no_system": NO_SYSTEM,
    "silent": SILENT,
    "thinking": THINKING,
}
HAVE_SYSTEM = ("default_system", "thinking")


def chat_tokenizer(template: str | None) -> PreTrainedTokenizerFast:
    """Byte tokens, <s> before every plain text, and marks of turns; </s> is the end of a text."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "</s>", "<turn>", "<end>"])
    tokenizer.add_tokens([AddedToken("<think>"), AddedToken("</think>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 0)]
    )
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
    fast.chat_template = template
    return fast


def save_chat_model(folder: Path, template: str | None) -> Path:
    """Write a random Llama with this template, and its fingerprint; return the folder."""
    tokenizer = chat_tokenizer(template)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    write_fingerprint(folder)
    return folder
