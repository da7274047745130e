"""arte.plan.work: requests, tokens and steps add up."""

from dataclasses import replace

from arte.plan.shapes import Model, Shape
from arte.plan.work import Work

MODEL = Model("m", Shape(1, 8, 8, 1, 1, 8, 10, tied=True), chars_per_token=2.0)


def test_a_shared_prefix_is_read_once_per_sharers_and_never_more_often_than_asked():
    """In characters, of which two are a token."""
    work = Work(MODEL)
    work.ask(10, own=4, shared=40, sharers=5, answer=6)
    assert (work.requests, work.prompt, work.read, work.written) == (10, 220, 10 * (2 + 4), 30)
    work.ask(1, own=0, shared=14, sharers=5, answer=0)
    assert (work.prompt, work.read) == (227, 67)


def test_an_incomplete_batch_is_a_step():
    work = Work(MODEL)
    block = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 8}
    work.learn(17, 200.0, block | {"num_train_epochs": 3})
    assert (work.requests, work.prompt, work.steps) == (17, 5100, 6)
    spread = replace(Work(MODEL), processes=2)
    spread.learn(17, 0.0, block | {"num_train_epochs": 1})
    assert spread.steps == 1
