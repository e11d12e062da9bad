"""From the panel to the observed world of one year: every input a simulation starts from, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from jaxtyping import Bool, Float

from orrery.base.errors import SimulationError
from orrery.data.body_depth import body_depths
from orrery.data.countries import country, un_members
from orrery.data.panel import Panel, Status
from orrery.measure.polarity import capability
from orrery.measure.portfolios.channels import (
    Members,
    composite,
    composite_weights,
    portfolios_of_year,
)
from orrery.measure.portfolios.poles import Pole, membership, poles
from orrery.world.from_catalogue import observed_bodies
from orrery.world.observed import Observed

GROWTH_YEARS = 10
"""Years over which a country's recent growth of capability is measured."""

AVERAGE_YEARS = 10
"""Years over which the remembered average of connectedness is taken."""

SMALLEST_CAPABILITY = 1e-7
"""Share of the world given to a country whose sources round its capability to 0."""

MOSTLY = 0.95
"""Share of the members of the United Nations for which an input must be known in a complete year."""

FRESH = ("ideal_point", "arms_share")
"""Inputs that must be observed, not carried forward, in a complete year: the ones that move fastest."""

INPUTS: dict[str, tuple[str, ...]] = {
    "capability": ("capability_cinc", "capability_gdp"),
    "ideal points": ("ideal_point",),
    "development": ("development",),
    "trade": ("trade_share",),
    "arms": ("arms_share",),
    "pacts": ("pact_strength",),
    "membership": ("membership_likeness",),
    "rivalry": ("rivalry",),
    "openness": ("openness_rank",),
    "population": ("capability_population",),
    "connectedness": ("connectedness",),
}
"""What a simulation starts from, and the panel variables behind each."""


@dataclass(frozen=True)
class InputRecord:
    """What stands behind one input of a simulation.

    Attributes:
        input: name of the input.
        variables: panel variables it is made of.
        sources: keys of their sources.
        observed_until: last year in which any of them was observed.
        status: number of countries by status in the start year, in words.
        estimated: ISO3 codes whose value is an estimate, with the rule in `note`.
        note: the rule, where one was used.
    """

    input: str
    variables: tuple[str, ...]
    sources: tuple[str, ...]
    observed_until: int | None
    status: dict[str, int]
    estimated: tuple[str, ...] = ()
    note: str = ""


def newest_complete_year(panel: Panel) -> int:
    """Return the newest year in which every input is known for nearly all members of the United Nations.

    Known means observed, or carried forward within the limit that its variable states; votes and arms must be
    observed in the year itself.

    Raises:
        SimulationError: no year of the panel is complete.
    """
    for year in reversed(panel.years):
        present = np.isin(panel.countries, un_members(date(year, 12, 31)))
        if all(_known_enough(panel, name, year, present) for names in INPUTS.values() for name in names):
            return year
    raise SimulationError(f"no year of the {panel.origin} has every input; the inputs are {', '.join(INPUTS)}.")


def _known_enough(panel: Panel, name: str, year: int, present: Bool[np.ndarray, " country"]) -> bool:
    status = np.atleast_1d(panel.status(name, year=year))
    known = status[present] if len(status) == len(present) else status
    if name in FRESH and not (known == Status.OBSERVED).any():
        return False
    return bool((known != Status.MISSING).mean() >= MOSTLY)


def observed_world(
    panel: Panel, year: int, pole_names: Sequence[str], average_memory: float
) -> tuple[Observed, list[InputRecord]]:
    """Return the observed world of a year over the members of the United Nations.

    Args:
        panel: the data.
        year: start year.
        pole_names: the poles.
        average_memory: yearly weight of the present in the remembered average of connectedness.

    Returns:
        The arrays a simulation starts from, and for each input what stands behind it.

    Raises:
        SimulationError: a pole is no member of the United Nations in that year, or an input has no value at all.
    """
    chosen = poles(pole_names)
    codes = un_members(date(year, 12, 31))
    place = np.array([panel.country_position(code) for code in codes])
    _check_poles(chosen, codes, year)

    capability_now, small = _capability(panel, year, place)
    development, guessed = _development(panel, year, place, codes)
    points, point_sd = (panel.values(name, year=year)[place] for name in ("ideal_point", "ideal_point_sd"))
    points, point_sd, silent = _positions(panel, year, points, point_sd, codes)
    portfolio, portfolio_guessed = _portfolio(panel, year, chosen, place, codes)
    rivalry = panel.values("rivalry", year=year)[np.ix_(place, place)]
    openness = panel.values("openness_rank", year=year)[place]
    population = panel.values("capability_population", year=year)[place]
    level, growth, average = _connectedness(panel, year, average_memory)

    observed = Observed(
        year=year,
        countries=codes,
        poles=tuple(pole.name for pole in chosen),
        pole_members=membership(chosen, codes, year),
        capability=capability_now,
        capability_growth=_growth(panel, year, place),
        ideal_point=points,
        ideal_point_sd=point_sd,
        development=development,
        portfolio=portfolio,
        bodies=observed_bodies(codes, date(year, 12, 31), capability_now, depth=_depths(year)),
        rivalry=np.nan_to_num(np.fmax(rivalry, rivalry.T)),
        openness=_subregion_median(openness, codes),
        population=_subregion_median(population, codes),
        distance_km=panel.values("distance_km")[np.ix_(place, place)],
        contiguous=panel.values("contiguous")[np.ix_(place, place)] > 0,
        outward_propensity=np.ones(len(chosen)),
        connectedness=level,
        connectedness_growth=growth,
        connectedness_average=average,
        region=tuple(country(code).subregion for code in codes),
    )
    estimates = {
        "capability": (small, "one of the two components where the other has no source"),
        "development": (guessed, "median of the subregion, where there is no national account"),
        "ideal points": (silent, "smoothed over years without votes; median of the subregion where there never were"),
        "rivalry": (np.isnan(rivalry).all(1), "none, where rivalries have no source"),
        "openness": (np.isnan(openness), "median of the subregion, where there is no index"),
        "population": (np.isnan(population), "median of the subregion, where there is no census"),
        "trade": (portfolio_guessed, "mean portfolio of the subregion, where fewer than three channels are known"),
    }
    return observed, _records(panel, year, place, codes, estimates)


def _check_poles(chosen: Sequence[Pole], codes: Sequence[str], year: int) -> None:
    for pole in chosen:
        absent = [code for code in pole.members(year) if code not in codes]
        if absent or not pole.members(year):
            raise SimulationError(
                f"`poles`: {pole.name} has no members in {year}"
                if not absent
                else f"`poles`: {', '.join(absent)} was not a member of the United Nations at the end of {year}."
            )


def _capability(
    panel: Panel, year: int, place: np.ndarray
) -> tuple[Float[np.ndarray, " country"], Bool[np.ndarray, " country"]]:
    """Return shares that sum to 1, and for which countries one component stands in for both."""
    parts = np.stack([panel.values(name, year=year)[place] for name in INPUTS["capability"]])
    one_missing = np.asarray(np.isnan(parts).any(0))
    known = ~np.isnan(parts)
    values = np.where(known, parts, 0).sum(0) / np.maximum(known.sum(0), 1)
    values = np.maximum(values, SMALLEST_CAPABILITY)
    return values / values.sum(), one_missing


def _growth(panel: Panel, year: int, place: np.ndarray) -> Float[np.ndarray, " country"]:
    """Return mean yearly growth of log capability over `GROWTH_YEARS`; 0 where either end is not known."""
    first = max(year - GROWTH_YEARS, panel.years[0])
    now, before = capability(panel, year)[place], capability(panel, first)[place]
    known = (now > SMALLEST_CAPABILITY) & (before > SMALLEST_CAPABILITY)
    if first == year:
        return np.zeros(len(place))
    return np.where(known, np.log(np.where(known, now, 1) / np.where(known, before, 1)) / (year - first), 0.0)


def _development(panel: Panel, year: int, place: np.ndarray, codes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    values = panel.values("development", year=year)[place]
    return _subregion_median(values, codes), np.isnan(values)


def _positions(
    panel: Panel, year: int, points: np.ndarray, sd: np.ndarray, codes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ideal points and their sd; a country that never voted stands at its subregion's median, sd 1."""
    never = np.isnan(points)
    by_country = dict(zip(panel.countries, panel.status("ideal_point", year=year), strict=True))
    silent = never | np.array([by_country[code] == Status.ESTIMATED for code in codes])
    return _subregion_median(points, codes), np.where(never, 1.0, sd), silent


def _subregion_median(values: Float[np.ndarray, " country"], codes: Sequence[str]) -> Float[np.ndarray, " country"]:
    """Fill gaps with the median of the country's subregion, or of the world where the subregion has none."""
    regions = np.array([country(code).subregion for code in codes])
    if np.isnan(values).all():
        raise SimulationError("an input has no value for any country in the start year; choose another year.")
    filled = values.copy()
    for index in np.flatnonzero(np.isnan(values)):
        near = values[(regions == regions[index]) & ~np.isnan(values)]
        filled[index] = np.median(near) if len(near) else np.nanmedian(values)
    return filled


def _portfolio(
    panel: Panel, year: int, chosen: Sequence[Pole], place: np.ndarray, codes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return composite portfolios, rows summing to 1, and for which countries they are a subregion's mean."""
    shares, _ = portfolios_of_year(panel, Members(chosen, panel, year), year)
    portfolio = composite(shares, composite_weights())[place]
    guessed = np.asarray(np.isnan(portfolio).any(1))
    columns = [_subregion_median(portfolio[:, option], codes) for option in range(portfolio.shape[1])]
    filled = np.stack(columns, axis=1)
    return filled / filled.sum(1, keepdims=True), guessed


def _depths(year: int) -> dict[str, float]:
    """Return the depth of every body that has a record."""
    return {code: record.depth for code, record in body_depths(year).items()}


def _connectedness(panel: Panel, year: int, memory: float) -> tuple[float, float, float]:
    """Return level, growth of the last year observed, and the remembered (exponential) average."""
    series = panel.values("connectedness")[: panel.year_position(year) + 1]
    status = panel.status("connectedness")[: panel.year_position(year) + 1]
    seen = series[status == Status.OBSERVED]
    if not len(seen):
        raise SimulationError(f"connectedness is not known up to {year}; choose a later start year.")
    average = seen[max(len(seen) - AVERAGE_YEARS, 0)]
    for value in seen[max(len(seen) - AVERAGE_YEARS, 0) :]:
        average += memory * (value - average)
    return float(seen[-1]), float(seen[-1] - seen[-2]) if len(seen) > 1 else 0.0, float(average)


def _records(
    panel: Panel,
    year: int,
    place: np.ndarray,
    codes: Sequence[str],
    estimates: dict[str, tuple[Bool[np.ndarray, " country"], str]],
) -> list[InputRecord]:
    """Say for each input where it comes from and how many countries have it in which status."""
    records = []
    for name, variables in INPUTS.items():
        status = np.atleast_1d(panel.status(variables[0], year=year))
        of_countries = status[place] if len(status) == len(panel.countries) else status
        guessed, note = estimates.get(name, (np.zeros(len(codes), bool), ""))
        until = [panel.observed_until(variable) for variable in variables]
        records.append(
            InputRecord(
                input=name,
                variables=variables,
                sources=tuple(dict.fromkeys(s for v in variables for s in panel.variables[v].sources)),
                observed_until=min((u for u in until if u is not None), default=None),
                status={Status(code).words: int((of_countries == code).sum()) for code in np.unique(of_countries)},
                estimated=tuple(np.array(codes)[guessed].tolist()),
                note=note if guessed.any() else "",
            )
        )
    return records
