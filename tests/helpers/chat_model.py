"""Small chat templates, each with traits of a family, on a byte tokenizer with marks for turns."""

from pathlib import Path

from tiny_model import byte_tokenizer, save_llama
from tokenizers import AddedToken, processors
from transformers import PreTrainedTokenizerFast

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
    tokenizer = byte_tokenizer(first=["<s>", "</s>"])
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
    return save_llama(folder, chat_tokenizer(template))
