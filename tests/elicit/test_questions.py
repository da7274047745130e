import json
from collections import Counter

import pytest
from declared import SUBTASKS
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import gates, io
from arte.core.errors import ArteError
from arte.core.forms import Form
from arte.core.prompts import tagged_question
from arte.data.tables import EXEMPLARS
from arte.elicit import questions


def output(*expressions: str) -> str:
    return "\n".join(
        tagged_question(i, text, "True") for i, text in enumerate(expressions, start=1)
    )


def test_questions_keep_the_order_of_call_and_position():
    kept, drops = questions.collect([output("a", "b"), output("c")], Form("boolean"), avoid={}, n=9)
    assert [(row["question_id"], row["question"]) for row in kept] == [
        ("000-00", "a"),
        ("000-01", "b"),
        ("001-00", "c"),
    ]
    assert drops == Counter()


def test_raising_n_only_appends_questions():
    outputs = [output("a", "b"), output("b", "c", "d"), output("e")]
    fewer, _ = questions.collect(outputs, Form("boolean"), avoid={}, n=3)
    more, _ = questions.collect(outputs, Form("boolean"), avoid={}, n=5)
    assert more[:3] == fewer


def test_repeats_seeds_and_benchmark_items_are_dropped_and_counted():
    avoid = questions.unwanted(["not  True"], ["true AND true"])
    outputs = [output("Not true", "True and\tTrue", "x"), output("X", "y", "z")]
    kept, drops = questions.collect(outputs, Form("boolean"), avoid=avoid, n=2)
    assert [row["question"] for row in kept] == ["x", "y"]
    assert drops == {
        "seed question": 1,
        "test or validation item": 1,
        "duplicate of an earlier call": 1,
        "surplus": 1,
    }


@pytest.mark.parametrize(
    ("kept", "calls", "wanted"),
    [(0, 0, 5), (0, 5, 5), (10, 5, 7), (24, 5, 0), (23, 39, 1), (1, 20, 20)],
)
def test_a_round_makes_enough_calls_at_the_yield_so_far(kept, calls, wanted):
    assert questions.next_round(kept=kept, calls=calls, n=24, per_call=5, max_calls=40) == wanted


def test_calls_go_on_until_n_questions_are_kept():
    asked = []

    def ask(calls):
        asked.append(calls)
        return [output(f"q {call}") for call in calls]

    kept, counts = questions.draft_questions(
        ask, SUBTASKS["boolean_expressions"], avoid={}, n=4, per_call=2, max_calls=10
    )
    assert asked == [[0, 1], [2, 3]]
    assert len(kept) == 4
    assert counts == {"calls": 4, "kept": 4, "shortfall": 0, "dropped": {}}


def test_a_shortfall_after_max_calls_is_kept_and_counted():
    kept, counts = questions.draft_questions(
        lambda calls: [output("same")] * len(calls),
        SUBTASKS["boolean_expressions"],
        avoid={},
        n=4,
        per_call=2,
        max_calls=6,
    )
    assert len(kept) == 1
    assert counts["shortfall"] == 3
    assert counts["calls"] == 6
    assert counts["dropped"] == {"duplicate of an earlier call": 5}


def test_no_question_at_all_shows_an_output_and_the_reasons():
    with pytest.raises(
        ArteError, match=r"(?s)no question tag.*I would rather.*boolean_expressions"
    ):
        questions.draft_questions(
            lambda calls: ["I would rather not"] * len(calls),
            SUBTASKS["boolean_expressions"],
            avoid={},
            n=4,
            per_call=2,
            max_calls=6,
        )


def exemplars(tmp_path):
    rows = [
        {
            "subtask": "boolean_expressions",
            "exemplar_id": i,
            "question": f"not {'not ' * i}True is",
            "answer": "True",
            "rationale": "So the answer is <ans>True</ans>.",
        }
        for i in range(3)
    ]
    io.write_table(EXEMPLARS.frame(rows), tmp_path / "exemplars.parquet", EXEMPLARS, {})
    return tmp_path / "exemplars.parquet"


def test_a_model_that_writes_no_question_stops_the_command(tmp_path, monkeypatch, capsys):
    model = save_tiny_llama(tmp_path / "model")
    cfg = {
        "subtasks": ["boolean_expressions"],
        "seed": 0,
        "engine": ENGINE,
        "questions": 2,
        "question_temperature": 1.0,
        "questions_per_call": 2,
        "seed_questions": 3,
        "max_calls": 2,
        "question_max_tokens": 8,
    }
    with pytest.raises(SystemExit, match="no question tag"):
        call(
            questions.main,
            monkeypatch,
            cfg=cfg,
            exemplars=exemplars(tmp_path),
            avoid=[],
            prompts=PROMPTS,
            model=model,
            journal=tmp_path / "journal",
            output=tmp_path / "questions.parquet",
            output_stats=tmp_path / "stats.json",
        )
    assert not (tmp_path / "questions.parquet").exists()


def numbered(n):
    return [[output(f"q {call}"), "I would rather not"][call % 2] for call in range(n)]


def test_too_few_usable_questions_in_the_first_calls_stop_the_run(monkeypatch, capsys):
    asked = []

    def ask(calls):
        asked.append(calls)
        return [numbered(9)[call] for call in calls]

    cfg = {"questions": 2, "questions_per_call": 2, "max_calls": 9}
    forms = {"boolean_expressions": Form("boolean")}
    for limit in (0.25, 0.26):
        limits = {"calls": 4, "questions": limit}
        monkeypatch.setenv(gates.LIMITS, json.dumps(limits))
        if limit > 0.25:
            with pytest.raises(ArteError, match=r"(?s)questions 0\.25.*no question tag 0\.25"):
                questions.check_first({"boolean_expressions": ask}, cfg, forms, where="here")
        else:
            questions.check_first({"boolean_expressions": ask}, cfg, forms, where="here")
    assert asked == [[0, 1, 2, 3]] * 2
    assert "first questions of boolean_expressions: questions 0.25" in capsys.readouterr().err
