"""arte.plan.cost: time, memory and disk against numbers worked out by hand."""

from dataclasses import replace

import pytest
import yaml
from configs import DEFAULT, ROOT, merged

from arte.core.errors import ArteError
from arte.plan.cost import (
    Shape,
    device_seconds,
    disk_gb,
    peak_gb,
    shape_of,
    train_flops,
    training_bytes,
)
from arte.plan.work import Work

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))
SMALL = Shape(layers=2, hidden=8, ffn=16, heads=2, kv_heads=1, head_dim=4, vocab=100, tied=True)
PUBLISHED = {
    "meta-llama/Meta-Llama-3-70B-Instruct": 70.55e9,
    "google/gemma-2b": 2.506e9,
    "google/gemma-7b": 8.538e9,
    "Qwen/Qwen1.5-1.8B": 1.837e9,
    "Qwen/Qwen2.5-7B-Instruct": 7.616e9,
    "Qwen/Qwen2.5-1.5B": 1.544e9,
    "Qwen/Qwen2.5-0.5B": 0.494e9,
    "HuggingFaceTB/SmolLM2-1.7B": 1.711e9,
    "allenai/OLMo-2-0425-1B": 1.485e9,
}


def test_parameters_are_counted():
    """Layer: q 64, k 32, v 32, o 64, three maps of 128, two norms of 8; 800 embeddings; a norm."""
    assert SMALL.parameters == 2 * (64 + 32 + 32 + 64 + 3 * 128 + 16) + 800 + 8
    assert replace(SMALL, tied=False).parameters == SMALL.parameters + 800


@pytest.mark.parametrize(("model", "parameters"), PUBLISHED.items())
def test_a_shape_has_the_published_number_of_parameters(model, parameters):
    assert Shape(**ASSUMED["models"][model]).parameters == pytest.approx(parameters, rel=1e-3)


def test_the_nano_shape_is_that_of_the_trained_model():
    from transformers import LlamaConfig, LlamaForCausalLM

    nano = DEFAULT["nano"]
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=nano["vocab_size"],
            hidden_size=nano["hidden_size"],
            intermediate_size=3 * nano["hidden_size"],
            num_hidden_layers=nano["num_hidden_layers"],
            num_attention_heads=nano["num_attention_heads"],
            tie_word_embeddings=True,
        )
    )
    assert shape_of(DEFAULT, "nano_teacher", {}).parameters == model.num_parameters()


def test_an_unseen_nano_student_has_a_shape_of_its_own():
    """GPT-NeoX has no gate, but biases, which are not counted."""
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    own = {
        "architecture": "gpt_neox",
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "tokens": 1,
    }
    changes = {"models": {"other": {"source": "nano"}}, "nano": {"unseen": {"other": own}}}
    model = GPTNeoXForCausalLM(
        GPTNeoXConfig(
            vocab_size=DEFAULT["nano"]["vocab_size"],
            hidden_size=64,
            intermediate_size=192,
            num_hidden_layers=2,
            num_attention_heads=4,
            tie_word_embeddings=True,
        )
    )
    counted = shape_of(merged(DEFAULT, changes), "other", {}).parameters
    assert counted == pytest.approx(model.num_parameters(), rel=0.02)


def test_processes_that_train_together_share_the_batch():
    shape = shape_of(DEFAULT, "nano_student", {})
    one = Work("train_nano_student", "nano_student", 1, "train")
    whole = training_bytes(one, shape, DEFAULT, 0)
    half = training_bytes(replace(one, processes=2), shape, DEFAULT, 0)
    assert half["activations"] == whole["activations"] / 2
    assert half["optimiser"] == whole["optimiser"]


def test_keys_and_values_of_gemma_2b_take_18_kib_per_token():
    assert Shape(**ASSUMED["models"]["google/gemma-2b"]).kv_bytes(2) == 18 * 1024


def test_adapters_have_two_thin_matrices_per_map():
    """q 16, k 12, v 12, o 16, three maps of 24: times r."""
    assert SMALL.lora_parameters(3) == 2 * 3 * (16 + 12 + 12 + 16 + 3 * 24)


def test_reading_tokens_on_a_gpu_takes_two_operations_per_parameter():
    """242 M tokens of Gemma-2B at half of an A100's peak: 2.2 hours, by hand 7,776 s."""
    work = Work("score_rationales", "gemma_2b", 1, requests=920_000, prompt=242e6, read=242e6)
    start = 60 + 2 * 2.506
    seconds = device_seconds(work, PAPER, ASSUMED) - start
    assert seconds == pytest.approx(242e6 * 2 * 2.506e9 / 156e12, rel=1e-3)
    assert seconds / 3600 == pytest.approx(2.16, abs=0.01)


def test_writing_tokens_on_a_gpu_moves_weights_and_cache_in_every_step():
    """256 rows of 300 tokens of Gemma-2B: 5.01 GB weights, 1.42 GB cache at 1,223 GB/s."""
    work = Work("x", "gemma_2b", 1, requests=25_600, prompt=25_600 * 250, written=25_600 * 100)
    seconds = device_seconds(work, PAPER, ASSUMED) - (60 + 2 * 2.506)
    step = (2 * 2.506e9 + 256 * 300 * 18 * 1024) / (2039e9 * 0.6)
    compute = 2 * 2.506e9 * 256 / 156e12
    assert compute > step  # this many rows make a small model compute-bound
    assert seconds == pytest.approx(25_600 * 100 / 256 * compute, rel=1e-3)
    few = replace(work, requests=10, prompt=2500, written=1000)
    step = (2 * 2.506e9 + 10 * 300 * 18 * 1024) / (2039e9 * 0.6)
    seconds = device_seconds(few, PAPER, ASSUMED) - (60 + 2 * 2.506)
    assert seconds == pytest.approx(100 * step, rel=1e-2)


def test_gpus_asked_for_are_paid_for():
    work = Work("draft_rationales", "llama3_70b_instruct", 1, requests=8, prompt=8e6, read=8e6)
    start = 60 + 2 * 70.554
    reading = 8e6 * 2 * 70.554e9 / (8 * 156e12)
    assert device_seconds(work, PAPER, ASSUMED) == pytest.approx(8 * (start + reading), rel=1e-3)


def test_core_seconds_follow_the_measured_rates():
    """Rates of 10,000 and 3,050 tokens a second, of a model as large as the default's; 4.4 s."""
    size = shape_of(DEFAULT, "nano_student", {}).parameters
    rates = {"parameters": size, "read": 10_000, "write": 3050, "train": 10_000}
    assumed = {"devices": {"cpu": rates}, "cpu": {"start_s": 4.4}, "models": {}}
    work = Work("x", "nano_student", 2, requests=1, read=20_000, prompt=20_000, written=3050)
    assert device_seconds(work, DEFAULT, assumed) == pytest.approx(2 + 1 + 2 * 4.4)
    smaller = assumed | {"devices": {"cpu": rates | {"parameters": 2 * size}}}
    assert device_seconds(work, DEFAULT, smaller) == pytest.approx(1 + 0.5 + 2 * 4.4)
    training = Work("train_nano_student", "nano_student", 1, "train", prompt=5e4, processes=2)
    assert device_seconds(training, DEFAULT, assumed) == pytest.approx(5 + 2 * 4.4)


def test_passes_of_a_training():
    sft = Work("finetune_student", "s", 1, "train")
    dpo = Work("align_teacher", "t", 1, "train")
    assert train_flops(sft, {}) == 6
    assert train_flops(sft, {"gradient_checkpointing": True}) == 8
    assert train_flops(dpo, {}) == 6  # forward, gradients of activations, reference


def test_weights_and_optimiser_of_a_training():
    """Full: float32 weights, gradient, two moments. LoRA: frozen bfloat16 weights, a small rest."""
    sft = Work("finetune_student", "gemma_2b", 1, "train")
    shape = Shape(**ASSUMED["models"]["google/gemma-2b"])
    needed = training_bytes(sft, shape, PAPER, 1)
    assert needed["weights"] == 4 * shape.parameters
    assert needed["optimiser"] == 12 * shape.parameters
    dpo = Work("align_teacher", "llama3_70b_instruct", 1, "train")
    teacher = Shape(**ASSUMED["models"]["meta-llama/Meta-Llama-3-70B-Instruct"])
    needed = training_bytes(dpo, teacher, PAPER, 1)
    assert needed["weights"] / 1e9 == pytest.approx(2 * 70.55 + 4 * 0.207, abs=1)
    assert needed["optimiser"] / 1e9 == pytest.approx(12 * 0.207, abs=0.1)
    assert training_bytes(dpo, teacher, PAPER, 8)["weights"] == needed["weights"] / 8


def test_activations_grow_with_batch_and_length():
    sft = Work("finetune_student", "gemma_2b", 1, "train")
    shape = Shape(**ASSUMED["models"]["google/gemma-2b"])
    block = PAPER["finetune"]["sft"]
    twice = merged(PAPER, {"finetune": {"sft": {"max_length": 2 * block["max_length"]}}})
    once = training_bytes(sft, shape, PAPER, 1)["activations"]
    assert training_bytes(sft, shape, twice, 1)["activations"] == 2 * once


def test_an_engine_keeps_no_more_sequences_than_fit():
    """Gemma-7B: 17 GB of weights, 0.46 MB per token: 256 rows of 700 tokens would take 82 GB."""
    work = Work("x", "gemma_7b", 1, requests=10_000, prompt=5.5e6, written=1.5e6)
    assert peak_gb(work, PAPER, ASSUMED) == pytest.approx(0.9 * 80 + 3)
    small = replace(work, requests=10, prompt=5500.0, written=1500.0)
    assert peak_gb(small, PAPER, ASSUMED) == pytest.approx(
        17.08 + 10 * 700 * 458752 / 1e9 + 3, abs=0.1
    )


def test_disk_holds_models_students_checkpoints_and_texts():
    students = [("gemma_2b", 6), ("gemma_7b", 2)]
    rows = [Work("finetune_student", name, n, "train") for name, n in students]
    found = disk_gb([*rows, Work("x", "gemma_2b", 1, written=1e9)], PAPER, ASSUMED)
    assert found["models"] == pytest.approx(2 * (70.554 + 2.506 + 8.538 + 1.837), abs=0.1)
    assert found["students (float32)"] == pytest.approx(4 * (6 * 2.506 + 2 * 8.538), abs=0.1)
    assert found["checkpoints of one training"] == pytest.approx(3 * 12 * 8.538, abs=0.1)
    assert found["texts"] == pytest.approx(8)


def test_an_unknown_model_or_device_is_refused_with_the_place_to_add_it():
    work = Work("x", "gemma_2b", 1, requests=1, prompt=1.0)
    changed = merged(PAPER, {"models": {"gemma_2b": {"id": "a/b"}}})
    with pytest.raises(ArteError, match=r"a/b"):
        device_seconds(work, changed, ASSUMED)
    with pytest.raises(ArteError, match=r"plan\.device"):
        device_seconds(work, merged(PAPER, {"plan": {"device": "abacus"}}), ASSUMED)
