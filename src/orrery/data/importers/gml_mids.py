"""Militarised interstate disputes (Gibler, Miller and Little): one row per directed pair of countries and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import FIRST_YEAR, from_1946, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "gml_mids",
    {
        "ccode1": Column("ccode1", kind="whole"),
        "ccode2": Column("ccode2", kind="whole"),
        "year": Column("year", kind="whole"),
        "dispute": Column("dispnum", kind="whole"),
        "onset": Column("gmlmidonset", kind="flag"),
        "hostility": Column("hostlev", kind="whole"),
        "own_hostility": Column("hostlev1", kind="whole"),
        "partner_hostility": Column("hostlev2", kind="whole"),
        "fatality_level": Column("fatality", kind="whole", missing=["-9"], blank=True),
        "side_a": Column("sidea1", kind="flag"),
        "reciprocated": Column("recip", kind="flag"),
    },
)

_LEVEL = "1 none, 2 threat, 3 display, 4 use of force, 5 war"
DISPUTES = TableSpec(
    "disputes",
    ("iso3", "partner", "year"),
    {
        "iso3": "country",
        "partner": "country on the other side",
        "year": "calendar year in which the dispute was under way",
        "dispute": "the producer's number of the dispute",
        "onset": "whether it began in this year",
        "hostility": f"highest hostility of the dispute: {_LEVEL}",
        "own_hostility": f"highest hostility of the country: {_LEVEL}",
        "partner_hostility": f"highest hostility of the partner: {_LEVEL}",
        "fatality_level": "deaths in battle: 0 none, 1 to 25, 2 to 100, 3 to 250, 4 to 500, 5 to 999, 6 more",
        "side_a": "whether the country is on the side that acted first",
        "reciprocated": "whether the other side answered with a militarised act",
    },
    (FIRST_YEAR, 2010),
    ("dyad_years",),
    {name: (1, 2, 3, 4, 5) for name in ("hostility", "own_hostility", "partner_hostility")},
)


def read_disputes(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `disputes`, from 1946 on; both directions of a pair are rows of their own, as in the source."""
    path = files["dyad_years"]
    frame = from_1946(read(LAYOUT, path))
    return {"disputes": with_iso3("gml_mids", path, frame, {"ccode1": "iso3", "ccode2": "partner"})}


IMPORTER = Importer("gml_mids", (DISPUTES,), read_disputes)
