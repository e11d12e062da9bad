"""What a scenario consists of: moves of levers, and events that befall bodies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from orrery.institutions.reform import REFORMS
from orrery.institutions.rules.words import read_rule
from orrery.lab.scenario.levers import LEVERS, Axis
from orrery.lab.scenario.years import Year, orderly
from orrery.world.bodies import AREAS

ALL = "all"
"""Where a move names a pole or an area: every one of them."""

Share = Annotated[float, Field(ge=0, le=1)]


def _one_of(what: str, allowed: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} came; allowed is one {what} of {', '.join(allowed)}")
        return value

    return AfterValidator(check)


def _known_rule(table: dict[str, Any]) -> dict[str, Any]:
    return read_rule(table).to_table()


Area = Annotated[str, _one_of("area", AREAS)]
Countries = Annotated[tuple[str, ...], Field(min_length=1)]
"""ISO3 codes and groups of countries, as `lab.scenario.countries` reads them."""
RuleTable = Annotated[dict[str, Any], AfterValidator(_known_rule)]
"""A rule in the words of the catalogue (`docs/rules.md`)."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, so that a typing error is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(Strict):
    """One lever moved over a span of years.

    Attributes:
        lever: which (`LEVERS`).
        value: the level reached; a factor (1 = as it was), an addition or a share (0 = as it was), as the lever says.
        first: first year in force.
        last: last year in force; to the horizon where absent.
        shape: `step` holds `value` from `first` on; `ramp` goes there in equal steps, from `first` to `last`, and
            holds it afterwards.
        pole: name of a pole, `all`, or `hub`, where the lever has one.
        countries: ISO3 codes and groups of countries, where the lever has them.
        area: one of `AREAS`, or `all`, where the lever has one.
    """

    lever: Annotated[str, _one_of("lever", tuple(LEVERS))]
    value: float = Field(allow_inf_nan=False)
    first: Year
    last: Year | None = None
    shape: Literal["step", "ramp"] = "step"
    pole: str | None = None
    countries: Countries | None = None
    area: Annotated[str, _one_of("area", (*AREAS, ALL))] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Move:
        lever = LEVERS[self.lever]
        keys: tuple[Axis, ...] = ("pole", "countries", "area")
        for key in keys:
            if (key in lever.axes) != (getattr(self, key) is not None):
                raise ValueError(f"lever `{self.lever}` {'needs' if key in lever.axes else 'takes no'} `{key}`")
        if not lever.least <= self.value <= lever.most:
            raise ValueError(
                f"lever `{self.lever}` ({lever.kind.name}): `value` {self.value} came; {lever.allowed} is allowed"
            )
        _check_order(self.first, self.last)
        if self.shape == "ramp" and self.last is None:
            raise ValueError("a `ramp` needs `last`, the year in which it is complete")
        return self


class Membership(Strict):
    """Countries that are held in a body, or out of it, whatever the model would decide.

    Attributes:
        body: code of a body of the start year, or of one that the scenario founds.
        countries: ISO3 codes and groups of countries.
        change: `enter` or `leave`.
        first: year at whose end they are in, or out.
        last: last year in which they are held there; to the horizon where absent. Afterwards the model decides.
    """

    body: str
    countries: Countries
    change: Literal["enter", "leave"]
    first: Year
    last: Year | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Membership:
        _check_order(self.first, self.last)
        return self


class BodyReform(Strict):
    """A body that decides otherwise from a year on, by exactly one of `named`, `seats` and `rule`.

    Attributes:
        body: code of a body of the start year.
        first: first year under the new rule.
        named: a reform of `institutions.reform.REFORMS`.
        seats: ISO3 codes and groups of countries that get a lasting seat; numbers of votes stay in proportion.
        veto: with `seats`: whether these have a veto.
        rule: the new rule, in the words of the catalogue.
        matter: with `named` or `rule`: the matter whose rule the body follows from then on. The one that it follows so
            far where absent.
    """

    body: str
    first: Year
    named: Annotated[str, _one_of("reform", tuple(REFORMS))] | None = None
    seats: Countries | None = None
    veto: bool | None = None
    rule: RuleTable | None = None
    matter: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> BodyReform:
        given = [key for key in ("named", "seats", "rule") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"{' and '.join(given) or 'none'} came; give one of `named`, `seats` and `rule`")
        if (self.seats is None) != (self.veto is None):
            raise ValueError("`seats` and `veto` go together: say whether the new seats have a veto, true or false")
        if self.seats is not None and self.matter is not None:
            raise ValueError("`matter` goes with `named` or `rule`; seats are for every matter")
        if self.named is not None and REFORMS[self.named].body != self.body:
            raise ValueError(f"the reform `{self.named}` is of {REFORMS[self.named].body}; {self.body!r} came")
        return self


class Founding(Strict):
    """A body that comes into being.

    Attributes:
        code: of the body, in capitals, such as `NEW-CLUB`.
        name: of the body.
        founders: ISO3 codes and groups of countries.
        area: one of `AREAS`.
        formality: from informal (near 0) to a treaty (1); the catalogue has .1, .5 and 1.
        excludability: how far outsiders can be kept from the benefits, 0 to 1; the catalogue has .2 and .8.
        depth: of what the founders bind themselves to, 0 to 1.
        first: year of founding.
        rule: how it decides, in the words of the catalogue; by unanimity of all members where absent.
        eligible: who may ever be a member; every country where absent.
        non_state: how far those that are not countries take part, 0 to 1.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=24)]
    name: Annotated[str, Field(min_length=1)]
    founders: Countries
    area: Area
    formality: Share
    excludability: Share
    depth: Share
    first: Year
    rule: RuleTable | None = None
    eligible: Countries | None = None
    non_state: Share = 0.0


class Hub(Strict):
    """A pole and the countries around it, which moves may name as `hub` and `neighbours`.

    Attributes:
        pole: name of a pole.
        neighbours: ISO3 codes and groups of countries; those in `usual` where absent.
        usual: neighbours by pole, for those that are not given.
    """

    pole: str
    neighbours: Countries | None = None
    usual: dict[str, Countries] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Hub:
        if self.neighbours is None and self.pole not in self.usual:
            known = ", ".join(self.usual) or "no pole"
            raise ValueError(f"{self.pole!r} came without `neighbours`; usual ones are known for {known}. Name them")
        return self

    @property
    def around(self) -> tuple[str, ...]:
        """The countries and groups that are meant by `neighbours`."""
        return self.usual[self.pole] if self.neighbours is None else self.neighbours


def _check_order(first: Year, last: Year | None) -> None:
    if not orderly(first, last):
        raise ValueError(f"`last` {last} is before `first` {first}")
