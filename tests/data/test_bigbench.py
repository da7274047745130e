"""Validation items from BIG-bench: never a test item or an exemplar, and none made up silently."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from declared import SUBTASKS, declares

from arte.core import io, tasks
from arte.core.answers import normalize
from arte.core.errors import ArteError
from arte.data import bbh, bigbench, bigbench_files, bigbench_forms, layout
from arte.data.overlap import identity
from arte.data.tables import EXEMPLARS, ITEMS

ROOT = Path(__file__).parents[2]
PINS = ROOT / "resources/bigbench.json"
PUBLIC = ROOT.parent / "shared/data"
needs_public = pytest.mark.skipif(
    not (PUBLIC / "bigbench").is_dir(), reason="no BIG-bench files beside the repository"
)
CFG = declares("ruin_names") | {"seed": 0, "test_items": 0, "validation_items": 2}
STEM = "Which is a funny edit of '{}'?"


def question(name: str, *options: str) -> str:
    return "\n".join([STEM.format(name), "Options:", *options])


def example(name: str, *options: str) -> dict:
    return {
        "input": STEM.format(name),
        "target_scores": {each: i == 0 for i, each in enumerate(options)},
    }


TEST = [question("up", "(A) cup", "(B) upp"), question("alien", "(A) a line", "(B) alian")]
TEST += [question(f"film {i}", "(A) a", "(B) b") for i in range(4)]
SHOWN = question("jaws", "(A) jams", "(B) jawz")
FREE = [example("heat", "meat", "haet"), example("big", "pig", "bigg")]
IN_BBH = [example("UP", "upp", "cup"), example("alien ", "a line", "alian"), example("jaws", "x")]


def tables(subtask: str = "ruin_names", answer: str = "(A)") -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        {"subtask": subtask, "exemplar_id": 0, "question": SHOWN, "answer": "", "rationale": ""}
    ]
    return bbh.items(SUBTASKS[subtask], [(text, answer) for text in TEST]), EXEMPLARS.frame(rows)


def written(path: Path, examples: list[dict]) -> str:
    path.write_text(json.dumps({"canary": "GUID", "examples": examples}))
    return str(path)


def test_what_the_test_or_the_prompt_has_is_left_out_and_counted(tmp_path):
    path = written(tmp_path / "task.json", [*IN_BBH, *FREE, FREE[0]])
    test, validation, origin = bigbench.split(CFG | {"shortage": "error"}, *tables(), path)
    assert sorted(test["question"]) == sorted(TEST)
    assert sorted(validation["question"]) == sorted(
        [question("heat", "(A) meat", "(B) haet"), question("big", "(A) pig", "(B) bigg")]
    )
    assert origin["left out"] == {"exemplar": 1, "in the test": 2, "repeated": 1}
    assert origin["from"] == {"BIG-bench": 2, "generated": 0, "held out": 0}
    assert origin["shared"] == 0


@pytest.mark.parametrize(
    ("shortage", "sizes", "held"), [("fewer", (6, 2), 0), ("held_out", (4, 4), 2)]
)
def test_too_few_items_end_as_the_config_says(shortage, sizes, held, tmp_path):
    path = written(tmp_path / "task.json", FREE)
    cfg = CFG | {"validation_items": 4, "shortage": shortage}
    test, validation, origin = bigbench.split(cfg, *tables(), path)
    assert (test.height, validation.height) == sizes
    assert origin["from"]["held out"] == held
    assert not set(test["question"]) & set(validation["question"])


def test_too_few_items_are_an_error_where_the_config_says_so(tmp_path):
    path = written(tmp_path / "task.json", FREE)
    with pytest.raises(ArteError, match=r"found: 2 of 2(?s:.*)data\.bigbench\.shortage"):
        bigbench.split(CFG | {"validation_items": 4, "shortage": "error"}, *tables(), path)


def test_an_item_is_never_held_out_beside_its_twin_with_other_options():
    twins = [question("up", "(A) cup", "(B) upp"), question("Up", "(A) pup", "(B) upp")]
    test = bbh.items(SUBTASKS["ruin_names"], [(text, "(A)") for text in [*twins, *TEST[1:4]]])
    known = bigbench.Known("ruin_names", test, tables()[1])
    rest, held = bbh.hold_out(test, 3, 0, known.key)
    assert set(twins) <= set(rest["question"])
    assert held.height == 3


def test_a_test_item_that_was_cut_short_still_keeps_its_source_out():
    cut = "Which statement is sarcastic?\nOptions:\n(A) The NB"
    test = bbh.items(SUBTASKS["snarks"], [(cut, "(A)")])
    whole = "Which statement is sarcastic?\nOptions:\n(A) The NBA: great\n(B) The NBA: dull"
    known = bigbench.Known("snarks", test, tables("snarks")[1])
    assert known.reason(whole, known.key(whole)) == "in the test"


def test_an_item_with_a_canary_is_refused():
    marked = bbh.items(SUBTASKS["navigate"], [(f"canary GUID {tasks.CANARY}-86b8", "Yes")])
    with pytest.raises(ArteError, match="canary"):
        bigbench.refuse_canary([tables()[0], marked])


def test_another_shape_names_the_file_and_the_example(tmp_path):
    for wrong in ({"input": "a"}, {"target": "a"}, {"input": 3}, "a", example("x")):
        path = written(tmp_path / "odd.json", [FREE[0], wrong])
        with pytest.raises(ArteError, match=r"(?s)in example 2.*odd\.json"):
            bigbench_forms.read("ruin_names", path, 0)


@needs_public
@pytest.mark.parametrize("subtask", SUBTASKS)
def test_public_files_give_items_that_bbh_does_not_have(subtask):
    pins = layout.bigbench_pins(PINS)
    pinned = pins.get(subtask)
    task = str(PUBLIC / "bigbench" / pinned["path"]) if pinned else None
    public = bbh.items(SUBTASKS[subtask], bbh.read_examples(str(PUBLIC / f"bbh/{subtask}.json")))
    exemplars = bbh.read_exemplars(
        SUBTASKS[subtask], str(PUBLIC / f"bbh/cot-prompts/{subtask}.txt")
    )
    cfg = declares(subtask) | {"seed": 0, "test_items": 0, "validation_items": 100}
    test, validation, origin = bigbench.split(
        cfg | {"shortage": "held_out"}, public, exemplars, task
    )
    spare = min(pinned["spare"], 100) if pinned else 100
    assert (test.height, validation.height) == (public.height - (100 - spare), 100)
    assert origin["from"]["held out"] == 100 - spare

    form = bigbench_forms.FORMS.get(subtask)
    keys = [
        {
            identity(text, by_options=form is not None and form.by_options)
            for text in table["question"]
        }
        for table in (test, exemplars, validation)
    ]
    assert not keys[2] & (keys[0] | keys[1])
    assert len(keys[2]) == 100
    golds = [normalize(answer, SUBTASKS[subtask].answer_type) for answer in validation["answer"]]
    assert None not in golds
    assert tasks.CANARY not in str(validation.rows())


@needs_public
def test_the_public_files_are_the_pinned_ones_and_what_is_spare_is_recorded():
    pins = layout.bigbench_pins(PINS)
    found = bigbench_files.fetch(
        list(pins), str(PINS), str(PUBLIC / "bigbench"), allow_modified=False
    )
    assert list(found) == list(bigbench_forms.FORMS)
    for subtask, pinned in pins.items():
        test = bbh.items(SUBTASKS[subtask], bbh.read_examples(str(PUBLIC / f"bbh/{subtask}.json")))
        shown = bbh.read_exemplars(
            SUBTASKS[subtask], str(PUBLIC / f"bbh/cot-prompts/{subtask}.txt")
        )
        pairs = bigbench_forms.read(subtask, str(PUBLIC / "bigbench" / pinned["path"]), 0)
        pool, _ = bigbench.usable(pairs, bigbench.Known(subtask, test, shown))
        assert len(pool) == pinned["spare"], subtask


def test_the_command_writes_tables_and_their_origin(tmp_path):
    pairs = [{"input": f"Walk {i} steps.", "target": "No"} for i in range(9)]
    io.write_json({"examples": pairs}, tmp_path / "raw.json")
    cot = "".join(
        f"Q: Run {i}.\nA: Let's think step by step. So the answer is No.\n\n" for i in "abc"
    )
    (tmp_path / "cot.txt").write_text(cot)
    scored = [{"input": f"Go {i}.", "target_scores": {"True": 0, "False": 1}} for i in range(5)]
    written(tmp_path / "task.json", scored)
    names = ("items", "validation", "exemplars", "origin")
    cfg = CFG | declares("navigate") | {"shortage": "error"}
    flags = [word for name in names for word in (f"--output-{name}", str(tmp_path / name))]
    inputs = [f"--{n}={tmp_path / f}" for n, f in (("raw", "raw.json"), ("cot", "cot.txt"))]
    done = subprocess.run(
        [sys.executable, "-m", "arte.data.bigbench", "split", "--cfg", json.dumps(cfg)]
        + [*inputs, "--task", str(tmp_path / "task.json"), *flags],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert io.read_table(tmp_path / "items", ITEMS).height == 9
    assert io.read_table(tmp_path / "validation", ITEMS)["answer"].to_list() == ["No", "No"]
    assert io.read_json(tmp_path / "origin")["from"]["BIG-bench"] == 2
