"""Bodies on days: members, weights, rules, votes; and bodies changed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from small_body import SMALL, write_body

from orrery.base.errors import InstitutionError
from orrery.institutions.blocks import RuleBlock
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_bodies, load_body
from orrery.institutions.electorate import Electorate
from orrery.institutions.games import Threshold
from orrery.institutions.periods import parse_period
from orrery.institutions.rules import Stages, read_rule
from orrery.institutions.votes import NO, YES, Ballot


@pytest.fixture
def club(tmp_path) -> Body:
    return load_body("CLUB", write_body(tmp_path))


@pytest.mark.parametrize(
    ("day", "members"),
    [
        ((1950, 1, 1), ("FRA", "ITA")),
        ((1960, 1, 1), ("ESP", "FRA", "ITA")),
        ((1969, 12, 31), ("ESP", "FRA", "ITA")),
        ((1970, 1, 1), ("FRA", "ITA", "PRT")),
        ((1980, 1, 1), ("ESP", "FRA", "ITA", "PRT")),
        ((1999, 12, 31), ("ESP", "FRA", "ITA", "PRT")),
        ((2000, 1, 1), ()),
    ],
)
def test_members_of_a_day_both_ends_included(club, day, members):
    assert club.members(date(*day)) == members


def test_members_of_other_statuses(club):
    assert club.members(date(1950, 1, 1), ("observer",)) == ("CHE",)
    assert club.members(date(1950, 1, 1), ("permanent", "observer")) == ("CHE", "FRA", "ITA")


def test_weights_and_rules_change_with_the_day(club):
    early, late = club.on(date(1965, 1, 1)), club.on(date(1985, 1, 1))
    assert early.electorate.weights["votes"][0] == 2.5
    assert late.rule().game() == Threshold((3, 4, 4, 2), 10)
    assert early.matters == ("decision", "budget")
    votes = np.array([YES, YES, NO], np.int8)
    assert not early.rule().passes(votes)
    assert not early.rule("budget").passes(votes)
    assert early.rule("budget").passes(np.array([NO, YES, YES], np.int8))


@pytest.mark.parametrize(
    ("day", "matter", "message"),
    [
        ((1955, 1, 1), "budget", "club.toml, body CLUB, 1955-01-01, `by`: there are no weights 'votes'"),
        ((1955, 1, 1), "budgets", "body CLUB, 1955-01-01, `matter`: 'budgets' came. Did you mean 'budget'?"),
        ((1949, 12, 31), None, "body CLUB, 1949-12-31: the body exists from 1950-01-01 to 1999-12-31"),
        ((2000, 1, 1), None, "body CLUB, 2000-01-01: the body exists from"),
    ],
)
def test_what_is_missing_on_a_day_is_an_error(club, day, matter, message):
    with pytest.raises(InstitutionError) as refused:
        club.rule(matter, date(*day))
    assert message in str(refused.value)


def test_a_matter_without_a_rule_on_the_day_is_an_error(club):
    shorter = club.changed(rules=club.rules[1:])
    with pytest.raises(InstitutionError) as refused:
        shorter.rule(None, date(1955, 1, 1))
    assert "body CLUB, 1955-01-01, `rules`: there is no rule for 'decision' on this day" in str(refused.value)
    assert "the file has it for 1980-01-01/" in str(refused.value)
    with pytest.raises(InstitutionError, match="`rules`: there are none"):
        club.changed(rules=()).rule(None, date(1955, 1, 1))


def test_members_beyond_what_is_known_are_an_error(club):
    elected = club.changed(known_until=date(1989, 12, 31))
    assert elected.members(date(1989, 12, 31))
    for ask in (elected.members, elected.on):
        with pytest.raises(InstitutionError, match="1990-01-01, `membership`: members are known until 1989-12-31"):
            ask(date(1990, 1, 1))


@pytest.mark.parametrize(
    ("ballot", "message"),
    [
        (Ballot(yes=("GRC",)), "body CLUB, 1965-01-01, `yes`: 'GRC' is not a voting member"),
        (Ballot(no=("CHE",)), "`no`: 'CHE' is not a voting member"),
        (Ballot(yes=("FRA",), no=("FRA",)), "`no`: FRA votes twice, also in `yes`"),
        (Ballot(absent=("FRA", "FRA")), "`absent`: FRA votes twice"),
        (Ballot(others="maybe"), "`others`: 'maybe' came"),
        ({"adoption": Ballot()}, "the matter has no stages"),
    ],
)
def test_bad_ballots_are_refused(club, ballot, message):
    with pytest.raises(InstitutionError) as refused:
        club.on(date(1965, 1, 1)).vote(ballot)
    assert message in str(refused.value)


def test_bad_arrays_of_votes_are_refused(club):
    sitting = club.on(date(1965, 1, 1))
    with pytest.raises(InstitutionError, match="2 votes and 3 names came; the rule has 3 members"):
        sitting.rule().explain(np.array([YES, NO], np.int8), sitting.members)
    with pytest.raises(InstitutionError, match=r"the codes \[7\] came; allowed are 0 \(yes\)"):
        sitting.rule().explain(np.array([YES, NO, 7], np.int8), sitting.members)


def test_bad_electorates_are_refused():
    with pytest.raises(InstitutionError, match="A is a member twice"):
        Electorate(("A", "A"), ("member", "member"))
    with pytest.raises(InstitutionError, match="`statuses`: 1 came for 2 members"):
        Electorate(("A", "B"), ("member",))
    with pytest.raises(InstitutionError, match="nobody votes"):
        Electorate((), ())
    with pytest.raises(InstitutionError, match="'UN' came; no other bodies are known"):
        Electorate(("A",), ("member",)).of_body("UN")


def test_a_changed_body_is_another_one_and_is_checked(club):
    rule = RuleBlock(
        matter="decision",
        period=parse_period("1950-01-01/"),
        source="treaty",
        rule=read_rule({"unanimity": "all"}),
        default=True,
    )
    changed = club.changed(rules=(rule,))
    assert changed.rule(None, date(1965, 1, 1)).game() == Threshold((1, 1, 1), 3)
    assert club.rule(None, date(1985, 1, 1)).game() == Threshold((3, 4, 4, 2), 10)
    block = club.membership[0]
    block = block.model_copy(update={"countries": {"XXY": block.countries["FRA"]}})
    with pytest.raises(InstitutionError, match=r"club\.toml, body CLUB, `membership` 1 `countries\.XXY`"):
        club.changed(membership=(block,))
    with pytest.raises(InstitutionError, match=r"body CLUB, `area`.*'sport' came"):
        club.changed(area="sport")


def test_a_body_is_found_by_code_name_or_alias_and_in_ones_own_folder_first(tmp_path):
    own = write_body(tmp_path, SMALL.replace('"CLUB"\nname', '"UNSC"\nname'), "unsc.toml")
    assert load_body("unsc").name == load_body("Security Council").name == "United Nations Security Council"
    assert load_body("UNSC", own).name == load_body("club of four", own).name == "The Club"
    assert load_body("UN", own).code == "UN"
    assert list(load_bodies(own)) == ["UNSC"]


def test_a_body_of_ones_own_may_take_the_members_of_a_shipped_one(tmp_path):
    text = SMALL.replace('[[membership]]\nstatus = "observer"', '[[membership]]\nstatus = "associate"').replace(
        'countries = { CHE = "1950-01-01/1979-12-31" }', 'same_as = "UN"'
    )
    with pytest.raises(InstitutionError, match="FRA is a member twice"):
        load_body("CLUB", write_body(tmp_path, text))
    head = text.split("[[membership]]")[0]
    alone = head + '[[membership]]\nstatus = "member"\nsource = "treaty"\nsame_as = "UN"\n'
    body = load_body("CLUB", write_body(tmp_path, alone))
    assert body.members(date(1950, 1, 1)) == load_body("UN").members(date(1950, 1, 1))
    # Members of the other body's life are cut to this one's.
    assert {period.start for code, _, period in body.spells() if code == "USA"} == {date(1950, 1, 1)}


def test_stages_of_other_bodies_vote_there():
    un = load_body("UN")
    sitting = un.on(date(1999, 9, 14))
    rule = sitting.rule("admission")
    assert isinstance(rule, Stages)
    assert [len(stage.members) for stage in rule.stages] == [15, 188]
    refused = Ballot(no=("CHN",), others="yes")
    assert not sitting.vote({"recommendation": refused, "decision": Ballot(others="yes")}, "admission").passed
    assert sitting.vote({"recommendation": Ballot(others="yes"), "decision": refused}, "admission").passed
    with pytest.raises(InstitutionError, match="the matter has the stages recommendation, decision"):
        sitting.vote(Ballot(others="yes"), "admission")
    with pytest.raises(InstitutionError, match="there is no stage 'vote'; the stages are recommendation, decision"):
        sitting.vote({"vote": Ballot()}, "admission")
    with pytest.raises(InstitutionError, match="the stages 'decision' came; give the votes of each"):
        sitting.vote({"decision": Ballot()}, "admission")
    with pytest.raises(InstitutionError, match="1 sets came; there are 2 stages"):
        rule.passes([np.zeros(15, np.int8)])
