"""Moves of levers, and the years and countries that scenarios speak of."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from orrery.lab.scenario.levers import LEVERS
from orrery.world.bodies import AREAS

HUB, NEIGHBOURS = "hub", "neighbours"
"""In a scenario with a hub: the pole that is the hub, and the countries that are its neighbours."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, so that a typing error is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _year(value: object) -> object:
    calendar = isinstance(value, int) and not isinstance(value, bool)
    if calendar or (isinstance(value, str) and re.fullmatch(r"\+[1-9]\d{0,2}", value)):
        return value
    raise ValueError(f'{value!r} came; give a calendar year such as 2030, or years after the start such as "+1"')


def _lever(value: object) -> object:
    if value not in LEVERS:
        raise ValueError(f"{value!r} came; it is one of {', '.join(LEVERS)}")
    return value


def one_area(value: str) -> str:
    """Return the name of an area.

    Raises:
        ValueError: there is no such area.
    """
    if value not in AREAS:
        raise ValueError(f"{value!r} came; it is one of {', '.join(map(repr, AREAS))}")
    return value


Year = Annotated[int | str, BeforeValidator(_year)]
"""A calendar year, or years after the start year: `"+1"` is the first year that is run."""

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Countries = Annotated[tuple[Word, ...], Field(min_length=1)]
"""ISO3 codes and groups: `all`, an M49 region or subregion, `members of CODE`, `neighbours` (of the hub)."""

AreaName = Annotated[str, AfterValidator(one_area)]


def calendar_year(year: int | str, start: int) -> int:
    """Return the calendar year that a year of a scenario stands for."""
    return year if isinstance(year, int) else start + int(year)


def check_order(first: int | str, last: int | str | None) -> None:
    """Refuse a last year before the first, as far as that is known without the start year.

    Raises:
        ValueError: the last year is earlier.
    """
    if last is not None and isinstance(last, int) == isinstance(first, int) and int(last) < int(first):
        raise ValueError(f"`last` {last} is before `first` {first}")


class Move(Strict):
    """One lever moved over a span of years.

    Attributes:
        lever: which (`LEVERS`).
        value: the level reached; a factor (1 = as it was) or an addition (0 = as it was), as the lever says.
        first: first year in force.
        last: last year in force; to the horizon where absent.
        shape: `step` holds `value` from `first` to `last`; `ramp` goes there in equal steps, from `first` to `last`,
            and holds it afterwards.
        pole: name of the pole, where the lever has one.
        countries: codes and groups, where the lever has them.
        area: name of the area, where the lever has one.
    """

    lever: Annotated[str, BeforeValidator(_lever)]
    value: float = Field(allow_inf_nan=False)
    first: Year
    last: Year | None = None
    shape: Literal["step", "ramp"] = "step"
    pole: Word | None = None
    countries: Countries | None = None
    area: AreaName | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Move:
        lever = LEVERS[self.lever]
        for key, need in lever.aimed_at().items():
            given = getattr(self, key) is not None
            if given and need == "none":
                raise ValueError(f"lever `{self.lever}` takes no `{key}`")
            if not given and need == "needed":
                raise ValueError(f"lever `{self.lever}` needs `{key}`")
        if (lever.least is not None and self.value < lever.least) or (
            lever.most is not None and self.value > lever.most
        ):
            kind = "a factor" if lever.factor else "an addition"
            allowed = f"{lever.least:g} or more" if lever.most is None else f"{lever.least:g} to {lever.most:g}"
            raise ValueError(f"lever `{self.lever}` is {kind}, {allowed}; {self.value} came")
        check_order(self.first, self.last)
        if self.shape == "ramp" and self.last is None:
            raise ValueError("a `ramp` needs `last`, the year in which it is complete")
        return self
