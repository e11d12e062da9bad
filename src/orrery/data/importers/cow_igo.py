"""COW IGO: memberships of intergovernmental organisations, and the organisations year by year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import FIRST_YEAR, from_1946, note, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

STATUS = {1: "full", 2: "associate", 3: "observer"}
NOT_A_MEMBER, NOT_KNOWN, NOT_IN_SYSTEM = 0, -9, -1

COUNTRY_YEARS = Layout(
    "cow_igo",
    {"ccode": Column("ccode", kind="whole"), "year": Column("year", kind="whole"), "state": Column("state")},
    rest=Column(kind="whole"),
)
BODY_YEARS = Layout(
    "cow_igo",
    {
        "body": Column("ioname"),
        "year": Column("year", kind="whole"),
        "name": Column("orgname"),
        "long_name": Column("longorgname", blank=True),
        "founded": Column("sdate", kind="whole", missing=["-9"], blank=True),
        "ended": Column("deaddate", kind="whole", missing=["-9"], blank=True),
        "political": Column("political", kind="flag", missing=["-9"], blank=True),
        "social": Column("social", kind="flag", missing=["-9"], blank=True),
        "economic": Column("economic", kind="flag", missing=["-9"], blank=True),
        "imputed": Column("imputed", kind="flag", missing=["-9"], blank=True),
    },
)

MEMBERSHIPS = TableSpec(
    "igo_memberships",
    ("body", "iso3", "year"),
    {
        "body": "organisation, by the producer's short name",
        "iso3": "country",
        "year": "calendar year",
        "status": "full, associate or observer; countries without any status have no row",
    },
    (FIRST_YEAR, 2014),
    ("country_years",),
    {"status": tuple(STATUS.values())},
)
BODIES = TableSpec(
    "igo_bodies",
    ("body", "year"),
    {
        "body": "organisation, by the producer's short name",
        "year": "calendar year in which it existed",
        "name": "its name",
        "long_name": "its full name",
        "founded": "year in which it began",
        "ended": "year in which it ended",
        "political": "whether its purpose is political",
        "social": "whether its purpose is social",
        "economic": "whether its purpose is economic",
        "imputed": "whether the producer filled the year in from years around it",
        "members": "countries with full membership",
        "not_known": "countries of the system whose status is not known; they have no row in igo_memberships",
    },
    (FIRST_YEAR, 2014),
    ("body_years",),
)


def read_igo(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `igo_memberships` and `igo_bodies`, from 1946 on."""
    path = files["country_years"]
    every_body = read(BODY_YEARS, files["body_years"])
    bodies = from_1946(every_body)
    wide = with_iso3("cow_igo", path, from_1946(read(COUNTRY_YEARS, path)), {"ccode": "iso3"}).drop(columns="state")
    codes = wide.drop(columns=["iso3", "year"]).rename(columns=str.casefold)
    published = {name.casefold(): name for name in every_body["body"].unique()}
    _require_known(path, codes, set(published))
    place, column = np.nonzero(np.isin(codes.to_numpy(), list(STATUS)))
    names = pd.Index([published[name] for name in codes.columns])
    memberships = pd.DataFrame(
        {
            "body": names[column],
            "iso3": wide["iso3"].to_numpy()[place],
            "year": wide["year"].to_numpy()[place],
            "status": pd.Series(codes.to_numpy()[place, column]).map(STATUS).to_numpy(),
        },
        index=wide.index[place],
    )
    counted = bodies.merge(_counts(codes, wide["year"], published), on=["body", "year"], how="left")
    counts = {name: counted[name].astype("Int64").to_numpy() for name in ("members", "not_known")}
    bodies = bodies.assign(**{name: pd.array(held, "Int64") for name, held in counts.items()})
    not_known = int((codes.to_numpy() == NOT_KNOWN).sum())
    memberships = note(memberships, f"{not_known:,} statuses are not known; `igo_bodies` counts them by body and year")
    return {"igo_memberships": memberships, "igo_bodies": bodies}


def _require_known(path: Path, codes: pd.DataFrame, bodies: set[str]) -> None:
    strange = [name for name in codes.columns if name not in bodies]
    if strange:
        problem = f"column `{strange[0]}` is no organisation of the file of organisations ({len(strange)} such columns)"
        raise SourceFormatError("cow_igo", path, problem, "Add both files from the same edition")
    allowed = [*STATUS, NOT_A_MEMBER, NOT_KNOWN, NOT_IN_SYSTEM]
    wrong = ~np.isin(codes.to_numpy(), allowed)
    if wrong.any():
        place, column = (int(found[0]) for found in np.nonzero(wrong))
        problem = f"column `{codes.columns[column]}` holds {codes.iat[place, column]}, allowed is one of {allowed}"
        raise SourceFormatError("cow_igo", path, problem, "Correct the row", int(codes.index[place]))


def _counts(codes: pd.DataFrame, years: pd.Series, published: dict[str, str]) -> pd.DataFrame:
    """Count full members and countries of unknown status by body and year."""
    counts = {
        name: (codes == code).groupby(years.to_numpy()).sum().rename_axis("year").rename_axis("body", axis=1).stack()
        for name, code in (("members", 1), ("not_known", NOT_KNOWN))
    }
    return pd.DataFrame(counts).reset_index().assign(body=lambda table: table["body"].map(published))


IMPORTER = Importer("cow_igo", (MEMBERSHIPS, BODIES), read_igo)
