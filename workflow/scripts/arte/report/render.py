"""Tables as Markdown for people and terminals, and as LaTeX (booktabs) for papers."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from arte.core import io

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "_": r"\_",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "−": "$-$",
        "–": "--",
    }
)

WIDTH = 100
"""Columns to which notes are wrapped."""


@dataclass(frozen=True)
class Block:
    """One table: a caption, heads, and rows of text cells, the first of which names the row."""

    caption: str
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Document:
    """A title, notes that a reader needs, and blocks."""

    title: str
    notes: list[str]
    blocks: list[Block]


def markdown(document: Document) -> str:
    """GitHub Markdown, padded so that it reads well as plain text."""
    parts = [f"# {document.title}"]
    for note in document.notes:
        parts.append(textwrap.fill(note, WIDTH, break_long_words=False, break_on_hyphens=False))
    for block in document.blocks:
        parts += [f"## {block.caption}", _grid(block)]
    return "\n\n".join(parts) + "\n"


def _grid(block: Block) -> str:
    table = []
    for row in [block.header, *block.rows]:
        table.append([cell.replace("|", r"\|") for cell in row])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [_line(row, widths) for row in table]
    rule = ["-" * widths[0]]
    for width in widths[1:]:
        rule.append("-" * (width - 1) + ":")  # numbers to the right
    return "\n".join([lines[0], _line(rule, widths), *lines[1:]])


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [cells[0].ljust(widths[0])]
    for cell, width in zip(cells[1:], widths[1:], strict=True):
        padded.append(cell.rjust(width))
    return f"| {' | '.join(padded)} |"


def latex(document: Document) -> str:
    """One booktabs table per block, no wider than the page; needs booktabs and graphicx."""
    parts = []
    for note in [document.title, *document.notes]:
        parts.append(f"% {note}\n")
    for block in document.blocks:
        parts.append(_tabular(block) + "\n")
    return "".join(parts)


def _tabular(block: Block) -> str:
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_escaped(block.caption)}}}",
            r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{l{'r' * (len(block.header) - 1)}}}",
            r"\toprule",
            _row(block.header),
            r"\midrule",
            *map(_row, block.rows),
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
            "",
        ]
    )


def _row(cells: list[str]) -> str:
    return " & ".join(map(_escaped, cells)) + r" \\"


def _escaped(text: str) -> str:
    return text.translate(_LATEX)


def write(frame: pl.DataFrame, document: Document, path: str) -> None:
    """Write numbers as csv, or the document as md or tex, by the suffix of `path`."""
    texts = {
        ".csv": lambda: frame.write_csv(float_precision=6),
        ".md": lambda: markdown(document),
        ".tex": lambda: latex(document),
    }
    io.write_text(texts[Path(path).suffix](), path)
