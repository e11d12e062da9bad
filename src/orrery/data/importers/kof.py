"""KOF Globalisation Index: countries, territories and regions year by year, indices from 1 to 100."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import known_names, note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

PARTS = {
    "kof": ("", "globalisation"),
    "economic": ("Ec", "economic globalisation"),
    "trade": ("Tr", "globalisation of trade"),
    "financial": ("Fi", "financial globalisation"),
    "social": ("So", "social globalisation"),
    "interpersonal": ("Ip", "interpersonal globalisation"),
    "informational": ("In", "informational globalisation"),
    "cultural": ("Cu", "cultural globalisation"),
    "political": ("Po", "political globalisation"),
}
FACES = {"": ("", ""), "_de_facto": ("df", ", de facto (flows)"), "_de_jure": ("dj", ", de jure (policies)")}
INDICES = {
    f"{part}{face}": (f"KOF{short}GI{suffix}", f"{meaning}{which}, 1 to 100")
    for part, (short, meaning) in PARTS.items()
    for face, (suffix, which) in FACES.items()
}

LAYOUT = Layout(
    "kof",
    {
        "code": Column("code"),
        "name": Column("country"),
        "year": Column("year", kind="whole"),
        **{name: Column(published, kind="number", blank=True) for name, (published, _) in INDICES.items()},
    },
)

_MEANINGS = {name: meaning for name, (_, meaning) in INDICES.items()}
COUNTRIES = TableSpec(
    "globalisation",
    ("iso3", "year"),
    {
        "iso3": "country or territory",
        "is_country": "false for territories",
        "year": "calendar year",
        **_MEANINGS,
    },
    (1970, None),
    ("indices",),
)
REGIONS = TableSpec(
    "globalisation_regions",
    ("code", "year"),
    {
        "code": "region or income class, by the World Bank's code; WLD is the world",
        "name": "its name",
        "year": "calendar year",
        **_MEANINGS,
    },
    (1970, None),
    ("indices",),
)


def read_indices(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `globalisation` and `globalisation_regions`, without rows in which every index is missing."""
    path = files["indices"]
    frame = read(LAYOUT, path)
    observed = frame.dropna(subset=list(INDICES), how="all")
    known = known_names("kof", path, observed["code"])
    region = ~known["kind"].isin(["country", "territory"])
    places = observed[~region].drop(columns="name").assign(is_country=(known["kind"] == "country")[~region])
    places["iso3"] = known["iso3"][~region].fillna(places["code"])
    empty = len(frame) - len(observed)
    return {
        "globalisation": note(places.drop(columns="code"), f"{empty:,} rows without any index left out"),
        "globalisation_regions": observed[region],
    }


IMPORTER = Importer("kof", (COUNTRIES, REGIONS), read_indices)
