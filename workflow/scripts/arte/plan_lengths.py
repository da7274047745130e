"""How long prompts and answers will be, in tokens, per subtask.

Templates and instructions are the prompt files' own; questions and answers of the miniatures are
drawn from their generators, those of public data are means stated in config/throughput.yaml.
"""

from dataclasses import dataclass
from statistics import fmean

from arte.prompts import NAIVE, Prompts, tagged_question

SAMPLE = 60
"""Miniature problems per subtask whose lengths are averaged."""


@dataclass(frozen=True)
class Lengths:
    """Mean tokens of one subtask's texts; templates without what fills them.

    `answer` is a student's without an example or after a draft, `few_shot_answer` after published
    exemplars, `exemplar` such an exemplar's answer. `student_template` is Table 13 without
    examples, `example_template` what an example adds beside its question and rationale.
    """

    question: float
    tagged_question: float
    rationale: float
    answer: float
    few_shot_answer: float
    exemplar: float
    question_prompt: float
    instruction: float
    naive: float
    student_template: float
    example_template: float
    question_yield: float

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


def texts(config: dict, subtask: str, assumed: dict) -> dict[str, float]:
    """Mean characters of a question, a rationale, a student's answers and an exemplar's answer."""
    data = config["data"]
    if data["source"] != "embedded":
        question, exemplar = assumed["bbh"][subtask]
        return {
            "question": question,
            "rationale": assumed["rationale_chars"],
            "answer": assumed["answer_chars"],
            "few_shot_answer": assumed["answer_chars"],
            "exemplar": exemplar,
        }
    # Too heavy for plans that need no miniatures.
    from arte.mini import EXEMPLAR_TECHNIQUE, draw

    difficulty = (data["difficulty"],) if "difficulty" in data else ()
    problems = draw(subtask, SAMPLE, config["seed"], *difficulty)
    rationale = fmean(len(p.rationale(t)) for p in problems for t in config["elicit"]["techniques"])
    exemplar = fmean(len(p.rationale(EXEMPLAR_TECHNIQUE)) for p in problems)
    return {
        "question": fmean(len(p.question) for p in problems),
        "rationale": rationale,
        "answer": rationale,  # a nano student answers as its example does
        "few_shot_answer": exemplar,
        "exemplar": exemplar,
    }


def lengths_of(config: dict, subtask: str, *, prompts: Prompts, assumed: dict) -> Lengths:
    """The Lengths of one subtask; `assumed` is the block `lengths` of config/throughput.yaml."""
    chars = texts(config, subtask, assumed)
    elicit = config["elicit"]
    nano = config["models"][config["roles"]["teacher"]]["source"] == "nano"
    ratio = assumed["chars_per_token"]["nano" if nano else "hub"]
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
    tokens = {name: value / ratio for name, value in counted.items()}
    return Lengths(**tokens, question_yield=assumed["question_yield"])
