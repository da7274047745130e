"""Rules of validation items from BIG-bench: the source, its files, and where it has too few."""

from collections.abc import Iterator

from arte.core.errors import ArteError, config_error
from arte.data import layout


def problems(config: dict, pins: str) -> Iterator[ArteError]:
    """What is wrong with data.validation: bigbench; `pins` is resources/bigbench.json."""
    data = config["data"]
    if data["validation"] != "bigbench":
        return
    if data["source"] == "embedded":
        yield config_error(
            "data.validation",
            "bigbench",
            rule="with data.source embedded, held_out: miniatures have validation items anyway",
            remedy="set data.validation: held_out, or data.source to folder or github",
        )
        return
    pinned = layout.bigbench_pins(pins)
    names = [name for name in data["subtasks"] if name in pinned]
    if data["bigbench"]["source"] == "folder":
        yield from _missing(data["bigbench"]["folder"], [pinned[name]["path"] for name in names])
    if not data["allow_modified"]:
        yield from _too_few(config, {name: pinned[name]["spare"] for name in names})


def _missing(folder: str, paths: list[str]) -> Iterator[ArteError]:
    missing = [path for path in paths if not layout.bigbench_file(folder, path).is_file()]
    if not folder or missing:
        yield ArteError(
            expected=f"{len(paths)} task files of BIG-bench in data.bigbench.folder ({folder!r})",
            found=f"{len(missing)} of them missing, first {missing[0]}" if missing else "no folder",
            where="config key data.bigbench.folder",
            remedy="name a clone of BIG-bench or its unpacked distribution, or set "
            "data.bigbench.source: pypi to download it",
        )


def _too_few(config: dict, spare: dict[str, int]) -> Iterator[ArteError]:
    """Subtasks for which BIG-bench cannot give as many items as the run cannot do without."""
    shortage = config["data"]["bigbench"]["shortage"]
    key = {"fewer": "prefer.preference_items", "error": "data.validation_items"}.get(shortage)
    if key is None:
        return
    block, name = key.split(".")
    wanted = config[block][name]
    few = {subtask: count for subtask, count in spare.items() if count < wanted}
    if few:
        yield config_error(
            "data.bigbench.shortage",
            shortage,
            rule=f"{wanted} items ({key}) of each subtask that BBH does not have; BIG-bench has "
            + ", ".join(f"{count} of {subtask}" for subtask, count in few.items()),
            remedy=f"leave these subtasks out, lower {key}, or set held_out",
        )
