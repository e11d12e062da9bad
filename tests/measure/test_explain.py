"""A roll call explained: hand-computed probabilities, the posterior against a grid, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points import IdealPoints, Priors, fit, vote_matrix
from orrery.measure.ideal_points.explain import (
    ANSWERS,
    NO_VOTE,
    answer_probabilities,
    cut_points,
    explain,
    item_posterior,
    log_posterior,
)

CODES = ("ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHL", "CHN", "CUB", "DNK", "EGY", "FRA", "GHA", "IND", "USA")
PLACES = np.linspace(-2, 2, len(CODES))


def votes_of(calls: dict[str, np.ndarray]) -> tuple[pd.DataFrame, pd.DataFrame]:
    votes = pd.DataFrame(
        [(rcid, code, ANSWERS[choice]) for rcid, row in calls.items() for code, choice in zip(CODES, row, strict=True)],
        columns=pd.Index(["rcid", "iso3", "vote"]),
    )
    roll_calls = pd.DataFrame(
        {
            "rcid": list(calls),
            "session": "65",
            "date": pd.Timestamp(2010, 11, 1),
            "year": 2010,
            "title": [f"On {rcid}" for rcid in calls],
            "amendment": False,
            "paragraph": False,
        }
    )
    return votes, roll_calls


def cast(lower: float, upper: float, discrimination: float, seed: int) -> np.ndarray:
    latent = discrimination * PLACES + np.random.default_rng(seed).standard_normal(len(PLACES))
    return np.digitize(latent, [lower, upper])


@pytest.fixture(scope="module")
def small() -> tuple[pd.DataFrame, pd.DataFrame, IdealPoints]:
    calls = {f"r{n}": cast(-0.4 + 0.05 * n, 0.3 + 0.05 * n, -1.5, n) for n in range(30)}
    calls |= {"same": np.zeros(len(CODES), int), "sharp": np.digitize(-PLACES, [-0.5, 0.6])}
    calls["crosswise"] = np.arange(len(CODES)) % 2 * 2
    votes, roll_calls = votes_of(calls)
    return votes, roll_calls, fit(vote_matrix(votes, roll_calls, period="year"))


def test_probabilities_by_hand() -> None:
    # l = 0, u = 1, d = 1 at x = 0.5 without doubt: Phi(-.5) = .3085, 1 - Phi(.5) = .3085.
    known = answer_probabilities(np.array([0.5]), np.zeros(1), np.array([[0.0, 1.0, 1.0]]))
    assert known[0] == pytest.approx([0.3085, 0.3829, 0.3085], abs=1e-4)
    # With sd 1 the scale is sqrt(2): Phi(-.5 / 1.4142) = Phi(-.35355) = .3618.
    doubtful = answer_probabilities(np.array([0.5]), np.ones(1), np.array([[0.0, 1.0, 1.0]]))
    assert doubtful[0] == pytest.approx([0.3618, 0.2763, 0.3618], abs=1e-4)


@given(
    mean=st.floats(-4, 4),
    sd=st.floats(0, 2),
    lower=st.floats(-3, 3),
    gap=st.floats(0.01, 3),
    discrimination=st.floats(-4, 4),
)
def test_probabilities_are_the_mean_over_positions(
    mean: float, sd: float, lower: float, gap: float, discrimination: float
) -> None:
    draws = np.array([[lower, lower + gap, discrimination]])
    exact = answer_probabilities(np.array([mean]), np.array([sd]), draws)[0]
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    x = mean + sd * nodes
    weights = weights / weights.sum()
    yes = (weights * ndtr(lower - discrimination * x)).sum()
    no = (weights * ndtr(discrimination * x - lower - gap)).sum()
    assert exact.sum() == pytest.approx(1)
    assert (exact >= 0).all()
    assert exact == pytest.approx([yes, 1 - yes - no, no], abs=5e-3)


def test_the_posterior_is_that_of_a_grid() -> None:
    rng = np.random.default_rng(3)
    mean, sd = rng.standard_normal(120), np.full(120, 0.15)
    choice = np.digitize(1.2 * mean + rng.standard_normal(120), [-0.3, 0.5]).astype(np.int8)
    draws = item_posterior(choice, mean, sd)
    axes = [np.linspace(-0.9, 0.4, 17), np.linspace(-1.0, 0.7, 17), np.linspace(0.5, 2.2, 17)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    weight = np.array([log_posterior(point, choice, mean, sd, Priors()) for point in grid])
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    exact = np.stack([grid[:, 0], grid[:, 0] + np.exp(grid[:, 1]), grid[:, 2]], 1)
    centre = weight @ exact
    spread = np.sqrt(weight @ (exact - centre) ** 2)
    assert draws.mean(0) == pytest.approx(centre, abs=0.25 * spread.min())
    assert draws.std(0) == pytest.approx(spread, rel=0.12)


def test_cut_points_lie_where_the_votes_change(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    found = explain(votes, roll_calls, "sharp", points)
    frame = found.to_frame().set_index("vote")["ideal_point"]
    yes, no = found.cut_points
    for cut, below, above in ((yes, "abstain", "yes"), (no, "no", "abstain")):
        between = (frame[below].max() + frame[above].min()) / 2
        assert cut.lower < between < cut.upper
        assert cut.estimate == pytest.approx(between, abs=0.25)
    assert yes.lower < yes.estimate < yes.upper
    assert found.discrimination[2] < 0
    assert found.share_correct == 1
    assert found.modal_share == pytest.approx(max(np.bincount(np.digitize(-PLACES, [-0.5, 0.6]))) / len(CODES))


def test_it_agrees_with_the_fit_that_gave_the_positions(
    small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints],
) -> None:
    votes, roll_calls, points = small
    for place in (3, 12, 25):
        rcid = f"r{place}"
        item = points.items.items.index(rcid)
        found = explain(votes, roll_calls, rcid, points)
        # The fit's cutpoints are modes of a skewed posterior, these are medians.
        assert found.discrimination[1] < points.items.discrimination[item] < found.discrimination[2]


def test_every_country_has_a_row_and_a_reason(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    found = explain(votes, roll_calls, "r5", points)
    frame = found.to_frame()
    assert frame["country"].is_unique
    assert len(frame) == 192  # the members of the United Nations in November 2010
    assert sum(found.tally.values()) == len(frame)
    silent = frame[frame["vote"] == NO_VOTE]
    assert silent[["probability", "p_yes"]].isna().all(axis=None)
    assert (silent["status"] == "no votes").all()
    cast_votes = frame[frame["vote"] != NO_VOTE]
    own = [row[f"p_{row['vote']}"] for row in cast_votes.to_dict("records")]
    assert cast_votes["probability"].tolist() == pytest.approx(own)
    assert cast_votes["probability"].is_monotonic_increasing
    assert found.surprising(3)["country"].tolist() == cast_votes["country"].tolist()[:3]
    assert set(found.to_xarray()["country"].values.tolist()) == set(frame["country"])


def test_a_unanimous_roll_call_has_no_cut_point(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    found = explain(votes, roll_calls, "same", points)
    assert found.unanimous
    assert {cut.reason for cut in found.cut_points} == {"unanimous: all votes are the same"}
    assert np.isnan([cut.estimate for cut in found.cut_points]).all()
    assert np.isnan(found.share_correct)
    assert found.modal_share == 1
    assert found.surprising().empty


def test_votes_across_the_line_have_no_cut_point(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    found = explain(votes, roll_calls, "crosswise", points)
    assert {cut.reason for cut in found.cut_points} == {"the votes do not line up with the positions"}
    assert found.discrimination[1] < 0 < found.discrimination[2]


def test_where_nobody_voted_no_there_is_no_such_cut_point() -> None:
    choice = np.repeat([0, 1], 40).astype(np.int8)
    draws = item_posterior(choice, np.repeat([-1.0, 1.0], 40), np.full(80, 0.1))
    yes, no = cut_points(draws, choice)
    assert (yes.reason, no.reason) == ("", "nobody voted no")
    assert -1 < yes.estimate < 1
    assert np.isnan(no.estimate)


def test_the_same_question_gives_the_same_numbers(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    one, other = (explain(votes.sample(frac=1, random_state=seed), roll_calls, "r5", points) for seed in (1, 2))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


@pytest.mark.parametrize(
    ("rcid", "change", "message"),
    [
        ("r99", {}, "'r99' came, which stands 0 times among the 33 roll calls"),
        ("r5", {"period_kind": "session"}, "give positions by year"),
        ("r5", {"periods": (2011,)}, "cover 2011-2011, not 2010"),
    ],
)
def test_what_cannot_be_explained_says_why(
    small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints], rcid: str, change: dict, message: str
) -> None:
    votes, roll_calls, points = small
    with pytest.raises(MeasureError, match=message):
        explain(votes, roll_calls, rcid, replace(points, **change))


def test_surprising_needs_a_number(small: tuple[pd.DataFrame, pd.DataFrame, IdealPoints]) -> None:
    votes, roll_calls, points = small
    with pytest.raises(MeasureError, match="`n`: 0 came"):
        explain(votes, roll_calls, "r5", points).surprising(0)
