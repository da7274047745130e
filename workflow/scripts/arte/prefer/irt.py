"""Item discrimination by the two-parameter logistic model, estimated in two ways (§3.2, App. E)."""

import argparse

import numpy as np
import polars as pl
import pyro
import torch
from numpy.polynomial.hermite_e import hermegauss
from pyro import poutine
from pyro.distributions import Bernoulli, Normal
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoNormal
from pyro.optim import ClippedAdam

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.prefer.preference_set import top_k
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.responses import RESPONSES

NODES = 41
"""Quadrature nodes over ability."""


def response_matrix(
    responses: pl.DataFrame, subtask: str
) -> tuple[list[str], list[tuple], np.ndarray]:
    """Item ids (J), raters as (model, shots) (N) and 0/1 answers (N, J) of one subtask, sorted.

    Raises ArteError unless every rater answered every item.
    """
    rows = job.of_subtask(responses, subtask, "responses").sort("model", "shots", "item_id")
    items = sorted(set(rows["item_id"]))
    raters = sorted(set(rows.select("model", "shots").rows()))
    if rows.height != len(items) * len(raters):
        raise ArteError(
            expected=f"{len(raters)} raters (model, shots) x {len(items)} items of {subtask}",
            found=f"{rows.height} responses",
            where="the response tables given",
            remedy="run the rule collect_responses again for all models of roles.panel",
        )
    answers = rows["correct"].to_numpy().astype(np.float64).reshape(len(raters), len(items))
    return items, raters, answers


def padded(matrices: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Answers and mask, both (T, N, J) with J the largest, from T matrices (N, J_t)."""
    width = max(matrix.shape[1] for matrix in matrices)
    shape = (len(matrices), matrices[0].shape[0], width)
    y, mask = torch.zeros(shape, dtype=torch.float64), torch.zeros(shape, dtype=torch.bool)
    for t, matrix in enumerate(matrices):
        y[t, :, : matrix.shape[1]] = torch.from_numpy(matrix)
        mask[t, :, : matrix.shape[1]] = True
    return y, mask


def two_parameter_logistic(y: torch.Tensor, mask: torch.Tensor, prior_sd: float) -> None:
    """The pyro model of answers `y` (T, N, J): P(right) = sigmoid(a (theta - b)).

    log a ~ N(0, prior_sd), b ~ N(0, 1), theta ~ N(0, 1). The paper says "Bayesian" (§3.2) but
    gives no priors. That log a has a fixed one matters, its width hardly: vague or free ones fail
    with as few raters as ours. It also fixes the sign of a; theta's prior fixes location and scale.
    Subtasks share no parameter, so one run serves all.
    """
    zero, one = torch.zeros((), dtype=y.dtype), torch.ones((), dtype=y.dtype)
    subtasks = pyro.plate("subtasks", y.shape[0], dim=-3)
    raters = pyro.plate("raters", y.shape[1], dim=-2)
    items = pyro.plate("items", y.shape[2], dim=-1)
    with subtasks, raters:
        theta = pyro.sample("theta", Normal(zero, one))
    with subtasks, items:
        log_a = pyro.sample("log_a", Normal(zero, prior_sd * one))
        b = pyro.sample("b", Normal(zero, one))
    with subtasks, raters, items, poutine.mask(mask=mask):
        pyro.sample("y", Bernoulli(logits=log_a.exp() * (theta - b)), obs=y)


def fit_svi(
    y: torch.Tensor,
    mask: torch.Tensor,
    *,
    prior_sd: float,
    steps: int,
    learning_rate: float,
    particles: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior medians of a and b, both (T, J), by mean-field variational inference."""
    pyro.clear_param_store()
    pyro.set_rng_seed(seed)
    guide = AutoNormal(two_parameter_logistic, init_scale=0.1)
    optimizer = ClippedAdam({"lr": learning_rate, "lrd": 0.1 ** (1 / steps)})
    elbo = Trace_ELBO(num_particles=particles, vectorize_particles=True, max_plate_nesting=3)
    inference = SVI(two_parameter_logistic, guide, optimizer, elbo)
    for _ in range(steps):
        inference.step(y, mask, prior_sd)
    median = {name: value.detach() for name, value in guide.median().items()}
    return median["log_a"].exp().squeeze(-2).numpy(), median["b"].squeeze(-2).numpy()


def fit_map(
    y: torch.Tensor, mask: torch.Tensor, *, prior_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Marginal maximum a posteriori of a and b, both (T, J): the same priors, no random numbers.

    Ability is integrated out on Gauss-Hermite nodes; L-BFGS does the rest.
    """
    nodes, weights = hermegauss(NODES)
    theta = torch.from_numpy(nodes).reshape(1, -1, 1)
    log_weights = torch.from_numpy(np.log(weights / weights.sum()))
    right, wrong = y * mask, (1 - y) * mask
    log_a = torch.zeros((y.shape[0], 1, y.shape[2]), dtype=y.dtype, requires_grad=True)
    b = torch.zeros_like(log_a, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_a, b], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = log_a.exp() * (theta - b)
        log_right = torch.nn.functional.logsigmoid(logits).mT
        log_wrong = torch.nn.functional.logsigmoid(-logits).mT
        per_rater = torch.logsumexp(right @ log_right + wrong @ log_wrong + log_weights, dim=-1)
        value = (log_a**2).sum() / (2 * prior_sd**2) + (b**2).sum() / 2 - per_rater.sum()
        value.backward()
        return value

    optimizer.step(loss)
    return log_a.detach().exp().squeeze(1).numpy(), b.detach().squeeze(1).numpy()


def estimate(responses: pl.DataFrame, subtasks: list[str], *, irt: dict, seed: int) -> pl.DataFrame:
    """The IRT table of all subtasks (columns of schema.IRT; n is the number of raters).

    An item that all raters get right, or all wrong, tells no rater from another, but the prior
    would still give it an average discrimination: it gets 0, and so is chosen last.
    """
    found = [response_matrix(responses, subtask) for subtask in subtasks]
    check_raters(subtasks, [raters for _, raters, _ in found])
    y, mask = padded([matrix for _, _, matrix in found])
    a, b = fit_svi(y, mask, seed=job.derived_seed(seed, "irt"), **irt)
    a_map, _ = fit_map(y, mask, prior_sd=irt["prior_sd"])
    frames = []
    for t, (items, raters, matrix) in enumerate(found):
        n_correct = matrix.sum(axis=0).astype(np.int64)
        informative = (n_correct > 0) & (n_correct < len(raters))
        columns = {
            "subtask": [subtasks[t]] * len(items),
            "item_id": items,
            "discrimination": np.where(informative, a[t, : len(items)], 0.0),
            "difficulty": b[t, : len(items)].copy(),
            "discrimination_map": np.where(informative, a_map[t, : len(items)], 0.0),
            "n_correct": n_correct,
            "n": np.full(len(items), len(raters)),
        }
        frames.append(pl.DataFrame(columns, schema=IRT.types))
    return pl.concat(frames)


def check_raters(subtasks: list[str], raters: list[list[tuple]]) -> None:
    """Raise ArteError unless all subtasks were answered by the same raters."""
    for subtask, found in zip(subtasks, raters, strict=True):
        if found != raters[0]:
            raise ArteError(
                expected=f"responses by the raters of {subtasks[0]}: {raters[0]}",
                found=f"{found}",
                where=f"the response tables of {subtask}",
                remedy="run the rule collect_responses for the same models and shots",
            )


def agreement(estimates: pl.DataFrame, k: int, seed: int) -> float:
    """The share of one subtask's top `k` that both estimators choose."""
    lists = [set(top_k(estimates, c, k, seed)) for c in ("discrimination", "discrimination_map")]
    return len(lists[0] & lists[1]) / max(len(lists[0]), 1)


def run(args: argparse.Namespace) -> None:
    """Write the IRT table; log per subtask what the two estimators agree on."""
    cfg = args.cfg
    torch.set_num_threads(1)  # a sum's order, hence its last bit, depends on the number of threads
    responses = io.read_tables(args.responses, RESPONSES)
    table = estimate(responses, cfg["subtasks"], irt=cfg["irt"], seed=cfg["seed"])
    for subtask in cfg["subtasks"]:
        rows = job.of_subtask(table, subtask, "IRT estimates")
        shared = agreement(rows, cfg["preference_items"], cfg["seed"])
        constant = rows.filter(pl.col("discrimination") == 0).height
        job.log(
            f"irt {subtask}: {rows['n'][0]} raters, {rows.height} items, {constant} constant; "
            f"SVI and MAP share {shared:.0%} of their top {cfg['preference_items']}"
        )
    io.write_table(table, args.output, IRT, cfg)


@cli
def main() -> None:
    """Command line."""
    run(job.parse(__doc__, "--cfg", "--responses+", "--output"))


if __name__ == "__main__":
    main()
