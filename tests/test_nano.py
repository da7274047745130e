import itertools

import pytest
import torch

from arte import nano

DOCUMENTS = [
    [("Question: is it so?\nAnswer:", False), (" It is so .\n", True)],
    [("Question: is it not?\nAnswer:", False), (" It is not , dear Zoë .\n", True)],
]
CFG = {
    "architecture": "llama",
    "hidden_size": 16,
    "layers": 1,
    "heads": 2,
    "context": 32,
    "batch_tokens": 64,
    "learning_rate": 1e-2,
    "muon_learning_rate": 0.02,
}


@pytest.fixture(scope="module")
def tokenizer():
    texts = ["".join(text for text, _ in document) for document in DOCUMENTS]
    return nano.train_tokenizer(iter(texts * 50), 300)


def packed(tokenizer):
    return nano.rows(itertools.cycle(DOCUMENTS), tokenizer, CFG["context"])


def test_any_text_survives_the_tokenizer(tokenizer):
    for text in ("is it so?", "Ω → 家 \0 <s>", "  two  spaces\n"):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def test_every_prompt_begins_with_the_start_token(tokenizer):
    assert tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id


def test_rows_have_one_length_and_labels_only_where_something_is_learned(tokenizer):
    ids, labels = zip(*itertools.islice(packed(tokenizer), 6), strict=True)
    assert {len(row) for row in ids + labels} == {CFG["context"]}
    stream = list(itertools.chain(*ids)), list(itertools.chain(*labels))
    learned = [i for i, label in zip(*stream, strict=True) if label != nano.IGNORE]
    assert [label for label in stream[1] if label != nano.IGNORE] == learned
    text = tokenizer.decode(learned)
    assert "It is so" in text
    assert "Question" not in text
    assert nano.EOS in text


@pytest.mark.parametrize("architecture", ["llama", "gpt_neox"])
def test_muon_trains_the_hidden_matrices_and_adamw_all_else(tokenizer, architecture):
    model = nano.new_model({**CFG, "architecture": architecture}, tokenizer)
    muon, adamw = (
        [weight for group in optimiser.param_groups for weight in group["params"]]
        for optimiser in nano.optimisers(model, CFG)
    )
    names = {id(weight): name for name, weight in model.named_parameters()}
    assert {id(weight) for weight in [*muon, *adamw]} == set(names)
    assert len(muon) + len(adamw) == len(names)
    assert all("layers." in names[id(weight)] and weight.ndim == 2 for weight in muon)
    assert any("embed" in names[id(weight)] for weight in adamw)


def test_training_lowers_the_loss_and_repeats_to_the_bit(tokenizer, tmp_path):
    def trained(directory):
        torch.manual_seed(0)
        model = nano.new_model(CFG, tokenizer)
        history = nano.train(model, packed(tokenizer), CFG, 64 * 60, {30: directory})
        return history, model.state_dict()

    (history, weights), (again, same) = trained(tmp_path / "a"), trained(tmp_path / "b")
    assert [line["step"] for line in history] == [60]
    assert history[-1]["loss"] < 2 < torch.log(torch.tensor(300.0))
    assert [line["loss"] for line in again] == [line["loss"] for line in history]
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert (tmp_path / "a/model.safetensors").exists()
