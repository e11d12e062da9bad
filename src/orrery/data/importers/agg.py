"""Governance of global bodies (Lall): how they decide, and what they spend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "agg",
    {
        "body": Column("IN"),
        "year": Column("year", kind="whole"),
        "founded": Column("founded", kind="whole"),
        "weighted_voting": Column("weighted", kind="flag"),
        "unanimity": Column("unanimity", kind="flag"),
        "expenditures_musd": Column("expenditures", kind="number", blank=True),
        "income_musd": Column("income", kind="number", blank=True),
        "contributions_musd": Column("contributions", kind="number", blank=True),
    },
)

GOVERNANCE = TableSpec(
    "igo_governance",
    ("body", "year"),
    {
        "body": "organisation, by the producer's short name",
        "year": "calendar year",
        "founded": "year in which it began",
        "weighted_voting": "whether votes are weighted",
        "unanimity": "whether decisions need unanimity or consensus",
        "expenditures_musd": "expenditures, the producer's figure in millions of US dollars",
        "income_musd": "income, likewise",
        "contributions_musd": "contributions of governments and others, likewise",
    },
    (1945, None),
    ("body_years",),
)


def read_governance(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `igo_governance`."""
    return {"igo_governance": read(LAYOUT, files["body_years"])}


IMPORTER = Importer("agg", (GOVERNANCE,), read_governance)
