"""`orrery plan`: what it prints and writes, that it gives the same again, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from orrery.cli.main import main
from orrery.lab.planner.plan import BY_MEAN, SEARCHED

pytestmark = pytest.mark.long

SMALL = ("--scenario", "baseline", "--scenario", "exclusivity", "--draws", "3", "--years", "11")


@pytest.fixture
def ask(capsys, monkeypatch, baseline, session_home):
    """Ask the command, with the shipped baseline that other tests have loaded."""
    monkeypatch.setattr("orrery.data.baseline.load_baseline", lambda: baseline)

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main(["plan", *map(str, words)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


def test_a_plan_is_printed_and_written_and_can_be_had_again(ask, tmp_path):
    out = tmp_path / "plans" / "kaz"
    code, said, heard = ask("KAZ", *SMALL, "--weights", "exclusivity=3", "--out", out)
    assert code == 0, heard
    assert "simulations: 100 %" in heard
    for words in (
        "Kazakhstan, portfolios held 2025-2035, 2 scenarios of 3 draws",
        "Price of hedging",
        "taken not to react",
    ):
        assert words in said
    assert sorted(path.name for path in out.iterdir()) == [
        "front.png", "front.svg", "plan.json", "portfolios.csv", "prices.csv", "readings.csv", "scenarios.csv",
        "thresholds.csv",
    ]  # fmt: skip
    assert [path.name for path in out.parent.iterdir()] == ["kaz"]
    check_portfolios(pd.read_csv(out / "portfolios.csv"))
    check_thresholds(pd.read_csv(out / "thresholds.csv"))
    scenarios = pd.read_csv(out / "scenarios.csv")
    best = scenarios[scenarios["portfolio"] == "best in this scenario"].set_index("scenario")["mean"]
    assert (scenarios["mean"] <= scenarios["scenario"].map(best) + 1e-9).all()
    assert scenarios.groupby("scenario")["weight"].first().to_dict() == {"baseline": 0.25, "exclusivity": 0.75}
    record = json.loads((out / "plan.json").read_text("utf-8"))
    assert record["weights"] == {"baseline": 0.25, "exclusivity": 0.75}
    assert record["failed_draws"] == []
    assert all(source["licence"] for source in record["sources"])

    again = shlex.split(record["command"])[2:]
    again[again.index("--out") + 1] = str(tmp_path / "again")
    assert ask(*again)[0] == 0
    for name in ("portfolios.csv", "scenarios.csv", "prices.csv", "readings.csv", "thresholds.csv", "front.svg"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def check_portfolios(table):
    shares = table.filter(regex="^share_")
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-9)
    assert set(SEARCHED) <= set(table["portfolio"])
    assert (table["mean"].diff().dropna() <= 0).all()
    named = table.set_index("portfolio")
    assert named.loc[BY_MEAN, "mean"] == pytest.approx(table["mean"].max(), abs=1e-6)
    assert named.loc["best by worst decile", "worst_decile"] == pytest.approx(table["worst_decile"].max(), abs=1e-4)
    assert named.loc["least largest regret", "largest_regret"] == pytest.approx(table["largest_regret"].min(), abs=1e-5)
    assert named.loc["today", "over_today"] == 0
    assert named.loc["best hedge by mean", "hedge"]
    assert (table["low"] <= table["high"]).all()
    assert (table["largest_regret"] >= -1e-9).all()


def check_thresholds(table):
    assert table["year"].tolist() == [2024, 2024, 2035, 2035]
    held = table[table["question"] == "as it is held"]
    assert (held["factor_low"] <= held["factor_median"]).all()
    assert (held["confirmed"] > 0.9).all()
    flags = table[["with_threshold", "none_found", "not_followed"]].sum(axis=1)
    given = table["question"] == "as it gives way"
    np.testing.assert_allclose(flags[given] + table["unstable_already"][given], 1)


def test_other_formats_give_rows_alone(ask):
    code, said, _ = ask("KAZ", *SMALL, "--format", "json", "--largest-share", "0.4")
    assert code == 0
    rows = json.loads(said)
    assert {"today", *SEARCHED} <= {row["portfolio"] for row in rows}
    hedge = next(row for row in rows if row["portfolio"] == "best hedge by mean")
    shares = [value for name, value in hedge.items() if name.startswith("share_") and name != "share_non-aligned"]
    assert max(shares) <= 0.4 + 1e-5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("RUS",), "is a pole by itself"),
        (("USA",), "is a pole by itself"),
        (("XXX",), "is not the code of a country"),
        (("KAZ", "--scenario", "nothing"), "nothing"),
        (("KAZ", "--scenario", "baseline", "--scenario", "baseline"), "baseline came; name each scenario once"),
        (("KAZ", "--scenario", "baseline", "--weights", "pandemic=1"), "weights are for baseline"),
        (("KAZ", "--scenario", "baseline", "--weights", "baseline=0"), "not all 0"),
        (("KAZ", "--scenario", "baseline", "--weights", "baseline"), "write NAME=NUMBER"),
        (("KAZ", "--scenario", "baseline", "--weights", "baseline=1,baseline=2"), "came twice"),
        (("KAZ", "--scenario", "baseline", "--discount", "-1"), "above -1"),
        (("KAZ", "--scenario", "baseline", "--largest-share", "1.5"), "a share is above 0"),
        (("KAZ", "--scenario", "exclusivity", "--years", "3"), "this run allows"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_line_and_nothing_is_written(ask, tmp_path, words, message):
    code, said, heard = ask(*words, "--out", tmp_path / "out")
    assert (code, said) == (1, "")
    assert len(heard.splitlines()) == 1
    assert message in heard
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(ask, tmp_path):
    code, _, heard = ask("KAZ", "--out", tmp_path)
    assert code == 1
    assert re.search("it exists, and nothing is overwritten", heard)
    assert list(tmp_path.iterdir()) == []
