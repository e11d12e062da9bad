"""`orrery instruments`: what it prints and writes, that it gives the same again, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from orrery.base.errors import OrreryError
from orrery.cli.main import app
from orrery.lab.instruments import INSTRUMENTS, OUTCOMES

pytestmark = pytest.mark.long

SMALL = ("--draws", 2, "--years", 2, "--start", 2014, "--price-draws", 20, "--neighbours", "Central Asia")
TABLES = ("break_even", "by_neighbour", "effects", "prices", "ranking", "sizes")


def invoke(*words: object):
    return CliRunner().invoke(app, ["instruments", *map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("instruments") / "deep" / "rus"
    result = invoke("RUS", *SMALL, "--out", out)
    assert result.exit_code == 0, result.output
    assert "RUS and its neighbours KAZ, KGZ, TJK, TKM, UZB; 2 draws, 2014-2016" in result.output
    assert "prices are assumed" in result.output
    assert result.output.count("Energy and technology terms") >= 6
    assert [path.name for path in out.parent.iterdir()] == ["rus"]
    return out


def test_the_folder_holds_tables_figures_and_a_record(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    tables = {f"{name}.{ending}" for name in TABLES for ending in ("csv", "parquet")}
    figures = {f"trade_off-{shape}.{ending}" for shape in ("wide", "narrow") for ending in ("svg", "png")}
    assert names == tables | figures | {"instruments.json"}
    effects = pd.read_csv(folder / "effects.csv")
    assert len(effects) == len(INSTRUMENTS) * len(OUTCOMES) * 2
    assert (effects["n_draws"] == 2).all()
    record = json.loads((folder / "instruments.json").read_text("utf-8"))
    assert record["scenario"]["hub"]["neighbours"] == ["Central Asia"]
    assert record["neighbours"] == ["KAZ", "KGZ", "TJK", "TKM", "UZB"]
    assert (record["budget_per_cent"], record["prices"], record["draws_kept"]) == (0.5, "shipped", 2)
    assert {"orrery_version", "commit", "panel", "data", "sources", "command"} <= record.keys()


def test_the_same_question_has_the_same_answer_as_json(folder: Path) -> None:
    result = invoke("RUS", *SMALL, "--format", "json", "--workers", 1)
    rows = json.loads(result.output[result.output.index("[\n") :])
    pd.testing.assert_frame_equal(
        pd.DataFrame(rows), pd.read_csv(folder / "effects.csv"), check_dtype=False, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("KAZ",), "'KAZ' came; a hub is a pole, one of USA, EU, CHN, RUS, IND"),
        (("RUS", "--neighbours", "Atlantis"), "'Atlantis' came, which is no country or group"),
        (("RUS", "--neighbours", "CHN"), "name a country besides"),
        (("RUS", "--budget", "0"), "`budget`: 0 came"),
        (("RUS", "--draws", "0"), "`draws`: 0 came"),
        (("RUS", "--price-draws", "0"), "`price_draws`: 0 came"),
        (("RUS", "--years", "1"), "`years`: 1 came"),
        (("RUS", "--start", "1950"), "1950"),
        (("RUS", "--seed", "-1"), "`seed`: -1 came"),
        (("RUS", "--prices", "absent.toml"), "there is no file absent.toml"),
        (("RUS", "--out", "."), "it exists, and nothing is overwritten"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(words, message, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*words)
    assert isinstance(result.exception, OrreryError), result.output
    assert message in str(result.exception)
    assert list(tmp_path.iterdir()) == []
