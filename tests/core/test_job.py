import re
import sys

import pytest

from arte.core import job
from arte.core.errors import ArteError
from arte.data.tables import EXEMPLARS


def exemplars(n):
    fixed = {"subtask": "s", "answer": "a", "rationale": "r"}
    rows = [{**fixed, "exemplar_id": i, "question": f"q{i}"} for i in range(n)]
    return EXEMPLARS.frame(rows)


def test_a_seed_depends_on_every_part_and_on_nothing_else():
    assert job.derived_seed(0, "s", 1) == job.derived_seed(0, "s", 1)
    seeds = {
        job.derived_seed(*parts) for parts in ((0, "s", 1), (1, "s", 1), (0, "t", 1), (0, "s"))
    }
    assert len(seeds) == 4
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_an_artefact_does_not_show_how_subtasks_are_spread_over_jobs():
    assert job.cfg_of({"subtasks": ["a", "b"], "n": 1}, "a") == job.cfg_of(
        {"subtasks": ["a"], "n": 1}, "a"
    )


def test_exemplars_come_in_order_and_too_few_are_an_error():
    assert [e["question"] for e in job.first_exemplars(exemplars(3)[::-1], "s", 2)] == ["q0", "q1"]
    with pytest.raises(ArteError, match="at least 4 exemplars"):
        job.first_exemplars(exemplars(3), "s", 4)


def test_a_table_without_rows_of_the_subtask_is_an_error():
    with pytest.raises(ArteError, match="subtask t"):
        job.of_subtask(exemplars(1), "t", "exemplars")


def parsed(monkeypatch, arguments, parse):
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    return vars(parse())


FLAGS = ("--cfg", "--model", "--tables+", "--scores*")


@pytest.mark.parametrize(
    ("arguments", "scores"), [(["--scores"], []), (["--scores", "c", "d"], ["c", "d"])]
)
def test_a_flag_takes_one_value_or_as_many_as_its_end_says(monkeypatch, arguments, scores):
    arguments = ["--cfg", '{"n": 1}', "--model", "m", "--tables", "a", "b", *arguments]
    found = parsed(monkeypatch, arguments, lambda: job.parse("What.", *FLAGS))
    assert found == {"cfg": {"n": 1}, "model": "m", "tables": ["a", "b"], "scores": scores}


def test_every_flag_has_to_be_given(monkeypatch):
    for missing in range(0, 8, 2):
        arguments = ["--cfg", "{}", "--model", "m", "--tables", "a", "--scores", "c"]
        del arguments[missing : missing + 2]
        with pytest.raises(SystemExit):
            parsed(monkeypatch, arguments, lambda: job.parse("What.", *FLAGS))


def test_a_module_of_several_commands_knows_the_flags_of_each(monkeypatch):
    commands = {"fetch": ("--from",), "split": ("--into+",)}
    found = parsed(
        monkeypatch, ["split", "--into", "a"], lambda: job.parse_command("What.", commands)
    )
    assert found == {"command": "split", "into": ["a"]}


def test_a_log_line_has_its_time_and_comes_from_one_process(monkeypatch, capsys):
    job.log("so far")
    monkeypatch.setenv("RANK", "1")
    job.log("from another")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d so far\n", capsys.readouterr().err)
