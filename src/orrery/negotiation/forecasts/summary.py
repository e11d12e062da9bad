"""What forecasts of one case say, side by side with what was recorded, and how its typical draw went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np
import pandas as pd
from jaxtyping import Array, Float, Key

from orrery.base.keys import named_key
from orrery.negotiation.bargaining.reasons import reasons
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.outcomes import DAYS_A_YEAR
from orrery.negotiation.forecasts.prediction import Prediction, draws_of, play
from orrery.negotiation.forecasts.rivals import RivalForecast

LEVEL = 0.8
"""Share of draws that intervals hold."""
COLUMNS = ("quantity", "of", "model", "value", "low", "high", "recorded")


def summary(
    key: Key[Array, ""],
    case: Case,
    ours: Mapping[str, Prediction],
    others: Mapping[str, RivalForecast],
) -> pd.DataFrame:
    """Return forecasts of a case and what was recorded, one number to a row.

    `quantity` is one of

    * `agreement`: the chance of agreement within the horizon, its mean and the interval over draws of parameters,
      positions, saliences and stake; of a reference solution, the share of draws in which something is agreed;
    * `years`: until agreement where there is one, median and interval; infinite where no draw ends in agreement;
    * `text`: the text agreed on an issue (`of`), in points from 0 to 100, median and interval; of our engines with
      what they leave unexplained, of a reference solution over the draws of what is coded alone;
    * `consent`: the share of draws in which the consent of a party (`of`) is needed last; recorded 1 for those that
      held out.

    Intervals hold 80 % of draws. NaN stands for what a model does not say or is not recorded.

    Args:
        key: of the noise that our engines leave unexplained.
        case: the case.
        ours: forecasts of our engines, by name.
        others: those of reference solutions, by name.
    """
    rows = [row for name, one in ours.items() for row in _of_ours(named_key(key, name), case, name, one)]
    rows += [row for name, one in others.items() for row in _of_another(case, name, one)]
    recorded = recorded_of(case)
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    told = [recorded.get(pair, np.nan) for pair in zip(frame["quantity"], frame["of"], strict=True)]
    return frame.assign(recorded=np.array(told, float))


def recorded_of(case: Case) -> dict[tuple[str, str], float]:
    """Return what is recorded of a case by quantity and what it is of, as in `summary`; nothing of open talks."""
    outcome = case.outcome
    if outcome is None:
        return {}
    found = {("agreement", ""): float(outcome.agreed)}
    if outcome.agreed:
        found["years", ""] = max((outcome.last_day - case.began).days, 1) / DAYS_A_YEAR
    found |= {("text", issue): float(point) for issue, point in (outcome.position or {}).items()}
    return found | {("consent", party): float(party in outcome.held_out) for party in case.keys}


def typical_draw(prediction: Prediction) -> int:
    """Return the place of the draw that stands for all: of those that end as most do, the nearest to their median text.

    Args:
        prediction: of talks round by round.
    """
    agreed = np.isfinite(prediction.years)
    alike = np.flatnonzero(agreed == (agreed.mean() >= 0.5))
    text = prediction.text[alike]
    return int(alike[((text - np.median(text, 0)) ** 2).sum(1).argmin()])


def typical_reasons(key: Key[Array, ""], case: Case, learned: Learned, prediction: Prediction) -> tuple[str, ...]:
    """Say in words how the typical draw of a forecast round by round went.

    Args:
        key: that `predict` was given.
        case: that it was given.
        learned: that it was given.
        prediction: what it returned with `rounds=True`.
    """
    played = play(*draws_of(key, case, learned, len(prediction.chance)))
    setting, talks = jax.tree.map(lambda array: array[typical_draw(prediction)], (played.setting, played.talks))
    rows, columns = setting.position.shape
    parties = [party.name for party in case.parties] + [""] * (rows - len(case.parties))
    issues = [issue.name for issue in case.issues] + [""] * (columns - len(case.issues))
    return reasons(talks, setting, parties, issues)


def _of_ours(key: Key[Array, ""], case: Case, name: str, one: Prediction) -> Iterator[tuple[Any, ...]]:
    yield "agreement", "", name, one.agreement, *_interval(one.chance)
    years = one.durations(named_key(key, "years"))
    yield "years", "", name, float(np.quantile(years, 0.5, method="nearest")), *_interval(years)
    yield from _texts(case, name, one.texts(named_key(key, "text")))
    yield from _consents(case, name, one.blockers(len(case.parties)))


def _of_another(case: Case, name: str, one: RivalForecast) -> Iterator[tuple[Any, ...]]:
    yield "agreement", "", name, one.agreement, np.nan, np.nan
    yield from _texts(case, name, one.text)
    named = one.blockers(len(case.parties))
    if named is not None:
        yield from _consents(case, name, named)


def _texts(case: Case, name: str, draws: Float[np.ndarray, "draw issue"]) -> Iterator[tuple[Any, ...]]:
    for issue, points in zip(case.issues, 100 * draws.T, strict=True):
        yield "text", issue.key, name, float(np.median(points)), *_interval(points)


def _consents(case: Case, name: str, share: Float[np.ndarray, " party"]) -> Iterator[tuple[Any, ...]]:
    for party, one in zip(case.keys, share, strict=True):
        yield "consent", party, name, float(one), np.nan, np.nan


def _interval(draws: Float[np.ndarray, " draw"]) -> tuple[float, float]:
    """Return the bounds between which most draws are; taken from the draws themselves, for some may be infinite."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], method="nearest")
    return float(low), float(high)
