"""What every reference solution is given, and what it returns.

Party i, at position `x_i`, loses by a text `p`, and gains by it over the status quo `q`,

    L_i(p) = sum_k w_ik (x_ik - p_k)^2,   g_i(p) = L_i(q) - L_i(p),

`w_i` being its salience brought to sum 1 over the issues, as in `agreement.distances`.

A solution is a function of one problem, without leading axes; `registry.predict` takes leading axes and maps over them.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.requirements import Requirements, as_requirements


class Problem(eqx.Module):
    """Who negotiates, about what, and what holds if nothing is agreed.

    Attributes:
        position: where each party wants the text on every issue, from 0 to 1.
        salience: weight of each issue to each party, 0 or more, not 0 on all issues.
        influence: weight of each party, 0 or more, not 0 for all parties.
        status_quo: what holds on every issue without agreement, from 0 to 1.
        game: who can carry a motion with whom, such as `rule.game()`, held as arrays; its members are the parties in
            their order.
    """

    position: Float[Array, "*batch party issue"]
    salience: Float[Array, "*#batch party issue"]
    influence: Float[Array, "*#batch party"]
    status_quo: Float[Array, "*#batch issue"]
    game: Requirements = eqx.field(converter=as_requirements)

    def __check_init__(self) -> None:
        n_members = self.game.weight.shape[-1]
        if self.position.shape[-2] != n_members:
            raise NegotiationError(
                f"`position`: {self.position.shape[-2]} parties came; the game has {n_members} members. "
                "Give one row for each member."
            )

    @property
    def weight(self) -> Float[Array, "*batch party issue"]:
        """Salience brought to sum 1 over the issues of each party, `w`."""
        return self.salience / self.salience.sum(-1, keepdims=True)

    @property
    def exerted(self) -> Float[Array, "*batch party issue"]:
        """Influence that each party exerts on each issue: influence times salience as it is given."""
        return self.influence[..., None] * self.salience

    def losses(self, text: Float[Array, "*batch issue"]) -> Float[Array, "*batch party"]:
        """Return what each party loses by a text, `L`."""
        return (self.weight * (self.position - text[..., None, :]) ** 2).sum(-1)

    def gains(self, text: Float[Array, "*batch issue"]) -> Float[Array, "*batch party"]:
        """Return what each party gains by a text over the status quo, `g`.

        The difference of squares is taken as a product, so that small gains keep their digits.
        """
        moved = self.status_quo - text
        return (self.weight * (moved * (self.status_quo + text))[..., None, :]).sum(-1) - 2 * (
            self.weight * self.position * moved[..., None, :]
        ).sum(-1)


class Prediction(eqx.Module):
    """What a solution says.

    Attributes:
        text: the position it predicts; the status quo where it says that nothing is agreed.
        agreed: probability that something is agreed; 0 or 1 from a solution without chance.
        binds: place of the party on whom agreement turns: of those whose consent is needed, the one that gains least,
            or that blocks where nothing is agreed; -1 where the solution knows none.
    """

    text: Float[Array, "*batch issue"]
    agreed: Float[Array, "*batch"]
    binds: Int[Array, "*batch"]


def voted(problem: Problem, text: Float[Array, " issue"]) -> Prediction:
    """Return what becomes of a text when each party votes for it if, and only if, it gains by it.

    The game decides. The text stands as it is, agreed or not; `binds` is the last party needed to carry it, if parties
    join in the order of their gains (`binding.binding`).
    """
    least, party = problem.game.binding(problem.gains(text))
    return Prediction(text, (least > 0).astype(text.dtype), party)


def either(
    agreed: Bool[Array, ""], text: Float[Array, " issue"], binds: Int[Array, ""], problem: Problem
) -> Prediction:
    """Return the text where it is agreed, and the status quo where it is not."""
    return Prediction(jnp.where(agreed, text, problem.status_quo), agreed.astype(text.dtype), binds)


def check(problem: Problem) -> None:
    """Refuse a problem whose numbers are outside what `Problem` allows.

    Raises:
        NegotiationError: says which field, what came and what is allowed.
    """
    for name in ("position", "status_quo"):
        values = np.asarray(getattr(problem, name))
        if not ((values >= 0) & (values <= 1)).all():
            raise NegotiationError(f"`{name}`: {_first(values, 0, 1)} came; every value must be from 0 to 1.")
    for name in ("salience", "influence"):
        values = np.asarray(getattr(problem, name))
        if not ((values >= 0) & np.isfinite(values)).all():
            raise NegotiationError(f"`{name}`: {_first(values, 0, np.inf)} came; every value must be 0 or more.")
    if not (np.asarray(problem.salience).sum(-1) > 0).all():
        raise NegotiationError("`salience`: 0 on all issues came for a party; give each one issue with more than 0.")
    if not (np.asarray(problem.exerted).sum(-2) > 0).all():
        raise NegotiationError(
            "`influence`: no party with influence gives an issue any salience; leave that issue out, or give one."
        )


def _first(values: np.ndarray, low: float, high: float) -> float:
    """Return the first value that is not finite or not between the bounds."""
    outside = ~((values >= low) & (values <= high) & np.isfinite(values))
    return float(values[outside][0])
