"""Verdicts on the paper's claims, from the tables of a run."""

from pathlib import Path

import polars as pl

from arte.core import job
from arte.core.errors import cli
from arte.report import render
from arte.report.claims.listed import FIGURE2, Claim, read
from arte.report.claims.measured import Tables, parts
from arte.report.claims.verdicts import VERDICTS, Judged, asked, judge
from arte.report.render import Block, Document

DASH = "–"
ROWS = {
    "claim": pl.String,
    "section": pl.String,
    "table": pl.String,
    "verdict": pl.String,
    "why": pl.String,
    "student": pl.String,
    "comparison": pl.String,
    "asked": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "mde": pl.Float64,
    "printed": pl.Float64,
    "stated": pl.Float64,
    "comparison_verdict": pl.String,
    "statement": pl.String,
    "command": pl.String,
}
"""Columns of the csv: one row per comparison of a claim."""

SUPPORT = (
    "supported: the 95 % interval of every difference of a claim lies in the range that the claim"
    " names. contradicted: that of one difference lies outside. not decided: neither, so that the"
    " run is too small to tell. not testable here: this run lacks what the claim is about."
)
INTERVALS = (
    "Differences are those of the tables, paired over items, in points; Appendix E and"
    " contamination have shares in percent, Figure 2 correlations. Intervals are not corrected for"
    " the number of claims."
)
MDE = (
    "MDE: the smallest true difference that the comparison finds with 80 % power. printed: from the"
    " paper's tables; text: what its text says instead."
)
SCOPE = (
    "A verdict concerns the models and tasks of this run. Only the preset paper has the paper's."
)
COMMAND = (
    "One claim and only what it needs: {command}, with the --configfile of the run; snakemake plan"
    " has the time of each."
)


def tables(paths: list[str]) -> Tables:
    """The rows of the tables given: named as `listed.file_of` says."""
    found = {}
    for path in paths:
        name = Path(path).stem.removesuffix("_differences").removesuffix("_correlations")
        numbers = ("value", "low", "high", "mde", "share", "printed", "published", "correlation")
        frame = pl.read_csv(path, infer_schema_length=None)
        present = [column for column in numbers if column in frame.columns]
        found[name] = frame.with_columns(pl.col(present).cast(pl.Float64))
    return found


def frame(judged: dict[str, Judged], claims: dict[str, Claim]) -> pl.DataFrame:
    """One row per comparison."""
    rows = []
    for name, each in judged.items():
        claim = claims[name]
        for part, verdict in each.parts:
            rows.append(
                {
                    "claim": name,
                    "section": claim.section,
                    "table": claim.table,
                    "verdict": each.verdict,
                    "why": each.why,
                    "student": part.student,
                    "comparison": part.what,
                    "asked": asked(claim),
                    "value": part.value,
                    "low": part.low,
                    "high": part.high,
                    "mde": part.mde,
                    "printed": part.printed,
                    "stated": claim.stated,
                    "comparison_verdict": verdict,
                    "statement": claim.statement,
                    "command": command(name),
                }
            )
    return pl.DataFrame(rows, schema=ROWS, orient="row")


def command(name: str) -> str:
    """What makes a claim's verdict and nothing else; it takes the run's --configfile too."""
    return f"snakemake --cores 2 claim_{name}"


def tally(verdicts: list[str]) -> str:
    """How many claims have each verdict, in words."""
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS)


def document(rows: pl.DataFrame) -> Document:
    """The verdicts, the comparisons, and what each claim says."""
    claims = rows.unique("claim", keep="first", maintain_order=True)
    verdicts, says = [], []
    for row in claims.iter_rows(named=True):
        verdicts.append([row["claim"], row["section"], row["verdict"], row["why"]])
        says.append([row["claim"], row["statement"]])
    compared = []
    for row in rows.filter(pl.col("value").is_not_null()).iter_rows(named=True):
        places = 2 if row["table"] == FIGURE2 else 1
        value, *ends = (f"{row[name]:+z.{places}f}" for name in ("value", "low", "high"))
        ours = f"{value} [{', '.join(ends)}]"
        numbers = [_number(row[name]) for name in ("mde", "printed", "stated")]
        named = [row["claim"], row["comparison"], row["student"] or DASH, row["asked"]]
        compared.append([*named, ours, *numbers, row["comparison_verdict"]])
    header = ["claim", "comparison", "student", "asked", "ours [95 %]", "MDE", "printed", "text"]
    blocks = [
        Block("Verdicts", ["claim", "section", "verdict", "why"], verdicts),
        Block("Comparisons", [*header, "verdict"], compared),
        Block("What each claim says", ["claim", "statement"], says),
    ]
    notes = [SUPPORT, INTERVALS, MDE, SCOPE, COMMAND.format(command=command("<claim>"))]
    title = f"The paper's claims: {tally(claims['verdict'].to_list())}"
    return Document(title, notes, [block for block in blocks if block.rows])


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"


@cli
def main() -> None:
    """Command line; --cfg: claims (id to why it cannot be tested), students (name to hub id)."""
    args = job.parse(__doc__, "--cfg", "--claims", "--tables*", "--output+")
    claims = read(args.claims)
    found = tables(args.tables)
    judged = {}
    for name, claim in claims.items():  # in the order of the file
        if name not in args.cfg["claims"]:
            continue
        lacking = args.cfg["claims"][name]
        judged[name] = judge(claim, parts(claim, found, args.cfg["students"], lacking))
        job.log(f"{name}: {judged[name].verdict}: {judged[name].why}")
    rows = frame(judged, claims)
    for path in args.output:
        render.write(rows, document(rows), path)


if __name__ == "__main__":
    main()
