"""Pack a run with its code, configuration and origins into one archive that checks itself."""

import argparse
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from arte import verify
from arte.core import io, job
from arte.core.errors import cli
from arte.provenance.crate import Crate
from arte.provenance.manifest import UNPUBLISHED, entry
from arte.provenance.records import recorded

CODE = (
    *("workflow", "config", "resources", "requirements", "docs", "slurm"),
    *("README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile", "Containerfile"),
    "pyproject.toml",
)
"""What a bundle has of the repository, as far as it is there."""

CONFIG = "figures/figure1.config.json"
"""In the run's folder: the configuration as it was given, before anything was filled in."""

METADATA = "ro-crate-metadata.json"
WEIGHTS = ("fingerprint.json", "metrics.json")
"""What a bundle has of a model's folder unless it has the models."""

TIME = (1980, 1, 1, 0, 0, 0)
"""The time of all files in the archive, so that equal content gives equal bytes."""

README = """# Run {run} of the ARTE pipeline

    python3 verify.py .                      # every file as it was packed: Python alone
    make venv && . .venv/bin/activate        # the environment, once
    snakemake --cores 1 rescore              # all tables and figures again, byte for byte
    arte explain results/{run} table2 arte zero-shot

`results/{run}/` has the tables, figures and all that models wrote. {models}
`config/config.yaml` is the whole configuration of this run. `{metadata}` describes the files and
jobs as a Workflow Run RO-Crate. The code is under the MIT license (LICENSE). Test items come from
public benchmarks under their own licenses: resources/hub_files.json names them, BIG-Bench Hard is
under MIT. What models wrote is under the terms of these models: config key `licenses`.
"""


def chosen(manifest: dict[str, Any], *, models: bool) -> list[str]:
    """The run's files that a bundle has."""
    names = list(manifest["files"])
    if models:
        return names
    folders = {name.rpartition("/")[0] for name in names if name.endswith("/fingerprint.json")}
    return [
        name
        for name in names
        if name.rpartition("/")[0] not in folders or name.rpartition("/")[2] in WEIGHTS
    ]


def fill(folder: Path, run: Path, home: Path, *, models: bool) -> dict[str, Any]:
    """Copy code and results into a bundle's folder and describe it; returns the run's manifest."""
    manifest = recorded(run)
    at = f"results/{manifest['run']}"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "site.yaml")
    for name in CODE:
        source = home / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        elif source.exists():
            shutil.copyfile(source, folder / name)
    shutil.copyfile(run / CONFIG, folder / "config/config.yaml")  # JSON is YAML
    shutil.copyfile(verify.__file__, folder / "verify.py")
    for name in [*chosen(manifest, models=models), verify.MANIFEST]:
        (folder / at / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / name, folder / at / name)
    said = "It has the models, too." if models else "It has no models, only what identifies them."
    about = README.format(run=manifest["run"], models=said, metadata=METADATA)
    io.write_text(about, folder / "BUNDLE.md")
    describe(folder, manifest, at)
    return manifest


def describe(folder: Path, manifest: dict[str, Any], at: str) -> None:
    """Write the crate's metadata, then the bundle's own manifest, which covers it."""
    but = [".venv", ".snakemake", *(f"{at}/{name}" for name in UNPUBLISHED)]
    files = {name: entry(folder / name) for name in verify.published(folder, but)}
    Crate(folder, manifest, files, at).write()
    files[METADATA] = entry(folder / METADATA)
    about = {"version": 1, "unpublished": but, "files": files}
    io.write_text(verify.sealed(about), folder / verify.MANIFEST)


def pack(folder: Path, archive: Path) -> None:
    """Write all files of a folder into a zip file, sorted and without their times."""
    with (
        io.replacing(archive) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = zipfile.ZipInfo(path.relative_to(folder).as_posix(), TIME)
                name.external_attr = 0o644 << 16
                file.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)


def run(args: argparse.Namespace) -> None:
    """Make the archive and say how to check it."""
    source = Path(args.run)
    models = args.models == "yes"
    with tempfile.TemporaryDirectory(prefix="arte-") as name:
        manifest = fill(Path(name), source, Path(args.home), models=models)
        archive = source / "bundle" / f"{manifest['run']}{'-models' if models else ''}.zip"
        pack(Path(name), archive)
    size = archive.stat().st_size / 1e6
    job.log(f"{archive}: {size:.1f} MB")
    print(f"{archive}: {size:.1f} MB; unpack it, then: python3 verify.py .")


@cli
def main() -> None:
    """Command line; --run is the run's folder, --home the repository, --models yes or no."""
    run(job.parse(__doc__, "--run", "--home", "--models"))


if __name__ == "__main__":
    main()
