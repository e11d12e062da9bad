"""Paths of levers under deep uncertainty: broad ranges after the start year, sampled evenly.

Where nobody can say how likely a course of the great powers is, paths are sampled over stated ranges and not from
distributions that claim to know (Lempert, Popper & Bankes 2003, Shaping the Next One Hundred Years). The ranges are in
`broad_paths.toml`, each with its reason in history. A sample is a point of a scrambled Sobol sequence (Owen 1998) and
becomes a `Scenario`, which may be written, read and run like any other.
"""

from __future__ import annotations

import functools
import importlib.resources
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from scipy.stats import qmc

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.levers import LEVERS
from orrery.lab.scenario.parts import ALL, Countries, Move
from orrery.lab.scenario.refusals import in_words
from orrery.lab.scenario.scenario import MOST_DRAWS, Scenario
from orrery.lab.scenario.years import Year
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.bodies import AREAS

SHIPPED = "broad_paths.toml"
DESCRIPTION = "One sample of broad lever paths: levers take the values below, none of which is a forecast."

Target = Literal["world", "pole", "area", "near", "far"]
"""What a range is of: the world; every pole or area by itself; each pole towards its sphere, or towards all others."""


class Range(BaseModel):
    """How far one lever is moved, of one target or of each.

    Attributes:
        name: in words; with the pole or area the name of a dimension.
        lever: which (`LEVERS`).
        target: of what.
        least: lowest value tried.
        most: highest value tried; the neutral value of the lever lies between the two.
        scale: whether values lie evenly between them, or evenly in logarithms.
        shape: as in a `Move`, as are the next two.
        first: first year.
        last: last year.
        reason: what has been seen that is as far, or that the range is assumed.
        sources: where that is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    lever: str
    target: Target
    least: float = Field(allow_inf_nan=False)
    most: float = Field(allow_inf_nan=False)
    scale: Literal["linear", "log"]
    shape: Literal["step", "ramp"]
    first: Year
    last: Year | None = None
    reason: Annotated[str, Field(min_length=1)]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Range:
        if self.lever not in LEVERS:
            raise ValueError(f"{self.lever!r} came; allowed is one lever of {', '.join(LEVERS)}")
        axes = _AXES[self.target]
        if set(LEVERS[self.lever].axes) not in axes:
            allowed = " or ".join("no axis" if not one else " and ".join(sorted(one)) for one in axes)
            raise ValueError(f"target `{self.target}` came for lever `{self.lever}`; it goes with levers of {allowed}")
        if not self.least <= LEVERS[self.lever].kind.neutral <= self.most:
            raise ValueError(
                f"`{self.name}`: {self.least:g} to {self.most:g} came; the value that changes nothing, "
                f"{LEVERS[self.lever].kind.neutral:g}, must be in it"
            )
        if self.scale == "log" and self.least <= 0:
            raise ValueError(f"`{self.name}`: `least` {self.least:g} came; in logarithms it is above 0")
        return self

    def at(self, part: float) -> float:
        """Return the value at a part, 0 to 1, of the way from `least` to `most`; within them to the last digit."""
        if self.scale == "log":
            value = math.exp(math.log(self.least) + part * (math.log(self.most) - math.log(self.least)))
        else:
            value = self.least + part * (self.most - self.least)
        return min(max(value, self.least), self.most)


_AXES: dict[str, tuple[set[str], ...]] = {
    "world": (set(), {"pole"}, {"countries"}, {"area"}),
    "pole": ({"pole"}, {"countries"}),
    "area": ({"area"},),
    "near": ({"countries", "pole"},),
    "far": ({"countries", "pole"},),
}
"""Axes of the levers that go with each target; a pole that a lever is not of stands for its members."""


class Dimension(NamedTuple):
    """One number of a sample: a range and the targets whose lever takes the value, as keys of moves."""

    name: str
    range: Range
    keys: tuple[Mapping[str, str | tuple[str, ...]], ...]

    def moves(self, value: float) -> tuple[Move, ...]:
        """Return the moves that set the lever to a value.

        Raises:
            pydantic.ValidationError: the lever does not allow it.
        """
        one = self.range
        return tuple(
            Move.model_validate(
                {"lever": one.lever, "value": value, "first": one.first, "last": one.last, "shape": one.shape, **keys}
            )
            for keys in self.keys
        )


class Space(BaseModel):
    """Ranges of levers, sampled together.

    Attributes:
        version: name of this set of ranges.
        ranges: of the levers.
        spheres: countries around each pole; for others its members and those that border it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    ranges: Annotated[tuple[Range, ...], Field(min_length=1)]
    spheres: dict[str, Countries] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _distinct(self) -> Space:
        names = [one.name for one in self.ranges]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise ValueError(f"`ranges`: the name {twice[0]!r} came twice; name each once")
        for dimension in self.dimensions(DEFAULT_POLES):
            for edge in (dimension.range.least, dimension.range.most):
                dimension.moves(edge)
        return self

    def dimensions(self, poles: Sequence[str]) -> tuple[Dimension, ...]:
        """Return what is sampled in a world with these poles, in order."""
        return tuple(dimension for one in self.ranges for dimension in _of_target(one, poles, self.spheres))

    def sample(self, n_samples: int, seed: int, poles: Sequence[str] = DEFAULT_POLES) -> pd.DataFrame:
        """Return samples, one row each, with a column per dimension, the value of its lever.

        Args:
            n_samples: how many; the first of a larger number are those of a smaller one.
            seed: of the scrambling, from 0.
            poles: of the world.

        Raises:
            ScenarioError: no sample, or a seed below 0.
        """
        _check_numbers(n_samples, seed)
        dimensions = self.dimensions(poles)
        sequence = qmc.Sobol(len(dimensions), scramble=True, seed=np.random.default_rng(seed))
        # The balance of the sequence is that of powers of two; what is beyond the number asked for is left out.
        parts = sequence.random_base2(math.ceil(math.log2(n_samples)) if n_samples > 1 else 0)[:n_samples]
        values = {
            one.name: [one.range.at(float(part)) for part in column]
            for one, column in zip(dimensions, parts.T, strict=True)
        }
        return pd.DataFrame(values, index=pd.RangeIndex(n_samples, name="sample"))

    def neutral(self, n_samples: int, poles: Sequence[str] = DEFAULT_POLES) -> pd.DataFrame:
        """Return as many samples in which no lever is moved, laid out as `sample` does."""
        _check_numbers(n_samples, 0)
        values = {one.name: LEVERS[one.range.lever].kind.neutral for one in self.dimensions(poles)}
        return pd.DataFrame(values, index=pd.RangeIndex(n_samples, name="sample"))

    def scenario(
        self, values: Mapping[str, float], *, name: str, poles: Sequence[str] = DEFAULT_POLES, **keys: object
    ) -> Scenario:
        """Return the scenario that a sample is.

        Args:
            values: of the levers, by the names of dimensions; all of them.
            name: of the scenario.
            poles: of the world.
            keys: other keys of the scenario, such as `start` and `years`.

        Raises:
            ScenarioError: a dimension lacks its value, or a value is not allowed.
        """
        dimensions = self.dimensions(poles)
        if values.keys() != {one.name for one in dimensions}:
            unlike = sorted(values.keys() ^ {one.name for one in dimensions})
            raise ScenarioError(
                f"`values`: {unlike[0]!r} is missing or no dimension; give one value for each of "
                f"{', '.join(one.name for one in dimensions)}."
            )
        content = {
            "name": name,
            "title": "One sample of broad lever paths",
            "description": DESCRIPTION,
            "sources": tuple(dict.fromkeys(source for one in self.ranges for source in one.sources)),
            "poles": tuple(poles),
            "moves": tuple(move for one in dimensions for move in one.moves(values[one.name])),
            **keys,
        }
        return Scenario.read(content, f"a sample of the ranges, version {self.version}")


def _check_numbers(n_samples: int, seed: int) -> None:
    if not 1 <= n_samples <= MOST_DRAWS or seed < 0:
        raise ScenarioError(
            f"`n_samples` = {n_samples} and `seed` = {seed} came; there are 1 to {MOST_DRAWS} samples, and seeds "
            "from 0. Change them."
        )


def _of_target(one: Range, poles: Sequence[str], spheres: Mapping[str, Countries]) -> tuple[Dimension, ...]:
    axes = LEVERS[one.lever].axes
    if one.target == "world":
        of_all: dict[str, str | tuple[str, ...]] = {axis: (ALL,) if axis == "countries" else ALL for axis in axes}
        return (Dimension(one.name, one, (of_all,)),)
    if one.target == "area":
        return tuple(Dimension(f"{one.name} {area}", one, ({"area": area},)) for area in AREAS)
    if one.target == "pole":
        of_pole = {
            pole: {"pole": pole} if axes == ("pole",) else {"countries": (f"members of {pole}",)} for pole in poles
        }
        return tuple(Dimension(f"{one.name} {pole}", one, (keys,)) for pole, keys in of_pole.items())
    around = {pole: spheres.get(pole, (f"members of {pole}", f"contiguous to {pole}")) for pole in poles}
    others = {pole: (ALL, *(f"not {word}" for word in words)) for pole, words in around.items()}
    chosen = around if one.target == "near" else others
    return (Dimension(one.name, one, tuple({"pole": pole, "countries": words} for pole, words in chosen.items())),)


def read_space(file: str | Path | None = None) -> Space:
    """Return the ranges of a TOML file, or those that come with the package.

    Raises:
        ScenarioError: no such file, not TOML, or a key or value that is not allowed.
    """
    if file is None:
        return _shipped()
    try:
        return _parsed(Path(file).read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"`ranges` {file}: {error}. Name a TOML file that can be read.") from None


@functools.cache
def _shipped() -> Space:
    return _parsed(importlib.resources.files("orrery.lab").joinpath(SHIPPED).read_text("utf-8"), SHIPPED)


def _parsed(text: str, file: str) -> Space:
    try:
        return Space.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{file}: not valid TOML: {error}.") from None
    except ValidationError as error:
        raise ScenarioError(f"{file}: {in_words(error, Space, {'ranges': Range})}.") from None
