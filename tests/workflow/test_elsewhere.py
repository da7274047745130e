"""The workflow works from any folder, and as a module of another workflow."""

import sys

import pytest
from checkout import ROOT, output

from arte.core.errors import ArteError
from arte.core.interpreter import search_path
from arte.data import layout

PRESET = ROOT / "config/presets/smoke.yaml"
MODULE = f"""
configfile: "{ROOT}/config/config.yaml"
configfile: "{PRESET}"

module arte:
    snakefile: "{ROOT}/workflow/Snakefile"
    config: config

use rule * from arte as {{prefix}}*
"""


def snakemake(*arguments, cwd):
    return output([sys.executable, "-m", "snakemake", *arguments], cwd)


@pytest.mark.parametrize("way", ["--directory", "from elsewhere"])
def test_the_whole_workflow_is_planned_for_another_folder(way, tmp_path):
    flags = ["--snakefile", ROOT / "workflow/Snakefile", "--configfile", PRESET]
    flags += ["--dry-run", "--quiet", "rules", "--cores", "1"]
    elsewhere = ["--directory", tmp_path] if way == "--directory" else []
    output = snakemake(*flags, *elsewhere, cwd=ROOT if elsewhere else tmp_path)
    assert "make_table " in output
    assert "plot_figure1 " in output


@pytest.mark.parametrize("prefix", ["", "arte_"])
def test_another_workflow_uses_all_rules(prefix, tmp_path):
    (tmp_path / "Snakefile").write_text(MODULE.format(prefix=prefix))
    output = snakemake(f"{prefix}all", "--dry-run", "--quiet", "rules", cwd=tmp_path)
    assert f"{prefix}make_table " in output
    assert f"{prefix}train_nano_teacher " in output


def test_a_table_is_made_in_the_folder_of_the_other_workflow(tmp_path):
    (tmp_path / "Snakefile").write_text(MODULE.format(prefix="arte_"))
    snakemake("arte_table7", "--cores", "2", cwd=tmp_path)
    assert (tmp_path / "results/smoke/tables/table7.md").exists()
    assert not any(path.name.startswith("resources") for path in tmp_path.iterdir())


def another_python(folder):
    """Make a folder with a `python` that fails."""
    folder.mkdir()
    program = folder / "python"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)


def test_jobs_run_by_snakemakes_python_where_its_environment_is_not_activated(tmp_path):
    """Another `python` comes first: its packages would be of other versions, without a word."""
    another_python(tmp_path / "bin")
    made = "results/smoke/data/raw/instructions-wizardlm/record.json"
    flags = ["--snakefile", ROOT / "workflow/Snakefile", "--configfile", PRESET, "--cores", "1"]
    command = [sys.executable, "-m", "snakemake", made, *flags, "--directory", tmp_path]
    output(command, tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert (tmp_path / made).exists()


@pytest.mark.parametrize("other", ["none", "another"])
def test_an_interpreter_that_jobs_would_not_find_is_refused(other, tmp_path):
    python3 = tmp_path / "python3"
    python3.symlink_to(sys.executable)
    if other == "another":
        another_python(tmp_path / "bin")
    with pytest.raises(ArteError) as failed:
        search_path(str(python3), f"{tmp_path}/bin")
    assert str(python3) in failed.value.expected
    assert ("bin/python" if other == "another" else "none") in failed.value.found
    (tmp_path / "python").symlink_to(sys.executable)
    assert search_path(str(python3), "/usr/bin") == f"{tmp_path}:/usr/bin"


def test_the_error_of_a_job_is_shown_last_though_rules_are_quiet(tmp_path):
    (tmp_path / "wrong.yaml").write_text("plan: { device: abacus }\n")
    with pytest.raises(AssertionError) as failed:
        snakemake(
            *("plan", "--cores", "1", "--quiet", "host", "reason", "rules", "progress"),
            *("--snakefile", ROOT / "workflow/Snakefile", "--directory", tmp_path),
            *("--configfile", PRESET, tmp_path / "wrong.yaml"),
            cwd=ROOT,
        )
    end = str(failed.value).rpartition("Exiting because")[2]
    assert "found: 'abacus'" in end
    assert "remedy: " in end


@pytest.mark.parametrize("named", ["flat", "clone", "clone/bbh", "clone/cot-prompts", "~/clone"])
def test_published_files_are_found_flat_and_in_a_clone(named, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for place in ("flat/navigate.json", "flat/cot-prompts/navigate.txt"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("")
    for place in ("clone/bbh/navigate.json", "clone/cot-prompts/navigate.txt"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("")
    folder = named if named.startswith("~") else str(tmp_path / named)
    base = tmp_path / named.removeprefix("~/").partition("/")[0]
    for name in ("navigate.json", "cot-prompts/navigate.txt"):
        found = layout.local(folder, name)
        assert found.is_file()
        assert found.is_relative_to(base)
    assert not layout.local(folder, "snarks.json").exists()
