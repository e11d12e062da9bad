"""Indices of voting power: what share of the decisions of a body is each member's.

With `n` members, `beta_i` the probability that member `i` decides when all others vote yes or no by tossing coins, `A`
the probability that a motion then passes, and `c_i` the number of minimal winning coalitions that hold member `i`,

    Banzhaf, absolute           beta_i = swings_i / 2^(n-1)
    Banzhaf, normalised         beta_i / sum_j beta_j
    Shapley and Shubik          sum over coalitions S that win with i and not without it of (s-1)! (n-s)! / n!
    Coleman, of the body to act A = winning coalitions / 2^n
    Coleman, to initiate        beta_i / (2 (1 - A)) = swings_i / losing coalitions
    Coleman, to prevent         beta_i / (2 A) = swings_i / winning coalitions
    Holler and Packel           c_i / sum_j c_j

The first three are also defined where members may abstain (Felsenthal & Machover 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Array, Float, Key

from orrery.base.errors import InstitutionError
from orrery.institutions.games import AnyGame
from orrery.institutions.power.chances import Chance, Chances, Method
from orrery.institutions.power.counting import ROUNDING
from orrery.institutions.power.decisive import banzhaf_chances, shapley_chances
from orrery.institutions.power.public_good import seats_in_minimal_coalitions
from orrery.institutions.power.sums import sums_of
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Power(Labelled):
    """Voting power of the members of a body.

    Attributes:
        index: key of `INDICES`.
        members: names, in the order of the values.
        columns: one value for each member, by name; most indices have one column, `value`. Fractions where they are
            exact in whole numbers.
        body: values of the body as a whole.
        method: how they were found.
        error: greatest error of a value: 0 in whole numbers, a bound in double precision, the greatest standard error
            of Monte Carlo.
    """

    index: str
    members: tuple[str, ...]
    columns: Mapping[str, tuple[Chance, ...]]
    body: Mapping[str, Chance]
    method: Method
    error: float

    @property
    def values(self) -> Float[np.ndarray, " member"]:
        """The first column in double precision."""
        return np.array([float(one) for one in next(iter(self.columns.values()))])

    def of(self, member: str) -> Chance:
        """Return one member's value.

        Raises:
            InstitutionError: there is no such member.
        """
        if member not in self.members:
            raise InstitutionError(f"`member`: {member!r} came; the members are {', '.join(self.members)}.")
        return next(iter(self.columns.values()))[self.members.index(member)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each member: its values, the exact fraction where there is one, method and error."""
        import pandas as pd

        table: dict[str, Sequence] = {"member": self.members}
        for name, values in self.columns.items():
            table[name] = [float(value) for value in values]
            if self.method is Method.INTEGERS:
                table["exact" if name == "value" else f"{name}_exact"] = [str(value) for value in values]
        return pd.DataFrame(table).assign(index=self.index, method=str(self.method), error=self.error)

    def to_xarray(self) -> xr.Dataset:
        """Return the values by member, the body's values as attributes."""
        import xarray as xr

        values = {name: ("member", [float(one) for one in column]) for name, column in self.columns.items()}
        attributes = {"index": self.index, "method": str(self.method), "error": self.error}
        body = {name: float(value) for name, value in self.body.items()}
        return xr.Dataset(values, {"member": list(self.members)}, attrs=attributes | body)


Answer = tuple[dict[str, tuple[Chance, ...]], dict[str, Chance], Method, float]
Random = Key[Array, ""] | None


@dataclass(frozen=True)
class Index:
    """An index of power.

    Attributes:
        title: its name in the literature.
        formula: in the terms of this module.
        source: author, year and DOI where it has one.
        advice: what it answers.
        abstention: whether it is defined where members may abstain.
        measure: the values of a game.
    """

    title: str
    formula: str
    source: str
    advice: str
    abstention: bool
    measure: Callable[[AnyGame, Random], Answer]


def power(
    game: AnyGame, index: str = "shapley-shubik", *, members: Sequence[str] | None = None, key: Random = None
) -> Power:
    """Return the voting power of each member of a game.

    Args:
        game: of yes and no, or with abstention (`Rule.game()` and `Rule.ternary_game()` give one of a body's rule).
        index: key of `INDICES`.
        members: names; numbers from 1 by default.
        key: for Monte Carlo, if nothing exact reaches the game; without one such a game is refused.

    Raises:
        InstitutionError: an unknown index or one that abstention has none of, names that do not fit, an index that is
            not defined because the outcome is fixed, or a game that only Monte Carlo reaches without a key.
    """
    sums = sums_of(game)
    if index not in INDICES:
        close = get_close_matches(index, INDICES, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InstitutionError(f"`index`: {index!r} came; it is one of {', '.join(INDICES)}.{hint}")
    chosen = INDICES[index]
    if sums.n_choices > 2 and not chosen.abstention:
        able = ", ".join(name for name, one in INDICES.items() if one.abstention)
        raise InstitutionError(
            f"`index`: {index} is not defined where members may abstain. Choose one of {able}, or give the game "
            "without abstention (`games.binary(game)`)."
        )
    names = tuple(members) if members is not None else tuple(map(str, range(1, sums.n_members + 1)))
    if len(names) != sums.n_members or len(set(names)) != len(names):
        raise InstitutionError(
            f"`members`: {len(names)} names came, {len(set(names))} of them different, for {sums.n_members} members. "
            "Give one for each."
        )
    columns, body, method, error = chosen.measure(game, key)
    return Power(index, names, columns, body, method, error)


def _banzhaf(game: AnyGame, key: Random) -> Answer:
    found = banzhaf_chances(sums_of(game), key)
    return {"value": found.decides}, {"act": found.passes}, found.method, found.error


def _normalised(game: AnyGame, key: Random) -> Answer:
    found = banzhaf_chances(sums_of(game), key)
    total = sum(found.decides)
    if not total:
        raise InstitutionError("`game`: no member ever decides, so that shares are not defined; the outcome is fixed.")
    shares = tuple(one / total for one in found.decides)
    return {"value": shares}, {"act": found.passes}, found.method, found.error / float(total)


def _shapley(game: AnyGame, key: Random) -> Answer:
    found = shapley_chances(sums_of(game), key)
    return {"value": found.decides}, {}, found.method, found.error


def _coleman(game: AnyGame, key: Random) -> Answer:
    found: Chances = banzhaf_chances(sums_of(game), key)
    act, half = found.passes, Fraction(1, 2)
    if act <= 0 or act >= 1:
        raise InstitutionError("`game`: every motion passes or none does, so that Coleman's powers are not defined.")
    initiate = tuple(one / (1 - act) * half for one in found.decides)
    prevent = tuple(one / act * half for one in found.decides)
    error = found.error / float(min(act, 1 - act)) / 2
    return {"initiate": initiate, "prevent": prevent}, {"act": act}, found.method, error


def _holler_packel(game: AnyGame, key: Random) -> Answer:
    del key  # Minimal coalitions are counted or not at all.
    seats = seats_in_minimal_coalitions(game)
    total = sum(seats)
    if total == 0:
        raise InstitutionError("`game`: no minimal winning coalition holds anybody; the outcome is fixed.")
    if isinstance(total, float):
        shares = tuple(float(count) / total for count in seats)
        return {"value": shares}, {}, Method.DOUBLE, ROUNDING * len(seats) * max(shares)
    return {"value": tuple(Fraction(int(count), total) for count in seats)}, {}, Method.INTEGERS, 0.0


INDICES: Mapping[str, Index] = {
    "shapley-shubik": Index(
        "Shapley-Shubik index",
        "sum of (s-1)! (n-s)! / n! over coalitions that win with the member and not without it",
        "Shapley & Shubik 1954, doi:10.2307/1951053; with abstention Felsenthal & Machover 1997, "
        "doi:10.1007/BF01263275",
        "A share of a prize of 1 that goes to whoever completes a winning coalition in a random order; adds up to 1.",
        True,
        _shapley,
    ),
    "banzhaf": Index(
        "Banzhaf measure, absolute",
        "swings / 2^(n-1)",
        "Penrose 1946, doi:10.2307/2981392; Banzhaf 1965; with abstention Felsenthal & Machover 1997, "
        "doi:10.1007/BF01263275",
        "The probability that the member's vote decides if all others toss coins; comparable between bodies.",
        True,
        _banzhaf,
    ),
    "banzhaf-normalised": Index(
        "Banzhaf index, normalised",
        "swings / sum of all members' swings",
        "Banzhaf 1965; Dubey & Shapley 1979, doi:10.1287/moor.4.2.99",
        "Shares within one body; they hide whether the body decides often or seldom, and do not compare bodies.",
        True,
        _normalised,
    ),
    "coleman": Index(
        "Coleman's powers",
        "to initiate: swings / losing coalitions; to prevent: swings / winning coalitions; of the body to act: "
        "winning coalitions / 2^n",
        "Coleman 1971",
        "What the member can bring about and what it can stop, apart; a veto holder prevents with 1.",
        False,
        _coleman,
    ),
    "holler-packel": Index(
        "Public good index",
        "share of the seats in minimal winning coalitions",
        "Holler 1982, doi:10.1111/j.1467-9248.1982.tb00543.x; Holler & Packel 1983, doi:10.1007/BF01239876",
        "Where what a coalition wins is enjoyed by all its members and superfluous ones take no part; not monotone in "
        "weight.",
        False,
        _holler_packel,
    ),
}
"""The indices by the name that `power` and the command line know them by."""
