"""The family in one call: every index of a portfolio, given the poles of the year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from orrery.base.errors import MeasureError
from orrery.measure.portfolios import indices
from orrery.measure.portfolios.channels import CHANNELS
from orrery.measure.portfolios.rivalry import PoleSystem

INDICES = {
    "diversity": "Spread over the poles, whoever they are (MV), 0 to 1",
    "rival_diversity": "Spread over poles that are rivals of each other (RD), 0 to 1",
    "effective_vectors": "Number of mutually rival, equally used poles (EV), from 1",
    "effective_multivectorness": "Multi-vector and engaged: (1 - non-alignment) x RD (EMV), 0 to 1",
}
"""Indices of spread."""

DIRECTIONS = {
    "lean": "Which way the portfolio leans on the line of the poles' ideal points, in its units",
    "equidistance": "Balance between two poles (EQ), 0 to 1; undefined where neither is used",
}
"""Indices of direction: where the portfolio points."""

OF_PORTFOLIO = {**INDICES, **DIRECTIONS}
"""Every index of one portfolio in one year."""

OF_CHANNELS = {
    "channel_coherence": "How alike the channels divide over the poles, 0 to 1",
    "between_channels": "Part of RD that comes from using different poles for different things",
}
"""Indices of a country's channels taken together."""

NOTHING_ALIGNED = 1 - 1e-12
"""Non-alignment from which no share over poles is left to speak of."""


def shares_over_poles(portfolio: Float[np.ndarray, "*axes option"]) -> Float[np.ndarray, "*axes pole"]:
    """Return shares among the ties with poles, `s_p = a_p / (1 - a_0)`; NaN where nothing is aligned."""
    outside = portfolio[..., 0]
    return portfolio[..., 1:] / np.where(outside >= NOTHING_ALIGNED, np.nan, 1 - outside)[..., None]


def portfolio_indices(
    portfolio: Float[np.ndarray, "*axes option"], system: PoleSystem, pair: tuple[int, int] | None
) -> dict[str, np.ndarray]:
    """Return every index of `OF_PORTFOLIO` for portfolios over non-alignment and the poles of `system`.

    Args:
        portfolio: shares over non-alignment and the poles, draws first where `system` has draws.
        system: the poles of the year; one rivalry matrix serves every country and channel of a draw.
        pair: places of the poles whose balance `equidistance` is; `None` where there is no such pair.

    Returns:
        Arrays over the leading axes of `portfolio`. An index is NaN where nothing is aligned with any pole, and where
        it needs a rivalry or position that is unknown. Effective multi-vectorness is then 0 if nothing is aligned: a
        country outside every pole is not multi-vector.
    """
    outside = portfolio[..., 0]
    shares = shares_over_poles(portfolio)
    beside = system.beside(outside.ndim - system.greatest.ndim)
    rival = indices.rival_diversity(shares, beside.rivalry, beside.greatest)
    unknown = np.full(outside.shape, np.nan)
    return {
        "diversity": indices.diversity(shares),
        "rival_diversity": rival,
        "effective_vectors": indices.effective_vectors(shares, beside.rivalry),
        "effective_multivectorness": np.where(
            outside >= NOTHING_ALIGNED, 0.0, indices.effective_multivectorness(rival, outside)
        ),
        "lean": indices.lean(shares, beside.positions),
        "equidistance": unknown if pair is None else indices.equidistance(shares[..., pair[0]], shares[..., pair[1]]),
    }


def channel_indices(
    shares: Float[np.ndarray, "*axes channel option"], system: PoleSystem, weights: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """Return every index of `OF_CHANNELS`, over the channels that have a weight and a portfolio.

    In the composite a channel counts with its weight times its aligned share, `v_c ~ w_c (1 - a_0c)`, because the
    composite averages whole portfolios; the between-channel part uses the same `v`.
    """
    weight = np.array([weights[name] for name in CHANNELS])
    kept = shares[..., weight > 0, :]
    over_poles = shares_over_poles(kept)
    beside = system.beside(kept.ndim - 2 - system.greatest.ndim)
    aligned = weight[weight > 0] * (1 - np.nan_to_num(kept[..., 0], nan=1.0))
    return {
        "channel_coherence": indices.channel_coherence(over_poles),
        "between_channels": indices.between_channels(over_poles, aligned, beside.rivalry, beside.greatest),
    }


def greatest_rivals(rivalry: Float[np.ndarray, "pole pole"]) -> tuple[int, int] | None:
    """Return the places of the two poles with the greatest rivalry, the first pair of several.

    `None` where no two poles are rivals or rivalry is unknown.
    """
    if np.isnan(rivalry).any() or not rivalry.size or rivalry.max() <= 0:
        return None
    first, second = np.unravel_index(rivalry.argmax(), rivalry.shape)
    return int(first), int(second)


def pair_of(
    between: tuple[str, str] | None, names: tuple[str, ...], rivalry: Float[np.ndarray, "pole pole"]
) -> tuple[int, int] | None:
    """Return the places of the pair asked for among the poles of the year, or of the greatest rivals by default.

    `None` where one of the pair is no pole of the year.
    """
    if between is None:
        return greatest_rivals(rivalry)
    first, second = between
    return (names.index(first), names.index(second)) if {first, second} <= set(names) else None


def check_pair(between: tuple[str, str] | None, names: tuple[str, ...]) -> None:
    """Refuse a pair that is not two of the poles.

    Raises:
        MeasureError: it names anything else.
    """
    if between is not None and (len(set(between)) != 2 or not set(between) <= set(names)):
        raise MeasureError(f"`between`: {between} came; give two different poles of {', '.join(names)}.")
