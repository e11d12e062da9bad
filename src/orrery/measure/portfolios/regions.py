"""How far portfolios go by region: the part of their variance that lies between regions."""

from __future__ import annotations

from jaxtyping import Float, Shaped

from orrery.base.arrays import FloatArray

LEAST_VARIANCE = 1e-9
"""Sum of squared differences of portfolios below which all are the same but for rounding."""


def share_between_regions(
    portfolio: Float[FloatArray, "country option"], in_region: Shaped[FloatArray, "country region"]
) -> Float[FloatArray, ""]:
    """Return `sum_i |m_r(i) - m|^2 / sum_i |a_i - m|^2`, 0 (regions are alike) to 1 (countries of a region are).

    `a_i` are the shares of a country, `m_r` their mean over its region and `m` over all countries: the correlation
    ratio (Fisher 1925) over all options together. 0 where all portfolios are the same.

    Args:
        portfolio: shares over non-alignment and the poles.
        in_region: 1 (or true) for the region of each country; a country without one is left out.
    """
    member = 1.0 * in_region
    counted, size = member.sum(-1, keepdims=True), member.sum(0)[:, None]
    regional = member @ ((member.T @ portfolio) / (size + (size == 0)))
    mean = (counted * portfolio).sum(0) / counted.sum()
    between, total = (counted * (regional - mean) ** 2).sum(), (counted * (portfolio - mean) ** 2).sum()
    differ = total > LEAST_VARIANCE
    return differ * between / (total + (1 - differ))
