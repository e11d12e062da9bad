"""The catalogue against the data, and the document that says what it covers."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from orrery.base.errors import InstitutionError
from orrery.institutions.catalogue import load_bodies, load_body
from orrery.institutions.check import Explained, compare, explained, idle, recorded_members, unexplained
from orrery.institutions.coverage import coverage

ROOT = Path(__file__).parents[2]
CHECKED = sorted(code for code, body in load_bodies().items() if body.check is not None)


@pytest.fixture(scope="module")
def tables(official_tables):
    class Once:
        """Every table is read once for all bodies."""

        def __init__(self) -> None:
            self.read_before: dict[str, pd.DataFrame] = {}

        def read(self, table: str) -> pd.DataFrame:
            if table not in self.read_before:
                # As categories names are compared once each, and not in half a million rows for every body.
                read = official_tables.read(table)
                self.read_before[table] = read.astype({"body": "category"}) if table == "igo_memberships" else read
            return self.read_before[table]

    return Once()


@pytest.mark.parametrize("code", CHECKED)
def test_every_disagreement_with_the_data_is_explained_and_no_other(code, tables):
    body = load_body(code)
    assert [one.what for one in unexplained(body, tables)] == []
    assert [one.what for one in idle(body, tables)] == []
    recorded = recorded_members(body, tables)
    assert len(recorded.years) > 0
    members = sum(held == "member" for held in recorded.status.values())
    assert members >= 2 * len(recorded.years)


def test_a_wrong_membership_is_found_out(tables):
    body = load_body("GCC")
    first = body.membership[0]
    shorter = {code: spells for code, spells in first.countries.items() if code != "KWT"}
    wrong = body.changed(membership=(first.model_copy(update={"countries": shorter}), *body.membership[1:]))
    (found,) = [one for one in compare(wrong, tables) if one.country == "KWT"]
    assert (found.catalogue, found.data) == ("none", "member")
    assert found.last - found.first > 25


def test_a_reason_covers_only_its_own_years_and_kind():
    reason = Explained(
        country="KWT", source="cow_igo", first=1981, last=1985, catalogue="none", data="member", reason="x"
    )
    assert reason.covers(reason.model_copy(update={"first": 1982, "last": 1983}))
    for change in ({"last": 1986}, {"first": 1980}, {"country": "OMN"}, {"data": "observer"}, {"source": "ieadb"}):
        assert not reason.covers(reason.model_copy(update=change))


def test_a_body_without_or_with_an_unknown_table_is_refused(tables):
    with pytest.raises(InstitutionError, match=r"UNSC: it has no `check`"):
        compare(load_body("UNSC"), tables)
    body = load_body("GCC")
    assert body.check is not None
    for change, words in (({"source": "nowhere"}, "give one of cow_igo"), ({"column": "nobody"}, "no organisation")):
        with pytest.raises(InstitutionError, match=words):
            compare(body.changed(check=body.check.model_copy(update=change)), tables)


def test_every_file_of_disagreements_belongs_to_a_body():
    folder = ROOT / "src" / "orrery" / "institutions" / "catalogue" / "disagreements"
    assert {path.stem.upper() for path in folder.glob("*.toml")} <= set(CHECKED)
    assert all(one.first <= one.last for code in CHECKED for one in explained(code))


def test_the_document_says_what_the_catalogue_covers():
    make = runpy.run_path(str(ROOT / "tools" / "build_catalogue_table.py"))["document"]
    text = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert make(text) == text, "run `python tools/build_catalogue_table.py`"


def test_coverage_counts_members_of_the_day_and_says_what_is_not_known():
    bodies = load_bodies()
    table = coverage(bodies, date(2030, 1, 1)).set_index("code")
    assert len(table) == len(bodies)
    assert table.loc["UNSC", "members"] == "not known"
    assert table.loc["UN", "members"] == "193"
    assert table.loc["GATT", "exists"].startswith("1948-199")
