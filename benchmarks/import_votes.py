"""How long does it take to import every recorded vote of the General Assembly?

Usage: python benchmarks/import_votes.py FOLDER, the folder that holds votes.parquet and roll_calls.parquet.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from orrery.data.importers import read_source

REPEATS = 5


def main(folder: Path) -> None:
    files = {role: next(iter(folder.rglob(f"{role}.parquet"))) for role in ("votes", "roll_calls")}
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        tables = read_source("un_votes", files)
        seconds.append(time.perf_counter() - start)
    votes, roll_calls = len(tables["votes"]), len(tables["roll_calls"])
    print(f"{votes:,} votes and {roll_calls:,} roll calls, checked, as tables")
    print(f"median of {REPEATS}: {statistics.median(seconds):.2f} s; first {seconds[0]:.2f} s; bar: 10 s")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
