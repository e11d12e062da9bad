"""Probabilistic Condorcet elections: how likely each of several texts is to prevail, vote by vote.

Each party's vote between two texts is its influence times what it prefers one by. A text beats another with a
probability that grows with the votes for it,

    v_k(i, j) = w_k f(u_ki - u_kj)    c_ij = sum of v_k(i, j) over those above 0    p_ij = c_ij^a / (c_ij^a + c_ji^a)

with `f` the identity, the sign or the cube of a difference of utilities, and `a = 1` for a chance in proportion to
strength. From the `p_ij` follow probabilities of the texts, in one of two ways:

    uniform       the share of time that each text is in force if, again and again, one drawn at random challenges it:
                  the stationary distribution of T_ij = p_ji / n for j not i (from text i to text j)
    conditional   q_i in proportion to prod_j p_ij, that text i beats all others given that one of them does

With `a` large the text that beats every other, if there is one, has probability 1: Condorcet's winner. Texts that
several parties hold count once.

Wise, B. P., Lester, L. & Efird, B. (2015). An Introduction to the KAPSARC Toolkit for Behavioral Analysis (KTAB) using
    one-dimensional spatial models. KAPSARC discussion paper.
Wise, B. P. & Bankes, S. (2015). Non-spatial probabilistic Condorcet election methodology.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Beats = Float[Array, "text other"]
Chances = Float[Array, " text"]

VOTES: Mapping[str, Callable[[Array], Array]] = {
    "proportional": lambda preferred: preferred,
    "binary": jnp.sign,
    "cubic": lambda preferred: preferred**3,
}
"""How a vote grows with a difference of utilities."""

TOLD_APART = 1e-6
"""Utilities and positions closer than this are the same: single precision cannot tell them apart."""
SMALLEST = 1e-12
"""Added to both strengths, so that two texts between which nobody votes have even chances."""


def beats(utility: Float[Array, "party text"], weight: Float[Array, " party"], vote: str, exponent: float) -> Beats:
    """Return `p_ij`, the probability that text i (row) beats text j (column); 1/2 on the diagonal.

    Args:
        utility: of each text to each party.
        weight: `w`, of each party.
        vote: one of `VOTES`.
        exponent: `a`, above 0.
    """
    preferred = utility[:, :, None] - utility[:, None, :]
    preferred = jnp.where(jnp.abs(preferred) > TOLD_APART, preferred, 0.0)
    strength = jnp.maximum(weight[:, None, None] * VOTES[vote](preferred), 0).sum(0)
    # The ratio to the greater one keeps powers within range.
    greater = jnp.maximum(strength, strength.T) + SMALLEST
    share = ((strength + SMALLEST) / greater) ** exponent
    return share / (share + share.T)


def uniform(chance: Beats, counts: Bool[Array, " text"]) -> Chances:
    """Return the stationary distribution of the chain in which texts are challenged by one another at random.

    Args:
        chance: `p`.
        counts: which texts stand; the others have probability 0.
    """
    size = len(chance)
    leaves = jnp.where(counts[None, :] & ~jnp.eye(size, dtype=bool), chance.T, 0.0) / size
    step = leaves + jnp.diag(1 - leaves.sum(1))
    # All but one of the equations `q T = q` are independent; the last one is replaced by `sum q = 1`.
    equations = (step.T - jnp.eye(size)).at[-1].set(1.0)
    right = jnp.zeros(size, chance.dtype).at[-1].set(1.0)
    return _normed(jnp.where(counts, jnp.maximum(jnp.linalg.solve(equations, right), 0.0), 0.0))


def conditional(chance: Beats, counts: Bool[Array, " text"]) -> Chances:
    """Return the probability of each text to beat all others that stand, given that one does."""
    others = counts[None, :] & ~jnp.eye(len(chance), dtype=bool)
    tiny = jnp.finfo(chance.dtype).tiny
    together = jnp.where(others, jnp.log(jnp.maximum(chance, tiny)), 0.0).sum(1)
    together = jnp.where(counts, together, -jnp.inf)
    return _normed(jnp.exp(together - together.max()))


ELECTIONS: Mapping[str, Callable[[Beats, Bool[Array, " text"]], Chances]] = {
    "uniform": uniform,
    "conditional": conditional,
}
"""The ways from pairs of texts to the probability of each."""


def first_of_each(same: Bool[Array, "text text"], stands: Bool[Array, " text"]) -> Bool[Array, " text"]:
    """Tell which of the texts that stand are not the same as an earlier one that does."""
    return stands & ~(jnp.tril(same, -1) & stands[None, :]).any(1)


def alike(texts: Float[Array, "text issue"]) -> Bool[Array, "text text"]:
    """Tell which texts are the same."""
    return (jnp.abs(texts[:, None, :] - texts[None, :, :]) <= TOLD_APART).all(-1)


def _normed(weight: Chances) -> Chances:
    return weight / weight.sum()
