"""One roll call explained by positions: where it divides the line, and which votes that leaves surprising.

Given positions `x_i ~ N(m_i, s_i^2)`, the votes of one roll call follow the model that positions are estimated with
(ordered probit; after Bailey, Strezhnev & Voeten 2017): `P(yes) = Phi(l - d x)`, `P(no) = 1 - Phi(u - d x)`, the rest
abstain. With the position integrated out, `Phi(l - d x)` becomes `Phi((l - d m) / sqrt(1 + d^2 s^2))`. The posterior of
`(l, log(u - l), d)`, with the priors of the fast method, is taken as normal around its mode (Laplace).

A *cut point* is where two answers to one question are even: at `l / d`, yes and anything else; at `u / d`, no and
anything else. Predicted choices are evaluated with the positions that this and all other votes of the year gave: the
country's own vote is one among them, so that a surprise is understated a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float, Int8
from scipy.optimize import minimize
from scipy.special import ndtr

from orrery.base.axes import COUNTRY
from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.ordered_probit import LEAST_PROBABILITY
from orrery.measure.ideal_points.ordinal import Priors
from orrery.measure.ideal_points.points import IdealPoints
from orrery.measure.ideal_points.votes import CHOICES, NO, NOT_CAST, YES
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ANSWERS = ("yes", "abstain", "no")
NO_VOTE = "no vote recorded"
"""What a member of the United Nations did of whom the source has neither yes, abstain nor no: mostly absence."""
INTERVAL = (0.05, 0.95)
"""Bounds of every interval: 90 %."""
N_DRAWS = 2000
STEP = 1e-3
"""Step of the differences that give the curvature at the mode, in units of the parameters."""

Draws = Float[np.ndarray, "draw 3"]


class CutPoint(NamedTuple):
    """Where the line is cut.

    Attributes:
        between: the answers on its two sides.
        estimate: posterior median, in units of the ideal points; NaN where there is none.
        lower: of the 90 % interval.
        upper: of the 90 % interval.
        reason: why there is no cut point; empty where there is one.
    """

    between: str
    estimate: float
    lower: float
    upper: float
    reason: str


@dataclass(frozen=True)
class Explanation(Labelled):
    """A roll call explained.

    Attributes:
        dataset: by `country`: `vote` (one of `ANSWERS`, or `NO_VOTE`), `ideal_point`, `sd`, `status` (how the position
            is known), `p_yes`, `p_abstain`, `p_no`, `probability` (of the country's own vote), `predicted` (the most
            probable answer). NaN or empty where the country did not vote or has no position.
        rcid: the roll call.
        title: of the question.
        date: day of the vote, ISO 8601.
        year: calendar year.
        tally: countries by vote.
        cut_points: between yes and the rest, between no and the rest.
        discrimination: median and 90 % interval of `d`; positive where higher positions mean no.
        share_correct: share of votes that are the most probable answer; NaN for a unanimous roll call.
        modal_share: the same for one who names the commonest answer for every country.
        draws: of the posterior of `l, u, d`; empty for a unanimous roll call.
        method: estimator of the positions.
    """

    dataset: xr.Dataset
    rcid: str
    title: str
    date: str
    year: int
    tally: dict[str, int]
    cut_points: tuple[CutPoint, CutPoint]
    discrimination: tuple[float, float, float]
    share_correct: float
    modal_share: float
    draws: Draws
    method: str

    @property
    def unanimous(self) -> bool:
        """Whether all votes cast are the same, so that no position is told from another."""
        return len(self.draws) == 0

    def to_frame(self) -> pd.DataFrame:
        """Return one row per country, the least probable votes first."""
        frame = self.dataset.to_dataframe().reset_index()
        return frame.sort_values(["probability", COUNTRY], ignore_index=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset

    def surprising(self, n: int = 10) -> pd.DataFrame:
        """Return the `n` votes with the least predicted probability.

        Raises:
            MeasureError: `n` is below 1.
        """
        if n < 1:
            raise MeasureError(f"`n`: {n} came; give 1 or more.")
        return self.to_frame().dropna(subset=["probability"]).head(n)

    def regions(self, x: Float[np.ndarray, " point"]) -> Float[np.ndarray, "point 3"]:
        """Return the probabilities of yes, abstain and no at positions on the line, over the posterior."""
        return answer_probabilities(x, np.zeros(len(x)), self.draws)


def explain(votes: pd.DataFrame, roll_calls: pd.DataFrame, rcid: str, points: IdealPoints) -> Explanation:
    """Explain a roll call by the positions of its calendar year.

    Args:
        votes: the store's table: rcid, iso3, vote.
        roll_calls: the store's table: rcid, date, year, title.
        rcid: the roll call.
        points: positions by calendar year, `fit(vote_matrix(votes, roll_calls, period="year"))`.

    Raises:
        MeasureError: no such roll call, positions by session or of other years, or fewer than two voters with one.
    """
    import pandas as pd

    call = check_roll_call(roll_calls, rcid)
    year, day = int(call["year"]), pd.Timestamp(call["date"]).date()
    frame = _with_positions(_cast(votes, rcid, day), points, year)
    choice = frame["vote"].map(CHOICES).fillna(NOT_CAST).to_numpy(np.int8)
    mean, sd = frame["ideal_point"].to_numpy(float), frame["sd"].to_numpy(float)
    used = (choice != NOT_CAST) & ~np.isnan(mean)
    if used.sum() < 2:
        raise MeasureError(f"`rcid`: {rcid!r} has {used.sum()} voters with a position in {year}; give one with 2.")
    unanimous = len(set(choice[used])) < 2
    draws = np.empty((0, 3)) if unanimous else item_posterior(choice[used], mean[used], sd[used])
    predicted = np.full((len(frame), len(ANSWERS)), np.nan)
    if not unanimous:
        predicted[used] = answer_probabilities(mean[used], sd[used], draws)
    return Explanation(
        dataset=_by_country(frame, choice, predicted),
        rcid=rcid,
        title="" if pd.isna(call["title"]) else str(call["title"]),
        date=day.isoformat(),
        year=year,
        tally={answer: int((frame["vote"] == answer).sum()) for answer in (*ANSWERS, NO_VOTE)},
        cut_points=cut_points(draws, choice[used]),
        discrimination=_median_and_bounds(draws[:, 2]),
        share_correct=float("nan") if unanimous else float((predicted[used].argmax(-1) == choice[used]).mean()),
        modal_share=float(np.bincount(choice[used]).max() / used.sum()),
        draws=draws,
        method=points.method,
    )


def _by_country(
    frame: pd.DataFrame, choice: Int8[np.ndarray, " country"], predicted: Float[np.ndarray, "country 3"]
) -> xr.Dataset:
    """Label what is known of every country; its own vote has a probability where it voted and has a position."""
    import xarray as xr

    known = np.asarray(~np.isnan(predicted).any(-1))
    best = np.where(known, np.array(ANSWERS)[np.where(known[:, None], predicted, 0).argmax(-1)], "")
    columns = {
        "vote": frame["vote"].to_numpy(str),
        "ideal_point": frame["ideal_point"].to_numpy(float),
        "sd": frame["sd"].to_numpy(float),
        "status": frame["status"].to_numpy(str),
        **{f"p_{answer}": predicted[:, place] for place, answer in enumerate(ANSWERS)},
        "probability": np.where(known, predicted[np.arange(len(frame)), np.maximum(choice, 0)], np.nan),
        "predicted": best,
    }
    labelled = {name: (COUNTRY, column) for name, column in columns.items()}
    return xr.Dataset(labelled, {COUNTRY: frame["iso3"].tolist()})


def item_posterior(
    choice: Int8[np.ndarray, " country"],
    mean: Float[np.ndarray, " country"],
    sd: Float[np.ndarray, " country"],
    *,
    priors: Priors | None = None,
    seed: int = 0,
) -> Draws:
    """Return draws of `l, u, d` of one roll call, given positions with their uncertainty.

    Args:
        choice: 0 yes, 1 abstain, 2 no.
        mean: positions.
        sd: their posterior standard deviations.
        priors: of cutpoints and discrimination; those of the fast method by default.
        seed: of the draws.

    Raises:
        MeasureError: the posterior has no proper mode.
    """
    known = priors or Priors()

    def objective(parameters: np.ndarray) -> float:
        return -log_posterior(parameters, choice, mean, sd, known)

    start = np.array([0.0, 0.0, 0.1])
    mode = minimize(objective, start, method="BFGS", options={"gtol": 1e-4}).x
    covariance = np.linalg.inv(_curvature(objective, mode))
    if not (np.linalg.eigvalsh(covariance) > 0).all():
        raise MeasureError("`choice`: these votes and positions give no proper posterior; check the positions.")
    sample = np.random.default_rng(seed).multivariate_normal(mode, covariance, N_DRAWS)
    return np.stack([sample[:, 0], sample[:, 0] + np.exp(sample[:, 1]), sample[:, 2]], axis=1)


def log_posterior(
    parameters: Float[np.ndarray, " 3"],
    choice: Int8[np.ndarray, " country"],
    mean: Float[np.ndarray, " country"],
    sd: Float[np.ndarray, " country"],
    priors: Priors,
) -> float:
    """Return the log posterior density of `l, log(u - l), d`, up to a constant.

    `p(l, u) ~ (u - l) N(l; 0, c^2) N(u; 0, c^2)` as in the fast method; the change to `log(u - l)` adds `u - l` again.
    """
    lower, log_gap, discrimination = parameters
    upper = lower + np.exp(log_gap)
    triple = np.array([[lower, upper, discrimination]])
    chosen = answer_probabilities(mean, sd, triple)[np.arange(len(choice)), choice]
    prior = 2 * log_gap - (lower**2 + upper**2) / (2 * priors.cutpoint_sd**2)
    prior -= discrimination**2 / (2 * priors.discrimination_sd**2)
    return float(np.log(np.maximum(chosen, LEAST_PROBABILITY)).sum() + prior)


def answer_probabilities(
    mean: Float[np.ndarray, " country"], sd: Float[np.ndarray, " country"], draws: Draws
) -> Float[np.ndarray, "country 3"]:
    """Return the probabilities of yes, abstain and no at uncertain positions, the mean over draws of `l, u, d`."""
    lower, upper, discrimination = draws.T[:, :, None]
    spread = np.sqrt(1 + discrimination**2 * sd**2)
    yes = ndtr((lower - discrimination * mean) / spread).mean(0)
    # From the other tail, so that a small probability of no keeps its digits.
    no = ndtr(-(upper - discrimination * mean) / spread).mean(0)
    return np.stack([yes, np.clip(1 - yes - no, 0, 1), no], axis=1)


def cut_points(draws: Draws, choice: Int8[np.ndarray, " country"]) -> tuple[CutPoint, CutPoint]:
    """Return the two cut points with 90 % intervals, or why there is none.

    Where the interval of `d` holds 0 the votes do not line up with the positions, and `l / d` is anywhere.
    """
    everybody = "unanimous: all votes are the same" if len(set(choice)) < 2 else ""
    low, high = (0.0, 0.0) if everybody else np.quantile(draws[:, 2], INTERVAL)
    crosswise = "the votes do not line up with the positions" if low <= 0 <= high else ""
    found = []
    for column, answer in enumerate((YES, NO)):
        between = f"{ANSWERS[answer]} and the rest"
        absent = "" if (choice == answer).any() else f"nobody voted {ANSWERS[answer]}"
        reason = everybody or absent or crosswise
        place = (np.nan, np.nan, np.nan) if reason else _median_and_bounds(draws[:, column] / draws[:, 2])
        found.append(CutPoint(between, *place, reason))
    return found[0], found[1]


def _median_and_bounds(values: Float[np.ndarray, " draw"]) -> tuple[float, float, float]:
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    lower, middle, upper = (float(q) for q in np.quantile(values, [INTERVAL[0], 0.5, INTERVAL[1]]))
    return middle, lower, upper


def _curvature(function, at: Float[np.ndarray, " 3"]) -> Float[np.ndarray, "3 3"]:
    """Return the matrix of second derivatives by central differences."""
    steps = STEP * np.eye(len(at))
    return np.array(
        [
            [
                function(at + one + other)
                - function(at + one - other)
                - function(at - one + other)
                + function(at - one - other)
                for other in steps
            ]
            for one in steps
        ]
    ) / (4 * STEP**2)


def check_roll_call(roll_calls: pd.DataFrame, rcid: str) -> pd.Series:
    """Return the row of a roll call.

    Raises:
        MeasureError: the table does not hold it once.
    """
    rows = roll_calls[roll_calls["rcid"] == rcid]
    if len(rows) != 1:
        example = f", such as {roll_calls['rcid'].iloc[-1]!r}" if len(roll_calls) else ""
        raise MeasureError(
            f"`rcid`: {rcid!r} came, which stands {len(rows)} times among the {len(roll_calls):,} roll calls; "
            f"give one of them{example}. `orrery vote list --search TEXT` finds them."
        )
    return rows.iloc[0]


def _cast(votes: pd.DataFrame, rcid: str, day: object) -> pd.DataFrame:
    """Return one row per country that voted or was a member of the United Nations on the day: iso3, vote."""
    import pandas as pd

    from orrery.data.countries import un_members

    rows = votes.loc[votes["rcid"] == rcid, ["iso3", "vote"]]
    cast = rows[rows["vote"].isin(ANSWERS)]
    others = sorted(set(un_members(day)) - set(cast["iso3"]))  # type: ignore[arg-type]
    silent = pd.DataFrame({"iso3": others, "vote": NO_VOTE})
    return pd.concat([cast, silent], ignore_index=True).sort_values("iso3", ignore_index=True)


def _with_positions(cast: pd.DataFrame, points: IdealPoints, year: int) -> pd.DataFrame:
    if points.period_kind != "year":
        raise MeasureError(
            f"`points` are by {points.period_kind}; give positions by year: `vote_matrix(period='year')`."
        )
    if year not in points.periods:
        raise MeasureError(
            f"`points` cover {points.periods[0]}-{points.periods[-1]}, not {year}; fit all votes of the store."
        )
    positions = points.to_frame()
    of_year = positions.loc[positions["year"] == year, ["iso3", "ideal_point", "sd", "status"]]
    joined = cast.merge(of_year, on="iso3", how="left")
    words = joined["status"].astype(object).str.replace("_", " ")
    return joined.assign(status=words.where(joined["status"].notna(), "no votes"))
