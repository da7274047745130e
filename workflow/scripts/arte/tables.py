"""Tables 1, 2, 6 and 7 of the paper from our results, with the printed numbers beside ours."""

import argparse
import json
from pathlib import Path

import polars as pl
import yaml

from arte import io, job, render
from arte.categories import table1, table7
from arte.cells import ALL, UNCOMPARED, cells, outcomes
from arte.errors import cli
from arte.render import Block, Document
from arte.schema import ITEMS, PREDICTIONS, PREFERENCE_SET

REFERENCE = "original_teacher"
"""The arm that every other arm is compared with: the paper's own ablation baseline (§4.1)."""

TABLE2 = (
    "vanilla",
    "gpt4_llm",
    "tulu_v2",
    "wizardlm",
    "openorca",
    REFERENCE,
    "rationale_only",
    "question_only",
    "arte",
)

TABLE6 = {
    "vanilla": "vanilla",
    "random": "random",
    "most_preferred": REFERENCE,
    "task_consistent": "task_consistent",
    "aligned_teacher (definition)": "rationale_only",
    "aligned_teacher (number)": "question_only",
}
"""Row to arm. The paper's Aligned Teacher is defined as Rationale Only, but its printed number is
that of Question Only in Table 2, so both are given (audit item 7)."""

TABLE6_PRINTED = {
    "aligned_teacher (definition)": None,  # no number is printed under this reading
    "aligned_teacher (number)": "aligned_teacher",
}

SCALE = "Gemma-2B taught by Llama-3-70B as printed (arXiv 2406.19227), another model scale"

NOTES = [
    "Strict accuracy in percent over items (a missing <ans> tag is wrong).",
    "Intervals: 95 %, Wilson for one training seed, else bootstrap over items of the seeds' mean.",
    f"Differences are paired over items, against {REFERENCE}; p by bootstrap, p (Holm) over arms.",
    "Training seeds are held fixed; their standard deviation is the column seed SD.",
]

SETTINGS = {0: ("Zero-shot", "zero_shot"), 3: ("Three-shot", "three_shot")}


def setting(shots: int) -> str:
    """How a shot setting is called: Zero-shot, Three-shot, else 5-shot."""
    return SETTINGS[shots][0] if shots in SETTINGS else f"{shots}-shot"


def measure(predictions: pl.DataFrame, arms: list[str], seed: int) -> pl.DataFrame:
    """Cells of `arms` in every shot setting (arte.cells), with a column shots."""
    rows = [
        {"shots": shots} | row
        for shots in sorted(predictions["shots"].unique())
        for row in cells(outcomes(predictions, shots, arms), reference=REFERENCE, seed=seed)
    ]
    maybe_empty = dict.fromkeys([*UNCOMPARED, "seed_sd"], pl.Float64)
    return pl.DataFrame(rows, schema_overrides=maybe_empty)


def table2(predictions: pl.DataFrame, published: dict, seed: int) -> tuple[pl.DataFrame, Document]:
    """Table 2: arms by categories. Arms that no table of the paper knows come last."""
    known = set(TABLE2) | set(TABLE6.values()) | {"random", "task_consistent"}
    present = set(predictions["arm"])
    arms = [arm for arm in TABLE2 if arm in present] + sorted(present - known)
    printed = published["table2"]
    frame = measure(predictions, arms, seed).with_columns(
        published=pl.struct("shots", "arm", "column", "average").map_elements(
            lambda cell: _printed2(printed, cell), return_dtype=pl.Float64
        )
    )
    blocks = []
    for shots in frame["shots"].unique(maintain_order=True):
        blocks += _blocks2(frame.filter(pl.col("shots") == shots), setting(shots))
        if shots in SETTINGS:
            rows = [
                [arm, *(f"{value:.2f}" for value in values)]
                for arm, values in printed[SETTINGS[shots][1]].items()
            ]
            caption = f"{setting(shots)}, {SCALE}"
            blocks.append(Block(caption, ["arm", *printed["columns"]], rows))
    return frame, Document("Table 2: students on BBH", NOTES, blocks)


def _printed2(printed: dict, cell: dict) -> float | None:
    """The printed value of one cell; the paper's average is undefined, so only micro has one."""
    block = printed.get(SETTINGS.get(cell["shots"], ("", ""))[1], {})
    if cell["average"] != "micro" or cell["arm"] not in block:
        return None
    return block[cell["arm"]][printed["columns"].index(cell["column"])]


def _blocks2(frame: pl.DataFrame, name: str) -> list[Block]:
    micro = frame.filter(pl.col("average") == "micro")
    columns = micro["column"].unique(maintain_order=True).to_list()
    rows = [["items", *(str(_pick(micro, column=c)["n"]) for c in columns)]]
    rows += [
        [arm, *(interval(_pick(micro, arm=arm, column=c)) for c in columns)]
        for arm in micro["arm"].unique(maintain_order=True)
    ]
    return [
        Block(f"{name}: strict accuracy, % [95 % interval]", ["arm", *columns], rows),
        _extraction(frame, name),
        _differences(micro.filter(pl.col("column") == ALL), name),
    ]


def _extraction(frame: pl.DataFrame, name: str) -> Block:
    over_all = frame.filter(pl.col("column") == ALL)
    rows = []
    for arm in over_all["arm"].unique(maintain_order=True):
        micro, tasks, files = (
            _pick(over_all, arm=arm, average=average)
            for average in ("micro", "macro_tasks", "macro_files")
        )
        spread = "–" if micro["seed_sd"] is None else f"{micro['seed_sd']:.1f}"
        shares = [f"{micro[key]:.1f}" for key in ("lenient", "tagged")]
        rows.append([arm, str(micro["seeds"]), spread, interval(tasks), interval(files), *shares])
    macros = ["macro over tasks", "macro over files"]
    header = ["arm", "seeds", "seed SD", *macros, "lenient", "tagged"]
    return Block(f"{name}: {ALL} under other averages and readings, %", header, rows)


def _differences(micro: pl.DataFrame, name: str) -> Block:
    """Each arm minus the reference; the printed difference where the paper has both arms."""
    printed = dict(micro.select("arm", "published").iter_rows())
    rows = []
    for row in micro.filter(pl.col("difference").is_not_null()).iter_rows(named=True):
        both = row["published"] is not None and printed[REFERENCE] is not None
        rows.append(
            [
                row["arm"],
                _difference(row),
                f"{row['p']:.4f}",
                f"{row['p_holm']:.4f}",
                f"{row['published'] - printed[REFERENCE]:+.2f}" if both else "–",
            ]
        )
    header = ["arm", "difference", "p", "p (Holm)", "printed difference"]
    return Block(f"{name}: {ALL}, difference from {REFERENCE}, points", header, rows)


def table6(predictions: pl.DataFrame, published: dict, seed: int) -> tuple[pl.DataFrame, Document]:
    """Table 6: rationale strategies; the paper prints three-shot BBH only."""
    present = set(predictions["arm"])
    rows_of = {row: arm for row, arm in TABLE6.items() if arm in present}
    job.log(f"table 6: arms not run: {sorted(set(TABLE6) - set(rows_of)) or 'none'}")
    measured = measure(predictions, list(dict.fromkeys(rows_of.values())), seed)
    printed = {
        row: None
        if TABLE6_PRINTED.get(row, row) is None
        else published["table6"][TABLE6_PRINTED.get(row, row)][0]
        for row in rows_of
    }
    names = pl.DataFrame({"row": list(rows_of), "arm": list(rows_of.values())})
    frame = names.join(measured, on="arm", how="left", maintain_order="left_right").with_columns(
        published=pl.when(
            (pl.col("shots") == 3) & (pl.col("column") == ALL) & (pl.col("average") == "micro")
        ).then(pl.col("row").replace_strict(printed, return_dtype=pl.Float64))
    )
    return frame, Document("Table 6: rationale strategies on BBH", NOTES, [_block6(frame, printed)])


def _block6(frame: pl.DataFrame, printed: dict[str, float | None]) -> Block:
    over_all = frame.filter((pl.col("column") == ALL) & (pl.col("average") == "micro"))
    settings = sorted(over_all["shots"].unique(), reverse=True)
    rows = []
    for row, value in printed.items():
        shown = [_pick(over_all, row=row, shots=shots) for shots in settings]
        cells_shown = [text for cell in shown for text in (interval(cell), _difference(cell))]
        printed_value = "–" if value is None else f"{value:.2f}"
        rows.append([row, shown[0]["arm"], *cells_shown, printed_value])
    heads = [head for shots in settings for head in (f"{setting(shots)} BBH", "difference")]
    caption = f"Strict accuracy, % [95 % interval], beside {SCALE}"
    return Block(caption, ["row", "arm", *heads, "printed, 3-shot"], rows)


def _difference(cell: dict) -> str:
    if cell["difference"] is None:
        return "–"
    low, high = cell["difference_low"], cell["difference_high"]
    return f"{cell['difference']:+.1f} [{low:+.1f}, {high:+.1f}]"


def interval(cell: dict) -> str:
    """A cell's value and 95 % interval: 41.0 [31.9, 50.8]."""
    return f"{cell['strict']:.1f} [{cell['low']:.1f}, {cell['high']:.1f}]"


def _pick(frame: pl.DataFrame, **where: object) -> dict:
    return frame.filter(**where).row(0, named=True)


def write(frame: pl.DataFrame, document: Document, paths: list[str]) -> None:
    """Write a table as csv, md or tex, by the suffix of each path."""
    texts = {
        ".csv": frame.write_csv(float_precision=6),
        ".md": render.markdown(document),
        ".tex": render.latex(document),
    }
    for path in paths:
        io.write_text(texts[Path(path).suffix], path)


def build(args: argparse.Namespace) -> tuple[pl.DataFrame, Document]:
    """The table that the command line names."""
    published = yaml.safe_load(Path(args.published).read_text(encoding="utf-8"))
    if args.table == "table1":
        preference = io.read_tables(args.preference, PREFERENCE_SET)
        return table1(io.read_tables(args.items, ITEMS), preference, published)
    if args.table == "table7":
        return table7(io.read_tables(args.items, ITEMS), published)
    predictions = io.read_tables(args.predictions, PREDICTIONS)
    make = table2 if args.table == "table2" else table6
    return make(predictions, published, args.cfg["seed"])


def parse() -> argparse.Namespace:
    """The command line: one command per table, and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="table", required=True)
    inputs = {
        "table1": ("--items", "--preference"),
        "table2": ("--predictions",),
        "table6": ("--predictions",),
        "table7": ("--items",),
    }
    for table, options in inputs.items():
        command = commands.add_parser(table)
        command.add_argument("--cfg", type=json.loads, default={}, help="key of 2 and 6: seed")
        for option in options:
            command.add_argument(option, nargs="+", required=True)
        command.add_argument("--published", required=True, help="config/published.yaml")
        command.add_argument("--output", nargs="+", required=True, help="csv, md and tex files")
    show = commands.add_parser("show", help="print a table's md file")
    show.add_argument("file", type=Path)
    return parser.parse_args()


@cli
def main() -> None:
    """Parse the command line; make a table or print one."""
    args = parse()
    if args.table == "show":
        print(args.file.read_text(encoding="utf-8"), end="")
    else:
        write(*build(args), args.output)


if __name__ == "__main__":
    main()
