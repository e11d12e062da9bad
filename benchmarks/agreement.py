"""How long does the closed form take for one decision, and for a world's worth of bodies?

Run: `python benchmarks/agreement.py`
"""

from __future__ import annotations

import time
from datetime import date

import jax
import jax.numpy as jnp
import numpy as np

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import Game, Threshold
from orrery.negotiation.agreement import Table, Terms, agree

compiled = jax.jit(agree, static_argnums=2)


def table_of(draws: int, parties: int, issues: int) -> Table:
    rng = np.random.default_rng(1)
    position = jnp.asarray(rng.normal(size=(draws, parties, issues)), jnp.float32)
    return Table(position, jnp.ones((parties, issues)), jnp.ones(parties))


def seconds(work, repeats: int = 20) -> float:
    jax.block_until_ready(work())
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(work())
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def show(label: str, draws: int, issues: int, game: Game, parties: int) -> None:
    table = table_of(draws, parties, issues)
    taken = seconds(lambda: compiled(table, Terms(1.5), game))
    print(f"{label:<58} {draws:>6} draws {1e3 * taken:8.2f} ms, {1e6 * taken / draws:8.2f} us each")


def main() -> None:
    day = date(2024, 6, 17)
    council = load_body("EU-COUNCIL").on(day).rule().game()
    security = load_body("UNSC").on(day).rule().game()
    show("10 parties, 3 issues, unanimity", 1000, 3, Threshold((1,) * 10, 10), 10)
    show("Council of the European Union, qualified majority, 3 issues", 1000, 3, council, 27)
    show("Council of the European Union, one decision", 1, 3, council, 27)
    show("Security Council, 1 issue", 1000, 1, security, 15)
    show("193 parties, two thirds, 3 issues", 1000, 3, Threshold((1,) * 193, 129), 193)
    show("193 parties, one decision", 1, 3, Threshold((1,) * 193, 129), 193)


if __name__ == "__main__":
    main()
