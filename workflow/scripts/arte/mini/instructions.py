"""Write one public instruction set in miniature, in the columns of the published files.

python -m arte.mini.instructions --cfg JSON --output-raw DIR

General instructions about words, numbers and the facts of the small world; none is a BBH task and
none asks for answer tags. Each set keeps what is its own in the published one: gpt4_llm is short,
tulu_v2 mixes conversations, wizardlm adds a demand, openorca has a system text and reasons aloud.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.data import hub_files
from arte.mini.problem import distinct
from arte.mini.world import ANIMALS, MATERIALS, TOOLS

WORDS = tuple(dict.fromkeys([*TOOLS, *ANIMALS, *MATERIALS]))


class Asked(NamedTuple):
    """An instruction, what it is about (may be empty), its answer, and a sentence of reasoning."""

    ask: str
    given: str
    answer: str
    reason: str

    @property
    def request(self) -> str:
        """Instruction and matter on one line."""
        return f"{self.ask} {self.given}".strip()


def _pick(rng: np.random.Generator, values: tuple) -> str:
    return values[rng.integers(len(values))]


def about_words(rng: np.random.Generator) -> Asked:
    """Repeat three to five words, reverse or count them, or pick the first or the last."""
    words = [WORDS[i] for i in rng.choice(len(WORDS), size=int(rng.integers(3, 6)), replace=False)]
    given, back, count = " ".join(words), " ".join(reversed(words)), len(words)
    numbered = " , ".join(f"{word} {i}" for i, word in enumerate(words, start=1))
    return (
        Asked("Repeat the words.", given, given, f"There are {count} words ."),
        Asked("Reverse the words.", given, back, f"The last word is {words[-1]} ."),
        Asked("Count the words.", given, str(count), f"We count {numbered} ."),
        Asked("Say the first word.", given, words[0], f"The words begin with {words[0]} ."),
        Asked("Say the last word.", given, words[-1], f"The words end with {words[-1]} ."),
    )[rng.integers(5)]


def about_numbers(rng: np.random.Generator) -> Asked:
    """Add two numbers up to nine, take one from the other, or put three in order."""
    first, second, third = (int(number) for number in rng.choice(9, size=3, replace=False) + 1)
    low, high = sorted((first, second))
    ordered = sorted((first, second, third))
    return (
        Asked(
            "Add the numbers.",
            f"{first} {second}",
            str(first + second),
            f"{first} + {second} = {first + second} .",
        ),
        Asked(
            "Say what is left.",
            f"Take {low} from {high}.",
            str(high - low),
            f"{high} - {low} = {high - low} .",
        ),
        Asked(
            "Put the numbers in order.",
            f"{first} {second} {third}",
            " ".join(map(str, ordered)),
            f"The smallest is {ordered[0]} .",
        ),
    )[rng.integers(3)]


def about_facts(rng: np.random.Generator) -> Asked:
    """Name a fact of the small world."""
    tool, animal, thing = (_pick(rng, tuple(d)) for d in (TOOLS, ANIMALS, MATERIALS))
    purpose, place = TOOLS[tool]
    cover, home = ANIMALS[animal]
    made_of = MATERIALS[thing]
    return (
        Asked(f"Say where the {tool} is.", "", place, f"The {tool} is in the {place} ."),
        Asked(f"Say what the {tool} can do.", "", purpose, f"The {tool} can {purpose} ."),
        Asked(f"Say what covers the {animal}.", "", cover, f"The {animal} has {cover} ."),
        Asked(f"Say where the {animal} lives.", "", home, f"The {animal} lives in the {home} ."),
        Asked(
            f"Say what the {thing} is made of.", "", made_of, f"The {thing} is made of {made_of} ."
        ),
    )[rng.integers(5)]


def instruction(rng: np.random.Generator) -> Asked:
    """One instruction of any kind."""
    return (about_words, about_numbers, about_facts)[rng.integers(3)](rng)


def gpt4_llm_row(rng: np.random.Generator) -> dict:
    """{instruction, input, output}: short, with the matter apart where there is any."""
    asked = instruction(rng)
    return {"instruction": asked.ask, "input": asked.given, "output": f"{asked.answer} ."}


def wizardlm_row(rng: np.random.Generator) -> dict:
    """{instruction, output}: an instruction made harder by a demand on the answer."""
    asked = instruction(rng)
    demand, output = (
        ("Begin with the word well.", f"well {asked.answer} ."),
        ("End with the word done.", f"{asked.answer} done ."),
        ("Say it twice.", f"{asked.answer} , {asked.answer} ."),
        ("Give a reason first.", f"{asked.reason} {asked.answer} ."),
    )[rng.integers(4)]
    return {"instruction": f"{asked.request} {demand}", "output": output}


def openorca_row(rng: np.random.Generator) -> dict:
    """{id, system_prompt, question, response}: a system text, and an answer after its reason."""
    asked = instruction(rng)
    system = _pick(rng, ("You help people. Think before you answer.", "Explain the answer."))
    row = {
        "system_prompt": system,
        "question": asked.request,
        "response": f"{asked.reason} So we say {asked.answer} .",
    }
    return {"id": f"mini.{io.digest(row)}"} | row


def tulu_v2_row(rng: np.random.Generator) -> dict:
    """{dataset, id, messages}: one or two turns, some with a system text and some with a reason."""
    messages = []
    if rng.random() < 0.2:
        messages.append({"role": "system", "content": "You help people."})
    for _ in range(int(rng.integers(1, 3))):
        asked = instruction(rng)
        reason = f"{asked.reason} " if rng.random() < 0.5 else ""
        messages += [
            {"role": "user", "content": asked.request},
            {"role": "assistant", "content": f"{reason}{asked.answer} ."},
        ]
    source = "mini_chat" if len(messages) > 2 else "mini_tasks"
    return {"dataset": source, "id": f"{source}_{io.digest(messages)}", "messages": messages}


SETS: dict[str, tuple[Callable[[np.random.Generator], dict], str]] = {
    "gpt4_llm": (gpt4_llm_row, "json"),
    "openorca": (openorca_row, "parquet"),
    "tulu_v2": (tulu_v2_row, "parquet"),
    "wizardlm": (wizardlm_row, "json"),
}
"""How each set writes a row, and in which format it is published."""


def draw(name: str, count: int, seed: int) -> list[dict]:
    """`count` different rows of a set, the same for the same seed; raises ArteError if too few."""
    if name not in SETS:
        raise ArteError(
            expected=f"an instruction set in miniature: {', '.join(SETS)}",
            found=repr(name),
            where="the instruction set's name",
            remedy="choose among these",
        )
    return distinct(
        SETS[name][0],
        io.canonical,
        name=name,
        seed=seed,
        count=count,
        shortage=(
            "different rows",
            "the number of rows",
            "lower it: the miniature has no more rows",
        ),
    )


@cli
def main() -> None:
    """Write cfg["rows"] rows of cfg["instructions"]."""
    args = job.parse(__doc__, "--cfg", "--output-raw")
    name = args.cfg["instructions"]
    rows = draw(name, args.cfg["rows"], args.cfg["seed"])
    hub_files.write_rows(rows, Path(args.output_raw, f"train-0.{SETS[name][1]}"))


if __name__ == "__main__":
    main()
