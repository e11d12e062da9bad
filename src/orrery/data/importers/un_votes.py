"""General Assembly votes, from whichever layout was given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.spec import Importer
from orrery.data.importers.un_votes_joined import read_joined
from orrery.data.importers.un_votes_library import read_library
from orrery.data.importers.un_votes_published import read_published
from orrery.data.importers.un_votes_tables import COUNTRY_VOTES, ROLL_CALLS, SOURCE

READERS = {
    "votes": read_joined,
    "published": read_published,
    "published_to_2015": read_published,
    "library": read_library,
}
"""The reader of each layout, by the role that only it has."""


def read_votes(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `roll_calls` and `votes`."""
    return next(reader for role, reader in READERS.items() if role in files)(files)


IMPORTER = Importer(SOURCE, (ROLL_CALLS, COUNTRY_VOTES), read_votes)
