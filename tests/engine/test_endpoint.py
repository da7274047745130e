"""A model of a server: what it is asked, what counts as its answer, and what stops a job."""

import json
import threading
import time

import pytest
from chat_server import MODEL, ChatServer
from tiny_model import PROMPTS, call

from arte.core import gates, io
from arte.core.errors import ArteError
from arte.core.prompts import LEAD, Prompt, Prompts
from arte.elicit import rationales
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine import name_endpoint
from arte.engine.contract import STOP, Sampling
from arte.engine.endpoint import ended
from arte.engine.generate import Generator
from arte.models.chat import BY_TEMPLATE
from arte.models.endpoint import ADDRESSES
from arte.models.folder import read_fingerprint

SUBTASK = "sports_understanding"
QUESTION = 'Is this plausible? "Messi bowled."'
WRITE = Prompts(PROMPTS)
ANSWER = "Bowling is no football. So <ans>no</ans>."


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """What tests say in it ends with them."""
    monkeypatch.setenv(ADDRESSES, "{}")


def says(text=ANSWER, reason="stop"):
    """A server that answers everything alike."""
    return ChatServer(lambda _: (text, reason))


def echo(asked):
    """The last message, said again: an answer that tells whose it is."""
    return asked["messages"][-1]["content"], "stop"


def generator(folder, tmp_path, **chat):
    engine = {"backend": "endpoint", "chat": {"chat": "auto", **chat}}
    return Generator(folder, engine, tmp_path / "journal", "drafts")


def complete(folder, tmp_path, prompts, *, seeds=None, chat=None, **sampling):
    ask = generator(folder, tmp_path, **(chat or {}))
    sampled = Sampling(**({"max_tokens": 30} | sampling))
    return ask.complete(SUBTASK, [Prompt.of(p) for p in prompts], sampled, seeds), ask.stats


def test_a_technique_is_a_system_message_and_an_opening_ends_the_users(tmp_path):
    technique = WRITE.rationale(SUBTASK, "steps", QUESTION)
    naive = WRITE.rationale(SUBTASK, "naive", QUESTION)
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model")
        complete(folder, tmp_path, [technique, naive], chat={"system": "Be exact."})
        asked = {a["messages"][-1]["content"]: a["messages"] for _, a in server.requests}
    users = {"role": "user", "content": technique.user}
    system = {"role": "system", "content": f"Be exact.\n\n{technique.system}"}
    assert asked[technique.user] == [system, users]
    users = {"role": "user", "content": str(naive)}
    assert asked[str(naive)] == [{"role": "system", "content": "Be exact."}, users]
    assert str(naive).endswith(LEAD)


def test_a_request_says_how_to_sample_and_sends_neither_stop_strings_nor_unknown_keys(tmp_path):
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model")
        prompts = ["a", "b"]
        complete(folder, tmp_path, prompts, seeds=[3, 4], temperature=0.5, stop=())
        complete(folder, tmp_path, prompts[:1])
        *sampled, greedy = [asked for _, asked in server.requests]
    plain = {"top_p": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
    common = {"model": MODEL, "max_tokens": 30, **plain}
    seeds = {"a": 3, "b": 4}
    for asked in (*sampled, greedy):
        [turn] = asked.pop("messages")
        drawn = {} if asked is greedy else {"seed": seeds[turn["content"]]}
        assert asked == common | drawn | {"temperature": 0.0 if asked is greedy else 0.5}


def test_completions_come_in_the_order_of_their_prompts_and_are_asked_once(tmp_path):
    prompts = [f"question {i % 7}" for i in range(20)]
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model")
        found, stats = complete(folder, tmp_path, prompts)
        again, later = complete(folder, tmp_path, prompts)
        assert len(server.requests) == 7
    assert [each.text for each in found] == prompts
    assert again == found
    assert {each.finish_reason for each in found} == {"eos"}
    assert (stats["generated"], stats["duplicates"]) == (7, 13)
    assert (stats["prompt_tokens"], stats["output_tokens"]) == (14, 14)
    assert later["from_journal"] == 20


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("So <ans>no</ans>. Well.", "So <ans>no</ans>"),
        ("I put it between <ans> and </ans>. So <ans>no</ans>.", None),
        ("<think>Is it <ans>yes</ans>?</think> So <ans>no</ans>.", None),
        ("Is it <ans>yes</ans>?</think> So <ans>no</ans>.", None),
        ("No.\nQuestion: And this?\nAnswer: <ans>yes</ans>", "No.\nQuestion:"),
    ],
)
def test_an_answer_ends_where_it_was_given_and_not_where_it_was_thought_or_announced(
    said, expected
):
    whole = said[: said.rfind("</ans>") + len("</ans>")]
    assert ended(said, STOP) == (expected or whole)


@pytest.mark.parametrize(
    "said", ["No.", "I put it between <ans> and </ans>.", "<think><ans>a</ans>"]
)
def test_an_answer_without_an_end_of_its_own_is_whole(said):
    assert ended(said, STOP) is None


@pytest.mark.parametrize(
    ("said", "reason", "expected"),
    [
        ("So <ans>no</ans>. And so", "length", ("So <ans>no</ans>", "stop")),
        ("So it is", "length", ("So it is", "length")),
        ("So it is.", "stop", ("So it is.", "eos")),
        (None, "stop", ("", "eos")),
    ],
)
def test_a_cut_off_answer_is_told_from_one_that_ended(tmp_path, said, reason, expected):
    with says(said, reason) as server:
        [found], _ = complete(server.folder(tmp_path / "model"), tmp_path, ["a"])
    assert (found.text, found.finish_reason) == expected


def test_a_busy_server_is_asked_again(tmp_path):
    with ChatServer(echo) as server:
        server.failures = [503, 429]
        [found], _ = complete(server.folder(tmp_path / "model"), tmp_path, ["a"])
        assert len(server.requests) == 3
    assert found.text == "a"


@pytest.mark.parametrize(
    ("failures", "reason", "told"),
    [
        ([401], "stop", "AuthenticationError"),
        ([400], "stop", "BadRequest"),
        ([], "filter", "filter"),
    ],
)
def test_a_request_that_fails_for_good_is_no_answer(tmp_path, monkeypatch, failures, reason, told):
    """It stops the job, with no word of the key; what came before it is kept."""
    monkeypatch.setenv("ARTE_TEST_KEY", "sesame")
    with ChatServer(lambda _: (ANSWER, reason)) as server:
        folder = server.folder(tmp_path / "model", key_env="ARTE_TEST_KEY")
        server.answer, fine = echo, server.answer
        complete(folder, tmp_path, ["first"])
        server.answer, server.failures = fine, failures
        with pytest.raises(ArteError, match=told) as caught:
            complete(folder, tmp_path, ["first", "second"])
        assert {key for key, _ in server.requests} == {"sesame"}
        server.answer = echo
        before = len(server.requests)
        found, _ = complete(folder, tmp_path, ["first", "second"])
        assert len(server.requests) == before + 1
    assert "sesame" not in str(caught.value)
    assert [each.text for each in found] == ["first", "second"]


def test_answers_under_way_are_kept_when_another_request_fails(tmp_path):
    failed = threading.Event()

    def answer(asked):
        text = asked["messages"][-1]["content"]
        if text == "bad":
            failed.set()
            return "no", 400
        failed.wait(20)
        time.sleep(0.3)  # so that the failure is likely to be seen first
        return text, "stop"

    with ChatServer(answer) as server:
        folder = server.folder(tmp_path / "model", concurrency=3)
        prompts = ["bad", "one", "two", *(f"later {n}" for n in range(40))]
        with pytest.raises(ArteError, match="BadRequest"):
            complete(folder, tmp_path, prompts)
        asked = [asked["messages"][-1]["content"] for _, asked in server.requests]
        assert len(asked) < len(prompts)
        found, stats = complete(folder, tmp_path, [text for text in asked if text != "bad"])
    assert stats["from_journal"] == len(found) == len(asked) - 1


def test_a_server_that_is_down_stops_the_job(tmp_path):
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model", retries=0)
    with pytest.raises(ArteError, match="APIConnectionError"):
        complete(folder, tmp_path, ["a"])


def test_a_key_that_is_not_there_is_asked_for_by_name(tmp_path, monkeypatch):
    monkeypatch.delenv("ARTE_TEST_KEY", raising=False)
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model", key_env="ARTE_TEST_KEY")
        with pytest.raises(ArteError, match="ARTE_TEST_KEY") as caught:
            complete(folder, tmp_path, ["a"])
        assert not server.requests
    assert "export ARTE_TEST_KEY" in caught.value.remedy


def test_a_job_that_no_run_started_is_told_so(tmp_path):
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model")
    with pytest.raises(ArteError, match=ADDRESSES):
        complete(folder.rename(tmp_path / "other"), tmp_path, ["a"])


def test_a_server_that_exchanges_its_model_stops_the_job(tmp_path):
    with ChatServer(echo) as server:
        folder = server.folder(tmp_path / "model")
        server.reported = "big-2027"
        with pytest.raises(ArteError, match="big-2027") as caught:
            complete(folder, tmp_path, ["a"])
    assert "big-2026" in caught.value.expected


def test_a_fingerprint_is_of_the_names_and_not_of_the_place(tmp_path, monkeypatch):
    def named(server, folder, model=MODEL, **changes):
        server.tell(tmp_path / folder, model=model, **changes)
        main, cfg = name_endpoint.main.__wrapped__, {"model": model}
        call(main, monkeypatch, cfg=cfg, output=tmp_path / folder)
        return read_fingerprint(tmp_path / folder)

    with ChatServer(echo) as one, ChatServer(echo) as other:
        first = named(one, "a")
        moved = named(other, "b", concurrency=1)
        other.reported = "big-2027"
        exchanged = named(other, "b")
        asked = named(one, "a", model="small")
    assert first == moved
    assert len({first, exchanged, asked}) == 3
    record = io.read_json(tmp_path / "b/fingerprint.json")
    names = {"model": MODEL, "reported": "big-2027"}
    assert record["source"] == {"source": "endpoint", **names}
    assert "127.0.0.1" not in json.dumps(record)


def test_rationales_are_drafted_and_judged_as_those_of_any_teacher(tmp_path, monkeypatch):
    monkeypatch.setenv(gates.LIMITS, json.dumps({"calls": 0}))
    techniques = ["steps", "direct"]
    row = {"subtask": SUBTASK, "question": QUESTION, "answer": "no", "prompt_id": "p"}
    questions, table = tmp_path / "questions.parquet", tmp_path / "rationales.parquet"
    rows = [row | {"question_id": str(i)} for i in range(2)]
    io.write_table(QUESTIONS.frame(rows), questions, QUESTIONS, {})
    limits = {"rationale_max_tokens": 50, "rationale_temperature": 0.0}
    with says() as server:
        call(
            rationales.main.__wrapped__,
            monkeypatch,
            cfg={
                "subtasks": [SUBTASK],
                "seed": 0,
                "techniques": techniques,
                "engine": {"backend": "endpoint", "chat": {"chat": "auto"}},
                **limits,
            },
            prompts=PROMPTS,
            model=server.folder(tmp_path / "model"),
            journal=tmp_path / "journal",
            stage="drafts",
            questions=questions,
            output=table,
            output_stats=tmp_path / "stats.json",
        )
        assert len(server.requests) == len(techniques)  # equal questions are asked once
    found = io.read_table(table, RATIONALES)
    assert found["technique"].to_list() == techniques * 2
    assert set(found["rationale"]) == {"Bowling is no football. So <ans>no</ans>"}
    assert found["correct"].all()
    assert set(found["finish_reason"]) == {"stop"}
    assert io.read_json(tmp_path / "stats.json")[BY_TEMPLATE] is True
