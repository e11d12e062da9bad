"""Small tables of treaties and acts, made up in the shape that every source gives, for the tests of what reads them."""

from __future__ import annotations

import pandas as pd

from orrery.data.treaties import AREAS, TreatyRecord

UNKNOWN = None


def treaties_of(*rows: tuple, area: str = "environment", **columns: object) -> pd.DataFrame:
    """Return treaties from (name, concluded) or (name, concluded, ended); `columns` overwrite the rest."""
    names, concluded, ended = zip(*[(*row, None)[:3] for row in rows], strict=True)
    table = pd.DataFrame(
        {
            "treaty": list(names),
            "title": [f"Treaty {name}" for name in names],
            "area": area,
            "subject": None,
            "form": None,
            "parties": "multilateral",
            "tacit": False,
            "open_to_all": pd.array([True] * len(names), "boolean"),
            "concluded": pd.array(concluded, "Int64"),
            "in_force": pd.array([None] * len(names), "Int64"),
            "ended": pd.array(ended, "Int64"),
            "withdrawals_recorded": True,
        }
    )
    return table.assign(**columns)


def acts_of(*rows: tuple) -> pd.DataFrame:
    """Return acts from (treaty, iso3, action, when), `when` a year, a day such as "1999-12-31", or None."""
    table = pd.DataFrame(rows, columns=["treaty", "iso3", "action", "when"])
    days = [when if isinstance(when, str) else None for when in table["when"]]
    years = [None if pd.isna(when) else int(str(when)[:4]) for when in table["when"]]
    return table.drop(columns="when").assign(
        sequence=table.groupby(["treaty", "iso3", "action"]).cumcount() + 1,
        date=pd.to_datetime(pd.Series(days, dtype="str"), format="%Y-%m-%d").astype("datetime64[us]"),
        year=pd.array(years, "Int64"),
        source="ieadb",
    )


def record_of(treaties: pd.DataFrame, acts: pd.DataFrame, last_year: int = 2025) -> TreatyRecord:
    return TreatyRecord(treaties, acts, last_year)


class TreatyTables:
    """A store that holds the tables of every area: those given, and for the other areas one treaty of nobody."""

    def __init__(self, **areas: tuple[pd.DataFrame, pd.DataFrame]) -> None:
        self.tables: dict[str, pd.DataFrame] = {}
        for area in AREAS:
            name = area.replace(" ", "_")
            treaties, acts = areas.get(name, (treaties_of(("nobody", 1900), area=area), acts_of()))
            self.tables |= {f"treaties_{name}": treaties, f"treaty_actions_{name}": acts}

    def read(self, table: str) -> pd.DataFrame:
        return self.tables[table]
