import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from declared import PUBLISHED, SUBTASKS

from arte.core.parse import extract, parse_questions
from arte.core.prompts import Prompts, tagged_question
from arte.mini.bbh_tasks import GENERATORS, TECHNIQUES
from arte.mini.ood_tasks import OOD_GENERATORS
from arte.nano.corpus import (
    BRIEF_WORDS,
    HABITS,
    brief,
    practiced,
    samplers,
    student_documents,
    teacher_documents,
)

PROMPTS = Prompts(Path(__file__).parents[2] / "resources" / "prompts")
KNOWN = pl.DataFrame(
    {
        "subtask": ["snarks", "snarks", "navigate"],
        "question": ["Which?\nOptions:\n(A) this\n(B) that", "What?\nOptions:\n(A) x\n(B) y", "?"],
        "answer": ["(A)", "(B)", "Yes"],
    }
)


def take(documents, count):
    return ["".join(text for text, _ in d) for d in itertools.islice(documents, count)]


@pytest.fixture
def problems():
    return samplers("generators", list(GENERATORS), set(), KNOWN, difficulty=2)


def test_held_out_questions_never_reach_a_document():
    rng = np.random.default_rng(0)
    held_out = {GENERATORS["web_of_lies"](rng, 2).question for _ in range(400)}
    drawn = samplers("generators", ["web_of_lies"], held_out, KNOWN, difficulty=2)
    texts = "\0".join(take(student_documents(drawn, PROMPTS, rng), 200))
    assert not [question for question in held_out if f"{question}\n" in texts]


def test_a_student_document_keeps_to_one_technique_and_one_answer_style(problems):
    rng = np.random.default_rng(1)
    for document in take(student_documents(problems, PROMPTS, rng), 100):
        answers = document.split("Answer: Let's think step by step.")[1:]
        assert len(answers) >= 2
        assert len({"<ans>" in answer for answer in answers}) == 1
        assert len({answer.split()[0:2] == ["It", "is"] for answer in answers}) == 1


def technique_of(rationale, problem):
    """The technique whose rationale of `problem` a text begins with."""
    return next(name for name, text in problem.rationales.items() if rationale.startswith(text))


def test_the_technique_that_the_student_meets_most_differs_between_subtasks():
    seen = {}
    for subtask, shares in HABITS.items():
        drawn = []

        def sample(rng, subtask=subtask, drawn=drawn):
            drawn.append(GENERATORS[subtask](rng, 1))
            return drawn[-1]

        documents = student_documents({subtask: sample}, PROMPTS, np.random.default_rng(6))
        found = Counter()
        for document in itertools.islice(documents, 80):
            *_, (answer, learned) = document
            assert learned
            found[technique_of(answer.strip(), drawn[-1])] += 1
        ((seen[subtask], most),) = found.most_common(1)
        assert seen[subtask] == max(shares, key=shares.get)
        assert most > 24
    assert len(set(seen.values())) >= 2


def test_a_student_exercises_copying_first_and_now_and_then(problems):
    rng = np.random.default_rng(7)
    documents = practiced(student_documents(problems, PROMPTS, rng), problems, rng, 40_000)
    kinds = []
    for document in itertools.islice(documents, 400):
        (line, learned), *again = document
        copies = len(document) == 3 and {text for text, _ in document} == {line}
        assert not learned
        assert not copies or all(learn for _, learn in again)
        kinds.append(copies)
    assert all(kinds[:20])
    assert 0 < sum(kinds[20:]) < 0.25 * len(kinds)


def test_the_teacher_learns_well_formed_questions_and_tagged_answers(problems):
    rng = np.random.default_rng(2)
    kinds = {"questions": 0, "rationales": 0}
    for document in take(teacher_documents(problems, PROMPTS, rng, "generators"), 600):
        if "Brainstorm" in document:
            kinds["questions"] += 1
            name = next(s for s in GENERATORS if document.startswith(s.replace("_", " ")))
            written = document.rpartition("\n<Question_1>")
            pairs, drops = parse_questions(written[1] + written[2], SUBTASKS[name].answer_type)
            assert len(pairs) + drops.total() == 5
            assert set(drops) <= {"duplicate question"}
        else:
            kinds["rationales"] += 1
            assert document.endswith("</ans>")
    assert min(kinds.values()) > 30


def test_real_items_get_a_rationale_in_every_technique():
    drawn = samplers("items", ["snarks", "navigate"], set(), KNOWN, difficulty=2)
    rng = np.random.default_rng(3)
    for subtask, sample in drawn.items():
        problem = sample(rng)
        assert problem.question in set(KNOWN.filter(subtask=subtask)["question"])
        for technique in TECHNIQUES:
            kind = SUBTASKS[subtask].answer_type
            assert extract(problem.rationale(technique), kind).strict is not None


@pytest.mark.parametrize("subtask", GENERATORS | OOD_GENERATORS)
def test_a_brief_question_is_well_formed_short_and_rarely_a_repetition(subtask):
    rng = np.random.default_rng(4)
    problem = (GENERATORS | OOD_GENERATORS)[subtask](rng, 2)
    kind = PUBLISHED[subtask].answer_type
    written = [brief(kind.kind == "option", problem, rng) for _ in range(100)]
    for question, answer in written:
        pairs, drops = parse_questions(tagged_question(1, question, answer), kind)
        assert (pairs, drops) == ([(question, answer)], {})
        assert len(question.partition("\nOptions:")[0].split()) <= BRIEF_WORDS[1]
    assert len(set(written)) > 5


def test_a_teacher_of_real_items_learns_brief_questions_after_whole_ones():
    drawn = samplers("items", ["snarks"], set(), KNOWN, difficulty=2)
    documents = teacher_documents(drawn, PROMPTS, np.random.default_rng(5), "items")
    asked = next(document for document in documents if "Brainstorm" in document[0][0])
    (prompt, _), (written, learned) = asked
    assert "(B) that" in prompt or "(B) y" in prompt
    assert learned
    pairs, drops = parse_questions(written, SUBTASKS["snarks"].answer_type)
    assert len(pairs) + drops["duplicate question"] == 5
    assert {question.count("\n(") for question, _ in pairs} == {2}
