"""How long do all bodies of a simulated year take to find who binds, and to agree, on one core in double precision?

Run: `taskset -c 0 python benchmarks/standing_rules.py`
"""

from __future__ import annotations

import time
from datetime import date

import jax
import jax.numpy as jnp
import numpy as np

from orrery.data.countries import un_members
from orrery.negotiation.agreement import Table, Terms, agree
from orrery.negotiation.standing_rules import SittingRules, StandingRules
from orrery.world.from_catalogue import observed_bodies

DAY = date(2024, 12, 31)
OPEN_PLACES, ISSUES, REPEATS, PARTS = 9, 2, 500, 5
ONE_CORE = {"xla_cpu_multi_thread_eigen": False}


def milliseconds(work, *arguments) -> float:
    """Return the median time of a compiled call, least of several rounds."""
    compiled = jax.jit(work, compiler_options=ONE_CORE)
    jax.block_until_ready(compiled(*arguments))
    rounds = []
    for _ in range(PARTS):
        taken = []
        for _ in range(REPEATS // PARTS):
            start = time.perf_counter()
            jax.block_until_ready(compiled(*arguments))
            taken.append(time.perf_counter() - start)
        rounds.append(float(np.median(taken)))
    return 1e3 * min(rounds)


def settings() -> tuple[Table, StandingRules, jax.Array, jax.Array]:
    """Return the bodies of the catalogue with made-up positions and capabilities."""
    rng, countries = np.random.default_rng(1), un_members(DAY)
    capability = rng.lognormal(size=len(countries))
    bodies = observed_bodies(countries, DAY, capability / capability.sum(), depth={"EU": 0.8}, open_places=OPEN_PLACES)
    arrays = jax.tree.map(jnp.asarray, bodies.arrays())
    n_bodies, n_parties = arrays.member.shape
    # Open places have nobody yet; half of all sit there, so that every table is full work.
    member = jnp.where(arrays.open_place[:, None], jnp.arange(n_parties) % 2 == 0, arrays.member)
    table = Table(
        position=jnp.asarray(rng.normal(size=(n_parties, ISSUES))),
        salience=jnp.asarray(rng.uniform(0.2, 0.8, (n_bodies, 1, ISSUES))),
        influence=member * jnp.asarray(capability),
        scale=2.0,
    )
    return table, arrays.rules, member, jnp.zeros(n_bodies, int)


def agreement(table: Table, sitting: SittingRules):
    return agree(table, Terms(jnp.asarray(0.5)), sitting)


def main() -> None:
    with jax.enable_x64(True):
        table, rules, member, version = settings()
        sitting = rules.sitting(member, version)
        phi = agreement(table, sitting).acceptability
        n_rows = f"{len(rules.unanimous)} rows of unanimity, {len(rules.weight)} of quotas"
        print(f"{phi.shape[0]} bodies, {phi.shape[1]} parties, {ISSUES} issues; {n_rows}")
        print(f"who binds                       {milliseconds(SittingRules.binding, sitting, phi):6.3f} ms")
        print(f"agree, everything               {milliseconds(agreement, table, sitting):6.3f} ms")
        needed = milliseconds(
            lambda *given: (found := agreement(*given)).text.sum() + found.hazard.sum(), table, sitting
        )
        print(f"agree, text and hazard alone    {needed:6.3f} ms")
        full = Table(
            jnp.broadcast_to(table.position, (*phi.shape, ISSUES)), table.salience, table.influence, table.scale
        )
        print(f"agree, positions of every table {milliseconds(agreement, full, sitting):6.3f} ms")


if __name__ == "__main__":
    main()
