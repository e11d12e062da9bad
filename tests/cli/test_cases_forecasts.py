"""`orrery cases run` and `orrery cases score`: what is forecast and scored agrees with what the package computes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from orrery.base.keys import root_key
from orrery.cli.main import main
from orrery.negotiation.cases import Case, load_case, load_cases, template
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.parameters import draw_parameters, to_free
from orrery.negotiation.forecasts.prediction import Prediction, predict
from orrery.negotiation.forecasts.rivals import RivalForecast, rival_forecasts
from orrery.negotiation.forecasts.scores import brier
from orrery.negotiation.forecasts.summary import summary, typical_draw, typical_reasons

pytestmark = pytest.mark.long

CODE = "EU-BELARUS-2020"
ENGINES = ["closed form", "round by round"]
Run = Callable[..., tuple[object, str, str]]


@pytest.fixture(scope="module")
def learned() -> Learned:
    """What is known before any case: draws of the priors, all of one weight."""
    cases = load_cases().values()
    free = np.asarray(to_free(draw_parameters(root_key(1), 100)), float)
    codes, groups = tuple(case.code for case in cases), tuple(case.matter for case in cases)
    return Learned(free, np.zeros(100), np.zeros((len(codes), 100)), codes, groups, "of the priors")


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(CODE)


@pytest.fixture(scope="module")
def ours(learned: Learned, case: Case) -> dict[str, Prediction]:
    return {name: predict(root_key(7), case, learned, rounds=name == ENGINES[1]) for name in ENGINES}


@pytest.fixture(scope="module")
def mean(case: Case) -> RivalForecast:
    return rival_forecasts(root_key(7), [case], "compromise_mean")[0]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, learned: Learned) -> Run:
    """Ask a command of cases, with the priors in place of what the shipped cases teach."""
    monkeypatch.setattr("orrery.negotiation.forecasts.learned.shipped", lambda: learned)

    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["cases", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def test_the_summary_holds_what_the_forecasts_say(case: Case, ours: dict[str, Prediction], mean: RivalForecast) -> None:
    found = summary(root_key(7), case, ours, {"compromise_mean": mean}).set_index(["quantity", "of", "model"])
    for name, one in ours.items():
        chance = found.loc[("agreement", "", name)]
        assert chance["value"] == pytest.approx(one.agreement)
        assert np.mean((one.chance >= chance["low"]) & (one.chance <= chance["high"])) >= 0.8
        for place, issue in enumerate(case.issues):
            text = found.loc[("text", issue.key, name)]
            assert 0 <= text["low"] <= text["value"] <= text["high"] <= 100
            inside = np.quantile(100 * one.text[:, place], [0.1, 0.9])
            assert text["high"] - text["low"] >= 0.9 * (inside[1] - inside[0])
        years = found.loc[("years", "", name)]
        assert 0 < years["low"] <= years["value"] <= years["high"]
        shares = found.loc["consent"].xs(name, level="model")["value"]
        np.testing.assert_allclose(shares[list(case.keys)], one.blockers(len(case.parties)))
    text = found.loc[("text", "listings", "compromise_mean")]
    assert text["value"] == pytest.approx(100 * float(np.median(mean.text[:, 0])))


def test_the_summary_knows_what_was_recorded_and_the_forecast_does_not(
    case: Case, ours: dict[str, Prediction], learned: Learned
) -> None:
    found = summary(root_key(7), case, ours, {})
    recorded = found.set_index(["quantity", "of", "model"])["recorded"]
    assert recorded["agreement", "", ENGINES[0]] == 1
    assert recorded["years", "", ENGINES[0]] == pytest.approx(49 / 365.25)
    assert recorded["text", "turkey", ENGINES[1]] == 40
    held = found[found["recorded"].eq(1) & found["quantity"].eq("consent")]
    assert set(held["of"]) == {"CYP"}
    unknown = case.model_copy(update={"outcome": None})
    blind = {name: predict(root_key(7), unknown, learned, rounds=name == ENGINES[1]) for name in ENGINES}
    without = summary(root_key(7), unknown, blind, {})
    assert without["recorded"].isna().all()
    pd.testing.assert_frame_equal(without.drop(columns="recorded"), found.drop(columns="recorded"))


def test_the_typical_draw_ends_as_most_do_and_is_told_in_words(
    case: Case, ours: dict[str, Prediction], learned: Learned
) -> None:
    one = ours[ENGINES[1]]
    place = typical_draw(one)
    assert np.isfinite(one.years[place]) == (np.isfinite(one.years).mean() >= 0.5)
    told = typical_reasons(root_key(7), case, learned, one)
    opening = f"Agreed after {one.years[place]:.1f} years" if np.isfinite(one.years[place]) else "No agreement after"
    assert told[0].startswith(opening)
    assert not any(", ," in line or ": ." in line for line in told)


def test_the_typical_draw_is_nearest_to_the_median_of_its_kind() -> None:
    never = float("inf")
    text = np.array([[0.0], [0.9], [0.2], [0.3], [0.5]])
    made = {"chance": jnp.zeros(5), "binds": np.zeros(5, int), "spread": np.ones(5), "duration_spread": np.ones(5)}
    made = {name: np.asarray(value) for name, value in made.items()}
    assert typical_draw(Prediction(years=np.array([never, 1.0, 2.0, 3.0, never]), text=text, **made)) == 3
    assert typical_draw(Prediction(years=np.array([never, never, 2.0, 3.0, never]), text=text, **made)) == 4


def test_a_case_is_forecast_beside_its_record(run: Run, tmp_path: Path, ours: dict[str, Prediction]) -> None:
    plot = tmp_path / "case.svg"
    code, out, err = run("run", CODE, "--solutions", "compromise_mean", "--plot", plot)
    assert code == 0, err
    assert "Learned from 57 cases of other matters" in out
    assert f"closed form       {ours['closed form'].agreement:.2f} [" in out
    assert "recorded          1.00" in out
    assert "recorded          65" in out
    assert "A typical draw, round by round:" in out
    assert [line.rstrip().endswith("held out") for line in out.splitlines() if line.startswith("CYP ")] == [True]
    assert "European Union sanctions on Belarus, 2020" in plot.read_text("utf-8")
    assert "forecasting: 100 %" in err


def test_a_case_of_ones_own_is_forecast_as_data(run: Run, tmp_path: Path) -> None:
    path, out_file = tmp_path / "mine.toml", tmp_path / "mine.csv"
    path.write_text(template(), "utf-8")
    code, out, err = run("run", path, "--solutions", "none", "--out", out_file)
    assert (code, out) == (0, ""), err
    found = pd.read_csv(out_file)
    assert found["model"].unique().tolist() == ENGINES
    assert found["recorded"].isna().all()
    assert set(found["of"].dropna()) == {"cuts", "FRA", "IND"}


def test_scores_are_those_of_the_forecasts(run: Run, ours: dict[str, Prediction], mean: RivalForecast) -> None:
    code, out, err = run(
        "score", "--cases", f"{CODE},MAASTRICHT-1991,PARIS-2015", "--solutions", "compromise_mean", "--format", "csv"
    )
    assert code == 0, err
    found = pd.read_csv(io.StringIO(out)).set_index("model")
    assert found.index.tolist() == [*ENGINES, "base rate of the other cases", "compromise_mean"]
    assert (found["brier_cases"] == 3).all()
    assert ((found["brier_low"] <= found["brier"]) & (found["brier"] <= found["brier_high"])).all()
    assert found.loc["closed form", ["lead_brier", "lead_brier_low", "lead_brier_high"]].tolist() == [0, 0, 0]
    assert found.loc["round by round", "lead_brier"] == pytest.approx(
        found.loc["round by round", "brier"] - found.loc["closed form", "brier"]
    )
    # All three were agreed: the compromise, which always agrees, is right about that.
    assert found.loc["compromise_mean", "brier"] == 0
    assert np.isnan(found.loc["compromise_mean", "duration"])
    assert "scoring: 100 %" in err
    own = float(brier(np.array([ours["closed form"].agreement]), np.array([True]))[0])
    assert found.loc["closed form", "brier"] >= own / 3


def test_scores_are_shown_with_their_intervals(run: Run) -> None:
    code, out, err = run("score", "--cases", f"{CODE},MAASTRICHT-1991,PARIS-2015", "--solutions", "none")
    assert code == 0, err
    assert "3 cases of 3 matters, 3 agreed" in out
    rows = [line for line in out.splitlines() if line.startswith(("closed form ", "round by round "))]
    assert [row.count("[") for row in rows] == [5, 5, 5]
    assert "By how much the scores of others exceed those of the closed form:" in out
    assert "Chance of agreement (Brier score), closed form. Better than:" in out
