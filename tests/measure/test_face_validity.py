"""The figures of docs/face_validity.md are computed anew, and directions that anybody can check are held."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import orrery
from orrery.base.errors import DataError

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "face_validity.md").read_text("utf-8")
SCRIPT = runpy.run_path(str(ROOT / "benchmarks" / "face_validity.py"), run_name="face_validity")
COUNTRIES = SCRIPT["COUNTRIES"]
SECTIONS = re.findall(r"(?ms)^### .*?(?=^##)", TEXT)

MAIN_POLES = [
    ("KAZ", "arms", 2010, "RUS"),
    ("UZB", "arms", 2010, "RUS"),
    ("ARM", "arms", 2010, "RUS"),
    ("SRB", "trade", 2010, "EU"),
    ("TUR", "trade", 2000, "EU"),
    ("IND", "arms", 2000, "RUS"),
    ("VNM", "arms", 2010, "RUS"),
    ("ARE", "arms", 2020, "USA"),
    ("SAU", "arms", 2020, "USA"),
    ("BRA", "trade", 2020, "CHN"),
    ("ZAF", "trade", 2000, "EU"),
    ("EGY", "arms", 2000, "USA"),
    ("IDN", "trade", 2020, "CHN"),
    ("HUN", "trade", 2010, "EU"),
    ("GEO", "trade", 2010, "EU"),
    ("UKR", "trade", 2020, "EU"),
    ("BLR", "trade", 2010, "RUS"),
    ("ISR", "arms", 2010, "USA"),
    ("JPN", "arms", 2010, "USA"),
    ("PRK", "trade", 2010, "CHN"),
]
CHANGES = [
    ("KAZ", "trade", "CHN", 2000, 2020, 1),
    ("ARM", "arms", "IND", 2020, 2024, 1),
    ("IND", "arms", "RUS", 1992, 2024, -1),
    ("VNM", "trade", "USA", 1992, 2020, 1),
    ("BRA", "trade", "CHN", 2000, 2020, 1),
    ("EGY", "arms", "USA", 2000, 2020, -1),
    ("HUN", "composite", "RUS", 1992, 2020, -1),
    ("UKR", "trade", "RUS", 2010, 2020, -1),
]


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return SCRIPT["measured"](orrery.load())


def test_every_row_of_the_summary_is_what_is_measured(dataset):
    rows = SCRIPT["summary"](dataset)
    assert len(rows) == 2 + 20 * 5
    for row in rows:
        assert row in TEXT


def test_every_country_has_a_section_with_its_figures(dataset):
    assert len(SECTIONS) == len(COUNTRIES) == 20
    for country, section in zip(COUNTRIES, SECTIONS, strict=True):
        for row in SCRIPT["by_channel"](dataset, country):
            assert row in section, (country, row)


def test_every_share_quoted_in_the_prose_is_measured(dataset):
    for country, section in zip(COUNTRIES, SECTIONS, strict=True):
        one = dataset.sel(country=country, year=list(SCRIPT["YEARS"]), channel=list(SCRIPT["CHANNELS"]))
        values = np.concatenate([one.share.values.ravel(), one.effective_multivectorness.values.ravel()])
        known = {f"{value:.2f}" for value in values[~np.isnan(values)]}
        prose = "\n".join(line for line in section.splitlines() if not line.startswith("|"))
        quoted = re.findall(r"\b[01]\.\d\d\b", prose)
        assert quoted
        assert set(quoted) <= known, (country, set(quoted) - known)


def test_the_verdicts_add_up_to_what_is_counted():
    verdicts = [re.search(r"\*\*The index (.*?)\.\*\*", section) for section in SECTIONS]
    words = [verdict[1] for verdict in verdicts if verdict is not None]
    agrees, partly, not_at_all = (
        words.count(text)
        for text in ("agrees with the record", "agrees with the record in part", "does not agree with the record")
    )
    assert agrees + partly + not_at_all == 20
    assert f"in {agrees} of the 20, in part in {partly}, and not in {not_at_all}." in TEXT


def test_every_country_has_a_fact_to_check():
    assert [country for country, *_ in MAIN_POLES] == list(COUNTRIES)


@pytest.mark.parametrize(("country", "channel", "year", "pole"), MAIN_POLES)
def test_the_main_pole_of_a_channel_is_the_known_one(dataset, country, channel, year, pole):
    shares = dataset.share.sel(country=country, channel=channel, year=year, option=dataset.pole.values)
    assert str(shares.option[int(shares.values.argmax())].item()) == pole


@pytest.mark.parametrize(("country", "channel", "pole", "first", "last", "sign"), CHANGES)
def test_a_share_moves_as_the_record_says(dataset, country, channel, pole, first, last, sign):
    share = dataset.share.sel(country=country, channel=channel, option=pole)
    assert sign * float(share.sel(year=last) - share.sel(year=first)) > 0


def test_composites_after_the_last_memberships_are_marked(dataset):
    one = dataset.sel(country="UKR", channel="composite")
    assert SCRIPT["mark"](one.sel(year=2010)) == ""
    assert SCRIPT["mark"](one.sel(year=2024)) == "*"


def test_the_most_multi_vector_of_the_twenty_is_the_one_named(dataset):
    values = dataset.effective_multivectorness.sel(channel="composite", year=2020)
    assert str(values.country[int(values.values.argmax())].item()) == "JPN"
    assert "the most multi-vector of the twenty" in TEXT


def test_the_picture_is_drawn(dataset, tmp_path):
    SCRIPT["picture"](dataset, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_a_portfolio_known_in_part_is_refused(dataset):
    one = dataset.sel(country="KAZ", channel="trade", year=2010).copy(deep=True)
    one.share.loc[{"option": "RUS"}] = np.nan
    with pytest.raises(DataError, match="KAZ 2010, trade"):
        SCRIPT["largest"](one)


def test_what_has_no_deliveries_says_so(dataset):
    assert SCRIPT["largest"](dataset.sel(country="PRK", channel="arms", year=2020)) == "no deliveries"
    assert SCRIPT["largest"](dataset.sel(country="UZB", channel="votes", year=1992)) == "missing"


def test_the_positions_quoted_for_israel_are_those_of_the_baseline():
    positions = orrery.load().dataset.ideal_point
    quoted = [
        f"{float(positions.sel(country=country, year=year)):.2f}" for year in (2024, 2020) for country in ("USA", "ISR")
    ]
    text = re.sub(r"\s+", " ", SECTIONS[COUNTRIES.index("ISR")])
    assert "USA stands at {} and Israel at {} in 2024, against {} and {} in 2020".format(*quoted) in text


def test_the_only_obligation_of_the_emirates_to_a_member_was_to_the_united_kingdom():
    strength = orrery.load().dataset.pact_strength.sel(country="ARE", year=2018)
    assert float(strength.sel(partner="GBR")) == 0.5
    assert strength.sel(partner=["USA", "FRA", "DEU", "ITA", "ESP"]).values.tolist() == [0.0] * 5


def test_trade_of_successor_states_with_russia_begins_when_the_document_says(dataset):
    share = dataset.share.sel(channel="trade", option="RUS")
    assert share.sel(country=["KAZ", "UKR", "UZB"], year=[1992, 1993]).values.max() == 0
    assert share.sel(country=["ARM", "GEO"], year=1992).values.max() == 0
    assert share.sel(country=["KAZ", "UKR", "UZB", "ARM", "GEO"], year=1994).values.min() > 0.1
