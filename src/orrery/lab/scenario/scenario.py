"""Scenarios: which world is run, from when, for how long, and what is moved along the way.

A scenario is a TOML file. Levers are *paths after the start year*: a lever set at the start would be absorbed by the
inversion that makes the observed world a fixed point (Berry 1994), and change nothing.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orrery.base.errors import ScenarioError
from orrery.measure.portfolios.poles import DEFAULT_POLES

MOST_YEARS, MOST_DRAWS = 100, 100_000

Lever = Literal[
    "outward_propensity",
    "capability_growth",
    "connectedness_trend",
    "connectedness_shock",
    "tension",
    "exclusivity",
]

LEVERS: dict[str, str] = {
    "outward_propensity": "factor on what a pole offers abroad from its capability; needs `pole`",
    "capability_growth": "added yearly growth of log capability of a country, or of every member of a pole",
    "connectedness_trend": "factor on the trend growth of world connectedness",
    "connectedness_shock": "added change of world connectedness per year (the index runs from 0 to 1)",
    "tension": "factor on world tension",
    "exclusivity": "factor on how much rivalry of two poles costs a country tied to both",
}
"""Every lever and what it moves."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, so that a typing error is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(Strict):
    """One lever moved over a span of years.

    Attributes:
        lever: which (`LEVERS`).
        value: the level reached; a factor (1 = as it was) or an addition (0 = as it was), as the lever says.
        first: first calendar year in force.
        last: last calendar year in force; to the horizon where absent.
        shape: `step` holds `value` from `first` on; `ramp` goes there in equal steps, from `first` to `last`, and
            holds it afterwards.
        target: pole or ISO3 code, where the lever has one.
    """

    lever: Lever
    value: float = Field(allow_inf_nan=False)
    first: int
    last: int | None = None
    shape: Literal["step", "ramp"] = "step"
    target: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Move:
        needs_target = self.lever in ("outward_propensity", "capability_growth")
        if needs_target != (self.target is not None):
            raise ValueError(f"lever `{self.lever}` {'needs a' if needs_target else 'takes no'} `target`")
        if self.lever in FACTORS and self.value < 0:
            raise ValueError(f"lever `{self.lever}` is a factor, 0 or more; {self.value} came")
        if self.last is not None and self.last < self.first:
            raise ValueError(f"`last` {self.last} is before `first` {self.first}")
        if self.shape == "ramp" and self.last is None:
            raise ValueError("a `ramp` needs `last`, the year in which it is complete")
        return self


FACTORS = ("outward_propensity", "connectedness_trend", "tension", "exclusivity")
"""Levers whose neutral value is 1; the others are additions, neutral at 0."""


class Scenario(Strict):
    """A world to run.

    Attributes:
        name: short name, used for the run folder.
        title: one line for people.
        description: what it assumes and why.
        start: calendar year of the initial world, or `newest`: the newest complete year of the data.
        years: years to run.
        draws: Monte-Carlo draws.
        seed: seed of all randomness.
        poles: names of the great powers that portfolios are over.
        shocks: whether the yearly shocks are on.
        trends: whether capability growth and the growth of connectedness go on as observed.
        most_unstable: share of countries whose observed portfolio may be an unstable fixed point of the model;
            parameters are drawn again until they comply. 1 takes the priors as they are.
        parameters: values for parameters that would otherwise be drawn from their priors.
        moves: levers moved after the start.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: str
    description: str
    start: int | Literal["newest"] = "newest"
    years: Annotated[int, Field(ge=1, le=MOST_YEARS)] = 25
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 200
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    poles: tuple[str, ...] = DEFAULT_POLES
    shocks: bool = True
    trends: bool = True
    most_unstable: Annotated[float, Field(ge=0, le=1)] = 0.1
    parameters: dict[str, float] = {}
    moves: tuple[Move, ...] = ()

    def changed(self, **changes: object) -> Scenario:
        """Return the scenario with other values, checked anew; `None` leaves a value as it is.

        Raises:
            ScenarioError: a value that is not allowed.
        """
        kept = {key: value for key, value in changes.items() if value is not None}
        return _validated({**self.model_dump(), **kept}, "the arguments")

    def check_horizon(self, start: int) -> None:
        """Refuse moves outside the years run.

        Raises:
            ScenarioError: naming the move and the years allowed.
        """
        first, last = start + 1, start + self.years
        for number, move in enumerate(self.moves, 1):
            for key in ("first", "last"):
                year = getattr(move, key)
                if year is not None and not first <= year <= last:
                    raise ScenarioError(
                        f"scenario `{self.name}`, move {number} (`{move.lever}`): `{key}` is {year}; "
                        f"this run allows {first}-{last}, the years after its start."
                    )


def shipped_scenarios() -> dict[str, Scenario]:
    """Return the scenarios that come with the package, by name."""
    folder = resources.files("orrery.lab") / "scenarios"
    files = sorted(path.name for path in folder.iterdir() if path.name.endswith(".toml"))
    loaded = [_parsed((folder / name).read_text("utf-8"), name) for name in files]
    return {scenario.name: scenario for scenario in loaded}


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one read from a TOML file.

    Raises:
        ScenarioError: no such scenario or file, not TOML, or a key or value that is not allowed; the message names
            the file, the key and what is allowed.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        shipped = shipped_scenarios()
        if str(name_or_path) in shipped:
            return shipped[str(name_or_path)]
        raise ScenarioError(
            f"`scenario`: {str(name_or_path)!r} came; it is the path of a .toml file or one of {', '.join(shipped)}."
        )
    if not path.is_file():
        raise ScenarioError(f"`scenario`: there is no file {path}.")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: not UTF-8 text (byte {error.start}). Save the file as UTF-8.") from None
    return _parsed(text, str(path))


def _parsed(text: str, place: str) -> Scenario:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{place}: not valid TOML: {error}.") from None
    return _validated(content, place)


def _validated(content: dict, place: str) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        raise ScenarioError(f"{place}: " + "; ".join(_in_words(problem) for problem in error.errors())) from None


def _in_words(problem) -> str:
    """Say one validation problem as key, what came, what is allowed."""
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        model = Move if problem["loc"][0] == "moves" else Scenario
        close = get_close_matches(str(problem["loc"][-1]), model.model_fields, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else f"; allowed: {', '.join(model.model_fields)}"
        return f"unknown key `{key}`{hint}"
    if problem["type"] == "missing":
        return f"`{key}` is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"`{key}`: {message}"
    return f"`{key}`: {problem['input']!r} came; {message[0].lower()}{message[1:]}"


def scenario_toml(scenario: Scenario) -> str:
    """Write a scenario as the TOML that reads back as the same scenario."""
    content = scenario.model_dump(exclude_none=True)
    tables = {"parameters": content.pop("parameters"), "moves": content.pop("moves")}
    lines = [f"{key} = {_toml_value(value)}" for key, value in content.items()]
    if tables["parameters"]:
        lines += ["", "[parameters]", *(f"{key} = {_toml_value(value)}" for key, value in tables["parameters"].items())]
    for move in tables["moves"]:
        lines += ["", "[[moves]]", *(f"{key} = {_toml_value(value)}" for key, value in move.items())]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return repr(value)
