"""Bodies: who sits in them and when, with what weights, and by which rules they decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StringConstraints, ValidationError

from orrery.base.errors import InstitutionError
from orrery.data.countries import Period
from orrery.institutions.blocks import (
    VOTING,
    Area,
    Block,
    CheckBlock,
    Formality,
    MembershipBlock,
    ParticipantBlock,
    RuleBlock,
    SourceBlock,
    Text,
    WeightsBlock,
)
from orrery.institutions.checks import check_body
from orrery.institutions.electorate import Electorate
from orrery.institutions.periods import written
from orrery.institutions.places import Places, in_words
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.stages import Stages
from orrery.institutions.sitting import Sitting


class Body(Block):
    """A multilateral body: an organisation, an organ of one, a treaty's parties or an informal group.

    The fields are those of its file (`docs/catalogue.md`); `same_as` is resolved, so that `membership` lists every
    member with its spells. A changed body is another one: `changed`.

    Attributes:
        code: short code, unique in a catalogue.
        name: English name.
        aliases: other names.
        founded: entry into force of its instrument, or the first meeting.
        ended: when it ceased to exist or to meet.
        known_until: last day for which the membership is known, where members are elected for terms.
        area: what it is about.
        good: "club" if its benefits can be kept from others, else "public".
        scope: whom it is open to.
        formality: what it rests on.
        secretariat: which, or "none".
        non_state: how participants that are not countries take part.
        part_of: code of the body of which it is an organ.
        note: what a reader must know.
        check: what its membership is compared with.
        file: where it was read from.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
    name: Text
    aliases: tuple[Text, ...] = ()
    founded: date
    ended: date | None = None
    known_until: date | None = None
    area: Area
    good: Literal["club", "public"]
    scope: Literal["universal", "regional", "cross-regional"]
    formality: Formality
    secretariat: Text
    non_state: Text | None = None
    part_of: str | None = None
    note: Text | None = None
    check: CheckBlock | None = None
    sources: Annotated[tuple[SourceBlock, ...], Field(min_length=1)]
    membership: Annotated[tuple[MembershipBlock, ...], Field(min_length=1)]
    participants: tuple[ParticipantBlock, ...] = ()
    weights: tuple[WeightsBlock, ...] = ()
    rules: tuple[RuleBlock, ...] = ()
    file: str = "no file"

    _others: Callable[[str], Body] | None = PrivateAttr(default=None)

    @classmethod
    def read(cls, table: dict[str, Any], places: Places, others: Callable[[str], Body] | None = None) -> Body:
        """Return the body that the content of a file describes, checked.

        Args:
            table: the content.
            places: where it was read from, for messages.
            others: how to find another body by its code, which rules with stages may need.

        Raises:
            InstitutionError: naming file, body, field and day.
        """
        try:
            body = cls.model_validate(table)
        except ValidationError as error:
            raise InstitutionError(in_words(error, places)) from None
        body._others = others
        check_body(body, places)
        return body

    def changed(self, **changes: Any) -> Body:
        """Return the body with other values of some fields, checked anew.

        Raises:
            InstitutionError: what came is no valid body.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return self.read({**kept, **changes}, Places(self.file, self.code), self._others)

    def spells(self, statuses: Sequence[str] = VOTING) -> Iterator[tuple[str, str, Period]]:
        """Yield country, status and period of every membership of these statuses."""
        for block in self.membership:
            if block.status in statuses:
                for country, periods in block.countries.items():
                    for period in periods:
                        yield country, block.status, period

    def members(self, on: date, statuses: Sequence[str] = VOTING) -> tuple[str, ...]:
        """Return the ISO3 codes of the members of a day, sorted; those that vote by default.

        Raises:
            InstitutionError: the membership of this day is not known.
        """
        self._check_known(on)
        return tuple(sorted({country for country, _, period in self.spells(statuses) if period.covers(on)}))

    def on(self, day: date) -> Sitting:
        """Return the body as it sits on a day: members, weights and rules.

        Raises:
            InstitutionError: it did not exist, nobody voted in it, or its members are not known.
        """
        if day < self.founded or (self.ended is not None and day > self.ended):
            raise InstitutionError(
                f"{self.place(day)}: the body exists from {self.founded} to {self.ended or 'now'}. Name a day within."
            )
        return Sitting(self, day, self.electorate(day))

    def electorate(self, day: date) -> Electorate:
        """Return the voting members of a day with their weights.

        Raises:
            InstitutionError: nobody votes on this day, or its members are not known.
        """
        self._check_known(day)
        held = sorted((country, status) for country, status, period in self.spells() if period.covers(day))
        members, statuses = (tuple(column) for column in zip(*held, strict=True)) if held else ((), ())
        weights = {
            block.name: tuple(Fraction(block.values[code]) for code in members)
            for block in self.weights
            if block.period.covers(day)
        }
        others = self._others
        elsewhere = None if others is None else lambda code: others(code).electorate(day)
        return Electorate(members, statuses, weights, self.place(day), elsewhere)

    def rule(self, matter: str | None, on: date) -> Rule | Stages:
        """Return the rule for a matter (the default one for None), bound to the members of a day.

        Raises:
            InstitutionError: there is none, or it cannot be bound to the members and weights of this day.
        """
        return self.on(on).rule(matter)

    def rule_block(self, matter: str | None, on: date) -> RuleBlock:
        """Return how a matter (the default one for None) is decided on a day, as written.

        Raises:
            InstitutionError: there is no such matter, or no rule for it on this day.
        """
        wanted = self.default_matter if matter is None else matter
        blocks = [block for block in self.rules if block.matter == wanted]
        if not blocks:
            close = get_close_matches(wanted, self.matters, n=1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise InstitutionError(
                f"{self.place(on)}, `matter`: {wanted!r} came. {hint}Allowed: {', '.join(map(repr, self.matters))}."
            )
        for block in blocks:
            if block.period.covers(on):
                return block
        known = ", ".join(written(block.period) for block in blocks)
        raise InstitutionError(
            f"{self.place(on)}, `rules`: there is no rule for {wanted!r} on this day; the file has it for {known}. "
            "Name another day or matter, or add the rule."
        )

    @property
    def matters(self) -> tuple[str, ...]:
        """The matters that there are rules for, in the order of the file."""
        return tuple(dict.fromkeys(block.matter for block in self.rules))

    @property
    def default_matter(self) -> str:
        """The matter meant where none is named.

        Raises:
            InstitutionError: the file has no rules.
        """
        for block in self.rules:
            if block.default:
                return block.matter
        raise InstitutionError(f"{self.file}, body {self.code}, `rules`: there are none; add how the body decides.")

    def place(self, day: date) -> str:
        """Return file, body and day, for messages."""
        return f"{self.file}, body {self.code}, {day}"

    def _check_known(self, day: date) -> None:
        if self.known_until is not None and day > self.known_until:
            raise InstitutionError(
                f"{self.place(day)}, `membership`: members are known until {self.known_until}. "
                "Name an earlier day, or add the members and move `known_until`."
            )
