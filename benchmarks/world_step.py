"""How long does a simulated year take, and a whole ensemble? Prints what it measured on this machine."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import jax

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "world"))

from conftest import make_observed

from orrery.base.keys import root_key
from orrery.world.forcing import no_change_forcing
from orrery.world.params import Params
from orrery.world.simulate import enable_compilation_cache, simulate, simulate_draw, simulate_draws

N_COUNTRIES, N_POLES, N_YEARS, N_DRAWS, REPEATS = 193, 5, 25, 200, 20
N_BODIES, N_OPEN = 87, 24


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        enable_compilation_cache(Path(folder))
        measure()


def measure() -> None:
    observed = make_observed(N_COUNTRIES, N_POLES, composite=True, n_bodies=N_BODIES, n_open=N_OPEN)
    params = Params.central()
    forcing = no_change_forcing(observed, N_YEARS, params)
    size = f"{N_COUNTRIES} countries, {N_POLES} poles, {N_BODIES} bodies, {N_OPEN} open places, {N_YEARS} years"
    print(f"{size}, {jax.devices()[0].platform}")
    for name in ("cold", "warm"):
        simulate_draw.clear_cache()
        began = time.perf_counter()
        simulate(root_key(0), observed, params, forcing)
        print(f"first simulation, {name} compilation cache: {time.perf_counter() - began:.2f} s")
    began, busy = time.perf_counter(), time.process_time()
    for repeat in range(REPEATS):
        simulate(root_key(repeat), observed, params, forcing)
    wall = (time.perf_counter() - began) / (REPEATS * N_YEARS)
    busy = (time.process_time() - busy) / (REPEATS * N_YEARS)
    print(f"one draw-year: {1e3 * wall:.3f} ms by the clock, {1e3 * busy:.3f} ms of one core")
    for workers in (1, 2):
        began = time.perf_counter()
        simulate_draws(root_key(0), observed, forcing, range(N_DRAWS), fixed={}, workers=workers)
        print(f"{N_DRAWS} draws with {workers} worker(s): {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
