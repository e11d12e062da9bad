"""How long does a simulated year take, how much memory an ensemble, and how much longer does Mesa need?

Run: `python benchmarks/world_step.py`, on a machine that does nothing else.

The world is a synthetic one of the size of the real one: 193 countries, five poles, one of them composite, 72 bodies,
of which 24 are open places, and 30 years. Printed are the first simulation with a cold and a warm compilation cache;
one central path; a year of a draw in an ensemble, by the clock with one worker and with two; the peak memory of
processes that simulate ever more draws; the alignment phase alone beside the same written plainly in Mesa, where Mesa
is installed (Orrery never needs it); and, where there is an accelerator, an ensemble of draws mapped over it.
"""

from __future__ import annotations

import dataclasses
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "world"))

from conftest import make_observed

from orrery.base.keys import draw_key, named_key, root_key
from orrery.world.forcing import Forcing, no_change_forcing, one_year, still_forcing
from orrery.world.initial import invert
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.phases import alignment
from orrery.world.simulate import enable_compilation_cache, simulate, simulate_draw, simulate_draws
from orrery.world.world import World

N_COUNTRIES, N_POLES, N_NAMED, N_OPEN, N_YEARS = 193, 5, 48, 24, 30
N_DRAWS, REPEATS, MESA_STEPS, PHASE_STEPS = 200, 20, 20, 2_000
MEMORY_DRAWS = (250, 500, 1_000)
ACCELERATOR_DRAWS, ACCELERATOR_BATCH = 10_000, 500


def a_world() -> tuple[Observed, Forcing]:
    """The synthetic world, and the paths on which it runs."""
    observed = make_observed(N_COUNTRIES, N_POLES, composite=True, n_bodies=N_NAMED, n_open=N_OPEN)
    return observed, no_change_forcing(observed, N_YEARS, Params.central())


def main() -> None:
    if sys.argv[1:2] == ["--memory"]:
        print_memory(int(sys.argv[2]))
        return
    print(
        f"{N_COUNTRIES} countries, {N_POLES} poles, {N_NAMED} bodies, {N_OPEN} open places, {N_YEARS} years, "
        f"{jax.devices()[0].platform}"
    )
    with tempfile.TemporaryDirectory() as folder:
        enable_compilation_cache(Path(folder))
        measure()


def measure() -> None:
    observed, forcing = a_world()
    first_simulations(observed, forcing)
    central_path(observed, forcing)
    ensembles(observed, forcing)
    for draws in MEMORY_DRAWS:
        subprocess.run([sys.executable, __file__, "--memory", str(draws)], check=True)
    beside_mesa(observed)
    on_an_accelerator(observed, forcing)


def best_of(repeats: int, job: Callable[[], object]) -> float:
    """The shortest time of several, in seconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        job()
        times.append(time.perf_counter() - began)
    return min(times)


def first_simulations(observed: Observed, forcing: Forcing) -> None:
    for name in ("cold", "warm"):
        simulate_draw.clear_cache()  # pyright: ignore[reportFunctionMemberAccess]
        seconds = best_of(1, lambda: simulate(root_key(0), observed, Params.central(), forcing))
        print(f"first simulation, {name} compilation cache: {seconds:.2f} s")


def central_path(observed: Observed, forcing: Forcing) -> None:
    seconds = best_of(REPEATS, lambda: simulate(root_key(0), observed, Params.central(), forcing))
    print(f"one central path of {N_YEARS} years: {1e3 * seconds:.1f} ms")


def ensembles(observed: Observed, forcing: Forcing) -> None:
    """Draws in full: parameters drawn, simulated, checked and kept."""

    def run(workers: int) -> None:
        simulate_draws(root_key(0), observed, forcing, range(N_DRAWS), fixed={}, workers=workers)

    run(1)
    for workers in (1, 2):
        busy = time.process_time()
        wall = best_of(1, lambda workers=workers: run(workers))
        busy = time.process_time() - busy
        unit = 1e3 / (N_DRAWS * N_YEARS)
        print(
            f"{N_DRAWS} draws, {workers} worker(s): {wall:.2f} s; a draw-year {unit * wall:.3f} ms by the clock, "
            f"{unit * busy:.3f} ms of processors"
        )


def print_memory(draws: int) -> None:
    observed, forcing = a_world()
    simulate_draws(root_key(0), observed, forcing, range(draws), fixed={}, workers=2)
    # Kilobytes on Linux, bytes on macOS.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(f"{draws} draws at once: {peak:,.0f} MiB at the most")


def beside_mesa(observed: Observed) -> None:
    """The alignment phase alone, of a world under double tension, so that portfolios move."""
    with jax.enable_x64(True):
        start, params = jax.device_put((observed.start(), Params.central()))
        world, origin = jax.jit(invert)(root_key(1), start, params)
        tense = dataclasses.replace(world, tension=jnp.asarray(2.0))
        forcing = jax.device_put(one_year(still_forcing(observed, 1), 0))

        @jax.jit
        def phase(world: World) -> World:
            return alignment.advance(None, world, origin, params, forcing)[0]

        @jax.jit
        def many(world: World) -> World:
            return jax.lax.fori_loop(0, PHASE_STEPS, lambda _, world: phase(world), world)

        jax.block_until_ready(many(tense))
        own = PHASE_STEPS / best_of(3, lambda: jax.block_until_ready(many(tense)))
        print(f"alignment alone: {own:,.0f} steps a second")
        if find_spec("mesa") is None:
            print("alignment in Mesa: not timed, as `mesa` is not installed; `pip install mesa` makes it so")
            return
        from alignment_in_mesa import AlignmentModel

        model = AlignmentModel(tense, origin, params)
        model.step()
        apart = float(np.abs(model.portfolios() - np.asarray(phase(tense).portfolio)).max())
        seconds = best_of(1, lambda: [model.step() for _ in range(MESA_STEPS)])
        theirs = MESA_STEPS / seconds
        print(f"alignment in Mesa: {theirs:.2f} steps a second, {own / theirs:,.0f} times longer for each step")
        print(f"largest difference of a share after one step: {apart:.1e}")


def on_an_accelerator(observed: Observed, forcing: Forcing) -> None:
    """An ensemble mapped over draws, in batches, on the first device that is no processor."""
    devices = [device for device in jax.devices() if device.platform != "cpu"]
    if not devices:
        print("accelerator: none here")
        return
    with jax.enable_x64(True):
        start, paths = jax.device_put((observed.start(), forcing), devices[0])

        @jax.jit
        def batch(keys: jax.Array, params: Params) -> dict[str, jax.Array]:
            run = jax.vmap(lambda key, params: simulate_draw(key, start, params, paths).indicators)
            return run(keys, params)

        def drawn(first: int) -> tuple[jax.Array, Params]:
            keys = [draw_key(root_key(0), first + each) for each in range(ACCELERATOR_BATCH)]
            params = [Params.draw(named_key(key, "params")) for key in keys]
            return jnp.stack(keys), jax.tree.map(lambda *values: jnp.asarray(values), *params)

        jax.block_until_ready(batch(*drawn(0)))
        began, bad = time.perf_counter(), 0
        for first in range(0, ACCELERATOR_DRAWS, ACCELERATOR_BATCH):
            found = jax.block_until_ready(batch(*drawn(first)))
            bad += sum(not math.isfinite(float(value.sum())) for value in found.values())
        seconds = time.perf_counter() - began
    rate = ACCELERATOR_DRAWS * N_YEARS / seconds
    print(f"{devices[0].device_kind}: {ACCELERATOR_DRAWS:,} draws in {seconds:.1f} s, {rate:,.0f} draw-years a second")
    print(f"indicators of a batch that are not finite: {bad}")


if __name__ == "__main__":
    main()
