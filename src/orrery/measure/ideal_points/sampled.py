"""The full method: ordinal ideal points by Gibbs sampling, in the published design.

Votes, items and positions as in Bailey, Strezhnev & Voeten (2017) and the script they published: see `gibbs` for the
sweep and `positions` for how a period hangs on the one before. Two things differ from the script: the three numbers of
an item move together, by steps made to the item's measure, where the script moves cutpoints alone, by steps of .067;
and chains start from the fast method's estimate, not from chosen positions of six countries.

What the design leaves open is how the mean position of the first sessions lies to that of later ones. Nothing but the
bridges ties them: sessions 1 and 2 are each other's prior, the future does not inform the past, and the scale is set
anew after every sweep without the items moving along. So that mean wanders over thousands of sweeps, and how fast
depends on the steps. On the votes to 2019, with the published links, the mean of session 1 is 1.0 as published and
between 0 and .3 here, from four different starts; from the published positions it falls to .6 in 250 sweeps here, and
with the script's steps in 1,500. Positions less their session's mean agree (r .999), and so do their sds (r .975).
At the default length 92 % of positions have an R-hat of at most 1.02, all at most 1.09.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from orrery.base.errors import MeasureError
from orrery.base.keys import draw_key, named_key
from orrery.measure.ideal_points.gibbs import ItemPrior, Items, Sheet, State, advance
from orrery.measure.ideal_points.ordinal import fit_fast, goodness, item_covariance
from orrery.measure.ideal_points.points import FitStatistics, IdealPoints, ItemParameters, statuses
from orrery.measure.ideal_points.positions import ConditionalForward, Positions, standardised
from orrery.measure.ideal_points.votes import NOT_CAST, VoteMatrix

LARGEST_R_HAT = 1.02
N_TUNINGS = 4
"""Times that the warm-up shapes the random walks of the items anew."""
WALK = 0.9 * 2.38 / 3**0.5
"""Step of a random walk over three numbers, in their sds (Gelman, Roberts & Gilks 1996), a little shortened."""
SPREAD_OF_STARTS = 2.0
"""Chains start this many posterior sds of the fast method apart."""


def fit_full(
    matrix: VoteMatrix,
    *,
    key: Key[Array, ""],
    positive: str = "USA",
    smoothing: float = 0.5,
    discrimination_sd: float = 1.0,
    cutpoint_bound: float = 7.0,
    left_out: tuple[int, ...] = (19,),
    n_chains: int = 2,
    n_warm_up: int = 1000,
    n_draws: int = 300,
    thin: int = 10,
) -> IdealPoints:
    """Sample ideal points; minutes for all votes since 1946. See the module for model and limits.

    Args:
        matrix: the votes.
        key: source of randomness; the same key gives the same numbers.
        positive: the country whose positions are positive on average.
        smoothing: as published .5, which makes the evolution variance about .25; less ties periods closer together.
        discrimination_sd: prior sd of discriminations.
        cutpoint_bound: greatest distance of a cutpoint from 0.
        left_out: periods whose votes do not enter; as published session 19, which holds a single roll call.
        n_chains: independent chains.
        n_warm_up: sweeps of each chain that are thrown away.
        n_draws: draws kept of each chain.
        thin: sweeps from one kept draw to the next.

    Returns:
        Posterior means, sds, draws and split R-hat of every country-period with votes; those without are missing.

    Raises:
        MeasureError: an option is out of range, there are no votes, or `positive` has none.
    """
    numbers = {"smoothing": smoothing, "discrimination_sd": discrimination_sd, "cutpoint_bound": cutpoint_bound}
    counts = {"n_chains": n_chains, "n_warm_up": n_warm_up, "n_draws": n_draws, "thin": thin}
    _check(numbers, counts)
    matrix = without_periods(matrix, left_out)
    start = fit_fast(matrix, positive=positive)
    update = ConditionalForward.of(matrix.n_votes, smoothing)
    prior = ItemPrior(discrimination_sd, cutpoint_bound)
    sheet = sheet_of(matrix)
    kept = [
        _run(draw_key(key, number), matrix, start, sheet=sheet, prior=prior, update=update, counts=counts)
        for number in range(n_chains)
    ]
    options = {
        "key": jax.random.key_data(key).tolist(),
        "positive": positive,
        **numbers,
        **counts,
        "left_out": left_out,
    }
    return _summary(matrix, kept, update, n_sweeps=n_warm_up + n_draws * thin, options=options)


def without_periods(matrix: VoteMatrix, left_out: tuple[int, ...]) -> VoteMatrix:
    """Return the votes outside some periods; the periods stay, empty."""
    kept = ~np.isin(np.array(matrix.periods)[matrix.period], left_out)
    if not kept[matrix.item].any():
        raise MeasureError(f"`left_out` is {left_out}, which leaves no votes; name fewer periods.")
    place, rows = np.cumsum(kept) - 1, kept[matrix.item]
    return replace(
        matrix,
        items=tuple(np.array(matrix.items)[kept].tolist()),
        voter=matrix.voter[rows],
        item=place[matrix.item[rows]],
        choice=matrix.choice[rows],
        period=matrix.period[kept],
        bridge=np.unique(matrix.bridge[kept], return_inverse=True)[1],
    )


def sheet_of(matrix: VoteMatrix) -> Sheet:
    """Return the votes dense, as the sampler reads them."""
    choice = np.full((len(matrix.items), len(matrix.countries)), NOT_CAST, np.int8)
    choice[matrix.item, matrix.voter] = matrix.choice
    return Sheet(jnp.asarray(choice), jnp.asarray(matrix.period), jnp.asarray(matrix.bridge))


def split_r_hat(draws: Float[np.ndarray, "chain draw *of"]) -> Float[np.ndarray, "*of"]:
    """Return the potential scale reduction of chains split in halves (Gelman et al. 2013, section 11.4)."""
    n_chains, n_draws = draws.shape[:2]
    half = n_draws // 2
    halves = draws[:, : 2 * half].reshape(2 * n_chains, half, *draws.shape[2:]).astype(float)
    within = halves.var(1, ddof=1).mean(0)
    between = halves.mean(1).var(0, ddof=1)
    return np.asarray(np.sqrt((half - 1) / half + between / within))


def _summary(
    matrix: VoteMatrix, kept: list[State], update: ConditionalForward, *, n_sweeps: int, options: dict[str, object]
) -> IdealPoints:
    """Return what the chains say, with every draw's sign turned so that the positive country is positive."""
    voted = np.asarray(matrix.n_votes > 0)
    stacked = jax.tree.map(lambda *chains: np.stack(chains), *kept)
    x, items = stacked.positions.x, stacked.items
    own = matrix.countries.index(str(options["positive"]))
    sign = np.where(x[:, :, voted[:, own], own].mean(-1) >= 0, 1, -1).astype(x.dtype)
    x = np.where(voted, x * sign[..., None, None], np.float32(np.nan))
    mean, r_hat = x.mean((0, 1), dtype=float), split_r_hat(x)
    discrimination = items.discrimination * sign[..., None]
    parameters = ItemParameters(
        items=matrix.items,
        lower_cutpoint=items.lower.mean((0, 1), dtype=float)[matrix.bridge],
        upper_cutpoint=items.upper.mean((0, 1), dtype=float)[matrix.bridge],
        discrimination=discrimination.mean((0, 1), dtype=float)[matrix.bridge],
        discrimination_sd=discrimination.std((0, 1), dtype=float)[matrix.bridge],
    )
    largest = float(r_hat[voted].max())
    return IdealPoints(
        countries=matrix.countries,
        periods=matrix.periods,
        period_kind=matrix.period_kind,
        mean=mean,
        sd=x.std((0, 1), dtype=float),
        n_votes=matrix.n_votes,
        status=statuses(matrix.n_votes),
        items=parameters,
        statistics=FitStatistics(
            **goodness(matrix, np.nan_to_num(mean), parameters)._asdict(),
            evolution_sd=float(np.sqrt(np.median(np.asarray(update.variance)[voted]))),
            iterations=n_sweeps,
            converged=largest <= LARGEST_R_HAT,
            largest_r_hat=largest,
        ),
        method="full",
        options=options,
        draws=x.reshape(-1, *x.shape[2:]),
        r_hat=r_hat,
    )


def _check(numbers: dict[str, float], counts: dict[str, int]) -> None:
    for name, value in numbers.items():
        if not value > 0:
            raise MeasureError(f"`{name}` is {value}; give a number above 0.")
    for name, value in counts.items():
        least = 4 if name == "n_draws" else N_TUNINGS if name == "n_warm_up" else 1
        if value < least:
            raise MeasureError(f"`{name}` is {value}; give {least} or more.")


def _run(
    key: Key[Array, ""],
    matrix: VoteMatrix,
    start: IdealPoints,
    *,
    sheet: Sheet,
    prior: ItemPrior,
    update: ConditionalForward,
    counts: dict[str, int],
) -> State:
    """Return the kept states of one chain, stacked."""
    state = _first(named_key(key, "start"), matrix, start, prior, update)
    options = {"prior": prior, "update": update}
    for number in range(N_TUNINGS):
        tuning, walk = draw_key(named_key(key, "warm-up"), number), _walk(matrix, state)
        state = advance(tuning, state, sheet, walk=walk, n_sweeps=counts["n_warm_up"] // N_TUNINGS, **options)
    walk, kept = _walk(matrix, state), []
    for number in range(counts["n_draws"]):
        sampling = draw_key(named_key(key, "draws"), number)
        state = advance(sampling, state, sheet, walk=walk, n_sweeps=counts["thin"], **options)
        kept.append(jax.device_get(state))
    return jax.tree.map(lambda *draws: np.stack(draws), *kept)


def _first(
    key: Key[Array, ""], matrix: VoteMatrix, start: IdealPoints, prior: ItemPrior, update: ConditionalForward
) -> State:
    noise = SPREAD_OF_STARTS * np.asarray(jax.random.normal(key, start.mean.shape))
    x = standardised(jnp.asarray(np.nan_to_num(start.mean + noise * start.sd), jnp.float32), update.voted)
    first = np.unique(matrix.bridge, return_index=True)[1]
    bound = 0.99 * prior.cutpoint_bound
    lower = np.clip(start.items.lower_cutpoint[first], -bound, 0.99 * bound)
    upper = np.clip(start.items.upper_cutpoint[first], lower + 1e-3, bound)
    items = Items(*(jnp.asarray(part, jnp.float32) for part in (lower, upper, start.items.discrimination[first])))
    return State(Positions(x, x), items)


def _walk(matrix: VoteMatrix, state: State) -> Float[Array, "group 3 3"]:
    """Return a square root of the covariance of each item's proposal: its posterior at the present positions."""
    parts = [np.asarray(part, float)[matrix.bridge] for part in state.items]
    items = ItemParameters(matrix.items, parts[0], parts[1], parts[2], np.zeros(len(matrix.items)))
    covariance = item_covariance(matrix, np.asarray(state.positions.x, float), items)
    return jnp.asarray(WALK * np.linalg.cholesky(covariance), jnp.float32)
