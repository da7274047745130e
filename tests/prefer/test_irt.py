import numpy as np
import polars as pl
import pytest
from tiny_model import call

from arte.core import io
from arte.core.errors import ArteError
from arte.prefer import irt
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.responses import RESPONSES

SETTINGS = {"steps": 50, "learning_rate": 0.05, "particles": 8, "prior_sd": 0.5}


def responses(correct: np.ndarray, subtask: str) -> pl.DataFrame:
    """A RESPONSES table from 0/1 answers (raters, items)."""
    rows = [
        {
            "subtask": subtask,
            "item_id": f"i{j:03d}",
            "model": f"m{n // 4}",
            "shots": n % 4,
            "output": "",
            "finish_reason": "eos",
            "answer_pred": None,
            "correct": bool(correct[n, j]),
        }
        for n in range(correct.shape[0])
        for j in range(correct.shape[1])
    ]
    return RESPONSES.frame(rows)


def simulated(rng, raters, items):
    """True a (items,) and answers (raters, items) of a 2PL with log a ~ N(0, .5)."""
    a, b = rng.lognormal(0, 0.5, items), rng.normal(size=items)
    theta = rng.normal(size=(raters, 1))
    return a, rng.random((raters, items)) < 1 / (1 + np.exp(-a * (theta - b)))


def ranks(values):
    return np.argsort(np.argsort(values))


@pytest.fixture(scope="module")
def recovered():
    """True discriminations of three subtasks by name, and their estimates."""
    rng = np.random.default_rng(0)
    names = ["a", "b", "c"]
    truth, answers = zip(*(simulated(rng, 60, 40) for _ in names), strict=True)
    frame = pl.concat([responses(y, name) for y, name in zip(answers, names, strict=True)])
    table = irt.estimate(frame, names, irt={**SETTINGS, "steps": 400}, seed=0)
    return dict(zip(names, truth, strict=True)), table


@pytest.mark.parametrize("column", ["discrimination", "discrimination_map"])
def test_discrimination_is_recovered_well_above_chance(recovered, column):
    truth, table = recovered
    correlations = [
        np.corrcoef(ranks(a), ranks(table.filter(subtask=name)[column].to_numpy()))[0, 1]
        for name, a in truth.items()
    ]
    assert np.mean(correlations) > 0.55


def test_both_estimators_agree(recovered):
    truth, table = recovered
    assert all(irt.agreement(table.filter(subtask=name), 16, seed=0) >= 0.8 for name in truth)


def test_items_that_all_or_none_get_right_tell_no_rater_apart():
    _, answers = simulated(np.random.default_rng(2), 20, 12)
    answers[:, 0], answers[:, 1] = True, False
    table = irt.estimate(responses(answers, "a"), ["a"], irt=SETTINGS, seed=0)
    assert table["discrimination"].to_list()[:2] == [0.0, 0.0]
    assert table["discrimination_map"].to_list()[:2] == [0.0, 0.0]
    assert table["n_correct"].to_list()[:2] == [20, 0]
    assert table["difficulty"].is_finite().all()
    assert (table["discrimination"][2:] > 0).all()


def test_answers_that_are_all_wrong_give_a_table_all_the_same():
    frame = responses(np.zeros((4, 3), dtype=bool), "a")
    table = irt.estimate(frame, ["a"], irt=SETTINGS, seed=0)
    assert table["discrimination"].to_list() == [0.0] * 3


def test_subtasks_of_unequal_size_keep_their_own_items():
    rng = np.random.default_rng(3)
    _, many = simulated(rng, 8, 10)
    _, few = simulated(rng, 8, 4)
    frame = pl.concat([responses(many, "many"), responses(few, "few")])
    table = irt.estimate(frame, ["few", "many"], irt=SETTINGS, seed=0)
    assert table.group_by("subtask").len().sort("subtask").rows() == [("few", 4), ("many", 10)]
    assert table.filter(subtask="few")["n_correct"].to_list() == few.sum(axis=0).tolist()


def test_a_missing_response_is_an_error():
    frame = responses(np.ones((4, 3), dtype=bool), "a")[:-1]
    with pytest.raises(ArteError, match="4 raters"):
        irt.estimate(frame, ["a"], irt=SETTINGS, seed=0)


def test_subtasks_with_different_raters_are_an_error():
    frame = pl.concat(
        [responses(np.ones((n, 3), dtype=bool), name) for n, name in ((4, "a"), (5, "b"))]
    )
    with pytest.raises(ArteError, match="same models and shots"):
        irt.estimate(frame, ["a", "b"], irt=SETTINGS, seed=0)


def test_a_repetition_gives_the_same_bytes(tmp_path, monkeypatch):
    _, answers = simulated(np.random.default_rng(4), 20, 30)
    io.write_table(responses(answers, "a"), tmp_path / "responses.parquet", RESPONSES, {})
    cfg = {"subtasks": ["a"], "seed": 0, "irt": SETTINGS, "preference_items": 10}
    for name in ("one.parquet", "two.parquet"):
        call(
            irt.main,
            monkeypatch,
            cfg=cfg,
            responses=tmp_path / "responses.parquet",
            output=tmp_path / name,
        )
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert io.read_table(tmp_path / "one.parquet", IRT).height == 30
