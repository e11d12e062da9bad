"""Reasons in words, and what is refused with a message that says what to do."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from negotiation.bargaining.small_tables import MAJORITY, UNANIMITY, play, table_of
from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.bargaining import conduct, proposals, reasons, setting, talk
from orrery.negotiation.requirements import requirements

PARTIES = ("CHE", "NOR", "ISL", "LIE")
ISSUES = ("tariffs", "quotas")
PRESSING = {
    "position": [[0.8, 0.2], [0.8, 0.3], [0.9, 0.2], [0.8, 1.0]],
    "salience": [[1.0, 0.1], [1.0, 0.1], [1.0, 0.1], [0.4, 0.6]],
    "on_table": [True, False],
}
FAR = [[0.8, 0.2], [0.7, 0.3], [0.9, 0.2], [0.1, 0.9]]


def said(table, manner, game=UNANIMITY):
    return reasons(play(table, manner, game), table, PARTIES, ISSUES)


def test_a_deadlock_names_who_blocks_and_nothing_else():
    (only,) = said(table_of(**PRESSING), conduct(0.2))
    assert only == "No agreement after 120 rounds: no text satisfied LIE, whose consent was needed."


def test_a_package_names_what_was_brought_in_and_who_conceded():
    ending, package, concession = said(table_of(**PRESSING, may_package=True), conduct(0.2))
    assert ending.startswith("Agreed after 4.8 years (23 rounds), at a depth of 0.10; LIE was the last")
    assert package == "Brought into the package: quotas."
    # Two fifths of the weight and 57 points away on the second issue; the others are near on what they care about.
    assert concession == "The greatest concession: LIE on quotas, 57 points from its position."


def test_who_leaves_is_named_and_not_counted_as_outvoted():
    found = said(table_of(FAR, may_leave=True), conduct(0.08))
    assert "Left while the others went on: LIE." in found
    assert not any("outvoted" in one for one in found)


def test_who_is_outvoted_and_the_chance_of_ratification_are_named():
    table = table_of(FAR, ratifies=[True, False, False, True])
    found = said(table, conduct(0.08), MAJORITY)
    assert "Bound without gaining, or outvoted: LIE." in found
    chance = float(play(table, conduct(0.08), MAJORITY).ratification)
    assert found[-1] == f"Chance that all who must ratify do: {chance:.0%}."


@pytest.mark.parametrize("rule", [Threshold((1,) * 3, 3), requirements(Threshold((1,) * 3, 3))], ids=["game", "arrays"])
def test_a_rule_for_others_is_refused(rule):
    with pytest.raises(NegotiationError, match=r"`acceptability`: 4 parties came; the (game|rule) has"):
        talk(table_of(FAR), conduct(0.5), rule)


@pytest.mark.parametrize(
    ("further", "message"),
    [
        ({"reservation": [0.0] * 3}, r"`reservation`: an array of shape \(3,\) came; give \(4,\)"),
        ({"salience": [[1.0, 1.0]] * 3 + [[0.0, 0.0]]}, "`salience`: party 3 cares about no issue"),
        ({"salience": [[1.0, 1.0]] * 3 + [[2.0, -1.0]]}, "`salience`: -1.0 came"),
        ({"influence": [0.0] * 4}, "`influence`: nobody has any"),
        ({"influence": [1.0, 1.0, 1.0, float("nan")]}, "`influence`: not all of its numbers are finite"),
        ({"on_table": [True] * 3}, r"`on_table`: an array of shape \(3,\) came; give \(2,\)"),
        ({"reservation": [-0.5, 0, 0, 0]}, "`reservation`: -0.5 came"),
        ({"leader": [1, 2]}, r"`leader`: an array of shape \(2,\) came; give \(\)"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_malformed_setting_is_refused(further, message):
    with pytest.raises(NegotiationError, match=message):
        table_of(FAR, **further)


def test_a_position_that_is_missing_is_refused():
    with pytest.raises(NegotiationError, match="`position`: not all of its numbers are finite"):
        setting(jnp.asarray([[0.1], [jnp.nan]]))


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        ({"stake": 0.0}, "`stake`: 0.0 came; give a number above 0"),
        ({"stake": 1.0, "concession": -0.3}, "`concession`: -0.3 came"),
        ({"stake": 1.0, "boldness": 1.5}, "`boldness`: 1.5 came; give a share from 0 to 1"),
        ({"stake": 1.0, "linkage": float("nan")}, "`linkage`: nan came"),
    ],
)
def test_a_conduct_outside_its_range_is_refused(manner, message):
    with pytest.raises(NegotiationError, match=message):
        conduct(**manner)


@pytest.mark.parametrize(
    ("further", "message"),
    [
        ({"patience": 1.0}, "`patience`: 1.0 came"),
        ({"temperature": 0.0}, "`temperature`: 0.0 came"),
        ({"game": Threshold((1,) * 4, 3)}, "`game`: one of 4 members came; `utility` has 3 parties"),
        ({"recognition": jnp.zeros(3)}, "`recognition`: give numbers of 0 and more, not all of them 0"),
        ({"recognition": jnp.asarray([1.0, -1.0, 1.0])}, "`recognition`: give numbers of 0 and more"),
    ],
)
def test_malformed_proposers_are_refused(further, message):
    usual = {"utility": jnp.eye(3), "waiting": jnp.zeros(3), "game": Threshold((1,) * 3, 2)}
    with pytest.raises(NegotiationError, match=message):
        proposals(**{**usual, **further})
