"""Our extraction on the published outputs of Codex: accuracies beside the published ones.

    git clone https://github.com/suzgunmirac/BIG-Bench-Hard
    PYTHONPATH=workflow/scripts python benchmarks/codex.py BIG-Bench-Hard

The authors of BIG-Bench Hard published what code-davinci-002 wrote to all items, with reasoning
(cot) and without (direct), and the accuracy that they measured. Its answers have no tags: they are
read leniently. A direct output is a bare answer, and is read as one.
"""

import argparse
import json
import sys
from pathlib import Path

from arte.core.answers import normalize
from arte.core.forms import Form
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts

KINDS = ("cot", "direct")


def read(kind: str, text: str, answer_type: Form) -> str | None:
    """The answer in one published output."""
    found = extract(text, answer_type).lenient
    return normalize(text, answer_type) if found is None and kind == "direct" else found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path, help="a clone of BIG-Bench-Hard")
    folder = parser.parse_args().clone / "code-davinci-002-outputs"
    differ = compared = 0
    prompts = Prompts(Path(__file__).parents[1] / "resources/prompts")
    for kind in KINDS:
        for path in sorted((folder / f"code-davinci-002-{kind}").glob("*_eval_metrics.jsonl")):
            subtask = path.name.split("_few_shot")[0]
            answer_type = prompts.task(subtask).answer_type
            outputs = json.loads(
                path.with_name(path.name.replace("_eval_metrics.jsonl", ".json")).read_text()
            )["outputs"]
            right = sum(
                is_correct(read(kind, row["prediction"], answer_type), row["target"], answer_type)
                for row in outputs
            )
            published = json.loads(path.read_text().splitlines()[0])["accuracy"]
            share = 100 * right / len(outputs)
            compared += 1
            differ += abs(share - published) > 1e-6
            print(f"{kind:6} {subtask:40} {len(outputs):3} items  {share:5.1f}  {published:5.1f}")
    print(f"{compared - differ} of {compared} accuracies equal the published ones")
    if differ or not compared:
        sys.exit(1)


if __name__ == "__main__":
    main()
