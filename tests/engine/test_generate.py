import pytest
from tiny_model import ENGINE, save_tiny_llama

from arte.core.errors import ArteError
from arte.engine.contract import Sampling
from arte.engine.generate import Generator

SAMPLING = Sampling(max_tokens=6)
PROMPTS = [f"Question: is {a} {b}? Answer:" for a in ("not", "so", "true") for b in range(3)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("model"))


@pytest.fixture
def new(model, tmp_path):
    """A maker of Generators that share one journal."""
    return lambda **engine: Generator(model, ENGINE | engine, tmp_path / "journal", "score")


def test_completions_come_in_prompt_order(new):
    together = new().complete("snarks", PROMPTS, SAMPLING)
    for prompt, completion in zip(PROMPTS, together, strict=True):
        assert new().complete("snarks", [prompt], SAMPLING)[0] == completion


def test_a_second_generator_loads_no_model(new):
    first, second = new(), new()
    completions = first.complete("snarks", PROMPTS, SAMPLING)
    assert second.complete("snarks", PROMPTS, SAMPLING) == completions
    assert (first.stats["model_loads"], first.stats["generated"]) == (1, 9)
    assert (second.stats["model_loads"], second.stats["from_journal"]) == (0, 9)


def test_more_prompts_ask_only_for_the_difference(new):
    new().complete("snarks", PROMPTS[:6], SAMPLING)
    more = new()
    more.complete("snarks", PROMPTS, SAMPLING)
    assert (more.stats["from_journal"], more.stats["generated"]) == (6, 3)


def test_a_generator_loads_its_model_once(new):
    generator = new()
    generator.complete("snarks", PROMPTS[:2], SAMPLING)
    generator.complete("hyperbaton", PROMPTS[:2], SAMPLING)
    assert (generator.stats["model_loads"], generator.stats["generated"]) == (1, 4)
    assert generator.stats["length_stops_by_subtask"] == {"hyperbaton": 2, "snarks": 2}


def test_equal_prompts_are_asked_once(new):
    generator = new()
    completions = generator.complete("snarks", [PROMPTS[0], PROMPTS[1], PROMPTS[0]], SAMPLING)
    assert completions[0] == completions[2]
    stats = generator.stats
    assert (stats["requests"], stats["generated"], stats["duplicates"]) == (3, 2, 1)


def test_what_arrived_before_a_kill_is_not_asked_again(new):
    first = new()
    first.complete("snarks", PROMPTS[:1], SAMPLING)

    def killed(*arguments):
        yield from list(engine_generate(*arguments))[:4]
        raise KeyboardInterrupt

    engine_generate, first._engine.generate = first._engine.generate, killed
    with pytest.raises(KeyboardInterrupt):
        first.complete("snarks", PROMPTS, SAMPLING)
    again = new()
    again.complete("snarks", PROMPTS, SAMPLING)
    assert (again.stats["from_journal"], again.stats["generated"]) == (5, 4)


@pytest.mark.parametrize("change", [{"max_tokens": 7}, {"stop": ("x",)}])
def test_other_sampling_is_another_request(new, change):
    new().complete("snarks", PROMPTS, SAMPLING)
    other = new()
    other.complete("snarks", PROMPTS, Sampling(**{"max_tokens": 6} | change))
    assert other.stats["from_journal"] == 0


def test_another_precision_is_another_request_and_another_batch_size_is_not(new):
    new().complete("snarks", PROMPTS, SAMPLING)
    bfloat16, small = new(dtype="bfloat16"), new(batch_tokens=64)
    bfloat16.complete("snarks", PROMPTS, SAMPLING)
    small.complete("snarks", PROMPTS, SAMPLING)
    assert (bfloat16.stats["from_journal"], small.stats["from_journal"]) == (0, 9)


def test_sampled_requests_need_seeds_and_are_told_apart_by_them(new):
    sampling = Sampling(max_tokens=6, temperature=1.0)
    with pytest.raises(ArteError, match="seed"):
        new().complete("snarks", PROMPTS, sampling)
    generator = new()
    a, b, c = generator.complete("snarks", PROMPTS[:1] * 3, sampling, [1, 2, 1])
    assert a == c != b
    assert generator.stats["generated"] == 2


def test_a_prompt_that_leaves_no_room_fails_the_stage_and_loads_no_model(new):
    generator = new(max_model_len=32)
    asked = ["is it so?", "x" * 27, "x" * 26, "y" * 40]
    with pytest.raises(ArteError) as caught:
        generator.complete("snarks", asked, SAMPLING)
    text = str(caught.value)
    for part in ("at most 26 tokens", "max_model_len 32", "max_tokens 6", "27 tokens in prompt 1"):
        assert part in text
    for part in ("2 of 4 prompts", "stage score, subtask snarks", "xxx"):
        assert part in text
    assert (generator.stats["requests"], generator.stats["model_loads"]) == (0, 0)
    found = generator.complete("snarks", asked[:1] + asked[2:3], SAMPLING)
    assert [each.n_prompt_tokens for each in found] == [9, 26]


def test_max_tokens_as_large_as_the_context_is_no_row_of_wrong_answers(new):
    with pytest.raises(ArteError, match="prompts of at most 0 tokens"):
        new(max_model_len=32).complete("snarks", PROMPTS, Sampling(max_tokens=32))


def test_no_prompts_give_no_completions(new):
    assert new().complete("snarks", [], SAMPLING) == []


def test_likelihoods_come_in_order_and_are_counted(new):
    generator = new()
    texts = [" yes", "", " no, not so"]
    found = generator.likelihoods("snarks", PROMPTS[:3], texts)
    assert [each.n_tokens for each in found] == [len(text) for text in texts]
    assert found[2].log_probability < found[0].log_probability < found[1].log_probability == 0
    stats = generator.stats
    assert (stats["requests"], stats["generated"], stats["model_loads"]) == (3, 3, 1)
    assert stats["output_tokens"] == 0
    assert new().likelihoods("snarks", [], []) == []
