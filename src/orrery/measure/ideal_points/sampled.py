"""The methods that sample: `full`, in the published design, and `dynamic`, from one joint posterior.

Both share votes, items and the sweep of `gibbs`; they differ in how a period hangs on the others (`positions`).

`full` follows Bailey, Strezhnev & Voeten (2017) and the script they published: which votes count, which are the same
question, priors, steps of cutpoints, starting positions of six countries, and positions brought to mean 0 and sd 1
after every sweep, the items staying where they are. Its conditionals are not those of one posterior: a period hangs on
the one before, the future does not inform the past, and sessions 1 and 2 are each other's prior. Nothing else fixes how
the mean of the first sessions lies to that of later ones: it depends on the rules of the sweep as well as on the votes,
so these are kept. With reversible steps of each item's own length the mean of session 1 settled between 0 and .3 in
place of the published 1.0, all else equal.

`dynamic` draws whole paths, so that all votes inform all periods, and learns how fast positions change. Its draws are
from the posterior of the model as stated, which simulation-based calibration confirms; `full` is there to reproduce
and extend the published series.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.chains import Begin, Chains, Progress, Sampler, by_entry, summary
from orrery.measure.ideal_points.gibbs import CutpointWalk, ItemPrior, Items, State
from orrery.measure.ideal_points.ordinal import check_votes, fit_fast
from orrery.measure.ideal_points.points import IdealPoints
from orrery.measure.ideal_points.positions import ConditionalForward, ForwardBackward, Positions, standardised
from orrery.measure.ideal_points.votes import VoteMatrix

SPREAD_OF_STARTS = 2.0
"""Chains that start from the fast method start this many of its posterior sds apart."""

STARTING_POSITIONS = {"USA": 3.0, "CAN": 3.0, "GBR": 3.0, "ISR": 3.0, "RUS": -2.0, "DDR": -2.0}
"""Published starting positions; all other countries start at 0 (script of the release of April 2020)."""

STARTS = ("published", "fast")
FULL_CHAINS = Chains(n_chains=2, n_warm_up=1400, n_draws=800, thin=20)
DYNAMIC_CHAINS = Chains(n_chains=2, n_warm_up=1000, n_draws=400, thin=10)


def fit_full(
    matrix: VoteMatrix,
    *,
    key: Key[Array, ""],
    positive: str = "USA",
    smoothing: float = 0.5,
    discrimination_sd: float = 1.0,
    cutpoint_bound: float = 7.0,
    step: float = 0.14,
    left_out: tuple[int, ...] = (19,),
    start: str = "published",
    chains: Chains = FULL_CHAINS,
    progress: Progress | None = None,
) -> IdealPoints:
    """Sample ideal points in the published design; minutes for all votes since 1946. See the module.

    Args:
        matrix: the votes.
        key: source of randomness; the same key gives the same numbers.
        positive: the country whose positions are positive on average.
        smoothing: as published .5, which makes the evolution variance about .25; less ties periods closer together.
        discrimination_sd: prior sd of discriminations.
        cutpoint_bound: greatest distance of a cutpoint from 0.
        step: sd of the proposals of cutpoints; published .067. More mixes faster, and moves the mean of the first
            sessions up: that of session 1 is 1.05 at .1 and 1.25 at .2, where .99 is published.
        left_out: periods whose votes do not enter; as published session 19, which holds a single roll call.
        start: "published" (`STARTING_POSITIONS`) or "fast" (the fast method's positions, spread).
        chains: how long to sample.
        progress: is told how many sweeps of all are done.

    Returns:
        Posterior means, sds, draws and split R-hat of every country-period with votes; those without are missing.

    Raises:
        MeasureError: an option is out of range, there are no votes, `positive` has none, or the published start lacks
            the countries it needs.
    """
    numbers = {"smoothing": smoothing, "discrimination_sd": discrimination_sd, "cutpoint_bound": cutpoint_bound}
    check_numbers({**numbers, "step": step})
    matrix = by_entry(without_periods(matrix, left_out))
    if start not in STARTS:
        raise MeasureError(f"`start` is {start!r}; give one of {', '.join(STARTS)}.")
    check_votes(matrix, positive)
    update = ConditionalForward.of(matrix.n_votes, smoothing)
    begin = _published_start(matrix) if start == "published" else fast_start(matrix, positive)
    sampler = Sampler(matrix, update, ItemPrior(discrimination_sd, cutpoint_bound), CutpointWalk(step, False), chains)
    kept = sampler.run(key, begin, progress)
    options = {**numbers, "step": step, "left_out": left_out, "start": start}
    sd = float(np.sqrt(np.median(np.asarray(update.variance)[sampler.voted])))
    return summary(sampler, kept, positive, ("full", sd), {"key": jax.random.key_data(key).tolist(), **options})


def fit_dynamic(
    matrix: VoteMatrix,
    *,
    key: Key[Array, ""],
    positive: str = "USA",
    evolution_sd: float | None = None,
    discrimination_sd: float = 1.0,
    cutpoint_bound: float = 7.0,
    step: float = 0.15,
    chains: Chains = DYNAMIC_CHAINS,
    progress: Progress | None = None,
) -> IdealPoints:
    """Sample ideal points as paths over all periods, learning how fast positions change. See the module.

    Args:
        matrix: the votes.
        key: source of randomness; the same key gives the same numbers.
        positive: the country whose positions are positive on average.
        evolution_sd: of a position's change per period, in prior sds of a position; None learns it.
        discrimination_sd: prior sd of discriminations.
        cutpoint_bound: greatest distance of a cutpoint from 0.
        step: sd of the proposals of cutpoints.
        chains: how long to sample.
        progress: is told how many sweeps of all are done.

    Returns:
        Posterior means, sds, draws and split R-hat of every period of every country that ever voted: without votes of
        its own the position hangs on the neighbouring periods' (`status` says so).

    Raises:
        MeasureError: an option is out of range, there are no votes, or `positive` has none.
    """
    numbers = {"discrimination_sd": discrimination_sd, "cutpoint_bound": cutpoint_bound}
    check_numbers({**numbers, "step": step})
    if evolution_sd is not None and not 0 < evolution_sd < 1:
        raise MeasureError(f"`evolution_sd` is {evolution_sd}; give a number between 0 and 1, or None to learn it.")
    check_votes(matrix, positive)
    matrix = by_entry(matrix)
    update = ForwardBackward.of(matrix.n_votes, learn=evolution_sd is None)
    begin = fast_start(matrix, positive, evolution_sd)
    sampler = Sampler(matrix, update, ItemPrior(discrimination_sd, cutpoint_bound), CutpointWalk(step, True), chains)
    kept = to_scale(sampler.run(key, begin, progress), sampler.voted)
    sd = float(np.sqrt(np.asarray(kept.positions.evolution_variance)).mean())
    options = {"key": jax.random.key_data(key).tolist(), "evolution_sd": evolution_sd, **numbers, "step": step}
    return summary(sampler, kept, positive, ("dynamic", sd), options)


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


def to_scale(states: State, voted: Bool[np.ndarray, "year country"]) -> State:
    """Return the same draws with positions of mean 0 and sd 1 where `voted`, and items that go with them."""
    (x, _, variance), (lower, upper, discrimination) = states
    centre, unit = x[..., voted].mean(-1), x[..., voted].std(-1)
    shift = discrimination * centre[..., None]
    x = (x - centre[..., None, None]) / unit[..., None, None]
    items = Items(lower - shift, upper - shift, discrimination * unit[..., None])
    return State(Positions(x, x, variance / unit**2), items)


def _published_start(matrix: VoteMatrix) -> Begin:
    """Return the published starting values, alike for all chains: they part by their first latent votes.

    Six countries' positions; cutpoints at the shares of yes and of yes or abstain, stretched over -1 to 1;
    discriminations 1 or -1 where the United States and Russia voted apart, else 0.
    """
    if not {"USA", "RUS"} <= set(matrix.countries):
        raise MeasureError(
            "`start` is 'published', which sets the United States against Russia; the votes lack one of them. "
            "Give 'fast'."
        )
    x = np.zeros(matrix.n_votes.shape, np.float32)
    for name, position in STARTING_POSITIONS.items():
        if name in matrix.countries:
            x[:, matrix.countries.index(name)] = position
    x[matrix.n_votes == 0] = 0
    n_groups = int(matrix.bridge.max()) + 1
    tally = np.zeros((n_groups, 3))
    np.add.at(tally, (matrix.bridge[matrix.item], matrix.choice), 1)
    share = np.cumsum(tally, axis=1) / tally.sum(1, keepdims=True)
    lower = 2 * share[:, 0] - 1
    upper = np.maximum(2 * share[:, 1] - 1, lower + 1e-3)
    west, east = (_choices_of(matrix, name, n_groups) for name in ("USA", "RUS"))
    apart = np.nan_to_num(np.sign(west - east))
    items = Items(*(jnp.asarray(part, jnp.float32) for part in (lower, upper, apart)))
    state = State(Positions(jnp.asarray(x), jnp.asarray(x), jnp.float32(0.25)), items)
    return lambda key: state


def _choices_of(matrix: VoteMatrix, country: str, n_groups: int) -> Float[np.ndarray, " group"]:
    choices = np.full(n_groups, np.nan)
    own = matrix.voter == matrix.countries.index(country)
    choices[matrix.bridge[matrix.item[own]]] = matrix.choice[own]
    return choices


def fast_start(matrix: VoteMatrix, positive: str, evolution_sd: float | None = None) -> Begin:
    """Return a start at the fast method's estimate, positions spread by `SPREAD_OF_STARTS` of their posterior sds."""
    start = fit_fast(matrix, positive=positive)
    voted = jnp.asarray(matrix.n_votes > 0)
    first = np.unique(matrix.bridge, return_index=True)[1]
    lower = np.clip(start.items.lower_cutpoint[first], -6.9, 6.8)
    upper = np.clip(start.items.upper_cutpoint[first], lower + 1e-3, 6.9)
    items = Items(*(jnp.asarray(part, jnp.float32) for part in (lower, upper, start.items.discrimination[first])))
    sd = np.clip(start.statistics.evolution_sd, 0.02, 0.9) if evolution_sd is None else evolution_sd

    def begin(key: Key[Array, ""]) -> State:
        noise = SPREAD_OF_STARTS * np.asarray(jax.random.normal(key, start.mean.shape))
        x = standardised(jnp.asarray(np.nan_to_num(start.mean + noise * start.sd), jnp.float32), voted)
        return State(Positions(x, x, jnp.float32(sd**2)), items)

    return begin


def check_numbers(numbers: dict[str, float]) -> None:
    """Refuse an option that is not above 0.

    Raises:
        MeasureError: naming the option.
    """
    for name, value in numbers.items():
        if not value > 0:
            raise MeasureError(f"`{name}` is {value}; give a number above 0.")
