"""World Trade Organization: its members and the day from which each is one.

The list gives the day of membership, not the acts before it, so every row is an entry into force of the agreement
that establishes the organisation. The 76 members of the first day are followed until 1996 by further original members.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.spec import Importer
from orrery.data.importers.treaty_tables import acts_of_list, treaties_of_list, treaty_specs
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

AREA = "world trade"
TREATY, TITLE = "marrakesh_agreement", "Marrakesh Agreement Establishing the World Trade Organization"
CONCLUDED, IN_FORCE = 1994, 1995

LAYOUT = Layout(
    "wto_members",
    {"country": Column("country_name"), "entered": Column("accession_date", kind="date")},
)
TREATIES, TREATY_ACTIONS = treaty_specs(AREA, ("members",), ("members",))


def read_members(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `treaties_world_trade`, with its one treaty, and `treaty_actions_world_trade`."""
    path = files["members"]
    frame = read(LAYOUT, path).assign(treaty=TREATY, title=TITLE, concluded=CONCLUDED)
    frame = frame.assign(in_force=pd.Series(IN_FORCE, frame.index, "Int64"), act=pd.NA, signed=pd.NaT, acted=pd.NaT)
    return {
        TREATIES.name: treaties_of_list(frame, AREA),
        TREATY_ACTIONS.name: acts_of_list("wto_members", path, frame, {}),
    }


IMPORTER = Importer("wto_members", (TREATIES, TREATY_ACTIONS), read_members)
