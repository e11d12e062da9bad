"""How fast and how right are the estimators of ideal points, beside those of the R packages that are installed?

Run: `python benchmarks/ideal_points_peers.py [ITERATIONS]`, with OPENBLAS_NUM_THREADS=1 to count one core.

Votes are drawn from the model that all of them share: 190 voters, 2,000 roll calls, one in ten votes missing; binary
and ordinal with voters who stand still, and binary with voters who drift over 20 periods. Each estimator is timed on
the same votes and compared with the truth: the correlation, and how often the 90 % interval covers it. Each package of
R (emIRT, MCMCpack, pscl) runs as a program of its own, with the votes in a file; samplers run a quarter of ITERATIONS
(2,000 by default) to warm up, then ITERATIONS. Without R, or a package, that is said; Orrery never needs them.
Ratios are of processor time, which a busy machine disturbs less than the clock.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.keys import root_key
from orrery.measure.ideal_points import METHODS, IdealPoints, Priors, fit, vote_matrix
from orrery.measure.ideal_points.chains import Chains

N_VOTERS, N_CALLS, MISSING, SEED = 190, 2_000, 0.1, 7
BAR = 1.0
"""Seconds that `fast` may take on the static designs."""

REPEATS = 3
FIRST_SESSION = 21
"""Session 19, which the published design leaves out, is not among those here."""

CHAINS = Chains(n_chains=2, n_warm_up=250, n_draws=100, thin=5)
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "dynamic": {"key": root_key(1), "chains": CHAINS},
    "full": {"key": root_key(1), "chains": CHAINS, "start": "fast"},
}
"""What a method needs besides the votes; fewer sweeps than by default, which is enough without drift."""

PEERS = {"binIRT": "emIRT", "ordIRT": "emIRT", "dynIRT": "emIRT", "MCMCirt1d": "MCMCpack", "ideal": "pscl"}
"""Functions of R by package."""

SCRIPT = Path(__file__).with_suffix(".R")
NORMAL_95 = 1.6448536


@dataclass(frozen=True)
class Design:
    """Votes and the truth behind them.

    Attributes:
        truth: positions, by period and voter; mean 0 and sd 1 over all.
        choice: 0 yes, 1 no, or 0 yes, 1 abstain, 2 no, by voter and roll call; -1 where the voter was away.
        period: of each roll call, from 0.
        peers: functions of R for such votes.
    """

    truth: np.ndarray
    choice: np.ndarray
    period: np.ndarray
    peers: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """Positions by period and voter, their sds, and what they cost."""

    mean: np.ndarray
    sd: np.ndarray
    seconds: float
    processor: float


def design(rng: np.random.Generator, peers: tuple[str, ...], *, n_levels: int = 2, n_periods: int = 1) -> Design:
    truth = np.cumsum([rng.normal(0, 1.0 if t == 0 else 0.2, N_VOTERS) for t in range(n_periods)], axis=0)
    truth = (truth - truth.mean()) / truth.std()
    period = np.repeat(np.arange(n_periods), N_CALLS // n_periods)
    discrimination, centre = rng.normal(size=(2, N_CALLS))
    cutpoints = centre[:, None] + (np.zeros(1) if n_levels == 2 else np.array([-0.3, 0.3]))
    latent = discrimination * truth[period].T + rng.normal(size=(N_VOTERS, N_CALLS))
    choice = (latent[..., None] > cutpoints).sum(-1)
    choice[rng.random(choice.shape) < MISSING] = -1
    return Design(truth, choice, period, peers)


def tables(votes: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the votes as the store's tables."""
    words = np.array(["yes", "no"] if votes.choice.max() == 1 else ["yes", "abstain", "no"])
    voter, call = np.nonzero(votes.choice >= 0)
    names = np.array([f"V{number:03d}" for number in range(N_VOTERS)])
    rcids = np.array([f"r{number:04d}" for number in range(N_CALLS)])
    cast = pd.DataFrame({"rcid": rcids[call], "iso3": names[voter], "vote": words[votes.choice[voter, call]]})
    session = votes.period + FIRST_SESSION
    calls = pd.DataFrame({"rcid": rcids, "session": session.astype(str), "year": 1945 + session, "title": rcids})
    date = pd.to_datetime(calls["year"].astype(str) + "-10-01")
    return cast, calls.assign(date=date, amendment=False, paragraph=False)


def of_method(votes: Design, method: str) -> Answer:
    matrix = vote_matrix(*tables(votes))
    positive = f"V{votes.truth.mean(0).argmax():03d}"
    still = {"priors": Priors(evolution_sd=0.0)} if method == "fast" and len(votes.truth) == 1 else {}

    def work() -> IdealPoints:
        return fit(matrix, method=method, positive=positive, **still, **OPTIONS.get(method, {}))

    points, seconds, processor = timed(work, REPEATS if method == "fast" else 1)
    return Answer(points.mean, points.sd, seconds, processor)


def timed(work: Callable[[], IdealPoints], repeats: int) -> tuple[IdealPoints, float, float]:
    """Return the result with the median seconds by the clock and of the processor."""
    clocks = []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        result = work()
        clocks.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    seconds, processor = np.median(clocks, axis=0)
    return result, float(seconds), float(processor)


def of_peer(votes: Design, peer: str, iterations: int) -> Answer:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / "votes.csv", folder / "periods.txt", folder / "answer.csv"]
        cast = pd.DataFrame(votes.choice).astype("Int64")
        cast.mask(cast < 0).to_csv(files[0], header=False, index=False, na_rep="NA")
        files[1].write_text("\n".join(map(str, votes.period)) + "\n", encoding="utf-8")
        command = ["Rscript", SCRIPT, peer, *files, str(iterations)]
        ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SystemExit(f"{peer} of {PEERS[peer]} failed:\n{ended.stderr}")
        table = pd.read_csv(files[2])
    shape = votes.truth.shape
    mean, sd = (table[column].to_numpy().reshape(shape) for column in ("mean", "sd"))
    return Answer(mean, sd, *table[["seconds", "processor"]].iloc[0])


def judged(answer: Answer, truth: np.ndarray) -> tuple[float, float]:
    """Return the correlation with the truth, and the share of it within 90 % intervals, on the truth's scale."""
    r = np.corrcoef(answer.mean.ravel(), truth.ravel())[0, 1]
    mean = np.sign(r) * (answer.mean - answer.mean.mean()) / answer.mean.std()
    half = NORMAL_95 * answer.sd / answer.mean.std()
    return abs(float(r)), float((np.abs(mean - truth) <= half).mean())


def installed() -> dict[str, str]:
    """Return the versions of the packages of R that are there; says what is not."""
    if shutil.which("Rscript") is None:
        print("R is not on the path: no peers")
        return {}
    found = {}
    for package in dict.fromkeys(PEERS.values()):
        asked = f'cat(as.character(packageVersion("{package}")))'
        ended = subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            found[package] = ended.stdout.strip()
        else:
            print(f"{package} is not installed in R: its functions are left out")
    return found


def answers(votes: Design, versions: Mapping[str, str], iterations: int) -> Iterator[tuple[str, Answer]]:
    """Yield the answer of every method, then of every peer that is there."""
    for method in METHODS:
        yield f"Orrery {method}", of_method(votes, method)
    for peer in votes.peers:
        package = PEERS[peer]
        if package in versions:
            yield f"{package} {versions[package]} {peer}", of_peer(votes, peer, iterations)


def main() -> None:
    iterations = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    rng = np.random.default_rng(SEED)
    designs = {
        "binary": design(rng, ("binIRT", "MCMCirt1d", "ideal")),
        "ordinal": design(rng, ("ordIRT",), n_levels=3),
        "binary, dynamic, 20 periods": design(rng, ("dynIRT",), n_periods=20),
    }
    versions = installed()
    print(f"{N_VOTERS} voters, {N_CALLS:,} roll calls, {MISSING:.0%} missing; samplers of R: {iterations:,} iterations")
    for name, votes in designs.items():
        print(f"\n{name:<34} {'seconds':>8} {'processor':>9} {'times fast':>10} {'r':>7} {'90 % cover':>10}")
        least = None
        for label, answer in answers(votes, versions, iterations):
            least = least or answer.processor
            r, cover = judged(answer, votes.truth)
            bar = f"   bar: {BAR} s" if label == "Orrery fast" and len(votes.truth) == 1 else ""
            print(
                f"{label:<34} {answer.seconds:8.2f} {answer.processor:9.2f} {answer.processor / least:10.1f} "
                f"{r:7.4f} {cover:10.2f}{bar}",
                flush=True,
            )


if __name__ == "__main__":
    main()
