"""`orrery burden`: what it shows, writes and refuses."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest

from orrery.cli.main import main
from orrery.data.panel import Panel

Run = Callable[..., tuple[object, str, str]]
FOUR = ("--countries", "USA,China,IND,FRA", "--year", "2022")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, baseline: Panel) -> Run:
    """Ask the command, with the shipped baseline that other tests have loaded."""
    monkeypatch.setattr("orrery.data.baseline.load_baseline", lambda: baseline)

    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["burden", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def frame(answer: tuple[object, str, str]) -> pd.DataFrame:
    code, out, err = answer
    assert code == 0, err
    return pd.read_csv(io.StringIO(out))


def test_amounts_sum_to_the_total_under_every_rule(run: Run) -> None:
    found = frame(run(*FOUR, "--total", "3.2e9", "--stakes", "USA=1,CHN=2,IND=3,FRA=2", "--format", "csv"))
    rules = ["equal", "capacity", "assessment", "sacrifice", "benefit", "shapley"]
    assert found.columns.tolist() == ["country", "name", *rules, "least", "most"]
    assert found[rules].sum().tolist() == pytest.approx([3.2e9] * 6)
    assert found.set_index("country").loc["IND", "benefit"] == pytest.approx(1.2e9)


def test_the_members_of_a_body_share_and_those_without_figures_are_named(run: Run) -> None:
    answer = run("--body", "UNGA", "--on", "2022-06-01", "--top", 3, "--rules", "assessment,capacity")
    assert answer[0] == 0
    assert "left out, without output or population in 2022: PRK" in answer[2]
    assert "members of UNGA, 2022: per cent of the total" in answer[1]
    assert "USA       United States   22.000" in answer[1]
    assert "Contestation, the mean distance between rules" in answer[1]
    assert "Not compared: equal, sacrifice, benefit, responsibility, shapley" in answer[1]


def test_stakes_and_contributions_may_be_variables_of_the_panel(run: Run) -> None:
    arguments = ("--stakes", "capability_population", "--contributions", "capability_gdp", "--format", "json")
    code, out, _ = run(*FOUR, *arguments)
    found = pd.read_json(io.StringIO(out)).set_index("country")
    assert code == 0
    pd.testing.assert_series_equal(found["responsibility"], found["capacity"], check_names=False)
    assert found.loc["IND", "benefit"] > found.loc["USA", "benefit"]


def test_it_is_drawn_and_written(run: Run, tmp_path) -> None:
    plot, out = tmp_path / "burden.svg", tmp_path / "burden.csv"
    code, _, err = run(*FOUR, "--total", 3.2e9, "--unit", "USD", "--plot", plot, "--out", out)
    assert code == 0, err
    assert "billion USD" in plot.read_text("utf-8")
    assert len(pd.read_csv(out)) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "none came with 0 countries"),
        (("FRA", "--body", "UNGA"), "UNGA came with 1 countries"),
        (("FRA", "--on", "2022-01-01"), "came without a body"),
        (("FRA", "PRK", "--year", "2022"), "PRK came, without output"),
        (("FRA", "--year", "2022", "--rules", "shaply"), "Did you mean 'shapley'"),
        (("FRA", "--year", "2022", "--rules", "benefit"), "`stake`: none came"),
        (("FRA", "--year", "2022", "--stakes", "wealth"), "a variable of the panel: capability_population"),
        (("FRA", "--year", "2022", "--stakes", "FRA=much"), "'FRA=much' came"),
        (("FRA", "--year", "1950"), "the panel holds 1990-2025"),
        (("FRA", "--year", "2022", "--total", "0"), "`total`: 0.0 came"),
        (("FRA", "--year", "2022", "--of-output", "1"), "`burden`: 1.0 came"),
    ],
)
def test_what_cannot_be_shared_is_refused_in_one_line(run: Run, arguments: tuple, message: str) -> None:
    code, out, err = run(*arguments)
    assert code == 1
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
