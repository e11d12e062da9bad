"""Predictions: both engines over the same draws, what is left unexplained, and whose consent is needed last."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.keys import root_key
from orrery.negotiation.cases import load_cases
from orrery.negotiation.forecasts.prediction import Prediction, predict

KEY = root_key(3)
N_DRAWS = 64
CODES = ("EU-BELARUS-2020", "IRAQ-2003", "RCEP-2020")


@pytest.fixture(scope="module")
def both(learned):
    """Both engines' forecasts of three cases."""
    return {
        code: tuple(predict(KEY, load_cases()[code], learned, N_DRAWS, rounds=rounds) for rounds in (False, True))
        for code in CODES
    }


def made(chance: list[float], years: list[float], n_issues: int = 2) -> Prediction:
    n_draws = len(chance)
    text = np.linspace(0, 1, n_draws * n_issues).reshape(n_draws, n_issues)
    return Prediction(
        np.array(chance), np.array(years), text, np.arange(n_draws) % 3, np.full(n_draws, 0.1), np.full(n_draws, 0.5)
    )


@pytest.mark.parametrize("code", CODES)
def test_both_engines_have_the_same_draws(code, both):
    closed, rounds = both[code]
    np.testing.assert_array_equal(closed.spread, rounds.spread)
    np.testing.assert_array_equal(closed.duration_spread, rounds.duration_spread)
    for found in (closed, rounds):
        assert found.chance.shape == (N_DRAWS,)
        assert found.text.shape == (N_DRAWS, len(load_cases()[code].issues))
        assert (found.chance >= 0).all()
        assert (found.chance <= 1).all()
        assert (found.chance[np.isinf(found.years)] == 0).all()
    # Where both agree, nearly the same text: paired draws differ by the order of moves alone.
    common = (closed.chance > 0) & (rounds.chance > 0)
    assert common.any()
    apart = np.abs(closed.text - rounds.text)[common].mean()
    shuffled = np.abs(closed.text[common] - np.roll(rounds.text[common], 1, 0)).mean()
    assert apart < shuffled


def test_a_forecast_is_repeated_by_its_key_and_changed_by_another(both, learned):
    case = load_cases()["IRAQ-2003"]
    again, other = (predict(key, case, learned, N_DRAWS) for key in (KEY, root_key(4)))
    np.testing.assert_array_equal(again.chance, both["IRAQ-2003"][0].chance)
    assert not np.array_equal(other.chance, again.chance)


def test_who_is_known_to_have_held_out_binds_in_most_draws(both):
    """Cyprus in 2020; one of the permanent members who were against in 2003."""
    for code, among in (("EU-BELARUS-2020", {"CYP"}), ("IRAQ-2003", {"FRA", "RUS", "CHN"})):
        case = load_cases()[code]
        likely = both[code][0].blockers(len(case.parties))
        assert likely.sum() == pytest.approx(1)
        assert case.keys[int(likely.argmax())] in among


@settings(max_examples=15)
@given(st.lists(st.sampled_from([0.0, 0.2, 0.9]), min_size=8, max_size=8), st.integers(0, 99))
def test_texts_and_durations_come_from_draws_that_may_agree(chance, seed):
    years = [1.0 if one > 0 else np.inf for one in chance]
    found = made(chance, years)
    durations = found.durations(root_key(seed))
    texts = found.texts(root_key(seed))
    assert texts.shape == found.text.shape
    assert (texts >= 0).all()
    assert (texts <= 1).all()
    assert np.isfinite(durations).all() == any(chance)


def test_draws_count_by_their_chance():
    n_draws = 4_000
    found = Prediction(
        np.repeat([0.2, 0.8], n_draws // 2),
        np.repeat([1.0, 4.0], n_draws // 2),
        np.repeat([[0.1], [0.9]], n_draws // 2, 0),
        np.zeros(n_draws, int),
        np.zeros(n_draws),
        np.zeros(n_draws),
    )
    assert found.agreement == pytest.approx(0.5)
    assert (found.durations(root_key(1)) == 4.0).mean() == pytest.approx(0.8, abs=0.03)
    assert (found.texts(root_key(1)) == 0.9).mean() == pytest.approx(0.8, abs=0.03)


def test_spread_is_that_of_the_logarithm():
    found = made([1.0] * 4_000, [2.0] * 4_000)
    logarithm = np.log(found.durations(root_key(2)))
    assert logarithm.mean() == pytest.approx(np.log(2), abs=0.04)
    assert logarithm.std() == pytest.approx(0.5, rel=0.05)


def test_blockers_leave_out_draws_in_which_nobody_is_needed():
    found = made([0.5] * 4, [1.0] * 4)
    free = Prediction(
        found.chance, found.years, found.text, np.array([-1, 2, 2, 0]), found.spread, found.duration_spread
    )
    np.testing.assert_allclose(free.blockers(4), [0.25, 0, 0.5, 0])
