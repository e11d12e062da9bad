"""`orrery bodies reform`: what it shows, compares, writes and refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pandas as pd
import pytest

from institutions.small_body import write_body
from orrery.cli.main import main
from orrery.institutions.reform import REFORMS

pytestmark = pytest.mark.long

Run = Callable[..., tuple[object, str, str]]
ON = ("--on", "2026-01-01")
ADD = ("UNSC", "--add", "India,BRA,JPN")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["bodies", "reform", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def frame(answer: tuple[object, str, str]) -> pd.DataFrame:
    code, out, err = answer
    assert code == 0, err
    return pd.read_csv(io.StringIO(out), keep_default_na=False)


def test_a_reformed_body_is_shown_with_who_joins_and_leaves(run: Run) -> None:
    held = frame(run(*ADD, "--veto", "--remove", "FRA", *ON, "--format", "csv")).set_index("country")
    assert held.loc[["BRA", "IND", "JPN"], "change"].eq("joins").all()
    assert held.loc["FRA", ["change", "status"]].tolist() == ["leaves", ""]
    assert set(held.index[held["veto"].astype(str) == "True"]) == {"BRA", "CHN", "GBR", "IND", "JPN", "RUS", "USA"}
    assert len(held) == 18


def test_the_table_says_what_the_rule_was_and_becomes(run: Run) -> None:
    code, out, _ = run("UNSC", "--quota", "10", "--override", "12", *ON)
    assert code == 0
    assert "United Nations Security Council, substantive, 2026-01-01: quota 10; 12 override vetoes" in out
    assert "Rule: (at least 10 in favour; and no veto by permanent members); or at least 12 in favour; before:" in out


def test_reforms_are_put_side_by_side(run: Run) -> None:
    compared = frame(
        run(*ADD, "--named", "unsc-g4", "--named", "unsc-without-veto", "--compare", *ON, "--format", "csv")
    ).set_index("reform")
    asked = "with IND, BRA, JPN"
    assert compared.index.tolist() == ["as it is", "unsc-g4", "unsc-without-veto", asked]
    assert compared.loc[asked, ["members", "veto_holders"]].astype(int).tolist() == [18, 5]
    # Of those added, by default.
    assert [name for name in compared if name.startswith("power_")] == ["power_IND", "power_BRA", "power_JPN"]
    assert compared.loc["as it is", "power_IND"] == ""
    assert float(compared.loc["unsc-g4", "power_IND"]) > float(compared.loc[asked, "power_IND"]) > 0


def test_the_comparison_is_printed_one_column_for_each(run: Run) -> None:
    code, out, _ = run("UNSC", "--without-veto", "--compare", "--power", "USA", "--index", "banzhaf", *ON)
    assert code == 0
    rows = {line.split("  ")[0]: line for line in out.splitlines()}
    assert "as it is" in out
    assert rows["members"].split()[1:] == ["15", "15"]
    # 848 of 2^14 swings of a permanent member (Felsenthal & Machover 1998): 0.0518.
    assert rows["power_USA"].split()[1] == "0.05176"
    assert "400 motions drawn" in out
    assert "Power: banzhaf" in out


def test_a_motion_of_ones_own_and_json(run: Run) -> None:
    command = ("UNSC", "--veto-lost-by", "RUS", "--compare", "--motion", "0.5,-0.5", *ON, "--format", "json")
    code, out, err = run(*command)
    assert code == 0, err
    as_it_is, without = json.loads(out)
    assert without["reform"] == "no veto of RUS"
    assert as_it_is["passage_error"] == without["passage_change_error"] == 0
    assert without["passage"] > as_it_is["passage"]
    assert "of the motion given" in run(*command[:-2])[1]


def test_the_named_reforms_are_listed(run: Run) -> None:
    listed = frame(run("--list", "--format", "csv"))
    assert listed["name"].tolist() == list(REFORMS)
    assert run("--list", "--format", "markdown")[1].startswith("| name | body |")


def test_members_of_a_weighted_body_come_with_their_weights(run: Run, tmp_path) -> None:
    folder = write_body(tmp_path / "bodies")
    day = ("--on", "1990-01-01", "--folder", folder)
    held = frame(run("CLUB", "--add", "CHE", "--weight", "votes:CHE=2.5", *day, "--format", "csv"))
    assert "CHE" in held["country"].tolist()
    code, _, err = run("CLUB", "--add", "CHE", *day)
    assert code == 1
    assert "'votes' has no value for CHE" in err


def test_an_answer_is_written(run: Run, tmp_path) -> None:
    out = tmp_path / "reformed.md"
    assert run("SCO", "--named", "sco-2001", *ON, "--out", out)[0] == 0
    assert "| BLR | Belarus |" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ((), 2, "name a body"),
        (("UNSC",), 2, "no change came"),
        (("UNSC", "--named", "unsc-g4", "--named", "unsc-au"), 2, "--compare puts them side by side"),
        (("UNSC", "--named", "unsc-g5"), 1, "'unsc-g5' came"),
        (("UNSC", "--add", "Atlantis"), 1, "Atlantis"),
        (("UNSC", "--remove", "DEU"), 1, "DEU came, who do not vote then"),
        (("UNSC", "--quota", "ten"), 1, "ten"),
        (("UNSC", "--add", "IND", "--weight", "votes:IND"), 1, "write it as votes:IND=5"),
        (("UNSC", "--without-veto", "--compare", "--motion", "1"), 1, "write two ideal points"),
        (("UNSC", "--without-veto", "--matter", "procedural"), 1, "has no veto"),
        (("IMF", "--named", "imf-quota-80", "--matter", "quota", "--compare"), 1, "XKX have none"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, command, code, words) -> None:
    ended, out, err = run(*command, *ON)
    assert (ended, out) == (code, "")
    assert words in " ".join(err.split())
