"""Which kind of venue suits a matter: alone, with one other, with a few, or with all, by its urgency and its scope.

A venue of parties that hold the share `x` of the capability is worth

    V = (1 - s + s x) d exp(-u (1/4 + K)),

`s` being the scope (0: whoever acts solves it; 1: only the share that is covered is solved), `u` the urgency, the rate
a year at which a solution loses its worth, and `d` and `K` the depth and the years of talks that the closed form gives
these parties by consensus (`agreement`). In deadlock `V` is 0. Who acts alone talks with nobody, so that nothing is
lost to time, goes to the depth `d = min(1, S)` that suits it, and covers its own share only:

    V_alone = (1 - s + s x_1) min(1, S).

The parties of a venue are those with most at stake (influence times salience), so that each venue is part of the next
larger one. The formula is a judgement that joins coverage, depth and delay; that small numbers are faster and leave
more undone is argued by Kahler (1992, International Organization 46, 681-708) and Victor (2006, Global Environmental
Politics 6(3), 90-103).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import SHORTEST, Table, Terms, agree
from orrery.negotiation.design.tables import Draws, Weights

VENUES: Mapping[str, int | None] = {"unilateral": 1, "bilateral": 2, "minilateral": 5, "multilateral": None}
"""How many parties each kind of venue has; None for all."""
URGENCIES = tuple(np.linspace(0, 3, 31).tolist())
"""Per year: at 3 a solution is worth a twentieth after a year."""
SCOPES = tuple(np.linspace(0, 1, 31).tolist())

_agreement = jax.jit(agree, static_argnums=2)


@dataclass(frozen=True)
class VenueMap:
    """What venues are worth over a grid of urgency and scope, on the same draws.

    Attributes:
        venues: kinds of venue that differ for the matter, the smallest first.
        places: of the parties of each.
        urgency: per year, of each row.
        scope: 0 to 1, of each column.
        value: mean over draws.
        best: which venue is worth most on the mean.
        certain: share of draws in which that one is worth most.
    """

    venues: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]
    urgency: Float[np.ndarray, " urgency"]
    scope: Float[np.ndarray, " scope"]
    value: Float[np.ndarray, "venue urgency scope"]
    best: Int[np.ndarray, "urgency scope"]
    certain: Float[np.ndarray, "urgency scope"]

    def best_at(self, urgency: float, scope: float) -> str:
        """Return the kind of venue that is worth most at the point of the grid nearest to these."""
        row = int(np.abs(self.urgency - urgency).argmin())
        return self.venues[int(self.best[row, int(np.abs(self.scope - scope).argmin())])]


def venue_map(
    draws: Draws, weights: Weights, urgency: Sequence[float] = URGENCIES, scope: Sequence[float] = SCOPES
) -> VenueMap:
    """Return what each kind of venue is worth for a matter, at each urgency and scope.

    Args:
        draws: of the matter (`tables.Matter.draws`, or `random_matter`); their own pace of talks is kept throughout.
        weights: of its parties.
        urgency: rates a year, 0 or more.
        scope: from 0 to 1.

    Raises:
        NegotiationError: no urgency or scope, or one outside its range.
    """
    rates, scopes = np.array(urgency, float), np.array(scope, float)
    if rates.size == 0 or not (np.isfinite(rates) & (rates >= 0)).all():
        raise NegotiationError(f"`urgency`: {list(urgency)} came; give rates a year, finite and 0 or more.")
    if scopes.size == 0 or not ((scopes >= 0) & (scopes <= 1)).all():
        raise NegotiationError(f"`scope`: {list(scope)} came; give numbers from 0 to 1.")
    places = _venues(weights)
    value = np.stack([_value(draws, weights, list(inside), (rates, scopes)) for inside in places.values()])
    mean = value.mean(1)
    best = mean.argmax(0)
    chosen = np.take_along_axis(value, best[None, None], 0)[0]
    certain = (chosen >= value.max(0)).mean(0)
    return VenueMap(tuple(places), tuple(places.values()), rates, scopes, mean, best, certain)


def random_matter(
    key: Key[Array, ""], n_parties: int, stake: float = 1.0, *, n_alike: int = 0, n_draws: int = 64
) -> tuple[Draws, Weights]:
    """Return a matter of two issues on which positions are anywhere, to look at venues apart from any case.

    Capability falls with rank as `1 / rank`; the pace of talks is 0.5 a year and the horizon 10 years.

    Args:
        key: of the draws.
        n_parties: three or more.
        stake: `S`, above 0.
        n_alike: so many of the most capable want the same, wherever that is.
        n_draws: how many.

    Raises:
        NegotiationError: fewer than three parties, more alike than there are, or a stake that is not above 0.
    """
    if n_parties < 3:
        raise NegotiationError(f"`n_parties`: {n_parties} came; venues differ where there are three or more.")
    if not 0 <= n_alike <= n_parties:
        raise NegotiationError(f"`n_alike`: {n_alike} came; give a number from 0 to the {n_parties} parties.")
    if not stake > 0:
        raise NegotiationError(f"`stake`: {stake} came; give what there is to gain, above 0.")
    apart = jax.random.uniform(key, (n_draws, n_parties, 2))
    position = jnp.where(jnp.arange(n_parties)[:, None] < n_alike, apart[:, :1], apart)
    none, one = jnp.zeros((n_draws, n_parties)), jnp.ones(n_draws)
    draws = Draws(position, jnp.full_like(position, 0.5), none, none, stake * one, 0 * one, 0.5 * one, 10 * one)
    capability = 1 / jnp.arange(1.0, n_parties + 1)
    shares, alike = capability / capability.sum(), jnp.full(n_parties, 1 / n_parties)
    return draws, Weights(alike, shares, shares, alike)


def _venues(weights: Weights) -> dict[str, tuple[int, ...]]:
    """Return the parties of each kind of venue; a kind as large as all is left to the multilateral one."""
    order = np.argsort(-np.asarray(weights.stake), kind="stable")
    n_parties = len(order)
    sizes = {name: n_parties if size is None else size for name, size in VENUES.items()}
    kept = {name: size for name, size in sizes.items() if VENUES[name] is None or size < n_parties}
    return {name: tuple(sorted(order[:size].tolist())) for name, size in kept.items()}


def _value(
    draws: Draws, weights: Weights, places: list[int], grid: tuple[np.ndarray, np.ndarray]
) -> Float[np.ndarray, "draw urgency scope"]:
    urgency, scope = grid
    capability = np.asarray(weights.capability, float)[places]
    if len(places) == 1:
        depth = np.minimum(1.0, np.asarray(draws.stake))
        delay = np.zeros_like(depth)
    else:
        influence = jnp.asarray(0.5 / len(places) + capability / capability.sum() / 2, jnp.float32)
        extra = (draws.relief + draws.rivalry)[:, places]
        table = Table(draws.position[:, places], draws.salience[:, places], influence, 1.0, extra)
        votes = (1,) * len(places)
        found = _agreement(table, Terms(draws.stake, 0.0, draws.concession), Threshold(votes, len(votes)))
        depth, delay = np.asarray(found.depth), SHORTEST + np.asarray(found.years)
    # Without agreement the depth is 0, and so the value, whatever the years.
    years = np.where(depth > 0, delay, 0.0)
    solved = 1 - scope + scope * capability.sum()
    return depth[:, None, None] * np.exp(-urgency[None, :, None] * years[:, None, None]) * solved
