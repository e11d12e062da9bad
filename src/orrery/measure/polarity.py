"""Polarity: how capability is divided among the powers of the system, and how far apart their camps stand.

`polarity(panel)` gives every variant side by side: they disagree, and which one is asked decides the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int8

from orrery.base.arrays import FloatArray
from orrery.base.axes import YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.channels import (
    Members,
    composite,
    composite_status,
    composite_weights,
    pole_positions,
    portfolios_of_year,
)
from orrery.measure.portfolios.poles import DEFAULT_POLES, Pole, membership, poles, poles_of_year
from orrery.measure.span import years_of

CAPABILITY = {
    "cinc": ("capability_cinc",),
    "gdp": ("capability_gdp",),
    "ppp": ("capability_ppp",),
    "population": ("capability_population",),
    "mean": ("capability_cinc", "capability_gdp"),
}
"""Variants of capability: each the mean of panel variables. `mean` sets the military-industrial composite of 1972
beside output at current prices, because each alone misplaces somebody (steel and soldiers; exchange rates). `ppp` is
output at purchasing-power parities; the baseline does not hold it, `purchasing_power.with_purchasing_power` adds it."""

FURTHER = ("capability_ppp",)
"""Panel variables that a panel may lack; what needs them is then missing."""


def effective_number(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return `1 / sum s^2` of shares among the powers: the number of equal powers that would be as concentrated.

    Laakso & Taagepera (1979). `shares` need not sum to 1; they are rescaled.
    """
    return shares.sum(-1) ** 2 / (shares**2).sum(-1)


def concentration(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return Ray & Singer's (1973) CON: 0 (equal powers) to 1 (one power has all, or is alone).

    `CON = sqrt((sum s^2 - 1/N) / (1 - 1/N))` with `s` rescaled to sum to 1.
    """
    n_powers = shares.shape[-1]
    if n_powers == 1:
        return effective_number(shares)
    # Rounding can put equal shares a hair below the minimum.
    return ((1 / effective_number(shares) - 1 / n_powers).clip(0) / (1 - 1 / n_powers)) ** 0.5


def top_two_share(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return the two largest powers' part of the powers' total, 0 to 1."""
    largest = shares.max(-1)
    # The second largest is the maximum over all but the first place that holds the largest.
    is_first = (shares == largest[..., None]).cumsum(-1) * (shares == largest[..., None]) == 1
    return (largest + (shares - is_first * shares).max(-1)) / shares.sum(-1)


def capability(panel: Panel, year: int, variant: str = "mean") -> Float[np.ndarray, " country"]:
    """Return each country's share of the system's capability in a year; NaN where a component is missing.

    A panel without output at purchasing-power parities has that variant missing throughout.

    Raises:
        MeasureError: no such variant; the message lists them.
    """
    if variant not in CAPABILITY:
        raise MeasureError(f"`variant`: {variant!r} came; capability is one of {', '.join(CAPABILITY)}.")
    parts = np.stack([_component(panel, name, year)[0] for name in CAPABILITY[variant]])
    return parts.mean(0)


def _component(
    panel: Panel, name: str, year: int
) -> tuple[Float[np.ndarray, " country"], Int8[np.ndarray, " country"]]:
    """Return the values of a panel variable and their status, both missing where the panel may lack it and does."""
    if name in FURTHER and name not in panel.variables:
        size = len(panel.countries)
        return np.full(size, np.nan), np.full(size, Status.MISSING, np.int8)
    return panel.values(name, year=year), panel.status(name, year=year)


def pole_capability(panel: Panel, chosen: Sequence[Pole], year: int, variant: str = "mean") -> np.ndarray:
    """Return each pole's share of the system's capability `[pole]`: a group's is the sum over its members."""
    return membership(chosen, panel.countries, year) @ np.nan_to_num(capability(panel, year, variant))


VARIANT, UNION = "variant", "union"
"""Axes of variants: of capability (`CAPABILITY`), and of the European Union, counted once or country by country."""

UNIONS = {"united": True, "split": False}
"""Whether the European Union's members count together."""

N_POWERS = 6
"""Largest countries taken for the powers by default."""

IDENTIFICATION = 1.3
"""Esteban & Ray's `alpha` by default. Above 0 (Gini's mean difference) up to about 1.6 satisfies their axioms."""

GREATEST_IDENTIFICATION = 1.6


def polarisation(
    shares: Float[FloatArray, "*axes camp"],
    positions: Float[FloatArray, "*axes camp"],
    alpha: float = IDENTIFICATION,
) -> Float[FloatArray, "*axes"]:
    """Return Esteban & Ray's (1994) polarisation of camps on a line.

    `P = 2^(1 + alpha) sum_i sum_j s_i^(1 + alpha) s_j |y_i - y_j|`, with `s` the camps' shares rescaled to sum to 1 and
    `y` their positions. The constant makes `P` the distance at which two equal camps would be as polarised.

    Raises:
        MeasureError: `alpha` is not above 0 and at most 1.6.
    """
    if not 0 < alpha <= GREATEST_IDENTIFICATION:
        raise MeasureError(f"`alpha`: {alpha} came; allowed is above 0 and at most {GREATEST_IDENTIFICATION}.")
    scaled = shares / shares.sum(-1)[..., None]
    distance = abs(positions[..., :, None] - positions[..., None, :])
    alienation = (distance * scaled[..., None, :]).sum(-1)
    return 2 ** (1 + alpha) * (scaled ** (1 + alpha) * alienation).sum(-1)


@dataclass(frozen=True)
class Polarity(Labelled):
    """Measured polarity.

    Attributes:
        dataset: by `year, variant, union`: `effective_number`, `concentration`, `top_two_share` of the largest
            powers, and `status`, the weakest behind them; by `year, union`: `effective_number_range`, the largest less
            the smallest over the variants; by `year`: `polarisation` (distance of ideal points),
            `polarisation_countries` that it is measured on, and `polarisation_status`. NaN where a power has no figure.
        n_powers: how many of the largest are taken for the powers.
        alpha: Esteban & Ray's weight of identification.
        poles: names of the poles whose camps are compared.
    """

    dataset: xr.Dataset
    n_powers: int
    alpha: float
    poles: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, variant and treatment of the Union."""
        frame = self.dataset.to_dataframe().reset_index()
        for name in ("status", "polarisation_status"):
            frame[name] = [Status(code).words for code in frame[name]]
        return frame.sort_values([YEAR, VARIANT, UNION], ignore_index=True)

    def disagreements(self, measure: str = "effective_number") -> pd.DataFrame:
        """Return each variant's first and last value and the change between: where signs differ, variants disagree.

        Raises:
            MeasureError: no such measure by variant.
        """
        known = [name for name, array in self.dataset.data_vars.items() if VARIANT in array.dims and name != "status"]
        if measure not in known:
            raise MeasureError(f"`measure`: {measure!r} came; allowed is one of {', '.join(map(str, known))}.")
        frame = self.to_frame().dropna(subset=[measure])
        by_variant = frame.groupby([VARIANT, UNION], sort=False)
        table = by_variant.agg(
            first_year=(YEAR, "first"), first=(measure, "first"), last_year=(YEAR, "last"), last=(measure, "last")
        )
        return table.assign(change=table["last"] - table["first"]).reset_index()

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def polarity(
    panel: Panel,
    years: tuple[int, int] | None = None,
    *,
    n_powers: int = N_POWERS,
    over: Sequence[str] = DEFAULT_POLES,
    alpha: float = IDENTIFICATION,
) -> Polarity:
    """Measure polarity over years in every variant of `CAPABILITY`, the European Union united or split.

    The sources of capability state no error, so that its variants, not an interval, say how sure the numbers are.

    Args:
        panel: the data, `orrery.load()`.
        years: first and last year; the whole panel by default.
        n_powers: how many of the largest are taken for the powers.
        over: poles whose camps are compared in `polarisation`.
        alpha: weight of identification there.

    Raises:
        MeasureError: years outside the panel, fewer than 2 powers, `alpha` out of range.
    """
    if not 2 <= n_powers <= len(panel.countries):
        raise MeasureError(f"`n_powers`: {n_powers} came; allowed is 2 to {len(panel.countries)}, the countries known.")
    span, chosen = years_of(panel, years), poles(over)
    shares = np.array(
        [
            [
                [largest_powers(panel, year, variant, n_powers, united=u) for u in UNIONS.values()]
                for variant in CAPABILITY
            ]
            for year in span
        ]
    )
    status = np.array(
        [
            [[_weakest(panel, year, variant, n_powers, united=u) for u in UNIONS.values()] for variant in CAPABILITY]
            for year in span
        ]
    )
    camps = [_camps(panel, chosen, year, alpha) for year in span]
    effective = effective_number(shares)
    by_variant = (YEAR, VARIANT, UNION)
    dataset = xr.Dataset(
        {
            "effective_number": (by_variant, effective),
            "concentration": (by_variant, np.where(np.isnan(effective), np.nan, concentration(shares))),
            "top_two_share": (by_variant, np.where(np.isnan(effective), np.nan, top_two_share(shares))),
            "status": (
                by_variant,
                np.where(np.isnan(effective), Status.MISSING, status).astype(np.int8),
            ),
            "effective_number_range": ((YEAR, UNION), _range(effective)),
            "polarisation": (YEAR, np.array([value for value, _, _ in camps])),
            "polarisation_countries": (YEAR, np.array([count for _, count, _ in camps])),
            "polarisation_status": (YEAR, np.array([code for _, _, code in camps], np.int8)),
        },
        coords={YEAR: list(span), VARIANT: list(CAPABILITY), UNION: list(UNIONS)},
    )
    return Polarity(dataset, n_powers, alpha, tuple(pole.name for pole in chosen))


def largest_powers(
    panel: Panel, year: int, variant: str, n_powers: int = N_POWERS, *, united: bool
) -> Float[np.ndarray, " power"]:
    """Return the capability of the largest powers, in ascending order; the European Union as one of them if `united`.

    All are NaN where the figure of a power may be missing: one of the `n_powers` largest by composite capability, or a
    member of the united Union, has none. Otherwise the largest that happen to be measured would pass for the powers.
    """
    shares = capability(panel, year, variant)
    if np.isnan(shares[_needed(panel, year, n_powers, united=united)]).any():
        return np.full(n_powers, np.nan)
    shares = np.nan_to_num(shares)
    union = _union(panel, year)
    if united and union.any():
        shares = np.append(shares[~union], shares[union].sum())
    return np.sort(shares)[-n_powers:]


def _union(panel: Panel, year: int) -> Bool[np.ndarray, " country"]:
    """Mark the members of the European Union."""
    return membership(poles(("EU",)), panel.countries, year)[0] & panel.in_system(year)


def _needed(panel: Panel, year: int, n_powers: int, *, united: bool) -> Bool[np.ndarray, " country"]:
    """Mark the countries whose figures are needed: the largest by composite capability, which reaches furthest back."""
    largest = np.zeros(len(panel.countries), bool)
    largest[np.argsort(-np.nan_to_num(capability(panel, year, "cinc")))[:n_powers]] = True
    return largest | (_union(panel, year) & united)


def _weakest(panel: Panel, year: int, variant: str, n_powers: int, *, united: bool) -> int:
    """Return the weakest status behind the figures needed."""
    needed = _needed(panel, year, n_powers, united=united)
    return max(int(_component(panel, name, year)[1][needed].max()) for name in CAPABILITY[variant])


def _range(values: Float[np.ndarray, "year variant union"]) -> Float[np.ndarray, "year union"]:
    """Return the largest less the smallest known variant; NaN where fewer than two are known."""
    known = ~np.isnan(values)
    largest, smallest = np.where(known, values, -np.inf).max(1), np.where(known, values, np.inf).min(1)
    return np.where(known.sum(1) > 1, largest - np.where(known.any(1), smallest, 0.0), np.nan)


def _camps(panel: Panel, chosen: Sequence[Pole], year: int, alpha: float) -> tuple[float, int, int]:
    """Return the polarisation of the poles' camps and of the non-aligned, the countries counted, and a status.

    A camp's share is the mean of its shares in the composite portfolios of all countries that are no pole by
    themselves, each counting once. It stands where its pole does; the non-aligned stand at their mean, each country
    weighted with its non-aligned share.
    """
    members = Members(poles_of_year(chosen, year), panel, year)
    points = panel.values("ideal_point", year=year)
    shares, status = portfolios_of_year(panel, members, year)
    weights = composite_weights()
    portfolio = composite(shares, weights)
    is_pole = members.mask[members.mask.sum(1) == 1].any(0)
    counted = ~is_pole & ~np.isnan(portfolio).any(1) & ~np.isnan(points)
    if not counted.any():
        return float("nan"), 0, int(Status.MISSING)
    camps = portfolio[counted].mean(0)
    outside = portfolio[counted, 0]
    middle = (outside * points[counted]).sum() / outside.sum() if outside.sum() > 0 else 0.0
    value = float(polarisation(camps, np.append(middle, pole_positions(points, members)), alpha))
    weakest = composite_status(status, weights)[counted].max()
    return value, int(counted.sum()), int(Status.MISSING if np.isnan(value) else weakest)
