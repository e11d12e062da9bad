"""Portfolios: how a country's ties divide over the poles and what lies outside them all, channel by channel.

A channel is a kind of tie. *Flow* channels (trade, arms, official finance) are shares of the country's own total:
`a_p` is the pole's part and `a_0 = 1 - sum_p a_p`. *Likeness* channels (pacts, memberships, votes) are strengths
`t_p` in [0, 1] per pole: `a_p = m t_p / sum_q t_q` with `m = max_q t_q`, and `a_0 = 1 - m`, so that a country close to
no pole is non-aligned. A composite pole is the sum of its members' flows, and the output-weighted mean of their
likenesses; a country's ties with itself never count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int8

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status
from orrery.measure.portfolios.poles import Pole, membership

NON_ALIGNED = "non-aligned"
COMPOSITE = "composite"

VOTE_SCALE = 1.0
"""Distance of ideal points at which the likeness of votes has fallen to `exp(-1/2)`; the scale's own unit."""

FEWEST_CHANNELS = 3
"""Channels that a composite needs (or all the weighted ones, where fewer are weighted)."""


class Members:
    """Who makes up each pole in a year, and with which weight in a mean over members."""

    def __init__(self, chosen: Sequence[Pole], panel: Panel, year: int) -> None:
        self.mask: Bool[np.ndarray, "pole country"] = membership(chosen, panel.countries, year)
        output = np.nan_to_num(panel.values("capability_gdp", year=year))
        size = self.mask.sum(1, keepdims=True)
        self.weight: Float[np.ndarray, "pole country"] = self.mask * np.where(size > 1, output, 1.0)

    def flow(self, ties: Float[np.ndarray, "country partner"]) -> Float[np.ndarray, "country pole"]:
        """Sum a country's ties with the members of each pole; a partner without a source makes the pole NaN."""
        unknown = np.isnan(ties).astype(float) @ self.mask.T > 0
        return np.where(unknown, np.nan, np.nan_to_num(ties) @ self.mask.T)

    def mean(self, ties: Float[np.ndarray, "country partner"]) -> Float[np.ndarray, "country pole"]:
        """Average a country's likeness with the members of each pole, itself left out; 0 where nobody is left."""
        known = ~np.isnan(ties) & ~np.eye(len(ties), dtype=bool)
        total = known @ self.weight.T
        return (np.where(known, ties, 0) @ self.weight.T) / np.where(total > 0, total, 1)


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A kind of tie.

    Attributes:
        name: name in results.
        variable: panel variable it is read from.
        ties: function of the panel, a year's poles and the year, giving `[country, pole]`.
        flow: whether `ties` are shares of the country's own total (else likenesses).
        weight: weight in the default composite.
        note: what a reader must know.
        optional: whether a panel may lack the variable; the channel is then missing.
    """

    name: str
    variable: str
    ties: Callable[[Panel, Members, int], Float[np.ndarray, "country pole"]]
    flow: bool
    weight: float
    note: str
    optional: bool = False


def _flow_of(variable: str) -> Callable[[Panel, Members, int], np.ndarray]:
    return lambda panel, members, year: members.flow(panel.values(variable, year=year))


def _likeness_of(variable: str) -> Callable[[Panel, Members, int], np.ndarray]:
    return lambda panel, members, year: members.mean(panel.values(variable, year=year))


def pole_positions(points: Float[np.ndarray, "*draw country"], members: Members) -> Float[np.ndarray, "*draw pole"]:
    """Return each pole's ideal point: the country's own, or the output-weighted mean of a group's members."""
    weight = members.weight * ~np.isnan(points)[..., None, :]
    total = weight.sum(-1)
    return (weight * np.nan_to_num(points)[..., None, :]).sum(-1) / np.where(total > 0, total, np.nan)


def vote_likeness(
    points: Float[np.ndarray, "*draw country"], members: Members
) -> Float[np.ndarray, "*draw country pole"]:
    """Return `exp(-(x_i - x_p)^2 / 2)`, where a group's `x_p` is the mean over its members, the country left out."""
    weight = members.weight * ~np.isnan(points)[..., None, :]
    value = weight * np.nan_to_num(points)[..., None, :]
    others = np.swapaxes(weight.sum(-1, keepdims=True) - weight, -1, -2)
    total = np.swapaxes(value.sum(-1, keepdims=True) - value, -1, -2)
    alone = others <= 1e-9 * weight.sum(-1)[..., None, :]
    mean = total / np.where(alone, np.nan, others)
    likeness = np.exp(-(((points[..., :, None] - mean) / VOTE_SCALE) ** 2) / 2)
    # A country-pole has no likeness with itself; a pole without any point stays unknown.
    return np.where(members.mask.T & alone, 0.0, likeness)


def _vote_ties(panel: Panel, members: Members, year: int) -> np.ndarray:
    return vote_likeness(panel.values("ideal_point", year=year), members)


CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel(
            name="trade",
            variable="trade_share",
            ties=_flow_of("trade_share"),
            flow=True,
            weight=1.0,
            note="Goods only; territories count as outside.",
        ),
        Channel(
            name="arms",
            variable="arms_share",
            ties=_flow_of("arms_share"),
            flow=True,
            weight=1.0,
            note="Major arms delivered over five years.",
        ),
        Channel(
            name="pacts",
            variable="pact_strength",
            ties=_likeness_of("pact_strength"),
            flow=False,
            weight=1.0,
            note="Strongest written obligation in force.",
        ),
        Channel(
            name="finance",
            variable="official_finance",
            ties=_flow_of("official_finance"),
            flow=True,
            weight=0.0,
            note="Only China's official finance has a source: shares over poles are not identified, so weight 0.",
        ),
        Channel(
            name="membership",
            variable="membership_likeness",
            ties=_likeness_of("membership_likeness"),
            flow=False,
            weight=1.0,
            note="Likeness of membership profiles; bodies of all members weigh nothing.",
        ),
        Channel(
            name="treaties",
            variable="treaty_likeness",
            ties=_likeness_of("treaty_likeness"),
            flow=False,
            weight=0.0,
            note="Likeness of treaty profiles; weight 0, because the baseline has none and composites should compare.",
            optional=True,
        ),
        Channel(
            name="votes",
            variable="ideal_point",
            ties=_vote_ties,
            flow=False,
            weight=1.0,
            note="Likeness of ideal points from UN roll calls.",
        ),
    )
}
"""Every channel, in the order of results."""


def composite_weights(weights: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return a weight per channel, scaled to sum to 1.

    Raises:
        MeasureError: an unknown channel, a negative weight, or none above 0.
    """
    chosen = {name: channel.weight for name, channel in CHANNELS.items()} if weights is None else dict(weights)
    unknown = set(chosen) - set(CHANNELS)
    if unknown:
        raise MeasureError(f"`weights`: unknown channel {sorted(unknown)}; the channels are {', '.join(CHANNELS)}.")
    if any(not weight >= 0 for weight in chosen.values()) or sum(chosen.values()) <= 0:
        raise MeasureError(f"`weights`: {chosen} came; weights are 0 or more, and at least one is above 0.")
    total = sum(chosen.values())
    return {name: chosen.get(name, 0.0) / total for name in CHANNELS}


def channel_portfolio(ties: Float[np.ndarray, "*axes pole"], *, flow: bool) -> Float[np.ndarray, "*axes option"]:
    """Turn ties with the poles into shares over non-alignment and the poles; a row sums to 1 or is NaN."""
    if flow:
        outside = np.clip(1 - ties.sum(-1, keepdims=True), 0, 1)
        return np.concatenate([outside, ties], axis=-1)
    strongest = ties.max(-1, keepdims=True)
    total = ties.sum(-1, keepdims=True)
    aligned = strongest * ties / np.where(total > 0, total, 1)
    return np.concatenate([1 - strongest, aligned], axis=-1)


def portfolios_of_year(
    panel: Panel, members: Members, year: int
) -> tuple[Float[np.ndarray, "country option channel"], Int8[np.ndarray, "country channel"]]:
    """Return every country's portfolio in every channel for one year, and what stands behind each.

    Args:
        panel: the data.
        members: the poles of that year.
        year: calendar year.

    Returns:
        Shares over `non-aligned` and the poles (NaN where the channel has no data or no ties), and a `Status`.
    """
    shares = np.full((len(panel.countries), len(members.mask) + 1, len(CHANNELS)), np.nan)
    status = np.zeros((len(panel.countries), len(CHANNELS)), np.int8)
    for place, channel in enumerate(CHANNELS.values()):
        if channel.optional and channel.variable not in panel.variables:
            continue
        behind = panel.status(channel.variable, year=year)
        ties = channel.ties(panel, members, year)
        empty = channel.flow & (behind != Status.MISSING) & (_row_total(panel, channel, year) == 0)
        known = (behind != Status.MISSING) & ~empty
        shares[known, :, place] = channel_portfolio(ties[known], flow=channel.flow)
        identified = known & ~np.isnan(shares[:, :, place]).any(1)
        status[:, place] = np.where(empty, Status.NO_TIES, np.where(identified, behind, Status.MISSING))
    return shares, status


def _row_total(panel: Panel, channel: Channel, year: int) -> np.ndarray:
    """Return the sum of a country's ties in a flow channel over all partners of the panel."""
    if not channel.flow:
        return np.ones(len(panel.countries))
    return np.nan_to_num(panel.values(channel.variable, year=year)).sum(-1)


def composite(
    shares: Float[np.ndarray, "*axes option channel"], weights: Mapping[str, float]
) -> Float[np.ndarray, "*axes option"]:
    """Average portfolios over the channels that are known, by weight; NaN where too few are (`FEWEST_CHANNELS`)."""
    weight = np.array([weights[name] for name in CHANNELS])
    known = ~np.isnan(shares).any(-2)
    enough = ((weight * known) > 0).sum(-1) >= min(FEWEST_CHANNELS, int((weight > 0).sum()))
    return np.where(enough[..., None], weighted_mean(shares, weight), np.nan)


def weighted_mean(
    shares: Float[np.ndarray, "*axes option channel"], weight: Float[np.ndarray, "*axes2 channel"]
) -> Float[np.ndarray, "..."]:
    """Average portfolios over the channels that are known, by weight, however few; NaN where none is weighted."""
    used = weight * ~np.isnan(shares).any(-2)
    total = used.sum(-1)
    return (np.nan_to_num(shares) * used[..., None, :]).sum(-1) / np.where(total > 0, total, np.nan)[..., None]


def composite_status(
    status: Int8[np.ndarray, "*axes channel"], weights: Mapping[str, float]
) -> Int8[np.ndarray, "*axes"]:
    """Return the weakest status among the weighted channels that have a portfolio; missing where too few have."""
    weight = np.array([weights[name] for name in CHANNELS])
    used = (weight > 0) & ~np.isin(status, [Status.MISSING, Status.NO_TIES])
    enough = used.sum(-1) >= min(FEWEST_CHANNELS, int((weight > 0).sum()))
    return np.where(enough, np.where(used, status, 0).max(-1), Status.MISSING).astype(np.int8)
