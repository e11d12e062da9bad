"""Pairs seen from one side: how alike to, or dependent on, a chosen partner or group each country is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from orrery.base.axes import CHANNEL, COUNTRY, PARTNER, POLE, YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Status
from orrery.measure.dependence import Dependence
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.poles import membership, poles
from orrery.measure.similarity import Similarity, Undefined

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DependenceOn(Labelled):
    """Dependence on chosen partners.

    Attributes:
        dataset: `dependence` and `asymmetry` by `year, country, pole, channel`, `status` by `year, country, channel`.
            A group's dependence is the sum over its members of the year, the country itself left out; its asymmetry is
            NaN, because no source holds the shares of a group's own ties.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country, partner and channel."""
        frame = self.dataset.to_dataframe().reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        frame = frame.rename(columns={POLE: PARTNER})
        return frame[frame[COUNTRY] != frame[PARTNER]].reset_index(drop=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def dependence_on(measured: Dependence, names: Sequence[str]) -> DependenceOn:
    """Return how far countries depend on chosen partners.

    Args:
        measured: of `dependence`.
        names: ISO3 codes, or groups such as `"EU"`.

    Raises:
        MeasureError: no partner, or one twice.
        CountryCodeError: a name that is neither a country nor a known group.
    """
    chosen = poles(names)
    labels = tuple(str(code) for code in measured.dataset[PARTNER].values)
    missing = [pole.name for pole in chosen if not pole.group and pole.name not in labels]
    if missing:
        raise MeasureError(f"`names`: {', '.join(missing)} came; the panel holds no such partner.")
    dataset = measured.dataset
    own = np.array(labels)[None, :] == dataset[COUNTRY].values.astype(str)[:, None]
    on, asymmetry = [], []
    for year in dataset[YEAR].values.tolist():
        mask = membership(chosen, labels, year)
        shares = dataset["dependence"].sel(year=year).values
        counted = np.where(own[:, :, None], 0.0, shares)
        known = np.asarray(~np.isnan(shares).all(1))
        total = np.einsum("pj,ijc->ipc", mask.astype(float), np.nan_to_num(counted))
        on.append(np.where(known[:, None], total, np.nan))
        single = np.where([pole.group for pole in chosen], 0, [labels.index(p.members(year)[0]) for p in chosen])
        sided = dataset["asymmetry"].sel(year=year).values[:, single]
        asymmetry.append(np.where(np.array([pole.group for pole in chosen])[:, None], np.nan, sided))
    axes = (YEAR, COUNTRY, POLE, CHANNEL)
    return DependenceOn(
        xr.Dataset(
            {
                "dependence": (axes, np.stack(on)),
                "asymmetry": (axes, np.stack(asymmetry)),
                "status": dataset["status"],
            },
            coords={
                YEAR: dataset[YEAR].values,
                COUNTRY: dataset[COUNTRY].values,
                POLE: [pole.name for pole in chosen],
                CHANNEL: dataset[CHANNEL].values,
            },
        )
    )


@dataclass(frozen=True)
class SimilarityTo(Labelled):
    """Likeness to chosen partners.

    Attributes:
        dataset: `similarity` by `year, country, pole` (to a group: the mean over its members of the year, the country
            itself left out), and `reason`, why it is missing; empty where it is not.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country and partner."""
        frame = self.dataset.to_dataframe().reset_index().rename(columns={POLE: PARTNER})
        return frame[frame[COUNTRY] != frame[PARTNER]].reset_index(drop=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def similarity_to(measured: Similarity, names: Sequence[str], countries: Sequence[str] | None = None) -> SimilarityTo:
    """Return how alike countries are to chosen partners.

    Args:
        measured: of `similarity`.
        names: ISO3 codes, or groups such as `"EU"`.
        countries: ISO3 codes; every country with a profile by default. One without any is missing, with its reason.

    Raises:
        MeasureError: no partner, or one twice.
        CountryCodeError: a name that is neither a country nor a known group.
    """
    chosen = poles(names)
    wanted = measured.countries if countries is None else tuple(countries)
    values = np.full((len(measured.years), len(wanted), len(chosen)), np.nan)
    reason = np.full(values.shape, Undefined.NO_COMMON_ITEM.words, dtype=object)
    to_poles = measured.with_poles([pole.name for pole in chosen])
    for row, code in enumerate(wanted):
        if code not in measured.countries:
            continue
        place = measured.countries.index(code)
        values[:, row] = to_poles[:, place]
        for column, pole in enumerate(chosen):
            if not pole.group and pole.name in measured.countries:
                codes = measured.reason[:, place, measured.countries.index(pole.name)]
                reason[:, row, column] = [Undefined(code).words for code in codes]
    reason[~np.isnan(values)] = ""
    axes = (YEAR, COUNTRY, POLE)
    return SimilarityTo(
        xr.Dataset(
            {"similarity": (axes, values), "reason": (axes, reason.astype(str))},
            coords={YEAR: list(measured.years), COUNTRY: list(wanted), POLE: [pole.name for pole in chosen]},
        )
    )
