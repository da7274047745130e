"""Where a folder on disk holds the published BBH files: flat, or as a clone of their repository."""

from pathlib import Path


def local(folder: str, name: str) -> Path:
    """The place of `<subtask>.json` or `cot-prompts/<subtask>.txt`; `~` is the home directory.

    `folder` holds both, or is a clone of BIG-Bench-Hard (`bbh/` beside `cot-prompts/`), or that
    clone's `bbh/` or `cot-prompts/`. Where the file is in none of these places, the first is given.
    """
    base = Path(folder).expanduser()
    places = [base / name, base / "bbh" / name, base.parent / name, base.parent / "bbh" / name]
    if base.name not in ("bbh", "cot-prompts"):
        places = places[:2]
    return next((path for path in places if path.is_file()), places[0])
