"""National Material Capabilities: one row per COW country number and year, -9 where missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import FIRST_YEAR, from_1946, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read


def _figure(name: str) -> Column:
    return Column(name, kind="number", missing=["-9"], blank=True)


LAYOUT = Layout(
    "nmc",
    {
        "ccode": Column("ccode", kind="whole"),
        "year": Column("year", kind="whole"),
        "military_expenditure_kusd": _figure("milex"),
        "military_personnel_thousand": _figure("milper"),
        "iron_steel_kt": _figure("irst"),
        "energy_kt_coal_equivalent": _figure("pec"),
        "population_thousand": _figure("tpop"),
        "urban_population_thousand": _figure("upop"),
        "cinc": _figure("cinc"),
    },
)

CAPABILITIES = TableSpec(
    "capabilities",
    ("iso3", "year"),
    {
        "iso3": "country",
        "year": "calendar year",
        "military_expenditure_kusd": "military expenditure, thousands of current US dollars",
        "military_personnel_thousand": "military personnel, thousands",
        "iron_steel_kt": "iron and steel production, thousands of tonnes",
        "energy_kt_coal_equivalent": "primary energy consumption, thousands of tonnes of coal equivalent",
        "population_thousand": "population, thousands",
        "urban_population_thousand": "population of cities above 100,000, thousands",
        "cinc": "composite index of national capability: mean share of the system's total of the six, 0 to 1",
    },
    (FIRST_YEAR, None),
    ("country_years",),
)


def read_capabilities(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `capabilities`, from 1946 on."""
    path = files["country_years"]
    frame = from_1946(read(LAYOUT, path))
    return {"capabilities": with_iso3("nmc", path, frame, {"ccode": "iso3"})}


IMPORTER = Importer("nmc", (CAPABILITIES,), read_capabilities)
