"""Five hypothetical futures of the international system, to each of which a run belongs to a degree from 0 to 1.

The degree of a future is the least of the degrees of its conditions (the fuzzy "and" of Zadeh 1965). The degree of a
condition is `1 / (1 + exp(-s (r - threshold) / width))`: `r` is the mean of an indicator over the last years of the run
over its mean in the first years, `s` is 1 where `r` is to be above the threshold and -1 where below. Futures,
conditions, thresholds and years stand in `futures.toml`. The futures' names are those of the hypotheses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.special import expit
from scipy.stats import beta

from orrery.base.errors import MeasureError, ScenarioError

MIXED = "mixed"
"""Label of a run in which no future has a degree above the least that gives a label."""

NOT_DEFINED = "not defined"
"""Label of a run in which the degree of some future cannot be computed."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Entry):
    """A ratio of the end of a run to its beginning, and the threshold that it is to be above or below."""

    indicator: str
    relative_to: str | None = None
    direction: Literal["above", "below"]
    threshold: float = Field(gt=0, allow_inf_nan=False)
    width: float = Field(gt=0, allow_inf_nan=False)


class Future(_Entry):
    """A future with the conditions that must all hold."""

    key: str
    name: str
    condition: tuple[Condition, ...] = Field(min_length=1)


class Thresholds(_Entry):
    """Everything that the classification needs, as written in `futures.toml`."""

    base_years: int = Field(ge=1)
    end_years: int = Field(ge=1)
    least_base: float = Field(gt=0, allow_inf_nan=False)
    label_above: float = Field(ge=0, lt=1)
    future: tuple[Future, ...] = Field(min_length=1)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Return the names of all indicators that a condition asks for, sorted."""
        conditions = [condition for future in self.future for condition in future.condition]
        named = {condition.indicator for condition in conditions}
        return tuple(sorted(named | {c.relative_to for c in conditions if c.relative_to is not None}))


@dataclass(frozen=True)
class Futures:
    """Degrees of the futures and the label of every run.

    Attributes:
        names: the futures, in the order of `degrees`.
        degrees: from 0 to 1; NaN where a condition is not defined.
        label: place in `labels`.
    """

    names: tuple[str, ...]
    degrees: Float[np.ndarray, "*axes future"]
    label: Int[np.ndarray, "*axes"]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels a run can have: the futures, mixed, not defined."""
        return (*self.names, MIXED, NOT_DEFINED)


@dataclass(frozen=True)
class Shares:
    """Shares of runs with each label, and the bounds of their intervals; all three are `[*axes label]`."""

    labels: tuple[str, ...]
    share: Float[np.ndarray, "*axes label"]
    lower: Float[np.ndarray, "*axes label"]
    upper: Float[np.ndarray, "*axes label"]
    n_runs: int


def read_thresholds(text: str) -> Thresholds:
    """Read thresholds from TOML.

    Raises:
        ScenarioError: the text is not TOML, a field is missing, unknown or out of bounds, or a key occurs twice.
    """
    try:
        thresholds = Thresholds.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        message = f"`futures.toml`: {error}. Write every field as docs/futures.md lists it."
        raise ScenarioError(message) from error
    keys = [future.key for future in thresholds.future]
    if len(set(keys)) < len(keys):
        message = f"`futures.toml`, field `key`: got {keys}; every key may occur once. Rename or remove the second."
        raise ScenarioError(message)
    return thresholds


@cache
def published_thresholds() -> Thresholds:
    """Return the thresholds that ship with the package."""
    return read_thresholds(files("orrery.world").joinpath("futures.toml").read_text(encoding="utf-8"))


def _over(
    numerator: Float[np.ndarray, "*axes"], denominator: Float[np.ndarray, "*axes"], least: float
) -> Float[np.ndarray, "*axes"]:
    defined = denominator >= least
    return np.where(defined, numerator / np.where(defined, denominator, 1.0), np.nan)


def change(values: Float[np.ndarray, "*axes year"], thresholds: Thresholds) -> Float[np.ndarray, "*axes"]:
    """Return the mean of the last years over the mean of the first; NaN where that is below `least_base` or missing."""
    base = np.asarray(values[..., : thresholds.base_years].mean(-1))
    end = np.asarray(values[..., -thresholds.end_years :].mean(-1))
    return _over(end, base, thresholds.least_base)


def _checked(series: Mapping[str, Float[np.ndarray, "*axes year"]], thresholds: Thresholds) -> dict[str, np.ndarray]:
    missing = [name for name in thresholds.indicators if name not in series]
    if missing:
        message = f"`series` lacks the indicators {missing}; needed are {list(thresholds.indicators)}. Add the missing."
        raise MeasureError(message)
    arrays = {name: np.asarray(series[name], float) for name in thresholds.indicators}
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        message = f"`series`: got the shapes {shapes}; allowed is one [*axes, year] for all. Give all the same axes."
        raise MeasureError(message)
    shape = next(iter(shapes.values()))
    least = thresholds.base_years + thresholds.end_years
    if not shape or shape[-1] < least:
        message = (
            f"`series`: got {shape[-1] if shape else 0} years; the first {thresholds.base_years} and the last "
            f"{thresholds.end_years} may not overlap, so at least {least} are needed. Simulate more years."
        )
        raise MeasureError(message)
    return arrays


def classify(series: Mapping[str, Float[np.ndarray, "*axes year"]], thresholds: Thresholds | None = None) -> Futures:
    """Return the degree of every future and the label of every run.

    A run is labelled with the future of the largest degree where that is above `label_above`, else as mixed. Where the
    degree of any future is not defined, because a year is missing or something divided by is below `least_base`, which
    future has the largest degree is not known, and the run is labelled as not defined.

    Args:
        series: indicators by name, in any unit of a ratio scale; yearly, the last axis in order of time.
        thresholds: those of the package if not given.

    Raises:
        MeasureError: an indicator is missing, shapes differ, or there are too few years.
    """
    thresholds = published_thresholds() if thresholds is None else thresholds
    ratios = {name: change(values, thresholds) for name, values in _checked(series, thresholds).items()}
    degrees = []
    for future in thresholds.future:
        held = []
        for condition in future.condition:
            ratio = ratios[condition.indicator]
            if condition.relative_to is not None:
                ratio = _over(ratio, ratios[condition.relative_to], thresholds.least_base)
            sign = 1.0 if condition.direction == "above" else -1.0
            held.append(expit(sign * (ratio - condition.threshold) / condition.width))
        degrees.append(np.minimum.reduce(held))
    degree: np.ndarray = np.stack(degrees, -1)
    n_futures = len(thresholds.future)
    undefined = np.asarray(np.isnan(degree).any(-1))
    largest = np.where(undefined[..., None], 0.0, degree)
    label = np.where(largest.max(-1) > thresholds.label_above, largest.argmax(-1), n_futures)
    return Futures(
        tuple(future.name for future in thresholds.future), degree, np.where(undefined, n_futures + 1, label)
    )


def shares(futures: Futures, level: float = 0.9) -> Shares:
    """Return the share of runs with each label, mixed and not defined among them, with Jeffreys intervals.

    The runs are the last axis of `futures.label`; other axes are kept. The interval holds the middle `level` of
    Beta(k + ½, n - k + ½), closed at 0 where k = 0 and at 1 where k = n (Brown, Cai & DasGupta 2001). It says how
    exactly the number of runs fixes a share of the ensemble; it is no probability of a future.

    Raises:
        MeasureError: there are no runs, or `level` is not between 0 and 1.
    """
    if futures.label.ndim == 0 or futures.label.shape[-1] == 0:
        message = f"`futures.label`: got shape {futures.label.shape}; at least one run is needed. Classify an ensemble."
        raise MeasureError(message)
    if not 0.0 < level < 1.0:
        message = f"`level`: got {level}; allowed is above 0 and below 1. Give for instance 0.9."
        raise MeasureError(message)
    n_runs = futures.label.shape[-1]
    count = (futures.label[..., None] == np.arange(len(futures.labels))).sum(-2)
    tail = (1.0 - level) / 2.0
    lower = np.where(count == 0, 0.0, beta.ppf(tail, count + 0.5, n_runs - count + 0.5))
    upper = np.where(count == n_runs, 1.0, beta.ppf(1.0 - tail, count + 0.5, n_runs - count + 0.5))
    return Shares(futures.labels, count / n_runs, lower, upper, n_runs)
