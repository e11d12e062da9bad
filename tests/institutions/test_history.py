"""Recorded decisions replayed through the catalogue: they end as recorded, and a wrong rule is found out."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from click.testing import CliRunner
from typer.main import get_command

from orrery.base.errors import InstitutionError
from orrery.cli.main import app
from orrery.institutions.catalogue import load_body
from orrery.institutions.history import decisions, replay_assembly, replay_decisions, replay_vetoes


@pytest.fixture(scope="module")
def vetoes(official_tables) -> pd.DataFrame:
    return official_tables.read("vetoes")


def test_every_recorded_veto_defeats_its_draft_and_nobody_elses(vetoes):
    replayed = replay_vetoes(load_body("UNSC"), vetoes).to_frame()
    assert len(replayed) == 214
    assert replayed["failed"].all()
    assert (replayed["found"] == replayed["recorded"]).all()
    assert replayed["agrees"].all()


def test_without_the_veto_the_same_drafts_pass(vetoes):
    council = load_body("UNSC")
    rules = [
        block.model_copy(update={"rule": _support_alone(block.rule)}) if block.matter == "substantive" else block
        for block in council.rules
    ]
    replayed = replay_vetoes(council.changed(rules=tuple(rules)), vetoes.head(40)).to_frame()
    assert not replayed["agrees"].any()


def _support_alone(rule):
    """Return the quota of a substantive rule without its veto."""
    return next(part for part in rule.walk() if part.word == "yes")


def test_every_recorded_resolution_of_the_assembly_passes(official_tables):
    replayed = replay_assembly(load_body("UNGA"), official_tables.read("roll_calls"), official_tables.read("votes"))
    frame = replayed.to_frame()
    assert len(frame) == 6843
    assert frame["adopted"].sum() == 900
    assert replayed.disagreements.empty
    # Votes of countries that had no seat yet on the recorded day: days of the earlier record are rough.
    assert frame["strangers"].sum() < 0.0005 * frame[["yes", "abstain", "no"]].to_numpy().sum()
    known = frame.set_index("symbol")
    assert known.loc[
        "A/RES/68/262" if "A/RES/68/262" in known.index else "R/68/262", ["yes", "no", "abstain"]
    ].tolist() == [100, 11, 58]
    assert known.loc["A/RES/ES-11/4", ["yes", "no", "abstain"]].tolist() == [143, 5, 35]
    # The rule can fail: motions that found no majority, and more that found no two thirds.
    assert (~frame["passed"]).sum() > 300
    assert (frame["passed"] & ~frame["passed_as_important"]).sum() > 200


def test_known_decisions_end_as_recorded():
    replayed = replay_decisions().to_frame()
    assert len(replayed) == len(decisions()) >= 16
    assert replayed.loc[~replayed["agrees"], "title"].tolist() == []


def test_a_decision_with_the_other_outcome_disagrees():
    wrong = tuple(known.model_copy(update={"passed": not known.passed}) for known in decisions())
    assert not replay_decisions(wrong).to_frame()["agrees"].any()


def test_a_decision_of_a_country_that_had_no_seat_is_refused():
    odd = decisions()[0].model_copy(update={"no": ("DEU",), "day": date(1950, 6, 27)})
    with pytest.raises(InstitutionError, match="DEU"):
        replay_decisions((odd,))


def test_the_command_counts_and_lists_the_decisions(tmp_path):
    out = tmp_path / "decisions.csv"
    assert CliRunner().invoke(get_command(app), ["bodies", "replay"]).exit_code == 0
    assert CliRunner().invoke(get_command(app), ["bodies", "replay", "decisions", "--out", str(out)]).exit_code == 0
    assert pd.read_csv(out)["agrees"].all()
