"""Tables as Markdown for people and terminals, and as LaTeX (booktabs) for papers."""

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
    parts = [f"# {document.title}", *document.notes]
    for block in document.blocks:
        parts += [f"## {block.caption}", _grid(block)]
    return "\n\n".join(parts) + "\n"


def _grid(block: Block) -> str:
    table = [[cell.replace("|", r"\|") for cell in row] for row in [block.header, *block.rows]]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [_line(row, widths) for row in table]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([lines[0], _line(rule, widths), *lines[1:]])


def _line(cells: list[str], widths: list[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(padded)} |"


def latex(document: Document) -> str:
    """One booktabs table per block; needs the package booktabs."""
    notes = "".join(f"% {note}\n" for note in [document.title, *document.notes])
    return notes + "\n".join(_tabular(block) for block in document.blocks)


def _tabular(block: Block) -> str:
    lines = [" & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in block.rows]
    head = " & ".join(cell.translate(_LATEX) for cell in block.header) + r" \\"
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{block.caption.translate(_LATEX)}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(block.header) - 1)}}}",
            r"\toprule",
            head,
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def write(frame: pl.DataFrame, document: Document, path: str) -> None:
    """Write numbers as csv, or the document as md or tex, by the suffix of `path`."""
    texts = {
        ".csv": lambda: frame.write_csv(float_precision=6),
        ".md": lambda: markdown(document),
        ".tex": lambda: latex(document),
    }
    io.write_text(texts[Path(path).suffix](), path)
