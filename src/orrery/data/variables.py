"""The variables of the panel: for every series its axes, unit, sources, and how far it may be filled.

How each is computed stands in `country_series` and `ties`.
"""

from __future__ import annotations

import numpy as np

from orrery.base.axes import COUNTRY, PARTNER, YEAR
from orrery.data.country_series import (
    capability_cinc,
    capability_gdp,
    capability_population,
    connectedness,
    development,
    gdp_usd,
    openness,
    openness_rank,
    political_stability,
    polyarchy,
    population,
)
from orrery.data.panel import FIRST_YEAR, LAST_YEAR, Panel, PanelAxes, Tables, Variable, assemble, panel_axes
from orrery.data.ties import (
    arms_share,
    contiguous,
    distance_km,
    membership_likeness,
    official_finance,
    pact_strength,
    rivalry,
    shared_memberships,
    shared_treaties,
    trade_share,
    treaty_likeness,
)
from orrery.data.treaties import AREAS

YEAR_COUNTRY, DYAD_YEAR = (YEAR, COUNTRY), (YEAR, COUNTRY, PARTNER)


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("population", YEAR_COUNTRY, "persons", "Population", ("wb_population",), population, True, 1, False),
        Variable(
            "gdp_usd",
            YEAR_COUNTRY,
            "current US dollars",
            "Gross domestic product",
            ("wb_gdp",),
            gdp_usd,
            True,
            4,
            False,
        ),
        Variable(
            "capability_population",
            YEAR_COUNTRY,
            "share of the world",
            "Share of world population",
            ("wb_population",),
            capability_population,
            interpolate=True,
            carry_forward=2,
        ),
        Variable(
            "capability_gdp",
            YEAR_COUNTRY,
            "share of the world",
            "Share of world output at current prices",
            ("wb_gdp",),
            capability_gdp,
            interpolate=True,
            carry_forward=15,
        ),
        Variable(
            "capability_cinc",
            YEAR_COUNTRY,
            "share of the world",
            "Composite index of national capability, rescaled to sum to 1 (Singer, Bremer & Stuckey 1972)",
            ("nmc",),
            capability_cinc,
            interpolate=True,
            carry_forward=4,
        ),
        Variable(
            "development",
            YEAR_COUNTRY,
            "0.8 standard deviations of log GDP per head",
            "Standardised log output per head: the development dimension",
            ("wb_gdp", "wb_population"),
            development,
            interpolate=True,
            carry_forward=15,
        ),
        Variable(
            "trade_share",
            DYAD_YEAR,
            "share of own trade",
            "Exports plus imports with a partner over all goods trade; COW to 1999, BACI from 2000",
            ("cow_trade", "baci"),
            trade_share,
            interpolate=True,
            carry_forward=5,
        ),
        Variable(
            "arms_share",
            DYAD_YEAR,
            "share of own imports",
            "Supplier's share of major arms delivered over five years, trend-indicator values",
            ("sipri",),
            arms_share,
            carry_forward=1,
        ),
        Variable(
            "pact_strength",
            DYAD_YEAR,
            "0 to 1",
            "Strongest obligation in force: defence, offence 1; neutrality, non-aggression 1/2; consultation 1/4",
            ("atop",),
            pact_strength,
            carry_forward=7,
        ),
        Variable(
            "rivalry",
            DYAD_YEAR,
            "0 or 1",
            "Whether two countries are strategic rivals (Thompson, Sakuwa & Suhas 2021)",
            ("tss_rivalries",),
            rivalry,
            carry_forward=5,
        ),
        Variable(
            "shared_memberships",
            DYAD_YEAR,
            "organisations",
            "Intergovernmental organisations with both as full members; own memberships on the diagonal",
            ("cow_igo",),
            shared_memberships,
            interpolate=True,
            carry_forward=11,
        ),
        Variable(
            "membership_likeness",
            DYAD_YEAR,
            "0 to 1",
            "Cosine of membership profiles weighted by ln(N/n)",
            ("cow_igo",),
            membership_likeness,
            interpolate=True,
            carry_forward=11,
        ),
        Variable(
            "shared_treaties",
            DYAD_YEAR,
            "treaties",
            "Multilateral treaties with both as parties; own treaties on the diagonal",
            tuple(AREAS.values()),
            shared_treaties,
            shipped=False,
        ),
        Variable(
            "treaty_likeness",
            DYAD_YEAR,
            "0 to 1",
            "Cosine of the treaties that two countries are party to, weighted by ln(N/n)",
            tuple(AREAS.values()),
            treaty_likeness,
            shipped=False,
        ),
        Variable(
            "official_finance",
            DYAD_YEAR,
            "share of recipient's output",
            "Official finance committed over five years; only partners with a source (China)",
            ("gcdf", "wb_gdp"),
            official_finance,
            carry_forward=4,
        ),
        Variable(
            "connectedness",
            (YEAR,),
            "0 to 1",
            "World mean of the KOF globalisation index over 100",
            ("kof",),
            connectedness,
            carry_forward=3,
        ),
        Variable(
            "openness",
            YEAR_COUNTRY,
            "0 to 1",
            "KOF globalisation index of the country over 100 (Gygli et al. 2019)",
            ("kof",),
            openness,
            interpolate=True,
            carry_forward=3,
            derived=False,
        ),
        Variable(
            "openness_rank",
            YEAR_COUNTRY,
            "0 to 1",
            "Percentile rank of the country's KOF globalisation index among the countries of the year",
            ("kof",),
            openness_rank,
            carry_forward=3,
        ),
        Variable(
            "political_stability",
            YEAR_COUNTRY,
            "standard normal units",
            "Political stability and absence of violence, estimate (Worldwide Governance Indicators)",
            ("wgi",),
            political_stability,
            interpolate=True,
            carry_forward=2,
            derived=False,
        ),
        Variable(
            "polyarchy",
            YEAR_COUNTRY,
            "0 to 1",
            "Electoral democracy index (V-Dem)",
            ("cw_democracy",),
            polyarchy,
            derived=False,
        ),
        Variable("distance_km", (COUNTRY, PARTNER), "km", "Distance between capitals", (), distance_km),
        Variable(
            "contiguous",
            (COUNTRY, PARTNER),
            "0 or 1",
            "Border or at most 24 miles of water",
            ("contiguity",),
            contiguous,
        ),
    )
}


def observe(tables: Tables, axes: PanelAxes, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """Compute the observed values of the named variables (all of them by default), unfilled."""
    chosen = {name: VARIABLES[name].observe for name in names or tuple(VARIABLES)}
    return {name: compute(tables, axes) for name, compute in chosen.items() if compute is not None}


def build_panel(
    tables: Tables, *, years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR), names: tuple[str, ...] | None = None
) -> Panel:
    """Build the panel from the store.

    Args:
        tables: where the tables are read, usually `orrery.data.store.open_store()`.
        years: first and last year.
        names: variables wanted; all of `VARIABLES` by default.

    Raises:
        StoreError: a needed table is not in the store; the message says which source to add.
    """
    axes = panel_axes(range(years[0], years[1] + 1))
    return assemble(observe(tables, axes, names), VARIABLES, axes, origin="local store", provenance={})
