"""Figure 1: the workflow's own rule graph, from DOT, in the stages of the paper's framework."""

import math
import re
import sys
from pathlib import Path

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.report import figure1_drawing as rulegraph_figure

STAGES = (
    "data",
    "models",
    "nano",
    "elicit",
    "prefer",
    "align",
    "tailor",
    "finetune",
    "evaluate",
    "report",
)
"""Stages in the order of their columns: folders of rule files."""

TARGET = "all"
"""The rule that only names what to make; it is no step."""

MANY = 3
"""Rules of its own stage from which on a rule gathers them."""

_NODE = re.compile(r'^\s*(\d+)\s*\[\s*label\s*=\s*"([^"\\]*)', re.MULTILINE)
_EDGE = re.compile(r"^\s*(\d+)\s*->\s*(\d+)", re.MULTILINE)
_NAME = re.compile(r'^ *(?:rule (\w+):|name:\s*f?"([\w{}]+)")', re.MULTILINE)
_SHARD = re.compile(r"_\d+$")

Edge = tuple[str, str]
"""A rule and one that needs its outputs."""


def parse(dot: str, where: str) -> tuple[list[str], set[Edge]]:
    """Rule names and edges of `snakemake --rulegraph dot`; ArteError where there are none."""
    names = dict(_NODE.findall(dot))
    edges = _EDGE.findall(dot)
    unknown = {node for edge in edges for node in edge} - names.keys()
    if not names or unknown:
        raise ArteError(
            expected='a graph in DOT whose nodes are lines 0[label = "rule", …]',
            found=f"{len(names)} nodes, edges of {len(unknown)} unknown ones",
            where=where,
            remedy="pipe the output of snakemake --rulegraph dot into this command",
        )
    return list(names.values()), {(names[a], names[b]) for a, b in edges}


def stages(rule_files: dict[str, str]) -> dict[str, str]:
    """Regular expression of a rule's name to its stage, from rule files (path to text).

    A stage is the folder of a rule file. Rules made in a loop have a name with a number in braces:
    they become one pattern.
    """
    found = {}
    for path, text in sorted(rule_files.items()):
        for plain, formatted in _NAME.findall(text):
            pattern = plain or re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(formatted))
            found[pattern] = Path(path).parent.name
    return found


def stage_of(rule: str, patterns: dict[str, str]) -> str:
    """The stage of a rule; raise ArteError if no rule file has it."""
    for pattern, stage in patterns.items():
        if re.fullmatch(pattern, rule):
            return stage
    raise ArteError(
        expected="a rule of the rule files given",
        found=f"rule {rule}",
        where="the rule graph",
        remedy="pass all rule files to --rules",
    )


def merged(edges: set[Edge]) -> set[Edge]:
    """The edges with numbered shards of a stage as one rule, without the target rule."""
    shorter = {(_SHARD.sub("", a), _SHARD.sub("", b)) for a, b in edges}
    return {(a, b) for a, b in shorter if a != b and TARGET not in (a, b)}


def onward(edges: set[Edge], stage: dict[str, str]) -> set[Edge]:
    """The edges that lead to no earlier stage.

    Only a further round has others: it drafts with the aligned teacher, and scores with the
    fine-tuned student.
    """
    return {(a, b) for a, b in edges if STAGES.index(stage[a]) <= STAGES.index(stage[b])}


def reachable(edges: set[Edge]) -> dict[str, set[str]]:
    """Every rule to all rules that come after it."""
    after: dict[str, set[str]] = {}
    for a, b in edges:
        after.setdefault(a, set()).add(b)
        after.setdefault(b, set())
    for middle, later in after.items():  # Warshall: paths through one more rule at a time
        for found in after.values():
            if middle in found:
                found.update(later)
    return after


def reduced(edges: set[Edge]) -> set[Edge]:
    """The edges that no others imply (transitive reduction); those on a cycle stay."""
    after = reachable(edges)

    def implied(a: str, b: str) -> bool:
        between = after[a] & {rule for rule in after if b in after[rule]}
        return any(a not in after[rule] and rule not in after[b] for rule in between - {a, b})

    return {(a, b) for a, b in edges if not implied(a, b)}


def columns(
    names: list[str], edges: set[Edge], stage: dict[str, str]
) -> list[tuple[str, list[str]]]:
    """(stage, rules from top to bottom) of every column, from left to right.

    A rule stands below those of its stage that it needs, else about as high as what it needs in
    other stages, so that arrows cross little. What gathers many rules of its own stage has a
    second column of that stage.
    """
    after = reachable(edges)
    row: dict[str, float] = {}
    placed = []
    for name in STAGES:
        rules = _ordered([rule for rule in names if stage[rule] == name], edges, after, row)
        gathering = {r for r in rules if sum((a, r) in edges for a in rules) >= MANY}
        gathering |= {r for r in rules if any(r in after.get(g, ()) for g in gathering)}
        split = ([r for r in rules if (r in gathering) == late] for late in (False, True))
        placed += [(name, part) for part in split if part]
    return placed


def _ordered(
    rules: list[str], edges: set[Edge], after: dict[str, set[str]], row: dict[str, float]
) -> list[str]:
    """One stage's rules, which also get their place in `row`."""
    waiting, order = sorted(rules), []
    while waiting:
        later = set().union(*(after.get(rule, set()) - {rule} for rule in waiting))
        ready = [rule for rule in waiting if rule not in later]
        chosen = min(ready or waiting, key=lambda rule: (_height(rule, edges, row), rule))
        waiting.remove(chosen)
        row[chosen] = len(order)
        order.append(chosen)
    return order


def _height(rule: str, edges: set[Edge], row: dict[str, float]) -> float:
    rows = [row[a] for a, b in edges if b == rule and a in row]
    return sum(rows) / len(rows) if rows else math.inf


def table(edges: set[Edge], drawn: set[Edge], stage: dict[str, str]) -> pl.DataFrame:
    """One row per edge: both rules with their stages, and whether it is drawn."""
    rows = [
        {"from": a, "from_stage": stage[a], "to": b, "to_stage": stage[b], "drawn": (a, b) in drawn}
        for a, b in sorted(edges)
    ]
    return pl.DataFrame(rows)


@cli
def main() -> None:
    """Read DOT from standard input and draw it."""
    args = job.parse(__doc__, "--rules+", "--output+")
    names, edges = parse(sys.stdin.read(), "standard input")
    patterns = stages({path: Path(path).read_text(encoding="utf-8") for path in args.rules})
    stage = {_SHARD.sub("", n): stage_of(n, patterns) for n in names if n != TARGET}
    edges = merged(edges)
    ahead = onward(edges, stage)
    drawn = reduced(ahead)
    placed = columns(list(stage), drawn, stage)
    paths = [Path(path) for path in args.output]
    for path in paths:
        if path.suffix == ".csv":
            io.write_text(table(edges, drawn, stage).write_csv(), path)
    pictures = [path for path in paths if path.suffix != ".csv"]
    rulegraph_figure.write(placed, sorted(drawn), pictures, rounds=ahead != edges)


if __name__ == "__main__":
    main()
