"""The parts of a case as its file holds them: rule, issues, parties, outcome, sources."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from orrery.institutions.blocks import Block, Text
from orrery.institutions.rules.text import AnyRule

Level = Literal["low", "medium", "high"]
Linkage = Literal["none", "possible", "package"]
Commitment = Literal["text", "binding", "force"]
Paper = Literal["kortunov_2022", "valdai"]
Place = Annotated[float, Field(ge=0, le=100)]
"""A point of an issue's scale, from 0 (least) to 100 (most)."""
Share = Annotated[float, Field(ge=0, le=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
PartyKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*([-_][A-Z0-9]+)*$")]

POSITION_SD = 12.0
"""How uncertain a position is, in points, unless the party says otherwise: positions are judgements."""
SALIENCE_SD = 0.15
"""The same of saliences."""


class RuleOfCase(Block):
    """By which rule the table decides.

    Attributes:
        body: a body of the catalogue.
        matter: one of its matters; its default one where absent.
        text: a rule of the table's own, in the words of rules, in place of a body.
        source: key of a source, then the place in it.
    """

    body: str | None = None
    matter: str | None = None
    text: AnyRule | None = None
    source: Text

    @model_validator(mode="after")
    def _one_of_two(self) -> RuleOfCase:
        if (self.body is None) == (self.text is None):
            raise ValueError("give either `body` (with `matter`) or `text`, one of the two")
        if self.text is not None and self.matter is not None:
            raise ValueError("`matter` goes with `body`; remove it")
        return self


class Issue(Block):
    """What is negotiated about, on a scale from 0 to 100.

    Attributes:
        key: what the rest of the file calls it.
        name: in words.
        low: what 0 means.
        high: what 100 means.
        status_quo: where things stand if nothing is agreed.
        on_table: false for an unrelated matter on which a party makes a demand; it enters only with a package.
    """

    key: Key
    name: Text
    low: Text
    high: Text
    status_quo: Place
    on_table: bool = True


class Party(Block):
    """Who negotiates: a country, a bloc of countries that take one line, or another participant.

    Attributes:
        key: ISO3 code of a country, or a name in capitals.
        name: in words.
        countries: ISO3 codes of those for whom it speaks; "others" for all members that no other party covers.
        votes: how many votes it has under a rule of the table's own; the number of its countries where absent.
        capability: what it can bring to bear on the matter, in one unit for all parties of the case.
        position: where it wants the text, by issue.
        salience: how much each issue matters to it, by issue.
        sd: standard deviation of its positions.
        ratifies: whether its signature needs a further decision at home.
        basis: why these numbers, in a line.
    """

    key: PartyKey
    name: Text
    countries: tuple[str, ...] | Literal["others"]
    votes: Annotated[int, Field(ge=0)] | None = None
    capability: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    position: dict[str, Place]
    salience: dict[str, Share]
    sd: Annotated[float, Field(gt=0, le=50)] = POSITION_SD
    ratifies: bool = False
    basis: Text


class Caucus(Block):
    """Parties that settle a line among themselves before they come to the table.

    Attributes:
        parties: their keys.
        discipline: from 0 (each speaks for itself) to 1 (all take the common line).
    """

    parties: Annotated[tuple[str, ...], Field(min_length=2)]
    discipline: Share


class Outcome(Block):
    """How it ended. No prediction for the case reads it.

    Attributes:
        agreed: whether there was an agreement.
        on: day of agreement, of the deciding failure, or of abandonment.
        open_until: in place of `on`, where talks went on without result on this day.
        position: the text agreed, by issue.
        held_out: parties that blocked, or held out for long.
        left: parties that left while the rest went on.
        ended: when the agreement broke down or ceased; absent if it held on `known_until`.
        known_until: last day that this record knows of.
        vote: the recorded vote, if there was one.
        resolution: how it ended, in a sentence.
        source: key of a source, then the place in it.
    """

    agreed: bool
    on: date | None = None
    open_until: date | None = None
    position: dict[str, Place] | None = None
    held_out: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    ended: date | None = None
    known_until: date
    vote: Text | None = None
    resolution: Text
    source: Text

    @model_validator(mode="after")
    def _consistent(self) -> Outcome:
        if (self.on is None) == (self.open_until is None):
            raise ValueError("give either `on` or `open_until`, one of the two")
        if self.agreed and self.on is None:
            raise ValueError("an agreement has a day: give `on`")
        if self.agreed != (self.position is not None):
            raise ValueError("`position` is the text that was agreed: give it if and only if `agreed` is true")
        if not self.agreed and self.ended is not None:
            raise ValueError("`ended` came, but nothing was agreed that could end; remove it")
        return self

    @property
    def last_day(self) -> date:
        """The day up to which talks are counted."""
        day = self.on or self.open_until
        assert day is not None, "the validator requires one of the two"
        return day
