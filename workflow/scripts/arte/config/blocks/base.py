"""What all blocks of the configuration share: closed keys, and numbers that YAML reads as text."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""YAML 1.1 reads 5e-6, which has no dot, as text; so does Snakemake each value of --config."""


def number(value: Any) -> Any:
    """Text that writes a number as that number (whole where it is); any other value as it is."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def without_nulls(value: Any) -> Any:
    """Named entries without those that a later file set to null, which takes them away."""
    if isinstance(value, dict):
        return {name: entry for name, entry in value.items() if entry is not None}
    return value


def distinct(values: list) -> list:
    """`values`, where none is there twice."""
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise PydanticCustomError("twice", "{value} more than once", {"value": repr(twice[0])})
    return values


Distinct = AfterValidator(distinct)
FromText = BeforeValidator(number)
Integer = Annotated[int, FromText]
Number = Annotated[float, FromText, Field(allow_inf_nan=False)]
Names = Annotated[list[str], Distinct]
Run = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Named = BeforeValidator(without_nulls)


class Block(BaseModel):
    """A mapping with these keys and no others; all must be there, for config.yaml has them all."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def key(meaning: str, paper: str = "—", **limits: Any) -> Any:
    """A key of a block: what it means (with its unit), its value in the paper, its range."""
    return Field(description=meaning, json_schema_extra={"paper": paper}, **limits)
