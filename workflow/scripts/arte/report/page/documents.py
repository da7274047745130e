"""Tables as they are written in Markdown, as HTML: title, notes and blocks."""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_FIRST_CELL = re.compile(r"<tr>\n<td([^>]*)>(.*?)</td>")


@dataclass(frozen=True)
class Shown:
    """A table: its name in the run, its title, notes, and blocks as (caption, HTML)."""

    name: str
    title: str
    notes: list[str]
    blocks: list[tuple[str, Markup]]


def read(name: str, text: str) -> Shown:
    """A document of `arte.report.render.markdown`; text of models in it stays text."""
    head, *blocks = text.split("\n## ")
    title, *notes = [part.strip() for part in head.removeprefix("# ").split("\n\n")]
    shown = []
    for block in blocks:
        caption, _, grid = block.partition("\n\n")
        shown.append((caption, _table(caption, grid)))
    return Shown(name, title, [" ".join(note.split()) for note in notes if note], shown)


def _table(caption: str, grid: str) -> Markup:
    rendered = _PARSER.render(grid)
    rendered = _FIRST_CELL.sub(r'<tr>\n<th scope="row"\1>\2</th>', rendered)
    rendered = rendered.replace("<th ", '<th scope="col" ').replace(
        '<th scope="col" scope="row"', '<th scope="row"'
    )
    rendered = rendered.replace("<th>", '<th scope="col">')
    head = f"<table><caption>{escape(caption)}</caption>"
    return Markup(rendered.replace("<table>", head, 1))  # noqa: S704 - the parser escaped it
