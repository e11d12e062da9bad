"""How long do the reference solutions take for one decision of 27 parties on 3 issues, compiled, over 256 draws?

Run: `python benchmarks/group_decision_models.py`
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np

from orrery.institutions.games import Threshold
from orrery.negotiation.solutions.problem import Problem
from orrery.negotiation.solutions.registry import SOLUTIONS, predict

DRAWS, PARTIES, ISSUES = 256, 27, 3


def problem_of(draws: int) -> Problem:
    rng = np.random.default_rng(1)
    shape = (draws, PARTIES, ISSUES)
    return Problem(
        position=jnp.asarray(rng.uniform(0.3, 1, shape), jnp.float32),
        salience=jnp.asarray(rng.uniform(0.1, 1, shape), jnp.float32),
        influence=jnp.asarray(rng.uniform(0.1, 1, shape[:-1]), jnp.float32),
        status_quo=jnp.full(ISSUES, 0.1, jnp.float32),
        game=Threshold((1,) * PARTIES, 15),
    )


def seconds(name: str, problem: Problem, repeats: int = 5) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(predict(name, problem))
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def main() -> None:
    problem = problem_of(DRAWS)
    print(f"{PARTIES} parties, {ISSUES} issues, {DRAWS} draws")
    for name in SOLUTIONS:
        first = seconds(name, problem, repeats=1)
        later = seconds(name, problem)
        print(f"{name:<18} {1e3 * later / DRAWS:8.3f} ms a decision, first call {first:6.2f} s")


if __name__ == "__main__":
    main()
