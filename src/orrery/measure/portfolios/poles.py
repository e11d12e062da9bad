"""Poles: the great powers over which a portfolio is divided. The set is configuration, not doctrine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from jaxtyping import Bool

from orrery.base.errors import MeasureError
from orrery.data.countries import country, members

GROUPS = ("EU",)
"""Composite poles: a dated group of countries taken as one partner."""


@dataclass(frozen=True)
class Pole:
    """A country, or a dated group of countries, taken as one partner.

    Attributes:
        name: ISO3 code of the country, or name of the group.
        group: whether it is a group.
    """

    name: str
    group: bool

    def members(self, year: int) -> tuple[str, ...]:
        """Return the ISO3 codes that make up the pole at the end of `year`."""
        return members(self.name, date(year, 12, 31)) if self.group else (self.name,)


DEFAULT_POLES = ("USA", "EU", "CHN", "RUS", "IND")
"""The default set; the European Union stands as one, made of its members of the year."""


def poles(names: Sequence[str] = DEFAULT_POLES) -> tuple[Pole, ...]:
    """Return the poles of the given names.

    Raises:
        MeasureError: a name repeated, or a set of none.
        CountryCodeError: a name that is neither a country nor a known group.
    """
    if not names or len(set(names)) < len(names):
        raise MeasureError(f"`poles`: {list(names)} came; give at least one pole, each of them once.")
    return tuple(Pole(name, True) if name in GROUPS else Pole(country(name).iso3, False) for name in names)


def membership(chosen: Sequence[Pole], countries: Sequence[str], year: int) -> Bool[np.ndarray, "pole country"]:
    """Return which countries make up each pole at the end of `year`."""
    return np.array([np.isin(countries, pole.members(year)) for pole in chosen])
