"""arte.plan.cost: time, memory and disk against numbers worked out by hand."""

from dataclasses import replace

import pytest
import yaml
from configs import DEFAULT, ROOT, merged

from arte.core.errors import ArteError
from arte.plan.commands import Planned
from arte.plan.cost import (
    Site,
    device_seconds,
    disk_gb,
    host_gb,
    peak_gb,
    train_flops,
    training_bytes,
)
from arte.plan.jobs import Job
from arte.plan.shapes import Model, Shape, hub_shape, nano_shape
from arte.plan.work import Training, Work

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))
A100 = Site("a100-80", ASSUMED)
ENGINE = {key: PAPER["engine"][key] for key in ("backend", "dtype", "max_model_len", "vllm")}
SFT, DPO = PAPER["finetune"]["sft"], PAPER["align"]["dpo"]


def hub(identifier: str) -> Model:
    """A model of the paper preset."""
    return Model(identifier, hub_shape(identifier, ASSUMED["models"]), 4.0)


GEMMA, LLAMA = hub("google/gemma-2b"), hub("meta-llama/Meta-Llama-3-70B-Instruct")
FINETUNE = Work(GEMMA, 1, training=Training(SFT, rows=2, length=2048))
ADAPTER = Training(DPO, rows=2, length=2048, pairs=True, rank=16, frozen=2.0)
ALIGN = Work(LLAMA, 8, training=ADAPTER, processes=8)
NANO = Model("nano", nano_shape(DEFAULT["nano"]), 3.6, nano=True)


def asked(model: Model = GEMMA, gpus: int = 1, **counts: float) -> Work:
    """Work of a job of the paper preset that generates."""
    return Work(model, gpus, engine=ENGINE, **counts)


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
    assert NANO.shape.parameters == model.num_parameters()


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
    counted = nano_shape(DEFAULT["nano"] | own).parameters
    assert counted == pytest.approx(model.num_parameters(), rel=0.02)


def test_processes_that_train_together_share_the_batch_and_not_the_weights():
    one = Work(NANO, training=Training({}, rows=4, length=512))
    two = replace(one, training=Training({}, rows=2, length=512), processes=2)
    whole, half = training_bytes(one, one.training), training_bytes(two, two.training)
    assert half["activations"] == whole["activations"] / 2
    assert half["optimizer"] == whole["optimizer"]


def test_keys_and_values_of_gemma_2b_take_18_kib_per_token():
    assert GEMMA.shape.kv_bytes(2) == 18 * 1024


def test_adapters_have_two_thin_matrices_per_map():
    """q 16, k 12, v 12, o 16, three maps of 24: times r."""
    assert SMALL.lora_parameters(3) == 2 * 3 * (16 + 12 + 12 + 16 + 3 * 24)


def test_reading_tokens_on_a_gpu_takes_two_operations_per_parameter():
    """242 M tokens of Gemma-2B at half of an A100's peak: 2.2 hours, by hand 7,776 s."""
    work = asked(requests=920_000, prompt=242e6, read=242e6)
    seconds = device_seconds(work, A100) - (60 + 2 * 2.506)
    assert seconds == pytest.approx(242e6 * 2 * 2.506e9 / 156e12, rel=1e-3)
    assert seconds / 3600 == pytest.approx(2.16, abs=0.01)


def test_writing_tokens_on_a_gpu_moves_weights_and_cache_in_every_step():
    """256 rows of 300 tokens of Gemma-2B: 5.01 GB weights, 1.42 GB cache at 1,223 GB/s."""
    work = asked(requests=25_600, prompt=25_600 * 250, written=25_600 * 100)
    seconds = device_seconds(work, A100) - (60 + 2 * 2.506)
    step = (2 * 2.506e9 + 256 * 300 * 18 * 1024) / (2039e9 * 0.6)
    compute = 2 * 2.506e9 * 256 / 156e12
    assert compute > step  # this many rows make a small model compute-bound
    assert seconds == pytest.approx(25_600 * 100 / 256 * compute, rel=1e-3)
    few = replace(work, requests=10, prompt=2500, written=1000)
    step = (2 * 2.506e9 + 10 * 300 * 18 * 1024) / (2039e9 * 0.6)
    seconds = device_seconds(few, A100) - (60 + 2 * 2.506)
    assert seconds == pytest.approx(100 * step, rel=1e-2)


def test_gpus_asked_for_are_paid_for():
    work = asked(LLAMA, 8, requests=8, prompt=8e6, read=8e6)
    start = 60 + 2 * 70.554
    reading = 8e6 * 2 * 70.554e9 / (8 * 156e12)
    assert device_seconds(work, A100) == pytest.approx(8 * (start + reading), rel=1e-3)


def test_core_seconds_follow_the_measured_rates():
    """Rates of 10,000 and 3,050 tokens a second, of a model as large as the default's; 4.4 s."""
    rates = {
        "parameters": NANO.shape.parameters,
        "read": 10_000,
        "write": 3050,
        "train": 10_000,
    }
    site = Site("cpu", {"devices": {"cpu": rates}, "cpu": {"start_s": 4.4}})
    work = Work(NANO, requests=1, read=20_000, prompt=20_000, written=3050)
    assert device_seconds(work, site) == pytest.approx(2 + 1 + 4.4)
    rates["parameters"] *= 2
    assert device_seconds(work, site) == pytest.approx(1 + 0.5 + 4.4)
    training = Work(NANO, training=Training({}, 1, 1), prompt=1e5, processes=2)
    assert device_seconds(training, site) == pytest.approx(5 + 2 * 4.4)


def test_passes_of_a_training():
    sft = Training({}, 1, 1)
    assert train_flops(sft) == 6
    assert train_flops(replace(sft, block={"gradient_checkpointing": True})) == 8
    assert train_flops(replace(sft, rank=8)) == 4  # gradients of activations alone
    assert train_flops(replace(sft, pairs=True, rank=8)) == 6  # and a reference
    assert train_flops(replace(sft, pairs=True)) == 8


def test_weights_and_optimizer_of_a_training():
    """Full: float32 weights, gradient, two moments. LoRA: frozen bfloat16 weights, a small rest."""
    needed = training_bytes(FINETUNE, FINETUNE.training)
    assert needed["weights"] == 4 * GEMMA.shape.parameters
    assert needed["optimizer"] == 12 * GEMMA.shape.parameters
    alone = replace(ALIGN, processes=1)
    needed = training_bytes(alone, ADAPTER)
    assert needed["weights"] / 1e9 == pytest.approx(2 * 70.55 + 4 * 0.207, abs=1)
    assert needed["optimizer"] / 1e9 == pytest.approx(12 * 0.207, abs=0.1)
    assert training_bytes(ALIGN, ADAPTER)["weights"] == needed["weights"] / 8


def test_activations_grow_with_batch_and_length():
    once = training_bytes(FINETUNE, FINETUNE.training)["activations"]
    for change in ({"length": 4096}, {"rows": 4}):
        twice = replace(FINETUNE.training, **change)
        assert training_bytes(FINETUNE, twice)["activations"] == 2 * once


def test_an_engine_keeps_no_more_sequences_than_fit():
    """Gemma-7B: 17 GB of weights, 0.46 MB per token: 256 rows of 700 tokens would take 82 GB."""
    work = asked(hub("google/gemma-7b"), requests=10_000, prompt=5.5e6, written=1.5e6)
    assert peak_gb(work, A100) == pytest.approx(0.9 * 80 + 3)
    small = replace(work, requests=10, prompt=5500.0, written=1500.0)
    assert peak_gb(small, A100) == pytest.approx(17.08 + 10 * 700 * 458752 / 1e9 + 3, abs=0.1)


def test_weights_pass_through_main_memory_once_or_in_every_process():
    """An engine's in bfloat16; a student's in float32; frozen ones of eight processes, or once."""
    assert host_gb(asked(LLAMA, 8)) == pytest.approx(141, abs=1)
    assert host_gb(FINETUNE) == pytest.approx(4 * 2.506, abs=0.1)
    assert host_gb(ALIGN) == pytest.approx(8 * 141, abs=1)
    spared = replace(ALIGN, training=replace(ADAPTER, loads_once=True))
    assert host_gb(spared) == pytest.approx(141, abs=1)


def test_disk_holds_models_students_checkpoints_and_texts():
    """An adapter takes next to nothing, and models of one name are one."""
    models = [LLAMA, GEMMA, GEMMA, NANO, replace(LLAMA, name="aligned_teacher", adapter=True)]
    job = Job("x", "m", (), {})
    trained = [Planned(job, FINETUNE)] * 6 + [Planned(job, ALIGN), Planned(job, asked(written=1e9))]
    found = disk_gb(models, trained)
    nano = 4 * NANO.shape.parameters / 1e9
    assert found["models"] == pytest.approx(2 * (70.554 + 2.506) + nano, abs=0.01)
    assert found["students (float32)"] == pytest.approx(6 * 4 * 2.506, abs=0.1)
    assert found["checkpoints of one training"] == pytest.approx(3 * 12 * 2.506, abs=0.1)
    assert found["texts"] == pytest.approx(8)


def test_students_are_adapters_or_leave_after_their_evaluation():
    """Rank 16 on Gemma-2B: 18 layers of q, k, v, o (2048; 256 keys) and three maps to 16384."""
    wide = [(2048, 2048), (2048, 256), (2048, 256), (2048, 2048), *[(2048, 16384)] * 3]
    parameters = 18 * 16 * sum(a + b for a, b in wide)
    adapter = replace(FINETUNE, training=replace(FINETUNE.training, rank=16, frozen=2.0))
    job = Job("x", "m", (), {})
    found = disk_gb([GEMMA], [Planned(job, adapter)] * 6)
    assert found["students (float32)"] == pytest.approx(6 * 4 * parameters / 1e9)
    assert found["checkpoints of one training"] == pytest.approx(3 * 12 * parameters / 1e9)
    gone = replace(FINETUNE, training=replace(FINETUNE.training, kept=False))
    found = disk_gb([GEMMA], [Planned(job, adapter), Planned(job, gone)])
    assert found["students (float32)"] == pytest.approx(4 * parameters / 1e9)
    until = found["students until all is asked of them, at most"]
    assert until == pytest.approx(4 * 2.506, abs=0.01)


def test_an_unknown_model_or_device_is_refused_with_the_place_to_add_it():
    with pytest.raises(ArteError, match=r"a/b"):
        hub_shape("a/b", ASSUMED["models"])
    with pytest.raises(ArteError, match=r"plan\.device"):
        device_seconds(FINETUNE, Site("abacus", ASSUMED))
