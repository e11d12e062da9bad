"""How long does it take to compare all pairs of countries by their votes: in one year, and in every year since 1946?

Usage: python benchmarks/similarity.py FOLDER, the folder that holds the official files of the votes.

Times include the machine's other work; a matrix product shares it badly, so on a busy machine also try
OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from orrery.data.importers import read_source
from orrery.data.matching import match_files
from orrery.data.sources import source
from orrery.measure.similarity import INDICES, similarity, vote_profiles, vote_profiles_by_year

REPEATS = 7
Result = TypeVar("Result")


def timed(label: str, work: Callable[[], Result], bar: str = "") -> Result:
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    middle, best = statistics.median(seconds) * 1000, min(seconds) * 1000
    print(f"{label:<52} median of {REPEATS}: {middle:8.1f} ms   best {best:8.1f} ms   {bar}")
    return result


def main(folder: Path) -> None:
    tables = read_source("un_votes", match_files(source("un_votes"), [folder]))
    votes, roll_calls = tables["votes"], tables["roll_calls"]
    by_year = timed("profiles of every year, from the tables", lambda: vote_profiles_by_year(votes, roll_calls))
    busiest = max(by_year, key=lambda one: one.codes.size)
    timed(f"profiles of {busiest.year}, from the tables", lambda: vote_profiles(votes, roll_calls, busiest.year))
    print(
        f"  {len(votes):,} votes in {len(by_year)} years, {by_year[0].year}-{by_year[-1].year}; in {busiest.year} "
        f"{len(busiest.countries)} countries on {len(busiest.items)} roll calls"
    )
    for index in INDICES:
        timed(f"{index}, all pairs, {busiest.year}", lambda name=index: similarity(busiest, name), "bar: 50 ms")
    for index in INDICES:
        timed(f"{index}, all pairs, every year", lambda name=index: similarity(by_year, name), "bar: 5,000 ms")
    compared = similarity(by_year)
    frame = timed("as a table", compared.to_frame)
    timed("means over the poles", compared.with_poles)
    defined = int(frame["similarity"].notna().sum())
    print(f"  {len(frame):,} pair-years, {defined:,} with a value of kappa")
    print("  missing:", frame.loc[frame["similarity"].isna(), "reason"].value_counts().to_dict())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
