"""Learn the parameters that all shipped cases share, and write them where the package looks for them.

Run after any change of a case or a prior: `python tools/learn_forecasts.py` (some minutes).
"""

from __future__ import annotations

from pathlib import Path

from orrery.negotiation.cases import load_cases
from orrery.negotiation.forecasts.learned import FILE, learn

TARGET = Path(__file__).parents[1] / "src" / "orrery" / "negotiation" / "forecasts" / FILE


def main() -> None:
    """Learn and write."""
    learn(list(load_cases().values()), report=lambda line: print(line, flush=True)).save(TARGET)
    print(f"written to {TARGET.name}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
