"""Describe a bundle as a Workflow Run RO-Crate: who made which file by what, when and how long.

Process, Workflow and Provenance Run Crate 0.5, on RO-Crate 1.1.
"""

import json
import mimetypes
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rocrate.model.computationalworkflow import ComputationalWorkflow
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
LICENSE = "https://spdx.org/licenses/MIT"
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
WORKFLOW = "workflow/Snakefile"
DONE = "http://schema.org/CompletedActionStatus"
MODULE = re.compile(r"-m (arte(?:\.\w+)+)")


def when(seconds: float) -> str:
    """Seconds since 1970 as a date with time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


class Crate:
    """The crate of a bundle that lies in `folder`, with the manifest of its run.

    `files` has what the bundle's manifest says of each; `at` is the folder of the run in it.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], files: dict, at: str) -> None:
        self.folder, self.manifest, self.at = folder, manifest, at
        self.crate = ROCrate(version="1.1", gen_preview=False)
        self.crate.metadata.extra_contexts.append(TERMS)
        self.files = {name: self._file(name, entry) for name, entry in files.items()}
        self.tools: dict[str, Any] = {}

    def write(self) -> None:
        """Write ro-crate-metadata.json into the bundle."""
        self._root()
        workflow = self._workflow()
        steps = self._steps(workflow)
        run = self._run(workflow)
        self._jobs(steps, run)
        self.crate.metadata.write(self.folder)

    def _add(self, name: str, /, **properties: Any) -> Any:
        properties["@type"] = properties.pop("type")
        return self.crate.add(ContextEntity(self.crate, name, properties=properties))

    def _file(self, name: str, entry: dict[str, Any]) -> Any:
        kind = mimetypes.guess_type(name)[0]
        about = {"name": name, "sha256": entry["sha256"], "contentSize": str(entry["bytes"])}
        if kind is not None:
            about["encodingFormat"] = kind
        if name == WORKFLOW:
            about["@type"] = [*ComputationalWorkflow.TYPES, "HowTo"]
            workflow = ComputationalWorkflow(self.crate, self.folder / name, name, properties=about)
            return self.crate.add(workflow)
        return self.crate.add_file(self.folder / name, name, properties=about)

    def _root(self) -> None:
        jobs = self.manifest["jobs"].values()
        self.crate.name = f"ARTE: run {self.manifest['run']}"
        self.crate.description = (
            "Results of a run of the ARTE pipeline (arXiv 2406.19227), with what made them"
        )
        self.crate.datePublished = datetime.fromtimestamp(
            max(each["ended"] for each in jobs), UTC
        ).replace(microsecond=0)
        self.crate.license = self._add(
            LICENSE, type="CreativeWork", name="MIT License", description="of code and run"
        )
        self.crate.root_dataset["conformsTo"] = [
            self._add(name, type="CreativeWork", name=said, version=name.rpartition("/")[2])
            for name, said in PROFILES.items()
        ]

    def _workflow(self) -> Any:
        workflow = self.files[WORKFLOW]
        language = self._add(
            SNAKEMAKE,
            type="ComputerLanguage",
            name="Snakemake",
            alternateName="Snakemake",
            identifier={"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
            url={"@id": "https://snakemake.readthedocs.io"},
        )
        workflow["name"] = "ARTE pipeline"
        workflow["programmingLanguage"] = language
        workflow["softwareRequirements"] = self._environment()
        if self.manifest["code"]["commit"]:
            workflow["version"] = self.manifest["code"]["commit"]
        formal = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
        profile = self._add(formal, type="CreativeWork", name="FormalParameter", version="1.0")
        for role, name in (("input", "config"), ("output", "tables"), ("output", "figures")):
            workflow.append_to(
                role,
                self._add(
                    f"#{name}",
                    type="FormalParameter",
                    name=name,
                    additionalType="File" if role == "input" else "Dataset",
                    conformsTo=profile,
                    description=f"the run's {name}",
                    valueRequired="True",
                ),
            )
        self.crate.mainEntity = workflow
        return workflow

    def _environment(self) -> list[Any]:
        """The lock files and the recipe of the images: what a job's environment has."""
        names = [name for name in sorted(self.files) if name.endswith((".lock", "Containerfile"))]
        return [self.files[name] for name in names]

    def _steps(self, workflow: Any) -> dict[str, Any]:
        """A HowToStep per rule, in the order in which rules first began, each with its tool."""
        first: dict[str, dict] = {}
        for job in sorted(self.manifest["jobs"].values(), key=lambda each: each["started"]):
            first.setdefault(job["rule"], job)
        steps = {}
        for number, (rule, job) in enumerate(first.items()):
            tool = self._tool(workflow, rule, job)
            steps[rule] = self._add(
                f"{WORKFLOW}#{rule}",
                type="HowToStep",
                name=rule,
                position=str(number),
                workExample=tool,
            )
            workflow.append_to("step", steps[rule])
        return steps

    def _tool(self, workflow: Any, rule: str, job: dict[str, Any]) -> Any:
        """The program that a rule starts, by the identity of its code."""
        name = f"#tool-{rule}"
        if name not in self.tools:
            self.tools[name] = self._add(
                name,
                type="SoftwareApplication",
                name=rule,
                description=job["command"][:300],
                softwareVersion=job["code"] or "unknown",
                softwareRequirements=self._environment(),
                hasPart=self._modules(job["command"]),
            )
            workflow.append_to("hasPart", self.tools[name])
        return self.tools[name]

    def _modules(self, command: str) -> list[Any]:
        """The files of our modules that a command starts."""
        names = [
            f"workflow/scripts/{name.replace('.', '/')}.py" for name in MODULE.findall(command)
        ]
        return [self.files[name] for name in names if name in self.files]

    def _run(self, workflow: Any) -> Any:
        """The run as a whole: from the configuration to tables and figures."""
        jobs = self.manifest["jobs"].values()
        config = self.files["config/config.yaml"]
        config["exampleOfWork"] = self.crate.dereference("#config")
        made = []
        for name in ("tables", "figures"):
            folder = self.crate.add_dataset(
                self.folder / self.at / name, f"{self.at}/{name}", properties={"name": name}
            )
            folder["exampleOfWork"] = self.crate.dereference(f"#{name}")
            made.append(folder)
        machine = self.manifest["machine"]
        run = self._add(
            "#run",
            type="CreateAction",
            name=f"run {self.manifest['run']}",
            description=f"on {machine['processor']}, {machine['system']}",
            instrument=workflow,
            object=[config],
            result=made,
            startTime=when(min(each["started"] for each in jobs)),
            endTime=when(max(each["ended"] for each in jobs)),
            actionStatus={"@id": DONE},
            agent=self._agent(),
        )
        self.crate.root_dataset.append_to("mentions", run)
        return run

    def _agent(self) -> Any:
        name = self.manifest["machine"]["host"]
        return self._add("#machine", type="Organization", name=name, description="where it ran")

    def _jobs(self, steps: dict[str, Any], run: Any) -> None:
        """A CreateAction and a ControlAction per job."""
        controls = []
        for name, job in self.manifest["jobs"].items():
            action = self._add(
                f"#job-{name}",
                type="CreateAction",
                name=name,
                description=job["command"],
                instrument=self.tools[f"#tool-{job['rule']}"],
                object=[*self._known(job["inputs"]), *self._values(name, job)],
                result=self._known(job["outputs"]),
                startTime=when(job["started"]),
                endTime=when(job["ended"]),
                actionStatus={"@id": DONE},
                resourceUsage=self._usage(name, job),
            )
            self.crate.root_dataset.append_to("mentions", action)
            control = self._add(
                f"#control-{name}",
                type="ControlAction",
                name=f"Snakemake starts {name}",
                instrument=steps[job["rule"]],
                object=action,
            )
            controls.append(control)
        self._organized(controls, run)

    def _organized(self, controls: list[Any], run: Any) -> None:
        """The OrganizeAction: Snakemake started all jobs of the run."""
        engine = self._add(
            "#snakemake",
            type="SoftwareApplication",
            name="Snakemake",
            softwareVersion=self.manifest["machine"]["packages"].get("snakemake", "unknown"),
            url={"@id": "https://snakemake.readthedocs.io"},
        )
        self._add(
            "#organize",
            type="OrganizeAction",
            name="Snakemake runs the workflow",
            instrument=engine,
            object=controls,
            result=run,
            startTime=run["startTime"],
            endTime=run["endTime"],
        )

    def _known(self, paths: list[str] | dict[str, str]) -> list[Any]:
        """The entities of a job's files, as far as the bundle has them."""
        names = [name for path in paths for name in (f"{self.at}/{path}", path)]
        return [self.files[name] for name in names if name in self.files]

    def _values(self, name: str, job: dict[str, Any]) -> list[Any]:
        """The config of a job, key by key."""
        return [
            self._add(
                f"#config-{name}-{key}",
                type="PropertyValue",
                name=key,
                value=value if isinstance(value, str) else json.dumps(value, sort_keys=True),
            )
            for key, value in sorted((job["cfg"] or {}).items())
        ]

    def _usage(self, name: str, job: dict[str, Any]) -> list[Any]:
        """What Snakemake's benchmark measured of a job: seconds, memory in MB, CPU seconds."""
        return [
            self._add(
                f"#usage-{name}-{key}",
                type="PropertyValue",
                name=key,
                value=value,
                propertyID=f"https://snakemake.readthedocs.io/benchmark/{key}",
            )
            for key, value in sorted(job["usage"].items())
        ]
