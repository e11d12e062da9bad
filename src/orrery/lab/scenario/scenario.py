"""Scenarios: which world is run, from when, for how long, and what is moved along the way.

A scenario is a TOML file. Levers are *paths after the start year*: a lever set at the start would be absorbed by the
inversion that makes the observed world a fixed point (Berry 1994), and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.events import Founding, Hub, Membership, Reform
from orrery.lab.scenario.moves import HUB, NEIGHBOURS, Move, Strict, Word, calendar_year
from orrery.lab.scenario.wording import in_words
from orrery.measure.portfolios.poles import DEFAULT_POLES

MOST_YEARS, MOST_DRAWS = 100, 100_000

Extension = Literal[
    "status",
    "reliability",
    "delay",
    "obstruction",
    "spillover",
    "non-state",
    "relative-gains",
    "quick-deals",
    "credit-history",
    "subsidiarity",
]
"""Mechanisms beyond the core of the model, off unless a scenario names them."""

TABLES = ("moves", "memberships", "reforms", "foundings")
"""Keys of a scenario that hold a list of events."""


class Scenario(Strict):
    """A world to run.

    Attributes:
        name: short name, used for the run folder.
        title: one line for people.
        description: what it assumes and why.
        sources: citations for its numbers and events.
        start: calendar year of the initial world, or `newest`: the newest complete year of the data.
        years: years to run.
        draws: Monte-Carlo draws.
        seed: seed of all randomness.
        poles: names of the great powers that portfolios are over.
        shocks: whether the yearly shocks are on.
        trends: whether the growth of capability, connectedness and common problems goes on as observed.
        extensions: mechanisms beyond the core of the model that are on.
        most_unstable: share of countries whose observed portfolio may be an unstable fixed point of the model;
            parameters are drawn again until they comply. 1 takes the priors as they are.
        parameters: values for parameters that would otherwise be drawn from their priors.
        hub: the pole that is the hub of the moves, where the scenario has one.
        moves: levers moved after the start.
        memberships: countries that enter bodies or leave them.
        reforms: bodies that decide by another rule.
        foundings: bodies that are founded.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: str
    description: str
    sources: tuple[Word, ...] = ()
    start: int | Literal["newest"] = "newest"
    years: Annotated[int, Field(ge=1, le=MOST_YEARS)] = 25
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 200
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    poles: tuple[str, ...] = DEFAULT_POLES
    shocks: bool = True
    trends: bool = True
    extensions: tuple[Extension, ...] = ()
    most_unstable: Annotated[float, Field(ge=0, le=1)] = 0.1
    parameters: dict[str, float] = {}
    hub: Hub | None = None
    moves: tuple[Move, ...] = ()
    memberships: tuple[Membership, ...] = ()
    reforms: tuple[Reform, ...] = ()
    foundings: tuple[Founding, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        if len(set(self.extensions)) < len(self.extensions):
            raise ValueError(f"`extensions` {list(self.extensions)} came; name each once")
        codes = [founding.code for founding in self.foundings]
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise ValueError(f"`foundings`: {', '.join(repeated)} is founded twice; give each body a code of its own")
        for place, event in self.events():
            if self.hub is None and _speaks_of_hub(event):
                raise ValueError(f"{place} speaks of `{HUB}` or `{NEIGHBOURS}`; add a table [hub] with its `pole`")
        return self

    def events(self) -> Iterator[tuple[str, Move | Membership | Reform | Founding]]:
        """Yield every move and event, with its place in words."""
        for table in TABLES:
            for number, event in enumerate(getattr(self, table), 1):
                yield f"`{table}` {number}", event

    def changed(self, **changes: object) -> Scenario:
        """Return the scenario with other values, checked anew; `None` leaves a value as it is.

        Raises:
            ScenarioError: a value that is not allowed.
        """
        kept = {key: value for key, value in changes.items() if value is not None}
        return validated({**self.model_dump(), **kept}, "the arguments")

    def with_hub(self, pole: str | None = None, neighbours: tuple[str, ...] | None = None) -> Scenario:
        """Return the scenario for another hub, or other neighbours of its hub; `None` leaves the pole as it is.

        Neighbours that are not given are those that the scenario has for the hub in `uses`, else the contiguous.

        Raises:
            ScenarioError: the scenario has no hub.
        """
        if pole is None and neighbours is None:
            return self
        if self.hub is None:
            raise ScenarioError(
                f"`hub`: {pole or neighbours!r} came for the scenario `{self.name}`, which has no hub; "
                "run one with a table [hub], such as hub-and-neighbours."
            )
        kept = neighbours or (self.hub.neighbours if pole in (None, self.hub.pole) else None)
        hub = {"pole": pole or self.hub.pole, "neighbours": kept, "uses": self.hub.uses}
        poles = self.poles if hub["pole"] in self.poles else (*self.poles, hub["pole"])
        return self.changed(hub=hub, poles=poles)

    def check_horizon(self, start: int) -> None:
        """Refuse moves and events outside the years run.

        A `last` that is written as years after the start may lie beyond the horizon: the run ends on the way there.

        Raises:
            ScenarioError: naming the event and the years allowed.
        """
        first, last = start + 1, start + self.years
        for place, event in self.events():
            for key in ("first", "last"):
                written = getattr(event, key, None)
                if written is None or (key == "last" and isinstance(written, str)):
                    continue
                year = calendar_year(written, start)
                if not first <= year <= last:
                    raise ScenarioError(
                        f"scenario `{self.name}`, {place}: `{key}` is {written}{_said(written, year)}; this run allows "
                        f"{first}-{last}, the years after its start. Move it, or change `start` or `years`."
                    )
            end = getattr(event, "last", None)
            if end is not None and calendar_year(end, start) < calendar_year(event.first, start):
                raise ScenarioError(
                    f"scenario `{self.name}`, {place}: `last` {end} is before `first` {event.first} in a run from "
                    f"{start}. Write both as calendar years, or both as years after the start."
                )


def _said(written: int | str, year: int) -> str:
    return f" ({year})" if isinstance(written, str) else ""


def _speaks_of_hub(event: Move | Membership | Reform | Founding) -> bool:
    words = [word for key in ("countries", "seats", "founders", "eligible") for word in getattr(event, key, None) or ()]
    return getattr(event, "pole", None) == HUB or NEIGHBOURS in words


def validated(content: dict[str, Any], place: str) -> Scenario:
    """Return the scenario of a file's content.

    Raises:
        ScenarioError: naming the place and every key that is not as it must be.
    """
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        raise ScenarioError(f"{place}: {in_words(error, Scenario)}") from None
