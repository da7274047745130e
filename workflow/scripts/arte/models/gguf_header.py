"""What the first bytes of a GGUF file say of its model: read by a few, without the weights."""

import struct
from pathlib import Path
from typing import Any, BinaryIO

from arte.core.errors import ArteError

MAGIC = b"GGUF"
NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
"""Types of values that are numbers, as struct writes them."""
STRING, ARRAY = 8, 9
ARCHITECTURE = "general.architecture"
LENGTH = ".length"
"""What follows the name of a list whose items are not kept: its length is."""


def header(path: Path) -> dict[str, Any]:
    """Values of the file's header by name, of lists the length, and `tensors`, their names.

    Raises ArteError where there is no such file, or it is no whole GGUF header.
    """
    try:
        with path.open("rb") as file:
            return _header(file)
    except OSError as error:
        found = error.strerror or str(error)
    except (struct.error, KeyError, UnicodeDecodeError, ValueError, OverflowError) as error:
        found = str(error) if isinstance(error, NotGgufError) else "a header that breaks off"
    raise ArteError(
        expected="a model in one GGUF file (little-endian, version 2 or 3)",
        found=found,
        where=str(path),
        remedy="correct the path, or get the file anew from where it was published",
    )


class NotGgufError(ValueError):
    """A file of another format."""


def _header(file: BinaryIO) -> dict[str, Any]:
    start = file.read(4)
    if start != MAGIC:
        raise NotGgufError(f"a file that begins with {start!r}, not with {MAGIC!r}")
    version, n_tensors, n_values = _unpack(file, "IQQ")
    if version not in (2, 3):
        raise NotGgufError(f"version {version}")
    found: dict[str, Any] = {}
    for _ in range(n_values):
        name, [kind] = _text(file), _unpack(file, "I")
        if kind == ARRAY:
            found[name + LENGTH] = _skip_array(file)
        else:
            found[name] = _value(file, kind)
    if ARCHITECTURE not in found:
        raise NotGgufError(f"no {ARCHITECTURE} in its header")
    found["tensors"] = [_tensor_name(file) for _ in range(n_tensors)]
    return found


def _unpack(file: BinaryIO, form: str) -> tuple:
    form = "<" + form
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _text(file: BinaryIO) -> str:
    [length] = _unpack(file, "Q")
    data = file.read(length)
    if len(data) < length:
        raise NotGgufError("a header that breaks off")
    return data.decode()


def _value(file: BinaryIO, kind: int) -> Any:
    return _text(file) if kind == STRING else _unpack(file, NUMBERS[kind])[0]


def _skip_array(file: BinaryIO) -> int:
    kind, length = _unpack(file, "IQ")
    if kind in NUMBERS:
        file.seek(length * struct.calcsize("<" + NUMBERS[kind]), 1)
        return length
    for _ in range(length):
        if kind == ARRAY:
            _skip_array(file)
        elif kind == STRING:
            file.seek(_unpack(file, "Q")[0], 1)
        else:
            raise NotGgufError(f"a list of values of type {kind}")
    return length


def _tensor_name(file: BinaryIO) -> str:
    """The name of the next tensor; its dimensions, type and place are passed over."""
    name, [dimensions] = _text(file), _unpack(file, "I")
    _unpack(file, f"{dimensions}QIQ")
    return name
