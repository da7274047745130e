"""Where test items, validation items, exemplars and instruction sets come from."""

from typing import Literal

from arte.config.blocks.base import Block, Integer, Names, key


class Bigbench(Block):
    """BIG-bench, of which BBH is a part."""

    source: Literal["pypi", "folder"] = key(
        "with `validation: bigbench`: the pinned source distribution (358 MB), or files on disk"
    )
    folder: str = key(
        "with `source: folder`: a clone of BIG-bench, its unpacked distribution, or a folder of "
        "`<task>/task.json`; `~` is your home directory"
    )
    shortage: Literal["held_out", "fewer", "error"] = key(
        "where BIG-bench has too few items: hold the others out of the test items, do with fewer, "
        "or refuse",
        "three tasks by GPT-4",
    )


class Data(Block):
    """BIG-Bench Hard (§4.1)."""

    source: Literal["embedded", "folder", "github"] = key(
        "generated miniatures, files on disk, or the pinned commit on GitHub", "BBH"
    )
    folder: str = key(
        "with `folder`: directory of `<subtask>.json` and `cot-prompts/<subtask>.txt`; "
        "`~` is your home directory"
    )
    allow_modified: bool = key("accept files whose SHA-256 is not the published one")
    subtasks: Names = key(
        "BIG-Bench Hard files, and tasks of your own", "27 files, 23 tasks", min_length=1
    )
    tasks: Names = key(
        "folders of tasks of your own ([docs/own-task.md](../docs/own-task.md)), each with the "
        "name that `data.subtasks` uses"
    )
    difficulty: Literal[1, 2, 3] = key(
        "with `embedded`: how hard the miniatures are ([docs/embedded.md](../docs/embedded.md))"
    )
    test_items: Integer = key("test items per subtask; 0 takes all", "all", ge=0)
    validation_items: Integer = key(
        "validation items per subtask, never among the test items", "100", ge=1
    )
    validation: Literal["held_out", "bigbench"] = key(
        "where they come from: held out of the test items, or BIG-bench items that BBH does not "
        "have (of three subtasks, from our programs); miniatures are drawn apart",
        "bigbench",
    )
    bigbench: Bigbench


class Ood(Block):
    """Benchmarks outside BBH (§5)."""

    source: Literal["embedded", "hub"] = key(
        "generated miniatures, or the published sets", "published"
    )
    benchmarks: Names = key(
        "benchmarks outside BBH on which students are tested (Table 3): `piqa`, "
        "`commonsense_qa`, `arc_easy`, `arc_challenge`, `gsm8k`",
        "all five",
    )
    transfer: Names = key(
        "those for which both teachers write training data (Table 4)", "all but CommonsenseQA"
    )
    test_items: Integer = key("test items per benchmark; 0 takes all", "500", ge=0)
    validation_items: Integer = key("validation items per benchmark", ge=1)
    questions: Integer = key("questions per benchmark and teacher", "2,500", ge=1)


class Instructions(Block):
    """Instruction-tuning sets, the baselines of Table 2."""

    source: Literal["embedded", "hub"] = key(
        "generated miniatures, or the published sets", "published"
    )
    rows: Integer = key(
        "rows drawn from each set; for a fair comparison, as many as the teacher-written arms have",
        "6,750",
        ge=1,
    )
    max_words: Integer = key("longer rows are skipped (and counted)", ge=1)
