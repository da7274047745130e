import itertools

import nano_rows
import pytest
from nano_rows import CFG, packed

from arte.nano import train_nano as nano


@pytest.fixture(scope="module")
def tokenizer():
    return nano_rows.tokenizer()


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
