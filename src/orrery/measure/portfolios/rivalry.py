"""Rivalry between poles: how far each pair of them is at odds, by positions, disputes, sanctions, or all together.

Every variant gives a symmetric matrix over poles for each year, in [0, 1] with a zero diagonal, and NaN where its
source does not reach the year. A composite pole stands at the output-weighted mean of its members' positions; its
disputes and sanctions are the output-weighted mean over pairs of members of the two poles.

| variant | rivalry of poles `p` and `q` in a year | source |
|---|---|---|
| ideal_points | `abs(x_p - x_q)` over the largest such distance | Bailey, Strezhnev & Voeten 2017 |
| disputes | share of the last ten years with a dispute, weights halving in five | Gibler, Miller & Little 2016 |
| sanctions | mean over both directions of whether sanctions are in force | Felbermayr et al. 2020 |
| combined | equal-weighted mean of the three | |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, PanelAxes, Status, Tables, panel_axes
from orrery.measure.hostility import axes_of, disputes_over, sanctions_over
from orrery.measure.portfolios import indices
from orrery.measure.portfolios.channels import Members, pole_positions
from orrery.measure.portfolios.poles import Pole, poles_of_year

POLE, RIVAL = "pole", "rival"
"""Axes of a rivalry matrix: a pole, and a second pole."""

DISPUTE_WINDOW = 10
"""Years over which disputes are counted, the year itself included."""

DISPUTE_HALF_LIFE = 5
"""Years after which a dispute weighs half."""

Rivalry = str | Mapping[str, float] | np.ndarray
"""A variant's name, weights of several variants, or the matrices themselves `[pole, pole]` or `[year, pole, pole]`."""


def recent_share(
    events: Float[np.ndarray, "year country partner"],
    window: int = DISPUTE_WINDOW,
    half_life: float = DISPUTE_HALF_LIFE,
) -> Float[np.ndarray, "year country partner"]:
    """Return the decayed share of recent years with an event, `sum_k 2^(-k/L) m_{t-k} / sum_k 2^(-k/L)`, 0 to 1.

    `k` runs over the known years of the window, `L` is the half-life. NaN where the year itself is unknown.
    """
    total, weight = np.zeros_like(events), np.zeros_like(events)
    for lag in range(min(window, len(events))):
        past = events[: len(events) - lag]
        decay = 2 ** (-lag / half_life)
        total[lag:] += decay * np.nan_to_num(past)
        weight[lag:] += decay * ~np.isnan(past)
    return np.where(np.isnan(events), np.nan, total / np.where(weight > 0, weight, 1))


def _disputes(tables: Tables, panel: Panel) -> Float[np.ndarray, "year country partner"]:
    # The window opens before the panel's first year, where the source usually reaches.
    before = panel_axes(range(panel.years[0] - DISPUTE_WINDOW + 1, panel.years[0]))
    place = pd.Index(before.countries).get_indexer(pd.Index(panel.countries))
    earlier = before.in_system[:, place] & (place >= 0)
    axes = PanelAxes(
        (*before.years, *panel.years),
        panel.countries,
        np.concatenate([earlier, axes_of(panel).in_system]),
    )
    disputes = _both_in_system(disputes_over(tables.read("disputes"), axes), axes)
    return recent_share(disputes)[len(before.years) :]


def _sanctions(tables: Tables, panel: Panel) -> Float[np.ndarray, "year country partner"]:
    axes = axes_of(panel)
    imposed = _both_in_system(sanctions_over(tables, axes), axes)
    return (imposed + np.swapaxes(imposed, 1, 2)) / 2


def _both_in_system(
    values: Float[np.ndarray, "year country partner"], axes: PanelAxes
) -> Float[np.ndarray, "year country partner"]:
    return np.where(axes.in_system[:, None, :], values, np.nan)


HOSTILITY: dict[str, Callable[[Tables, Panel], np.ndarray]] = {"disputes": _disputes, "sanctions": _sanctions}
"""Variants that are facts about pairs of countries, each a function of the store and the panel."""

VARIANTS: dict[str, dict[str, float]] = {
    "ideal_points": {"ideal_points": 1.0},
    **{name: {name: 1.0} for name in HOSTILITY},
    "combined": dict.fromkeys(("ideal_points", *HOSTILITY), 1 / 3),
}
"""Every variant by name, as weights of the sources it is made of."""


@dataclass(frozen=True)
class PoleSystem:
    """The poles of a year as the indices see them.

    Attributes:
        rivalry: `[*draw, pole, pole]`.
        greatest: the largest value of `s' h s` on the simplex, `[*draw]`; NaN where rivalry is unknown.
        positions: the poles' ideal points, `[*draw, pole]`.
    """

    rivalry: Float[np.ndarray, "*draw pole pole"]
    greatest: Float[np.ndarray, "*draw"]
    positions: Float[np.ndarray, "*draw pole"]

    def beside(self, extra: int) -> PoleSystem:
        """Return the same with `extra` axes of length 1 after the draws, to stand beside portfolios that have them."""
        lead, ones, n_poles = self.greatest.shape, (1,) * extra, self.rivalry.shape[-1]
        return PoleSystem(
            self.rivalry.reshape(*lead, *ones, n_poles, n_poles),
            self.greatest.reshape(*lead, *ones),
            self.positions.reshape(*lead, *ones, n_poles),
        )


@dataclass(frozen=True)
class RivalrySource:
    """Where the rivalry of poles is read, ready for every year.

    Attributes:
        name: the variant, for reports.
        weights: weight of each source, summing to 1; empty where matrices were given.
        hostility: by source, `[year, country, partner]` on the panel's axes.
        given: matrices by year and all poles, where they were given.
    """

    name: str
    weights: dict[str, float]
    hostility: dict[str, np.ndarray]
    given: dict[int, np.ndarray]

    def system(
        self, panel: Panel, chosen: Sequence[Pole], year: int, points: Float[np.ndarray, "*draw country"]
    ) -> PoleSystem:
        """Return the poles of `chosen` that exist in `year` with their rivalry, for ideal points `points`."""
        present = poles_of_year(chosen, year)
        members = Members(present, panel, year)
        positions = pole_positions(points, members)
        if self.weights == {"ideal_points": 1.0}:
            rivalry = indices.line_rivalry(positions)
            return PoleSystem(rivalry, np.full(positions.shape[:-1], indices.LINE_MAXIMUM), positions)
        if self.given:
            kept = [place for place, pole in enumerate(chosen) if pole in present]
            rivalry = self.given[year][np.ix_(kept, kept)]
        else:
            rivalry = self._combined(panel.year_position(year), members.weight, positions)
        rivalry = np.broadcast_to(rivalry, (*positions.shape[:-1], *rivalry.shape[-2:]))
        return PoleSystem(rivalry, _greatest_where_known(rivalry), positions)

    def status(self, panel: Panel, members: Members, year: int, rivalry: Float[np.ndarray, "pole pole"]) -> Status:
        """Return what stands behind a year's rivalry: missing where any is unknown, else the weakest ideal point.

        Disputes, sanctions and matrices that were given are observed where they are known.
        """
        if np.isnan(rivalry).any():
            return Status.MISSING
        if "ideal_points" not in self.weights:
            return Status.OBSERVED
        return Status(int(panel.status("ideal_point", year=year)[members.mask.any(0)].max()))

    def _combined(
        self, year: int, weight: Float[np.ndarray, "pole country"], positions: Float[np.ndarray, "*draw pole"]
    ) -> Float[np.ndarray, "*draws pole pole"]:
        """Return the weighted mean of the sources' matrices, NaN where one of them does not reach the year."""
        n_poles = len(weight)
        total = np.zeros((n_poles, n_poles))
        for name, part in self.weights.items():
            if name == "ideal_points":
                total = total + part * indices.line_rivalry(positions)
            else:
                total = total + part * between_poles(self.hostility[name][year], weight)
        return total


def between_poles(
    hostility: Float[np.ndarray, "country partner"], weight: Float[np.ndarray, "pole country"]
) -> Float[np.ndarray, "pole pole"]:
    """Return the mean hostility over pairs of members of two poles, `sum_ij w_i w_j h_ij / sum_ij w_i w_j`.

    Pairs of which nothing is known are left out; NaN where none is known. The diagonal is 0: what members of one pole
    hold against each other is no rivalry of poles.
    """
    known = ~np.isnan(hostility)
    total = weight @ known @ weight.T
    mean = (weight @ np.nan_to_num(hostility) @ weight.T) / np.where(total > 0, total, np.nan)
    mean = np.clip((mean + mean.T) / 2, 0, 1)
    np.fill_diagonal(mean, 0)
    return mean


def _greatest_where_known(rivalry: Float[np.ndarray, "*draw pole pole"]) -> Float[np.ndarray, "*draw"]:
    known = ~np.isnan(rivalry).any((-1, -2))
    greatest = np.full(known.shape, np.nan)
    if known.any():
        greatest[known] = indices.greatest_rivalry_met(rivalry[known])
    return greatest


def rivalry_source(
    rivalry: Rivalry, panel: Panel, chosen: Sequence[Pole], span: Sequence[int], tables: Tables | None
) -> RivalrySource:
    """Return where to read the rivalry of poles.

    Args:
        rivalry: a variant's name, weights of several variants by name, or matrices (`Rivalry`).
        panel: the data.
        chosen: all poles asked for.
        span: the years for which rivalry is needed.
        tables: the store, for disputes and sanctions.

    Raises:
        MeasureError: an unknown variant, weights or matrices that are none, or a store that is needed and not given.
        StoreError: the table is not in the store.
    """
    if isinstance(rivalry, np.ndarray):
        return RivalrySource("given", {}, {}, _given(rivalry, len(chosen), span))
    name = rivalry if isinstance(rivalry, str) else " + ".join(rivalry)
    weights = _weights(rivalry)
    hostility = {}
    for source in weights:
        if source in HOSTILITY:
            if tables is None:
                raise MeasureError(
                    f"`tables`: none came, and rivalry by {source} is read from the store. Pass "
                    '`tables=orrery.open_store()`, or use `rivalry="ideal_points"`.'
                )
            hostility[source] = HOSTILITY[source](tables, panel)
    return RivalrySource(name, weights, hostility, {})


def _weights(rivalry: str | Mapping[str, float]) -> dict[str, float]:
    if isinstance(rivalry, str):
        if rivalry not in VARIANTS:
            raise MeasureError(
                f"`rivalry`: {rivalry!r} came; allowed is one of {', '.join(VARIANTS)}, weights of them by name, or "
                "an array."
            )
        return VARIANTS[rivalry]
    sources = ("ideal_points", *HOSTILITY)
    if set(rivalry) - set(sources) or any(not weight >= 0 for weight in rivalry.values()) or not sum(rivalry.values()):
        raise MeasureError(
            f"`rivalry`: {dict(rivalry)} came; weights are 0 or more, not all 0, for any of {', '.join(sources)}."
        )
    total = sum(rivalry.values())
    return {name: weight / total for name, weight in rivalry.items() if weight > 0}


def _given(rivalry: np.ndarray, n_poles: int, span: Sequence[int]) -> dict[int, np.ndarray]:
    by_year = rivalry[None].repeat(len(span), 0) if rivalry.ndim == 2 else rivalry
    if by_year.shape != (len(span), n_poles, n_poles):
        raise MeasureError(
            f"`rivalry`: an array of shape {rivalry.shape} came; allowed is ({n_poles}, {n_poles}), one row per pole, "
            f"or ({len(span)}, {n_poles}, {n_poles}) with the years first."
        )
    known = ~np.isnan(by_year).all((1, 2))
    indices.check_rivalry(by_year[known])
    return dict(zip(span, by_year.astype(float), strict=True))
