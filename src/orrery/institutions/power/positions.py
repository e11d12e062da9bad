"""From where members stand on a line to how they vote between a proposal and the status quo.

A member prefers what is nearer to its ideal point (Downs 1957; Black 1958), so that the line is cut half way between
proposal and status quo: who stands on the proposal's side votes yes. Where positions are known with a normal error,
the probability of that is in closed form.
"""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Array, Float, Int8, Key
from scipy.special import ndtr

from orrery.base.errors import InstitutionError
from orrery.institutions.votes import ABSTAIN, NO, YES


def vote_probabilities(
    means: Float[np.ndarray, " member"],
    sds: Float[np.ndarray, " member"],
    proposal: float,
    status_quo: float,
    *,
    undecided: float = 0.0,
) -> tuple[Float[np.ndarray, " member"], Float[np.ndarray, " member"]]:
    """Return the probability of each member's yes and of its no; it abstains with what is left.

    With the cut `c = (proposal + status_quo) / 2` and `side = 1` where the proposal is the higher one, else -1,

        P(yes) = Phi(side (mean - c) / sd - undecided / sd),   P(no) = Phi(-side (mean - c) / sd - undecided / sd)

    A member without error that stands at the cut is indifferent and votes no, or abstains where `undecided` is above 0.

    Args:
        means: positions.
        sds: their standard errors, 0 where a position is known.
        proposal: where the proposal stands.
        status_quo: what holds without it.
        undecided: members within this distance of the cut abstain.

    Raises:
        InstitutionError: proposal and status quo are the same, a negative error or distance, or shapes that do not fit.
    """
    if means.shape != sds.shape or not np.isfinite(means).all() or not np.isfinite(sds).all() or (sds < 0).any():
        raise InstitutionError("`sds`: give one finite error, 0 or more, for each finite position in `means`.")
    distance = _beyond(means, proposal, status_quo)
    if undecided < 0:
        raise InstitutionError(f"`undecided`: {undecided} came; give a distance, 0 or more.")
    with np.errstate(divide="ignore", invalid="ignore"):
        yes, no = ndtr((distance - undecided) / sds), ndtr((-distance - undecided) / sds)
    known = sds == 0
    surely = distance > undecided, (distance < -undecided) | ((distance == 0) & (undecided == 0))
    return np.where(known, surely[0], yes), np.where(known, surely[1], no)


def draw_positions(
    key: Key[Array, ""],
    means: Float[np.ndarray, " member"],
    covariance: Float[np.ndarray, "member member"],
    n_draws: int,
) -> Float[np.ndarray, "draw member"]:
    """Draw positions whose errors depend on each other.

    The same key gives the same draws, so that proposals, rules and reforms are compared on one and the same positions.

    Args:
        key: of the draws.
        means: positions.
        covariance: of their errors; positive semidefinite.
        n_draws: how many.

    Raises:
        InstitutionError: the covariance is not one, or does not fit.
    """
    n_members = len(means)
    if covariance.shape != (n_members, n_members) or not np.allclose(covariance, covariance.T):
        raise InstitutionError(f"`covariance`: give a symmetric matrix of {n_members} x {n_members}.")
    values, vectors = np.linalg.eigh(covariance)
    if values.min() < -1e-9 * max(float(values.max()), 1.0):
        raise InstitutionError(f"`covariance`: it has the eigenvalue {values.min():.3g}; none may be negative.")
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = np.asarray(jax.random.normal(key, (n_draws, n_members)), np.float64)
    return means + normal @ root.T


def votes_on_a_line(
    positions: Float[np.ndarray, "*draw member"], proposal: float, status_quo: float, *, undecided: float = 0.0
) -> Int8[np.ndarray, "*draw member"]:
    """Return how members vote that stand at these positions; see `vote_probabilities`.

    Raises:
        InstitutionError: proposal and status quo are the same, or the distance is negative.
    """
    if undecided < 0:
        raise InstitutionError(f"`undecided`: {undecided} came; give a distance, 0 or more.")
    distance = _beyond(positions, proposal, status_quo)
    votes = np.where(distance > undecided, YES, np.where(distance < -undecided, NO, ABSTAIN))
    if undecided == 0:
        votes = np.where(votes == ABSTAIN, NO, votes)
    return votes.astype(np.int8)


def _beyond(positions: Float[np.ndarray, "..."], proposal: float, status_quo: float) -> Float[np.ndarray, "..."]:
    """Return how far beyond the cut, towards the proposal, each position is."""
    if not np.isfinite([proposal, status_quo]).all() or proposal == status_quo:
        raise InstitutionError(
            f"`proposal`: {proposal} came with the status quo {status_quo}; give two different finite numbers."
        )
    return np.sign(proposal - status_quo) * (positions - (proposal + status_quo) / 2)
