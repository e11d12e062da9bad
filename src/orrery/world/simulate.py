"""Run the world forward: one draw, or an ensemble of draws on a pool of threads.

The simulation is computed in double precision. Where hostility and exclusivity are strong the observed portfolios are
an unstable fixed point (see `initial.share_unstable`), and rounding in single precision would grow thousandfold and
more within 25 years; at the sizes of this model double precision costs next to nothing. It is switched on for the calls
below only, so that programs around them keep their own precision.
"""

from __future__ import annotations

import abc
import dataclasses
import enum
import functools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from orrery.base.arrays import AnyArray
from orrery.base.errors import SimulationError
from orrery.base.keys import draw_key, named_key, year_key
from orrery.world.forcing import Forcing, check_forcing
from orrery.world.indicators import camp_shares, indicators
from orrery.world.initial import invert, share_unstable
from orrery.world.observed import Observed, Start
from orrery.world.params import Params, check_values
from orrery.world.step import Chances, draw_chances, step
from orrery.world.world import Geography, Info, Origin, Size, World, pole_mean

LARGEST_IDEAL_POINT = 50.0
"""Position beyond which a draw counts as out of bounds; observed ones lie within -3 and 3."""
SHARE_TOLERANCE = 1e-5
MOST_TRIES = 200
"""Parameter draws tried before a draw of the ensemble counts as failed."""


class Trajectory(eqx.Module):
    """What a simulation returns. Stocks have an entry for the first year too, flows only for simulated years.

    With a leading draw axis, an ensemble.
    """

    portfolio: Float[AnyArray, "*draw stock_year country option"]
    ideal_point: Float[AnyArray, "*draw stock_year country"]
    capability: Float[AnyArray, "*draw stock_year country"]
    pole_ideal_point: Float[AnyArray, "*draw stock_year pole"]
    camp_share: Float[AnyArray, "*draw stock_year pole"]
    """Mean alignment share of each pole."""
    stability: Float[AnyArray, "*draw stock_year country"]
    reputation: Float[AnyArray, "*draw stock_year country"]
    problems: Float[AnyArray, "*draw stock_year area"]
    body_depth: Float[AnyArray, "*draw stock_year body"]
    body_members: Float[AnyArray, "*draw stock_year body"]
    """Number of members; 0 for bodies that are not in being."""
    body_legitimacy: Float[AnyArray, "*draw stock_year body"]
    body_compliance: Float[AnyArray, "*draw stock_year body"]
    indicators: dict[str, Float[AnyArray, "*draw stock_year"]]
    """The indicators of `indicators.INDICATORS` by name."""
    info: dict[str, Float[AnyArray, "..."]]
    """What the phases reported by name: flows, with draw and year axes first."""
    share_unstable: Float[AnyArray, "*draw"]
    """Share of countries whose observed portfolio is an unstable fixed point of alignment."""


class Observer(eqx.Module):
    """What else to record of every year: a module that sees a year from its beginning to its end.

    Arrays it holds (which countries, for example) are arguments of the compiled program, so that others of the same
    shape run through the same program.
    """

    @abc.abstractmethod
    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        """Return what to record, by names that no phase uses; it is found in `Trajectory.info`."""


class DrawStatus(enum.StrEnum):
    """What became of a draw; the text is the reason, empty if all is well."""

    OK = ""
    NOT_FINITE = "a value is not finite: a parameter of this draw is too extreme for the model"
    NO_STABLE_PARAMETERS = (
        "no parameters drawn from the priors keep the observed portfolios stable; allow more unstable ones"
    )
    SHARES_BROKEN = "a portfolio left the simplex: a parameter of this draw is too extreme for the model"
    POSITIONS_UNBOUNDED = "positions run away: pulls of this draw outweigh the anchor of ideal points"


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """An ensemble of draws, in NumPy arrays of single precision with a leading draw axis."""

    draws: range
    years: Int[np.ndarray, " stock_year"]
    """Calendar years of the stocks, the first year included."""
    params: dict[str, Float[np.ndarray, " draw"]]
    trajectory: Trajectory
    status: tuple[DrawStatus, ...]


def simulate(key: Key[Array, ""], observed: Observed, params: Params, forcing: Forcing) -> Trajectory:
    """Simulate one draw from the observed world along the exogenous paths.

    Args:
        key: the key of the draw.
        observed: the world of the first year.
        params: the parameters.
        forcing: the exogenous paths of the years after it.

    Returns:
        The trajectory, in NumPy arrays of double precision.

    Raises:
        ScenarioError: the paths do not fit the observed world.
    """
    check_forcing(forcing, observed)
    with jax.enable_x64(True):
        trajectory = simulate_draw(key, observed.start(), params, forcing)
    return jax.tree.map(np.asarray, trajectory)


def simulate_draws(
    key: Key[Array, ""],
    observed: Observed,
    forcing: Forcing,
    draws: range,
    *,
    fixed: Mapping[str, float],
    workers: int,
    most_unstable: float = 1.0,
    extensions: Sequence[str] = (),
    observe: Observer | None = None,
) -> Ensemble:
    """Simulate the draws numbered `draws` of the ensemble of `key`.

    Every draw runs through the same compiled program and depends on its number alone, so its values are the same bits
    in any batch and with any number of workers. A draw that goes wrong is reported in `status`, not raised.

    Args:
        key: the key of the whole ensemble.
        observed: the world of the first year.
        forcing: the exogenous paths of the years after it.
        draws: numbers of the draws to run.
        fixed: parameters held at a value, by name; all others are drawn from their priors.
        workers: threads that run draws at the same time.
        most_unstable: share of countries whose observed portfolio may be an unstable fixed point. Parameters are drawn
            again until they comply: the prior given that the world as observed is no accident of the moment. 1 takes
            the prior as it is.
        extensions: extensions of the model that are switched on (`params.extensions`).
        observe: what else to record of every year; the rest stays the same bits.

    Raises:
        ScenarioError: the paths do not fit the observed world, or a fixed parameter is not known or out of range.
        SimulationError: no draw or no worker is asked for.
    """
    check_forcing(forcing, observed)
    check_values(fixed)
    Params.central(extensions)
    if not draws or workers < 1:
        raise SimulationError(f"`draws` = {draws} and `workers` = {workers} came; at least one of each is needed.")
    with jax.enable_x64(True):
        start, paths = jax.device_put((observed.start(), forcing))

    def run(draw: int) -> tuple[Params, Trajectory, DrawStatus]:
        of_draw = draw_key(key, draw)
        params, stable = _drawn_params(
            of_draw, start, lambda stream: Params.draw(stream, extensions).override(fixed), most_unstable
        )
        trajectory = _run_one(of_draw, start, params, paths, observe)
        return params, trajectory, draw_status(trajectory) if stable else DrawStatus.NO_STABLE_PARAMETERS

    # The first draw runs alone, so that the program is compiled once and not by every worker.
    first = run(draws[0])
    with ThreadPoolExecutor(workers) as pool:
        params, trajectories, status = zip(first, *pool.map(run, draws[1:]), strict=True)
    return Ensemble(
        draws=draws,
        years=observed.year + np.arange(forcing.n_years + 1),
        params={name: np.array([p.as_dict()[name] for p in params]) for name in params[0].as_dict()},
        trajectory=jax.tree.map(lambda *leaves: np.stack(leaves), *trajectories),
        status=status,
    )


def draw_status(trajectory: Trajectory) -> DrawStatus:
    """Return whether one draw is finite and within its bounds, or the reason why not."""
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(trajectory)):
        return DrawStatus.NOT_FINITE
    if np.min(trajectory.portfolio) < 0 or np.abs(trajectory.portfolio.sum(-1) - 1).max() > SHARE_TOLERANCE:
        return DrawStatus.SHARES_BROKEN
    if np.abs(trajectory.ideal_point).max() > LARGEST_IDEAL_POINT:
        return DrawStatus.POSITIONS_UNBOUNDED
    return DrawStatus.OK


def _drawn_params(
    key: Key[Array, ""], start: Start, draw: Callable[[Key[Array, ""]], Params], most_unstable: float
) -> tuple[Params, bool]:
    """Draw parameters until few enough observed portfolios are unstable; tell whether any of `MOST_TRIES` were."""
    stream = named_key(key, "params")
    params = draw(stream)
    for attempt in range(1, MOST_TRIES):
        # The switch is of the thread, so every worker sets it.
        with jax.enable_x64(True):
            if most_unstable >= 1 or float(first_year_unstable(key, start, params)) <= most_unstable:
                return params, True
        params = draw(jax.random.fold_in(stream, attempt))
    return params, False


def _run_one(
    key: Key[Array, ""], start: Start, params: Params, forcing: Forcing, observe: Observer | None
) -> Trajectory:
    with jax.enable_x64(True):
        trajectory = simulate_draw(key, start, params, forcing, observe)
    # What overflows single precision becomes infinite, which the status of the draw reports.
    with np.errstate(over="ignore"):
        return jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float32), trajectory)


@functools.partial(jax.jit, compiler_options={"xla_cpu_multi_thread_eigen": False})
def first_year_unstable(key: Key[Array, ""], start: Start, params: Params) -> Float[AnyArray, ""]:
    """Return the share of countries whose portfolio in the first year of a draw is an unstable fixed point."""
    world, origin = invert(key, start, params)
    return share_unstable(world, origin.geography, params)


# One thread per draw: draws run side by side, and sums keep one order on machines with any number of cores.
@functools.partial(jax.jit, compiler_options={"xla_cpu_multi_thread_eigen": False})
def simulate_draw(
    key: Key[Array, ""], start: Start, params: Params, forcing: Forcing, observe: Observer | None = None
) -> Trajectory:
    """Simulate one draw, compiled: invert the first year, then step through the years.

    Call it in double precision (`simulate` and `simulate_draws` do). What `observe` returns joins the info of the
    phases.
    """
    world, origin = invert(key, start, params)
    first = snapshot(world, origin, params)

    size = Size(*world.institutions.member.shape[::-1])
    # All at once, since drawing few numbers at a time takes about as long.
    chances = jax.vmap(lambda year: draw_chances(year_key(key, year), size))(jnp.asarray(forcing.year))

    def advance(world: World, year: tuple[Chances, Forcing]) -> tuple[World, tuple[Snapshot, Info]]:
        chances, forcing = year
        later, info = step(chances, world, origin, params, forcing)
        seen = {} if observe is None else observe(world, later, origin, params, forcing)
        return later, (snapshot(later, origin, params), info | seen)

    _, (later, info) = jax.lax.scan(advance, world, (chances, forcing))
    stocks = jax.tree.map(lambda one, rest: jnp.concatenate([one[None], rest]), first, later)
    return Trajectory(**stocks, info=info, share_unstable=share_unstable(world, origin.geography, params))


Snapshot: TypeAlias = dict[str, AnyArray | dict[str, AnyArray]]


def snapshot(world: World, origin: Origin, params: Params) -> Snapshot:
    """Return the stocks of a `Trajectory` in one year, by the names of its fields."""
    geography: Geography = origin.geography
    return {
        "portfolio": world.portfolio,
        "ideal_point": world.ideal_point,
        "capability": world.capability,
        "pole_ideal_point": pole_mean(world.ideal_point, world, geography),
        "camp_share": camp_shares(world, geography),
        "stability": world.stability,
        "reputation": world.reputation,
        "problems": world.problems,
        "body_depth": world.institutions.depth,
        "body_members": world.institutions.member.sum(-1),
        "body_legitimacy": world.institutions.legitimacy,
        "body_compliance": world.delivery.compliance,
        "indicators": indicators(world, origin, params),
    }


def enable_compilation_cache(folder: Path) -> None:
    """Keep compiled programs in `folder` for later processes; the program at the rim calls this once, first."""
    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
