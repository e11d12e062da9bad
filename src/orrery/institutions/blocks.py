"""The parts of a body as its file holds them: sources, membership, participants, weights, rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from orrery.institutions.periods import PeriodField, SpellsField
from orrery.institutions.rules.text import AnyRule

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Status = Literal["permanent", "member", "elected", "associate", "observer", "participant"]
STATUSES: tuple[str, ...] = get_args(Status)
VOTING = ("permanent", "member", "elected")
"""The statuses of members that vote."""
Area = Literal[
    "security",
    "economy",
    "finance",
    "trade",
    "development",
    "environment",
    "health",
    "human rights",
    "transport",
    "energy",
    "general",
]
Formality = Literal["treaty", "treaty organ", "politically binding", "informal"]


class Block(BaseModel):
    """What all parts of a file have in common: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceBlock(Block):
    """An instrument or record from which facts of the file are taken.

    Attributes:
        key: what the rest of the file calls it.
        title: its title.
        year: of adoption or publication.
        where: a citation by which it is found, such as a number of the United Nations Treaty Series.
    """

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    title: Text
    year: int
    where: Text


class MembershipBlock(Block):
    """Countries of one status, with the days of their membership.

    Attributes:
        status: permanent, member and elected vote; the others do not.
        source: key of a source, then the place in it.
        countries: by ISO3 code, one spell or several.
        same_as: body whose voting members sit here, in place of a list.
        note: what a reader must know.
    """

    status: Status
    source: Text
    countries: dict[str, SpellsField] = {}
    same_as: str | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _one_list(self) -> MembershipBlock:
        if not self.countries and self.same_as is None:
            raise ValueError("neither `countries` nor `same_as` came; give one of them")
        return self


class ParticipantBlock(Block):
    """An organisation that takes part, without a vote of its own.

    Attributes:
        name: of the organisation.
        status: member, observer or participant.
        period: when.
        source: key of a source, then the place in it.
    """

    name: Text
    status: Status
    period: SpellsField
    source: Text


class WeightsBlock(Block):
    """Weights of the voting members over a period.

    Attributes:
        name: what rules call them.
        period: when they hold.
        source: key of a source, then the place in it.
        unit: such as "votes" or "thousand persons".
        values: by ISO3 code, exact.
        note: what a reader must know.
    """

    name: Text
    period: PeriodField
    source: Text
    unit: Text
    values: Annotated[dict[str, Annotated[Decimal, Field(ge=0)]], Field(min_length=1)]
    note: Text | None = None


class RuleBlock(Block):
    """How a matter is decided over a period.

    Attributes:
        matter: such as "substantive".
        period: when the rule holds.
        source: key of a source, then the place in it.
        rule: the rule as written.
        note: what a reader must know.
        default: whether this is the matter meant where none is named.
    """

    matter: Text
    period: PeriodField
    source: Text
    rule: AnyRule
    note: Text | None = None
    default: bool = False


class CheckBlock(Block):
    """The table that membership is compared with.

    Attributes:
        source: key of a data source.
        column: its column, where it has one for each body.
        treaty: its treaty, where it has one for each instrument.
    """

    source: Text
    column: Text | None = None
    treaty: Text | None = None
