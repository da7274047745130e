"""Our evaluation beside lm-evaluation-harness: the same model, prompts and items, by other code.

    python -m venv .venv-harness
    .venv-harness/bin/pip install -r requirements/cpu.lock lm-eval==0.4.13
    PYTHONPATH=workflow/scripts .venv-harness/bin/python benchmarks/harness.py \
        --results results/embedded --model results/embedded/students/nano_student/arte/0 \
        --student nano_student --arm arte --shots 0

The harness gets prompts and gold answers as a file, and generates and extracts by its own code:
greedy, until a next question begins, the text of the first <ans> tag. Printed is, for each subtask,
how many items have the same generated text up to that tag, the same extracted answer and the same
mark, and the accuracy of both. Every item that differs is printed with both texts.
"""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import lm_eval
import polars as pl
from lm_eval.tasks import TaskManager

from arte.core.answers import normalize
from arte.core.forms import Form
from arte.core.prompts import Prompts

TAG = re.compile(r"<ans>\s*(.*?)\s*</ans>", re.DOTALL)
TASK = """\
task: ours
dataset_path: json
dataset_kwargs: {{ data_files: {{ test: {file} }} }}
test_split: test
output_type: generate_until
doc_to_text: "{{{{prompt}}}}"
doc_to_target: "{{{{gold}}}}"
generation_kwargs: {{ until: ["\\nQuestion:"], do_sample: false, max_gen_toks: {max_tokens} }}
filter_list:
  - name: tag
    filter:
      - function: regex
        regex_pattern: "(?s)<ans>\\\\s*(.*?)\\\\s*</ans>"
      - function: take_first
metric_list:
  - metric: exact_match
    ignore_case: true
"""


def ours(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Our predictions of one arm and number of shots, with the prompt of each item."""
    prompts = Prompts(args.prompts)
    rows = []
    for path in sorted((args.results / f"evaluate/{args.student}/{args.arm}/0").glob("*.parquet")):
        found = pl.read_parquet(path).filter(pl.col("shots") == args.shots).sort("item_id")
        folder = args.results / "data" / path.stem
        questions = dict(pl.read_parquet(folder / "items.parquet")["item_id", "question"].rows())
        shown = pl.read_parquet(folder / "exemplars.parquet").head(args.shots)
        examples = list(shown["question", "rationale"].iter_rows())
        for row in found.iter_rows(named=True):
            prompt = prompts.student(row["subtask"], examples, questions[row["item_id"]])
            rows.append(row | {"prompt": prompt})
    return rows


def theirs(rows: list[dict[str, Any]], args: argparse.Namespace) -> list[dict[str, Any]]:
    """What the harness logs for the prompts of `rows`, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        docs = Path(folder, "docs.jsonl")
        docs.write_text(
            "".join(json.dumps({"prompt": r["prompt"], "gold": r["answer"]}) + "\n" for r in rows)
        )
        Path(folder, "ours.yaml").write_text(TASK.format(file=docs, max_tokens=args.max_tokens))
        done = lm_eval.simple_evaluate(
            model="hf",
            model_args={"pretrained": str(args.model), "dtype": "float32"},
            tasks=["ours"],
            task_manager=TaskManager(include_path=folder, include_defaults=False),
            batch_size=args.batch,
            device="cpu",
            log_samples=True,
            bootstrap_iters=0,
        )
    return sorted(done["samples"]["ours"], key=lambda sample: sample["doc_id"])


def compared(row: dict[str, Any], sample: dict[str, Any], kind: Form) -> dict[str, Any]:
    """One item by both: whether text, extracted answer and mark agree."""
    text = sample["resps"][0][0]
    tag = TAG.search(text)
    mine = TAG.search(row["output"])
    answer = normalize(tag[1], kind) if tag else None
    right = bool(sample["exact_match"])
    return {
        "subtask": row["subtask"],
        "items": 1,
        "texts": (text[: tag.end()] if tag else text) == row["output"].split("\nQuestion:")[0],
        "tags": (tag and tag[1]) == (mine and mine[1]),
        "answers": answer == row["answer_pred"],
        "marks": right == row["correct"],
        "ours": row["correct"],
        "theirs": right,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--prompts", default="resources/prompts")
    parser.add_argument("--student", required=True)
    parser.add_argument("--arm", required=True)
    parser.add_argument("--shots", type=int, required=True)
    parser.add_argument("--max-tokens", type=int, default=192)
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    rows = ours(args)
    if not rows:
        sys.exit(f"error: no predictions below {args.results} for this arm and number of shots")
    prompts = Prompts(args.prompts)
    forms = [prompts.task(row["subtask"]).answer_type for row in rows]
    found = list(zip(rows, theirs(rows, args), forms, strict=True))
    table = pl.DataFrame([compared(*each) for each in found])
    measures = ("items", "texts", "tags", "answers", "marks", "ours", "theirs")
    total = table.with_columns(subtask=pl.lit("all"))
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True):
        print(
            pl.concat([table, total])
            .group_by("subtask", maintain_order=True)
            .agg(pl.col(measures).sum())
        )
    for row, sample, form in found:
        same = compared(row, sample, form)
        if not (same["texts"] and same["marks"]):
            print(
                json.dumps(
                    {
                        "item": row["item_id"],
                        "gold": row["answer"],
                        "ours": row["output"],
                        "theirs": sample["resps"][0][0],
                        "mark": [same["ours"], same["theirs"]],
                    }
                )
            )


if __name__ == "__main__":
    main()
