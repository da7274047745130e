"""Fine-tuning of a tiny random student."""

import json
import sys
from pathlib import Path

import pytest
import tiny
import torch
from peft import PeftModel
from safetensors.torch import load_file

from arte.core import io
from arte.core.errors import ArteError
from arte.engine.contract import Sampling
from arte.engine.transformers.engine import TransformersEngine
from arte.finetune import student as finetune
from arte.models import folder as models
from arte.models.chat import Rendering
from arte.models.tokenizer import load_tokenizer
from arte.tailor.tables import TRAINING_SET
from arte.training import checkpoints, written
from arte.training import common as training

CFG = {
    "sft": {
        "learning_rate": 0.01,
        "num_train_epochs": 6,
        "per_device_train_batch_size": 4,
        "warmup_steps": 0.03,
        "lr_scheduler_type": "linear",
        "max_length": 128,
        "save_steps": 6,
    },
    "seed": 0,
    "launch": {"num_processes": 1, "fsdp": {}},
}
LORA = CFG | {
    "lora": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
    "dtype": "float32",
}
MODES = pytest.mark.parametrize("cfg", [CFG, LORA], ids=["full", "lora"])


def training_set(n=12):
    rows = [
        {
            "subtask": "boolean_expressions",
            "question_id": f"{i:03d}",
            "technique": "naive",
            "prompt": f"Question: q{i}\nAnswer: Let's think step by step.",
            "completion": f"not False is True {i}. So the answer is <ans>True</ans>.",
        }
        for i in range(n)
    ]
    return TRAINING_SET.frame(rows)


@pytest.fixture
def student(tmp_path):
    return tiny.save(tmp_path / "models" / "student")


def run(monkeypatch, tmp_path, student, *, cfg=CFG, rows=None, name="0"):
    table, output = tmp_path / "train.parquet", tmp_path / "students" / "arte" / name
    io.write_table(training_set() if rows is None else rows, table, TRAINING_SET, {})
    arguments = ["--cfg", json.dumps(cfg), "--train", table, "--model", student]
    arguments += ["--output", output, "--output-metrics", output / "metrics.json"]
    arguments += ["--scratch", tmp_path / "scratch"]
    monkeypatch.setattr(sys, "argv", ["finetune", *map(str, arguments)])
    finetune.main.__wrapped__()
    return output, io.read_json(output / "metrics.json")


def test_the_loss_falls_and_all_weights_are_stored_in_float32(monkeypatch, tmp_path, student):
    output, metrics = run(monkeypatch, tmp_path, student)
    assert metrics["final_loss"] < 0.8 * metrics["history"]["loss"][0]
    assert (metrics["n_examples"], metrics["n_truncated"], metrics["n_dropped"]) == (12, 0, 0)
    before, after = (
        models.load_causal_lm(folder, "float32").state_dict() for folder in (student, output)
    )
    assert all(not torch.equal(before[name], after[name]) for name in before)
    config = io.read_json(output / "config.json")
    assert (config["dtype"], config["use_cache"]) == ("float32", True)
    assert load_tokenizer(output)("True")["input_ids"]


@pytest.mark.parametrize("logging", [{"logging_steps": 500}, {"logging_strategy": "no"}])
def test_a_training_that_logs_no_loss_has_none_in_its_metrics(
    monkeypatch, tmp_path, student, logging
):
    cfg = CFG | {"sft": CFG["sft"] | logging}
    output, metrics = run(monkeypatch, tmp_path, student, cfg=cfg)
    assert metrics["final_loss"] is None
    assert metrics["history"] == {"step": [], "loss": []}
    assert models.read_fingerprint(output)


def test_a_student_folder_passes_its_fingerprint_with_the_metrics_in_it(
    monkeypatch, tmp_path, student
):
    output, _ = run(monkeypatch, tmp_path, student)
    assert models.read_fingerprint(output)


def test_a_student_folder_can_be_read_by_others(monkeypatch, tmp_path, student):
    output, _ = run(monkeypatch, tmp_path, student)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in output.iterdir())


def test_an_adapter_learns_and_is_written_beside_its_base(monkeypatch, tmp_path, student):
    output, metrics = run(monkeypatch, tmp_path, student, cfg=LORA)
    assert metrics["final_loss"] < metrics["history"]["loss"][0] - 0.05
    assert sorted(path.name for path in output.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "base.json",
        "fingerprint.json",
        "metrics.json",
        "training.json",
    ]
    assert models.base_of(output).resolve() == student.resolve()
    assert models.read_fingerprint(output) != models.read_fingerprint(student)
    assert str(tmp_path) not in (output / "adapter_config.json").read_text()


def test_an_adapter_on_a_base_of_bfloat16_is_float32_and_comes_back(monkeypatch, tmp_path, student):
    output, _ = run(monkeypatch, tmp_path, student, cfg=LORA | {"dtype": "bfloat16"})
    weights = load_file(output / "adapter_model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}


def test_a_served_adapter_answers_as_peft_does(monkeypatch, tmp_path, student):
    output, _ = run(monkeypatch, tmp_path, student, cfg=LORA)
    prompts = training_set()["prompt"].to_list()
    settings = {"dtype": "float32", "max_model_len": 128, "batch_tokens": 512}
    served = TransformersEngine(output, settings).generate(prompts, Sampling(max_tokens=24))
    tokenizer = load_tokenizer(student)
    adapted = PeftModel.from_pretrained(models.load_causal_lm(student, "float32"), output).eval()
    for index, answer in served:
        ids = torch.tensor([tokenizer(prompts[index])["input_ids"]])
        told = adapted.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=24,
            do_sample=False,
            pad_token_id=tokenizer.eos_token_id,
        )[0, ids.shape[1] :]
        assert tokenizer.decode(told, skip_special_tokens=True).startswith(answer.text)
        assert answer.text


def test_a_student_that_is_written_as_another_is_refused(monkeypatch, tmp_path, student):
    other = tiny.save(tmp_path / "other", seed=1)
    bare = Rendering(load_tokenizer(student), None, where="student")
    text = finetune.sample(finetune.examples(training_set(), bare, where="here"), 128)
    probe = written.probe(models.load_causal_lm(other, "float32"), text)
    monkeypatch.setattr(finetune.written, "probe", lambda *_: (text, 3 * probe[1]))
    with pytest.raises(ArteError, match=r"(?s)loaded again.*finetune\.lora\.target_modules"):
        run(monkeypatch, tmp_path, student, cfg=LORA)


@MODES
def test_one_seed_gives_the_same_bytes_and_another_gives_others(
    monkeypatch, tmp_path, student, cfg
):
    first, second, other = (
        models.read_fingerprint(
            run(monkeypatch, tmp_path, student, cfg=cfg | {"seed": seed}, name=name)[0]
        )
        for seed, name in ((0, "a"), (0, "b"), (1, "c"))
    )
    assert first == second != other


@MODES
def test_a_killed_run_resumes_to_the_same_bytes(monkeypatch, tmp_path, student, capsys, cfg):
    straight, metrics = run(monkeypatch, tmp_path, student, cfg=cfg, name="straight")
    marked = checkpoints.Saver.on_save

    def dies(self, args, state, control, **kwargs):
        marked(self, args, state, control, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Saver, "on_save", dies)
        with pytest.raises(KeyboardInterrupt):
            run(patch, tmp_path, student, cfg=cfg)
    resumed, resumed_metrics = run(monkeypatch, tmp_path, student, cfg=cfg)
    assert "resuming from" in capsys.readouterr().err
    assert models.read_fingerprint(resumed) == models.read_fingerprint(straight)
    assert resumed_metrics == metrics


def test_the_loss_is_over_completions_only(monkeypatch, tmp_path, student):
    seen = []
    compute = finetune.SFTTrainer.compute_loss

    def spy(self, model, inputs, *args, **kwargs):
        seen.append(inputs["labels"].clone())
        return compute(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(finetune.SFTTrainer, "compute_loss", spy)
    run(monkeypatch, tmp_path, student)
    tokenizer = load_tokenizer(student)
    for labels in seen[0]:
        text = tokenizer.decode(labels[labels != -100])
        assert text.startswith(" not False")
        assert text.endswith("</ans>.</s>")


def test_an_empty_training_set_is_an_error(monkeypatch, tmp_path, student):
    with pytest.raises(ArteError, match="0 examples"):
        run(monkeypatch, tmp_path, student, rows=training_set(0))


def test_a_failed_write_leaves_the_old_student(tmp_path, student):
    def write():
        with training.publishing(student) as folder:
            (folder / "half.txt").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert models.read_fingerprint(student)
    assert [path.name for path in Path(student).parent.iterdir()] == ["student"]
