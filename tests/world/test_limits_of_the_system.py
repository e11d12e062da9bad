"""The system without its couplings (theory 4.8): every indicator stays where it began, but for what is convex."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pytest
from watched_worlds import KEY, certain, still, watched

from orrery.base.keys import draw_key
from orrery.world.indicators import INDICATORS
from orrery.world.observed import Observed
from orrery.world.params import Params

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
DRAWS = 50
LATER = slice(15, 26)
"""Years of which the mean is compared with the first."""
NOTHING = 1e-12
"""For parameters whose prior has no 0."""

COUPLINGS: dict[str, float] = {
    # What the row names: the exponents of stakes, of density, and all pulls on positions.
    **{"problem_elasticity": 0.0, "connectedness_elasticity": 0.0, "density_moderation": 0.0, "dispute_density": 0.0},
    **{"patron_pull": 0.0, "comember_pull": 0.0, "coercion_pull": 0.0},
    # Records, shadows, legitimacy and stability act on nobody; provision on no problem; openness on no stability.
    **{"trust_weight": 0.0, "reciprocity": NOTHING, "legitimacy_compliance": 0.0, "stability_compliance": NOTHING},
    **{"provision_effect": NOTHING, "problem_growth": 0.0, "membership_response": NOTHING},
    **{"openness_stability": NOTHING, "coercion_stability": 0.0, "tension_drag": NOTHING},
    # Supply, distance and rivals act on no portfolio, portfolios on no coercion and no talks.
    **{"resource_appeal": NOTHING, "distance_aversion": NOTHING, "exclusivity": 0.0, "diversification": NOTHING},
    **{"underdelivery_coercion": NOTHING, "caucusing": 0.0, "linkage": 0.0, "rivalry_weight": 0.0},
    # Neither positions nor capability act on talks, on coercion or on disputes.
    **{"distance_unit": 1e6, "dispute_distance": 0.0, "dispute_capability": 0.0, "capability_leverage": 0.0},
    # No events.
    **{"problem_shock_rate": 0.0, "join_hazard": 1e-300},
}

CONSTANT = (
    *("ad_hoc_bodies", "bodies", "memberships", "informal_share", "mean_depth", "institutional_density"),
    *("deadlock_share", "talks_years", "compliance", "mean_reputation", "output_legitimacy"),
    *("global_authority", "regional_authority", "problem_pressure", "connectedness", "dispute_rate", "western_share"),
)
"""No noise reaches them any more: they stay as they were."""

FAIR = (
    *("tension", "mean_coercion", "decisions", "mean_stability"),
    *("input_legitimacy", "legitimacy", "provision", "mean_diversity", "non_aligned_share", "regional_assortativity"),
)
"""Linear in what noise moves, or so nearly that the bend does not show: the mean over draws stays."""

CONVEX: dict[str, tuple[float, float]] = {
    # Of capability, whose logarithms walk at random: the sum of squares of shares and the largest of them rise.
    "concentration": (0.0, 0.06),
    "top_two_share": (0.0, 0.06),
    "effective_poles": (-0.12, 0.0),
    "effective_powers": (-0.12, 0.0),
    "polarity_gap": (-0.05, 0.0),
    "verticality": (0.0, 0.015),
    # A share beyond a threshold, of which none was beyond it in the first year.
    "independence": (0.0, 0.5),
    # Of positions, which noise spreads around their anchors: `σ_x² / (1 - (1 - φ_x)²)` is added to the variance.
    "ideal_point_dispersion": (0.0, 0.12),
    "pole_hostility": (0.0, 0.25),
    # Ratios of distances between poles to the largest of the year.
    "mean_rival_diversity": (-0.01, 0.01),
    "mean_effective_vectors": (-0.03, 0.03),
    "mean_effective_multivectorness": (-0.01, 0.01),
    # A standard deviation that begins at 0: `σ_s / √(1 - ρ_s²)` is 0.07.
    "stability_dispersion": (0.05, 0.08),
}
"""Not conserved, with the reason and the bounds of the mean change."""


@functools.cache
def changes(factory: Factory, **restored: float) -> dict[str, np.ndarray]:
    """Return, by indicator, the mean over later years less the first year, of every draw with all shocks on."""
    observed = certain(factory())
    # Members gain from what is delivered whatever their capability.
    even = dataclasses.replace(observed.bodies, excludability=np.ones(len(observed.bodies.codes)))
    observed = dataclasses.replace(observed, bodies=even)
    params = Params.central().override({**COUPLINGS, **restored})
    forcing = still(observed, noise=1.0, births=0.0, deaths=0.0, exits=0.0)
    runs = [watched(observed, params, forcing, draw_key(KEY, draw)).trajectory.indicators for draw in range(DRAWS)]
    return {name: np.array([run[name][LATER].mean() - run[name][0] for run in runs]) for name in runs[0]}


def standard_errors(change: np.ndarray) -> float:
    """How many Monte-Carlo standard errors the mean change is away from 0."""
    return float(abs(change.mean()) / (change.std(ddof=1) / np.sqrt(len(change))))


def test_every_indicator_is_said_to_be_constant_fair_or_convex() -> None:
    """Nothing is left out of the row `ζ=ξ=γ_3=c_J=λ's=0`."""
    assert sorted((*CONSTANT, *FAIR, *CONVEX)) == sorted(INDICATORS)


@pytest.mark.parametrize("name", CONSTANT)
def test_without_couplings_what_no_noise_reaches_is_constant(observed_world: Factory, name: str) -> None:
    """Row `ζ=ξ=γ_3=c_J=λ's=0`: modules decouple."""
    assert abs(changes(observed_world)[name]).max() < 1e-9


@pytest.mark.parametrize("name", FAIR)
def test_without_couplings_noise_moves_indicators_around_where_they_began(observed_world: Factory, name: str) -> None:
    """Row `ζ=ξ=γ_3=c_J=λ's=0`: indicators are stationary, within the error of so many draws."""
    change = changes(observed_world)[name]
    assert change.std() > 1e-7, "noise reaches it"
    assert standard_errors(change) < 3.5


@pytest.mark.parametrize("name", CONVEX)
def test_without_couplings_what_is_convex_stays_within_bounds(observed_world: Factory, name: str) -> None:
    """Row `ζ=ξ=γ_3=c_J=λ's=0`: the mean of what bends moves without any coupling, and only so far."""
    low, high = CONVEX[name]
    assert low <= changes(observed_world)[name].mean() <= high


def test_dispersion_rises_by_what_noise_adds_to_the_variance(observed_world: Factory) -> None:
    """Row `ζ=ξ=γ_3=c_J=λ's=0`: the convex change of dispersion is that of an AR(1) around anchors, and no more."""
    params, first = Params.central(), certain(observed_world()).ideal_point
    persists = (1 - float(params.anchor_strength)) ** 2
    years = np.arange(LATER.start, LATER.stop)
    added = float(params.ideal_point_noise) ** 2 * ((1 - persists**years) / (1 - persists)).mean()
    expected = np.sqrt(first.var() + added * 11 / 12) - first.std()
    assert changes(observed_world)["ideal_point_dispersion"].mean() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(
    ("restored", "moved"),
    [
        ({"distance_unit": 2.0}, ("mean_depth", "institutional_density", "compliance", "deadlock_share")),
        ({"provision_effect": 0.05, "distance_unit": 2.0}, ("problem_pressure",)),
        ({"dispute_distance": 0.31}, ("dispute_rate",)),
    ],
)
def test_a_coupling_restored_moves_what_was_constant(
    observed_world: Factory, restored: dict[str, float], moved: tuple[str, ...]
) -> None:
    """The control: with one coupling back, constants are none any more."""
    found = changes(observed_world, **restored)
    assert min(abs(found[name]).max() for name in moved) > 1e-4


def test_a_coupling_restored_moves_the_mean_of_what_was_fair(observed_world: Factory) -> None:
    """The control: where distance makes disputes, the spread of positions raises tension and coercion for good."""
    found = changes(observed_world, dispute_distance=1.0)
    assert min(standard_errors(found[name]) for name in ("tension", "mean_coercion")) > 3.5
