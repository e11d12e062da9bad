"""Scores in tables and in words: what differs, what the cases cannot tell, and how each case came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orrery.base.errors import NegotiationError
from orrery.base.keys import named_key, root_key
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.outcomes import outcomes
from orrery.negotiation.forecasts.prediction import predict
from orrery.negotiation.forecasts.scoreboard import BASE_RATE, SEED, Scoreboard
from orrery.negotiation.forecasts.scores import Interval

NOTHING = "–"


@dataclass(frozen=True)
class Score:
    """A score of `Scored`, the lower the better.

    Attributes:
        title: what is forecast, and the score.
        digits: decimals shown.
    """

    title: str
    digits: int


SCORES = {
    "brier": Score("chance of agreement (Brier score)", 3),
    "text": Score("text (CRPS, points of 100)", 2),
    "error": Score("text (distance of the median, points of 100)", 2),
    "duration": Score("logarithm of the duration (CRPS)", 2),
    "rank": Score("who held out (rank, 0 first, 1 last)", 2),
}


def score_table(board: Scoreboard) -> pd.DataFrame:
    """Return one row for each model: the mean of every score with its 95 % interval, as text."""
    rows = [
        {"model": model.title}
        | {score.title: _shown(board.mean(name, key), score.digits) for key, score in SCORES.items()}
        for name, model in board.models.items()
    ]
    return pd.DataFrame(rows)


def parts_table(board: Scoreboard) -> pd.DataFrame:
    """Return one row for each model: the parts of its Brier score (Murphy 1973), as text.

    The base rate has none: left out by groups it is the lower the more of a group agreed, so that bins by it sort the
    outcomes.
    """
    rows = []
    for name, model in board.models.items():
        parts = board.parts(name)
        values = {
            "reliability (low is good)": parts.reliability,
            "resolution (high is good)": parts.resolution,
            "uncertainty of the outcomes": parts.uncertainty,
            "within bins": parts.within,
        }
        shown = {key: NOTHING if name == BASE_RATE else f"{round(value, 3) + 0:.3f}" for key, value in values.items()}
        rows.append({"model": model.title} | shown)
    return pd.DataFrame(rows)


def lead_table(board: Scoreboard, model: str) -> pd.DataFrame:
    """Return one row for each other model: by how much its scores exceed those of `model`, as text."""
    _check_model(board, model)
    rows = [
        {"lead over": other.title}
        | {score.title: _shown(board.lead(model, name, key), score.digits) for key, score in SCORES.items()}
        for name, other in board.models.items()
        if name != model
    ]
    return pd.DataFrame(rows)


def sentences(board: Scoreboard, model: str) -> list[str]:
    """Return a sentence for each score: against which models the interval of the difference leaves out 0, and how.

    Raises:
        NegotiationError: a model that is not on the board.
    """
    _check_model(board, model)
    return [_sentence(board, model, key) for key in SCORES if board.mean(model, key) is not None]


def case_table(cases: Sequence[Case], learned: Learned) -> pd.DataFrame:
    """Return one row for each case: what the closed form forecasts without its group, beside what is recorded.

    Returns:
        `case`; `chance` of agreement; `agreed`; `error` of the median text in points, NaN where nothing was agreed;
        `years` forecast if there is agreement (median); `recorded_years` until the outcome, or the last day known;
        `binds`, the party whose consent is needed last in most draws, and `binds_share` of those draws; `held_out`,
        the parties recorded.

    Raises:
        NegotiationError: a case without an outcome.
    """
    key, recorded = root_key(SEED), outcomes(cases)
    rows = []
    for row, case in enumerate(cases):
        assert case.outcome is not None, "`outcomes` refuses cases without"
        found = predict(key, case, learned)
        seen = np.asarray(recorded.text)[row, : len(case.issues)]
        known = ~np.isnan(seen)
        off = 100 * np.abs(np.median(found.text, 0) - seen)[known]
        shares = found.blockers(len(case.parties))
        rows.append(
            {
                "case": case.code,
                "chance": found.agreement,
                "agreed": case.outcome.agreed,
                "error": off.mean() if known.any() else np.nan,
                "years": float(np.median(found.durations(named_key(key, f"noise {case.code}")))),
                "recorded_years": float(recorded.years[row]),
                "binds": case.keys[int(shares.argmax())],
                "binds_share": float(shares.max()),
                "held_out": ", ".join(case.outcome.held_out),
            }
        )
    return pd.DataFrame(rows)


def rank_by_chance(cases: Sequence[Case]) -> float:
    """Return the mean rank that a random order of parties gives to the first of those that held out.

    The least of k of n ranks drawn without order is `(n + 1) / (k + 1)` on average, here from 0 to 1.
    """
    found = []
    for case in cases:
        n_held_out = len(case.outcome.held_out) if case.outcome is not None else 0
        if n_held_out:
            n_parties = len(case.parties)
            found.append(((n_parties + 1) / (n_held_out + 1) - 1) / (n_parties - 1))
    return float(np.mean(found))


def _sentence(board: Scoreboard, model: str, key: str) -> str:
    score = SCORES[key]
    leads = {name: board.lead(model, name, key) for name in board.models if name != model}
    known = {name: lead for name, lead in leads.items() if lead is not None}
    verdicts = {
        "Better than": [name for name, lead in known.items() if lead.low > 0],
        "Worse than": [name for name, lead in known.items() if lead.high < 0],
        "The interval of the difference includes 0 for": [
            name for name, lead in known.items() if lead.low <= 0 <= lead.high
        ],
    }
    parts = [
        f"{verdict}: {'; '.join(board.models[name].title for name in names)}." if names else f"{verdict}: none."
        for verdict, names in verdicts.items()
    ]
    means = {name: mean.mean for name in board.models if (mean := board.mean(name, key)) is not None}
    best = min(means, key=lambda name: means[name])
    title = score.title[0].upper() + score.title[1:]
    lowest = f"Lowest mean: {board.models[best].title} ({means[best]:.{score.digits}f})."
    return f"*{title}*, {model}. {' '.join(parts)} {lowest}"


def _shown(found: Interval | None, digits: int) -> str:
    if found is None:
        return NOTHING
    # Adding 0 takes the sign off a rounded 0.
    mean, low, high = (f"{round(value, digits) + 0:.{digits}f}" for value in (found.mean, found.low, found.high))
    return f"{mean} [{low}, {high}]"


def _check_model(board: Scoreboard, model: str) -> None:
    if model not in board.models:
        raise NegotiationError(f"`model`: {model!r} came; give one of {', '.join(board.models)}.")
