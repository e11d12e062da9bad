"""How long does a search over 2,000 formats take on a case of sixteen parties? The bar is 30 s.

The case is that of the Security Council's enlargement with one more party at the table, an observer without a vote.

Run: `python benchmarks/design_search.py`
"""

from __future__ import annotations

import time

import jax

from orrery.data.baseline import load_baseline
from orrery.institutions.places import Places
from orrery.negotiation.cases import Case, load_case
from orrery.negotiation.design.search import design
from orrery.negotiation.design.tables import matter_of
from orrery.negotiation.forecasts.learned import shipped

CASE, N_EVALUATIONS, BAR = "UNSC-ENLARGEMENT", 2_000, 30.0


def with_observer(case: Case) -> Case:
    table = case.model_dump(exclude_none=True)
    observer = {**table["parties"][0], "key": "OBSERVER", "name": "Observer", "countries": ()}
    return Case.read({**table, "parties": [*table["parties"], observer]}, Places(case.file, case.code, kind="case"))


def main() -> None:
    case, learned, panel = with_observer(load_case(CASE)), shipped(), load_baseline()
    start = time.perf_counter()
    matter = matter_of(jax.random.key(0), case, learned, panel)
    jax.block_until_ready(matter.draws)
    drawn = time.perf_counter() - start
    print(f"{CASE}: {len(case.parties)} parties, {len(case.issues)} issues, {matter.draws.stake.size} draws per design")
    print(f"draws, with compilation                {drawn:7.2f} s")
    for label, seed in (("with compilation", 0), ("compiled", 1), ("compiled, another seed", 2)):
        wall, cpu = time.perf_counter(), time.process_time()
        found = design(matter, n_evaluations=N_EVALUATIONS, seed=seed)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        verdict = "within" if wall <= BAR else "beyond"
        print(
            f"{found.n_evaluated:,} designs, {label:<24} {wall:7.2f} s ({cpu:.2f} s of CPU), {int(found.front.sum())} "
            f"on the front; {verdict} the bar of {BAR:.0f} s"
        )


if __name__ == "__main__":
    main()
