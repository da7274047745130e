"""The claims of config/claims.yaml, checked against the tables that test them.

Only light modules are imported, because the workflow reads this file each time that it starts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from arte.config.wrong import ConfigError, did_you_mean
from arte.core.errors import ArteError
from arte.report.specs import SPECS
from arte.report.table_spec import Column, Family, TableSpec

CONSISTENCY = "consistency"
"""The table of Appendix E."""

CONTAMINATION = "contamination"
"""The table of generated questions beside test items."""

BEST = "best"
"""In `against`: the table's best baseline."""

FIGURE2 = "figure2"
"""The correlations of words and score in Figure 2; its columns are subtasks."""

MEASURES = ("same_best", "same_worst")
"""Measures of Appendix E that the paper prints."""

Table = Literal[
    "table2", "table3", "table4", "table5", "table6", "consistency", "contamination", "figure2"
]
Number = Annotated[float, Field(allow_inf_nan=False)]
Names = Annotated[tuple[str, ...], Field(min_length=1)]


class Claim(BaseModel):
    """One claim; config/claims.yaml explains the keys.

    Exactly one of above, below, within and untested is there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    section: str
    statement: str
    table: Table | None = None
    arms: Names | None = None
    against: Names | Literal["best"] | None = None
    columns: Names | None = None
    shots: Annotated[int, Field(ge=0)] | None = None
    models: Names | None = None
    not_models: Names | None = None
    measure: Literal["same_best", "same_worst"] | None = None
    above: Number | None = None
    below: Number | None = None
    within: Annotated[Number, Field(gt=0)] | None = None
    stated: Number | None = None
    untested: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        kinds = ("above", "below", "within", "untested")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "claim",
                "exactly one of above, below, within and untested, not {found}",
                {"found": " and ".join(given) or "none"},
            )
        need = {CONSISTENCY: ("measure",), CONTAMINATION: (), FIGURE2: ("columns",), None: ()}
        names = ("arms", "against", "columns", "shots", "measure")
        expected = need.get(self.table, names[:-1])
        for name in names:
            if (getattr(self, name) is not None) != (name in expected):
                verb = "needs" if name in expected else "has no use for"
                text = "table {table} {verb} the key {name}"
                what = {"table": str(self.table), "verb": verb, "name": name}
                raise PydanticCustomError("claim", text, what)
        if (self.table is None) != (self.untested is not None):
            raise PydanticCustomError("claim", "either a table or the key untested")
        return self

    @property
    def spec(self) -> TableSpec:
        """The specification of its table of accuracies."""
        return SPECS[self.table]

    @property
    def references(self) -> tuple[str, ...]:
        """The arms that it may compare with."""
        return self.spec.best_of if self.against == BEST else self.against

    def column(self, name: str) -> Column:
        """A column of its table."""
        return next(column for column in self.spec.columns if column.name == name)


def file_of(table: str) -> str:
    """The csv of a run that has what is judged of a table."""
    if table == FIGURE2:
        return "figures/figure2_correlations.csv"
    return f"tables/{table}{'_differences' if table in SPECS else ''}.csv"


def read(path: str | Path) -> dict[str, Claim]:
    """The claims by id; raise ConfigError with everything that is wrong."""
    given = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    kind = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Claim])
    try:
        claims = kind.validate_python(given)
    except ValidationError as error:
        raise ConfigError([_shape(each, path) for each in error.errors()]) from None
    errors = [
        error
        for name, claim in claims.items()
        if claim.table in SPECS
        for error in _unknown(f"{path}, claim {name}", claim)
    ]
    if errors:
        raise ConfigError(errors)
    return claims


def _shape(error: dict, path: str | Path) -> ArteError:
    name, *keys = [str(step) for step in error["loc"] if step != "[key]"] or ["(all)"]
    unknown = error["type"] == "extra_forbidden"
    known = list(Claim.model_fields)
    near = did_you_mean(keys[0], known) if unknown else None
    return ArteError(
        expected=f"only the keys {', '.join(known)}" if unknown else error["msg"],
        found=repr(keys[0]) if unknown else repr(error["input"])[:200],
        where=f"{path}, claim {name}" + (f", key {'.'.join(keys)}" if keys else ""),
        remedy=near or "change it; the head of the file explains the keys",
    )


def _unknown(where: str, claim: Claim) -> Iterator[ArteError]:
    """Arms and columns that the table lacks, and pairs that it does not compare."""
    spec = claim.spec
    if claim.against == BEST and not spec.best_of:
        yield _lacks(where, "best", "against", [spec.reference])
        return
    columns = [column.name for column in spec.columns]
    named = {"arms": (claim.arms, spec.arms), "against": (claim.references, spec.arms)}
    wrong = False
    for key, (names, known) in (named | {"columns": (claim.columns, columns)}).items():
        for name in names:
            if name not in known:
                wrong = True
                yield _lacks(where, name, key, known)
    if wrong:
        return
    for arm in claim.arms:
        for reference in [BEST] if claim.against == BEST else claim.against:
            for name in claim.columns:
                if not any(_compares(spec, each, arm, reference, name) for each in spec.families):
                    yield ArteError(
                        expected=f"a comparison of {claim.table}",
                        found=f"{arm} against {reference} in column {name}, which it does not make",
                        where=where,
                        remedy="name a pair of a family of its specification "
                        "(arte/report/specs.py), or add the pair there",
                    )


def _lacks(where: str, name: str, key: str, known: tuple[str, ...] | list[str]) -> ArteError:
    return ArteError(
        expected=f"names of the table: {', '.join(known)}",
        found=repr(name),
        where=f"{where}, key {key}",
        remedy=did_you_mean(name, known) or "name one of them, or another table",
    )


def _compares(spec: TableSpec, family: Family, arm: str, reference: str, column: str) -> bool:
    """Whether a family of a table holds this comparison under the column's primary average."""
    last = spec.overall.name
    inside = {"columns": True, "parts": column != last, "primary": column == last}
    if not inside.get(family.over, False):
        return False
    if family.pairs == "reference":
        return arm != reference and reference in (spec.reference, BEST)
    return (arm, reference) in (spec.claims if family.pairs == "claims" else family.pairs)
