"""The commands on bodies, on the shipped catalogue and on a file of one's own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from orrery.cli.main import main

Run = Callable[..., tuple[object, str, str]]
FEBRUARY_2022 = ("--on", "2022-02-25", "--no", "Russia", "--abstain", "CHN,IND,ARE", "--others", "yes")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["bodies", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def frame(answer: tuple[object, str, str]) -> pd.DataFrame:
    code, out, err = answer
    assert code == 0, err
    return pd.read_csv(io.StringIO(out))


def error(answer: tuple[object, str, str]) -> str:
    code, out, err = answer
    assert (code, out) == (1, ""), (code, out, err)
    (line,) = err.splitlines()
    return line


def test_bodies_are_listed_with_their_members_of_the_day(run: Run) -> None:
    listed = frame(run("list", "--on", "1950-06-25", "--format", "csv")).set_index("code")
    assert listed.loc["UNSC", "voting_members"] == 11
    assert listed.loc["UNGA", "voting_members"] == listed.loc["UN", "voting_members"] == 59
    assert "substantive" in listed.loc["UNSC", "matters"]


def test_bodies_are_listed_by_member_and_area(run: Run) -> None:
    held = set(frame(run("list", "--member", "Japan", "--on", "2010-01-01", "--format", "csv"))["code"])
    assert {"UN", "UNGA", "UNSC"} <= held
    assert "UNSC" not in set(frame(run("list", "--member", "KAZ", "--on", "2010-01-01", "--format", "csv"))["code"])
    security = frame(run("list", "--area", "security", "--format", "csv"))
    assert set(security["area"]) == {"security"}
    assert "UNSC" in set(security["code"])
    assert "`--area`: 'sport' came" in error(run("list", "--area", "sport"))


def test_a_body_beyond_what_is_known_has_no_number_in_the_list(run: Run) -> None:
    listed = frame(run("list", "--on", "2300-01-01", "--format", "csv")).set_index("code")
    assert pd.isna(listed.loc["UNSC", "voting_members"])


def test_a_body_is_shown_with_its_rules_in_words(run: Run) -> None:
    code, out, _ = run("show", "Security Council")
    assert code == 0
    assert "United Nations Security Council (UNSC)" in out
    assert "charter: Charter of the United Nations (1945), 1 UNTS XVI" in out
    rules = frame(run("show", "unsc", "--format", "csv")).set_index(["matter", "first"])
    wanted = "at least 7 in favour; and no veto by permanent members"
    assert rules.loc[("substantive", "1946-01-17"), "rule"] == wanted


def test_members_of_a_day(run: Run) -> None:
    held = frame(run("members", "UNSC", "--on", "1950-06-25", "--format", "csv")).set_index("country")
    assert len(held) == 11
    assert held.loc["TWN", "status"] == "permanent"
    assert held.loc["YUG", "until"] == "1951-12-31"
    seen = frame(run("members", "UNGA", "--on", "2020-01-01", "--format", "csv"))
    assert seen["votes"].sum() == 193
    assert list(seen[~seen["votes"]]["country"]) == ["PSE", "VAT"]
    assert "body UNSC, 1940-01-01, `membership`: it has no members" in error(
        run("members", "UNSC", "--on", "1940-01-01")
    )


def test_weights_stand_beside_the_members(run: Run, tmp_path: Path) -> None:
    from importlib.resources import files

    text = files("orrery.institutions.catalogue").joinpath("unsc.toml").read_text("utf-8")
    names = ["CHN", "FRA", "GBR", "RUS", "USA", "ALB", "BRA", "GAB", "GHA", "IND", "IRL", "KEN", "MEX", "NOR", "ARE"]
    values = ", ".join(f"{name} = {number}.5" for number, name in enumerate(names))
    block = '[[weights]]\nname = "shares"\nperiod = "2022-01-01/2022-12-31"\nsource = "charter"\nunit = "percent"\n'
    (tmp_path / "unsc.toml").write_text(f"{text}\n{block}values = {{ {values} }}\n", "utf-8")
    answer = run("members", "UNSC", "--on", "2022-06-01", "--folder", tmp_path, "--format", "csv")
    assert frame(answer).set_index("country").loc["ARE", "shares"] == 14.5


def test_a_vote_is_explained(run: Run) -> None:
    code, out, _ = run("vote", "UNSC", *FEBRUARY_2022)
    assert code == 0
    assert out.splitlines() == [
        "United Nations Security Council, substantive, 2022-02-25: failed",
        "failed: all of these",
        "  passed: at least 9 in favour: 11 in favour, 9 needed (margin +2)",
        "  failed: no veto by permanent members: RUS (no) (margin -1)",
        "Vetoed by: RUS",
        "Could have turned the outcome: RUS (yes, abstain or absent instead of no)",
    ]


def test_a_vote_in_every_format(run: Run, tmp_path: Path) -> None:
    table = frame(run("vote", "UNSC", *FEBRUARY_2022, "--format", "csv"))
    assert list(table["passed"]) == [False, True, False]
    assert table["vetoes"].fillna("").tolist() == ["", "", "RUS"]
    records = json.loads(run("vote", "UNSC", *FEBRUARY_2022, "--format", "json")[1])
    assert records[1]["margin"] == 2
    markdown = run("vote", "UNSC", *FEBRUARY_2022, "--format", "markdown")[1].splitlines()
    assert markdown[1] == "|" + " --- |" * 7
    assert len(markdown) == 5
    out = tmp_path / "vote.md"
    assert run("vote", "UNSC", *FEBRUARY_2022, "--out", out)[0] == 0
    assert out.read_text("utf-8").splitlines() == markdown


def test_members_not_named_are_absent(run: Run) -> None:
    assert (
        "4 in favour, 9 needed" in run("vote", "UNSC", "--on", "2022-02-25", "--yes", "USA,GBR,FRA", "--yes", "NOR")[1]
    )


def test_the_matter_decides_which_rule_holds(run: Run) -> None:
    code, out, _ = run("vote", "UNSC", *FEBRUARY_2022, "--matter", "procedural")
    assert code == 0
    assert "procedural, 2022-02-25: passed" in out
    assert "`matter`: 'procedual' came. Did you mean 'procedural'?" in error(
        run("vote", "UNSC", "--on", "2022-02-25", "--matter", "procedual")
    )


def test_stages_are_named_in_front_of_the_voters(run: Run) -> None:
    stages = ("--others", "adoption:yes", "--others", "ratification:yes", "--no", "ratification:CHN")
    code, out, _ = run("vote", "UN", "--on", "2024-01-01", *stages)
    assert code == 0
    assert "passed: adoption" in out
    assert "CHN (yes instead of no, in ratification)" in out
    assert "amendment, 2024-01-01: passed" in run("vote", "UN", "--on", "2024-01-01", "--others", "yes")[1]
    assert "the stage 'adpotion' came; the stages are adoption, ratification" in error(
        run("vote", "UN", "--on", "2024-01-01", "--yes", "adpotion:USA")
    )
    assert "the stage 'adoption' came; the decision has no stages" in error(
        run("vote", "UNSC", "--on", "2024-01-01", "--yes", "adoption:USA")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--yes", "Atlantis"), "name `Atlantis` is in no table"),
        (("--yes", "DEU"), "body UNSC, 2022-02-25, `yes`: 'DEU' is not a voting member"),
        (("--yes", "USA", "--no", "USA"), "`no`: USA votes twice, also in `yes`"),
        (("--others", "maybe"), "`others`: 'maybe' came; give one of yes, abstain, no, absent"),
        (("--on", "yesterday"), "`--on`: 'yesterday' came; write a day as 2022-02-25"),
        (("--on", "2300-01-01"), "members are known until"),
        (("--on", "1900-01-01"), "the body exists from 1945-10-24"),
    ],
)
def test_bad_votes_are_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert message in error(run("vote", "UNSC", "--on", "2022-02-25", *arguments))


def test_an_unknown_body_is_one_line(run: Run) -> None:
    assert "'UNSX' came; there is no body with this code. Did you mean UNSC" in error(run("show", "UNSX"))
