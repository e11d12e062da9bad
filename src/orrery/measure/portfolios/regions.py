"""How far portfolios go by region: the part of their variance that lies between regions."""

from __future__ import annotations

from jaxtyping import Bool, Float

from orrery.base.arrays import FloatArray

LEAST_VARIANCE = 1e-9
"""Sum of squared differences of portfolios below which all are the same but for rounding."""


def share_between_regions(
    portfolio: Float[FloatArray, "country option"], same_region: Bool[FloatArray, "country country"]
) -> Float[FloatArray, ""]:
    """Return `sum_i |m_r(i) - m|^2 / sum_i |a_i - m|^2`, 0 (regions are alike) to 1 (countries of a region are).

    `a_i` are the shares of a country, `m_r` their mean over its region and `m` over all countries: the correlation
    ratio (Fisher 1925) over all options together. 0 where all portfolios are the same.

    Args:
        portfolio: shares over non-alignment and the poles.
        same_region: whether two countries are of one region; each is of its own.
    """
    regional = same_region @ portfolio / same_region.sum(-1)[:, None]
    mean = portfolio.mean(0)
    between, total = ((regional - mean) ** 2).sum(), ((portfolio - mean) ** 2).sum()
    differ = total > LEAST_VARIANCE
    return differ * between / (total + (1 - differ))
