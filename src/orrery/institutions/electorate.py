"""Who votes on a day, in what standing and with what weights: what a rule is bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from orrery.base.errors import InstitutionError

Selection = str | tuple[str, ...]
"""Some of the members: all that have a status, or those listed."""


@dataclass(frozen=True)
class Electorate:
    """The voting members of a body on a day.

    Attributes:
        members: ISO3 codes, each once.
        statuses: of each member, such as "permanent".
        weights: by name, the weight of each member.
        place: where all this comes from, for messages: file, body and day.
        elsewhere: the electorate, on the same day, of another body by its code, for rules with stages.
    """

    members: tuple[str, ...]
    statuses: tuple[str, ...]
    weights: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    place: str = "the electorate"
    elsewhere: Callable[[str], Electorate] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.members:
            raise InstitutionError(f"{self.place}: nobody votes; name a day on which the body has voting members.")
        if len(set(self.members)) < len(self.members):
            twice = sorted({code for code in self.members if self.members.count(code) > 1})
            raise InstitutionError(f"{self.place}: {', '.join(twice)} is a member twice; name each member once.")
        for name, values in {"statuses": self.statuses, **self.weights}.items():
            if len(values) != len(self.members):
                raise InstitutionError(
                    f"{self.place}, `{name}`: {len(values)} came for {len(self.members)} members; give one for each."
                )

    def positions(self, selection: Selection, word: str) -> tuple[int, ...]:
        """Return the positions of the members selected, in the order of `members`.

        Args:
            selection: a status, or a list of countries.
            word: what they are selected for, for messages.

        Raises:
            InstitutionError: no member has the status, or a country listed is not a voting member.
        """
        if isinstance(selection, str):
            found = tuple(place for place, status in enumerate(self.statuses) if status == selection)
            if not found:
                allowed = ", ".join(sorted(set(self.statuses)))
                raise InstitutionError(
                    f"{self.place}, `{word}`: no voting member is {selection!r}; the members are {allowed}."
                )
            return found
        strangers = sorted(set(selection) - set(self.members))
        if strangers:
            raise InstitutionError(
                f"{self.place}, `{word}`: {', '.join(strangers)} came; the voting members are "
                f"{', '.join(self.members)}."
            )
        return tuple(place for place, code in enumerate(self.members) if code in set(selection))

    def of_body(self, code: str | None) -> Electorate:
        """Return the electorate of another body on the same day, or this one where no code is given.

        Raises:
            InstitutionError: there is no such body, or it has no voting members on this day.
        """
        if code is None:
            return self
        if self.elsewhere is None:
            raise InstitutionError(f"{self.place}, `body`: {code!r} came; no other bodies are known here.")
        return self.elsewhere(code)

    def integer_weights(self, name: str | None) -> tuple[tuple[int, ...], int]:
        """Return the weights as integers, and the factor that made them so; one vote each where no name is given.

        Raises:
            InstitutionError: there are no weights of that name.
        """
        if name is None:
            return (1,) * len(self.members), 1
        if name not in self.weights:
            held = ", ".join(self.weights) or "none"
            raise InstitutionError(
                f"{self.place}, `by`: there are no weights {name!r}; those of this day are: {held}. "
                "Name another day, or add the weights to the file."
            )
        exact = [Fraction(value) for value in self.weights[name]]
        factor = lcm(*(value.denominator for value in exact))
        return tuple(int(value * factor) for value in exact), factor

    def among(self, positions: Sequence[int]) -> Electorate:
        """Return the electorate of only these members."""
        return Electorate(
            tuple(self.members[place] for place in positions),
            tuple(self.statuses[place] for place in positions),
            {name: tuple(values[place] for place in positions) for name, values in self.weights.items()},
            self.place,
            self.elsewhere,
        )
