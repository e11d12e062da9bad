"""The written form of a rule, as it stands in a file: what every word has in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from orrery.base.errors import InstitutionError
from orrery.institutions.electorate import Electorate, Selection
from orrery.institutions.rules.explanation import number

if TYPE_CHECKING:
    from orrery.institutions.rules.rule import Rule
    from orrery.institutions.rules.stages import Stages

Basis = Literal["members", "present", "voting"]
BASES: dict[str, str] = {"members": "all members", "present": "members present", "voting": "members voting yes or no"}
"""What a share may be of, in words."""


class RuleText(BaseModel):
    """A rule as written: one word with what it needs. It becomes a `Rule` when it is bound to an electorate."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    word: ClassVar[str]
    only_in: ClassVar[tuple[str, ...] | None] = None
    """The words in which alone this one may stand, other than at the top; None for any."""

    @abstractmethod
    def bind(self, electorate: Electorate) -> Rule | Stages:
        """Return the rule for these members.

        Raises:
            InstitutionError: what is required cannot be reached, weights are missing, or a country is not a member.
        """

    @abstractmethod
    def check(self, electorate: Electorate) -> None:
        """Refuse what `bind` would refuse, without making the rule; weights of days that have none are not missed.

        Raises:
            InstitutionError: naming the place and what is wrong.
        """

    @abstractmethod
    def in_words(self) -> str:
        """Say what the rule requires."""

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""
        return iter(())

    @property
    def countries(self) -> tuple[str, ...]:
        """ISO3 codes that the rule itself lists; those of its parts stand there."""
        return ()

    def walk(self) -> Iterator[RuleText]:
        """Yield this rule and all within it."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a file holds it."""
        table = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {self.word: table.pop(self.word), **table}


class SingleVoteText(RuleText):
    """A rule that is decided in one vote: any but one with stages."""

    @abstractmethod
    def bind(self, electorate: Electorate) -> Rule:
        """Return the rule for these members.

        Raises:
            InstitutionError: what is required cannot be reached, weights are missing, or a country is not a member.
        """


def parse_rule(table: object) -> RuleText:
    """Return the rule that a table of a file describes.

    Raises:
        ValueError: no known word, or several; pydantic adds where.
    """
    # The registry names every word, and some words hold rules: one of the two must wait for the other.
    from orrery.institutions.rules.words import read_rule

    return read_rule(table)


def _parse_inner(table: object) -> SingleVoteText:
    rule = parse_rule(table)
    if not isinstance(rule, SingleVoteText):
        raise ValueError(f"`{rule.word}` stands within another rule; it may stand only at the top")
    return rule


def _written(rule: RuleText) -> dict[str, Any]:
    return rule.to_table()


AnyRule = Annotated[RuleText, BeforeValidator(parse_rule), PlainSerializer(_written)]
"""A rule, as a field of what is read from a file."""
InnerRule = Annotated[SingleVoteText, BeforeValidator(_parse_inner), PlainSerializer(_written)]
"""A rule within a rule."""


def parse_amount(value: object) -> Fraction | str:
    """Return a share, written "2/3" or "0.65", as text, and a number as an exact fraction.

    Raises:
        ValueError: neither.
    """
    if isinstance(value, str):
        share = _fraction(value)
        if not 0 <= share <= 1:
            raise ValueError(f"the share {value!r} came; it lies from 0 to 1")
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise ValueError(f'{value!r} came; give a number, or a share of the members as text, such as "2/3"')
    if value < 0:
        raise ValueError(f"{value} came; give 0 or more")
    return Fraction(value)


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'the share {text!r} came; write it as "2/3" or "0.65"') from None


def amount_out(value: Fraction | str) -> int | float | str:
    """Return a number or share as a file holds it."""
    if isinstance(value, str):
        return value
    return value.numerator if value.denominator == 1 else float(value)


Amount = Annotated[Any, BeforeValidator(parse_amount), PlainSerializer(amount_out)]
"""A number (a `Fraction`), or a share as text."""


def amount_in_words(amount: Fraction | str, basis: str) -> str:
    """Return "9", or "2/3 of all members"."""
    return f"{amount} of {BASES[basis]}" if isinstance(amount, str) else number(amount)


def parse_selection(value: object) -> Selection:
    """Return a status, or the countries listed, each once.

    Raises:
        ValueError: neither, or a country that is listed twice.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, list | tuple) or not value or not all(isinstance(code, str) for code in value):
        raise ValueError(f"{value!r} came; give a status, or a list of ISO3 codes")
    if len(set(value)) < len(value):
        raise ValueError(f"a country is listed twice in {list(value)}; list each once")
    return tuple(value)


Selected = Annotated[Any, BeforeValidator(parse_selection)]
"""A `Selection`."""


def named(selection: Selection) -> str:
    """Return a selection in words."""
    return f"{selection} members" if isinstance(selection, str) else ", ".join(selection)


def check_reach(place: str, word: str, needed: Fraction, most: Fraction) -> None:
    """Refuse a requirement that all members together do not meet.

    Raises:
        InstitutionError: naming both numbers.
    """
    if needed > most:
        raise InstitutionError(
            f"{place}, `{word}`: {number(needed)} is more than the {number(most)} there are; no motion could pass. "
            "Lower it, or correct the members or weights of this day."
        )
