"""arte.plan.work: requests, tokens and steps add up."""

from arte.plan.work import Work, summed


def test_a_shared_prefix_is_read_once_per_sharers_and_never_more_often_than_asked():
    work = Work("x", "m", 1)
    work.ask(10, own=2, shared=20, sharers=5, answer=3)
    assert (work.requests, work.prompt, work.read, work.written) == (10, 220, 10 * (2 + 4), 30)
    work.ask(1, own=0, shared=7, sharers=5, answer=0)
    assert (work.prompt, work.read) == (227, 67)


def test_an_incomplete_batch_is_a_step():
    work = Work("x", "m", 1, "train")
    block = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 8}
    work.learn(17, 100.0, block | {"num_train_epochs": 3})
    assert (work.requests, work.prompt, work.steps) == (17, 5100, 6)
    work.learn(17, 0.0, block | {"num_train_epochs": 1}, processes=2)
    assert work.steps == 6 + 1


def test_rows_of_one_stage_and_model_become_one_in_the_order_of_the_first():
    rows = [Work(stage, "m", 1, requests=n) for stage, n in (("b", 1), ("a", 2), ("b", 4))]
    rows.append(Work("b", "other", 1, requests=8))
    found = [(row.stage, row.model, row.jobs, row.requests) for row in summed(rows)]
    assert found == [("b", "m", 2, 5), ("a", "m", 1, 2), ("b", "other", 1, 8)]
