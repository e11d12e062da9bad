"""The score of every forecast of every case, side by side: ours, the base rate, and the models of others.

Ours leave out the group of the case; so do the base rate and the spread of others' texts, so that no forecast reads
the outcome that it is scored by. A reference solution says one text for each draw of positions: the spread that its
texts lack is the root mean square of its errors on cases of other groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from orrery.base.keys import named_key, root_key
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.outcomes import Outcomes, outcomes
from orrery.negotiation.forecasts.prediction import Prediction, predict
from orrery.negotiation.forecasts.rivals import RivalForecast, rival_forecasts
from orrery.negotiation.forecasts.scores import BrierParts, Interval, brier, brier_parts, crps, interval, rank_of
from orrery.negotiation.solutions.registry import SOLUTIONS

OURS = {"closed form": False, "round by round": True}
"""Our two engines, and whether each plays rounds."""
BASE_RATE = "base rate of the other cases"
SEED = 7


@dataclass(frozen=True)
class Scored:
    """How one model did on every case.

    Attributes:
        title: of the model.
        chance: of agreement, by case.
        brier: by case.
        text: CRPS of the text in points of 100, by case, mean over its issues; NaN where nothing was agreed.
        error: distance of the median text from that agreed, in points of 100; NaN likewise.
        duration: CRPS of the logarithm of the duration; NaN where nothing was agreed or the model has none.
        rank: of the party that held out, among the parties, from 0 (named first) to 1 (last); NaN where none is
            recorded or the model names none.
    """

    title: str
    chance: Float[np.ndarray, " case"]
    brier: Float[np.ndarray, " case"]
    text: Float[np.ndarray, " case"]
    error: Float[np.ndarray, " case"]
    duration: Float[np.ndarray, " case"]
    rank: Float[np.ndarray, " case"]


@dataclass(frozen=True)
class Scoreboard:
    """All models on all cases.

    Attributes:
        cases: those scored.
        agreed: what happened.
        models: by name.
    """

    cases: tuple[Case, ...]
    agreed: Bool[np.ndarray, " case"]
    models: Mapping[str, Scored]

    @property
    def groups(self) -> tuple[str, ...]:
        """Of the cases."""
        return tuple(case.matter for case in self.cases)

    def mean(self, model: str, score: str) -> Interval | None:
        """Return a model's mean of a score with its interval; None where it has the score for no case."""
        values = getattr(self.models[model], score)
        return None if np.isnan(values).all() else interval(values, self.groups)

    def lead(self, model: str, other: str, score: str) -> Interval | None:
        """Return by how much a model's score is lower than another's, case by case; above 0 it is the better one."""
        values = getattr(self.models[other], score) - getattr(self.models[model], score)
        return None if np.isnan(values).all() else interval(values, self.groups)

    def parts(self, model: str) -> BrierParts:
        """Return Murphy's parts of a model's Brier score."""
        return brier_parts(self.models[model].chance, self.agreed)


def scoreboard(
    cases: Sequence[Case],
    learned: Learned,
    rivals: Sequence[str] = tuple(SOLUTIONS),
    report: Callable[[str], None] | None = None,
) -> Scoreboard:
    """Return the scores of our engines, of the base rate and of reference solutions.

    Args:
        cases: with outcomes.
        learned: what they teach.
        rivals: names of reference solutions.
        report: told the name of each model before it is asked.

    Raises:
        NegotiationError: a case without an outcome.
    """
    key = root_key(SEED)
    recorded = outcomes(cases)
    models = {}
    for name, rounds in OURS.items():
        if report is not None:
            report(name)
        forecasts = [predict(key, case, learned, rounds=rounds) for case in cases]
        models[name] = _ours(key, name, forecasts, cases, recorded)
    models[BASE_RATE] = _base_rate(key, cases, recorded)
    for name in rivals:
        if report is not None:
            report(name)
        models[name] = _rival(key, name, rival_forecasts(key, cases, name), cases, recorded)
    return Scoreboard(tuple(cases), np.asarray(recorded.agreed), models)


def _ours(
    key: Key[Array, ""], name: str, forecasts: list[Prediction], cases: Sequence[Case], recorded: Outcomes
) -> Scored:
    chance = np.array([one.agreement for one in forecasts])
    text, error, duration = (np.full(len(cases), np.nan) for _ in range(3))
    rank = np.array([_rank(one.blockers(len(case.parties)), case) for one, case in zip(forecasts, cases, strict=True)])
    for row, (one, case) in enumerate(zip(forecasts, cases, strict=True)):
        if recorded.agreed[row]:
            own = named_key(key, f"noise {case.code}")
            seen = np.asarray(recorded.text)[row, : len(case.issues)]
            text[row], error[row] = _of_text(one.texts(own), np.median(one.text, 0), seen)
            years = np.log(one.durations(own))
            duration[row] = float(crps(years, np.log(np.asarray(recorded.years[row], float))))
    happened = np.asarray(recorded.agreed)
    return Scored(name, chance, brier(chance, happened), text, error, duration, rank)


def _base_rate(key: Key[Array, ""], cases: Sequence[Case], recorded: Outcomes) -> Scored:
    """Return the forecasts of one who knows only how the cases of other groups ended."""
    agreed, years = np.asarray(recorded.agreed), np.asarray(recorded.years, float)
    groups = np.array([case.matter for case in cases])
    nothing = np.full(len(cases), np.nan)
    chance = np.array([agreed[groups != group].mean() for group in groups])
    duration = nothing.copy()
    for row in np.flatnonzero(agreed):
        others = np.log(years[agreed & (groups != groups[row])])
        duration[row] = float(crps(others, np.log(years[row])))
    rank = np.array([_rank(np.zeros(len(case.parties)), case) for case in cases])
    return Scored(BASE_RATE, chance, brier(chance, agreed), nothing, nothing, duration, rank)


def _rival(
    key: Key[Array, ""], name: str, forecasts: list[RivalForecast], cases: Sequence[Case], recorded: Outcomes
) -> Scored:
    agreed = np.asarray(recorded.agreed)
    groups = np.array([case.matter for case in cases])
    chance = np.array([one.agreement for one in forecasts])
    text, error, nothing = (np.full(len(cases), np.nan) for _ in range(3))
    seen = [np.asarray(recorded.text)[row, : len(case.issues)] for row, case in enumerate(cases)]
    middles = [np.median(one.text, 0) for one in forecasts]
    squares = np.array(
        [
            np.nanmean((middle - one) ** 2) if done else np.nan
            for middle, one, done in zip(middles, seen, agreed, strict=True)
        ]
    )
    for row in np.flatnonzero(agreed).tolist():
        spread = float(np.sqrt(np.nanmean(squares[agreed & (groups != groups[row])])))
        drawn = forecasts[row].text
        noise = np.asarray(jax.random.normal(named_key(key, f"noise {cases[row].code}"), drawn.shape))
        text[row], error[row] = _of_text(np.clip(drawn + spread * noise, 0, 1), middles[row], seen[row])
    rank = np.array([_rank(one.blockers(len(case.parties)), case) for one, case in zip(forecasts, cases, strict=True)])
    return Scored(SOLUTIONS[name].title, chance, brier(chance, agreed), text, error, nothing, rank)


def _of_text(
    draws: Float[np.ndarray, "draw issue"], middle: Float[np.ndarray, " issue"], seen: Float[np.ndarray, " issue"]
) -> tuple[float, float]:
    """Return CRPS and error of a text in points, mean over the issues whose text is known."""
    known = ~np.isnan(seen)
    scores = crps(draws[:, known], seen[known])
    return 100 * float(scores.mean()), 100 * float(np.abs(middle[known] - seen[known]).mean())


def _rank(likely: Float[np.ndarray, " party"] | None, case: Case) -> float:
    """Return the rank of who held out, from 0 (named first) to 1 (last); by chance it is a half for a single party."""
    assert case.outcome is not None, "scored cases have outcomes"
    true = [case.place(key) for key in case.outcome.held_out]
    if likely is None or not true:
        return float("nan")
    return (rank_of(likely, true) - 1) / (len(likely) - 1)
