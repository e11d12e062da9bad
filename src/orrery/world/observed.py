"""The observed world of one year, the only way into a simulation."""

from __future__ import annotations

import dataclasses
from collections import Counter

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float

from orrery.base.arrays import AnyArray
from orrery.base.errors import SimulationError
from orrery.world.bodies import Bodies, ObservedBodies
from orrery.world.world import Geography

WESTERN = ("USA", "EU")
"""Poles whose share one of the futures asks for (`futures.toml`)."""
SHARE_TOLERANCE = 1e-6

_SHAPES: dict[str, tuple[str, ...]] = {
    "pole_members": ("pole", "country"),
    "capability": ("country",),
    "capability_growth": ("country",),
    "ideal_point": ("country",),
    "ideal_point_sd": ("country",),
    "development": ("country",),
    "portfolio": ("country", "option"),
    "rivalry": ("country", "country"),
    "openness": ("country",),
    "population": ("country",),
    "distance_km": ("country", "country"),
    "contiguous": ("country", "country"),
    "outward_propensity": ("pole",),
}


class Start(eqx.Module):
    """The observed world as arrays, prepared once and shared by every draw."""

    geography: Geography
    capability: Float[AnyArray, " country"]
    ideal_point: Float[AnyArray, " country"]
    ideal_point_sd: Float[AnyArray, " country"]
    portfolio: Float[AnyArray, "country option"]
    bodies: Bodies
    connectedness: Float[AnyArray, ""]
    connectedness_growth: Float[AnyArray, ""]
    connectedness_average: Float[AnyArray, ""]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """The international system as measured in `year`.

    A pole with one member is a country-pole; a pole with several (the European Union) is composite: its capability is
    the sum of its members', its position their capability-weighted mean, its distance to a country that of the
    nearest member, and its members choose portfolios like any other country.

    Raises:
        SimulationError: naming the field, what came, what is allowed and what to do.
    """

    year: int
    countries: tuple[str, ...]
    """ISO3 codes, the country axis."""
    poles: tuple[str, ...]
    """Names of the poles, the pole axis."""
    pole_members: Bool[np.ndarray, "pole country"]
    capability: Float[np.ndarray, " country"]
    """Shares of the world's capability, above 0, sum 1."""
    capability_growth: Float[np.ndarray, " country"]
    """Recent growth, log points per year."""
    ideal_point: Float[np.ndarray, " country"]
    """Posterior mean on the first dimension, UN ideal-point units."""
    ideal_point_sd: Float[np.ndarray, " country"]
    """Its posterior standard deviation."""
    development: Float[np.ndarray, " country"]
    """Second dimension, .8 times standardised log income per head."""
    portfolio: Float[np.ndarray, "country option"]
    """Alignment shares, non-alignment first, then the poles; rows sum to 1. Rows of country-poles are ignored."""
    bodies: ObservedBodies
    """The bodies of the first year, over the same countries."""
    rivalry: Float[np.ndarray, "country partner"]
    """1 for strategic rivals, 0 for others; either order counts."""
    openness: Float[np.ndarray, " country"]
    """Rank of a country's openness to the world, 0 to 1."""
    population: Float[np.ndarray, " country"]
    """Population in any unit, above 0."""
    distance_km: Float[np.ndarray, "country partner"]
    contiguous: Bool[np.ndarray, "country partner"]
    outward_propensity: Float[np.ndarray, " pole"]
    """Share of each pole's capability spent on supplying others."""
    connectedness: float
    """Index of globalisation, 0 to 1."""
    connectedness_growth: float
    """Its growth in the last year, index points."""
    connectedness_average: float
    """Its exponential average with weight `backlash_memory`."""
    region: tuple[str, ...] | None = None
    """Region of each country, where regional indicators are wanted."""

    def __post_init__(self) -> None:
        for check in (_check_names, _check_shapes, _check_values, _check_poles, _check_bodies):
            check(self)

    @property
    def is_country_pole(self) -> Bool[np.ndarray, " country"]:
        """Countries that are poles by themselves."""
        return np.asarray(self.pole_members[self.pole_members.sum(1) == 1].any(0))

    def relevant_dyads(self) -> Bool[np.ndarray, "country partner"]:
        """Return the politically relevant dyads, each once (above the diagonal).

        Two countries are relevant to each other if they share a border or one of them is a country-pole. Members of
        a composite pole count as ordinary countries here; the pole as a whole enters through the pairs of poles.
        """
        near = self.contiguous | self.contiguous.T
        powerful = self.is_country_pole[:, None] | self.is_country_pole[None, :]
        return np.triu(near | powerful, k=1)

    def start(self) -> Start:
        """Return the arrays that a simulation starts from."""
        return Start(
            geography=_geography(self),
            capability=self.capability,
            ideal_point=self.ideal_point,
            ideal_point_sd=self.ideal_point_sd,
            portfolio=self.portfolio,
            bodies=self.bodies.arrays(),
            connectedness=np.asarray(self.connectedness, dtype=np.float64),
            connectedness_growth=np.asarray(self.connectedness_growth, dtype=np.float64),
            connectedness_average=np.asarray(self.connectedness_average, dtype=np.float64),
        )


def _geography(observed: Observed) -> Geography:
    members = observed.pole_members
    near = observed.contiguous | observed.contiguous.T
    dyads = np.argwhere(observed.relevant_dyads()).T
    rivals = (observed.rivalry > 0) | (observed.rivalry > 0).T
    with_rival = np.flatnonzero(rivals.any(1))
    reach = np.where(members[None, :, :], observed.distance_km[:, None, :], np.inf)
    return Geography(
        pole_members=members.astype(np.float64),
        is_country_pole=observed.is_country_pole,
        is_western=np.isin(observed.poles, WESTERN),
        outward_propensity=observed.outward_propensity,
        development=observed.development,
        population=observed.population / observed.population.sum(),
        openness=observed.openness,
        rival_countries=with_rival,
        rivalry=1.0 * rivals[np.ix_(with_rival, with_rival)],
        rival_place=np.where(rivals.any(1), np.cumsum(rivals.any(1)) - 1, len(with_rival)),
        distance_km=reach.min(-1),
        proximity_contiguous=near.astype(int) @ members.T.astype(int) > 0,
        dyad_countries=dyads,
        dyad_contiguous=near[dyads[0], dyads[1]],
        pole_contiguous=members.astype(int) @ near.astype(int) @ members.T.astype(int) > 0,
        region_members=None if observed.region is None else _in_regions(observed.region),
    )


def _in_regions(region: tuple[str, ...]) -> Float[np.ndarray, "region country"]:
    return 1.0 * (np.unique(region)[:, None] == np.array(region))


def _refuse(field: str, came: str, allowed: str, advice: str) -> SimulationError:
    return SimulationError(f"observed world, `{field}`: {came} came; {allowed} is allowed. {advice}")


def _check_names(observed: Observed) -> None:
    for field in ("countries", "poles"):
        names = getattr(observed, field)
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if not names or repeated:
            came = f"{', '.join(repeated)} twice" if repeated else "an empty tuple"
            raise _refuse(field, came, "one or more different names", "Name each once.")
    if observed.region is not None and len(observed.region) != len(observed.countries):
        raise _refuse(
            "region", f"{len(observed.region)} names", f"one for each of the {len(observed.countries)} countries", ""
        )


def _check_shapes(observed: Observed) -> None:
    sizes = {"country": len(observed.countries), "pole": len(observed.poles), "option": len(observed.poles) + 1}
    for field, axes in _SHAPES.items():
        array, shape = getattr(observed, field), tuple(sizes[axis] for axis in axes)
        if array.shape != shape:
            raise _refuse(field, f"shape {array.shape}", f"{shape} ({' x '.join(axes)})", "Rebuild the array.")
        unknown = ~np.isfinite(array)
        if unknown.any():
            first = tuple(int(index) for index in np.argwhere(unknown)[0])
            raise _refuse(
                field, f"{array[first]} at {_place(observed, axes, first)}", "a finite number", "Fill it or drop it."
            )


def _place(observed: Observed, axes: tuple[str, ...], index: tuple[int, ...]) -> str:
    labels = {"country": observed.countries, "pole": observed.poles, "option": ("non-alignment", *observed.poles)}
    return ", ".join(labels[axis][position] for axis, position in zip(axes, index, strict=True))


def _check_values(observed: Observed) -> None:
    rules = (
        ("capability", (observed.capability > 0).all(), "shares above 0", "Give small countries a small share."),
        ("capability", abs(observed.capability.sum() - 1) < SHARE_TOLERANCE, "shares with sum 1", "Divide by the sum."),
        ("portfolio", (observed.portfolio >= 0).all(), "shares of at least 0", "Check the channels."),
        (
            "portfolio",
            (abs(observed.portfolio.sum(1) - 1) < SHARE_TOLERANCE).all(),
            "rows with sum 1",
            "Divide rows by their sums.",
        ),
        ("ideal_point_sd", (observed.ideal_point_sd >= 0).all(), "a standard deviation of at least 0", "Check it."),
        (
            "rivalry",
            np.isin(observed.rivalry, (0, 1)).all(),
            "0 or 1",
            "Say for each pair whether it is one of rivals.",
        ),
        ("openness", ((observed.openness >= 0) & (observed.openness <= 1)).all(), "a rank from 0 to 1", "Check it."),
        ("population", (observed.population > 0).all(), "a population above 0", "Check it."),
        ("distance_km", (observed.distance_km >= 0).all(), "a distance of at least 0 km", "Check the distances."),
        ("outward_propensity", (observed.outward_propensity > 0).all(), "a share above 0", "Use a small share."),
        ("connectedness", 0 < observed.connectedness <= 1, "an index above 0 and at most 1", "Divide by 100."),
        ("connectedness_average", 0 < observed.connectedness_average <= 1, "an index above 0 and at most 1", ""),
        ("connectedness_growth", np.isfinite(observed.connectedness_growth), "a finite number", "Check it."),
    )
    for field, holds, allowed, advice in rules:
        if not holds:
            values = np.asarray(getattr(observed, field), dtype=np.float64)
            came = f"{values}" if values.ndim == 0 else f"minimum {values.min():g}, sum {values.sum():g}"
            raise _refuse(field, came, allowed, advice)


def _check_poles(observed: Observed) -> None:
    members = observed.pole_members
    if not members.any(1).all():
        empty = observed.poles[int(np.argmin(members.any(1)))]
        raise _refuse("pole_members", f"no member of {empty}", "one member or more", "Name its members.")
    if (members.sum(0) > 1).any():
        shared = observed.countries[int(np.argmax(members.sum(0)))]
        raise _refuse("pole_members", f"{shared} in several poles", "at most one pole per country", "Choose one.")
    if observed.is_country_pole.all():
        raise _refuse("pole_members", "a pole for every country", "at least one country without", "Name fewer poles.")
    if not observed.relevant_dyads().any():
        raise _refuse("contiguous", "no two neighbours", "one pair or more when no pole is a country", "Check borders.")


def _check_bodies(observed: Observed) -> None:
    if observed.bodies.countries != observed.countries:
        raise _refuse("bodies", "bodies over other countries", "the country axis of the world", "Build them for it.")
