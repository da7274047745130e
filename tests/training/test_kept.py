"""A finished training is repeated if, and only if, something that it is made from changed."""

import pytest
import tiny
from finetune.test_student import CFG, run, training_set

from arte.core import identity
from arte.models import folder as models
from arte.training import kept


@pytest.fixture
def again(tmp_path, monkeypatch):
    """Trains as Snakemake starts a job again: without the outputs that its rule declares.

    Returns whether the weights were written anew, and the outputs.
    """
    student = tiny.save(tmp_path / "models/student")
    cfg = CFG | {"sft": CFG["sft"] | {"num_train_epochs": 1, "warmup_steps": 0}}
    last = [None]

    def train(*, rows=4, **changes):
        changed = cfg | {"sft": cfg["sft"] | changes}
        output, _ = run(monkeypatch, tmp_path, student, cfg=changed, rows=training_set(rows))
        written = [output / name for name in ("fingerprint.json", "metrics.json")]
        texts = [path.read_text() for path in written]
        for path in written:
            path.unlink()
        inode = (output / "model.safetensors").stat().st_ino
        anew, last[0] = inode != last[0], inode
        return anew, texts

    train.folder = tmp_path / "students/arte/0"
    train.student = student
    return train


def test_nothing_is_trained_twice_and_the_outputs_come_back(again):
    anew, outputs = again()
    assert anew
    assert again() == (False, outputs)


def test_other_rows_or_another_config_or_base_are_trained(again):
    again()
    assert again(rows=5)[0]
    assert again(rows=5, learning_rate=0.02)[0]
    (again.student / "chat_template.jinja").write_text("{{ messages }}")
    models.write_fingerprint(again.student)
    assert again(rows=5, learning_rate=0.02)[0]


def test_a_typo_in_the_config_takes_no_result_away(again):
    outputs = again()[1]
    with pytest.raises(Exception, match="learning_rte"):
        again(learning_rte=1.0)
    assert again() == (False, outputs)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_damaged_file_is_trained_again(again, name):
    again()
    content = bytearray((again.folder / name).read_bytes())
    content[-9] ^= 1
    (again.folder / name).write_bytes(content)
    assert again()[0]


def test_code_that_shapes_weights_counts_and_plumbing_does_not(monkeypatch):
    def made(path):
        """The hash with another statement in the module at `path`."""
        with monkeypatch.context() as patch:
            real = identity.statements
            patch.setattr(identity, "statements", lambda p: real(p) + "!" * (p == path))
            return kept.made_from("arte/finetune/student.py", {})

    before = made("")
    for path in identity.closure("arte/finetune/student.py"):
        plumbing = any(path == f"arte/core/{name}.py" for name in kept.PLUMBING)
        assert (made(path) == before) == plumbing, path


def test_other_versions_of_the_libraries_count(monkeypatch):
    before = kept.made_from("arte/finetune/student.py")
    monkeypatch.setattr(kept, "version", lambda _name: "0")
    assert kept.made_from("arte/finetune/student.py") != before
