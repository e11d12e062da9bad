"""Which of five futures a run comes to resemble: degrees, labels and how often each occurs.

The futures are those that Kortunov (2022) considers; `futures.toml` says for each which indicators must rise or fall
and by how much, fixed beforehand. With `r` the mean of an indicator over the last years of a run over that of its
first, the degree of a condition is `Λ((r - threshold) / width)`, of the opposite sign where the indicator must fall;
the degree of a future is the least of its conditions' (fuzzy conjunction, Zadeh 1965). A run is called by the future of
the largest degree if that is above one half, else *mixed*. Counts of labels over an ensemble describe the model's runs;
they are forecasts only as far as the model has proved skill.
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt
from scipy import stats
from scipy.special import expit

from orrery.base.errors import SimulationError

MIXED, UNDEFINED = "mixed", "not defined"


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(Strict):
    """What one indicator must do.

    Attributes:
        indicator: its name.
        over: name of an indicator to divide it by, or None.
        threshold: ratio of last to first at which the degree is one half.
        width: departure from it at which the degree is .73.
        falls: whether the ratio must lie below the threshold.
    """

    indicator: str
    over: str | None = None
    threshold: PositiveFloat
    width: PositiveFloat
    falls: bool = False


class Future(Strict):
    """A future and its conditions, all of which must hold."""

    name: str
    conditions: tuple[Condition, ...] = Field(min_length=1)


class Definition(Strict):
    """The futures and how they are told apart.

    Attributes:
        version: name of this set of thresholds.
        last_years: years at the end that count.
        first_years: years at the beginning that they are compared with.
        least_base: base below which a ratio is not defined.
        label_above: degree above which a run is called by a future.
        futures: the futures.
    """

    version: str
    last_years: PositiveInt
    first_years: PositiveInt
    least_base: PositiveFloat
    label_above: PositiveFloat
    futures: tuple[Future, ...] = Field(min_length=2)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the futures, then the label of mixed runs and of those that are not defined."""
        return (*(future.name for future in self.futures), MIXED, UNDEFINED)


@functools.cache
def definition() -> Definition:
    """Return the shipped definition."""
    text = importlib.resources.files("orrery.world").joinpath("futures.toml").read_text("utf-8")
    return Definition.model_validate(tomllib.loads(text))


@dataclass(frozen=True)
class Futures:
    """Futures of runs.

    Attributes:
        definition: by which they were told apart.
        degrees: of each future, 0 to 1; NaN where a base is too small for a ratio.
        label: place in `definition.labels`.
    """

    definition: Definition
    degrees: Float[np.ndarray, "*axes future"]
    label: Int[np.ndarray, "*axes"]

    def shares(self, level: float = 0.8) -> pd.DataFrame:
        """Return how many runs have each label, with Jeffreys intervals of the share at a level (0 to 1).

        Columns `future`, `runs`, `share`, `low`, `high`, and `mean_degree` (NaN for labels that have none).
        """
        total = self.label.size
        rows = []
        for place, name in enumerate(self.definition.labels):
            count = int((self.label == place).sum())
            posterior = stats.beta(count + 0.5, total - count + 0.5)
            low, high = posterior.ppf([(1 - level) / 2, (1 + level) / 2])
            known = self.degrees[..., place] if place < self.degrees.shape[-1] else np.array([np.nan])
            degree = float(np.nanmean(known)) if np.isfinite(known).any() else float("nan")
            share = (count / total, 0.0 if count == 0 else low, 1.0 if count == total else high)
            rows.append((name, count, *share, degree))
        return pd.DataFrame(rows, columns=pd.Index(["future", "runs", "share", "low", "high", "mean_degree"]))


def classify(series: Mapping[str, Float[np.ndarray, "*axes year"]], futures: Definition | None = None) -> Futures:
    """Return the futures that runs come to resemble.

    Args:
        series: indicators by name, year last.
        futures: the definition; the shipped one for None.

    Raises:
        SimulationError: an indicator is missing, or there are too few years.
    """
    chosen = definition() if futures is None else futures
    degrees = np.stack(
        [
            np.min([_degree(series, condition, chosen) for condition in future.conditions], axis=0)
            for future in chosen.futures
        ],
        axis=-1,
    )
    undefined = np.isnan(degrees).any(-1)
    best = np.argmax(np.where(np.isnan(degrees), -1.0, degrees), -1)
    clear = np.max(np.where(np.isnan(degrees), -1.0, degrees), -1) > chosen.label_above
    n_futures = len(chosen.futures)
    label = np.where(clear, best, np.where(undefined, n_futures + 1, n_futures))
    return Futures(chosen, degrees, label)


def _degree(series: Mapping[str, np.ndarray], condition: Condition, chosen: Definition) -> np.ndarray:
    ratio = _ratio(series, condition.indicator, chosen)
    if condition.over is not None:
        ratio = ratio / _ratio(series, condition.over, chosen)
    sign = -1.0 if condition.falls else 1.0
    return expit(sign * (ratio - condition.threshold) / condition.width)


def _ratio(series: Mapping[str, np.ndarray], name: str, chosen: Definition) -> np.ndarray:
    if name not in series:
        raise SimulationError(f"`series`: there is no `{name}`; those given are {', '.join(sorted(series))}.")
    path = np.asarray(series[name], np.float64)
    needed = chosen.first_years + chosen.last_years
    if path.shape[-1] < needed:
        raise SimulationError(
            f"`series`: `{name}` has {path.shape[-1]} years; futures need {needed} or more. Run more years."
        )
    base, end = path[..., : chosen.first_years].mean(-1), path[..., -chosen.last_years :].mean(-1)
    with np.errstate(invalid="ignore"):
        some = base >= chosen.least_base
    return np.where(some, end / np.where(some, base, 1.0), np.nan)
