"""Which vetoes decided: by hand, against the record, and against the marks of its compilers."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner
from typer.main import get_command

from orrery.base.errors import InstitutionError
from orrery.cli.main import app
from orrery.institutions.catalogue import load_body
from orrery.institutions.history import decisive_vetoes, replay_vetoes

SMALL = pd.DataFrame(
    {
        "veto": [1, 2, 2, 3, 4],
        "iso3": ["RUS", "FRA", "GBR", "RUS", "FRA"],
        "date": pd.to_datetime(["1946-02-16", "1956-10-30", "1956-10-30", "1957-02-20", "1976-02-06"]),
    }
)
MARKS = {"RUS": ("USSR", "Russia"), "USA": ("USA",), "GBR": ("UK",), "CHN": ("China",), "FRA": ("France",)}


@pytest.fixture
def vetoes(official_tables) -> pd.DataFrame:
    return official_tables.read("vetoes")


def test_vetoes_by_hand():
    counted = decisive_vetoes(SMALL)
    assert counted.n_drafts == 4
    held = counted.to_frame().set_index(["holder", "decade"])
    assert len(held) == 3 * 4
    assert held.loc[("FRA", 1950)].tolist() == [1, 0, 1]
    assert held.loc[("FRA", 1960)].tolist() == [0, 0, 0]
    assert held.loc[("RUS", 1950)].tolist() == [1, 1, 0]
    totals = counted.by_holder().set_index("holder")
    assert totals.loc["FRA"].tolist() == [2, 1, 1, 1950, 1970, 0.5]
    assert totals.index.tolist() == ["FRA", "RUS", "GBR"]
    assert counted.to_xarray()["cast"].sel(holder="GBR", decade=1950) == 1


def test_the_record_adds_up(vetoes):
    counted = decisive_vetoes(vetoes)
    totals = counted.by_holder().set_index("holder")
    assert counted.n_drafts == 214
    assert totals["cast"].to_dict() == {"RUS": 121, "USA": 82, "GBR": 29, "CHN": 17, "FRA": 16}
    assert (totals["alone"] + totals["shared"] == totals["cast"]).all()
    # Every draft has one veto that decided, or several that did not.
    shared = vetoes.groupby("veto").size()
    assert totals["alone"].sum() == (shared == 1).sum()
    by_decade = counted.to_frame().groupby("holder")["cast"].sum()
    assert by_decade.to_dict() == totals["cast"].to_dict()
    # The first veto of the United States was that of 17 March 1970, on Southern Rhodesia, with the United Kingdom.
    assert totals.loc["USA", "first"] == 1970


def test_the_marks_of_the_compilers_are_fewer_than_the_members_that_they_name(vetoes, shared_data):
    raw = pd.read_csv(shared_data / "unsc" / "unsc_vetoes_1946_sept2022.csv")
    columns = {holder: raw[list(names)].sum(axis=1) for holder, names in MARKS.items()}
    known = {"RUS": 84 + 31, "USA": 71, "GBR": 29, "CHN": 17, "FRA": 7}
    assert {holder: int(marks.sum()) for holder, marks in columns.items()} == known
    named = set(zip(vetoes["veto"], vetoes["iso3"].astype(str), strict=True))
    marked = {(row + 1, holder) for holder, marks in columns.items() for row in raw.index[marks > 0]}
    assert len(named) == 265
    assert len(marked - named) == 0


def test_a_veto_cast_alone_decides_by_the_rule_of_its_day(vetoes):
    replayed = replay_vetoes(load_body("UNSC"), vetoes).to_frame()
    alone = replayed[~replayed["recorded"].str.contains(",")]
    assert len(alone) == decisive_vetoes(vetoes).to_frame()["alone"].sum()
    assert alone["passes_if_they_abstain"].all()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (SMALL.iloc[:0], "no rows"),
        (pd.concat([SMALL, SMALL.iloc[1:2]]), "FRA vetoes draft 2 twice"),
    ],
)
def test_bad_tables_are_refused(table, words):
    with pytest.raises(InstitutionError, match=words):
        decisive_vetoes(table)


@pytest.mark.parametrize(("by", "rows"), [("holder", 3), ("decade", 12)])
def test_the_command_counts(tmp_path, monkeypatch, by, rows):
    class Store:
        def read(self, table: str) -> pd.DataFrame:
            assert table == "vetoes"
            return SMALL

    monkeypatch.setattr("orrery.data.store.open_store", Store)
    out = tmp_path / "vetoes.csv"
    command = ["bodies", "replay", "vetoes", "--by", by]
    assert CliRunner().invoke(get_command(app), [*command, "--out", str(out)]).exit_code == 0
    assert len(pd.read_csv(out)) == rows
    shown = CliRunner().invoke(get_command(app), command)
    assert "4 vetoed drafts, 5 vetoes; 3 were cast alone" in shown.output


def test_the_command_counts_vetoes_only():
    answer = CliRunner().invoke(get_command(app), ["bodies", "replay", "decisions", "--by", "holder"])
    assert answer.exit_code == 2
    assert "orrery bodies replay vetoes" in answer.output
