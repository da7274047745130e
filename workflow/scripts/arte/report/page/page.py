"""The report of a run: one page with its claims, tables, figures, samples and provenance."""

import argparse
import base64
import hashlib
from pathlib import Path

import jinja2
import polars as pl
from markupsafe import Markup
from matplotlib import pyplot

from arte.core import io, job
from arte.core.errors import cli
from arte.data.tables import ITEMS
from arte.elicit.tables import RATIONALES
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.scorers.table import SCORERS
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import SCORES
from arte.report import plotting
from arte.report.claims.verdicts import VERDICTS
from arte.report.page import documents, facts, grids, plots, samples, svg
from arte.report.specs import ALL, SPECS
from arte.report.text import setting
from arte.tailor.tables import TRAINING_SET

FIGURES = {
    "figure1": "Figure 1: the steps of this run",
    "figure2": "Figure 2: words in a rationale and the score that it gives",
    "technique_shift": "Techniques before and after alignment, and the student's scores",
}
"""Figures of the run to what they show."""

FLAGS = ("--tables+", "--figures+", "--config", "--irt", "--preference+", "--scores+", "--drafts+")
FLAGS += ("--pairs", "--alignment*", "--students+", "--training+", "--items+", "--predictions+")
FLAGS += ("--gates*", "--data", "--hub", "--models+", "--template+", "--results")


def claims(path: str) -> tuple[list[dict], dict[str, int]]:
    """The claims with their comparisons, and how many have each verdict."""
    rows = pl.read_csv(path, infer_schema_length=None)
    found = []
    for _, part in rows.group_by("claim", maintain_order=True):
        numbers = part.filter(pl.col("value").is_not_null()).to_dicts()
        found.append(part.row(0, named=True) | {"comparisons": numbers})
    verdicts = [each["verdict"] for each in found]
    return found, {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def answer(cells: pl.DataFrame) -> list[dict]:
    """Per shot setting, the accuracies on all of BBH, from the csv of Table 2."""
    whole = cells.filter(column=ALL, average="micro")
    found = []
    for shots in whole["shots"].unique().sort():
        rows = whole.filter(shots=shots).sort("strict", descending=True).to_dicts()
        found.append({"setting": setting(shots), "rows": rows})
    return found


def tables(paths: list[str]) -> dict[str, dict]:
    """Name of a table to its document (`shown`) and grids, in the order given."""
    found: dict[str, dict] = {}
    for path in map(Path, paths):
        if path.suffix == ".md":
            shown = documents.read(path.stem, path.read_text(encoding="utf-8"))
            found[path.stem] = {"shown": shown, "grids": []}
    for name in SPECS.keys() & found.keys():
        csv = next(path for path in paths if Path(path).name == f"{name}.csv")
        found[name]["grids"] = grids.grids(name, pl.read_csv(csv, infer_schema_length=None))
    return found


def figures(
    args: argparse.Namespace, scores: pl.DataFrame, rounds: dict[str, dict]
) -> dict[str, Markup]:
    """All drawings by name; rounds: the metrics of each alignment."""
    found = {}
    for path in map(Path, args.figures):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = svg.inline(text, path.stem, FIGURES[path.stem])
    irt = io.read_table(args.irt, IRT)
    kept = io.read_tables(args.preference, PREFERENCE_SET)
    trained = {Path(path).parts[-3]: io.read_json(path) for path in args.students}
    with pyplot.rc_context(plotting.STYLE):
        drawings = {
            "curves": (plots.item_curves(irt, kept), "Item curves of the preference set"),
            "information": (plots.information(irt, kept), "Information by ability"),
            "histograms": (plots.histograms(scores, args.cfg["scorer"]), "Scores of all drafts"),
            "students": (plots.students(trained), "Loss of the students by step"),
        }
        if rounds:
            drawings["alignment"] = (plots.alignment(rounds), "Training of the teacher by step")
        for name, (figure, label) in drawings.items():
            found[name] = svg.drawn(figure, name, label)
    return found


def _round(path: str) -> str:
    folder = Path(path).parts[-3]
    return folder if folder.startswith("round") else "round1"


def sources(args: argparse.Namespace) -> samples.Sources:
    """What samples come from."""
    training = {Path(path).stem: io.read_table(path, TRAINING_SET) for path in args.training}
    return samples.Sources(
        items=io.read_tables(args.items, ITEMS),
        predictions=io.read_tables(args.predictions, PREDICTIONS),
        rationales=io.read_tables(args.drafts, RATIONALES),
        scores=io.read_tables(args.scores, SCORES),
        pairs=io.read_table(args.pairs, PAIRS),
        training=training,
        unit=SCORERS[args.cfg["scorer"]].unit,
    )


def context(args: argparse.Namespace) -> dict:
    """All that the template shows."""
    paths = {Path(path).name: path for path in args.tables}
    config = io.read_json(args.config)
    listed, tally = claims(paths["claims.csv"])
    given = sources(args)
    shown, stated = samples.chosen(given)
    rounds = {_round(path): io.read_json(path) for path in args.alignment}
    counted = facts.counts(Path(args.results))
    return {
        "run": args.cfg["run"],
        "roles": config["roles"],
        "embedded": config["data"]["source"] == "embedded",
        "claims": listed,
        "tally": tally,
        "answer": answer(pl.read_csv(paths["table2.csv"], infer_schema_length=None)),
        "tables": tables(args.tables),
        "captions": FIGURES,
        "figures": figures(args, given.scores, rounds),
        "alignment": rounds,
        "samples": shown,
        "stated": stated,
        "kinds": samples.KINDS,
        "tasks": sorted({sample.task for sample in shown}),
        "labels": sorted({cell.label for sample in shown for cell in sample.cells}),
        "gates": facts.gates(args.gates),
        "data": facts.data(args.data),
        "licenses": facts.licenses(config, io.read_json(args.hub)),
        "acknowledged": config["licenses"]["acknowledged"],
        "cost": facts.cost(Path(args.results)),
        "generated": facts.generated(counted),
        "chats": facts.chats(config, counted),
        "provenance": facts.provenance(args.models),
        "config": config,
    }


def render(values: dict, template: list[str]) -> str:
    """The page; template: the paths of index.html, style.css and page.js, in any order.

    Everything is escaped but our own drawings and tables. The page's policy allows this script and
    no other, so that no text of a model can run, and no request.
    """
    files = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in template}
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = files["page.js"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.from_string(files["index.html"]).render(
        **values,
        style=Markup(files["style.css"]),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        digest=digest,
    )


@cli
def main() -> None:
    """Command line; --cfg has run and scorer."""
    args = job.parse(__doc__, "--cfg", *FLAGS, "--output")
    text = render(context(args), args.template)
    io.write_text(text, args.output)
    job.log(f"{len(text.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
