"""The importers on the producers' own files: row counts and published tallies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from orrery.base.files import sha256_of
from orrery.data.importers import IMPORTERS, read_source
from orrery.data.sources import Source, sources

pytestmark = pytest.mark.long

AT_HAND = [
    (source, layout)
    for source in sources().values()
    for layout in source.layouts
    if layout not in ("published", "library")
]


def files_of(folder: Path, source: Source, layout: str) -> dict[str, Path]:
    return {
        file.role: next(path for pattern in file.patterns for path in sorted(folder.rglob(pattern)))
        for file in source.layouts[layout]
    }


@cache
def tables_of(folder: Path, key: str, layout: str = "official") -> dict[str, pd.DataFrame]:
    return read_source(key, files_of(folder, sources()[key], layout))


def table(folder: Path, key: str, name: str) -> pd.DataFrame:
    return tables_of(folder, key, "joined" if key == "un_votes" else "official")[name]


@pytest.mark.parametrize(("source", "layout"), AT_HAND, ids=lambda value: getattr(value, "key", value))
def test_the_files_are_those_the_registry_records(shared_data: Path, source: Source, layout: str) -> None:
    found = files_of(shared_data, source, layout)
    assert {file.role: file.sha256 for file in source.layouts[layout]} == {
        role: sha256_of(path) for role, path in found.items()
    }


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("un_votes", {"roll_calls": 6_843, "votes": 982_334}),
        ("nmc", {"capabilities": 11_687}),
        ("wb_gdp", {"gdp": 11_146}),
        ("wb_population", {"population": 14_075}),
        ("cow_trade", {"trade_cow": 1_285_538 - 48_578}),
        ("baci", {"trade_baci": 581_494}),
        ("atop", {"alliances": 258_844}),
        ("cow_igo", {"igo_memberships": 488_630, "igo_bodies": 16_660}),
        ("sipri", {"arms_register": 28_347, "arms_transfers": 22_634}),
        ("gcdf", {"development_finance": 2_458}),
        ("gsdb", {"sanctions": 1_888}),
        ("kof", {"globalisation": 9_999, "globalisation_regions": 636}),
        ("wgi", {"governance": 29_705}),
        ("cw_democracy", {"democracy": 12_272}),
        ("geodist", {"distances": 50_176}),
        ("contiguity", {"contiguity": 1_300}),
        ("cow_majors", {"major_powers": 7}),
        ("gml_mids", {"disputes": 5_624}),
        ("tss_rivalries", {"strategic_rivalries": 185}),
        ("unsc_vetoes", {"vetoes": 265}),
        ("untc_human_rights", {"treaties_human_rights": 18, "treaty_actions_human_rights": 3_918}),
        ("untc_arms_control", {"treaties_arms_control": 12, "treaty_actions_arms_control": 2_436}),
        ("wipo", {"treaties_intellectual_property": 26, "treaty_actions_intellectual_property": 5_173}),
        ("wto_members", {"treaties_world_trade": 1, "treaty_actions_world_trade": 163}),
        ("ieadb", {"treaties_environment": 6_540, "treaty_actions_environment": 121_654}),
        (
            "desta",
            {"trade_agreements": 1_332, "trade_agreement_parties": 9_224, "trade_agreement_pairs": 20_164},
        ),
        ("wto_rta", {"trade_agreements_notified": 655}),
        ("mia", {"igo_authority": 3_961}),
        ("agg", {"igo_governance": 2_308}),
        ("pwt", {"purchasing_power": 10_395}),
    ],
)
def test_row_counts(shared_data: Path, key: str, rows: dict[str, int]) -> None:
    found = tables_of(shared_data, key, "joined" if key == "un_votes" else "official")
    assert {name: len(frame) for name, frame in found.items()} == rows
    assert {spec.name: tuple(spec.columns) for spec in IMPORTERS[key].tables} == {
        name: tuple(frame.columns) for name, frame in found.items()
    }


@pytest.mark.parametrize(
    ("symbol", "tally"),
    [
        ("R/68/262", (100, 11, 58)),
        ("A/RES/ES-11/1", (141, 5, 35)),
        ("A/RES/ES-11/4", (143, 5, 35)),
        ("A/RES/ES-11/5", (94, 14, 73)),
    ],
)
def test_tallies_of_resolutions(shared_data: Path, symbol: str, tally: tuple[int, int, int]) -> None:
    votes, roll_calls = table(shared_data, "un_votes", "votes"), table(shared_data, "un_votes", "roll_calls")
    (rcid,) = roll_calls.loc[roll_calls["symbol"] == symbol, "rcid"]
    counts = votes.loc[votes["rcid"] == rcid, "vote"].value_counts()
    assert (counts["yes"], counts["no"], counts["abstain"]) == tally


def test_who_voted_against_es_11_1(shared_data: Path) -> None:
    votes = table(shared_data, "un_votes", "votes")
    against = votes[(votes["rcid"] == "xml:ES-11/1") & (votes["vote"] == "no")]
    assert sorted(against["iso3"]) == ["BLR", "ERI", "PRK", "RUS", "SYR"]


def test_every_member_votes_once_on_75_290_a(shared_data: Path) -> None:
    votes = table(shared_data, "un_votes", "votes")
    counts = votes.loc[votes["rcid"] == "xml:75/290A", "vote"].value_counts()
    assert (counts["yes"], counts["no"], counts["abstain"]) == (90, 0, 47)


def test_the_seat_of_yugoslavia_is_serbias_from_1992(shared_data: Path) -> None:
    votes, roll_calls = table(shared_data, "un_votes", "votes"), table(shared_data, "un_votes", "roll_calls")
    years = votes["rcid"].map(roll_calls.set_index("rcid")["year"])
    assert years[votes["iso3"] == "YUG"].max() < 1992
    assert years[votes["iso3"] == "SRB"].min() == 1992


@pytest.mark.slow
def test_the_published_layout_agrees_with_the_joined_one(shared_data: Path) -> None:
    published = tables_of(shared_data, "un_votes", "published to 2015")
    joined = tables_of(shared_data, "un_votes", "joined")
    assert len(published["votes"]) == 842_468
    cast = published["votes"][published["votes"]["vote"].isin(["yes", "abstain", "no"])]
    both = cast.merge(joined["votes"], on=["rcid", "iso3"], suffixes=("_published", "_joined"))
    assert len(cast) == len(both) == 588_800 + 95_099 + 54_865
    assert (both["vote_published"] == both["vote_joined"]).all()
    calls = published["roll_calls"].merge(joined["roll_calls"], on="rcid", suffixes=("_published", "_joined"))
    assert len(calls) == 5_429
    assert (calls["date_published"] == calls["date_joined"]).all()
    assert len(published["roll_calls"].attrs["notes"]) == 2  # the two corrections


def test_exports_of_china_to_the_united_states(shared_data: Path) -> None:
    trade = table(shared_data, "baci", "trade_baci").set_index(["exporter", "importer", "year"])["value_kusd"]
    assert trade["CHN", "USA", 2020] == pytest.approx(437.9e6, rel=1e-3)


def test_cow_and_baci_overlap(shared_data: Path) -> None:
    """The median ratio in 2010 is 1.04 (the data's README)."""
    keys = ["exporter", "importer", "year"]
    both = table(shared_data, "cow_trade", "trade_cow").merge(table(shared_data, "baci", "trade_baci"), on=keys)
    in_2010 = both[(both["year"] == 2010) & (both["value_musd"] > 0)]
    ratio = in_2010["value_kusd"] / 1000 / in_2010["value_musd"]
    assert ratio[in_2010["value_musd"] > 10].median() == pytest.approx(1.04, abs=0.05)


def test_capabilities_of_2022(shared_data: Path) -> None:
    cinc = table(shared_data, "nmc", "capabilities").set_index(["iso3", "year"])["cinc"]
    assert (round(cinc["CHN", 2022], 3), round(cinc["USA", 2022], 3)) == (0.234, 0.124)


def test_members_of_bodies_in_2014(shared_data: Path) -> None:
    members = table(shared_data, "cow_igo", "igo_memberships")
    full = members[(members["year"] == 2014) & (members["status"] == "full")]["body"].value_counts()
    assert [full[body] for body in ("UN", "NATO", "EU", "ASEAN")] == [193, 28, 28, 10]
    bodies = table(shared_data, "cow_igo", "igo_bodies").set_index(["body", "year"])
    assert bodies.loc[("NATO", 2014), "members"] == 28
    assert bodies["not_known"].sum() == 134_294


def test_output_of_2023(shared_data: Path) -> None:
    gdp = table(shared_data, "wb_gdp", "gdp").set_index(["iso3", "year"])["gdp_usd"] / 1e12
    assert (round(gdp["USA", 2023], 2), round(gdp["CHN", 2023], 2)) == (27.36, 17.79)
    gaps = {iso3 for iso3 in ("CUB", "PRK", "SYR", "VEN", "YEM", "AFG", "LBN") if (iso3, 2023) in gdp.index}
    assert gaps == set()


def test_vetoes(shared_data: Path) -> None:
    """The columns of names and the columns of 0 and 1 agree for China, Russia and the United Kingdom only."""
    vetoes = table(shared_data, "unsc_vetoes", "vetoes")
    counts = vetoes["iso3"].value_counts()
    assert counts["CHN"] == 17
    assert counts["GBR"] == 29
    assert (vetoes[vetoes["iso3"] == "RUS"]["date"] >= "1991-12-24").sum() == 31
    assert counts["RUS"] == 90 + 31
    assert (counts["USA"], counts["FRA"]) == (82, 16)
    raw = pd.read_csv(shared_data / "unsc" / "unsc_vetoes_1946_sept2022.csv")
    marked = raw[["USSR", "Russia", "USA", "UK", "China", "France"]].sum()
    assert marked.tolist() == [84, 31, 71, 29, 17, 7]


def test_arms_are_spread_over_years_and_nothing_is_lost(shared_data: Path) -> None:
    register, transfers = (table(shared_data, "sipri", name) for name in ("arms_register", "arms_transfers"))
    between = register.dropna(subset=["supplier", "recipient"])
    assert transfers["tiv"].sum() == pytest.approx(between["delivered_tiv"].sum())
    assert register["delivered_tiv"].sum() == pytest.approx(2_092_217.6 + 3.25 + 9)
    mended = register[register["designation"].isin(["BTR-3", "Hermes-900"]) & register["delivered_tiv"].isin([3.25, 9])]
    assert set(mended["recipient_name"]) >= {"Thailand", "United Nations**"}
    assert sum("put together" in text for text in register.attrs["notes"]) == 2
    assert "598 deals" in transfers.attrs["notes"][-1]
    assert set(register["recipient_kind"]) >= {"country", "organisation", "group", "territory", "unknown"}


def test_every_iso3_is_a_country_or_a_territory(shared_data: Path) -> None:
    from orrery.data.countries import country

    for key, name, column in [
        ("un_votes", "votes", "iso3"),
        ("cow_trade", "trade_cow", "exporter"),
        ("atop", "alliances", "partner"),
        ("sipri", "arms_transfers", "recipient"),
        ("gcdf", "development_finance", "recipient"),
        ("gml_mids", "disputes", "iso3"),
    ]:
        for iso3 in table(shared_data, key, name)[column].unique():
            assert country(iso3).iso3 == iso3


def test_contiguity_changes_hands_with_the_number(shared_data: Path) -> None:
    spells = table(shared_data, "contiguity", "contiguity")
    with_bulgaria = spells[(spells["partner"] == "BGR") & spells["iso3"].isin(["YUG", "SRB"])].set_index("iso3")
    assert with_bulgaria.loc["YUG", ["from", "until"]].tolist() == [1946, 1991]
    assert with_bulgaria.loc["SRB", "from"] == 1992


def test_sanctions_name_by_name(shared_data: Path) -> None:
    sanctions = table(shared_data, "gsdb", "sanctions")
    assert sanctions["case_id"].nunique() == 1_325
    case = sanctions[sanctions["case_id"] == 12]
    assert set(case["sender"]) == {"AUT", "FIN", "SWE", "CHE"}
    assert case["target"].isna().all()
    assert set(case["target_kind"]) == {"organisation"}
    assert sanctions["sender"].isna().sum() == (sanctions["sender_kind"] != "country").sum()


def test_kof_world(shared_data: Path) -> None:
    regions = table(shared_data, "kof", "globalisation_regions").set_index(["code", "year"])
    assert regions.loc[("WLD", 1970), "kof"] == pytest.approx(37.983, abs=1e-3)


def test_governance_of_the_workbook(shared_data: Path) -> None:
    governance = table(shared_data, "wgi", "governance").set_index(["iso3", "year", "indicator"])
    andorra = governance.loc[("AND", 1996, "voice_and_accountability")]
    assert andorra["estimate"] == pytest.approx(1.5632167)
    assert andorra["rank"] == 98.5


def bound(folder: Path, key: str, area: str, treaty: str, until: int = 2025) -> set[str]:
    acts = table(folder, key, f"treaty_actions_{area}")
    consent = ["ratification", "accession", "succession", "acceptance", "approval", "entry into force"]
    kept = (acts["treaty"] == treaty) & acts["action"].isin(consent) & (acts["year"] <= until).fillna(False)
    return set(acts.loc[kept, "iso3"])


def test_participants_of_human_rights_treaties(shared_data: Path) -> None:
    """196 states are bound by the Convention on the Rights of the Child, two of them no countries of the table here;
    the United States signed it in 1995 and the Covenants in 1977, of which it ratified one (United Nations, 2024)."""
    rights = bound(shared_data, "untc_human_rights", "human_rights", "crc")
    assert len(rights) == 196 - len({"Cook Islands", "Niue"})
    assert "USA" not in rights
    acts = table(shared_data, "untc_human_rights", "treaty_actions_human_rights")
    signed = acts[(acts["iso3"] == "USA") & (acts["action"] == "signature")].set_index("treaty")["year"]
    assert (signed["crc"], signed["icescr"], signed["iccpr"]) == (1995, 1977, 1977)
    assert "USA" in bound(shared_data, "untc_human_rights", "human_rights", "iccpr")
    assert "USA" not in bound(shared_data, "untc_human_rights", "human_rights", "icescr")


def test_participants_of_arms_control_treaties(shared_data: Path) -> None:
    """193 parties to the Chemical Weapons Convention (OPCW, 2024; Israel signed only); 187 signatories of the Test-Ban
    Treaty, of which 178 ratified (CTBTO, 2024); two of each are no countries of the table."""
    chemical = bound(shared_data, "untc_arms_control", "arms_control", "cwc")
    assert len(chemical) == 193 - 2
    assert "ISR" not in chemical
    acts = table(shared_data, "untc_arms_control", "treaty_actions_arms_control")
    signed = acts[(acts["treaty"] == "ctbt") & (acts["action"] == "signature")]
    assert len(signed) == 187 - 2
    assert len(bound(shared_data, "untc_arms_control", "arms_control", "ctbt")) == 178 - 2


def test_members_of_the_world_trade_organization(shared_data: Path) -> None:
    """166 members since August 2024: the European Union, Hong Kong and Macao besides 163 countries (WTO, 2024)."""
    acts = table(shared_data, "wto_members", "treaty_actions_world_trade").set_index("iso3")["date"]
    assert len(acts) == 166 - 3
    joined = {"CHN": "2001-12-11", "RUS": "2012-08-22", "KAZ": "2015-11-30", "USA": "1995-01-01"}
    assert {iso3: str(acts[iso3].date()) for iso3 in joined} == joined


def test_acts_on_environmental_agreements(shared_data: Path) -> None:
    """The Paris Agreement and the United States; the Kyoto Protocol and Canada, which left it with effect of 2012."""
    acts = table(shared_data, "ieadb", "treaty_actions_environment").set_index(["treaty", "iso3", "action"])["year"]
    assert acts["5046", "USA", "withdrawal"].tolist() == [2019, 2025]
    assert acts["5046", "USA", "entry into force"].tolist() == [2016, 2021]
    assert acts["3273", "CAN", "withdrawal"] == 2012
    assert "withdrawal" not in acts["5046", "FRA"].index
    treaties = table(shared_data, "ieadb", "treaties_environment").set_index("treaty")
    assert treaties.loc["5046", ["concluded", "in_force"]].tolist() == [2015, 2016]
    assert treaties.loc["5046", "parties"] == "multilateral"


def test_signature_comes_before_ratification(shared_data: Path) -> None:
    for key, area in (("untc_human_rights", "human_rights"), ("untc_arms_control", "arms_control")):
        acts = table(shared_data, key, f"treaty_actions_{area}").set_index(["treaty", "iso3", "action"])["date"]
        dates = acts.unstack("action")
        assert not (dates["signature"] > dates["ratification"]).any()
