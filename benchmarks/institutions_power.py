"""How long do exact indices of voting power take: the Fund, the Council of the European Union, the Security Council?

Run: `python benchmarks/institutions_power.py [--peer]`. With `--peer` the package `powerindex` is installed into a
throw-away environment and timed as a separate program (needs a package index).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from datetime import date
from pathlib import Path

import numpy as np

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import AnyGame, Threshold
from orrery.institutions.power import power

DAY = date(2024, 6, 1)
CASES = (
    ("UNSC", "substantive"),
    ("EU-COUNCIL", "decision"),
    ("IMF", "decision"),
    ("IMF", "seventy percent"),
    ("IMF", "quota"),
)
PEER = """
import json, sys, time
import powerindex
weights, quota = json.loads(sys.argv[1])
game = powerindex.Game(quota=quota, weights=weights)
for name, work in (("banzhaf", game.calc_banzhaf), ("shapley-shubik", game.calc_shapley_shubik)):
    start = time.perf_counter(); work(); print(f"powerindex {name}: {time.perf_counter() - start:.3f} s", flush=True)
"""


def best(game: AnyGame, index: str, repeats: int = 5) -> tuple[float, float, str, float]:
    taken, busy = [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        found = power(game, index)
        taken.append(time.perf_counter() - start)
        busy.append(time.process_time() - used)
    return min(taken), min(busy), str(found.method), found.error


def show(label: str, game: AnyGame, index: str) -> None:
    taken, busy, method, error = best(game, index)
    print(f"{label:<42} {index:<15} {taken:8.4f} s, all cores {busy:8.4f} s  {method}, error {error:.0e}")


def random_bodies(size: int = 190, total: int = 5_000_000) -> None:
    """Time bodies of the size of the Fund with weights that no other year has had."""
    for shape in (0.9, 1.1, 1.5):
        drawn = np.random.default_rng(int(10 * shape)).pareto(shape, size) + 1
        weights = tuple(np.maximum(drawn / drawn.sum() * total, 1).astype(int).tolist())
        for share in (0.5, 0.7, 0.85):
            label = f"Pareto {shape}, {100 * share:.0f} %, {size} members"
            show(label, Threshold(weights, int(sum(weights) * share) + 1), "shapley-shubik")


def peer(label: str, weights: list[int], quota: int, limit: int = 120) -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "powerindex"], check=True)
        try:
            answer = subprocess.run(
                [python, "-c", PEER, json.dumps([weights, quota])], capture_output=True, text=True, timeout=limit
            )
            print(f"{label}: {answer.stdout.strip() or answer.stderr.strip().splitlines()[-1]}")
        except subprocess.TimeoutExpired as late:
            done = (late.stdout or b"").decode().strip()
            print(f"{label}: {done or 'nothing'} within {limit} s; stopped")


def main() -> None:
    for code, matter in CASES:
        sitting = load_body(code).on(DAY)
        rule = sitting.body.rule_block(matter, DAY).rule.bind(sitting.electorate)
        game = rule.game()
        for index in ("banzhaf", "shapley-shubik", "coleman", "holler-packel"):
            if index == "holler-packel" and code == "IMF":
                continue
            show(f"{code}, {matter}, {len(sitting.members)} members", game, index)
        if code == "UNSC":
            show(f"{code}, {matter}, with abstention", rule.ternary_game(), "shapley-shubik")
    random_bodies()
    if "--peer" in sys.argv:
        council = load_body("EU-COUNCIL").on(date(2008, 6, 1))
        votes = [int(one) for one in council.electorate.weights["votes"]]
        peer("27 members, votes of Nice", votes, 255)
        fund = load_body("IMF").on(DAY)
        votes = [int(one) for one in fund.electorate.weights["votes"]]
        peer("190 members, votes of the Fund", votes, sum(votes) // 2 + 1)


if __name__ == "__main__":
    main()
