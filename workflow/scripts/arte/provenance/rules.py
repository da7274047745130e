"""Ways to read an answer out of what a model wrote: ours, and others to compare it with."""

from collections.abc import Callable

from arte.core.answers import normalize
from arte.core.forms import Form
from arte.core.parse import answer_tags, extract


def strict(output: str, answer_type: Form) -> str | None:
    """The primary measure: the last <ans>…</ans> before a next question."""
    return extract(output, answer_type).strict


def lenient(output: str, answer_type: Form) -> str | None:
    """The same, or without a tag the answer that is stated last."""
    return extract(output, answer_type).lenient


def first(output: str, answer_type: Form) -> str | None:
    """The first <ans>…</ans> instead of the last."""
    return _tagged(output, answer_type, 0)


def uncut(output: str, answer_type: Form) -> str | None:
    """The last <ans>…</ans>, also where it answers a next question that the model made up."""
    return _tagged(output, answer_type, -1)


def _tagged(output: str, answer_type: Form, place: int) -> str | None:
    said = [tag.content for tag in answer_tags(output) if not tag.echo]
    return normalize(said[place], answer_type) if said else None


PRIMARY = "strict"
RULES: dict[str, Callable[[str, Form], str | None]] = {
    PRIMARY: strict,
    "lenient": lenient,
    "first": first,
    "uncut": uncut,
}
"""Rules by name: `snakemake rescore` has the primary one, `snakemake rescore_lenient` another."""
