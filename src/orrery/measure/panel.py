"""The measured panel: the data's panel plus what the measures add to it, which is what the baseline ships."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orrery.base.axes import COUNTRY, YEAR
from orrery.data import body_depth
from orrery.data.baseline import LAST_YEAR as LAST_BASELINE_YEAR
from orrery.data.body_depth import BodyDepths
from orrery.data.panel import FIRST_YEAR, LAST_YEAR, Panel, Status, Tables, Variable
from orrery.data.provenance import source_record
from orrery.data.store import Manifest
from orrery.data.variables import VARIABLES, build_panel
from orrery.measure.ideal_points import IdealPoints, Selection, fit, vote_matrix

VOTE_SOURCES = ("un_votes",)


IDEAL_POINT_VARIABLES = tuple(
    Variable(
        name,
        (YEAR, COUNTRY),
        "ideal-point units (1 = one standard deviation)",
        description,
        VOTE_SOURCES,
        None,
    )
    for name, description in (
        ("ideal_point", "Posterior mean of the ideal point from UN General Assembly roll calls of the calendar year"),
        ("ideal_point_sd", "Posterior standard deviation of the ideal point"),
    )
)


def sources_needed() -> tuple[str, ...]:
    """Return the keys of the sources that a measured panel and the depth of bodies are made of, sorted."""
    return tuple(
        sorted(
            {*VOTE_SOURCES, *body_depth.SOURCES, *(key for name in _in_baseline() for key in VARIABLES[name].sources)}
        )
    )


def _in_baseline() -> tuple[str, ...]:
    return tuple(name for name, variable in VARIABLES.items() if variable.in_baseline)


def measured_panel(
    tables: Tables, *, manifests: Mapping[str, Manifest], years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR)
) -> Panel:
    """Build the panel from the store and add ideal points estimated from all roll calls.

    Args:
        tables: the store.
        manifests: what is stored of each source, for the checksums in the provenance.
        years: first and last year.

    Raises:
        StoreError: a needed source is not in the store.
    """
    panel = build_panel(tables, years=years, names=_in_baseline())
    # One rule for all years: the published links end in January 2020.
    selection = Selection(published_links=False)
    matrix = vote_matrix(tables.read("votes"), tables.read("roll_calls"), period="year", selection=selection)
    return with_provenance(with_ideal_points(panel, fit(matrix)), manifests)


def measured_depths(
    tables: Tables, *, manifests: Mapping[str, Manifest], last_year: int = LAST_BASELINE_YEAR
) -> BodyDepths:
    """Measure the depth of bodies from the store, with its provenance.

    Args:
        tables: the store.
        manifests: what is stored of each source, for the checksums in the provenance.
        last_year: last year for which trade agreements in force are estimated.

    Raises:
        StoreError: a needed source is not in the store.
        DataError: a link of `data/facts` does not hold in the tables.
    """
    rows, line = body_depth.measure_depths(tables, last_year)
    return BodyDepths(rows, body_depth.provenance(rows, line, manifests))


def with_ideal_points(panel: Panel, points: IdealPoints) -> Panel:
    """Place estimated ideal points on the panel's axes.

    A country-year with votes is observed; one without, between or after years with votes, holds the smoothed value
    and is called estimated; nothing stands before a country's first or outside its time in the state system.
    """
    frame = points.to_frame()
    votes = _placed(frame, "n_votes", panel).fillna(0).to_numpy() > 0
    inside = panel.dataset["in_system"].values & (votes.cumsum(0) > 0)
    for variable, column in zip(IDEAL_POINT_VARIABLES, ("ideal_point", "sd"), strict=True):
        values = np.where(inside, _placed(frame, column, panel).to_numpy(float), np.nan)
        status = np.where(votes, Status.OBSERVED, Status.ESTIMATED)
        panel = panel.with_variable(variable, values, np.where(np.isnan(values), Status.MISSING, status))
    return panel


def _placed(frame: pd.DataFrame, column: str, panel: Panel) -> pd.DataFrame:
    """Lay out one column of the positions by the panel's years and countries."""
    table = frame.pivot(index="year", columns="iso3", values=column)
    return table.reindex(index=list(panel.years), columns=list(panel.countries))


def with_provenance(panel: Panel, manifests: Mapping[str, Manifest]) -> Panel:
    """Record for every variable its formula, unit, and each source's version, checksum and licence."""
    provenance = {
        name: {
            "axes": list(variable.axes),
            "unit": variable.unit,
            "description": variable.description,
            "measured": variable.observe is None,
            "observed_until": panel.observed_until(name),
            "carry_forward_years": variable.carry_forward,
            "source_keys": list(variable.sources),
            "sources": [source_record(manifests[key]) for key in variable.sources],
        }
        for name, variable in panel.variables.items()
    }
    return Panel(panel.dataset, panel.variables, panel.origin, provenance)
