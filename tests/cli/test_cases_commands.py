"""`orrery cases`: what it lists, shows, checks and begins, and what it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from orrery.cli.main import main
from orrery.negotiation.cases import load_case, load_cases, template

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Ask a command of cases."""

    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["cases", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def frame(answer: tuple[object, str, str]) -> pd.DataFrame:
    code, out, err = answer
    assert code == 0, err
    return pd.read_csv(io.StringIO(out)).set_index("code")


def test_every_case_is_listed_with_its_rule_outcome_and_match(run: Run) -> None:
    found = frame(run("list", "--format", "csv"))
    assert found.index.tolist() == list(load_cases())
    assert found.loc["IRAQ-2003", "rule"] == "UNSC, substantive"
    assert found.loc["IRAQ-2003", "outcome"] == "failed 2003-03-17"
    assert found.loc["KUWAIT-1990", "matched_with"] == "IRAQ-2003"
    assert found.loc["CSCE-1975", "rule"] == "consensus: nobody against"
    assert found.loc["EU-BELARUS-2020", "outcome"] == "agreed 2020-10-02"
    assert found.loc["EU-BELARUS-2020", ["parties", "issues"]].tolist() == [11, 2]


def test_cases_are_listed_by_party_and_body(run: Run) -> None:
    found = frame(run("list", "--party", "Cyprus", "--body", "eu-council", "--format", "csv"))
    assert "EU-BELARUS-2020" in found.index
    for code in found.index:
        assert load_case(code).rule.body == "EU-COUNCIL"
        assert any("CYP" in party.countries for party in load_case(code).parties)
    code, out, _ = run("list", "--body", "IMF", "--format", "json")
    assert (code, [row["code"] for row in json.loads(out)]) == (0, ["IMF-QUOTAS-2023"])


def test_a_case_is_shown_with_what_the_paper_leaves_out(run: Run) -> None:
    code, out, _ = run("show", "eu-belarus-2020")
    assert code == 0
    assert "What the papers leave out: The paper tells of the blockage alone." in out
    assert "Rule: EU-COUNCIL, sanctions: consensus: nobody against" in out
    assert "off the table unless a package opens" in out
    assert "85 (0.4)   90 (1)" in out
    assert "Text agreed: listings 65, turkey 40\nHeld out: CYP" in out
    assert "  conclusions: Conclusions of the special meeting" in out


def test_the_parties_of_a_case_are_given_as_data(run: Run) -> None:
    code, out, _ = run("show", "EU-BELARUS-2020", "--format", "csv")
    found = pd.read_csv(io.StringIO(out)).set_index(["party", "issue"])
    case = load_case("EU-BELARUS-2020")
    assert code == 0
    assert len(found) == len(case.parties) * len(case.issues)
    assert found.loc[("CYP", "turkey"), ["position", "salience"]].tolist() == [90, 1]
    assert found.loc[("BALTICS", "listings"), "countries"] == "EST LVA LTU"
    assert found["influence"].sum() == pytest.approx(len(case.issues))


def test_a_case_of_ones_own_is_begun_checked_and_shown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "talks.toml"
    code, _, err = run("new", "talks-2027", "--out", path)
    assert (code, path.read_text("utf-8")) == (0, template().replace("MY-CASE", "TALKS-2027"))
    assert f"orrery cases validate {path}" in err
    code, out, _ = run("validate", path)
    assert code == 0
    assert "valid. TALKS-2027: 2 parties, 1 issue; consensus: nobody against; outcome" in out
    code, out, _ = run("show", path)
    assert code == 0
    assert "Outcome: none is recorded" in out


def test_a_case_is_begun_beside_others_under_its_code(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new", "MINE")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("what I wrote", "utf-8")
    code, _, err = run("new", "MINE", "--out", path)
    assert code == 1
    assert "is there already and is not written over" in err
    assert path.read_text("utf-8") == "what I wrote"


def test_a_wrong_file_is_named_with_its_line_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    path, out_file = tmp_path / "bad.toml", tmp_path / "parties.csv"
    path.write_text(template().replace("position = { cuts = 80 }", "position = { cuts = 180 }"), "utf-8")
    line = path.read_text("utf-8").splitlines().index("position = { cuts = 180 }") + 1
    for arguments in (("validate", path), ("show", path, "--out", out_file), ("run", path, "--out", out_file)):
        code, out, err = run(*arguments)
        assert (code, out) == (1, "")
        assert f"{path}, line {line}, case MY-CASE, `parties` 1 `position.cuts`" in err
        assert len(err.splitlines()) == 1
    assert not out_file.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "PARIS-2016"), "Did you mean PARIS-2015"),
        (("list", "--body", "NATO-2"), "'NATO-2' came; the cases have"),
        (("list", "--party", "Atlantis"), "Atlantis"),
        (("validate", "none.toml"), "there is no file none.toml"),
        (("new", "my case"), "write letters, digits and single hyphens"),
        (("new", "paris-2015"), "a shipped case has this code"),
        (("new", "MINE", "--out", "mine.txt"), "a case file ends in .toml"),
        (("run", "PARIS-2015", "--solutions", "nahs"), "'nahs' came; give none or some of status_quo"),
        (("score", "--cases", "PARIS-2015"), "name more that were agreed"),
        (("score", "--cases", "EU-BELARUS-2020,PARIS-2015"), "name more that were agreed"),
        (("score", "--cases", "PARIS-2015,paris-2015,CSCE-1975"), "name each case once"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(
    run: Run, arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
