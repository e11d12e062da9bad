"""The rounds against the closed form: equal where nothing else happens, ordered alike where something does."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import SHORTEST
from orrery.negotiation.bargaining.comparison import (
    RULES,
    both_forms,
    conducts,
    random_cases,
    rank_correlations,
    spearman,
)
from orrery.negotiation.bargaining.talks import MOST_ROUNDS, STEP

CASES = random_cases(jax.random.key(1), 300)
ROUND = STEP / 0.3


def compared(**manner):
    return both_forms(CASES, conducts(CASES, **manner))


@pytest.fixture(scope="module")
def plain():
    """All cases without boldness, mediation or linkage, by both forms, as NumPy arrays."""
    return tuple(jax.tree.map(np.asarray, one) for one in compared(linked=False))


def test_without_extensions_text_and_depth_are_the_closed_form_s(plain):
    talks, closed = plain
    assert talks.text == pytest.approx(closed.text, abs=1e-5)
    agreed = talks.agreed
    assert talks.depth[agreed] == pytest.approx(closed.depth[agreed], abs=1e-5)
    assert talks.value[agreed][CASES.setting.seated[agreed]] == pytest.approx(
        closed.value[agreed][CASES.setting.seated[agreed]], abs=1e-5
    )


def test_without_extensions_agreement_comes_in_the_round_that_the_closed_form_names(plain):
    talks, closed = plain
    both = talks.agreed & closed.agreed
    late = talks.years[both] - (SHORTEST + closed.years[both])
    assert late.min() > -1e-3
    assert late.max() < ROUND + 1e-3


def test_without_extensions_the_same_party_binds(plain):
    talks, closed = plain
    assert both_bind_share(talks, closed) == 1


def both_bind_share(talks, closed) -> float:
    """Return in how many cases the last party needed has the binding acceptability (places differ in ties only)."""
    both = talks.agreed & closed.agreed
    rows = np.flatnonzero(both)
    return float((closed.acceptability[rows, talks.blocks[rows]] <= closed.binding[rows] + 1e-5).mean())


def test_only_agreements_too_thin_for_the_rounds_are_missed(plain):
    """Demands end at exp(-120 h) of the best payoff: an agreement that gives less than that is not reached."""
    talks, closed = plain
    missed = closed.agreed & ~talks.agreed
    assert not (talks.agreed & ~closed.agreed).any()
    assert (closed.linked[missed] ** 2 <= np.exp(-MOST_ROUNDS * STEP) * 1.01).all()
    reached = closed.agreed & (closed.linked**2 > np.exp(-(MOST_ROUNDS - 1) * STEP))
    assert talks.agreed[reached].all()


@pytest.mark.parametrize(
    "manner",
    [
        {"linked": False},
        {"linked": True},
        {"linked": False, "boldness": 0.5},
        {"linked": False, "mediation": 0.05},
        {"linked": True, "boldness": 0.5, "mediation": 0.05},
    ],
    ids=["none", "linkage", "boldness", "mediation", "all"],
)
def test_both_forms_order_cases_alike(manner):
    found = rank_correlations(*compared(**manner))
    assert min(found.deadlock, found.depth, found.duration) >= 0.9


def test_a_chair_never_talks_an_agreement_to_death():
    """It goes back from a text that leaves no depth, so that what the compromise allowed is still agreed."""
    talks, closed = (jax.tree.map(np.asarray, one) for one in compared(linked=False, mediation=0.5))
    thick = closed.agreed & (closed.linked > 0.05)
    assert thick.sum() > 200
    assert talks.agreed[thick].all()


def test_random_cases_hold_every_rule_and_size():
    assert set(np.asarray(CASES.kind).tolist()) == set(range(len(RULES)))
    size = np.asarray(CASES.setting.seated.sum(-1))
    assert (size.min(), size.max()) == (3, 20)
    needed = np.asarray(CASES.rule.quota[:, 0, 0])
    unanimous = np.asarray(CASES.kind) == 0
    assert (needed[unanimous] == size[unanimous]).all()
    assert (np.asarray(CASES.rule.quota[:, 0, 1]) == np.where(np.asarray(CASES.kind) == 3, 2, 0)).all()


def test_ranks_are_spearman_s():
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
    assert spearman(np.array([1, 2, 2, 9]), np.array([0, 3, 4, 5]), "depth") == pytest.approx(np.sqrt(0.9))
    with pytest.raises(NegotiationError, match=r"deadlock.*same in every case"):
        spearman(np.ones(4), np.arange(4), "deadlock")
