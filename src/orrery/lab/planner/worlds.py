"""The ensemble that portfolios are put to: every scenario over the same draws, seen from one country."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.keys import root_key
from orrery.data.countries import country as known_country
from orrery.data.panel import Panel
from orrery.lab.ensemble import first_world, run_draws
from orrery.lab.forcing import apply_scenario
from orrery.lab.planner.circumstances import Circumstances, CircumstancesObserver, first_year, recorded
from orrery.lab.runs import CHUNK
from orrery.lab.scenario import Scenario, load_scenario, shipped_scenarios
from orrery.world.from_panel import InputRecord, newest_complete_year
from orrery.world.observed import Observed
from orrery.world.simulate import DrawStatus, Ensemble

Progress = Callable[[int, int], None]
"""Called with the number of simulations done and wanted."""


@dataclass(frozen=True)
class Chosen:
    """What is simulated.

    Attributes:
        scenarios: with the same start, years, draws and seed.
        weights: of scenarios, sum 1.
        left_out: shipped scenarios that do not fit the start or the horizon, with the reason.
        panel: the data.
        observed: the world of the first year.
        records: what stands behind its inputs.
    """

    scenarios: tuple[Scenario, ...]
    weights: Float[np.ndarray, " scenario"]
    left_out: Mapping[str, str]
    panel: Panel
    observed: Observed
    records: Sequence[InputRecord]


@dataclass(frozen=True)
class Worlds:
    """What a country chooses under, over scenarios, draws and years.

    Attributes:
        country: ISO3 code.
        chosen: what was simulated.
        met: `[scenario, draw, year]`.
        first: in the first year, `[scenario, draw]`; the same in all scenarios that set no parameters.
        today: the portfolio of the first year.
        last: simulated portfolios of the last year.
        pole_ideal_point: mean over draws in the first year.
        failed: draws left out of every scenario because they failed in one, with the reason.
    """

    country: str
    chosen: Chosen
    met: Circumstances
    first: Circumstances
    today: Float[np.ndarray, " option"]
    last: Float[np.ndarray, "scenario draw option"]
    pole_ideal_point: Float[np.ndarray, " pole"]
    failed: Mapping[int, str]


def choose(
    panel: Panel,
    names: Sequence[str] | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    start: int | None = None,
    years: int = 25,
    draws: int = 40,
    seed: int = 1,
) -> Chosen:
    """Return the scenarios to simulate, all from the same world.

    Args:
        panel: the data.
        names: shipped names or TOML files; by default all shipped ones without a hub that fit the start and horizon.
        weights: of scenarios by name, 1 for those not named.
        start: calendar year; the newest complete one by default.
        years: horizon.
        draws: draws of each.
        seed: of all of them.

    Raises:
        ScenarioError: a scenario that is not known or does not fit, one named twice, poles or start worlds that
            differ, or weights that are none.
        SimulationError: the start year lacks an input.
    """
    wanted = _wanted(names)
    first = newest_complete_year(panel) if start is None else start
    changed = [one.changed(start=first, years=years, draws=draws, seed=seed) for one in wanted]
    if len({(one.poles, one.parameters.get("backlash_memory")) for one in changed}) > 1:
        raise ScenarioError("`--scenario`: scenarios with different poles or `backlash_memory` came; name alike ones.")
    observed, records = first_world(changed[0], panel)
    fitting, left_out = _fitting(changed, observed, explicit=names is not None)
    return Chosen(tuple(fitting), _weights(fitting, weights or {}), left_out, panel, observed, records)


def _wanted(names: Sequence[str] | None) -> list[Scenario]:
    if names is None:
        return [one for one in shipped_scenarios().values() if one.hub is None]
    wanted = [load_scenario(name) for name in names]
    called = [one.name for one in wanted]
    twice = sorted({name for name in called if called.count(name) > 1})
    if twice or not wanted:
        raise ScenarioError(f"`--scenario`: {', '.join(twice) or 'nothing'} came; name each scenario once.")
    return wanted


def _fitting(
    scenarios: Sequence[Scenario], observed: Observed, *, explicit: bool
) -> tuple[list[Scenario], dict[str, str]]:
    """Return the scenarios that can be applied, and why the others cannot; a named one must fit."""
    fitting, left_out = [], {}
    for one in scenarios:
        try:
            apply_scenario(one, observed)
        except ScenarioError as reason:
            if explicit:
                raise
            left_out[one.name] = str(reason)
        else:
            fitting.append(one)
    return fitting, left_out


def _weights(scenarios: Sequence[Scenario], given: Mapping[str, float]) -> Float[np.ndarray, " scenario"]:
    names = [one.name for one in scenarios]
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ScenarioError(f"`--weights`: {', '.join(unknown)} came; weights are for {', '.join(names)}.")
    raw = np.array([float(given.get(name, 1.0)) for name in names])
    if not np.isfinite(raw).all() or (raw < 0).any() or raw.sum() == 0:
        raise ScenarioError(f"`--weights`: {dict(given)} came; weights are finite, at least 0, and not all 0.")
    return raw / raw.sum()


def place_of(code: str, observed: Observed) -> int:
    """Return the place of a country that chooses a portfolio.

    Raises:
        CountryCodeError: an unknown code.
        ScenarioError: a country that is no member of the United Nations in the start year, or a pole by itself.
    """
    known = known_country(code)
    if known.iso3 not in observed.countries:
        raise ScenarioError(
            f"`COUNTRY`: {known.name} was no member of the United Nations at the end of {observed.year}. Name another "
            "country, or another `--start`."
        )
    place = observed.countries.index(known.iso3)
    if observed.is_country_pole[place]:
        raise ScenarioError(
            f"`COUNTRY`: {known.name} is a pole by itself, aligned with itself alone: it chooses no portfolio that "
            "could be planned. Name a country that is none; members of a pole with several members may be named."
        )
    return place


def simulate_worlds(
    code: str, chosen: Chosen, *, workers: int | None = None, progress: Progress | None = None
) -> Worlds:
    """Simulate every scenario over the same draws, recording what a country chooses under.

    Raises:
        CountryCodeError: an unknown country.
        ScenarioError: a country that chooses no portfolio.
        SimulationError: fewer than two draws succeeded in every scenario.
    """
    place, report = place_of(code, chosen.observed), progress or (lambda done, total: None)
    n_draws, watch = chosen.scenarios[0].draws, CircumstancesObserver(np.asarray(place))
    total, parts, starts, failed = n_draws * len(chosen.scenarios), [], {}, {}
    for number, scenario in enumerate(chosen.scenarios):
        observed, forcing = apply_scenario(scenario, chosen.observed)
        ensembles = []
        for begin in range(0, n_draws, CHUNK):
            chunk = range(begin, min(begin + CHUNK, n_draws))
            ensembles.append(run_draws(scenario, observed, forcing, chunk, workers=workers, observe=watch))
            report(number * n_draws + chunk.stop, total)
        parts.append(_seen(ensembles, place))
        failed |= {d: str(s) for e in ensembles for d, s in zip(e.draws, e.status, strict=True) if s != DrawStatus.OK}
        params = {name: np.concatenate([e.params[name] for e in ensembles]) for name in ensembles[0].params}
        known = tuple(values.tobytes() for values in params.values())
        if known not in starts:
            starts[known] = first_year(root_key(scenario.seed), chosen.observed, place, range(n_draws), params)
        parts[-1] = (*parts[-1], *starts[known])
    return _gathered(chosen.observed.countries[place], chosen, parts, failed)


def _seen(ensembles: Sequence[Ensemble], place: int) -> tuple[Circumstances, np.ndarray, np.ndarray]:
    """Return circumstances `[draw, year]`, portfolios of the last year and positions of the poles in the first."""
    met = [recorded(one.trajectory.info) for one in ensembles]
    last = [np.asarray(one.trajectory.portfolio)[:, -1, place] for one in ensembles]
    poles = [np.asarray(one.trajectory.pole_ideal_point)[:, 0] for one in ensembles]
    joined = jax.tree.map(lambda *leaves: np.concatenate(leaves), *met)
    return joined, np.concatenate(last).astype(float), np.concatenate(poles).astype(float)


def _gathered(country: str, chosen: Chosen, parts: Sequence[tuple], failed: Mapping[int, str]) -> Worlds:
    n_draws = len(parts[0][1])
    kept = np.array([draw for draw in range(n_draws) if draw not in failed])
    if len(kept) < 2:
        raise SimulationError(
            f"`--draws`: {len(kept)} of {n_draws} draws succeeded in every scenario, and errors need 2. Ask for more."
        )
    met, last, positions, first, portfolio = (
        jax.tree.map(lambda *leaves: np.stack(leaves)[:, kept], *column) for column in zip(*parts, strict=True)
    )
    return Worlds(
        country=country,
        chosen=chosen,
        met=met,
        first=first,
        today=portfolio.mean((0, 1)),
        last=last,
        pole_ideal_point=positions.mean((0, 1)),
        failed=dict(sorted(failed.items())),
    )
