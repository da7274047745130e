import polars as pl
import pytest
import torch
from prefer.scorers.test_icl import SUBTASK, TECHNIQUES, rationales
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import io
from arte.core.prompts import Prompts
from arte.elicit.tables import RATIONALES
from arte.models.folder import load_causal_lm, load_tokenizer
from arte.prefer import score_rationales
from arte.prefer.scorers.table import SCORERS
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("model"))


@pytest.fixture
def written(tmp_path, model, monkeypatch):
    """SCORES and QUESTION_SCORES of a table of rationales, by the command."""

    def write(table):
        io.write_table(table, tmp_path / "rationales.parquet", RATIONALES, {})
        call(
            score_rationales.main,
            monkeypatch,
            scorer=SCORERS["loglik"].module,
            preference=[],
            output_outputs=[],
            cfg={"subtasks": [SUBTASK], "engine": ENGINE},
            rationales=tmp_path / "rationales.parquet",
            prompts=PROMPTS,
            model=model,
            journal=tmp_path / "journal",
            output_stats=tmp_path / "stats.json",
            output_scores=tmp_path / "scores.parquet",
            output_question_scores=tmp_path / "question_scores.parquet",
        )
        names = {"scores.parquet": SCORES, "question_scores.parquet": QUESTION_SCORES}
        return [io.read_table(tmp_path / name, schema) for name, schema in names.items()]

    return write


def test_a_score_is_the_mean_log_probability_of_the_rationales_tokens(written, model):
    scores, _ = written(rationales())
    tokenizer, student = load_tokenizer(model), load_causal_lm(model, "float32")
    for row in rationales().join(scores, on=SCORES.key).iter_rows(named=True):
        prompt = Prompts(PROMPTS).student(SUBTASK, [], row["question"])
        head = tokenizer(prompt)["input_ids"]
        ids = tokenizer(f"{prompt} {row['rationale']}")["input_ids"]
        labels = torch.tensor([[-100] * len(head) + ids[len(head) :]])
        with torch.no_grad():
            loss = student(torch.tensor([ids]), labels=labels).loss
        assert row["score"] == pytest.approx(-float(loss), abs=1e-4)
        assert row["n"] == len(ids) - len(head)


def test_a_question_scores_the_mean_of_its_rationales(written):
    scores, questions = written(rationales())
    assert scores["technique"].to_list() == TECHNIQUES * 2
    assert questions["n"].to_list() == [2, 2]
    for question_id, score, _ in questions.select("question_id", "score", "n").iter_rows():
        own = scores.filter(pl.col("question_id") == question_id)["score"]
        assert score == pytest.approx(own.sum() / 2)


def test_an_empty_rationale_has_no_score(written, tmp_path):
    texts = ["", "so <ans>Yes</ans>", "", ""]
    scores, questions = written(rationales().with_columns(rationale=pl.Series(texts)))
    assert scores.select("question_id", "rationale_id").rows() == [("q0", 1)]
    assert questions["question_id"].to_list() == ["q0"]
    assert io.read_json(tmp_path / "stats.json")["counts"][SUBTASK]["without_score"] == 3


def test_subtasks_without_any_text_give_empty_tables(written):
    scores, questions = written(rationales().with_columns(rationale=pl.lit("")))
    assert (scores.height, questions.height) == (0, 0)
