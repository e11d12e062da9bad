"""Which of the five futures can come about, and from what (docs/futures.md)?

    python benchmarks/futures_reach.py [SAMPLES]

Prints, as markdown, how many samples (512 by default) of broad lever paths and of the priors alone are called by each
future, from two start years and for a second seed, and what goes with each future.
"""

from __future__ import annotations

import sys

import pandas as pd

from orrery.data.store import home_folder
from orrery.lab.futures_reach import Reached, explore
from orrery.world.simulate import enable_compilation_cache

STARTS, SEEDS, YEARS, SAMPLES = (2014, 2024), (1, 2), 25, 512
SHOWN = 5
"""Levers and parameters shown for each future."""


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def cells(one: Reached) -> pd.Series:
    """Return the count of every label with the 80 % interval of its share in per cent."""
    shares = one.shares().set_index("future")
    told = [f"{r.samples} ({100 * r.low:.1f}-{100 * r.high:.1f})" for r in shares.itertuples()]
    return pd.Series(told, index=shares.index)


def counts(found: dict[str, Reached]) -> list[str]:
    """Return a table of labels by what was sampled."""
    table = pd.DataFrame({name: cells(one) for name, one in found.items()})
    return [
        row("called", *table.columns),
        row(*["---"] * (1 + len(table.columns))),
        *(row(label, *values) for label, values in zip(table.index, table.to_numpy(), strict=True)),
    ]


def with_what(one: Reached) -> list[str]:
    """Return a table of what goes with each future: the largest rank correlations with its degree."""
    lines = [row("future", f"goes with ({one.start})"), row("---", "---")]
    table = one.correlations()
    table["shown"] = table["name"].where(table["kind"] == "lever", "`" + table["name"] + "`")
    for future, of_it in table.groupby("future", sort=False):
        largest = of_it.loc[of_it["correlation"].abs().nlargest(SHOWN).index]
        lines.append(row(future, ", ".join(f"{r.shown} {r.correlation:+.2f}" for r in largest.itertuples())))
    width = (table["high"] - table["low"]).mean() / 2
    return [*lines, "", f"80 % intervals of these correlations: ± {width:.2f}."]


def barred(paths: Reached, alone: Reached) -> list[str]:
    """Return a table of how often each condition holds, along paths and by the priors alone."""
    lines = [row("future", "condition", f"holds, {paths.start}, paths", "priors alone"), row(*["---"] * 4)]
    both = zip(paths.failing().itertuples(), alone.failing().itertuples(), strict=True)
    return lines + [row(one.future, one.indicator, f"{one.holds:.2f}", f"{other.holds:.2f}") for one, other in both]


def main(samples: int) -> None:
    enable_compilation_cache(home_folder() / "cache" / "compiled")
    print(f"{samples} samples, {YEARS} years\n", flush=True)
    broad = {start: explore(samples=samples, years=YEARS, start=start, seed=SEEDS[0]) for start in STARTS}
    alone = {start: explore(samples=samples, years=YEARS, start=start, levers=False) for start in STARTS}
    paths = {f"{start}, paths": one for start, one in broad.items()}
    print("\n".join(counts(paths | {f"{start}, priors alone": one for start, one in alone.items()})))
    for start in STARTS:
        print("\n" + "\n".join(with_what(broad[start])))
    for start in STARTS:
        print("\n" + "\n".join(barred(broad[start], alone[start])), flush=True)
    again = {
        f"{start}, seed {seed}": explore(samples=samples, years=YEARS, start=start, seed=seed)
        for start in STARTS
        for seed in SEEDS[1:]
    }
    print("\n" + "\n".join(counts(again)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
