"""A random Llama that says different things, stops and ends, and prompts like the pipeline's."""

import random
import warnings
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from arte.core.prompts import Prompts
from arte.engine.backends import load_engine
from arte.models.folder import write_fingerprint

RESOURCES = Path(__file__).parents[2] / "resources" / "prompts"
SUBTASKS = ("boolean_expressions", "hyperbaton", "sports_understanding", "web_of_lies")
WORDS = [
    *("not", "and", "or", "True", "False", "is", "the", "answer", "so", "(", ")", "plausible"),
    *("lies", "truth", "Ann", "Bob", "Čeněk", "東京", "naïve", "old", "red", "🙂", "car", "which"),
    *("sentence", "order", "adjective", "yes", "no", "(A)", "(B)", "12", "7"),
]


def phrase(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most)))


def mixed_prompts(n: int) -> list[str]:
    """Student prompts with 0, 1 and 3 examples, in families that share them; some bare and odd."""
    rng, student = random.Random(0), Prompts(RESOURCES).student
    prompts = ["so", "  ", "\n", "🙂🙂", "é" * 30]
    while len(prompts) < n:
        subtask, shots = rng.choice(SUBTASKS), rng.choice((0, 1, 1, 1, 3))
        examples = [
            (phrase(rng, 5, 30), phrase(rng, 5, 40) + " <ans>no</ans>.") for _ in range(shots)
        ]
        prompts += [student(subtask, examples, phrase(rng, 1, 30)) for _ in range(12)]
    rng.shuffle(prompts)
    return prompts[:n]


def save_random_llama(folder: Path, prompts: list[str]) -> Path:
    """Write model, tokenizer and fingerprint.

    Large weights keep it from repeating one token; </s> and </ans> get longer rows of the output
    layer, which makes them likely without making them certain.
    """
    tokenizer = _tokenizer(prompts)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=2,  # heads of 32: vLLM's CPU attention has no smaller ones
        max_position_embeddings=4096,
        initializer_range=0.3,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight[tokenizer.eos_token_id] *= 1.7
        model.lm_head.weight[tokenizer.convert_tokens_to_ids("</ans>")] *= 1.3
    model.save_pretrained(folder)
    write_fingerprint(folder)
    return folder


def _tokenizer(prompts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=766,
        special_tokens=["</s>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(prompts[:100], trainer)
    tokenizer.add_tokens([AddedToken("</ans>", normalized=False)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="</s>")


COMMON = {"dtype": "float32", "max_model_len": 1024}
TRANSFORMERS = {**COMMON, "backend": "transformers", "batch_tokens": 16384}
VLLM = {
    **COMMON,
    "backend": "vllm",
    "gpus": 0,
    "vllm": {
        "max_num_seqs": 64,
        "max_num_batched_tokens": 2048,
        "block_size": 32,
        "gpu_memory_utilization": 0.9,
        "kv_cache_memory_bytes": 64 * 2**20,
        "enforce_eager": True,
    },
}


def load_vllm(model_dir):
    """vLLM's imports warn of much that is not ours to fix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_engine(model_dir, VLLM)
