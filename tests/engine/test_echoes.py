"""A real model that has learned to say its instruction again before it answers."""

import pytest
import torch
from tiny_model import ENGINE, save_tiny_llama
from transformers import AutoModelForCausalLM, AutoTokenizer

from arte.core.forms import Form
from arte.core.parse import extract
from arte.core.prompts import Prompt
from arte.engine.contract import Completion, Sampling
from arte.engine.echoes import going_on
from arte.engine.generate import Generator
from arte.engine.stops import cut_text
from arte.models.folder import write_fingerprint

PROMPT = "Question: which?\nAnswer:"
ECHO = " I put it between <ans> and </ans>"
SECOND = ", as in <ans>(A)</ans> or <ans>(C)</ans>"
REST = ".\nSo <ans>(B)</ans>"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The tiny Llama, trained until it knows one text by heart, and sure to."""
    folder = save_tiny_llama(tmp_path_factory.mktemp("echo"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    llama = AutoModelForCausalLM.from_pretrained(folder)
    ids = tokenizer(PROMPT + ECHO + SECOND + REST, return_tensors="pt")["input_ids"]
    optimizer = torch.optim.Adam(llama.parameters(), lr=1e-2)
    for _ in range(1500):
        output = llama(ids, labels=ids)
        worst = torch.nn.functional.cross_entropy(
            output.logits[0, :-1], ids[0, 1:], reduction="none"
        )[len(PROMPT) - 1 :].max()
        if worst < 0.1:
            break
        output.loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert worst < 0.1  # the right token has nine tenths of the chance everywhere
    llama.save_pretrained(folder)
    write_fingerprint(folder)
    return folder


@pytest.fixture
def new(model, tmp_path):
    return lambda **engine: Generator(model, ENGINE | engine, tmp_path / "journal", "drafts")


def test_a_model_stopped_at_echoes_goes_on_to_its_answer(new):
    generator = new()
    [completion] = generator.complete("snarks", [PROMPT], Sampling(max_tokens=200))
    assert completion.text == ECHO + SECOND + REST
    assert (completion.finish_reason, completion.n_prompt_tokens) == ("stop", len(PROMPT))
    assert completion.n_output_tokens == len(completion.text)
    assert extract(completion.text, Form("option")).strict == "(B)"
    assert (generator.stats["echoes"], generator.stats["generated"]) == (3, 4)


def test_every_piece_comes_from_the_journal_again(new):
    first, again = new(), new()
    completions = first.complete("snarks", [PROMPT, PROMPT], Sampling(max_tokens=200))
    assert again.complete("snarks", [PROMPT, PROMPT], Sampling(max_tokens=200)) == completions
    stats = again.stats
    assert (stats["model_loads"], stats["from_journal"], stats["echoes"]) == (0, 8, 6)


def test_the_pieces_share_the_budget_of_tokens_and_the_context(new):
    said, most = ECHO + SECOND + REST, len(ECHO + SECOND)
    [completion] = new().complete("snarks", [PROMPT], Sampling(max_tokens=most))
    assert completion.finish_reason == "length"
    assert said.startswith(completion.text)
    assert len(ECHO) < len(completion.text) == completion.n_output_tokens <= most
    [completion] = new().complete("snarks", [PROMPT], Sampling(max_tokens=len(ECHO)))
    assert completion.text == ECHO
    assert extract(completion.text, Form("option")) == (None, None, False)
    tight = new(max_model_len=len(PROMPT) + 200)
    assert tight.complete("snarks", [PROMPT], Sampling(max_tokens=200))[0].text == said


def test_sampled_pieces_have_draws_of_their_own_and_repeat(new):
    sampling = Sampling(max_tokens=200, temperature=0.05)
    completions = new().complete("snarks", [PROMPT] * 3, sampling, [1, 2, 1])
    assert completions[0] == completions[2]
    assert {completion.text for completion in completions} == {ECHO + SECOND + REST}


def test_without_the_stop_nothing_is_asked_again(new):
    generator = new()
    generator.complete("snarks", [PROMPT], Sampling(max_tokens=len(ECHO), stop=()))
    assert (generator.stats["requests"], generator.stats["echoes"]) == (1, 0)


def test_a_stop_within_reasoning_is_none():
    """The model is a text that is said from where the prompt ends to the next stop."""
    said = "<think>(A)? <ans>(A)</ans>\nQuestion: no</think> So <ans>(B)</ans> and more"

    def ask(prompts, sampling, _seeds):
        start = len(prompts[0].written)
        text = cut_text(said[start:], sampling.stop)
        return [Completion(text, "stop", start, 0, len(text))]

    prompt = Prompt.of(PROMPT)
    for opened in ("", "<think>"):
        said = said.removeprefix(opened)
        form = {"shown": lambda prompt, opened=opened: prompt + opened, "room": lambda _: 99}
        [found], times = going_on(ask, [prompt], Sampling(max_tokens=99), None, **form)
        assert found.text == said.removesuffix(" and more")
        assert (times, extract(found.text, Form("option")).strict) == (2, "(B)")
