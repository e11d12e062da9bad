"""What the cases teach about the common parameters, and what they teach without one of them.

Sets of parameters are drawn from a proposal `g` and weigh by how well they explain the outcomes of the cases
(importance sampling; Rubin 1988). A forecast for a case leaves out the whole group that it belongs to:

    w_m ~ prior(m) / g(m) * product over cases j of other groups of likelihood_j(m)

The proposal is a Student's t around what all cases teach, found by population Monte Carlo (Cappe et al. 2004). It
decides how exact the weights are, not what they estimate: no forecast reads the outcome of its own case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from orrery.base.errors import NegotiationError
from orrery.base.files import writing_file
from orrery.base.keys import named_key
from orrery.negotiation.cases import Case, load_cases
from orrery.negotiation.forecasts.coded import coded
from orrery.negotiation.forecasts.outcomes import Outcomes, likelihoods, outcomes
from orrery.negotiation.forecasts.parameters import (
    PRIORS,
    Parameters,
    draw_parameters,
    from_free,
    prior_density,
    to_free,
)

FILE = "learned.npz"
SEED = 20_260_101
N_SETS = 3_000
N_DRAWS = 48
"""Draws of positions, saliences and stake by which each set is judged; the same for every set."""
FREEDOM = 6.0
"""Degrees of freedom of the proposal: heavy tails keep weights bounded."""
SPREAD = 1.2
"""Factor of the proposal's covariance."""
LEAST_EFFECTIVE = 300
"""While fewer sets than this count, the outcomes are tempered."""
MOST_GENERATIONS = 12


@dataclass(frozen=True)
class Learned:
    """Sets of parameters and how well each explains each case.

    Attributes:
        free: the sets as real numbers (`parameters.from_free`).
        excess: logarithm of prior over proposal, by set.
        explains: log-likelihood of each case's outcome under each set.
        codes: of the cases.
        groups: of the cases.
        fingerprint: of the content of the cases and of the priors that this was learned from.
    """

    free: Float[np.ndarray, "set parameter"]
    excess: Float[np.ndarray, " set"]
    explains: Float[np.ndarray, "case set"]
    codes: tuple[str, ...]
    groups: tuple[str, ...]
    fingerprint: str

    @property
    def parameters(self) -> Parameters:
        """The sets."""
        return from_free(jnp.asarray(self.free))

    def weights(self, without: str | None = None) -> Float[np.ndarray, " set"]:
        """Return the weight of each set, by all cases but those of one group.

        Args:
            without: the group; None for what all cases teach, as for a new case.
        """
        kept = [row for row, group in enumerate(self.groups) if group != without]
        logarithm = self.excess + self.explains[kept].sum(0)
        weight = np.exp(logarithm - logarithm.max())
        return weight / weight.sum()

    def effective(self, without: str | None = None) -> float:
        """Return how many equally weighted sets the weights are worth (Kish 1965)."""
        return float(1 / (self.weights(without) ** 2).sum())

    def drawn(self, key: Key[Array, ""], n_draws: int, without: str | None = None) -> Parameters:
        """Return draws of sets by their weights."""
        rows = jax.random.choice(key, len(self.free), (n_draws,), p=jnp.asarray(self.weights(without)))
        return from_free(jnp.asarray(self.free)[rows])

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        content = {
            "free": self.free.astype(np.float32),
            "excess": self.excess.astype(np.float32),
            "explains": self.explains.astype(np.float32),
            "codes": np.array(self.codes),
            "groups": np.array(self.groups),
            "fingerprint": np.array(self.fingerprint),
        }
        with writing_file(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **content)


def learn(
    cases: Sequence[Case], seed: int = SEED, n_sets: int = N_SETS, report: Callable[[str], None] | None = None
) -> Learned:
    """Return what cases teach.

    Args:
        cases: with outcomes.
        seed: of sets and draws.
        n_sets: how many sets.
        report: told after each generation how many sets count.

    Raises:
        NegotiationError: a case has no outcome, or the weights do not settle.
    """
    root = jax.random.key(seed)
    judge = judge_of(cases, outcomes(cases), seed)
    free = np.asarray(to_free(draw_parameters(named_key(root, "prior"), n_sets)), float)
    excess = np.zeros(n_sets)
    for generation in range(MOST_GENERATIONS):
        explains = judge(free)
        total = excess + explains.sum(0)
        tempering = _tempering(total)
        found = Learned(
            free,
            excess,
            explains,
            tuple(case.code for case in cases),
            tuple(case.matter for case in cases),
            fingerprint(cases),
        )
        if report is not None:
            count = f"{_effective(total):.0f} of {n_sets} sets count"
            report(f"generation {generation + 1}: {count}, tempering {tempering:.2f}")
        if tempering == 1 and generation > 0:
            return found
        free, excess = _proposed(named_key(root, f"generation {generation}"), free, total * tempering)
    raise NegotiationError(
        f"`cases`: after {MOST_GENERATIONS} generations fewer than {LEAST_EFFECTIVE} sets count. Raise `n_sets`."
    )


@cache
def shipped() -> Learned:
    """Return what the shipped cases teach, as it comes with the package.

    Raises:
        NegotiationError: the file was made from other cases than those shipped.
    """
    with (resources.files("orrery.negotiation.forecasts") / FILE).open("rb") as file, np.load(file) as arrays:
        found = Learned(
            arrays["free"].astype(float),
            arrays["excess"].astype(float),
            arrays["explains"].astype(float),
            tuple(arrays["codes"].tolist()),
            tuple(arrays["groups"].tolist()),
            str(arrays["fingerprint"]),
        )
    if found.fingerprint != fingerprint(list(load_cases().values())):
        raise NegotiationError(f"{FILE}: cases or priors have changed since. Learn anew: tools/learn_forecasts.py.")
    return found


def fingerprint(cases: Sequence[Case]) -> str:
    """Return a hash of all that is learned from: the content of the cases and the priors."""
    content = "".join(case.model_dump_json(exclude={"file"}) for case in cases) + repr(PRIORS)
    return hashlib.sha256(content.encode()).hexdigest()


def judge_of(
    cases: Sequence[Case], recorded: Outcomes, seed: int = SEED
) -> Callable[[np.ndarray], Float[np.ndarray, "case set"]]:
    """Return what tells how likely given outcomes of the cases are under sets of parameters, as real numbers.

    Args:
        cases: as coded.
        recorded: their outcomes.
        seed: of the draws.
    """
    root, arrays = jax.random.key(seed), coded(cases)
    rows = [jax.tree.map(lambda array, row=row: array[row], (arrays, recorded)) for row in range(len(cases))]
    keys = [jax.random.split(named_key(root, case.code), N_DRAWS) for case in cases]

    def judge(free: np.ndarray) -> Float[np.ndarray, "case set"]:
        sets = from_free(jnp.asarray(free, jnp.float32))
        each = zip(keys, rows, strict=True)
        return np.array([likelihoods(key, one, outcome, sets)[0] for key, (one, outcome) in each], float)

    return judge


def _effective(logarithm: Float[np.ndarray, " set"]) -> float:
    weight = np.exp(logarithm - logarithm.max())
    return float(weight.sum() ** 2 / (weight**2).sum())


def _tempering(logarithm: Float[np.ndarray, " set"]) -> float:
    """Return the greatest power of the weights at which enough sets count; 1 if they do without."""
    if _effective(logarithm) >= LEAST_EFFECTIVE:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _effective(middle * logarithm) >= LEAST_EFFECTIVE else (low, middle)
    return low


def _proposed(
    key: Key[Array, ""], free: Float[np.ndarray, "set parameter"], logarithm: Float[np.ndarray, " set"]
) -> tuple[Float[np.ndarray, "set parameter"], Float[np.ndarray, " set"]]:
    """Return new sets from a Student's t around the weighted ones, and their prior over proposal."""
    weight = np.exp(logarithm - logarithm.max())
    weight /= weight.sum()
    mean = weight @ free
    n_sets, size = free.shape
    covariance = SPREAD * ((weight[:, None] * (free - mean)).T @ (free - mean)) + 1e-6 * np.eye(size)
    root = np.linalg.cholesky(covariance)
    first, second = jax.random.split(key)
    normal = np.asarray(jax.random.normal(first, (n_sets, size)), float)
    scale = np.asarray(jax.random.chisquare(second, FREEDOM, shape=(n_sets,)), float) / FREEDOM
    apart = normal / np.sqrt(scale)[:, None]
    new = mean + apart @ root.T
    density = -(FREEDOM + size) / 2 * np.log1p((apart**2).sum(1) / FREEDOM)
    return new, np.asarray(prior_density(jnp.asarray(new)), float) - density
