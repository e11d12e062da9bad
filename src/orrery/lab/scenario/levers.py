"""Levers: what a scenario may move, each a path of `Forcing` of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Need = Literal["needed", "allowed", "none"]
"""Whether a lever must, may or must not name something it is aimed at; where it may and does not, all are meant."""


@dataclass(frozen=True)
class Lever:
    """One lever.

    Attributes:
        name: of the lever and of its path.
        what: what it moves and in which unit.
        factor: whether it multiplies (1 leaves things as they are) or adds (0 leaves things as they are).
        least: smallest value allowed, None for any.
        most: largest value allowed, None for any.
        pole: whether `pole` is named.
        countries: whether `countries` are named.
        area: whether `area` is named.
    """

    name: str
    what: str
    factor: bool
    least: float | None = None
    most: float | None = None
    pole: Need = "none"
    countries: Need = "none"
    area: Need = "none"

    @property
    def neutral(self) -> float:
        """The value that leaves things as they are."""
        return 1.0 if self.factor else 0.0

    def aimed_at(self) -> dict[str, Need]:
        """Return whether each of the three keys is needed, allowed or none."""
        return {"pole": self.pole, "countries": self.countries, "area": self.area}

    def in_words(self) -> str:
        """Say what it moves and which keys it takes."""
        keys = [f"`{key}`" + ("" if need == "needed" else " (all without it)") for key, need in self._named().items()]
        return f"{self.what}; takes {' and '.join(keys)}" if keys else self.what

    def _named(self) -> dict[str, Need]:
        return {key: need for key, need in self.aimed_at().items() if need != "none"}


LEVERS: dict[str, Lever] = {
    lever.name: lever
    for lever in (
        Lever("capability_growth", "added yearly growth of log capability", factor=False, countries="needed"),
        Lever("connectedness_trend", "factor on the trend growth of world connectedness", factor=True),
        Lever("connectedness_shock", "added yearly change of world connectedness (index from 0 to 1)", factor=False),
        Lever(
            "outward_propensity", "factor on what a pole offers abroad of its capability", True, least=0, pole="allowed"
        ),
        Lever("exclusivity", "factor on how much a pole demands exclusive alignment", True, least=0, pole="allowed"),
        Lever("tension", "factor on the tension that disputes warrant", factor=True, least=0),
        Lever("tension_shock", "added to world tension in each year", factor=False),
        Lever(
            "access",
            "factor on what countries are ordinarily supplied with by a pole",
            factor=True,
            least=0,
            pole="allowed",
            countries="allowed",
        ),
        Lever(
            "grants",
            "part of a pole's capability given to each of the countries in addition",
            factor=False,
            least=0,
            most=1,
            pole="needed",
            countries="needed",
        ),
        Lever(
            "pressure",
            "coercion of each of the countries by a pole in addition, such as sanctions",
            factor=False,
            least=0,
            pole="needed",
            countries="needed",
        ),
        Lever(
            "guarantee",
            "part of the other poles' coercion that a pole keeps away from each of the countries",
            factor=False,
            least=0,
            most=1,
            pole="needed",
            countries="needed",
        ),
        Lever("adjustment", "factor on the speed at which countries adjust", True, least=0, countries="allowed"),
        Lever("problem_trend", "factor on the growth of common problems, 0 frozen", factor=True),
        Lever("problem_shock", "added to the log of the stock of common problems in each year", False, area="allowed"),
        Lever("stakes", "factor on what there is to gain from agreements", factor=True, least=0, area="allowed"),
        Lever("births", "factor on the rate at which ad hoc bodies are born", factor=True, least=0),
        Lever("deaths", "factor on the rate at which bodies die", factor=True, least=0),
        Lever("exits", "factor on the rate at which countries leave bodies", factor=True, least=0),
        Lever("noise", "factor on every shock; 0 leaves nothing to chance", factor=True, least=0),
    )
}
"""Every lever, by name."""
