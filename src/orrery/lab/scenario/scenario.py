"""A scenario: which world is run, from when, for how long, and what is moved along the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError, model_validator

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.parts import BodyReform, Founding, Hub, Membership, Move, Strict
from orrery.lab.scenario.refusals import in_words
from orrery.lab.scenario.years import Year, calendar_year
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.params import extensions

MOST_YEARS, MOST_DRAWS = 100, 100_000

HUB, NEIGHBOURS = "hub", "neighbours"
"""How moves and events name the pole of `[hub]`, and the countries around it."""


def _known_extension(name: str) -> str:
    if name not in extensions():
        raise ValueError(f"{name!r} came; allowed is one extension of {', '.join(extensions())}")
    return name


Extension = Annotated[str, AfterValidator(_known_extension)]
"""A part of the model that is off unless named (`world.params.extensions`)."""

PARTS: dict[str, type[BaseModel]] = {
    "hub": Hub,
    "moves": Move,
    "memberships": Membership,
    "reforms": BodyReform,
    "foundings": Founding,
}
"""Tables of a scenario's file, with the model of each."""

Event = Move | Membership | BodyReform | Founding


class Scenario(Strict):
    """A world to run.

    Attributes:
        name: short name, used for the run folder.
        title: one line for people.
        description: what it assumes and why.
        sources: where its numbers and events are from, one citation each.
        start: calendar year of the initial world, or `newest`: the newest complete year of the data.
        years: years to run.
        draws: Monte-Carlo draws.
        seed: seed of all randomness.
        poles: names of the great powers that portfolios are over.
        shocks: whether the yearly shocks are on.
        trends: whether capability, connectedness and common problems go on growing as observed.
        extensions: parts of the model that are off unless named.
        most_unstable: share of countries whose observed portfolio may be an unstable fixed point of the model;
            parameters are drawn again until they comply. 1 takes the priors as they are.
        parameters: values for parameters that would otherwise be drawn from their priors.
        hub: a pole and the countries around it, for moves to name.
        moves: levers moved after the start.
        memberships: countries held in bodies or out of them.
        reforms: bodies that decide otherwise.
        foundings: bodies that come into being.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: str
    description: str
    sources: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    start: int | Literal["newest"] = "newest"
    years: Annotated[int, Field(ge=1, le=MOST_YEARS)] = 25
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 200
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    poles: tuple[str, ...] = DEFAULT_POLES
    shocks: bool = True
    trends: bool = True
    extensions: tuple[Extension, ...] = ()
    most_unstable: Annotated[float, Field(ge=0, le=1)] = 0.1
    parameters: dict[str, float] = Field(default_factory=dict)
    hub: Hub | None = None
    moves: tuple[Move, ...] = ()
    memberships: tuple[Membership, ...] = ()
    reforms: tuple[BodyReform, ...] = ()
    foundings: tuple[Founding, ...] = ()

    _file: str | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        for key, names in (("extensions", self.extensions), ("foundings", [one.code for one in self.foundings])):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise ValueError(f"`{key}`: {twice[0]!r} came twice; name each once")
        if self.hub is None:
            for number, move in enumerate(self.moves, 1):
                if move.pole == HUB or NEIGHBOURS in (move.countries or ()):
                    raise ValueError(
                        f"`moves.{number}` (`{move.lever}`) speaks of a hub, and there is none; add `[hub]` with its "
                        "`pole` and `neighbours`"
                    )
        return self

    @classmethod
    def read(cls, content: dict[str, Any], place: str, file: str | None = None) -> Scenario:
        """Return the scenario that the content of a file describes, checked.

        Args:
            content: keys and values.
            place: where they are from, for messages.
            file: the file, for messages of checks that are made later.

        Raises:
            ScenarioError: naming the place, the key, what came and what is allowed.
        """
        try:
            scenario = cls.model_validate(content)
        except ValidationError as error:
            raise ScenarioError(f"{place}: {in_words(error, cls, PARTS)}") from None
        scenario._file = file
        return scenario

    def changed(self, **changes: object) -> Scenario:
        """Return the scenario with other values, checked anew; `None` leaves a value as it is.

        Raises:
            ScenarioError: a value that is not allowed.
        """
        kept = {key: value for key, value in changes.items() if value is not None}
        return self.read({**self.model_dump(), **kept}, "the arguments", self._file)

    def with_hub(self, pole: str | None, neighbours: tuple[str, ...] | None) -> Scenario:
        """Return the scenario around another hub, or with other neighbours.

        Args:
            pole: name of the hub; as it is for None.
            neighbours: ISO3 codes and groups of countries; for None those usual for another pole, or as they are.

        Raises:
            ScenarioError: the scenario has no hub, or the pole has no usual neighbours and none are named.
        """
        if self.hub is None:
            raise ScenarioError(
                f"`hub`: the scenario `{self.name}` has none. Choose one whose file has a table `[hub]`."
            )
        other = self.hub.pole if pole is None else pole
        kept = self.hub.neighbours if other == self.hub.pole else None
        around = kept if neighbours is None else neighbours
        return self.changed(hub={"pole": other, "neighbours": around, "usual": self.hub.usual})

    def __eq__(self, other: object) -> bool:
        """Tell whether two scenarios say the same, wherever they were read from."""
        return isinstance(other, Scenario) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def events(self) -> Iterator[tuple[str, Event]]:
        """Yield everything that is dated, with its place in words."""
        for key in ("moves", "memberships", "reforms", "foundings"):
            for number, event in enumerate(getattr(self, key), 1):
                yield self.place(f"{key}.{number}"), event

    def place(self, key: str) -> str:
        """Return file, scenario and key for a message."""
        return f"{'' if self._file is None else f'{self._file}, '}scenario `{self.name}`, `{key}`"

    def check_horizon(self, start: int) -> None:
        """Refuse events outside the years run.

        Raises:
            ScenarioError: naming the event, its key and the years allowed.
        """
        for place, event in self.events():
            first = self._year(place, "first", event.first, start)
            last = getattr(event, "last", None)
            if last is not None and self._year(place, "last", last, start) < first:
                raise ScenarioError(f"{place}: `last` {last} is before `first` {event.first} for the start {start}.")

    def _year(self, place: str, key: str, year: Year, start: int) -> int:
        meant = calendar_year(year, start)
        if not start < meant <= start + self.years:
            raise ScenarioError(
                f"{place}: `{key}` is {year}; this run allows {start + 1}-{start + self.years}, the years after its "
                f'start, also written "+1" to "+{self.years}".'
            )
        return meant
