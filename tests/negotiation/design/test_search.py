"""The search: what stands on a front, what constraints do, and the smallest coalition against all subsets."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import load_case
from orrery.negotiation.design.front import alternatives, read_front, read_named
from orrery.negotiation.design.merits import OBJECTIVES, SENSES, Merits
from orrery.negotiation.design.search import OWN, Code, Constraints, design, smallest_coalition
from orrery.negotiation.formats import PRESETS, SCALARS, layout, own_format

N = 400
quick = settings(max_examples=25)
SIGNS = np.array([SENSES[name] for name in OBJECTIVES])


def dominated(gain: np.ndarray) -> np.ndarray:
    """Tell, pair by pair, which rows another is at least as good as everywhere and better somewhere."""
    return np.array([any((other >= one).all() and (other > one).any() for other in gain) for one in gain])


def test_no_member_of_the_front_dominates_another_and_no_preset_does(found):
    gain = SIGNS * found.means()
    assert found.objectives == OBJECTIVES
    assert found.front.sum() >= 5
    assert not dominated(gain[found.front]).any()
    # Whatever is not on an unconstrained front is dominated by something that is.
    assert dominated(gain)[~found.front].all()


def test_the_presets_and_the_own_format_stand_beside_what_is_found(found):
    assert found.names[: len(PRESETS) + 1] == (*PRESETS, OWN)
    assert found.n_evaluated == N
    own = own_format(found.matter.case)
    placed = found.at(found.names.index(OWN))
    assert np.array_equal(placed.votes, own.votes)
    assert np.array_equal(placed.quota, own.quota)


def test_the_same_seed_gives_the_same_front_and_another_a_different_one(matter, found):
    again = design(matter, n_evaluations=N, seed=3)
    assert again.names == found.names
    assert (again.means() == found.means()).all()
    assert (again.front == found.front).all()
    other = design(matter, n_evaluations=N, seed=4)
    assert other.names != found.names or not np.array_equal(other.means(), found.means())


LIMITS = Constraints(
    include=("RUS",),
    exclude=("USA",),
    least_seats=3,
    most_seats=5,
    quota=(0.6, 0.9),
    vetoes=False,
    opt_outs=False,
    most={"enforcement": 0.2, "leadership": 0.0},
)


def test_every_member_of_a_front_satisfies_its_constraints(matter):
    heard = []
    found = design(matter, constraints=LIMITS, n_evaluations=N, report=heard.append)
    assert heard == [100, 200, 300, 400]
    layouts = jax.tree.map(lambda array: np.asarray(array)[found.front], found.layouts)
    keys = matter.case.keys
    assert layouts.seated[:, keys.index("RUS")].all()
    assert not layouts.seated[:, keys.index("USA")].any()
    assert set(layouts.seated.sum(1)) <= {3, 4, 5}
    share = layouts.quota / layouts.votes.sum(1)
    assert (share >= 0.6 - 1e-6).all()
    assert (layouts.quota <= np.ceil(0.9 * layouts.votes.sum(1))).all()
    assert not layouts.veto.any()
    assert (layouts.opt_outs == 0).all()
    assert (layouts.enforcement <= 0.2 + 1e-6).all()
    assert (layouts.leadership == 0).all()


def test_the_least_chance_holds_on_the_front(matter, found):
    chance = np.asarray(found.merits.chance).mean(1)
    least = float(np.quantile(chance, 0.8))
    limited = design(matter, constraints=Constraints(least_chance=least), n_evaluations=N)
    assert (np.asarray(limited.merits.chance).mean(1)[limited.front] >= least).all()


def test_the_worst_tenth_is_searched_by_when_asked(matter):
    found = design(matter, ("legitimacy", "durability"), n_evaluations=N, worst=True)
    values = np.sort(np.asarray(found.merits.merits)[:, :, [0, 3]], axis=1)
    n_worst = int(np.ceil(0.1 * values.shape[1]))
    judged = values[:, :n_worst].mean(1)
    np.testing.assert_allclose(found.judged, judged, rtol=1e-5, atol=1e-7)
    assert not dominated(found.judged[found.front]).any()
    for member in read_front(found):
        assert all(0 <= lost <= 1 for lost in member.gives_up.values())


@quick
@given(st.integers(0, 2**32 - 1))
def test_every_row_of_numbers_is_a_design_within_the_limits(seed):
    case = load_case("ARCTIC-SEARCH-RESCUE-2011")
    code = Code(case, LIMITS)
    layouts = jax.tree.map(np.asarray, code.decode(np.random.default_rng(seed).random((8, code.size))))
    assert np.isin(layouts.seated.sum(1), [3, 4, 5]).all()
    assert layouts.seated[:, case.keys.index("RUS")].all()
    assert not layouts.seated[:, case.keys.index("USA")].any()
    assert (layouts.votes[~layouts.seated] == 0).all()
    assert ((layouts.quota > 0) & (layouts.quota <= layouts.votes.sum(1))).all()


@pytest.mark.parametrize("name", ["universal-conference", "qualified-majority", "club", "security-council"])
def test_a_format_is_read_back_from_its_numbers(name):
    case = load_case("ARCTIC-SEARCH-RESCUE-2011")
    code, one = Code(case, Constraints()), layout(PRESETS[name], case)
    back = jax.tree.map(lambda array: np.asarray(array)[0], code.decode(code.encode(one)[None]))
    assert np.array_equal(back.seated, one.seated)
    assert np.array_equal(back.veto, one.veto)
    assert abs(int(back.quota) - int(one.quota)) <= 1
    for mean in (*SCALARS, "opt_outs", "sunset"):
        assert float(getattr(back, mean)) == pytest.approx(float(getattr(one, mean)), abs=1e-6), mean


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"constraints": Constraints(include=("XXX",))}, "there is no party XXX"),
        ({"constraints": Constraints(include=("USA",), exclude=("USA",))}, "USA must also sit"),
        ({"constraints": Constraints(most={"colour": 1.0})}, "colour came; the means are"),
        ({"constraints": Constraints(least_seats=6, most_seats=5)}, "at most 5 parties can sit, and 6 must"),
        ({"constraints": Constraints(quota=(0.9, 0.6))}, "give a least and a greatest share"),
        ({"constraints": Constraints(least_chance=1.1)}, "none of 400 designs satisfies them"),
        ({"objectives": ("speed",)}, "a front needs two or more"),
        ({"objectives": ("speed", "beauty")}, "beauty came; known are legitimacy"),
        ({"n_evaluations": 99}, "99 came; 100 designs are looked at together"),
    ],
)
def test_what_no_design_can_satisfy_is_refused(matter, arguments, message):
    with pytest.raises(NegotiationError, match=message):
        design(matter, **{"n_evaluations": N, **arguments})


def test_the_knee_and_the_sacrifices_of_a_front_made_by_hand(found):
    """Four designs by legitimacy and speed: (0, 4), (0.8, 3.2), (1, 0), and (0.4, 1), which is beaten."""
    values = np.zeros((4, 2, 5), np.float32)
    values[:, :, 0] = np.array([0.0, 0.8, 1.0, 0.4])[:, None]
    values[:, :, 1] = np.array([4.0, 3.2, 0.0, 1.0])[:, None]
    half = jnp.full((4, 2), 0.5)
    made = dataclasses.replace(
        found,
        names=("fast", "both", "legitimate", OWN),
        layouts=jax.tree.map(lambda array: array[:4], found.layouts),
        merits=Merits(jnp.asarray(values), half, half, jnp.zeros((4, 2), int)),
        objectives=("legitimacy", "speed"),
        judged=values[:, 0, :2],
        front=np.array([True, True, True, False]),
    )
    members = read_front(made)
    assert [member.name for member in members] == ["both", "legitimate", "fast"]
    assert [member.is_knee for member in members] == [True, False, False]
    assert members[0].gives_up == pytest.approx({"legitimacy": 0.2, "speed": 0.2})
    assert members[1].sacrifice == "speed (100% of the range)"
    assert members[2].sacrifice == "legitimacy (100% of the range)"
    # At least as good as the own format in both objectives, in one, in one.
    assert [member.better for member in members] == [1.0, 0.0, 0.0]
    assert members[0].chance == 0.5


@pytest.mark.parametrize("code", ["ARCTIC-SEARCH-RESCUE-2011", "EU-BELARUS-2020", "JCPOA-2015"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 1.0])
def test_the_smallest_coalition_is_the_smallest_of_all(code, share):
    case = load_case(code)
    capability = {party.key: party.capability for party in case.parties}
    needed = share * sum(capability.values()) * (1 - 1e-9)
    chosen = smallest_coalition(case, share)
    assert sum(capability[key] for key in chosen) >= needed
    for fewer in combinations(capability, len(chosen) - 1):
        assert sum(capability[key] for key in fewer) < needed


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(NegotiationError, match="give a share above 0, up to 1"):
        smallest_coalition(load_case("JCPOA-2015"), share)


def test_the_alternatives_are_the_best_of_each_objective(found):
    members = read_front(found)
    chosen = alternatives(members)
    assert 1 <= len(chosen) <= 4
    assert not any(member.is_knee for member in chosen)
    for member in chosen:
        assert min(member.gives_up.values()) == 0
        assert max(member.gives_up.values()) <= 1
    assert len({member.name for member in chosen}) == len(chosen)


def test_named_formats_are_measured_against_the_front(found):
    members = read_named(found)
    assert [member.name for member in members] == [*PRESETS, OWN]
    gain = SIGNS * found.means()
    best, worst = gain[found.front].max(0), gain[found.front].min(0)
    for member in members:
        expected = (best - gain[member.place]) / (best - worst)
        assert list(member.gives_up.values()) == pytest.approx(expected.tolist(), abs=1e-5)
        assert (np.array(list(member.gives_up.values())) >= 0).all()
    assert members[-1].better == 1.0
