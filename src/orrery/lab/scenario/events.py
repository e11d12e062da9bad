"""What happens to bodies in a scenario, and the hub of a scenario that has one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from orrery.institutions.reform.named import REFORMS
from orrery.institutions.rules.text import AnyRule
from orrery.institutions.rules.words import WORDS
from orrery.lab.scenario.moves import AreaName, Countries, Strict, Word, Year, check_order

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_RULE = TypeAdapter(AnyRule)


def _rule(table: dict[str, Any]) -> dict[str, Any]:
    try:
        _RULE.validate_python(table)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ValueError(
            f"{table} came, which is no rule ({place}: {problem['msg']}); write it as the catalogue does "
            f"(docs/rules.md), with one of the words {', '.join(WORDS)}"
        ) from None
    return table


def _named(name: str) -> str:
    if name not in REFORMS:
        raise ValueError(f"{name!r} came; it is one of {', '.join(REFORMS)}")
    return name


RuleTable = Annotated[dict[str, Any], AfterValidator(_rule)]
"""A rule as the catalogue writes it, such as `{ more_than = "1/2", of = "members" }`."""


class Membership(Strict):
    """Countries that enter a body, or leave it.

    Attributes:
        body: code of the body.
        countries: codes and groups.
        change: `enter` holds them in from `first` to `last`, `leave` holds them out.
        first: first year of the change.
        last: last year in which they are held; to the horizon where absent. Then the model decides.
    """

    body: Word
    countries: Countries
    change: Literal["enter", "leave"]
    first: Year
    last: Year | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Membership:
        check_order(self.first, self.last)
        return self


class Reform(Strict):
    """Another rule of a body, from a year on. One of `named`, `rule` and `seats` says which.

    Attributes:
        body: code of the body.
        first: first year in which the new rule holds.
        named: name of a reform of the reform module, such as `unsc-g4`.
        rule: the new rule, as the catalogue writes rules.
        matter: matter of the catalogue whose rule `rule` replaces, and which is followed from then on; the one
            followed so far where absent.
        seats: countries that get a seat; the number of votes needed grows in proportion.
        veto: whether those seats are permanent ones with a veto.
    """

    body: Word
    first: Year
    named: Annotated[str, AfterValidator(_named)] | None = None
    rule: RuleTable | None = None
    matter: Word | None = None
    seats: Countries | None = None
    veto: bool | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Reform:
        ways = [key for key in ("named", "rule", "seats") if getattr(self, key) is not None]
        if len(ways) != 1:
            came = " and ".join(f"`{way}`" for way in ways) or "none of them"
            raise ValueError(f"a reform is said by one of `named`, `rule`, `seats`; {came} came")
        if (self.seats is None) != (self.veto is None):
            raise ValueError("`seats` and `veto` come together: say whether the new seats have a veto")
        if self.matter is not None and self.rule is None:
            raise ValueError("`matter` goes with `rule`")
        if self.named is not None and REFORMS[self.named].body != self.body:
            raise ValueError(f"`named` {self.named} is a reform of {REFORMS[self.named].body}, not of {self.body}")
        return self


class Founding(Strict):
    """A body that is founded in the course of a run.

    Attributes:
        code: short code, which no other body has.
        name: of the body.
        founders: codes and groups of its first members, two or more countries.
        area: what it is about, one of `AREAS`.
        formality: from informal (near 0) to a treaty (1).
        excludability: how far outsiders can be kept from its benefits, 0 to 1.
        depth: of what the founders bind themselves to, 0 to 1.
        first: year in which it is founded.
        rule: how it decides, as the catalogue writes rules; all members in favour where absent.
        eligible: codes and groups that may join later; every country where absent.
        non_state: how far those that are not countries take part, 0 to 1; not at all where absent.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
    name: Word
    founders: Countries
    area: AreaName
    formality: Share
    excludability: Share
    depth: Share
    first: Year
    rule: RuleTable | None = None
    eligible: Countries | None = None
    non_state: Share = 0.0


class Hub(Strict):
    """The pole that is the `hub` of moves and memberships, and the countries that are its `neighbours`.

    Attributes:
        pole: name of the pole.
        neighbours: codes and groups; `contiguous` are the countries that share a border with the hub. Where absent,
            those of `uses`.
        uses: neighbours of other hubs that the same scenario can be run for.
    """

    pole: Word
    neighbours: Countries | None = None
    uses: dict[str, Countries] = {}

    @property
    def its_neighbours(self) -> tuple[str, ...]:
        """Codes and groups: those given, else those of the hub in `uses`, else the contiguous countries."""
        return self.neighbours or self.uses.get(self.pole, ("contiguous",))
