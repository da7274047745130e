"""arte.plan.lengths: how long texts will be."""

import pytest
import yaml
from configs import DEFAULT, ROOT, merged
from declared import SUBTASKS

from arte.core.errors import ArteError
from arte.core.prompts import Prompts
from arte.plan.lengths import miniature, miniature_instructions, published

PROMPTS = Prompts(ROOT / "resources/prompts")
ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())["lengths"]
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))


def test_a_prompt_is_as_long_as_its_template_and_what_fills_it():
    own = published("snarks", PROMPTS, ASSUMED)
    question, rationale = "q" * 204, "r" * 544  # characters that config/throughput.yaml states
    prompt = PROMPTS.student("snarks", [(question, rationale)] * 2, question)
    assert own.student(2) + own.question == len(prompt)
    asked = PROMPTS.question("snarks", [(question, "answer")] * 3, 5)
    assert own.question_prompt(3, 5) == len(asked)
    for technique in ("naive", "steps"):
        prompt = PROMPTS.rationale("snarks", technique, question)
        assert own.technique(technique) + own.question == len(prompt)


def test_exemplars_have_the_length_of_the_published_ones():
    own = published("snarks", PROMPTS, ASSUMED)
    assert own.exemplars(0) == own.student(0)
    assert own.exemplars(3) - own.student(3) == pytest.approx(3 * (688 - 544))


def test_lengths_of_the_miniatures_come_from_their_generators():
    from arte.mini.bbh import draw

    own = miniature("hyperbaton", PROMPTS, seed=0, difficulty=1)
    problems = draw("hyperbaton", 60, 0, 1)
    assert own.question == pytest.approx(sum(len(p.question) for p in problems) / 60)
    assert own.answer == own.rationale


def test_lengths_of_a_miniature_benchmark_are_those_of_the_prepared_tables():
    """GSM8K's exemplars show the worked solution, the others' the answer alone."""
    gsm8k, piqa = (miniature(name, PROMPTS, seed=0, difficulty=1) for name in ("gsm8k", "piqa"))
    alone = len("So the answer is <ans>(A)</ans>")
    assert piqa.exemplar == pytest.approx(alone)
    assert gsm8k.exemplar > 1.5 * alone
    assert piqa.rationale > piqa.exemplar


def test_miniature_instructions_are_measured():
    short, long = (miniature_instructions(name, 0) for name in ("gpt4_llm", "openorca"))
    assert sum(short) < sum(long)  # which has a system text and reasons aloud


def test_every_public_subtask_has_its_number_of_examples_and_lengths():
    assert set(ASSUMED["bbh"]) == set(PAPER["data"]["subtasks"])
    assert set(ASSUMED["ood"]) == set(PAPER["ood"]["benchmarks"])
    assert sum(examples for examples, _, _ in ASSUMED["bbh"].values()) == 6511


def test_a_subtask_without_lengths_is_refused_with_the_place_to_add_them():
    lacking = ASSUMED | {"bbh": {}}
    with pytest.raises(ArteError, match=r"(?s)navigate.*throughput\.yaml"):
        published("navigate", PROMPTS, lacking)


@pytest.mark.skipif(
    not (ROOT.parent / "shared/data/bbh").is_dir(),
    reason="needs the published BBH files in ../shared/data/bbh",
)
def test_stated_lengths_are_those_of_the_published_files():
    from arte.data.bbh import items, read_examples

    for subtask, (examples, question, _) in ASSUMED["bbh"].items():
        path = ROOT.parent / f"shared/data/bbh/{subtask}.json"
        table = items(SUBTASKS[subtask], read_examples(path))
        assert table.height == examples
        assert table["question"].str.len_chars().mean() == pytest.approx(question, abs=0.51)
