"""Say what stands behind a number of a table or a point of a figure; no model is needed.

The run needs its manifest (`snakemake manifest`). Words name the row, in any order:
arte explain results/embedded table2 arte BBH-Math zero-shot
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

from arte.core.errors import ArteError, cli
from arte.core.identity import SCRIPTS
from arte.core.io import file_sha256
from arte.core.prompts import Prompts
from arte.core.tasks import FILE
from arte.explain import cells, origins
from arte.explain.asked import Askers
from arte.explain.evidence import KEPT_IN, Evidence, evidence
from arte.explain.examples import examples
from arte.provenance.records import recorded

STUDENT = "/student.md"
"""The shared template of the student's prompts, beside which the others lie."""

CLAIMS = "tables/claims.csv"
"""A verdict stands on a difference of another table."""

HOME = SCRIPTS.parents[1]
"""The repository whose code this is; a bundle has one of its own."""


class Explainer:
    """A run, its manifest and the prompt files that its jobs read."""

    def __init__(self, run: Path) -> None:
        self.run, self.manifest = run, recorded(run)
        own = run.resolve().parents[1]
        self.home = own if (own / "workflow/Snakefile").exists() else HOME
        inputs = {path for each in self.manifest["jobs"].values() for path in each["inputs"]}
        shared = next((path for path in sorted(inputs) if path.endswith(STUDENT)), None)
        if shared is None:
            raise self._unknown(f"no job that read {STUDENT.strip('/')}")
        declared = {Path(path).parent for path in inputs if Path(path).name == FILE}
        elsewhere = sorted(folder for folder in declared if folder.parent != Path(shared).parent)
        tasks = [str(own / folder) for folder in elsewhere]
        self.prompts = Prompts([str((self.home / shared).parent), *tasks])
        self.askers = Askers(run, self.manifest)

    def explain(self, path: str, row: dict[str, str | None], item: str | None) -> Iterator[str]:
        """Lines about one row of a csv of the run."""
        job = self._maker(path)
        measured = cells.judged_by(self.run, row) if path == CLAIMS else None
        source, counted = measured or (path, row)
        maker = self._maker(source)
        found = evidence(self.run, Path(source).stem, counted, self.manifest["jobs"][maker])
        if item is not None:
            yield from self._examples(found, item)
            return
        files = found.paths or list(self.manifest["jobs"][job]["inputs"])
        jobs = origins.chain(self.manifest, maker, files)
        jobs += [job] if job != maker else []
        yield f"{path}"
        yield "  " + ", ".join(f"{key} {value}" for key, value in row.items() if value is not None)
        yield from _counted(found)
        yield from self._models(jobs)
        yield from self._prompts(jobs)
        yield "\nseeds"
        for key, values in origins.seeds(self.manifest, jobs).items():
            yield f"  {key}: {', '.join(map(str, values))}"
        yield from self._jobs(jobs)
        yield from self._where()
        yield from self._examples(found, None)

    def _maker(self, path: str) -> str:
        """The job that made a file of the run; raise ArteError where the manifest has none."""
        job = self.manifest["files"].get(path, {}).get("job")
        if job is None:
            raise self._unknown(f"no job that made {path}")
        return job

    def _unknown(self, found: str) -> ArteError:
        return ArteError(
            expected="the manifest of this run as it is now",
            found=found,
            where=str(self.run),
            remedy="where the run was made: snakemake --cores 1 manifest",
        )

    def _models(self, jobs: list[str]) -> Iterator[str]:
        yield "\nmodels, with the hash of all that shapes what they write"
        for model in origins.models(self.run, self.manifest, jobs):
            base = f", adapter on {model.base}" if model.base else ""
            made = self.manifest["files"].get(f"{model.folder}/fingerprint.json", {}).get("job")
            yield f"  {model.folder}: {model.fingerprint}{base}, from {made}"
            if model.source:
                yield f"    source {json.dumps(model.source, sort_keys=True)}"

    def _prompts(self, jobs: list[str]) -> Iterator[str]:
        yield "\nprompt files, SHA-256"
        for path, sha256 in origins.prompts(self.manifest, jobs).items():
            here = self.home / path
            same = here.exists() and file_sha256(here) == sha256
            yield f"  {path}: {sha256}{'' if same else ', which is not the file of this checkout'}"

    def _jobs(self, jobs: list[str]) -> Iterator[str]:
        yield "\njobs, from the data to this file"
        for name in jobs:
            job = self.manifest["jobs"][name]
            start = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(job["started"]))
            took = f"{job['ended'] - job['started']:.1f} s"
            yield f"  {name}: {start} UTC, {took}, code {job['code']}"
            if job["cfg"]:
                yield f"    {json.dumps(job['cfg'], sort_keys=True)}"

    def _where(self) -> Iterator[str]:
        code, machine = self.manifest["code"], self.manifest["machine"]
        state = ", with changes" if code["changed"] else ""
        yield f"\ncode: commit {code['commit'] or 'unknown: no clone'}{state}"
        yield f"machine of the manifest: {machine['host']}, {machine['processor']}"
        yield f"  {machine['system']}, Python {machine['python']}"

    def _examples(self, found: Evidence, item: str | None) -> Iterator[str]:
        rows = examples(self.run, self.prompts, found, item)
        if item is not None and not rows:
            known = sorted(set(found.rows["item_id"])) if "item_id" in found.rows.columns else []
            raise ArteError(
                expected="an item behind this number",
                found=item,
                where=str(self.run),
                remedy=f"name one of {', '.join(known[:20])}",
            )
        for row in rows:
            yield "\nitem " + ", ".join(
                f"{key} {value}" for key, value in row.items() if key not in TEXTS
            )
            how = ""
            if "prompt" in row:
                row["prompt"], how = self.askers.asked(row[KEPT_IN], row["prompt"])
            for key in TEXTS:
                if row.get(key):
                    yield f"  {key}" + (f", {how}" if key == "prompt" and how else "")
                    yield from (f"  | {line}" for line in str(row[key]).splitlines())


TEXTS = ("prompt", "question", "rationale", "output")
"""What is shown line by line; a question only where it is not in the prompt."""


def _counted(found: Evidence) -> Iterator[str]:
    """How many kept rows the number is counted from."""
    rows = found.rows
    if not rows.height:
        yield "\ncounted from no kept answer"
        return
    yield f"\ncounted from {rows.height} rows of {found.kind}"
    if "correct" in rows.columns:
        by = [name for name in ("arm", "seed") if name in rows.columns]
        groups = rows.group_by(by, maintain_order=True) if by else [((), rows)]
        for key, part in groups:
            said = ", ".join(f"{name} {value}" for name, value in zip(by, key, strict=True))
            yield f"  {said or 'all'}: {int(part['correct'].sum())} of {part.height} right"


@cli
def main() -> None:
    """Print what is known of one cell or point, or of one item behind it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of the run")
    parser.add_argument("table", help="table2, table2_differences, figures/technique_shift, …")
    parser.add_argument("words", nargs="*", help="values of the row: arte, zero-shot, column=BBH")
    parser.add_argument("--item", help="show this item alone")
    args = parser.parse_args()
    explainer = Explainer(args.run)
    path = cells.csv_of(args.run, args.table)
    rows = cells.find(cells.read(args.run / path), args.words, path)
    for line in explainer.explain(path, rows[0], args.item):
        print(line)
    if len(rows) > 1:
        print(f"\n{len(rows) - 1} more rows have these values, the next: {_shown(rows[1])}")


def _shown(row: dict[str, str | None]) -> str:
    return ", ".join(f"{key}={value}" for key, value in row.items() if value is not None)


if __name__ == "__main__":
    main()
