"""How long prompts and answers will be, in tokens, per subtask.

Templates and instructions are the prompt files' own; questions and answers of the miniatures are
drawn from their generators, those of public data are means stated in config/throughput.yaml.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from arte.core.prompts import NAIVE, Prompts, tagged_question
from arte.core.tasks import OOD
from arte.plan.sizes import names

SAMPLE = 60
"""Miniature problems or rows whose lengths are averaged."""


@dataclass(frozen=True)
class Lengths:
    """Mean tokens of one subtask's or instruction set's texts; templates without what fills them.

    `answer` is a student's without an example or after a draft, `few_shot_answer` after published
    exemplars, `exemplar` such an exemplar's answer. `student_template` is Table 13 without
    examples, `example_template` what an example adds beside its question and rationale. Of an
    instruction set, `question` is the request and `rationale` the response; the rest is not asked.
    """

    question: float
    rationale: float
    student_template: float
    tagged_question: float = 0.0
    answer: float = 0.0
    few_shot_answer: float = 0.0
    exemplar: float = 0.0
    question_prompt: float = 0.0
    instruction: float = 0.0
    naive: float = 0.0
    example_template: float = 0.0
    question_yield: float = 1.0

    @property
    def example(self) -> float:
        """An example of a training set: Table 13 with the question, and its rationale."""
        return self.student(0) + self.question + self.rationale

    def student(self, examples: int) -> float:
        """Table 13 with examples by the teacher, up to the question asked."""
        one = self.example_template + self.question + self.rationale
        return self.student_template + examples * one

    def answer_after(self, shots: int) -> float:
        """A student's answer after published exemplars."""
        return self.few_shot_answer if shots else self.answer

    def exemplars(self, shots: int) -> float:
        """Table 13 with published exemplars, up to the question asked."""
        one = self.example_template + self.question + self.exemplar
        return self.student_template + shots * one


def texts(config: dict, name: str, assumed: dict) -> dict[str, float]:
    """Mean characters of a question, a rationale, a student's answers and an exemplar's answer."""
    if config["data"]["source"] == "embedded":
        return _generated(config, name)
    question, exemplar = assumed["ood" if name in OOD else "bbh"][name]
    return {
        "question": question,
        "rationale": assumed["rationale_chars"],
        "answer": assumed["answer_chars"],
        "few_shot_answer": assumed["answer_chars"],
        "exemplar": exemplar,
    }


def _generated(config: dict, name: str) -> dict[str, float]:
    """`texts` of a miniature, measured on problems drawn for it."""
    # Too heavy for plans that need no miniatures.
    from arte.data import ood
    from arte.mini import bbh as mini
    from arte.mini import ood as mini_ood
    from arte.mini.problem import TECHNIQUES

    seed, difficulty = config["seed"], config["data"]["difficulty"]
    if name in OOD:
        problems = mini_ood.draw(name, SAMPLE, seed=seed, difficulty=difficulty)
        items = [ood.READERS[name](mini_ood.ROWS[name](problem)) for problem in problems]
        exemplar = _mean(ood.rationale(item) for item in items)
    else:
        problems = mini.draw(name, SAMPLE, seed, difficulty)
        exemplar = _mean(p.rationale(mini.EXEMPLAR_TECHNIQUE) for p in problems)
    known = [name for name in config["elicit"]["techniques"] if name in TECHNIQUES] or TECHNIQUES
    rationale = _mean(p.rationale(name) for p in problems for name in known)
    return {
        "question": _mean(p.question for p in problems),
        "rationale": rationale,
        "answer": rationale,  # a nano student answers as its example does
        "few_shot_answer": exemplar,
        "exemplar": exemplar,
    }


def _mean(strings: Iterable[str]) -> float:
    return fmean(len(text) for text in strings)


def _ratio(config: dict, assumed: dict) -> float:
    nano = config["models"][config["roles"]["teacher"]]["source"] == "nano"
    return assumed["chars_per_token"]["nano" if nano else "hub"]


def lengths_of(config: dict, subtask: str, *, prompts: Prompts, assumed: dict) -> Lengths:
    """The Lengths of one subtask; `assumed` is the block `lengths` of config/throughput.yaml."""
    chars = texts(config, subtask, assumed)
    elicit = config["elicit"]
    empty = prompts.student(subtask, [], "")
    tagged = len(tagged_question(1, "", "answer")) + chars["question"]
    seeds = elicit["seed_questions"]
    asked = prompts.question(subtask, [("", "answer")] * seeds, elicit["questions_per_call"])
    techniques = [len(prompts.rationale(subtask, name, "")) for name in elicit["techniques"]]
    counted = {
        **chars,
        "tagged_question": tagged,
        "question_prompt": len(asked) + seeds * chars["question"],
        "instruction": fmean(techniques),
        "naive": len(prompts.rationale(subtask, NAIVE, "")),
        "student_template": len(empty),
        "example_template": len(prompts.student(subtask, [("", "")], "")) - len(empty),
    }
    ratio = _ratio(config, assumed)
    tokens = {name: value / ratio for name, value in counted.items()}
    return Lengths(**tokens, question_yield=assumed["question_yield"])


def instruction_lengths(config: dict, name: str, *, prompts: Prompts, assumed: dict) -> Lengths:
    """The Lengths of one instruction set: template, request (with system text) and response."""
    request, response = assumed["instruction_chars"]
    if config["data"]["source"] == "embedded":
        from arte.mini.instructions import draw
        from arte.tailor.instructions import READERS

        turns = [READERS[name](row) for row in draw(name, SAMPLE, config["seed"])]
        request = _mean(turn.system + turn.request for turn in turns)
        response = _mean(turn.response for turn in turns)
    template, ratio = len(prompts.instruction("", "")), _ratio(config, assumed)
    return Lengths(request / ratio, response / ratio, template / ratio)


def all_lengths(config: dict, *, prompts: Prompts, assumed: dict) -> dict[str, Lengths]:
    """Lengths of every subtask, benchmark and instruction set of a config."""
    known = {"prompts": prompts, "assumed": assumed}
    found = {name: lengths_of(config, name, **known) for name in names(config)}
    sets = [arm["instructions"] for arm in config["arms"].values() if "instructions" in arm]
    return found | {name: instruction_lengths(config, name, **known) for name in sets}
