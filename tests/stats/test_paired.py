"""Seed-aware differences, on simulated data where items, training seeds and the truth are known."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arte.stats import intervals as stats
from arte.stats.paired import (
    NO_NOISE,
    SeedNoise,
    difference,
    lent_noise,
    noises_of,
    seed_noise,
)

CODES = np.repeat([0, 1, 2], [60, 100, 90])
WEIGHT = np.full(3, 1 / len(CODES))


def experiment(draw, *, spreads, seeds, gap=0.0):
    """Answers of arms, each (items, seeds); only the first arm is better, by `gap` on average.

    Items differ, arms differ by item, seeds shift a whole arm: normal effects on the probit scale,
    of which `spreads` is the standard deviation per arm, and the truth is known in closed form.
    """
    normal = NormalDist()
    item = draw.normal(0, 0.5, (len(CODES), 1))
    found = []
    for index, spread in enumerate(spreads):
        own = draw.normal(0, 0.3, (len(CODES), 1))
        shift = draw.normal(0, spread, (1, seeds))
        share = [p + (gap if index == 0 else 0) for p in (0.3, 0.6, 0.45)]
        scale = (1 + 0.5**2 + 0.3**2 + spread**2) ** 0.5
        base = scale * np.array([normal.inv_cdf(p) for p in share])[CODES][:, None]
        luck = draw.normal(0, 1, (len(CODES), seeds))
        found.append((luck < base + item + own + shift).astype(float))
    return found


def compare(arms, first=0, second=1, *, noisy=True):
    known = [seed_noise(answers, CODES, WEIGHT) for answers in arms]
    noises = (known[first], known[second]) if noisy else (NO_NOISE, NO_NOISE)
    return difference(arms[first], arms[second], codes=CODES, weight=WEIGHT, noises=noises)


def simulate(reps, *, noisy=True, first=0, second=1, **how):
    draw = np.random.default_rng(11)
    return [compare(experiment(draw, **how), first, second, noisy=noisy) for _ in range(reps)]


QUIET, NOISY = 0.03, 0.2  # about 1 and 7 points
UNLIKE = (NOISY, QUIET, QUIET)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 2)])
def test_intervals_of_each_pair_of_unlike_arms_cover_the_truth(first, second):
    gap = 0.05 if first == 0 else 0.0
    found = simulate(800, spreads=UNLIKE, seeds=3, gap=0.05, first=first, second=second)
    assert 0.925 <= np.mean([d.low <= gap <= d.high for d in found]) <= 0.975


@pytest.mark.parametrize("spread", [0.0, QUIET, NOISY])
@pytest.mark.parametrize("seeds", [3, 5])
def test_intervals_of_like_arms_cover_the_truth(spread, seeds):
    found = simulate(800, spreads=(spread, spread), seeds=seeds, gap=0.05)
    assert 0.925 <= np.mean([d.low <= 0.05 <= d.high for d in found]) <= 0.975


def test_a_noisy_arm_does_not_widen_the_intervals_of_others():
    quiet, beside = (
        np.mean([d.error for d in simulate(300, spreads=s, seeds=3, first=1, second=2)])
        for s in ((QUIET, QUIET, QUIET), UNLIKE)
    )
    assert beside == pytest.approx(quiet, rel=0.03)


def test_p_is_uniform_without_a_difference():
    p = np.array([d.p for d in simulate(800, spreads=(NOISY, NOISY), seeds=3)])
    for level in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(p < level) == pytest.approx(level, abs=0.05)


def test_items_alone_call_training_noise_a_difference():
    naive = simulate(600, spreads=(NOISY, NOISY), seeds=3, noisy=False)
    assert np.mean([d.p < 0.05 for d in naive]) > 0.15


def test_two_seeds_of_one_arm_differ_in_5_percent_when_other_arms_tell_the_noise():
    draw = np.random.default_rng(12)
    ours, naive = [], []
    for _ in range(600):
        arms = experiment(draw, spreads=[NOISY] * 6, seeds=3)
        lent = lent_noise(seed_noise(answers, CODES, WEIGHT) for answers in arms[1:])
        first, second = arms[0][:, :1], arms[0][:, 1:2]
        for found, noise in ((ours, lent), (naive, NO_NOISE)):
            noises = (noise, noise)
            d = difference(first, second, codes=CODES, weight=WEIGHT, noises=noises)
            found.append(d.p)
    assert 0.02 <= np.mean(np.array(ours) < 0.05) <= 0.07
    assert np.mean(np.array(naive) < 0.05) > 0.15


def test_the_noise_of_training_is_found_on_average():
    draw = np.random.default_rng(13)
    found = [
        seed_noise(experiment(draw, spreads=[NOISY], seeds=3)[0], CODES, WEIGHT)
        for _ in range(2000)
    ]
    # What a shift of a whole arm does to its accuracy over all items, in closed form.
    normal, own = NormalDist(), 1 + 0.5**2 + 0.3**2
    counts = {0.3: 60, 0.6: 100, 0.45: 90}
    base = {p: math.sqrt(own + NOISY**2) * normal.inv_cdf(p) for p in counts}
    accuracies = [
        sum(n * normal.cdf((base[p] + z) / math.sqrt(own)) for p, n in counts.items())
        for z in draw.normal(0, NOISY, 20000)
    ]
    truth = np.var(np.array(accuracies) / len(CODES))
    assert np.mean([noise.total - noise.items for noise in found]) == pytest.approx(truth, rel=0.1)


def test_seed_noise_matches_a_hand_calculation():
    answers = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    noise = seed_noise(answers, np.zeros(4, int), np.array([0.25]))
    # Seed means 0.75 and 0.25. Their difference is 0, 1, 0, 1 over items: variance 1/3.
    assert noise.total == pytest.approx(0.125)
    assert noise.items == pytest.approx((1 / 3) / 4 / 2)
    assert noise.df == 1


def test_an_arm_of_one_seed_says_nothing_of_seeds():
    assert seed_noise(np.ones((4, 1)), np.zeros(4, int), np.array([0.25])) == NO_NOISE
    assert lent_noise([NO_NOISE]) == NO_NOISE


def test_lent_noise_is_the_mean_with_few_degrees_of_freedom_where_one_arm_has_most():
    like = lent_noise([SeedNoise(2.0, 1.0, 2), SeedNoise(2.0, 0.0, 2), NO_NOISE])
    assert (like.total, like.items, like.df) == (2.0, 0.5, 5)
    unlike = lent_noise([SeedNoise(2.0, 0.0, 2), SeedNoise(0.02, 0.0, 2)])
    assert unlike.df == pytest.approx(2.0, abs=0.1)


def test_noise_is_ones_own_else_lent_and_none_where_nothing_is_trained():
    arms = experiment(np.random.default_rng(1), spreads=[NOISY] * 3, seeds=3)
    named = {"plain": arms[0][:, :1], "single": arms[1][:, :1], "several": arms[2]}
    noises = noises_of(named, ["plain"], CODES, WEIGHT)
    own = seed_noise(arms[2], CODES, WEIGHT)
    assert noises == {"plain": NO_NOISE, "single": own, "several": own}


def test_lent_noise_counts_as_one_estimate():
    arms = experiment(np.random.default_rng(1), spreads=[QUIET] * 2, seeds=1)
    huge = SeedNoise(1.0, 0.0, 3)
    found = difference(*arms, codes=CODES, weight=WEIGHT, noises=(huge, huge))
    assert found.df == pytest.approx(3, rel=0.01)
    apart = (huge, SeedNoise(1.0 + 1e-9, 0.0, 3))
    assert difference(*arms, codes=CODES, weight=WEIGHT, noises=apart).df > 5.9


def test_an_untrained_arm_adds_no_seed_variance():
    arms = experiment(np.random.default_rng(1), spreads=[0.0, 0.0], seeds=2)
    noise = SeedNoise(total=0.01, items=0.0, df=10)
    one, both = (
        difference(arms[0], arms[1][:, :1], codes=CODES, weight=WEIGHT, noises=(noise, second))
        for second in (NO_NOISE, noise)
    )
    assert both.error > 1.4 * one.error


def test_without_noise_the_interval_is_the_normal_one_of_paired_items():
    arms = experiment(np.random.default_rng(2), spreads=[0.0, 0.0], seeds=1)
    found = compare(arms)
    variance = stats.stratum_variances(arms[0] - arms[1], CODES).sum() / len(CODES) ** 2
    assert found.df == math.inf
    # One more item for either arm: 2 / n^2.
    error = math.sqrt(variance + 2 / len(CODES) ** 2)
    assert (found.high - found.low) / 2 == pytest.approx(stats.Z95 * error)


def test_p_is_below_5_percent_exactly_where_the_interval_excludes_zero():
    for d in simulate(200, spreads=UNLIKE, seeds=2, gap=0.1):
        assert (d.p < 0.05) == (not d.low <= 0 <= d.high)


def test_equal_answers_differ_by_0_but_not_for_sure():
    answers = np.ones((100, 3))
    whole = {"codes": np.zeros(100, int), "weight": np.array([0.01])}
    found = difference(answers, answers, noises=(NO_NOISE, NO_NOISE), **whole)
    half = stats.Z95 * math.sqrt(2) / 100
    assert (found.value, found.p) == (0, 1)
    assert (found.low, found.high) == pytest.approx((-half, half))


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.sampled_from([0, 0.01, 0.5, 1]), st.sampled_from([0, 0.02, 0.5, 1])),
    st.booleans(),
)
def test_no_difference_is_a_point_and_all_contain_their_estimate(seed, sizes, seeds, ease, macro):
    draw = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    weight = 1 / (len(sizes) * np.array(sizes)) if macro else np.full(len(sizes), 1 / sum(sizes))
    arms = {
        name: (draw.random((len(codes), k)) < p).astype(float)
        for name, k, p in zip("ab", seeds, ease, strict=True)
    }
    noises = noises_of(arms, [], codes, weight)
    found = difference(*arms.values(), codes=codes, weight=weight, noises=tuple(noises.values()))
    assert -1 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert found.high - found.low > 1e-3
    assert 0 <= found.p <= 1
    assert found.df >= min([n.df for n in noises.values() if n.df], default=1) - 1e-9
