"""What aligning and fine-tuning share."""

import pytest
import tiny
import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from trl import SFTConfig, SFTTrainer

from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.tokenizer import load_tokenizer
from arte.training import common as training


@pytest.fixture
def adapted(tmp_path):
    """A bfloat16 model under an adapter that is bfloat16 too, as TRL leaves that of a 4-bit one."""
    base = models.load_causal_lm(tiny.save(tmp_path / "base"), "bfloat16")
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear"))
    return model.to(torch.bfloat16)


def dtypes(model):
    """(trained, frozen) types of weights."""
    return [{p.dtype for p in model.parameters() if p.requires_grad is x} for x in (True, False)]


def test_trained_weights_become_float32_and_frozen_ones_stay(adapted):
    assert dtypes(adapted) == [{torch.bfloat16}, {torch.bfloat16}]
    training.master_weights(adapted)
    assert dtypes(adapted) == [{torch.float32}, {torch.bfloat16}]


def test_small_steps_count_only_in_float32(adapted):
    """Why: a step of 1e-6 from a weight of 1 is lost in bfloat16."""
    weight = next(p for p in adapted.parameters() if p.requires_grad)
    for lost in (True, False):
        with torch.no_grad():
            weight.fill_(1.0)
            before = weight.clone()
            weight -= 1e-6
        assert torch.equal(before, weight) is lost
        training.master_weights(adapted)


def test_the_config_overrules_the_defaults_and_nothing_that_the_pipeline_sets(tmp_path):
    args = training.arguments(SFTConfig, {"logging_steps": 7}, folder=tmp_path, seed=3)
    assert (args.logging_steps, args.seed, args.data_seed) == (7, 3, 3)
    assert args.save_strategy == "no"
    with pytest.raises(ArteError, match="output_dir"):
        training.arguments(SFTConfig, {"output_dir": "x"}, folder=tmp_path, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model folder."""
    return str(tiny.save(tmp_path_factory.mktemp("model")))


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant_with_warmup"])
def test_a_training_whose_learning_rate_is_0_throughout_is_refused(folder, tmp_path, schedule):
    def trained(**block):
        args = training.arguments(
            SFTConfig,
            {"lr_scheduler_type": schedule} | block,
            folder=tmp_path,
            seed=0,
        )
        trainer = SFTTrainer(
            models.load_causal_lm(folder, "float32"),
            args=args,
            train_dataset=Dataset.from_list([{"input_ids": [5, 6, 7]}] * 8),
            processing_class=load_tokenizer(folder),
        )
        return [line["step"] for line in training.fit(trainer, tmp_path)]

    with pytest.raises(ArteError, match=r"a learning rate of 0 at each of 1 steps, of which 1 are"):
        trained(max_steps=1, warmup_steps=0.03)
    assert trained(max_steps=1, warmup_steps=0) == [1]
    assert trained(max_steps=2, warmup_steps=0.5) == [1, 2]
