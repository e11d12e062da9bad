"""Merits: the closed form as its plain case, what must go up or down with each means, and paired draws."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import SHORTEST, Table, Terms, agree
from orrery.negotiation.design.merits import CUSTOMARY_SIZE, INSTITUTION_COST, Merits, compliance_intercept, merits_of
from orrery.negotiation.design.search import evaluate
from orrery.negotiation.design.tables import Draws, Matter
from orrery.negotiation.formats import PRESETS, SCALARS, Format, Layout, layout

LEGITIMACY, SPEED, DEPTH, DURABILITY, COST = range(5)
quick = settings(max_examples=25)
shares = st.floats(0, 1, width=32)
PLAIN = Format(title="All by consensus, without institutions", seats="all", formality=0.0)
Worth = Callable[..., Merits]


@pytest.fixture(scope="module")
def worth(matter: Matter) -> Worth:
    """What formats are worth for the matter, or for one with other draws."""

    def of(*formats: Format, draws: Draws | None = None) -> Merits:
        asked = matter if draws is None else Matter(matter.case, draws, matter.weights)
        return evaluate(asked, [layout(one, matter.case) for one in formats])

    return of


@pytest.fixture(scope="module")
def alike(matter: Matter) -> Draws:
    """Draws in which all parties want the same and there is so much to gain that depth is full in any company."""
    draws = matter.draws
    middle = jnp.broadcast_to(draws.position.mean(1, keepdims=True), draws.position.shape)
    none = jnp.zeros_like(draws.relief)
    new = (middle, none, none, jnp.full_like(draws.stake, 4.0))
    return eqx.tree_at(lambda one: (one.position, one.relief, one.rivalry, one.stake), draws, new)


def other(plain: Format, **fields) -> Format:
    return Format(**{**plain.model_dump(), **fields})


@pytest.mark.parametrize("quota", [1.0, 2 / 3, 0.5])
@pytest.mark.parametrize("linkage", [0.0, 0.7])
def test_a_table_without_institutions_is_the_closed_form(matter, worth, quota, linkage):
    chosen = other(PLAIN, quota=quota, linkage=linkage)
    one, draws, case = layout(chosen, matter.case), matter.draws, matter.case
    votes = tuple(np.asarray(one.votes).tolist())
    capability = np.array([party.capability for party in case.parties])
    influence = np.array(votes) / sum(votes) / 2 + capability / capability.sum() / 2
    table = Table(draws.position, draws.salience, jnp.asarray(influence), 1.0, draws.relief + draws.rivalry)
    terms = Terms(draws.stake, draws.linkage * linkage, draws.concession)
    expected = agree(table, terms, Threshold(votes, int(one.quota)))
    merits = worth(chosen)
    chance = np.where(expected.agreed, -np.expm1(-draws.horizon / (SHORTEST + expected.years)), 0)
    np.testing.assert_allclose(merits.chance[0], chance, atol=2e-4)
    np.testing.assert_allclose(merits.merits[0, :, DEPTH], chance * expected.depth, atol=2e-4)
    speed = np.where(expected.agreed, 1 / (SHORTEST + expected.years), 0)
    np.testing.assert_allclose(merits.merits[0, :, SPEED], speed, rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(merits.merits[0, :, COST], 0, atol=1e-6)


def test_presets_stay_within_their_bounds(worth):
    found = worth(*PRESETS.values())
    merits = np.asarray(found.merits)
    assert np.isfinite(merits).all()
    assert (merits >= 0).all()
    assert (merits[..., [LEGITIMACY, DEPTH, DURABILITY]] <= 1).all()
    assert (merits[..., SPEED] <= 1 / SHORTEST + 1e-5).all()
    none = np.asarray(found.chance) == 0
    assert none.any()
    assert (merits[none][:, [LEGITIMACY, SPEED, DEPTH, DURABILITY]] == 0).all()


@quick
@given(shares, shares, st.integers(1, 8), st.sampled_from([0.5, 2 / 3, 1.0]), st.booleans())
def test_a_veto_never_raises_the_chance(worth, linkage, formality, n_vetoes, quota, opt_outs):
    free = other(PLAIN, linkage=linkage, formality=formality, quota=quota, opt_outs=opt_outs)
    held = other(free, veto="capable", n_vetoes=n_vetoes)
    chance = np.asarray(worth(free, held, other(free, veto="all")).chance)
    assert (chance[1] <= chance[0]).all()
    assert (chance[2] <= chance[1]).all()


@quick
@given(shares, shares)
def test_enforcement_raises_compliance_at_the_same_depth(matter, worth, one, two):
    """Where there is so much to gain that depth is full with and without it."""
    low, high = sorted((one, two))
    rich = eqx.tree_at(lambda draws: draws.stake, matter.draws, jnp.full_like(matter.draws.stake, 1.6))
    near = eqx.tree_at(lambda draws: draws.position, rich, 0.4 + 0.2 * rich.position)
    chosen = [other(PLAIN, enforcement=value) for value in (low, high)]
    found = worth(*chosen, draws=near)
    depth = np.asarray(found.merits[..., DEPTH] / found.chance)
    np.testing.assert_allclose(depth, 1, atol=1e-5)
    kept = np.asarray(found.compliance / found.chance)
    assert (kept[1] >= kept[0] - 1e-6).all()
    if high - low > 0.01:
        assert kept[1].mean() > kept[0].mean()


@quick
@given(st.floats(0.5, 40), st.floats(0.5, 40))
def test_an_earlier_sunset_shortens_durability_alone(worth, one, two):
    early, late = sorted((one, two))
    found = worth(other(PLAIN, sunset=early), other(PLAIN, sunset=late), PLAIN)
    lasts = np.asarray(found.merits[..., DURABILITY])
    assert (lasts[0] <= lasts[1] + 1e-7).all()
    assert (lasts[1] <= lasts[2] + 1e-7).all()
    rest = np.asarray(found.merits)[..., [LEGITIMACY, SPEED, DEPTH, COST]]
    assert (rest == rest[2]).all()


def test_who_is_left_out_costs_legitimacy_and_if_it_has_a_stake_durability(matter, worth, alike):
    keys = matter.case.keys
    left_out = [left for size in (1, 2) for left in combinations(keys, size)]
    tables = [other(PLAIN, seats="named", named=tuple(key for key in keys if key not in left)) for left in left_out]
    means = np.asarray(worth(PLAIN, *tables, draws=alike).merits).mean(1)
    assert (means[1:, LEGITIMACY] < means[0, LEGITIMACY]).all()
    stake = np.asarray(matter.weights.stake)
    lost = np.array([stake[[keys.index(key) for key in left]].sum() for left in left_out])
    assert 0 < (lost == 0).sum() < len(lost)
    assert (means[1:, DURABILITY][lost > 0] < means[0, DURABILITY]).all()


def test_institutions_cost_what_they_say(matter, worth):
    size = len(matter.case.parties)
    found = worth(*(other(PLAIN, formality=value) for value in (0.0, 0.3, 0.9)))
    expected = [INSTITUTION_COST * value / 3 * np.sqrt(size / CUSTOMARY_SIZE) for value in (0.0, 0.3, 0.9)]
    np.testing.assert_allclose(found.merits[..., COST].mean(1), expected, rtol=1e-5)


def test_a_design_is_worth_the_same_beside_any_others(matter, worth):
    formats = list(PRESETS.values())
    together = worth(*formats, *formats, *formats)
    again = worth(formats[4], formats[4])
    assert (np.asarray(again.merits[0]) == np.asarray(again.merits[1])).all()
    for start in (0, len(formats), 2 * len(formats)):
        np.testing.assert_allclose(together.merits[start + 4], again.merits[0], rtol=1e-6, atol=1e-7)


def test_the_order_of_parties_does_not_matter(matter):
    """Permuting parties in every array permutes who binds and changes no merit."""
    order = jnp.asarray(np.random.default_rng(0).permutation(len(matter.case.parties)))
    one = layout(PRESETS["qualified-majority"], matter.case)
    stacked: Layout = jax.tree.map(lambda array: array[None], one)
    moved = eqx.tree_at(
        lambda each: (each.seated, each.votes, each.veto),
        stacked,
        (stacked.seated[:, order], stacked.votes[:, order], stacked.veto[:, order]),
    )
    draws = eqx.tree_at(
        lambda each: (each.position, each.salience, each.relief, each.rivalry),
        matter.draws,
        tuple(getattr(matter.draws, name)[:, order] for name in ("position", "salience", "relief", "rivalry")),
    )
    weights = jax.tree.map(lambda array: array[order], matter.weights)
    intercept = compliance_intercept(matter)
    first = merits_of(stacked, matter.draws, matter.weights, intercept)
    second = merits_of(moved, draws, weights, intercept)
    np.testing.assert_allclose(first.merits, second.merits, rtol=1e-3, atol=1e-4)


def test_every_means_is_read(worth):
    """Each means changes some merit: none is taken and then ignored."""
    base = worth(PLAIN).merits
    for name in SCALARS:
        assert not np.array_equal(worth(other(PLAIN, **{name: 0.8})).merits, base), name
