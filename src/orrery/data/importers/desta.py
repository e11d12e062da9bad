"""Design of Trade Agreements (DESTA): agreements, what they create between which countries, and how deep they go.

Three files belong together: the list of agreements with their parties by ISO number, the list of the pairs that each
agreement binds, which alone names the numbers, and the indices of depth. Agreements under negotiation are left out:
they are not agreements.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import known_names, note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

PARTIES_AT_MOST = 91
KINDS = {
    "base_treaty": "agreement",
    "accession": "accession",
    "withdrawal": "withdrawal",
    "protocol or amendment": "amendment",
    "consolidated": "consolidated",
}
NEGOTIATION = "negotiation"
TYPES = {
    1: "bilateral",
    2: "plurilateral",
    3: "region and country",
    4: "region and region",
    5: "accession",
    6: "accession to a region's agreement",
    7: "withdrawal",
}
LEAVING = 1

_CODES = {f"party_{place}": Column(f"c{place}", kind="whole", blank=True) for place in range(1, PARTIES_AT_MOST + 1)}
_SIDES = {f"side_{place}": Column(f"mc{place}", kind="whole", blank=True) for place in range(1, PARTIES_AT_MOST + 1)}
AGREEMENTS_FILE = Layout(
    "desta",
    {
        "agreement": Column("number"),
        "base": Column("base_treaty", kind="whole"),
        "name": Column("name"),
        "kind": Column("entry_type"),
        "year": Column("year", kind="whole", blank=True),
        "in_force": Column("entryforceyear", kind="whole", blank=True),
        "type": Column("typememb", kind="whole", blank=True),
        **_CODES,
        **_SIDES,
    },
    encoding="latin-1",
)
PAIRS_FILE = Layout(
    "desta",
    {
        "agreement": Column("number"),
        "country1": Column("country1"),
        "country2": Column("country2"),
        "code1": Column("iso1", kind="whole"),
        "code2": Column("iso2", kind="whole"),
    },
    encoding="latin-1",
)
_DEPTH = ("depth_index", "depth_rasch", "flexibility_escape", "enforcement")
INDICES_FILE = Layout(
    "desta",
    {
        "agreement": Column("number"),
        "depth_index": Column("depth_index", kind="number"),
        "depth_rasch": Column("depth_rasch", kind="number"),
        "flexibility_escape": Column("flexescape", kind="number"),
        "enforcement": Column("enforce", kind="number"),
    },
    encoding="latin-1",
)

AGREEMENTS = TableSpec(
    "trade_agreements",
    ("agreement",),
    {
        "agreement": "the producer's number of the entry",
        "base": "number of the agreement that the entry belongs to: its own, or the one acceded to, amended or left",
        "name": "its name",
        "kind": "agreement, accession, withdrawal, amendment, or consolidated (the text after amendment)",
        "year": "calendar year of signature",
        "in_force": "calendar year of entry into force, missing where the producer knows none",
        "type": "bilateral; plurilateral; region and country; region and region; for accessions and withdrawals, that",
        "depth_index": "how many of seven kinds of provision it holds, 0 to 7; missing where not coded",
        "depth_rasch": "depth as a latent trait of 48 provisions, in standard units; missing where not coded",
        "flexibility_escape": "number of escape clauses, 0 to 4; missing where not coded",
        "enforcement": "strength of dispute settlement, 0 to 10; missing where not coded",
    },
    (1948, None),
    ("agreements",),
    {"kind": tuple(KINDS.values()), "type": tuple(TYPES.values())},
)
PARTIES = TableSpec(
    "trade_agreement_parties",
    ("agreement", "party"),
    {
        "agreement": "the producer's number of the entry",
        "party": "country or territory, as named by the producer",
        "iso3": "country, missing for a territory",
        "leaves": "whether the entry is this party's withdrawal",
    },
    (1948, None),
    ("agreements",),
)
PAIRS = TableSpec(
    "trade_agreement_pairs",
    ("agreement", "iso3", "partner"),
    {
        "agreement": "the producer's number of the entry",
        "iso3": "country",
        "partner": "country that the entry binds it to; the pair stands there once",
    },
    (1948, None),
    ("pairs",),
)


def read_agreements(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `trade_agreements`, `trade_agreement_parties` and `trade_agreement_pairs`."""
    listed = _listed(files["agreements"])
    kept = listed[listed["kind"] != NEGOTIATION]
    pairs, names = _pairs(files["pairs"], set(kept["agreement"]))
    agreements = kept[["agreement", "base", "name", "kind", "year", "in_force", "type"]]
    agreements = agreements.assign(
        kind=agreements["kind"].map(KINDS), type=agreements["type"].astype(object).map(TYPES)
    )
    depth = _depth(files["indices"], set(agreements["agreement"]))
    merged = agreements.join(depth, on="agreement")
    return {
        "trade_agreements": note(merged, f"{len(listed) - len(kept)} agreements under negotiation left out"),
        "trade_agreement_parties": _parties(files["agreements"], kept, names),
        "trade_agreement_pairs": pairs,
    }


def _listed(path: Path) -> pd.DataFrame:
    frame = read(AGREEMENTS_FILE, path)
    for column, allowed in (("kind", [*KINDS, NEGOTIATION]), ("type", [*TYPES])):
        wrong = ~(frame[column].isin(allowed) | frame[column].isna()).to_numpy(bool)
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            header = AGREEMENTS_FILE.columns[column].names[0]
            problem = f"column `{header}` holds {frame[column].iloc[place]}, allowed is one of {allowed}"
            raise SourceFormatError("desta", path, problem, "Correct the row", int(frame.index[place]))
    return frame


def _pairs(path: Path, agreements: set[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pairs of countries, and for every ISO number in the file its name and iso3."""
    frame = read(PAIRS_FILE, path)
    _require_listed(path, frame, agreements)
    one, other = known_names("desta", path, frame["country1"]), known_names("desta", path, frame["country2"])
    both = one["iso3"].notna() & other["iso3"].notna()
    pairs = pd.DataFrame({"agreement": frame["agreement"], "iso3": one["iso3"], "partner": other["iso3"]})[both]
    sides = [
        pd.DataFrame({"code": frame[f"code{n}"], "party": frame[f"country{n}"], "iso3": known["iso3"]})
        for n, known in ((1, one), (2, other))
    ]
    names = pd.concat(sides).drop_duplicates("code").set_index("code")
    return note(pairs, f"{int((~both).sum()):,} pairs with a territory left out"), names


def _parties(path: Path, kept: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Return one row per party, named with the help of the list of pairs."""
    codes, sides = kept[[*_CODES]].to_numpy(float, na_value=np.nan), kept[[*_SIDES]].to_numpy(float, na_value=np.nan)
    place, column = np.nonzero(~np.isnan(codes))
    numbers = codes[place, column].astype(int)
    unknown = ~np.isin(numbers, names.index)
    if unknown.any():
        first = int(np.flatnonzero(unknown)[0])
        problem = f"column `c{column[first] + 1}`: ISO number {numbers[first]} stands in no pair of the other file"
        raise SourceFormatError(
            "desta", path, problem, "Add all files from the same edition", int(kept.index[place[first]])
        )
    found = names.loc[numbers]
    leaves = (kept["kind"].to_numpy()[place] == "withdrawal") & (sides[place, column] == LEAVING)
    return pd.DataFrame(
        {
            "agreement": kept["agreement"].to_numpy()[place],
            "party": found["party"].to_numpy(),
            "iso3": found["iso3"].to_numpy(),
            "leaves": leaves,
        },
        index=kept.index[place],
    )


def _depth(path: Path, agreements: set[str]) -> pd.DataFrame:
    frame = read(INDICES_FILE, path)
    _require_listed(path, frame, agreements)
    repeated = frame["agreement"].duplicated().to_numpy()
    if repeated.any():
        place = int(np.flatnonzero(repeated)[0])
        problem = f"agreement {frame['agreement'].iloc[place]} stands in the file twice"
        raise SourceFormatError("desta", path, problem, "Delete the wrong row", int(frame.index[place]))
    return frame.set_index("agreement")


def _require_listed(path: Path, frame: pd.DataFrame, agreements: set[str]) -> None:
    strange = ~frame["agreement"].isin(agreements).to_numpy(bool)
    if strange.any():
        place = int(np.flatnonzero(strange)[0])
        problem = f"agreement {frame['agreement'].iloc[place]} is not in the list of agreements"
        raise SourceFormatError("desta", path, problem, "Add all files from the same edition", int(frame.index[place]))


IMPORTER = Importer("desta", (AGREEMENTS, PARTIES, PAIRS), read_agreements)
