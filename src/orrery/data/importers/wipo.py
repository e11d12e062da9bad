"""World Intellectual Property Organization: who signed and who is bound by the treaties it administers.

The list names today's participants and gives for each the day on which the treaty entered into force for it. The
year of a treaty's own entry into force is taken to be the earliest of these days.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.spec import Importer
from orrery.data.importers.treaty_tables import acts_of_list, treaties_of_list, treaty_specs
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

AREA = "intellectual property"
ACTS = {"Ratification": "ratification", "Accession": "accession", "Succession": "succession"}
"""A declaration of continued application stands in the list as a succession."""

LAYOUT = Layout(
    "wipo",
    {
        "country": Column("country_name"),
        "treaty": Column("treaty_id"),
        "title": Column("treaty_name"),
        "act": Column("action_type", blank=True),
        "acted": Column("action_date", kind="date", blank=True),
        "signed": Column("signature_date", kind="date", blank=True),
        "entered": Column("entry_into_force_date", kind="date", blank=True),
        "concluded": Column("treaty_open_year", kind="whole"),
    },
)
TREATIES, TREATY_ACTIONS = treaty_specs(AREA, ("participants",), ("participants",))


def read_wipo(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `treaties_intellectual_property` and `treaty_actions_intellectual_property`."""
    path = files["participants"]
    frame = read(LAYOUT, path)
    earliest = frame.groupby("treaty")["entered"].min().dt.year.astype("Int64")
    treaties = treaties_of_list(frame.assign(in_force=frame["treaty"].map(earliest).astype("Int64")), AREA)
    return {TREATIES.name: treaties, TREATY_ACTIONS.name: acts_of_list("wipo", path, frame, ACTS)}


IMPORTER = Importer("wipo", (TREATIES, TREATY_ACTIONS), read_wipo)
