"""Chains of a sampler: how long they run, their state from sweep to sweep, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from orrery.base.errors import MeasureError
from orrery.base.keys import draw_key, named_key
from orrery.measure.ideal_points.gibbs import CutpointWalk, ItemPrior, Sheet, State, advance
from orrery.measure.ideal_points.ordinal import goodness
from orrery.measure.ideal_points.points import FitStatistics, IdealPoints, ItemParameters, statuses
from orrery.measure.ideal_points.positions import ConditionalForward, PositionUpdate
from orrery.measure.ideal_points.votes import NOT_CAST, VoteMatrix

LARGEST_R_HAT = 1.02
SWEEPS_AT_ONCE = 50
SHEETS_BEGIN = (0, 0.2, 0.6)
"""Shares of the periods at which a sheet begins."""

WIDE_SHARE, WIDE_STEP = 0.27, 4.0
"""Share of the warm-up in which steps of cutpoints are longer, and by how much: it takes the level of sparsely linked
sessions from the start to where it stays in a tenth of the sweeps."""

Progress = Callable[[int, int], None]
"""Is told how many sweeps of all are done."""


@dataclass(frozen=True)
class Chains:
    """How long to sample.

    Attributes:
        n_chains: independent chains.
        n_warm_up: sweeps of each chain that are thrown away.
        n_draws: draws kept of each chain.
        thin: sweeps from one kept draw to the next.
    """

    n_chains: int = 2
    n_warm_up: int = 1000
    n_draws: int = 300
    thin: int = 10

    def __post_init__(self) -> None:
        for name, least in (("n_chains", 1), ("n_warm_up", 1), ("n_draws", 4), ("thin", 1)):
            if getattr(self, name) < least:
                raise MeasureError(f"`{name}` is {getattr(self, name)}; give {least} or more.")

    @property
    def n_sweeps(self) -> int:
        """Sweeps of each chain."""
        return self.n_warm_up + self.n_draws * self.thin


Begin = Callable[[Key[Array, ""]], Any]
"""Makes the state that a chain starts from."""


def by_entry(matrix: VoteMatrix) -> VoteMatrix:
    """Return the same votes with the countries in the order of their first vote, as `sheets_of` needs them."""
    voted = matrix.n_votes > 0
    first = np.where(voted.any(0), voted.argmax(0), len(voted))
    order = np.argsort(first, kind="stable")
    place = np.argsort(order)
    return replace(matrix, countries=tuple(matrix.countries[row] for row in order), voter=place[matrix.voter])


def sheets_of(matrix: VoteMatrix) -> tuple[Sheet, ...]:
    """Return the votes dense, as the sampler reads them: the earlier a sheet, the fewer columns it needs."""
    choice = np.full((len(matrix.items), len(matrix.countries)), NOT_CAST, np.int8)
    choice[matrix.item, matrix.voter] = matrix.choice
    n_periods = len(matrix.periods)
    bounds = np.unique(np.round(np.array(SHEETS_BEGIN) * n_periods).astype(int))
    rows = np.append(np.searchsorted(matrix.period, bounds), len(matrix.items))
    sheets = []
    for start, end in pairwise(rows.tolist()):
        if end > start:
            part = choice[start:end]
            width = int(np.flatnonzero((part != NOT_CAST).any(0))[-1]) + 1
            parts = part[:, :width], matrix.period[start:end], matrix.bridge[start:end]
            sheets.append(Sheet(*(jnp.asarray(each) for each in parts)))
    return tuple(sheets)


def split_r_hat(draws: Float[np.ndarray, "chain draw *of"]) -> Float[np.ndarray, "*of"]:
    """Return the potential scale reduction of chains split in halves (Gelman et al. 2013, section 11.4)."""
    n_chains, n_draws = draws.shape[:2]
    half = n_draws // 2
    halves = draws[:, : 2 * half].reshape(2 * n_chains, half, *draws.shape[2:]).astype(float)
    within = halves.var(1, ddof=1).mean(0)
    between = halves.mean(1).var(0, ddof=1)
    return np.asarray(np.sqrt((half - 1) / half + between / within))


@dataclass(frozen=True)
class Sampler:
    """Everything that stays the same from sweep to sweep.

    Attributes:
        matrix: the votes, `by_entry`.
        update: how positions are drawn.
        prior: of the items.
        walk: how cutpoints are proposed.
        chains: how long to sample.
        advance: moves a state on by some sweeps, as `gibbs.advance` does.
    """

    matrix: VoteMatrix
    update: PositionUpdate
    prior: ItemPrior
    walk: CutpointWalk
    chains: Chains
    advance: Callable[..., Any] = advance

    @property
    def voted(self) -> Bool[np.ndarray, "year country"]:
        """Country-periods with votes."""
        return np.asarray(self.matrix.n_votes > 0)

    def run(self, key: Key[Array, ""], begin: Begin, progress: Progress | None) -> Any:
        """Return the kept states, stacked by chain and draw."""
        told = progress or (lambda done, total: None)
        kept = [self._chain(draw_key(key, number), begin, number, told) for number in range(self.chains.n_chains)]
        return jax.tree.map(lambda *chains: np.stack(chains), *kept)

    def _chain(self, key: Key[Array, ""], begin: Begin, number: int, told: Progress) -> Any:
        sheets, chains = sheets_of(self.matrix), self.chains
        state, done, kept = begin(named_key(key, "start")), 0, []
        fixed = {"prior": self.prior, "update": self.update}

        def on(state: Any, stream: str, place: int, n_sweeps: int, wide: float = 1.0) -> Any:
            own = draw_key(named_key(key, stream), place)
            walk = self.walk._replace(sd=jnp.float32(self.walk.sd * wide))
            return self.advance(own, state, sheets, **fixed, walk=walk, n_sweeps=jnp.asarray(n_sweeps))

        for place in range(-(-chains.n_warm_up // SWEEPS_AT_ONCE)):
            n_sweeps = min(SWEEPS_AT_ONCE, chains.n_warm_up - place * SWEEPS_AT_ONCE)
            wide = WIDE_STEP if done < WIDE_SHARE * chains.n_warm_up - SWEEPS_AT_ONCE / 2 else 1.0
            state = jax.block_until_ready(on(state, "warm-up", place, n_sweeps, wide))
            done += n_sweeps
            told(number * chains.n_sweeps + done, chains.n_chains * chains.n_sweeps)
        for place in range(chains.n_draws):
            state, done = on(state, "draws", place, chains.thin), done + chains.thin
            kept.append(jax.device_get(state))
            told(number * chains.n_sweeps + done, chains.n_chains * chains.n_sweeps)
        return jax.tree.map(lambda *draws: np.stack(draws), *kept)


def summary(
    sampler: Sampler, kept: State, positive: str, named: tuple[str, float], options: dict[str, object]
) -> IdealPoints:
    """Return what the chains say, with every draw's sign turned so that the positive country is positive.

    `kept` is stacked by chain and draw; `named` holds the name of the method and the sd of the evolution.
    """
    matrix, voted = sampler.matrix, sampler.voted
    method, evolution_sd = named
    known = voted if isinstance(sampler.update, ConditionalForward) else np.broadcast_to(voted.any(0), voted.shape)
    x = np.asarray(kept.positions.x)
    lower, upper, discrimination = (np.asarray(part, float) for part in kept.items)
    own = matrix.countries.index(positive)
    sign = np.where(x[:, :, voted[:, own], own].mean(-1) >= 0, 1, -1).astype(x.dtype)
    x = np.where(known, x * sign[..., None, None], np.float32(np.nan))
    mean, r_hat = x.mean((0, 1), dtype=float), split_r_hat(x)
    discrimination *= sign[..., None]
    parameters = ItemParameters(
        items=matrix.items,
        lower_cutpoint=lower.mean((0, 1))[matrix.bridge],
        upper_cutpoint=upper.mean((0, 1))[matrix.bridge],
        discrimination=discrimination.mean((0, 1))[matrix.bridge],
        discrimination_sd=discrimination.std((0, 1))[matrix.bridge],
    )
    largest = float(r_hat[voted].max())
    order = np.argsort(matrix.countries)
    return IdealPoints(
        countries=tuple(matrix.countries[row] for row in order),
        periods=matrix.periods,
        period_kind=matrix.period_kind,
        mean=mean[:, order],
        sd=x.std((0, 1), dtype=float)[:, order],
        n_votes=matrix.n_votes[:, order],
        status=statuses(matrix.n_votes[:, order]),
        items=parameters,
        statistics=FitStatistics(
            **goodness(matrix, np.nan_to_num(mean), parameters)._asdict(),
            evolution_sd=evolution_sd,
            iterations=sampler.chains.n_sweeps,
            converged=largest <= LARGEST_R_HAT,
            largest_r_hat=largest,
        ),
        method=method,
        options={**options, "positive": positive, **vars(sampler.chains)},
        draws=x.reshape(-1, *x.shape[2:])[..., order],
        r_hat=r_hat[:, order],
    )
