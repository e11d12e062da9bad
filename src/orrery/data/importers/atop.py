"""ATOP: one row per directed pair of countries and year in which a treaty binds the first to the second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import FIRST_YEAR, from_1946, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

OBLIGATIONS = {
    "defense": ("atop_defense", "defense", "the first must defend the second if attacked"),
    "offense": ("atop_offense", "offense", "the first must join the second in an attack"),
    "neutrality": ("atop_neutral", "neutral", "the first must not help those who fight the second"),
    "nonaggression": ("atop_nonagg", "nonagg", "the first must not use force against the second"),
    "consultation": ("atop_consul", "consul", "the first must consult the second in a crisis"),
}

LAYOUT = Layout(
    "atop",
    {
        "ccode1": Column("ccode1", "stateA", kind="whole"),
        "ccode2": Column("ccode2", "stateB", kind="whole"),
        "year": Column("year", kind="whole"),
        **{name: Column(*names, kind="flag") for name, (*names, _) in OBLIGATIONS.items()},
    },
)

ALLIANCES = TableSpec(
    "alliances",
    ("iso3", "partner", "year"),
    {
        "iso3": "country that is bound",
        "partner": "country to which it is bound",
        "year": "calendar year",
        **{name: meaning for name, (*_, meaning) in OBLIGATIONS.items()},
    },
    (FIRST_YEAR, 2018),
    ("dyad_years",),
)


def read_alliances(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `alliances`, from 1946 on; both directions of a pair are rows of their own, as in the source."""
    path = files["dyad_years"]
    frame = from_1946(read(LAYOUT, path))
    return {"alliances": with_iso3("atop", path, frame, {"ccode1": "iso3", "ccode2": "partner"})}


IMPORTER = Importer("atop", (ALLIANCES,), read_alliances)
