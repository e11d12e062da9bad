"""How many negotiations round by round a second, and how far does the closed form order cases as they do?

Run: `python benchmarks/negotiations.py [--peer]`. With `--peer` the package `negmas` is installed into a throw-away
environment and its protocol of stacked alternating offers is timed as a separate program (needs a package index). KTAB
cannot be installed from a package index and is not timed here. The closed form alone is timed more closely in
`benchmarks/agreement.py`, other models of group decision in `benchmarks/group_decision_models.py`.

Seconds are those of all cores together, after compilation.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from orrery.base.keys import root_key
from orrery.institutions.catalogue import load_body
from orrery.institutions.games import Game, Threshold
from orrery.negotiation.bargaining import talk
from orrery.negotiation.bargaining.comparison import (
    RULES,
    Cases,
    both_forms,
    closed_form,
    conducts,
    random_cases,
    rank_correlations,
)

N_CASES = 3_000
STAKES = (0.05, 0.15)
MANNERS = {
    "none of the extensions": {"linked": False},
    "linkage alone, as drawn": {"linked": True},
    "boldness 0.5 alone": {"linked": False, "boldness": 0.5},
    "mediation 0.05 alone": {"linked": False, "mediation": 0.05},
    "mediation 0.5 alone": {"linked": False, "mediation": 0.5},
    "boldness 0.5, mediation 0.05, linkage": {"linked": True, "boldness": 0.5, "mediation": 0.05},
}
PEER = """
import random, sys, time
from negmas.outcomes import make_issue
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.sao import AspirationNegotiator, SAOMechanism

parties, n_issues, repeats = (int(one) for one in sys.argv[1:])
random.seed(1)
agreed, steps, start = 0, 0, time.process_time()
for _ in range(repeats):
    issues = [make_issue(name=f"issue {number}", values=10) for number in range(n_issues)]
    table = SAOMechanism(issues=issues, n_steps=120)
    for party in range(parties):
        ideal = {issue.name: random.randrange(10) for issue in issues}
        values = {name: (lambda value, at=at: 1 - ((value - at) / 9) ** 2) for name, at in ideal.items()}
        weights = {issue.name: random.random() for issue in issues}
        wanted = LinearAdditiveUtilityFunction(values=values, weights=weights, issues=issues)
        table.add(AspirationNegotiator(name=f"party {party}"), ufun=wanted)
    state = table.run()
    agreed, steps = agreed + (state.agreement is not None), steps + state.step
taken = time.process_time() - start
print(f"{repeats / taken:.1f} negotiations a CPU-second; {agreed} of {repeats} agreed, {steps / repeats:.0f} steps")
"""


def seconds(work: Callable[[], object], repeats: int = 7) -> float:
    """Return the median of CPU-seconds, after one run that compiles."""
    jax.block_until_ready(work())
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        jax.block_until_ready(work())
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def of_size(size: int, n_cases: int) -> Cases:
    """Return cases with every place seated."""
    cases = random_cases(root_key(2), n_cases, most=size)
    seated, influence = (jnp.ones((n_cases, size), kind) for kind in (bool, float))
    return eqx.tree_at(lambda one: (one.setting.seated, one.setting.influence), cases, (seated, influence))


def time_rounds(size: int, n_cases: int = 1_000) -> None:
    cases = of_size(size, n_cases)
    conduct = conducts(cases, **MANNERS["boldness 0.5, mediation 0.05, linkage"])
    rule = Threshold((1,) * size, size)
    play = eqx.filter_jit(jax.vmap(talk, (0, 0, None)))
    taken = seconds(lambda: play(cases.setting, conduct, rule))
    rounds = float(play(cases.setting, conduct, rule).rounds.mean())
    print(
        f"{size:>4} parties, 3 issues, unanimity, {n_cases} at once: {n_cases / taken:9.0f} negotiations a CPU-second "
        f"({rounds:.0f} rounds each)"
    )


def time_closed_form(label: str, game: Game, size: int) -> None:
    for n_cases in (1, 1_000):
        cases = of_size(size, n_cases)
        conduct = conducts(cases, linked=True)
        settle = eqx.filter_jit(closed_form)
        taken = seconds(lambda: settle(cases.setting, conduct, game), 20)  # noqa: B023 - called at once
        print(f"{label}, {n_cases:>5} at once: {1e3 * taken / n_cases:9.4f} CPU-ms each")


def print_correlations(stake: float) -> None:
    cases = random_cases(root_key(1), N_CASES, stake=stake)
    print(f"\n{N_CASES} random cases of 3 to 20 parties, median stake {stake}")
    print(f"{'':<40} same   deadlock depth  duration later (years)")
    for label, manner in MANNERS.items():
        talks, closed = both_forms(cases, conducts(cases, **manner))
        found = rank_correlations(talks, closed)
        print(
            f"{label:<40} {found.same:.3f}  {found.deadlock:.3f}    {found.depth:.3f}  {found.duration:.3f}    "
            f"{found.later:+.2f}"
        )
        print_exceptions(cases, np.asarray(talks.agreed), found.exceptions)


def print_exceptions(cases: Cases, agreed: np.ndarray, rows: tuple[int, ...]) -> None:
    """Count the cases in which the forms differ, by rule and by which of them finds agreement."""
    kind, where = np.asarray(cases.kind), np.array(rows, int)
    for place, name in enumerate(RULES):
        here = where[kind[where] == place]
        if len(here):
            only = int(agreed[here].sum())
            print(f"    {name}: agreement by the rounds alone {only}, by the closed form alone {len(here) - only}")


def peer(parties: int = 10, issues: int = 3, repeats: int = 20) -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-qqq", "negmas"], check=True)
        answer = subprocess.run(
            [python, "-c", PEER, str(parties), str(issues), str(repeats)], capture_output=True, text=True, timeout=600
        )
        if answer.returncode:
            raise SystemExit(f"negmas failed: {answer.stderr.strip().splitlines()[-1]}")
        print(f"\nnegmas, alternating offers, {parties} parties, {issues} issues: {answer.stdout.strip()}")


def main() -> None:
    for size in (3, 10, 27):
        time_rounds(size)
    council = load_body("EU-COUNCIL").on(date(2024, 6, 17)).rule().game()
    time_closed_form("closed form,  27 parties, Council by qualified majority", council, 27)
    time_closed_form("closed form, 193 parties, two thirds", Threshold((1,) * 193, 129), 193)
    for stake in STAKES:
        print_correlations(stake)
    if "--peer" in sys.argv:
        peer()


if __name__ == "__main__":
    main()
