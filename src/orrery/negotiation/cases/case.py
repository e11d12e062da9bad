"""A negotiation as it stood before its outcome, and the outcome apart from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from pydantic import Field, PrivateAttr, StringConstraints, ValidationError

from orrery.base.errors import NegotiationError
from orrery.institutions.blocks import Block, SourceBlock, Text
from orrery.institutions.games import Game
from orrery.institutions.places import Places, in_words
from orrery.negotiation.cases.checks import check_case
from orrery.negotiation.cases.parts import Caucus, Commitment, Issue, Level, Linkage, Outcome, Paper, Party, RuleOfCase
from orrery.negotiation.cases.seats import Seats, seats_of

CODE_PATTERN = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"


class Case(Block):
    """One negotiation at one table. The fields are those of its file (`docs/cases.md`).

    Attributes:
        code: short code, unique.
        title: in words.
        papers: which of the two papers name it; none for a matched case.
        matches: for a matched case, the case that it is a counterpart of.
        match_reason: what is alike in the two, and what differs.
        group: cases that share a matter share it, and are left out together when predictions are scored.
        began: day from which talks at this table count.
        summary: what was at issue, who stood where, what rule held.
        omitted: what the papers that name it leave out.
        uncertain: what of the coding is least sure.
        stake: what there is to gain: low (declarations), medium (substantial interests), high (vital interests).
        urgency: low (nothing forces a date), medium (a cost of delay of months or years), high (days or weeks matter).
        linkage: none, possible (other matters could be brought in), package (several matters as one from the start).
        commitment: what an agreement would be: a text, a binding obligation, or the use of force.
        may_leave: whether the talks go on without a party that leaves.
        leader: key of the party that drafts or pushes, if it is known at the outset.
        caucuses: blocs that meet first.
        rivalries: pairs of parties in a lasting dispute apart from the matter.
        rule: by which the table decides.
        issues: what is negotiated about.
        parties: who negotiates.
        outcome: how it ended; absent for talks that have not ended.
        sources: instruments, records, accounts.
        file: where it was read from.
    """

    code: Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
    title: Text
    papers: tuple[Paper, ...] = ()
    matches: str | None = None
    match_reason: Text | None = None
    group: Text | None = None
    began: date
    summary: Text
    omitted: Text | None = None
    uncertain: Text | None = None
    stake: Level
    urgency: Level
    linkage: Linkage
    commitment: Commitment
    may_leave: bool = False
    leader: str | None = None
    caucuses: tuple[Caucus, ...] = ()
    rivalries: tuple[tuple[str, str], ...] = ()
    rule: RuleOfCase
    issues: Annotated[tuple[Issue, ...], Field(min_length=1)]
    parties: Annotated[tuple[Party, ...], Field(min_length=2)]
    outcome: Outcome | None = None
    sources: Annotated[tuple[SourceBlock, ...], Field(min_length=1)]
    file: str = "no file"

    _seats: Seats = PrivateAttr()

    @classmethod
    def read(cls, table: dict[str, Any], places: Places) -> Case:
        """Return the case that the content of a file describes, checked.

        Raises:
            NegotiationError: naming file, line, case and field.
        """
        try:
            case = cls.model_validate(table)
        except ValidationError as error:
            raise NegotiationError(in_words(error, places)) from None
        check_case(case, places)
        # Bound once here, so that a rule that cannot be bound is refused with the file.
        case._seats = seats_of(case, places)
        return case

    @property
    def seats(self) -> Seats:
        """Who votes, and for which party."""
        return self._seats

    @property
    def game(self) -> Game:
        """Which parties can carry an agreement with whom, those of a bloc voting alike."""
        return self._seats.game

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the parties, in the order of every array."""
        return tuple(party.key for party in self.parties)

    @property
    def matter(self) -> str:
        """The group of cases that it belongs to, itself where it names none."""
        return self.group or self.code

    @property
    def position(self) -> Float[np.ndarray, "party issue"]:
        """Where each party wants the text, from 0 to 1."""
        return self._by_issue("position") / 100

    @property
    def salience(self) -> Float[np.ndarray, "party issue"]:
        """How much each issue matters to each party, from 0 to 1."""
        return self._by_issue("salience")

    @property
    def status_quo(self) -> Float[np.ndarray, " issue"]:
        """Where things stand if nothing is agreed, from 0 to 1."""
        return np.array([issue.status_quo for issue in self.issues]) / 100

    @property
    def influence(self) -> Float[np.ndarray, " party"]:
        """Weight of each party in the compromise: half its share of the votes, half its share of capability."""
        capability = np.array([party.capability for party in self.parties])
        votes = np.array(self._seats.votes, float)
        return votes / votes.sum() / 2 + capability / capability.sum() / 2

    def place(self, key: str) -> int:
        """Return where a party stands among all."""
        return self.keys.index(key)

    def _by_issue(self, field: str) -> Float[np.ndarray, "party issue"]:
        return np.array([[getattr(party, field)[issue.key] for issue in self.issues] for party in self.parties])
