"""Participation: who joins and stays, against the definition and counted by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.participation import (
    Abatement,
    abatement,
    cooperative_payoff,
    free_riding_loss,
    gain_of_membership,
    identical,
    is_stable,
    payoff,
)
from orrery.negotiation.compliance.stable_sets import (
    adjusted,
    first_members,
    gains_by_size,
    stable_coalitions,
    stable_sizes,
)

amounts = st.floats(0.2, 3)
shares = st.floats(0, 1)
PAYOFF, GAIN = jax.jit(payoff), jax.jit(gain_of_membership)
PAYOFFS, LOSSES = (jax.jit(jax.vmap(each, in_axes=(None, 0))) for each in (payoff, free_riding_loss))


@st.composite
def games(draw: st.DrawFn, n: int = 5) -> Abatement:
    benefit, cost = (jnp.asarray(draw(st.lists(amounts, min_size=n, max_size=n))) for _ in range(2))
    return Abatement(benefit, cost, *(jnp.asarray(draw(shares)) for _ in range(3)), jnp.asarray(draw(st.floats(0, 2))))


sets_of_five = st.lists(st.booleans(), min_size=5, max_size=5).map(jnp.asarray)


@settings(max_examples=50)
@given(games(), sets_of_five)
def test_the_gain_of_membership_is_the_difference_of_payoffs(game, members):
    mine = jnp.eye(5, dtype=bool)
    inside, outside = (jnp.diag(PAYOFFS(game, each)) for each in (members | mine, members & ~mine))
    assert GAIN(game, members).tolist() == pytest.approx((inside - outside).tolist(), abs=2e-3, rel=1e-3)


def by_definition(game: Abatement) -> set[tuple[int, ...]]:
    """Stable sets from payoffs in double precision, one change of mind after the other."""
    b, c = (np.asarray(each, np.float64) for each in (game.benefit, game.cost))
    n, found = len(b), set()
    unit = b.sum() ** 2 * (1 / c).sum() / (2 * n)

    def payoff_of(members: frozenset[int], i: int) -> float:
        q = np.array([b[sorted(members)].sum() if j in members else b[j] for j in range(n)]) / c
        value = b[i] * q.sum() - c[i] * q[i] ** 2 / 2
        if len(members) < 2:
            return value
        if i in members:
            return value - float(game.verification) * unit * len(members) / n
        inside = sorted(members)
        return (
            value
            - float(game.club_share) * b[i] * q[inside].sum()
            - float(game.penalty) * unit * (b[inside].sum() / b.sum())
        )

    for code in range(1, 2**n):
        members = frozenset(i for i in range(n) if code >> i & 1)
        stays = all(payoff_of(members, i) >= payoff_of(members - {i}, i) - 1e-9 for i in members)
        joins = any(payoff_of(members | {i}, i) >= payoff_of(members, i) - 1e-9 for i in range(n) if i not in members)
        if stays and not joins:
            found.add(tuple(sorted(members)))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_stable_sets_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    game = Abatement(
        jnp.asarray(rng.uniform(0.5, 2, 7)),
        jnp.asarray(rng.uniform(0.5, 2, 7)),
        penalty=float(rng.uniform(0, 0.5)),
        club_share=float(rng.uniform(0, 0.5)),
        verification=float(rng.uniform(0, 0.05)),
    )
    found = {tuple(int(i) for i in np.flatnonzero(each)) for each in stable_coalitions(game)}
    assert found == by_definition(game)
    for start in (jnp.zeros(7, bool), jnp.ones(7, bool)):
        end = adjusted(game, start)
        assert bool(end.stable)
        assert tuple(int(i) for i in np.flatnonzero(end.members)) in found


def test_sizes_count_the_sets_of_identical_countries():
    game = identical(8, penalty=0.3)
    (size,) = stable_sizes(game)
    found = stable_coalitions(game)
    assert set(found.sum(1)) == {size}
    assert size == 5
    assert len(found) == len({tuple(each) for each in found}) == 56  # 8 over 5


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("penalty", [0.05, 0.1, 0.2, 0.3, 0.4])
def test_identical_countries_by_hand(share, penalty):
    """In units of b^2 / c, U = n^2 / 2 and g(s) = s - s^2 / 2 + x s^2 + p n s / 2, 0 at s = (1 + p n/2) / (1/2 - x)."""
    n = 20
    most = (1 + penalty * n / 2) / (0.5 - share)
    assert stable_sizes(identical(n, penalty=penalty, club_share=share)) == (min(n, int(most + 1e-9) + 1),)


def test_gains_by_size_by_hand():
    """(s - s^2 / 2) / (n^2 / 2) for the k = s + 1 members, and what a penalty of p adds: p s / n."""
    s = np.arange(20)
    plain = (s - s**2 / 2) / 200
    assert gains_by_size(identical(20)).tolist() == pytest.approx(plain.tolist(), abs=1e-6)
    held = plain + np.where(s > 1, 0.3 * s / 20, 0)
    assert gains_by_size(identical(20, penalty=0.3)).tolist() == pytest.approx(held.tolist(), abs=1e-6)


@settings(max_examples=40)
@given(shares, shares, shares)
def test_more_enforcement_never_means_fewer_members(one, other, share):
    low, high = sorted((one, other))
    sizes = [max(stable_sizes(identical(12, penalty=p, club_share=share))) for p in (low, high)]
    assert sizes[0] <= sizes[1]
    clubs = [max(stable_sizes(identical(12, penalty=share, club_share=x))) for x in (low, high)]
    assert clubs[0] <= clubs[1]


@pytest.mark.parametrize("n", [3, 20])
def test_free_riding_costs_nothing_where_all_cooperate_and_everything_where_none_does(n):
    game = identical(n)
    losses = LOSSES(game, first_members(n))
    assert float(losses[0]) == pytest.approx(1, abs=1e-5)
    assert float(losses[-1]) == pytest.approx(0, abs=1e-5)
    assert (np.diff(np.asarray(losses)) < 1e-6).all()


def test_payoffs_worked_out_by_hand():
    # Members 0 and 1 with b = 1, 2 and c = 1, 2; outsider b = 1, c = 1: q = 3, 3/2, 1.
    game = Abatement(jnp.asarray([1.0, 2.0, 1.0]), jnp.asarray([1.0, 2.0, 1.0]), penalty=0.5, club_share=0.2)
    members = jnp.asarray([True, True, False])
    assert abatement(game, members).tolist() == pytest.approx([3, 1.5, 1])
    assert float(cooperative_payoff(game)) == pytest.approx(16 * 2.5 / 6)
    outsider = 5.5 - 0.2 * 4.5 - 0.5 - 0.5 * 0.75 * 40 / 6
    assert payoff(game, members).tolist() == pytest.approx([5.5 - 4.5, 11 - 2.25, outsider])


def test_one_country_is_no_agreement():
    game = identical(4, penalty=0.9, club_share=0.9, verification=0.9)
    alone = payoff(game, jnp.asarray([True, False, False, False]))
    assert alone.tolist() == payoff(game, jnp.zeros(4, bool)).tolist()


def test_verification_that_grows_with_members_shrinks_the_agreement():
    sizes = [max(stable_sizes(identical(20, penalty=0.4, verification=v))) for v in (0, 0.02, 0.1, 0.5)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4
    assert sizes[-1] == 1


def test_a_country_that_gains_much_stays_and_one_that_gains_little_does_not():
    # g of the second of a pair, b_i^2 / c_j - b_j^2 / (2 c_i): 1/4 - 16/2 for the small, 16 - ... for the large.
    game = Abatement(jnp.asarray([4.0, 0.5]), jnp.ones(2))
    gains = gain_of_membership(game, jnp.ones(2, bool))
    assert gains.tolist() == pytest.approx([16 - 0.125, 0.25 - 8])
    assert not bool(is_stable(game, jnp.ones(2, bool)))


def test_a_path_of_joining_is_cut_off_where_asked():
    end = adjusted(identical(20, penalty=0.4), jnp.zeros(20, bool), most=4)
    assert int(end.moves) == 4
    assert not bool(end.stable)


def test_gradients_are_finite_and_batches_equal_single_sets():
    game, members = identical(4, penalty=0.2, club_share=0.1), jnp.asarray([True, True, False, True])
    slope = jax.jit(jax.grad(lambda p: payoff(Abatement(game.benefit, game.cost, penalty=p), members).sum()))(0.3)
    assert float(slope) == pytest.approx(-0.75 * 8)
    many = PAYOFFS(game, jnp.stack([members, ~members]))
    assert many[0].tolist() == pytest.approx(PAYOFF(game, members).tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("benefit", jnp.asarray([1.0, 0.0]), "Leave out countries that have nothing to gain"),
        ("cost", jnp.asarray([1.0, -1.0]), "slope of the marginal cost"),
        ("penalty", -0.1, "-0.1 came; allowed is a finite number of at least 0"),
        ("club_share", 1.2, "1.2 came; allowed is 0 to 1"),
        ("verification", float("nan"), "nan came"),
        ("verification_growth", -1.0, "-1 came"),
    ],
)
def test_bad_input_is_named(field, value, said):
    with pytest.raises(NegotiationError, match=said) as caught:
        Abatement(**{"benefit": jnp.ones(2), "cost": jnp.ones(2), field: value})
    assert f"`{field}`" in str(caught.value)


def test_sets_that_cannot_be_counted_and_sizes_that_say_too_little_are_refused():
    with pytest.raises(NegotiationError, match="17 countries came"):
        stable_coalitions(identical(17))
    with pytest.raises(NegotiationError, match="countries differ, from 1 to 2"):
        stable_sizes(Abatement(jnp.asarray([1.0, 2.0]), jnp.ones(2)))
    with pytest.raises(NegotiationError, match="`penalty`: countries differ, from 0 to 1"):
        gains_by_size(Abatement(jnp.ones(2), jnp.ones(2), penalty=jnp.asarray([0.0, 1.0])))
    with pytest.raises(NegotiationError, match="`n`: 1 came"):
        identical(1)
