"""What each table of accuracies shows, compares and is made from (Tables 2 to 6).

The arms of a table stand here and nowhere else. Only light modules are imported, because the
workflow reads this file each time that it starts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from arte.core.tasks import CATEGORIES, OUTSIDE
from arte.report.table_spec import Column, Family, Row, TableSpec

ALL = "BBH"
"""The column over every category of BIG-Bench Hard."""

EVERYTHING = "All"
"""The column over these and the user's own tasks."""

AVERAGE = "Average"
"""The column of the plain mean over benchmarks."""

AVERAGES = ("micro", "macro_tasks", "macro_files")
"""Accuracy over items (primary), as a mean over the 23 tasks, as a mean over the 27 files."""

VANILLA = "vanilla"
"""The arm of the student before any training."""


def _rows(*arms: str) -> tuple[Row, ...]:
    """Rows that are called like their arms, here and in the paper."""
    return tuple(Row(arm, arm, arm) for arm in arms)


def _columns(
    field: str, names: dict[str, str], averages: tuple[str, ...] = ("micro",)
) -> tuple[Column, ...]:
    """A column per value of a field, from value to name."""
    return tuple(Column(name, field, (value,), averages) for value, name in names.items())


BASELINES = ("gpt4_llm", "tulu_v2", "wizardlm", "openorca")
"""The academic baselines."""

BBH = Column(ALL, "category", tuple(CATEGORIES), AVERAGES)

BBH_COLUMNS = (*_columns("category", dict(zip(CATEGORIES, CATEGORIES, strict=True)), AVERAGES), BBH)

TRANSFERRED = {"piqa": "PIQA", "arc_easy": "ARC-E", "arc_challenge": "ARC-C", "gsm8k": "GSM8K"}
"""Subtask to column of the benchmarks in the paper's Table 4."""

BENCHMARKS = {"piqa": "PIQA", "commonsense_qa": "CSQA"} | TRANSFERRED
"""The same of Table 3."""

TABLE2 = TableSpec(
    title="Table 2: students on BBH",
    printed="table2",
    rows=_rows(
        VANILLA,
        *BASELINES,
        "original_teacher",  # the paper's own ablation baseline (§4.1)
        "rationale_only",
        "question_only",
        "arte",
    ),
    columns=BBH_COLUMNS,
    reference="original_teacher",
    # The comparisons by which the paper argues for ARTE (§4.2).
    claims=(
        ("arte", "original_teacher"),
        ("arte", "rationale_only"),
        ("arte", "question_only"),
    ),
    families=(
        Family("arms", "reference", "columns", ("shots", "column", "average")),
        Family("claims", "claims", "primary", ("shots",)),
        Family("tasks", "claims", "tasks", ("shots", "reference")),
        Family(
            "instruction sets",
            tuple(("arte", baseline) for baseline in BASELINES),
            "columns",
            ("shots", "column", "average"),
        ),
        Family("one test", (("question_only", "rationale_only"),), "primary", ("shots",)),
    ),
    corrected="the arms, claims or tasks of one block",
    trained_on="every arm",
    others=True,
)

TABLE3 = TableSpec(
    title="Table 3: out-of-domain",
    printed="table3",
    rows=(
        *_rows(VANILLA, *BASELINES),
        Row("original_teacher", "original_teacher", None),  # our addition
        *_rows("arte"),
    ),
    columns=(
        *_columns("subtask", BENCHMARKS),
        Column(AVERAGE, "subtask", tuple(BENCHMARKS), ("macro_files",)),
    ),
    reference=VANILLA,
    best_of=BASELINES,
    families=(Family("arms", "reference", "columns", ("shots", "reference", "column")),),
    corrected="arms",
    trained_on="rows and other data",
    printed_shots=None,
    others=True,
)

TABLE4 = TableSpec(
    title="Table 4: unseen tasks",
    printed="table4",
    rows=(
        Row("transfer_original", "Original", "original"),
        Row("transfer_aligned", "Aligned", "aligned"),
    ),
    columns=(
        *_columns("subtask", TRANSFERRED | {"commonsense_qa": "CSQA (not in the paper)"}),
        Column(AVERAGE, "subtask", tuple(TRANSFERRED), ("macro_files",)),
    ),
    reference="transfer_original",
    families=(
        Family("benchmarks", "reference", "parts", ("shots",)),
        Family("one test", "reference", "primary", ("shots",)),
    ),
    corrected="benchmarks",
    trained_on="rows per benchmark",
    printed_delta="delta",
    complete=True,
)

TABLE5 = TableSpec(
    title="Table 5: unseen students on BBH",
    printed="table5",
    rows=(Row("original_teacher", "Original", "original"), Row("arte", "Aligned", "aligned")),
    columns=(BBH,),
    reference="original_teacher",
    families=(Family("students", "reference", "columns", ("shots", "average")),),
    corrected="students",
    trained_on="rows",
    role="unseen",
    printed_delta="delta",
    complete=True,
)

TABLE6 = TableSpec(
    title="Table 6: rationale strategies on BBH",
    printed="table6",
    # The paper defines its Aligned Teacher as Rationale Only, but prints Question Only's number of
    # Table 2, so both are given.
    rows=(
        *_rows(VANILLA, "random"),
        Row("original_teacher", "most_preferred", "most_preferred"),
        *_rows("task_consistent"),
        Row("rationale_only", "aligned_teacher (definition)", None),
        Row("question_only", "aligned_teacher (number)", "aligned_teacher"),
    ),
    columns=BBH_COLUMNS,
    reference="original_teacher",
    families=(
        *TABLE2.families[:1],
        Family(
            "strategies",
            tuple((arm, "random") for arm in ("task_consistent", "rationale_only")),
            "primary",
            ("shots",),
        ),
    ),
    corrected="arms",
    trained_on="every arm",
    printed_shots=(3,),
)

SPECS = {"table2": TABLE2, "table3": TABLE3, "table4": TABLE4, "table5": TABLE5, "table6": TABLE6}
"""The tables of accuracies by name."""


def own_categories(present: Iterable[str]) -> list[str]:
    """The categories of the user's own tasks among those `present`, in alphabetical order."""
    return sorted(set(present) - {*CATEGORIES, OUTSIDE})


def with_own_categories(spec: TableSpec, present: Iterable[str]) -> TableSpec:
    """`spec` with a column for each category of the user's own, and a last one over everything.

    The paper's columns stay as they are. A table of benchmarks has no such columns.
    """
    own = own_categories(present)
    if not own or spec.overall.field != "category":
        return spec
    averages = spec.overall.averages
    everything = Column(EVERYTHING, "category", (*spec.overall.values, *own), averages)
    parts = _columns("category", dict(zip(own, own, strict=True)), averages)
    several = len(spec.columns) > 1
    return replace(spec, columns=(*spec.columns, *parts, everything) if several else (everything,))


def shown(spec: TableSpec, present: set[str]) -> list[str]:
    """The arms of a table among those `present`, in its order."""
    arms = [arm for arm in spec.arms if arm in present]
    if not spec.others:
        return arms
    named = set().union(*(each.arms for each in SPECS.values()))
    return arms + sorted(present - named)


@dataclass(frozen=True)
class Evaluation:
    """Students, the arms that they are trained on, and what they are tested on."""

    students: list[str]
    arms: list[str]
    subtasks: list[str]


def evaluations(spec: TableSpec, config: dict) -> list[Evaluation]:
    """What a table is made from, given the checked config."""
    role = config["roles"][spec.role]
    students = [role] if isinstance(role, str) else role
    if spec.trained_on == "rows per benchmark":
        found = []
        for benchmark in config["ood"]["transfer"]:
            arms = [f"{arm}-{benchmark}" for arm in spec.arms]
            found.append(Evaluation(students, arms, [benchmark]))
        return found
    on_bbh = spec.overall.field == "category"
    subtasks = config["data"]["subtasks"] if on_bbh else config["ood"]["benchmarks"]
    return [Evaluation(students, _trained(spec, config["arms"]), subtasks)]


def _trained(spec: TableSpec, arms: dict[str, dict]) -> list[str]:
    """The arms of the config that a table needs, and the student before training."""
    if spec.trained_on == "rows":
        return list(spec.arms)
    found = [VANILLA]
    for name, arm in arms.items():
        other = {"instructions", "file"} & arm.keys()  # data that no teacher of the run wrote
        if spec.trained_on == "every arm" or name in spec.arms or other:
            found.append(name)
    return found
