"""DPO of a tiny random teacher: it learns, it resumes, and it refuses what can't work."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import tiny
import torch
from safetensors.torch import load_file

from arte.align import divergence, preferences
from arte.align import teacher as align
from arte.core import io
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.adapter import Update
from arte.models.chat import Rendering
from arte.models.tokenizer import load_tokenizer
from arte.prefer.tables.pairs import PAIRS
from arte.training import checkpoints, kept
from arte.training import common as training

CFG = {
    "dpo": {
        "beta": 0.1,
        "learning_rate": 0.05,
        "num_train_epochs": 4,
        "per_device_train_batch_size": 4,
        "warmup_steps": 0.1,
        "lr_scheduler_type": "cosine",
        "max_length": 128,
        "save_steps": 4,
    },
    "lora": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
    "mode": "lora",
    "dtype": "float32",
    "launch": {"num_processes": 1, "fsdp": {}},
    "engine": {"backend": "transformers", "dtype": "float32"},
    "seed": 3,
}
FINE = {"backend": "transformers", "dtype": "bfloat16"}
PROMPT = "Question: q{}\nAnswer: Let's think step by step."


def pair_table(n=12):
    rows = [
        {
            "subtask": "boolean_expressions",
            "kind": "rationale" if i % 3 else "question",
            "question_id": f"{i:03d}",
            "prompt": PROMPT.format(i),
            "chosen": "not False is True. So the answer is <ans>True</ans>.",
            "rejected": "So the answer is no.",
            "margin": 0.5,
        }
        for i in range(n)
    ]
    return PAIRS.frame(rows)


@pytest.fixture
def teacher(tmp_path):
    return tiny.save(tmp_path / "models" / "teacher")


def run(monkeypatch, tmp_path, teacher, *, cfg=CFG, pairs=None, name="aligned"):
    """Run the command line; return the adapter folder and the metrics."""
    folder = tmp_path / "models"
    table = tmp_path / "pairs.parquet"
    io.write_table(pair_table() if pairs is None else pairs, table, PAIRS, {})
    arguments = ["--cfg", json.dumps(cfg), "--pairs", table, "--model", teacher]
    arguments += ["--output", folder / name, "--output-metrics", tmp_path / "metrics.json"]
    arguments += ["--scratch", tmp_path / "scratch"]
    monkeypatch.setattr(sys, "argv", ["align", *map(str, arguments)])
    align.main.__wrapped__()
    return folder / name, io.read_json(tmp_path / "metrics.json")


def test_the_margin_grows_and_the_adapter_changes_the_model(monkeypatch, tmp_path, teacher):
    adapter, metrics = run(monkeypatch, tmp_path, teacher)
    assert metrics["moved"]
    assert align.warning(metrics) is None
    assert metrics["history"]["margin"][0] == 0
    assert metrics["final_margin"] > 0.1
    assert metrics["steps"] == 12
    assert metrics["n_pairs_by_kind"] == {"question": 4, "rationale": 8}
    assert metrics["kl_pairs"] == 12
    assert metrics["kl"] > 10 * metrics["kl_se"] > 0
    ids = torch.tensor([load_tokenizer(adapter)(PROMPT.format(1))["input_ids"]])
    before, after = (
        models.load_causal_lm(folder, "float32")(ids).logits for folder in (teacher, adapter)
    )
    assert not torch.allclose(before, after)


@pytest.mark.parametrize("logging", [{"logging_steps": 500}, {"logging_strategy": "no"}])
def test_a_training_that_logs_no_loss_has_none_in_its_metrics(
    monkeypatch, tmp_path, teacher, logging
):
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=CFG | {"dpo": CFG["dpo"] | logging})
    assert metrics["final_loss"] is None
    assert metrics["final_margin"] is None
    assert metrics["kl"] > 0


def test_an_adapter_of_modules_named_by_an_expression_is_read_again(monkeypatch, tmp_path, teacher):
    lora = CFG["lora"] | {"target_modules": ".*(q_proj|v_proj)"}
    adapter, _ = run(monkeypatch, tmp_path, teacher, cfg=CFG | {"lora": lora})
    assert models.load_causal_lm(adapter, "float32")
    assert io.read_json(adapter / "adapter_config.json")["target_modules"] == ".*(q_proj|v_proj)"


def test_the_adapter_folder_holds_no_path_but_the_relative_base(monkeypatch, tmp_path, teacher):
    adapter, _ = run(monkeypatch, tmp_path, teacher)
    assert sorted(path.name for path in adapter.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "base.json",
        "fingerprint.json",
        "training.json",
    ]
    assert io.read_json(adapter / "base.json") == {"base": "../teacher"}
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text()
    assert models.read_fingerprint(adapter)


def test_the_divergence_is_that_of_the_written_adapter(monkeypatch, tmp_path, teacher):
    adapter, metrics = run(monkeypatch, tmp_path, teacher)
    tokenizer = load_tokenizer(teacher)
    original, aligned = (models.load_causal_lm(f, "float32") for f in (teacher, adapter))
    per_pair = []
    for row in preferences.texts(pair_table()):
        nats = []
        head = len(tokenizer(row["prompt"])["input_ids"])
        for key in ("chosen", "rejected"):
            ids = torch.tensor([tokenizer(row["prompt"] + row[key] + "</s>")["input_ids"]])
            with torch.no_grad():
                p, q = (model(ids).logits[0, head - 1 : -1] for model in (aligned, original))
            kl = torch.nn.functional.kl_div(
                q.log_softmax(-1), p.log_softmax(-1), reduction="none", log_target=True
            )
            nats += kl.sum(-1).tolist()
        per_pair.append(sum(nats) / len(nats))
    assert metrics["kl"] == pytest.approx(sum(per_pair) / len(per_pair), rel=1e-4)


def test_a_teacher_that_did_not_move_is_told_with_the_remedy(
    monkeypatch, tmp_path, teacher, capsys
):
    cfg = CFG | {"dpo": CFG["dpo"] | {"learning_rate": 1e-12}}
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg)
    assert not metrics["moved"]
    assert metrics["kl"] == pytest.approx(0, abs=1e-6)
    told = capsys.readouterr().err
    assert "WARNING: the teacher did not move" in told
    assert "less than 0.0001" in told
    assert "align.dpo.learning_rate" in told
    assert "align.dpo.num_train_epochs" in told


def test_the_scratch_folder_is_empty_afterwards(monkeypatch, tmp_path, teacher):
    run(monkeypatch, tmp_path, teacher)
    assert not list((tmp_path / "scratch").iterdir())


def test_a_killed_run_resumes_to_the_same_bytes(monkeypatch, tmp_path, teacher, capsys):
    straight, metrics = run(monkeypatch, tmp_path, teacher)
    expected = models.read_fingerprint(straight)
    (straight / kept.RECORD).unlink()  # else it would be kept
    steps = []
    marked = checkpoints.Saver.on_save

    def dies(self, args, state, control, **kwargs):
        marked(self, args, state, control, **kwargs)
        if state.global_step == 8:
            (Path(args.output_dir) / "checkpoint-8" / checkpoints.MARKER).unlink()
            raise KeyboardInterrupt  # killed within the second checkpoint
        steps.append(state.global_step)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Saver, "on_save", dies)
        with pytest.raises(KeyboardInterrupt):
            run(patch, tmp_path, teacher)
    assert steps == [4]
    resumed, resumed_metrics = run(monkeypatch, tmp_path, teacher)
    told = capsys.readouterr().err
    assert "deleting the unfinished" in told
    assert "checkpoint-4\n" in told
    assert models.read_fingerprint(resumed) == expected
    assert resumed_metrics == metrics


def test_full_training_writes_a_whole_model_and_measures_against_a_copy(
    monkeypatch, tmp_path, teacher
):
    dpo = CFG["dpo"] | {"learning_rate": 0.005}
    aligned, metrics = run(monkeypatch, tmp_path, teacher, cfg=CFG | {"mode": "full", "dpo": dpo})
    assert metrics["history"]["margin"][0] == 0
    assert metrics["moved"]
    assert metrics["kl"] > 0
    assert models.base_of(aligned) is None
    before, after = (
        models.load_causal_lm(folder, "float32").state_dict() for folder in (teacher, aligned)
    )
    assert all(not torch.equal(before[name], after[name]) for name in before)
    assert io.read_json(aligned / "config.json") == io.read_json(teacher / "config.json")
    assert load_tokenizer(aligned)("True")["input_ids"]


def test_an_adapter_is_float32_on_a_base_of_bfloat16(monkeypatch, tmp_path, teacher):
    adapter, metrics = run(monkeypatch, tmp_path, teacher, cfg=CFG | {"dtype": "bfloat16"})
    assert metrics["moved"]
    weights = load_file(adapter / "adapter_model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    assert any(not torch.equal(w, w.bfloat16().float()) for w in weights.values())


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="bitsandbytes is installed")
def test_a_missing_bitsandbytes_is_told(monkeypatch, tmp_path, teacher):
    with pytest.raises(ArteError, match=r"(?s)bitsandbytes.*align\.mode"):
        run(monkeypatch, tmp_path, teacher, cfg=CFG | {"mode": "qlora"})


def test_no_pairs_is_an_error(monkeypatch, tmp_path, teacher):
    with pytest.raises(ArteError, match="0 rows"):
        run(monkeypatch, tmp_path, teacher, pairs=pair_table(0))


def test_an_unknown_argument_names_the_key(monkeypatch, tmp_path, teacher):
    cfg = CFG | {"dpo": CFG["dpo"] | {"warmup_ratio": 0.1}}
    with pytest.raises(ArteError, match="warmup_ratio"):
        run(monkeypatch, tmp_path, teacher, cfg=cfg)


def test_an_argument_that_the_pipeline_sets_is_refused(monkeypatch, tmp_path, teacher):
    cfg = CFG | {"dpo": CFG["dpo"] | {"seed": 1}}
    with pytest.raises(ArteError, match="seed"):
        run(monkeypatch, tmp_path, teacher, cfg=cfg)


def test_a_diverging_run_stops_with_the_remedy(monkeypatch, tmp_path, teacher):
    cfg = CFG | {"dpo": CFG["dpo"] | {"learning_rate": 1e30, "max_grad_norm": 0.0}}
    with pytest.raises(ArteError, match="learning_rate"):
        run(monkeypatch, tmp_path, teacher, cfg=cfg)


def token_rows(teacher, rows):
    by_kind = preferences.renderings(load_tokenizer(teacher), CFG, model="teacher")
    return preferences.tokenized(rows, by_kind, where="here")


def test_pairs_are_joined_at_a_token_boundary(teacher):
    rows = preferences.texts(pair_table())
    counts = preferences.count_clipped(token_rows(teacher, rows), max_length=128, where="here")
    assert counts == {"n_truncated": 0, "n_dropped": 0}
    assert rows[0]["prompt"].endswith("step.\n")
    assert rows[0]["chosen"].startswith("not")
    assert rows[1]["prompt"].endswith("step.")
    assert rows[1]["chosen"].startswith(" not")


def test_a_token_across_the_seam_is_an_error(teacher):
    bare = Rendering(load_tokenizer(teacher), None, where="teacher")
    with pytest.raises(ArteError, match="token boundary"):
        training.tokenized(bare, ["the ans"], ["wer is"], where="here")


def test_truncated_and_dropped_pairs_are_counted_apart(teacher):
    rows = preferences.texts(pair_table(3))
    rows[2]["prompt"] = "not " * 40 + rows[2]["prompt"]
    found = token_rows(teacher, rows)
    longest = max(len(row["prompt_ids"] + row["chosen_ids"]) for row in found[:2]) - 1
    counts = preferences.count_clipped(found, max_length=longest, where="here")
    assert counts == {"n_truncated": 2, "n_dropped": 1}


def test_all_prompts_too_long_is_an_error(teacher):
    rows = token_rows(teacher, preferences.texts(pair_table(3)))
    with pytest.raises(ArteError, match="max_length"):
        preferences.count_clipped(rows, max_length=4, where="here")


def test_the_summary_is_of_the_last_quarter():
    history = [
        {
            "loss": 0.5,
            "step": step,
            "rewards/margins": float(margin),
            "rewards/accuracies": 1.0,
            "rewards/chosen": 0.2,
            "rewards/rejected": -0.1,
        }
        for step, margin in enumerate([0, 1, 2, 3, 3.1, 3.2, 3.0, 3.2])
    ]
    found = align.summary(history, beta=0.1)
    assert found["final_margin"] == pytest.approx(3.1)
    assert found["final_log_ratio"] == {"chosen": 2.0, "rejected": -1.0}


def test_a_significant_but_tiny_margin_is_no_move(monkeypatch, tmp_path, teacher):
    """A margin has no noise in float32: a drift that changes no text lies many errors above 0."""
    cfg = CFG | {"dpo": CFG["dpo"] | {"learning_rate": 1e-6}}
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg)
    assert metrics["final_margin"] > 2 * metrics["final_margin_se"] > 0
    assert metrics["kl"] < 1e-6
    assert metrics["moved"] is False


def test_a_small_move_is_kept_when_generating_in_bfloat16(monkeypatch, tmp_path, teacher):
    settings = {"dtype": "bfloat16", "dpo": CFG["dpo"] | {"learning_rate": 0.02}}
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=CFG | settings | {"engine": FINE})
    assert metrics["moved"]
    assert metrics["margin_kept"] == pytest.approx(1, abs=4 * metrics["margin_kept_se"] + 0.02)


def test_what_an_engine_rounds_away_is_measured(monkeypatch, tmp_path, teacher):
    """The base lies on bfloat16's grid, where small steps of all weights round back to it."""
    models.load_causal_lm(teacher, "bfloat16").save_pretrained(teacher)
    models.write_fingerprint(teacher)
    cfg = CFG | {"mode": "full", "dpo": CFG["dpo"] | {"learning_rate": 1e-5}}
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg | {"engine": FINE})
    assert metrics["margin_kept"] + 2 * metrics["margin_kept_se"] < 0.9
    _, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg)
    assert metrics["margin_kept"] is None


@pytest.mark.parametrize("modules", [".*(q_proj|v_proj)", ["up_proj", "down_proj"]], ids=str)
def test_modules_in_every_form_come_back(monkeypatch, tmp_path, teacher, modules):
    cfg = CFG | {"lora": CFG["lora"] | {"target_modules": modules}}
    adapter, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg)
    assert metrics["moved"]
    assert models.load_causal_lm(adapter, "float32")


@pytest.mark.filterwarnings("ignore:Model has .tie_word_embeddings")
@pytest.mark.filterwarnings("ignore:Setting .save_embedding_layers")
def test_an_adapted_embedding_comes_back_though_it_is_tied(monkeypatch, tmp_path, teacher):
    cfg = CFG | {"lora": CFG["lora"] | {"target_modules": ["embed_tokens"]}}
    adapter, metrics = run(monkeypatch, tmp_path, teacher, cfg=cfg)
    assert metrics["moved"]
    with pytest.raises(ArteError, match="lora_embedding_A"):
        Update(adapter)


def test_a_folder_that_loads_as_another_model_is_refused(tmp_path, teacher):
    text = divergence.Text(torch.arange(3, 20)[None], head=4)
    trained = divergence.logits(models.load_causal_lm(teacher, "float32"), text)
    align.check_written(teacher, (text, trained), CFG)
    align.check_written(teacher, (text, trained), CFG | {"dtype": "bfloat16"})
    other = tiny.save(tmp_path / "other", seed=1)
    for cfg in (CFG, CFG | {"dtype": "bfloat16"}):
        with pytest.raises(ArteError, match=r"(?s)loaded again.*target_modules"):
            align.check_written(other, (text, trained * 3), cfg)
    with pytest.raises(ArteError, match="loaded again"):
        align.check_written(teacher, (text, trained * torch.nan), CFG)


def test_a_second_round_adds_to_the_first(monkeypatch, tmp_path, teacher):
    first, _ = run(monkeypatch, tmp_path, teacher)
    cfg = CFG | {"dtype": "bfloat16"}  # of the frozen weights, were they not the first round's
    second, metrics = run(monkeypatch, tmp_path, first, cfg=cfg, name="second")
    assert metrics["moved"]
    assert models.base_of(second).resolve() == teacher.resolve()
    assert io.read_json(second / "adapter_config.json")["r"] == 8
    weights = load_file(second / "adapter_model.safetensors")
    for name, weight in load_file(first / "adapter_model.safetensors").items():
        axis = 0 if "lora_A" in name else 1
        scale = 1 if axis == 0 else 2
        assert torch.equal(weights[name].narrow(axis, 0, 4), weight * scale)
