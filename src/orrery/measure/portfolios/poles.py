"""Poles: the great powers over which a portfolio is divided. The set is configuration, not doctrine.

A name is that of a country (`"CHN"`), of a dated group of countries taken as one (`"EU"`), or of a group split into its
members, each a pole while it belongs to the group (`"EU:members"`). The groups are those of `data/facts/groups.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from jaxtyping import Bool

from orrery.base.errors import MeasureError
from orrery.data.countries import country, ever_members, group_names, members

SPLIT = ":members"
"""Ending of a group's name that asks for its members instead, each a pole of its own."""


@dataclass(frozen=True)
class Pole:
    """A country, or a dated group of countries, taken as one partner.

    Attributes:
        name: ISO3 code of the country, or name of the group.
        group: whether it is a group.
        member_of: group to which a country must belong to be a pole; none by default.
    """

    name: str
    group: bool
    member_of: str | None = None

    def members(self, year: int) -> tuple[str, ...]:
        """Return the ISO3 codes that make up the pole at the end of `year`; none where it is no pole then."""
        day = date(year, 12, 31)
        if self.group:
            return members(self.name, day)
        return (self.name,) if self.member_of is None or self.name in members(self.member_of, day) else ()


DEFAULT_POLES = ("USA", "EU", "CHN", "RUS", "IND")
"""The default set; the European Union stands as one, made of its members of the year."""


def poles(names: Sequence[str] = DEFAULT_POLES) -> tuple[Pole, ...]:
    """Return the poles of the given names, in their order; a split group's members in alphabetical order.

    Raises:
        MeasureError: a country or group named twice, or a set of none.
        CountryCodeError: a name that is neither a country nor a known group.
    """
    found = tuple(pole for name in names for pole in _named(name))
    codes = [pole.name for pole in found]
    if not found or len(set(codes)) < len(codes):
        raise MeasureError(f"`poles`: {list(names)} came; give at least one pole, each of them once.")
    return found


def _named(name: str) -> tuple[Pole, ...]:
    if name.endswith(SPLIT):
        group = name.removesuffix(SPLIT)
        return tuple(Pole(code, False, group) for code in ever_members(group))
    return (Pole(name, True) if name in group_names() else Pole(country(name).iso3, False),)


def poles_of_year(chosen: Sequence[Pole], year: int) -> tuple[Pole, ...]:
    """Return those of the poles that have a member at the end of `year`."""
    return tuple(pole for pole in chosen if pole.members(year))


def membership(chosen: Sequence[Pole], countries: Sequence[str], year: int) -> Bool[np.ndarray, "pole country"]:
    """Return which countries make up each pole at the end of `year`.

    Raises:
        MeasureError: a country makes up two poles, so that its ties would count twice.
    """
    mask = np.array([np.isin(countries, pole.members(year)) for pole in chosen])
    twice = np.flatnonzero(mask.sum(0) > 1)
    if len(twice):
        code = countries[twice[0]]
        names = [pole.name for pole in chosen if code in pole.members(year)]
        raise MeasureError(
            f"`poles`: in {year} {code} belongs to {' and to '.join(names)}; its ties would count twice. "
            "Leave one of them out."
        )
    return mask
