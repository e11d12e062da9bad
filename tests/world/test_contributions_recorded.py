"""Contributions recorded in simulations: they add up to what happened, and causes are found where they were planted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.world.contributions import TERMS, AlignmentRecord, alignment_path, contributions
from orrery.world.forcing import Forcing, no_change_forcing, still_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import Ensemble, simulate_draws

pytestmark = pytest.mark.long

KEY, CHOSEN, YEARS = root_key(7), np.array([4, 0, 7]), 8
A_POLE = 1
"""Place among the chosen of a country that is a pole."""
UNMOVED = {"underdelivery_coercion": 0.0, "patron_pull": 0.0, "caucusing": 0.0}
"""Parameters under which portfolios and supply move nothing but portfolios."""
NO_ANSWER = {"diversification": 0.0, "exclusivity": 0.0}
"""Parameters under which the portfolio does not answer to itself."""


@pytest.fixture(scope="module")
def observed(observed_world: Callable[..., Observed]) -> Observed:
    return observed_world(12, 3, n_bodies=6, n_open=4)


def recorded(observed: Observed, forcing: Forcing, **fixed: float) -> Ensemble:
    return simulate_draws(KEY, observed, forcing, range(4), fixed=fixed, workers=1, observe=AlignmentRecord(CHOSEN))


def moved(forcing: Forcing, **levels: float) -> Forcing:
    """Move paths over countries and poles for country 4 and the first pole, others as a whole, from the third year."""
    paths = {}
    for name, level in levels.items():
        path = np.array(getattr(forcing, name))
        path[(slice(2, None), 4, 0) if path.ndim == 3 else slice(2, None)] = level
        paths[name] = path
    return dataclasses.replace(forcing, **paths)


def of_terms(ensemble: Ensemble) -> dict[str, np.ndarray]:
    found = contributions(alignment_path(ensemble.trajectory.info))
    return dict(zip(TERMS, np.moveaxis(found, -2, 0), strict=True))


@pytest.fixture(scope="module")
def lively(observed: Observed) -> Ensemble:
    forcing = moved(
        no_change_forcing(observed, YEARS, Params.central()), grants=0.05, pressure=0.5, exclusivity=2.0, adjustment=1.5
    )
    return recorded(observed, forcing)


def test_what_is_recorded_is_the_simulation_in_double_precision(observed: Observed, lively: Ensemble) -> None:
    path = alignment_path(lively.trajectory.info)
    np.testing.assert_array_equal(path.portfolio.astype(np.float32), lively.trajectory.portfolio[:, :, CHOSEN])
    np.testing.assert_allclose(path.portfolio.sum(-1), 1, rtol=0, atol=1e-13)
    assert path.portfolio.dtype == np.float64


def test_contributions_add_up_to_the_change_of_every_share_in_every_draw_and_year(lively: Ensemble) -> None:
    path = alignment_path(lively.trajectory.info)
    found = contributions(path)
    change = path.portfolio[:, 1:] - path.portfolio[:, :1]
    assert np.abs(change).max() > 0.05
    np.testing.assert_allclose(found.sum(-2), change, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 0, rtol=0, atol=1e-12)
    assert (found[:, :, A_POLE] == 0).all()


def test_the_record_changes_no_bit_of_the_simulation(observed: Observed, lively: Ensemble) -> None:
    forcing = moved(
        no_change_forcing(observed, YEARS, Params.central()), grants=0.05, pressure=0.5, exclusivity=2.0, adjustment=1.5
    )
    plain = simulate_draws(KEY, observed, forcing, range(4), fixed={}, workers=1)
    for name, values in vars(plain.trajectory).items():
        if name != "info":
            jax.tree.map(np.testing.assert_array_equal, values, getattr(lively.trajectory, name))


def test_in_a_world_that_stands_still_nothing_contributes(observed: Observed) -> None:
    found = of_terms(recorded(observed, still_forcing(observed, YEARS)))
    assert max(np.abs(values).max() for values in found.values()) < 1e-12


def test_where_only_supply_moves_only_supply_contributes(observed: Observed) -> None:
    forcing = moved(still_forcing(observed, YEARS), grants=0.1)
    ensemble = recorded(observed, forcing, **UNMOVED, **NO_ANSWER)
    found = of_terms(ensemble)
    assert found["supply"][:, -1, 0, 1].min() > 0.01
    np.testing.assert_allclose(found["supply"][:, :2], 0, atol=1e-12)
    for name in set(TERMS) - {"supply"}:
        np.testing.assert_allclose(found[name], 0, rtol=0, atol=1e-12, err_msg=name)


def test_where_portfolios_answer_to_themselves_so_do_the_two_terms_of_shares(observed: Observed) -> None:
    found = of_terms(recorded(observed, moved(still_forcing(observed, YEARS), grants=0.1), **UNMOVED))
    for name in ("coercion", "positions", "rivalry", "reliability"):
        np.testing.assert_allclose(found[name], 0, rtol=0, atol=1e-12, err_msg=name)
    # What supply adds at a pole, the distaste for dependence takes away in part.
    assert (found["own shares"][:, -1, 0, 1] < 0).all()
    assert found["shares of rivals"][:, -1, 0].any()


def test_pressure_moves_coercion_and_demands_move_rivalry(observed: Observed) -> None:
    still = still_forcing(observed, YEARS)
    answers = {"coercion_pull": 0.0, "coercion_stability": 0.0, **UNMOVED, **NO_ANSWER}
    pressed = of_terms(recorded(observed, moved(still, pressure=0.5), **answers))
    assert pressed["coercion"][:, -1, 0, 1].min() > 0.01
    np.testing.assert_allclose(pressed["supply"], 0, rtol=0, atol=1e-12)
    asked = of_terms(recorded(observed, moved(still, exclusivity=2.0), **UNMOVED, diversification=0.0))
    assert np.abs(asked["rivalry"][:, -1, 0]).min() > 0
    for name in ("supply", "coercion", "positions"):
        np.testing.assert_allclose(asked[name], 0, rtol=0, atol=1e-12, err_msg=name)
