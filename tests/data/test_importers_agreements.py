"""Trade agreements and bodies: small files in the producers' layouts, and known agreements from the real ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_files import SMALL
from test_importers_real import table

from orrery.base.errors import SourceFormatError
from orrery.data.importers import read_source

pytestmark = pytest.mark.long

PLACES = range(1, 92)
AGREEMENTS_HEADER = (
    "number,base_treaty,name,entry_type,year,entryforceyear,typememb,"
    + ",".join(f"c{place}" for place in PLACES)
    + ","
    + ",".join(f"mc{place}" for place in PLACES)
)
AGREEMENTS = [
    ("1", "1", "Afghanistan India", "base_treaty", "2003", "2003", "1", [(4, 0), (356, 0)]),
    ("2", "2", "India UK Hong Kong", "base_treaty", "1990", "", "2", [(356, 0), (826, 0), (344, 0)]),
    ("2_1", "2", "India UK Hong Kong withdrawal UK", "withdrawal", "2000", "", "7", [(356, 2), (826, 1), (344, 2)]),
    ("3", "3", "Afghanistan UK", "negotiation", "", "", "1", [(4, 0), (826, 0)]),
]
PAIRS_HEADER = "country1,country2,iso1,iso2,number"
PAIRS = [
    "Afghanistan,India,4,356,1",
    "India,United Kingdom,356,826,2",
    "Hong Kong SAR China,India,344,356,2",
    "Hong Kong SAR China,United Kingdom,344,826,2",
]
INDICES_HEADER = "number,depth_index,depth_rasch,flexescape,enforce"
INDICES = ["1,1,-.8,0,2"]


def agreement_line(number, base, name, kind, year, in_force, form, parties) -> str:
    padding = [""] * (len(PLACES) - len(parties))
    codes = [*(str(code) for code, _ in parties), *padding]
    sides = [*(str(side) for _, side in parties), *padding]
    return ",".join([number, base, name, kind, year, in_force, form, *codes, *sides])


def desta(folder: Path, agreements=AGREEMENTS, pairs=PAIRS, indices=INDICES) -> dict[str, Path]:
    texts = {
        "agreements": [AGREEMENTS_HEADER, *(agreement_line(*entry) for entry in agreements)],
        "pairs": [PAIRS_HEADER, *pairs],
        "indices": [INDICES_HEADER, *indices],
    }
    for role, lines in texts.items():
        (folder / f"{role}.csv").write_text("\n".join(lines) + "\n", "latin-1")
    return {role: folder / f"{role}.csv" for role in texts}


def test_agreements_parties_and_pairs(tmp_path):
    tables = read_source("desta", desta(tmp_path))
    agreements = tables["trade_agreements"].set_index("agreement")
    assert agreements.index.tolist() == ["1", "2", "2_1"]
    assert agreements.loc["1", ["kind", "type", "in_force"]].tolist() == ["agreement", "bilateral", 2003]
    assert agreements.loc["1", "depth_rasch"] == -0.8
    assert agreements.loc["2", ["in_force", "depth_index"]].isna().all()
    parties = tables["trade_agreement_parties"].set_index(["agreement", "party"])
    assert parties.loc[("2_1", "United Kingdom"), "leaves"]
    assert parties["leaves"].sum() == 1
    assert pd.isna(parties.loc[("2", "Hong Kong SAR China"), "iso3"])
    pairs = tables["trade_agreement_pairs"]
    assert pairs[["iso3", "partner"]].to_numpy().tolist() == [["AFG", "IND"], ["IND", "GBR"]]
    assert any("2 pairs with a territory" in text for text in pairs.attrs["notes"])
    assert any("1 agreements under negotiation" in text for text in tables["trade_agreements"].attrs["notes"])


def test_names_in_windows_letters_are_read(tmp_path):
    files = desta(tmp_path, pairs=[*PAIRS, "C\xf4te d\x92Ivoire,India,384,356,1"])
    assert "CIV" in read_source("desta", files)["trade_agreement_pairs"]["iso3"].tolist()


def changed(column: int, entry: object) -> list:
    first = list(AGREEMENTS[0])
    first[column] = entry
    return [tuple(first), *AGREEMENTS[1:]]


@pytest.mark.parametrize(
    ("spoiled", "role", "row", "match"),
    [
        ({"agreements": changed(3, "treaty")}, "agreements", 2, "`entry_type` holds treaty"),
        ({"agreements": changed(6, "9")}, "agreements", 2, "`typememb` holds 9"),
        ({"agreements": changed(4, "2190")}, "agreements", 2, "2190"),
        ({"agreements": changed(4, "")}, "agreements", 2, "`year`"),
        ({"agreements": changed(4, "many")}, "agreements", 2, "holds `many`"),
        ({"agreements": changed(7, [(4, 0), (999, 0)])}, "agreements", 2, "`c2`: ISO number 999"),
        ({"agreements": [*AGREEMENTS, AGREEMENTS[0]]}, "agreements", 6, "rows 2, 6"),
        ({"pairs": [*PAIRS, PAIRS[0]]}, "pairs", 6, "rows 2, 6"),
        ({"pairs": [*PAIRS, "Ruritania,India,998,356,1"]}, "pairs", 6, "Ruritania"),
        ({"pairs": [*PAIRS, "Afghanistan,India,4,356,77"]}, "pairs", 6, "agreement 77 is not in the list"),
        ({"indices": ["77,1,0,0,0"]}, "indices", 2, "agreement 77 is not in the list"),
        ({"indices": [*INDICES, *INDICES]}, "indices", 3, "agreement 1 stands in the file twice"),
        ({"pairs": ["C\xf4te d\x92Ivoire,India,384", *PAIRS]}, "pairs", 2, "3 cells"),
        ({"pairs": [*PAIRS, "C\xf4te d\x92Ivoire,India"]}, "pairs", 6, "cut short"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_row(tmp_path, spoiled, role, row, match):
    files = desta(tmp_path, **spoiled)
    with pytest.raises(SourceFormatError, match=match) as caught:
        read_source("desta", files)
    assert caught.value.row == row
    assert str(files[role]) in str(caught.value)


def test_a_notified_agreement_has_the_earlier_of_its_dates(tmp_path):
    found = read_source("wto_rta", SMALL["wto_rta"].write(tmp_path))["trade_agreements_notified"].set_index("agreement")
    assert found.loc[5, "in_force"] == pd.Timestamp(2006, 2, 1)
    assert found.loc[5, "type"] == "region and country"
    assert pd.isna(found.loc[5, "end"])
    assert found.loc[7, "end"] == pd.Timestamp(1995, 1, 1)


@pytest.mark.parametrize(
    ("source", "row", "column", "entry", "match"),
    [
        ("wto_rta", 0, 2, "Trilateral", "Trilateral came"),
        ("wto_rta", 1, 3, "Perhaps", "allowed is Yes or No"),
        ("wto_rta", 1, 9, "1990-01-01", "before it enters into force"),
        ("mia", 0, 4, "1.5", "holds 1.5, allowed is 0 to 1"),
        ("mia", 1, 0, "NATO", "organisation 750 has two names"),
        ("mia", 0, 3, "odd", "general purpose or task-specific"),
        ("agg", 0, 3, "2", "0 or 1"),
    ],
)
def test_what_is_not_allowed_in_a_cell(tmp_path, source, row, column, entry, match):
    small = SMALL[source]
    with pytest.raises(SourceFormatError, match=match) as caught:
        read_source(source, small.write(tmp_path, small.with_cell(row, column, entry)))
    assert caught.value.row == row + 2


def test_a_body_keeps_its_name_in_years_that_do_not_give_it(tmp_path):
    found = read_source("mia", SMALL["mia"].write(tmp_path))["igo_authority"]
    assert found["body"].tolist() == ["ASEAN", "ASEAN"]


def test_known_agreements(shared_data):
    agreements = table(shared_data, "desta", "trade_agreements").set_index("agreement")
    assert agreements.loc["1044", ["year", "in_force", "type"]].tolist() == [2020, 2022, "plurilateral"]
    assert (agreements["kind"] == "agreement").sum() == 903
    parties = table(shared_data, "desta", "trade_agreement_parties")
    assert (parties["agreement"] == "1044").sum() == 15
    leaving = parties[parties["leaves"]].groupby("agreement")["iso3"].agg(list)
    assert leaving["874_1"] == ["GBR"]
    assert leaving["193_1"] == ["BGR", "ROU"]
    with_depth = agreements["depth_index"].notna()
    assert with_depth.sum() == 692
    assert agreements.loc[with_depth, "year"].max() == 2020


def test_known_bodies(shared_data):
    authority = table(shared_data, "mia", "igo_authority").set_index(["body", "year"])
    assert authority.loc[("EU", 2019), "delegation"] > authority.loc[("ASEAN", 2019), "delegation"]
    governance = table(shared_data, "agg", "igo_governance").set_index(["body", "year"])
    assert governance.loc[("IMF", 2010), "weighted_voting"]
    assert governance.loc[("UNDP", 2010), "unanimity"]
    notified = table(shared_data, "wto_rta", "trade_agreements_notified").set_index("name")
    assert notified.loc["Finland - Estonia Protocol", "end"] == pd.Timestamp(1995, 1, 1)
    output = table(shared_data, "pwt", "purchasing_power").set_index(["iso3", "year"])["gdp_ppp_musd"]
    assert 0.9 < output["CHN", 2017] / output["USA", 2017] < 1.1
