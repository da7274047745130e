"""How many planted leaks the contamination check finds, and how many innocent questions it accuses.

    PYTHONPATH=workflow/scripts python benchmarks/contamination.py BBH [BIGBENCH] [--leaks N]

BBH is a folder of <subtask>.json. Leaks are test items as they are, and the same reworded: options
in reverse, no capitals and punctuation, another opening, and half of the template's words replaced.
Innocent are BIG-bench's items that BBH does not have, where its folder is given: they are made by
the same hands and programs as the test items, so they look as much like them as can be.
"""

import argparse
from pathlib import Path

import numpy as np

from arte.core import job
from arte.core.prompts import Prompts
from arte.data import bbh, bigbench, bigbench_forms, layout
from arte.data.overlap import parts, tokens
from arte.report.leaks import Items

ROOT = Path(__file__).parents[1]
PINS = ROOT / "resources/bigbench.json"
PROMPTS = Prompts(ROOT / "resources/prompts")
OPENING = "please work out the following one"
OTHERS = ("this", "such", "here", "given", "certain", "about", "with", "under", "each", "very")
"""What a rewording puts in place of words of the template."""


def reworded(question: str, items: Items, rng: np.random.Generator) -> str:
    """`question` with reversed options, plain, opened otherwise, half of the template replaced."""
    stem, options = parts(question)
    words = tokens(stem)
    for place, word in enumerate(words):
        if word in items.template and rng.random() < 0.5:
            words[place] = OTHERS[rng.integers(len(OTHERS))]
    listed = [f"({chr(ord('A') + place)}) {text}" for place, text in enumerate(options[::-1])]
    return "\n".join([f"{OPENING} {' '.join(words)}", *(["Options:", *listed] if listed else [])])


def planted(questions: list[str], items: Items, count: int) -> tuple[list[str], list[str]]:
    """`count` test items as they are, and the same reworded."""
    rng = job.derived_rng("leaks", 0)
    verbatim = [questions[place] for place in rng.integers(len(questions), size=count)]
    return verbatim, [reworded(text, items, rng) for text in verbatim]


def innocent(subtask: str, folder: str | None, bbh_folder: str) -> list[str]:
    """At most 250 questions of BIG-bench that are not in BBH; none without its folder."""
    pins = layout.bigbench_pins(PINS)
    if folder is None or subtask not in pins:
        return []
    kind = PROMPTS.task(subtask)
    test = bbh.items(kind, bbh.read_examples(str(layout.local(bbh_folder, f"{subtask}.json"))))
    cot = str(layout.local(bbh_folder, f"cot-prompts/{subtask}.txt"))
    known = bigbench.Known(subtask, test, bbh.read_exemplars(kind, cot))
    path = str(layout.bigbench_file(folder, pins[subtask]["path"]))
    pool, _ = bigbench.usable(bigbench_forms.read(subtask, path, 0), known)
    return bbh.draw(bbh.items(kind, pool), 250, 0)["question"].to_list() if pool else []


def main() -> None:
    """Print recall and accusations by subtask, and over all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bbh")
    parser.add_argument("bigbench", nargs="?")
    parser.add_argument("--leaks", type=int, default=100)
    args = parser.parse_args()
    print("| subtask | limit | verbatim | reworded | accused of innocent |\n|---|--:|--:|--:|--:|")
    total = np.zeros(4, dtype=int)
    for subtask in bigbench_forms.FORMS | bigbench.bigbench_programs.PROGRAMS:
        path = layout.local(args.bbh, f"{subtask}.json")
        questions = [question for question, _ in bbh.read_examples(str(path))]
        items = Items(questions)
        verbatim, reworded_ones = planted(questions, items, args.leaks)
        clean = innocent(subtask, args.bigbench, args.bbh)
        counts = [sum(map(items.suspect, each)) for each in (verbatim, reworded_ones, clean)]
        total += [*counts, len(clean)]
        cells = f"{counts[0]} | {counts[1]} | {counts[2]} of {len(clean)}"
        print(f"| {subtask} | {items.limit:.2f} | {cells} |", flush=True)
    print(f"| all | | {total[0]} | {total[1]} | {total[2]} of {total[3]} |")


if __name__ == "__main__":
    main()
