"""GeoDist: distances and ties of language and history for every ordered pair of economies, and within each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import economies
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

FURTHER_TERRITORIES = ("CCK", "CXR", "NFK", "PCN", "SPM")
"""ISO codes of Cocos Islands, Christmas Island, Norfolk Island, Pitcairn, Saint Pierre and Miquelon."""

DISTANCES = {
    "distance_km": ("dist", "great-circle distance between the largest cities, kilometres"),
    "capital_distance_km": ("distcap", "great-circle distance between the capitals, kilometres"),
    "weighted_distance_km": ("distw", "mean distance between cities weighted by population, kilometres"),
    "harmonic_distance_km": ("distwces", "the same with elasticity -1: the harmonic mean, kilometres"),
}
TIES = {
    "contiguous": ("contig", "whether they share a border"),
    "official_language": ("comlang_off", "whether they share an official language"),
    "spoken_language": ("comlang_ethno", "whether at least 9 % of each speak a common language"),
    "colonial_tie": ("colony", "whether one was ever a colony of the other"),
    "same_coloniser": ("comcol", "whether they had the same coloniser after 1945"),
    "colonial_tie_now": ("curcol", "whether one is a dependency of the other"),
    "colonial_tie_1945": ("col45", "whether one was a colony of the other after 1945"),
    "once_one_country": ("smctry", "whether they were ever the same country"),
}

LAYOUT = Layout(
    "geodist",
    {
        "iso3": Column("iso_o"),
        "partner": Column("iso_d"),
        **{name: Column(old, kind="number", missing=["."], blank=True) for name, (old, _) in DISTANCES.items()},
        **{name: Column(old, kind="flag") for name, (old, _) in TIES.items()},
    },
)

PAIRS = TableSpec(
    "distances",
    ("iso3", "partner"),
    {
        "iso3": "country or territory",
        "partner": "country or territory; the same one for distances within it",
        **{name: meaning for name, (_, meaning) in (DISTANCES | TIES).items()},
    },
    (2011, 2011),
    ("pairs",),
)


def read_distances(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `distances`."""
    path = files["pairs"]
    frame = read(LAYOUT, path)
    codes = {side: economies("geodist", path, frame[side], FURTHER_TERRITORIES) for side in ("iso3", "partner")}
    return {"distances": frame.assign(**codes)}


IMPORTER = Importer("geodist", (PAIRS,), read_distances)
