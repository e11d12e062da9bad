"""Learning: weights by hand, what they leave out, recovery of known parameters, staleness, and writing."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orrery.base.errors import NegotiationError
from orrery.base.keys import root_key
from orrery.negotiation.forecasts import learned as module
from orrery.negotiation.forecasts.learned import Learned, fingerprint, learn, shipped
from orrery.negotiation.forecasts.parameters import PRIORS, from_free, to_free

NAMES = tuple(PRIORS)
STAKE = NAMES.index("stake")
N_SETS = 2_000


def some(n_sets: int = 200, groups: tuple[str, ...] = ("a", "a", "b", "c"), seed: int = 0) -> Learned:
    draw = np.random.default_rng(seed)
    free = draw.normal(size=(n_sets, len(NAMES)))
    return Learned(
        free,
        draw.normal(size=n_sets),
        draw.normal(size=(len(groups), n_sets)),
        tuple("1234")[: len(groups)],
        groups,
        "x",
    )


def test_weights_by_hand():
    found = Learned(
        np.zeros((2, len(NAMES))),
        np.log([1.0, 2.0]),
        np.log([[0.5, 0.25], [0.9, 0.3]]),
        ("1", "2"),
        ("a", "b"),
        "x",
    )
    np.testing.assert_allclose(found.weights(), [0.45 / 0.6, 0.15 / 0.6])
    np.testing.assert_allclose(found.weights("b"), [0.5, 0.5])
    np.testing.assert_allclose(found.weights("a"), [0.9 / 1.5, 0.6 / 1.5])
    assert found.effective("b") == pytest.approx(2)


@given(st.integers(0, 1_000), st.sampled_from(["a", "b", "c"]))
@settings(max_examples=25)
def test_weights_without_a_group_do_not_depend_on_its_outcomes(seed, group):
    before = some(seed=seed)
    rows = [row for row, name in enumerate(before.groups) if name == group]
    explains = before.explains.copy()
    explains[rows] = np.random.default_rng(seed + 1).normal(size=(len(rows), explains.shape[1])) * 50
    after = dataclasses.replace(before, explains=explains)
    np.testing.assert_array_equal(after.weights(group), before.weights(group))
    others = [name for name in before.groups if name != group]
    assert all(not np.array_equal(after.weights(name), before.weights(name)) for name in others)


@given(st.integers(0, 1_000), st.floats(-500, 500))
@settings(max_examples=25)
def test_a_constant_in_a_likelihood_changes_no_weight(seed, constant):
    before = some(seed=seed)
    after = dataclasses.replace(before, explains=before.explains + constant)
    np.testing.assert_allclose(after.weights(), before.weights(), atol=1e-9)
    assert before.weights().sum() == pytest.approx(1)
    assert 1 <= before.effective() <= len(before.free)


def test_draws_come_as_often_as_their_sets_weigh():
    found = some(n_sets=5)
    drawn = found.drawn(root_key(1), 20_000, "a")
    number = np.asarray(from_free(jnp.asarray(found.free)).stake)
    share = [(np.abs(np.asarray(drawn.stake) - value) < 1e-6).mean() for value in number]
    np.testing.assert_allclose(share, found.weights("a"), atol=0.015)


class Toy:
    """A posterior known exactly: each case is a normal observation of the logarithm of the stake."""

    sd = 1.2

    def __init__(self, seen: np.ndarray) -> None:
        self.seen = seen

    def judge(self, free: np.ndarray) -> np.ndarray:
        return stats.norm.logpdf(self.seen[:, None], free[:, STAKE], self.sd)

    def posterior(self, kept: np.ndarray) -> tuple[float, float]:
        prior = PRIORS["stake"]
        precision = 1 / prior.second**2 + kept.sum() / self.sd**2
        mean = (np.log(prior.first) / prior.second**2 + self.seen[kept].sum() / self.sd**2) / precision
        return mean, precision**-0.5


@pytest.fixture(scope="module")
def toy(cases):
    chosen = cases[:12]
    made = Toy(np.random.default_rng(2).normal(-3.5, Toy.sd, len(chosen)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "judge_of", lambda *_: made.judge)
        return made, chosen, learn(chosen, seed=1, n_sets=N_SETS)


def test_a_known_posterior_is_found_with_all_cases_and_without_a_group(toy):
    made, chosen, found = toy
    groups = np.array([case.matter for case in chosen])
    for without in (None, groups[0], groups[-1]):
        mean, sd = made.posterior(groups != without)
        weight, values = found.weights(without), found.free[:, STAKE]
        assert weight @ values == pytest.approx(mean, abs=4 * sd / np.sqrt(found.effective(without)))
        spread = np.sqrt(weight @ (values - weight @ values) ** 2)
        assert spread == pytest.approx(sd, rel=0.15)


def test_what_no_case_speaks_of_keeps_its_prior(toy):
    _, _, found = toy
    weight = found.weights()
    concession = found.free[:, NAMES.index("concession")]
    prior = PRIORS["concession"]
    error = prior.second / np.sqrt(found.effective())
    assert weight @ concession == pytest.approx(np.log(prior.first), abs=4 * error)
    assert np.sqrt(weight @ (concession - weight @ concession) ** 2) == pytest.approx(prior.second, rel=0.15)


def test_outcomes_that_no_set_explains_are_refused(cases, monkeypatch):
    monkeypatch.setattr(module, "judge_of", lambda *_: lambda free: -1e7 * np.abs(np.sin(1e4 * free[:, :2].T)))
    monkeypatch.setattr(module, "MOST_GENERATIONS", 3)
    with pytest.raises(NegotiationError, match="after 3 generations"):
        learn(cases[:2], n_sets=N_SETS)


def test_cases_without_outcomes_are_refused(cases):
    with pytest.raises(NegotiationError, match="no outcome"):
        learn([cases[0].model_copy(update={"outcome": None})], n_sets=50)


def test_what_is_written_is_what_was_learned(tmp_path):
    found = some()
    found.save(tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as arrays:
        np.testing.assert_allclose(arrays["free"], found.free, rtol=1e-6)
        np.testing.assert_allclose(arrays["explains"], found.explains, rtol=1e-6)
        assert tuple(arrays["groups"]) == found.groups
        assert str(arrays["fingerprint"]) == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["some.npz"]


def test_the_shipped_file_is_of_the_shipped_cases(cases, learned):
    assert learned.codes == tuple(case.code for case in cases)
    assert learned.groups == tuple(case.matter for case in cases)
    assert learned.fingerprint == fingerprint(cases)
    assert np.isfinite(learned.explains).all()
    assert min(learned.effective(group) for group in set(learned.groups)) > 100
    np.testing.assert_allclose(to_free(learned.parameters), learned.free, atol=2e-3)


def test_a_changed_case_or_prior_makes_the_file_stale(cases, monkeypatch):
    changed = cases[0].model_copy(update={"stake": "low" if cases[0].stake != "low" else "high"})
    assert fingerprint([changed, *cases[1:]]) != fingerprint(cases)
    moved = cases[0].model_copy(update={"file": "elsewhere.toml"})
    assert fingerprint([moved, *cases[1:]]) == fingerprint(cases)
    monkeypatch.setattr(module, "load_cases", lambda: {"one": changed})
    with pytest.raises(NegotiationError, match="cases or priors have changed since"):
        shipped.__wrapped__()


def test_draws_of_sets_need_no_key_of_their_own_to_be_repeated(learned):
    one, two = (learned.drawn(root_key(9), 16, "IRAQ") for _ in range(2))
    jax.tree.map(np.testing.assert_array_equal, one, two)
