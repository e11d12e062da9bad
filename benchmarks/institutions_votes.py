"""How long does it take to put 10,000 votes of a body with 193 members to its rule?

Two rules: the General Assembly's for important questions (quorum and two thirds of those voting), and one like that of
the Security Council, with weights: three fifths of 5 million votes cast and five vetoes. Each is compiled once; the
best of 20 runs counts. The time to read and check the whole catalogue is printed as well.

    python benchmarks/institutions_votes.py
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from time import perf_counter

import equinox as eqx
import jax
import numpy as np

from orrery.institutions.catalogue import load_bodies, load_body
from orrery.institutions.electorate import Electorate
from orrery.institutions.rules import Rule, read_rule
from orrery.institutions.votes import ABSENT, ABSTAIN, NO, YES

N_VOTES, DAY, SEED, REPEATS = 10_000, date(2020, 1, 1), 1, 20
TARGET = 0.05
"""Seconds for all votes, after compilation."""
WEIGHTED = {"all": [{"yes": "3/5", "of": "voting", "by": "votes"}, {"veto": {"holders": "permanent"}}]}


def weighted_electorate(members: tuple[str, ...], rng: np.random.Generator) -> Electorate:
    """Five permanent members, and weights that sum to about 5 million, each with a floor, a few of them large."""
    permanent = {"CHN", "FRA", "GBR", "RUS", "USA"}
    weights = 1_450 + (4_700_000 * rng.dirichlet(np.full(len(members), 0.15))).astype(int)
    statuses = tuple("permanent" if code in permanent else "member" for code in members)
    return Electorate(members, statuses, {"votes": tuple(Fraction(int(weight)) for weight in weights)})


def best_of(repeats: int, run: Callable[[], object]) -> float:
    times = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def measure(name: str, rule: Rule, votes: np.ndarray) -> None:
    evaluate = eqx.filter_jit(lambda one, cast: one.passes(cast))
    start = perf_counter()
    outcome = jax.block_until_ready(evaluate(rule, votes))
    compiled = perf_counter() - start
    best = best_of(REPEATS, lambda: jax.block_until_ready(evaluate(rule, votes)))
    verdict = "within" if best <= TARGET else "beyond"
    print(
        f"{name}: {best:.4f} s for {len(votes):,} votes of {votes.shape[-1]} members ({verdict} {TARGET} s; "
        f"with compilation {compiled:.2f} s); {int(outcome.sum()):,} passed"
    )


def main() -> None:
    start = perf_counter()
    bodies = load_bodies()
    print(f"catalogue: {perf_counter() - start:.2f} s to read and check {len(bodies)} bodies")
    rng = np.random.default_rng(SEED)
    sitting = load_body("UNGA").on(DAY)
    shares = [0.6, 0.12, 0.2, 0.08]
    codes = np.array([YES, ABSTAIN, NO, ABSENT], np.int8)
    votes = rng.choice(codes, size=(N_VOTES, len(sitting.members)), p=shares)
    measure("UNGA, important question", sitting.rule("important question"), votes)
    rule = read_rule(WEIGHTED).bind(weighted_electorate(sitting.members, rng))
    measure("weighted votes with five vetoes", rule, np.where(rng.random(votes.shape) < 0.2, votes, np.int8(YES)))
    print(f"explanation of one vote of {len(sitting.members)} members: ", end="")
    explain = sitting.rule("important question").explain
    explain(votes[0], sitting.members)
    print(f"{best_of(5, lambda: explain(votes[0], sitting.members)):.3f} s")


if __name__ == "__main__":
    main()
