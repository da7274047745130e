"""The program `arte`: its list of commands, how it starts one, and that it is installed."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from arte.console import main as console
from arte.console.table import COMMANDS
from arte.core.identity import SCRIPTS

PROGRAM = Path(sys.prefix, "bin/arte")


def arte(*arguments, program=("-m", "arte.console.main")):
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("program", [("-m", "arte.console.main"), (str(PROGRAM),)])
def test_help_lists_every_command_and_loads_none_of_them(program):
    done = arte("--help", program=("-X", "importtime", *program))
    assert done.returncode == 0, done.stderr
    for name, command in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert command.does in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "arte.console.table" in loaded
    assert not loaded & ({"numpy", "polars", "snakemake", "torch"} | modules())


def modules() -> set[str]:
    return {command.module for command in COMMANDS.values()}


def test_a_wrong_command_is_answered_with_the_right_ones():
    for arguments in (["jornal"], []):
        done = arte(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "usage: arte [-h] <command> ..." in done.stderr
    assert "invalid choice: 'jornal'" in arte("jornal").stderr
    assert "'journal'" in arte("jornal").stderr


def test_a_command_gets_what_follows_its_name(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.jsonl").write_text("")
    monkeypatch.setattr(sys, "argv", ["arte", "journal", "stats", str(tmp_path)])
    console.main()
    assert capsys.readouterr().out.splitlines()[1] == "a.jsonl\t0\t0\t0\t0\t0"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_a_module_with_a_main_of_its_own_and_says_what_it_does(command):
    tree = ast.parse((SCRIPTS / (command.module.replace(".", "/") + ".py")).read_text())
    assert "main" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert command.does[0].islower()
    assert not command.does.endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_under_its_own_name(name):
    done = arte(name, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: arte {name} ")
