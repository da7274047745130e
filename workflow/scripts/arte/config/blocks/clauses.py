"""Clauses of licenses that forbid a teacher to improve other models (docs/models.md)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """A license's ban on improving other models with its output.

    `name` is what config key licenses.acknowledged holds, `family` the licenses of the models
    that the clause exempts, `text` says in our words what it forbids.
    """

    name: str
    family: frozenset[str]
    text: str


CLAUSES = {
    "llama2": Clause(
        "llama2-1.b.v",
        frozenset({"llama2"}),
        "clause 1.b.v of the Llama 2 Community License lets outputs improve Llama 2 models only",
    ),
    "llama3": Clause(
        "llama3-1.b.v",
        frozenset({"llama3"}),
        "clause 1.b.v of the Meta Llama 3 Community License lets outputs improve Llama 3 models "
        "only",
    ),
    "tongyi-qianwen": Clause(
        "tongyi-qianwen-5.b",
        frozenset({"tongyi-qianwen"}),
        "clause 5.b of the Tongyi Qianwen License lets outputs improve Tongyi Qianwen models only",
    ),
}
"""The hub's name of a license to its clause. Llama 3.1 and later dropped theirs."""
