"""International Environmental Agreements Database: agreements, and what each country did on them.

Year 1111 stands for a date that the producer does not know; such acts are kept without a year. The producer
derives who is bound by an amendment under tacit acceptance from who is bound by the agreement amended: these rows
are acts named `tacit acceptance` and `tacit withdrawal`, and no country did anything for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import note
from orrery.data.importers.spec import Importer
from orrery.data.importers.treaty_tables import finished, of_countries, treaty_specs
from orrery.data.opening import CORRECT_ROW, Column, Layout
from orrery.data.tabular import read

AREA = "environment"
UNKNOWN_DATE = ("1111-11-11", "-0001-11-3")

_TACIT = "entry into force (tacit acceptance)"
_DERIVED = _TACIT + "; status based on {}-amendment agreement action"
_ACTS = {
    "signature": ("signature",),
    "definitive signature": ("definitive signature",),
    "ratification": ("ratification", "deposit (ratification)"),
    "acceptance": ("acceptance", "deposit (acceptance)"),
    "approval": ("approval", "approbation"),
    "accession": (
        "accession", "adherence", "adhesion", "definitive accession",
        "deposit (accession)", "deposit (adherence)", "deposit (adhesion)",
    ),
    "succession": ("succession",),
    "consent to be bound": ("consent to be bound", "deposit (instrument)"),
    "provisional application": ("provisional application",),
    "entry into force": ("entry into force",),
    "tacit acceptance": (
        _TACIT, f"{_TACIT} - removal of objection",
        *(f"{_DERIVED.format(when)} of entry into force" for when in ("pre", "post")),
    ),
    "withdrawal": ("withdrawal", "denunciation", "denunciation (effective date)"),
    "tacit withdrawal": tuple(f"{_DERIVED.format(when)} of withdrawal or similar" for when in ("pre", "post")),
    "termination": ("termination",),
    "": (
        f"{_TACIT} - objection", "adoption", "amendment negotiated by members", "cooperating non-contracting party",
        "non-provisional application", "not expected to enter into force", "not yet in force", "notification",
        "partial termination of agreement", "status follows original agreement", "waiver (art.28)",
    ),
}  # fmt: skip
"""The producer's words for each act, without the number of a repetition; under "" what makes nobody a party."""

MEMBERS = Layout(
    "ieadb",
    {
        "treaty": Column("Mitch ID"),
        "country": Column("Country (official name)"),
        "kind": Column("Action Type"),
        "year": Column("Year", kind="whole", missing=["1111"], blank=True),
        "month": Column("Month", kind="whole"),
        "day": Column("Day", kind="whole"),
        "incomplete": Column("field_date_incomplete_value", blank=True),
    },
)
AGREEMENTS = Layout(
    "ieadb",
    {
        "treaty": Column("IEA#"),
        "title": Column("Agreement Name"),
        "form": Column("Agreement Type Level 3", blank=True),
        "eligible": Column("Membership eligibility (multilateral, bilateral, etc)"),
        "subject": Column("Issue area (subject)", blank=True),
        "concluded": Column("Date IEA was concluded", kind="date", missing=UNKNOWN_DATE, blank=True),
        "in_force": Column("Date IEA entered into force", kind="date", missing=UNKNOWN_DATE, blank=True),
        "ended": Column("Term Date", kind="date", missing=UNKNOWN_DATE, blank=True),
    },
)
TREATIES, TREATY_ACTIONS = treaty_specs(AREA, ("agreements",), ("members",))

_PARTIES = {
    "Multilateral (3 or more governments)": "multilateral",
    "Bilateral (2 and only 2 governments)": "bilateral",
}


def read_ieadb(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `treaties_environment` and `treaty_actions_environment`."""
    agreements, members = read(AGREEMENTS, files["agreements"]), read(MEMBERS, files["members"])
    _require_listed(files["members"], members, agreements)
    acts = _acts(files["members"], members)
    tacit = acts.loc[acts["action"].isin(["tacit acceptance", "tacit withdrawal"]), "treaty"].unique()
    years = {name: agreements[name].dt.year.astype("Int64") for name in ("concluded", "in_force", "ended")}
    treaties = agreements.drop(columns="eligible").assign(
        **years,
        area=AREA,
        parties=agreements["eligible"].map(_PARTIES).fillna("other"),
        tacit=agreements["treaty"].isin(tacit),
        open_to_all=pd.Series(pd.NA, agreements.index, "boolean"),
        withdrawals_recorded=True,
    )
    return {TREATIES.name: treaties, TREATY_ACTIONS.name: acts}


def _require_listed(path: Path, members: pd.DataFrame, agreements: pd.DataFrame) -> None:
    strange = members.index[~members["treaty"].isin(agreements["treaty"]).to_numpy(bool)]
    if len(strange):
        problem = f"agreement {members.loc[strange[0], 'treaty']} is not in the file of agreements"
        raise SourceFormatError("ieadb", path, problem, "Add both files from the same edition", int(strange[0]))


def _acts(path: Path, members: pd.DataFrame) -> pd.DataFrame:
    """Return one row per act of a country, in order of time within a treaty and country."""
    _require_once(path, members)
    dated = members.assign(date=_dates(path, members), action=_actions(path, members["kind"]))
    named = of_countries("ieadb", path, dated)
    kept = named[named["action"] != ""].copy()
    kept.attrs = dict(named.attrs)
    if len(kept) < len(named):
        kept = note(kept, f"{len(named) - len(kept):,} rows left out that make nobody a party (objections, notices)")
    same = ["treaty", "iso3", "action", "year", "date"]
    single = kept.drop_duplicates(same)
    if len(single) < len(kept):
        single = note(single, f"{len(kept) - len(single):,} rows left out that give an act twice under two names")
    undated = int(single["year"].isna().sum())
    if undated:
        single = note(single, f"{undated:,} acts have no year: the producer does not know it")
    ordered = single.sort_values(["treaty", "iso3", "action", "year", "date"], kind="stable")
    return finished(ordered.assign(sequence=ordered.groupby(["treaty", "iso3", "action"]).cumcount() + 1), "ieadb")


def _require_once(path: Path, members: pd.DataFrame) -> None:
    names = ["treaty", "country", "kind", "year", "month", "day"]
    stated = members[names].fillna({"year": 0})
    repeated = stated.duplicated().to_numpy(bool)
    if repeated.any():
        row = stated[repeated].iloc[0]
        same = members.index[(stated == row).all(axis=1).to_numpy(bool)]
        act = f"{row['kind']} of {row['country']} on agreement {row['treaty']}"
        problem = f"{act} stands in rows {', '.join(map(str, same))}; the same act may stand there once"
        raise SourceFormatError("ieadb", path, problem, "Delete the wrong row", int(members.index[repeated][0]))


def _actions(path: Path, kinds: pd.Series) -> pd.Series:
    """Return our word for each act, "" for what makes nobody a party.

    Raises:
        SourceFormatError: the producer uses a word that is not known.
    """
    known = {word: action for action, words in _ACTS.items() for word in words}
    found = kinds.map({kind: known.get(re.sub(r" \d$", "", kind).casefold()) for kind in kinds.unique()})
    strange = found.index[found.isna().to_numpy(bool)]
    if len(strange):
        problem = f"column `Action Type` holds `{kinds[strange[0]]}`, which is none of the known acts"
        raise SourceFormatError("ieadb", path, problem, "Add it to the importer with its meaning", int(strange[0]))
    return found


def _dates(path: Path, members: pd.DataFrame) -> pd.Series:
    """Return the day of each act, missing where year, month or day is not known.

    Raises:
        SourceFormatError: a complete date is no day of the calendar.
    """
    complete = members["year"].notna() & (members["month"] > 0) & (members["day"] > 0) & members["incomplete"].isna()
    parts = members.loc[complete, ["year", "month", "day"]].astype("int64")
    texts = (
        parts["year"].map("{:04d}".format) + parts["month"].map("-{:02d}".format) + parts["day"].map("-{:02d}".format)
    )
    days = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    wrong = days.index[days.isna().to_numpy(bool)]
    if len(wrong):
        raise SourceFormatError("ieadb", path, f"{texts[wrong[0]]} is no day", CORRECT_ROW, int(wrong[0]))
    return days.reindex(members.index)


IMPORTER = Importer("ieadb", (TREATIES, TREATY_ACTIONS), read_ieadb)
