"""What every estimator of ideal points returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int, Int8
from scipy.special import ndtri

from orrery.base.axes import COUNTRY, YEAR
from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.votes import YEAR_BEFORE_SESSION_ONE
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

STATUSES = ("estimated", "few_votes", "interpolated", "extrapolated", "no_votes")
"""How a position is known; `IdealPoints.status` counts in this order.

`estimated`: from the period's own votes and the neighbouring periods'. `few_votes`: the same, from fewer than
`FEW_VOTES` of its own. `interpolated`: no vote in the period, but before and after. `extrapolated`: none in the period
and none before, or none after; the further away, the nearer the mean to 0 and the sd to 1, those of the world.
`no_votes`: the country never cast a vote that counts; mean and sd are missing.
"""
ESTIMATED, FEW, INTERPOLATED, EXTRAPOLATED, NO_VOTES = range(len(STATUSES))

FEW_VOTES = 10


@dataclass(frozen=True)
class ItemParameters:
    """What a country at `x` chooses: `P(yes) = Phi(lower - d x)`, `P(no) = 1 - Phi(upper - d x)`.

    Attributes:
        items: rcid of the roll calls. Bridged roll calls carry the same numbers.
        lower_cutpoint: between yes and abstain.
        upper_cutpoint: between abstain and no.
        discrimination: `d`; positive where higher positions mean no.
        discrimination_sd: its posterior sd, given the positions.
    """

    items: tuple[str, ...]
    lower_cutpoint: Float[np.ndarray, " item"]
    upper_cutpoint: Float[np.ndarray, " item"]
    discrimination: Float[np.ndarray, " item"]
    discrimination_sd: Float[np.ndarray, " item"]


@dataclass(frozen=True)
class FitStatistics:
    """How the fit went.

    Attributes:
        log_likelihood: of all votes at the posterior means.
        classification_success: share of votes that are the most probable choice.
        modal_success: the same share for one who always names a roll call's commonest choice.
        evolution_sd: sd of a position's change from one period to the next, learned or given.
        iterations: rounds until the end; sweeps of each chain for a method that samples.
        converged: whether the last change was within the tolerance, or the largest R-hat was.
        last_change: greatest change of a position in the last round; None for a method that samples.
        largest_r_hat: over positions; None for a method that does not sample.
    """

    log_likelihood: float
    classification_success: float
    modal_success: float
    evolution_sd: float
    iterations: int
    converged: bool
    last_change: float | None = None
    largest_r_hat: float | None = None


@dataclass(frozen=True)
class IdealPoints(Labelled):
    """Positions of countries over periods on one dimension, with uncertainty.

    Scale: mean 0 and sd 1 over all country-periods with votes. Sign: the country named at `fit` (the United States
    unless another is named, as published) is positive on average.

    Attributes:
        countries: iso3 codes.
        periods: sessions or calendar years.
        period_kind: "session" or "year".
        mean: posterior means; missing for a country that never voted, and from "full" wherever it has no vote.
        sd: posterior standard deviations.
        n_votes: votes that count.
        status: how the position is known, a position in `STATUSES`.
        items: item parameters.
        statistics: how the fit went.
        method: name of the estimator.
        options: every option it ran with.
        draws: of the posterior, chain after chain; None from a method that does not sample.
        r_hat: of every position, over its chains split in halves; None likewise.
    """

    countries: tuple[str, ...]
    periods: tuple[int, ...]
    period_kind: str
    mean: Float[np.ndarray, "year country"]
    sd: Float[np.ndarray, "year country"]
    n_votes: Int[np.ndarray, "year country"]
    status: Int8[np.ndarray, "year country"]
    items: ItemParameters
    statistics: FitStatistics
    method: str
    options: dict[str, object] = field(default_factory=dict)
    draws: Float[np.ndarray, "draw year country"] | None = None
    r_hat: Float[np.ndarray, "year country"] | None = None

    def quantile(self, level: float) -> Float[np.ndarray, "year country"]:
        """Return a posterior quantile of every position: that of the draws, without any that of the normal."""
        if not 0 < level < 1:
            raise MeasureError(f"`level` is {level}; give a probability between 0 and 1, e.g. 0.05.")
        if self.draws is not None:
            return np.quantile(self.draws, level, axis=0).astype(float)
        return self.mean + ndtri(level) * self.sd

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and country: the period, iso3, mean, sd, q05, q95, n_votes, status."""
        import pandas as pd

        n_periods, n_countries = self.mean.shape
        return pd.DataFrame(
            {
                self.period_kind: np.repeat(self.periods, n_countries),
                "iso3": np.tile(self.countries, n_periods),
                "ideal_point": self.mean.ravel(),
                "sd": self.sd.ravel(),
                "q05": self.quantile(0.05).ravel(),
                "q95": self.quantile(0.95).ravel(),
                "n_votes": self.n_votes.ravel(),
                "status": pd.Categorical.from_codes(self.status.ravel(), list(STATUSES)),
            }
        )

    def to_xarray(self) -> xr.Dataset:
        """Return a dataset on the axes year and country.

        Positions by session stand at the year in which the session opened, with the session as a second coordinate.
        """
        import xarray as xr

        axes = (YEAR, COUNTRY)
        periods = np.array(self.periods)
        by_session = self.period_kind == "session"
        coordinates: dict[str, object] = {
            YEAR: periods + YEAR_BEFORE_SESSION_ONE if by_session else periods,
            COUNTRY: list(self.countries),
        }
        if by_session:
            coordinates["session"] = (YEAR, periods)
        return xr.Dataset(
            {
                "ideal_point": (axes, self.mean),
                "sd": (axes, self.sd),
                "n_votes": (axes, self.n_votes),
                "status": (axes, np.array(STATUSES)[self.status]),
            },
            coords=coordinates,
            attrs={"method": self.method, "scale": "mean 0, sd 1 over country-periods with votes"},
        )


def statuses(n_votes: Int[np.ndarray, "year country"]) -> Int8[np.ndarray, "year country"]:
    """Return how each position is known, from the votes that count."""
    voted = np.asarray(n_votes > 0)
    started = np.maximum.accumulate(voted, axis=0)
    not_over = np.maximum.accumulate(voted[::-1], axis=0)[::-1]
    status = np.select(
        [~voted.any(axis=0, keepdims=True) & ~voted, n_votes >= FEW_VOTES, voted, started & not_over],
        [NO_VOTES, ESTIMATED, FEW, INTERPOLATED],
        EXTRAPOLATED,
    )
    return status.astype(np.int8)
