"""arte.plan.lengths: how long texts will be."""

from pathlib import Path

import pytest
import yaml
from configs import DEFAULT, merged

from arte.core.prompts import Prompts
from arte.plan.lengths import all_lengths, instruction_lengths, lengths_of

ROOT = Path(__file__).parents[2]
PROMPTS = Prompts(ROOT / "resources/prompts")
ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())["lengths"]
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))


def test_a_prompt_is_as_long_as_its_template_and_what_fills_it():
    own = lengths_of(PAPER, "snarks", prompts=PROMPTS, assumed=ASSUMED)
    question, rationale = "q" * 204, "r" * 544  # characters that config/throughput.yaml states
    prompt = PROMPTS.student("snarks", [(question, rationale)] * 2, question)
    assert own.student(2) + own.question == pytest.approx(len(prompt) / 4)
    assert own.question == 204 / 4
    asked = PROMPTS.question("snarks", [(question, "answer")] * 3, 5)
    assert own.question_prompt == pytest.approx(len(asked) / 4)
    naive = PROMPTS.rationale("snarks", "naive", question)
    assert own.naive + own.question == pytest.approx(len(naive) / 4)


def test_exemplars_have_the_length_of_the_published_ones():
    own = lengths_of(PAPER, "snarks", prompts=PROMPTS, assumed=ASSUMED)
    assert own.exemplars(0) == own.student(0)
    assert own.exemplars(3) - own.student(3) == pytest.approx(3 * (688 - 544) / 4)


def test_lengths_of_the_miniatures_come_from_their_generators():
    own = lengths_of(DEFAULT, "hyperbaton", prompts=PROMPTS, assumed=ASSUMED)
    from arte.mini.bbh import draw

    problems = draw("hyperbaton", 60, DEFAULT["seeds"]["data"], DEFAULT["data"]["difficulty"])
    mean = sum(len(problem.question) for problem in problems) / 60
    assert own.question == pytest.approx(mean / ASSUMED["chars_per_token"]["nano"])
    assert own.answer == own.rationale


def test_lengths_of_a_miniature_benchmark_are_those_of_the_prepared_tables():
    """GSM8K's exemplars show the worked solution, the others' the answer alone."""
    gsm8k = lengths_of(DEFAULT, "gsm8k", prompts=PROMPTS, assumed=ASSUMED)
    piqa = lengths_of(DEFAULT, "piqa", prompts=PROMPTS, assumed=ASSUMED)
    alone = len("So the answer is <ans>(A)</ans>") / ASSUMED["chars_per_token"]["nano"]
    assert piqa.exemplar == pytest.approx(alone)
    assert gsm8k.exemplar > 1.5 * alone
    assert piqa.rationale > piqa.exemplar


def test_a_row_of_an_instruction_set_is_its_prompt_and_response():
    own = instruction_lengths(PAPER, "gpt4_llm", prompts=PROMPTS, assumed=ASSUMED)
    request, response = ASSUMED["instruction_chars"]
    prompt = PROMPTS.instruction("", "q" * request)
    assert own.example == pytest.approx((len(prompt) + response) / 4)


def test_miniature_instructions_are_measured():
    short, long = (
        instruction_lengths(DEFAULT, name, prompts=PROMPTS, assumed=ASSUMED)
        for name in ("gpt4_llm", "openorca")
    )
    assert short.example < long.example  # which has a system text and reasons aloud


@pytest.mark.parametrize("config", [DEFAULT, PAPER], ids=["default", "paper"])
def test_all_that_has_lengths_has_some(config):
    found = all_lengths(config, prompts=PROMPTS, assumed=ASSUMED)
    sets = {"gpt4_llm", "tulu_v2", "wizardlm", "openorca"}
    assert set(found) == {*config["data"]["subtasks"], *config["ood"]["benchmarks"], *sets}


def test_every_public_subtask_has_lengths():
    assert set(ASSUMED["bbh"]) == set(PAPER["data"]["subtasks"])
    assert set(ASSUMED["ood"]) == set(PAPER["ood"]["benchmarks"])


@pytest.mark.skipif(
    not (ROOT.parent / "shared/data/bbh").is_dir(),
    reason="needs the published BBH files in ../shared/data/bbh",
)
def test_stated_lengths_are_those_of_the_published_files():
    from arte.data.bbh import items, read_examples

    for subtask, (question, _) in ASSUMED["bbh"].items():
        table = items(subtask, read_examples(ROOT.parent / f"shared/data/bbh/{subtask}.json"))
        assert table["question"].str.len_chars().mean() == pytest.approx(question, abs=0.51)
