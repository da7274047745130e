"""Write workflow/schemas/config.schema.json and the key table of config/README.md.

python -m arte.config.generate

Both come from the typed blocks; defaults come from config/config.yaml, their only place.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from arte.config import keys

ROOT = Path(__file__).parents[4]
SCHEMA = ROOT / "workflow/schemas/config.schema.json"
README = ROOT / "config/README.md"
DEFAULT = ROOT / "config/config.yaml"
START = "<!-- written by python -m arte.config.generate -->\n"
END = "<!-- end of what is written -->\n"
LONGEST = 40
"""Characters of a default in the table; a longer list is counted."""


def schema_text(default: dict[str, Any]) -> str:
    """The JSON Schema with the default of each key."""
    whole = keys.schema()
    _set_defaults(whole, default)
    _let_null_remove(whole)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _set_defaults(part: keys.Schema, default: Any) -> None:
    if "paper" in part:
        del part["paper"]
        if default is not None or keys.NAME not in part:
            part["default"] = default
        return
    for name, below in part.get("properties", {}).items():
        _set_defaults(below, default.get(name) if isinstance(default, dict) else None)
    for below in [*part.get("patternProperties", {}).values(), *part.get("oneOf", [])]:
        _strip(below)


def _let_null_remove(part: Any) -> None:
    """Allow null for what the user names: a later file takes the entry of an earlier one away."""
    if isinstance(part, dict):
        for below in list(part.values()):
            _let_null_remove(below)
        for pattern, below in part.get("patternProperties", {}).items():
            part["patternProperties"][pattern] = {"anyOf": [below, {"type": "null"}]}
    elif isinstance(part, list):
        for below in part:
            _let_null_remove(below)


def _strip(part: Any) -> None:
    """Take the paper's values out of what the user names, which has no default."""
    if isinstance(part, dict):
        part.pop("paper", None)
        part = list(part.values())
    if isinstance(part, list):
        for below in part:
            _strip(below)


def table(default: dict[str, Any]) -> str:
    """The key table: what each key means and may hold, its default and the paper's value."""
    lines = ["| key | meaning (unit) | values | default | paper |", "|---|---|---|---|---|"]
    for key in keys.leaves(keys.schema()):
        cells = (f"`{key.path}`", key.meaning, key.values, _default(key.path, default), key.paper)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _default(path: str, default: Any) -> str:
    """A key's default as a cell; a dash where the user's own names stand in its path."""
    for step in path.split("."):
        if not isinstance(default, dict) or step not in default:
            return "—"
        default = default[step]
    if default is None:
        return "null"
    if isinstance(default, bool):
        return str(default).lower()
    if not isinstance(default, list | dict):
        return str(default) or "empty"
    text = ", ".join(map(str, default))
    if isinstance(default, dict):
        text = ", ".join(f"{name}: {value}" for name, value in default.items())
    return text if 0 < len(text) <= LONGEST else f"{len(default)} entries" if default else "none"


def readme_text(text: str, default: dict[str, Any]) -> str:
    """config/README.md with its key table made anew."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table(default)}\n{END}{after}"


def main() -> None:
    """Write both files."""
    default = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    SCHEMA.write_text(schema_text(default), encoding="utf-8")
    README.write_text(readme_text(README.read_text(encoding="utf-8"), default), encoding="utf-8")


if __name__ == "__main__":
    main()
