"""Several teachers in one table: what varies between them, and what is refused."""

import numpy as np
import polars as pl
import pytest
from predicted import BBH, PUBLISHED, predictions

from arte.core import io
from arte.core.errors import ArteError
from arte.evaluate.tables import PREDICTIONS
from arte.report.bbh import table2
from arte.report.tables import read_predictions
from arte.report.teachers import pooled
from arte.stats.cells import outcomes

FIXED = ("vanilla", "tulu_v2")
ARMS = ("vanilla", "tulu_v2", "original_teacher", "question_only", "rationale_only", "arte")
CFG = {"student": "nano", "teachers": 3, "fixed": list(FIXED)}


def runs(n=3, seeds=(0, 1)):
    """Predictions of runs in which all arms but the fixed ones differ."""
    first = predictions(seeds=seeds, arms=ARMS, seed=1)
    found = [first]
    for number in range(1, n):
        other = predictions(seeds=seeds, arms=ARMS, seed=1 + number)
        mine = other.filter(~pl.col("arm").is_in(FIXED))
        found.append(pl.concat([first.filter(pl.col("arm").is_in(FIXED)), mine]))
    return [run.sort(PREDICTIONS.key) for run in found]


def test_an_arm_has_one_value_per_teacher_the_mean_over_its_students():
    frames = runs()
    found = outcomes(pooled(frames, FIXED), 0, list(ARMS)).strict["arte"]
    assert found.shape == (sum(BBH.values()), 3)
    for number, frame in enumerate(frames):
        mine = frame.filter(arm="arte", shots=0)
        assert np.isclose(found[:, number].mean(), mine["correct"].mean())
    assert set(np.unique(found)) == {0.0, 0.5, 1.0}


def test_arms_without_a_teacher_keep_the_training_seeds_of_the_first_run():
    found = outcomes(pooled(runs(), FIXED), 3, list(ARMS)).strict
    assert found["tulu_v2"].shape[1] == 2
    assert found["vanilla"].shape[1] == 1


def test_what_varies_between_teachers_is_in_the_intervals():
    """Students of one teacher agree, teachers differ: seeds alone would see no noise at all."""
    alike = []
    for share in (0.3, 0.5, 0.7):
        right = pl.col("item_id").hash(seed=1) % 100 < 100 * share
        run = predictions(seeds=(0, 1), arms=ARMS, seed=1).with_columns(correct=right)
        alike.append(run.sort(PREDICTIONS.key))
    one = table2(alike[1], PUBLISHED, {"student": "nano"}).differences
    three = table2(pooled(alike, FIXED), PUBLISHED, CFG).differences
    where = {"shots": 0, "column": "BBH", "average": "micro", "holm_over": "claims"}
    assert one.filter(**where)["error"][0] < 5
    assert three.filter(**where)["error"][0] > 8


def test_seeds_that_agree_on_every_item_have_a_table():
    run = predictions(seeds=(0, 1), arms=ARMS).with_columns(correct=pl.col("arm") == "arte")
    notes = table2(run.sort(PREDICTIONS.key), PUBLISHED, {"student": "nano"}).document.notes
    assert any("normal, for all seeds agree" in note for note in notes)


def test_the_table_says_what_its_intervals_count(tmp_path):
    paths = []
    for number, frame in enumerate(runs()):
        for subtask in sorted(BBH):
            path = str(tmp_path / f"{number}-{subtask}.parquet")
            io.write_table(frame.filter(subtask=subtask), path, PREDICTIONS, {})
            paths.append(path)
    read = read_predictions(paths, CFG)
    assert read.sort(PREDICTIONS.key).equals(pooled(runs(), FIXED).sort(PREDICTIONS.key))
    notes = table2(read, PUBLISHED, CFG).document.notes
    assert any("3 teachers" in note for note in notes)
    assert not any("One teacher" in note for note in notes)


def test_runs_with_the_same_teacher_are_refused():
    first, second, _ = runs()
    with pytest.raises(ArteError, match=r"(?s)runs 1 and 3 .*another seeds.teacher"):
        pooled([first, second, first], FIXED)


@pytest.mark.parametrize("where", [{"arm": "arte"}, {"seed": 1}, {"item_id": "003"}])
def test_a_run_that_lacks_an_arm_a_seed_or_an_item_is_refused(where):
    first, second, _ = runs()
    lacking = second.filter(~pl.all_horizontal(pl.col(k) == v for k, v in where.items()))
    for pair in ([first, lacking], [lacking, first]):
        with pytest.raises(ArteError, match="only one of runs 1 and 2 has"):
            pooled(pair, FIXED)
