"""The two tables that every source of treaties gives, whatever its own layout.

`treaties_AREA` has one row per treaty, `treaty_actions_AREA` one row per act of a country: signature, ratification,
accession, withdrawal and so on. The columns are the same in every area, so that what reads them does not care from
which source a row came; `orrery.data.treaties` joins them.

Only countries of the table of countries have rows. Organisations, territories and polities that ended before 1946 are
left out and counted in the notes. A country that ended later (such as Czechoslovakia) has rows only where the source
still lists it under its own name; sources list its acts mostly under its successors, on the dates of the predecessor.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import known_names, note
from orrery.data.importers.spec import TableSpec
from orrery.data.opening import CORRECT_ROW
from orrery.data.treaties import ACTIONS

FIRST_YEAR = 1300
"""Earliest year of an act that is believed; the oldest agreement of any source is of 1351."""

PARTIES = ("multilateral", "bilateral", "other")

_TREATY_COLUMNS = {
    "treaty": "the producer's name or number for the treaty",
    "title": "its title",
    "area": "what it is about: the area of the source",
    "subject": "its subject within the area, in the producer's words",
    "form": "convention, protocol, amendment and so on, in the producer's words",
    "parties": "multilateral, bilateral, or other (ministries, organisations, provinces)",
    "tacit": "whether it binds some countries without an act of their own (tacit acceptance of amendments)",
    "open_to_all": "whether every country may become a party; missing where the source does not say",
    "concluded": "year in which it was concluded or opened for signature",
    "in_force": "year in which it entered into force; missing where not yet, or where the source does not say",
    "ended": "year in which it ended; missing where it lasts, or where the source does not say",
    "withdrawals_recorded": "whether the source records withdrawals; where not, who withdrew is not in it at all",
}
_ACTION_COLUMNS = {
    "treaty": "the producer's name or number for the treaty",
    "iso3": "country",
    "action": "what it did: " + ", ".join(ACTIONS),
    "sequence": "1 for the first such act of the country on the treaty, 2 for the next",
    "date": "day of the act; missing where the source gives no complete date",
    "year": "its calendar year; missing where the source does not know it",
    "source": "key of the source",
}


def treaty_specs(area: str, treaties_from: tuple[str, ...], actions_from: tuple[str, ...]) -> tuple[TableSpec, ...]:
    """Return what holds of the two tables of an area; the last two arguments are roles of files."""
    name = area.replace(" ", "_")
    anytime = (FIRST_YEAR, None)
    treaties = TableSpec(
        f"treaties_{name}", ("treaty",), _TREATY_COLUMNS, anytime, treaties_from, {"parties": PARTIES, "area": (area,)}
    )
    actions = TableSpec(
        f"treaty_actions_{name}",
        ("treaty", "iso3", "action", "sequence"),
        _ACTION_COLUMNS,
        anytime,
        actions_from,
        {"action": tuple(ACTIONS)},
        undated=True,
    )
    return treaties, actions


def of_countries(source: str, path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of countries, with `iso3` in place of `country`, and a note on those left out.

    Raises:
        SourceFormatError: a name is in no table.
    """
    known = known_names(source, path, frame["country"])
    kept = (known["kind"] == "country").to_numpy(bool)
    found = frame[kept].drop(columns="country").assign(iso3=known.loc[kept, "iso3"].to_numpy())
    kinds = known.loc[~kept, "kind"].value_counts()
    if kinds.empty:
        return found
    listed = ", ".join(f"{count:,} of kind {kind}" for kind, count in kinds.sort_index().items())
    return note(found, f"rows of other than countries left out: {listed}")


def acts_of_list(source: str, path: Path, frame: pd.DataFrame, acts: dict[str, str]) -> pd.DataFrame:
    """Return one row per act from a list with one row per country and treaty.

    Args:
        source: key of the source.
        path: the file, for messages.
        frame: country, treaty, signed, act, acted and perhaps entered, indexed by row of the file.
        acts: the producer's word for an act -> ours.

    Raises:
        SourceFormatError: a row holds no date, an act without a date or a date without its act, or an unknown act.
    """
    entered = frame["entered"] if "entered" in frame else pd.Series(pd.NaT, frame.index)
    none = frame["signed"].isna() & frame["acted"].isna() & entered.isna()
    half = frame["act"].isna() != frame["acted"].isna()
    strange = ~(frame["act"].isin(list(acts)) | frame["act"].isna())
    for wrong, problem in (
        (none, "the row has no date of any act"),
        (half, "an act without its date, or a date without its act"),
        (strange, f"the act is none of {', '.join(acts)}"),
    ):
        if wrong.any():
            raise SourceFormatError(source, path, problem, CORRECT_ROW, int(frame.index[wrong.to_numpy(bool)][0]))
    listed = of_countries(source, path, frame)
    dates = {"signature": listed["signed"], "act": listed["acted"]}
    if "entered" in listed:
        dates["entry into force"] = listed["entered"]
    rows = pd.concat([listed.assign(action=name, date=days) for name, days in dates.items()])
    rows.attrs = dict(listed.attrs)
    rows = rows[rows["date"].notna()]
    rows["action"] = rows["action"].mask(rows["action"] == "act", rows["act"].map(acts))
    return finished(rows.assign(year=rows["date"].dt.year.astype("Int64"), sequence=1), source)


def finished(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return acts with the columns of the table, in order of treaty, country and time."""
    table = rows.assign(source=source, date=rows["date"].astype("datetime64[us]"))[list(_ACTION_COLUMNS)]
    table.attrs = dict(rows.attrs)
    return table.sort_values(["treaty", "iso3", "year", "date"], kind="stable")


def treaties_of_list(frame: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the treaties that a list names: multilateral ones open to all, whose withdrawals it does not record.

    Args:
        frame: treaty, title and concluded, perhaps in_force, indexed by row of the file.
        area: of the source.
    """
    names = [name for name in ("treaty", "title", "concluded", "in_force") if name in frame]
    treaties = frame[names].drop_duplicates()
    not_said = {"subject": "str", "form": "str", "in_force": "Int64", "ended": "Int64"}
    return treaties.assign(
        **{name: pd.Series(pd.NA, treaties.index, kind) for name, kind in not_said.items() if name not in names},
        concluded=treaties["concluded"].astype("Int64"),
        area=area,
        parties="multilateral",
        tacit=False,
        open_to_all=pd.array([True] * len(treaties), "boolean"),
        withdrawals_recorded=False,
    )
