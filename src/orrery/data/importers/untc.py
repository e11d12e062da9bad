"""United Nations Treaty Collection: who signed and who is bound, for human rights and for arms control treaties.

The lists name today's participants. A country that withdrew is not in them any more, nor is what it did before; a
country that ended is in them at most with a signature. `Succession` is dated by the notice, not by the day from which
it has effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.spec import Importer
from orrery.data.importers.treaty_tables import acts_of_list, treaties_of_list, treaty_specs
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

AREAS = {"untc_human_rights": "human rights", "untc_arms_control": "arms control"}
"""Area of each source."""

ACTS = {"Ratification": "ratification", "Accession": "accession", "Succession": "succession"}
"""The lists count acceptance and approval as ratification."""


def _layout(source: str) -> Layout:
    return Layout(
        source,
        {
            "country": Column("country_name"),
            "treaty": Column("treaty_id"),
            "title": Column("treaty_name"),
            "act": Column("action_type", blank=True),
            "acted": Column("action_date", kind="date", blank=True),
            "signed": Column("signature_date", kind="date", blank=True),
            "concluded": Column("treaty_open_year", kind="whole"),
        },
    )


def _reader(source: str, area: str) -> Callable[[Mapping[str, Path]], dict[str, pd.DataFrame]]:
    """Return the function that reads the list of one area."""
    layout, (treaties, actions) = _layout(source), treaty_specs(area, ("participants",), ("participants",))

    def read_list(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
        path = files["participants"]
        frame = read(layout, path)
        return {
            treaties.name: treaties_of_list(frame, area),
            actions.name: acts_of_list(source, path, frame, ACTS),
        }

    return read_list


IMPORTERS = tuple(
    Importer(source, treaty_specs(area, ("participants",), ("participants",)), _reader(source, area))
    for source, area in AREAS.items()
)
