"""Search of the simplex: portfolios that are best by each criterion, by the optimisers of SciPy.

Points are log ratios of shares, `z_p = ln(a_p / a_0)`. Payoffs need not be concave where rivals are exclusive, so every
search begins at several of the candidates that are best by its criterion.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import minimize

from orrery.base.arrays import AnyArray
from orrery.lab.planner.branches import shares_of
from orrery.lab.planner.circumstances import Circumstances
from orrery.lab.planner.criteria import HIGH_REGRET, WORST, Best, Outcomes, Weights, masses, quantile
from orrery.lab.planner.payoffs import Payoff, outcomes

N_STARTS = 3
"""Candidates from which every search begins."""
SMALLEST_SHARE = 1e-6
"""Share that stands for none where logs are taken."""
LARGEST_RATIO = 20.0
"""Largest log ratio of two shares that is looked at."""
TOLERANCE = 1e-6
"""How far a constraint may be missed by rounding."""
EXACT = {"ftol": 1e-11, "maxiter": 300}
"""Options of the search under constraints; utils differ by thousandths between portfolios that are alike."""
N_SIMPLEX_STEPS = 400
"""Steps of the search without gradients."""

Portfolio = Float[np.ndarray, " option"]
Constraint = Callable[[AnyArray], AnyArray]
"""From shares to numbers that must be at least 0."""


@functools.partial(jax.jit, static_argnames="kind")
def _values(met: Circumstances, shares: AnyArray, years: AnyArray, kind: Payoff) -> Float[AnyArray, "... candidate"]:
    return jnp.moveaxis(jax.lax.map(lambda one: outcomes(met, one, years, kind), shares), 0, -1)


@functools.partial(jax.jit, static_argnames="kind")
def _outcome(
    met: Circumstances, point: Float[AnyArray, " pole"], years: AnyArray, kind: Payoff
) -> Float[AnyArray, "scenario draw"]:
    return outcomes(met, shares_of(point), years, kind)


@functools.partial(jax.jit, static_argnames="kind")
def _mean(point: AnyArray, met: Circumstances, years: AnyArray, weights: AnyArray, kind: Payoff) -> tuple[Array, Array]:
    """Return the weighted mean outcome and its gradient."""

    def mean(point: Array) -> Array:
        return weights @ outcomes(met, shares_of(point), years, kind).mean(1)

    return jax.value_and_grad(mean)(point)


@functools.partial(jax.jit, static_argnames="kind")
def _scenario_means(point: AnyArray, met: Circumstances, years: AnyArray, kind: Payoff) -> tuple[Array, Array]:
    """Return the mean outcome of every scenario and its Jacobian."""

    def means(point: Array) -> Array:
        return outcomes(met, shares_of(point), years, kind).mean(1)

    return means(point), jax.jacfwd(means)(point)


@functools.partial(jax.jit, static_argnames="kind")
def _lowest(
    point: AnyArray,
    met: Circumstances,
    years: AnyArray,
    *,
    reference: AnyArray,
    mass: AnyArray,
    part: AnyArray,
    kind: Payoff,
) -> tuple[Array, Array]:
    """Return `part` times the mean of the lowest tenth, plus the rest times the mean, and a subgradient."""

    def mixed(point: Array) -> Array:
        flat = (outcomes(met, shares_of(point), years, kind) - reference).reshape(-1)
        order = jnp.argsort(flat)
        weight = mass[order]
        lowest = jnp.clip(WORST - (jnp.cumsum(weight) - weight), 0, weight) @ flat[order] / WORST
        return part * lowest + (1 - part) * mass @ flat

    return jax.value_and_grad(mixed)(point)


@functools.partial(jax.jit, static_argnames="kind")
def _separate(points: AnyArray, met: Circumstances, years: AnyArray, kind: Payoff) -> tuple[Array, Array]:
    """Return the outcome of every scenario and draw under a portfolio of its own, and their gradients."""

    def total(points: Array) -> tuple[Array, Array]:
        shares = shares_of(points)[..., None, :]
        found = outcomes(met, jnp.broadcast_to(shares, (*met.base.shape[:-1], shares.shape[-1])), years, kind)
        return found.sum(), found

    (_, found), slopes = jax.value_and_grad(total, has_aux=True)(points)
    return found, slopes


@dataclass(frozen=True)
class Search:
    """Finds portfolios over the circumstances of an ensemble.

    Attributes:
        met: circumstances `[scenario, draw, year]`.
        years: weight of each year.
        weights: of scenarios, sum 1.
        reference: by scenario and draw, utils that count as 0.
        kind: how payoffs are counted.
    """

    met: Circumstances
    years: Float[np.ndarray, " year"]
    weights: Weights
    reference: Float[np.ndarray, "scenario draw"]
    kind: Payoff = Payoff.PERTURBED

    def values(self, shares: Float[np.ndarray, "candidate option"]) -> Outcomes:
        """Return the outcome of every candidate in utils per year, relative to the reference."""
        with jax.enable_x64(True):
            return np.asarray(_values(self.met, shares, self.years, self.kind)) - self.reference[..., None]

    def best_mean(self, starts: Sequence[Portfolio], constraint: Constraint | None = None) -> Portfolio:
        """Return the portfolio with the largest mean, subject to a constraint that one of the starts meets."""

        def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = _mean(point, self.met, self.years, self.weights, self.kind)
            return -float(value), -np.asarray(slope)

        return self._best(loss, starts, constraint)

    def best_lowest(self, starts: Sequence[Portfolio], part: float = 1.0) -> Portfolio:
        """Return the portfolio with the best worst decile, by subgradients and then without (Nelder & Mead 1965).

        With `part` below 1 the best of `part` times the worst decile plus the rest times the mean, which is on the
        front between the two.
        """
        mass = masses(self.weights, np.ones(self.met.base.shape[1]))

        def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = _lowest(
                point,
                self.met,
                self.years,
                reference=self.reference,
                mass=mass,
                part=np.asarray(part),
                kind=self.kind,
            )
            return -float(value), -np.asarray(slope)

        first = self._best(loss, starts, None)
        return self._polished(lambda point: loss(point)[0], first)

    def least_regret(self, starts: Sequence[Portfolio], in_scenario: Float[np.ndarray, " scenario"]) -> Portfolio:
        """Return the portfolio whose largest regret over scenarios is smallest: the least bound on all regrets.

        Args:
            starts: portfolios to begin from.
            in_scenario: mean of the best fixed portfolio of every scenario.
        """

        def regrets(point: np.ndarray) -> np.ndarray:
            reached = np.asarray(_scenario_means(point, self.met, self.years, self.kind)[0])
            return in_scenario - (reached - self.reference.mean(1))

        def slope(point: np.ndarray) -> np.ndarray:
            return -np.asarray(_scenario_means(point, self.met, self.years, self.kind)[1])

        bound = {
            "type": "ineq",
            "fun": lambda free: free[-1] - regrets(free[:-1]),
            "jac": lambda free: np.column_stack([-slope(free[:-1]), np.ones(len(in_scenario))]),
        }
        found = []
        with jax.enable_x64(True):
            for point in map(point_of, starts):
                free = np.append(point, regrets(point).max())
                up = np.eye(len(free))[-1]
                answer = minimize(
                    lambda free: free[-1],
                    free,
                    jac=lambda _, up=up: up,
                    method="SLSQP",
                    constraints=bound,
                    options=EXACT,
                )
                found += [point, np.clip(answer.x[:-1], -LARGEST_RATIO, LARGEST_RATIO)]
            return portfolio_of(min(found, key=lambda point: regrets(point).max()))

    def least_high_regret(self, starts: Sequence[Portfolio], in_draw: Float[np.ndarray, "scenario draw"]) -> Portfolio:
        """Return the portfolio with the smallest 90 % quantile of regret over scenarios and draws (Nelder & Mead)."""
        mass = masses(self.weights, np.ones(in_draw.shape[1]))

        def loss(point: np.ndarray) -> float:
            regret = in_draw - (np.asarray(_outcome(self.met, point, self.years, self.kind)) - self.reference)
            return float(quantile(regret.reshape(-1, 1), mass, HIGH_REGRET)[0])

        return self._polished(loss, min(starts, key=lambda shares: self._at(loss, shares)))

    def best(self, shares: Float[np.ndarray, "candidate option"], values: Outcomes) -> tuple[Best, list[Portfolio]]:
        """Return the most that fixed portfolios reach, and the portfolio that is best in every scenario.

        Args:
            shares: candidates, where the searches begin.
            values: their outcomes.
        """
        portfolios = []
        for place in range(len(self.weights)):
            order, one = np.argsort(-values[place].mean(0))[:N_STARTS], slice(place, place + 1)
            alone = Search(self.met[one], self.years, np.ones(1), self.reference[one], self.kind)
            portfolios.append(alone.best_mean(list(shares[order])))
        reached = self.values(np.stack(portfolios))
        places = np.arange(len(portfolios))
        return Best(reached[places, :, places], self._best_in_draws(shares, values)), portfolios

    def _best_in_draws(
        self, shares: Float[np.ndarray, "candidate option"], values: Outcomes
    ) -> Float[np.ndarray, "scenario draw"]:
        """Return the best outcome of each scenario and draw alone; all of them are one separable problem."""
        start = np.stack([point_of(one) for one in shares])[values.argmax(-1)]

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            found, slopes = _separate(flat.reshape(start.shape), self.met, self.years, self.kind)
            return -float(found.sum()), -np.asarray(slopes).reshape(-1)

        with jax.enable_x64(True):
            answer = minimize(loss, start.reshape(-1), jac=True, method="L-BFGS-B", options={"maxiter": 300})
            found = np.asarray(_separate(answer.x.reshape(start.shape), self.met, self.years, self.kind)[0])
        return np.maximum(found - self.reference, values.max(-1))

    def _best(
        self,
        loss: Callable[[np.ndarray], tuple[float, np.ndarray]],
        starts: Sequence[Portfolio],
        constraint: Constraint | None,
    ) -> Portfolio:
        """Return the best of what is found from every start, the starts themselves included."""
        rules = () if constraint is None else ({"type": "ineq", **_of_points(constraint)},)
        method, options = ("L-BFGS-B", {"ftol": 1e-12}) if constraint is None else ("SLSQP", EXACT)
        found = []
        with jax.enable_x64(True):
            for point in map(point_of, starts):
                limits = [(-LARGEST_RATIO, LARGEST_RATIO)] * len(point)
                answer = minimize(
                    loss, point, jac=True, method=method, bounds=limits, constraints=rules, options=options
                )
                found += [point, answer.x]
            if constraint is not None:
                found = [one for one in found if np.min(constraint(portfolio_of(one))) >= -TOLERANCE]
            return portfolio_of(min(found, key=lambda point: loss(point)[0]))

    def _polished(self, loss: Callable[[np.ndarray], float], first: Portfolio) -> Portfolio:
        with jax.enable_x64(True):
            answer = minimize(
                loss, point_of(first), method="Nelder-Mead", options={"maxiter": N_SIMPLEX_STEPS, "fatol": 1e-7}
            )
        return portfolio_of(answer.x)

    def _at(self, loss: Callable[[np.ndarray], float], shares: Portfolio) -> float:
        with jax.enable_x64(True):
            return loss(point_of(shares))


def point_of(shares: Portfolio) -> Float[np.ndarray, " pole"]:
    """Return the log ratios of a portfolio; a share of 0 counts as `SMALLEST_SHARE`."""
    logs = np.log(np.maximum(shares, SMALLEST_SHARE))
    return logs[1:] - logs[0]


def portfolio_of(point: Float[np.ndarray, " pole"]) -> Portfolio:
    """Return the portfolio of log ratios."""
    with jax.enable_x64(True):
        return np.asarray(shares_of(np.asarray(point, float)))


def _of_points(constraint: Constraint) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return a constraint on shares, and its Jacobian, as functions of log ratios."""

    def at(point: Array) -> Array:
        return constraint(shares_of(point))

    slope = jax.jit(jax.jacfwd(at))
    value = jax.jit(at)
    return {"fun": lambda point: np.asarray(value(point)), "jac": lambda point: np.asarray(slope(point))}
