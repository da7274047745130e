"""The files of a small run that the page is made from; texts of models are chosen by the test."""

import json
import sys
from pathlib import Path

import polars as pl
from configs import DEFAULT, ROOT
from predicted import PUBLISHED, predictions

from arte.core import io
from arte.data.tables import ITEMS
from arte.elicit.tables import RATIONALES
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import SCORES
from arte.report import tables
from arte.report.bbh import table2
from arte.report.claims import claim
from arte.report.claims.listed import read
from arte.report.claims.measured import parts
from arte.report.claims.verdicts import judge
from arte.report.page import page
from arte.report.render import Block, Document, markdown, write
from arte.tailor.tables import TRAINING_SET

SUBTASK = "web_of_lies"
TECHNIQUES = ("steps", "direct")
SVG = (
    '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" '
    'viewBox="0 0 72 36"><defs><path id="p1" d="M0 0h9"/></defs>'
    '<use href="#p1" style="stroke: #000000; clip-path: url(#p1)"/></svg>\n'
)


EVIL = "</pre></article><script>alert(1)</script><img src=https://example.org/x onerror=alert(1)>"
"""A text that would run, and would ask another host, if it were not escaped."""


def written(root: Path, **kinds: object) -> Path:
    """The page of a small run below `root`."""
    arguments = small_run(root, **kinds)
    before, sys.argv = sys.argv, ["page", *arguments]
    try:
        page.main()
    finally:
        sys.argv = before
    return root / "index.html"


def small_run(
    root: Path, text: str = "It is Yes.", items: int = 6, without: tuple[str, ...] = ()
) -> list[str]:
    """Write the files below `root`; return the command line of the page without its program.

    text: what every model wrote; without: flags and names of files that the run has none of.
    """
    made = {**_tables(root), **_generated(root, text, items), **_records(root)}
    page = ROOT / "workflow/report/page"
    made["template"] = [page / name for name in ("page.js", "style.css", "index.html")]
    made["hub"] = ROOT / "resources/hub_files.json"
    made["results"] = root
    made["output"] = root / "index.html"
    arguments = ["--cfg", json.dumps({"run": "small", "scorer": "icl"})]
    for flag, paths in made.items():
        given = paths if isinstance(paths, list) else [paths]
        kept = [path for path in given if not {flag, Path(path).stem} & {*without}]
        arguments += [f"--{flag}", *map(str, kept)]
    return arguments


def _tables(root: Path) -> dict:
    found = predictions(seeds=(0, 1), sizes={SUBTASK: 12})
    made = table2(found, PUBLISHED, {"student": "nano"})
    folder = root / "tables"
    paths = [folder / f"table2{ending}" for ending in (".md", ".csv")]
    tables.write(made, list(map(str, paths)))
    claims = read(ROOT / "config/claims.yaml")
    judged = {}
    for name, each in claims.items():
        lacking = "" if each.table == "table2" else "no such table"
        judged[name] = judge(each, parts(each, {"table2": made.differences}, {"nano": ""}, lacking))
    rows = claim.frame(judged, claims)
    for ending in (".md", ".csv"):
        paths.append(folder / f"claims{ending}")
        write(rows, claim.document(rows), str(paths[-1]))
    block = Block("Answers, %", ["subtask", "change"], [["a|b <i>", "+1.0"]])
    paths.append(folder / "technique_shift.md")
    io.write_text(markdown(Document("What alignment did", ["A note."], [block])), paths[-1])
    figures = [root / f"figures/{name}.svg" for name in ("figure1", "figure2", "technique_shift")]
    for path in figures:
        io.write_text(SVG, path)
    return {"tables": paths, "figures": figures}


def _generated(root: Path, text: str, items: int) -> dict:
    """What models wrote, and what students were tested on."""
    numbers = range(items)
    own = {"subtask": SUBTASK, "task": SUBTASK, "category": "BBH-Logic"}
    test = [own | {"item_id": f"{n:03d}", "question": text, "answer": "Yes"} for n in numbers]
    liked = [row | {"discrimination": 1.0 + n, "rank": n} for n, row in enumerate(test[:3])]
    irt = [
        {"discrimination": 1.0 + n, "difficulty": n / 9, "discrimination_map": 1.0}
        | {"subtask": SUBTASK, "item_id": f"{n:03d}", "n_correct": 1, "n": 4}
        for n in numbers
    ]
    asked = {"question": text, "answer": "Yes", "rationale": text, "finish_reason": "stop"}
    drafts, scores = [], []
    for n in numbers:
        for number, technique in enumerate(TECHNIQUES):
            key = {"subtask": SUBTASK, "question_id": f"{n:03d}", "rationale_id": number}
            read_as = {"answer_pred": "yes", "correct": number == 0, "prompt_id": "p"}
            drafts.append(key | {"technique": technique} | asked | read_as)
            scores.append(key | {"technique": technique, "score": 0.25 * (1 + number), "n": 4})
    pair = {"subtask": SUBTASK, "prompt": text, "chosen": text, "rejected": text, "margin": 0.25}
    pairs = [pair | {"kind": "rationale", "question_id": f"{n:03d}"} for n in numbers]
    row = {"subtask": SUBTASK, "technique": "naive", "prompt": text, "completion": text}
    trained = [row | {"question_id": f"{n:03d}"} for n in numbers]
    answered = predictions(sizes={SUBTASK: items}).with_columns(output=pl.lit(text))
    made = {
        "items": (ITEMS.frame(test), ITEMS),
        "preference": (PREFERENCE_SET.frame(liked), PREFERENCE_SET),
        "irt": (IRT.frame(irt), IRT),
        "drafts": (RATIONALES.frame(drafts), RATIONALES),
        "scores": (SCORES.frame(scores), SCORES),
        "pairs": (PAIRS.frame(pairs), PAIRS),
        "training": (TRAINING_SET.frame(trained), TRAINING_SET),
        "predictions": (answered, PREDICTIONS),
    }
    paths = {name: root / f"{name}/arte.parquet" for name in made}
    for name, (frame, schema) in made.items():
        io.write_table(frame, paths[name], schema, {})
    return paths


def _records(root: Path) -> dict:
    """Metrics, gates, the data report, fingerprints, the configuration, and what jobs took."""
    history = {"step": [1, 2], "loss": [0.7, 0.5], "margin": [0.0, 0.2], "accuracy": [0.5, 1.0]}
    moved = {"moved": True, "kl": 0.02976, "kl_se": 0.0016, "kl_pairs": 128}
    counts = {"n": 6, "duplicates": 1, "contradictions": 0, "not_in_form": 0, "reachable": 6}
    report = {name: {"subtasks": {SUBTASK: counts}} for name in ("items", "validation")}
    made = {
        "alignment": (root / "align/metrics.json", {"history": history} | moved),
        "students": (root / "students/nano/arte/0/metrics.json", {"history": history}),
        "data": (root / "data/report.json", report),
        "models": (root / "models/nano_student/fingerprint.json", {"fingerprint": "f" * 64}),
        "config": (root / "figures/figure1.config.json", DEFAULT),
    }
    for path, value in made.values():
        io.write_json(value, path)
    gates = root / "models/gates-student.csv"
    io.write_text(
        "subtask,model,measure,value,low,high,n\nweb_of_lies,student,steps,0.5,0.25,0.75,8\n", gates
    )
    head = "s\th:m:s\tmax_rss\n"
    for name, seconds in (
        ("finetune_student/a", 1800),
        ("finetune_student/b", 3600),
        ("fit_irt", 36),
    ):
        io.write_text(f"{head}{seconds}\t0\t2048.0\n", root / f"benchmarks/{name}.tsv")
    io.write_json({"requests": 3, "generated": 2}, root / "evaluate/stats-0.json")
    io.write_json({"requests": 4, "generated": 4}, root / "elicit/stats-0.json")
    return {name: path for name, (path, _) in made.items()} | {"gates": gates}
