"""Reforms: what each elementary change does from its day on, that nothing before it moves, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from institutions.small_body import write_body
from orrery.base.errors import InstitutionError
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_body
from orrery.institutions.coalitions import veto_members
from orrery.institutions.reform import (
    REFORMS,
    Reform,
    admitted,
    as_on,
    chained,
    named_reform,
    pooled,
    removed,
    reweighted,
    ruled,
    ruled_as,
    split,
    sunset,
    with_override,
    with_quota,
    with_veto,
    without_veto,
)
from orrery.institutions.reform.named import blended, by_formula, enlarged
from orrery.institutions.votes import Ballot

ON = date(2026, 1, 1)
G4 = ("BRA", "DEU", "IND", "JPN")
P5 = {"CHN", "FRA", "GBR", "RUS", "USA"}
UNION = ("AUT", "BEL", "DEU", "ESP", "FRA", "ITA", "NLD", "PRT")


@pytest.fixture(scope="module")
def council() -> Body:
    return load_body("UNSC")


@pytest.fixture(scope="module")
def union() -> Body:
    return load_body("EU-COUNCIL")


@pytest.fixture
def club(tmp_path) -> Body:
    return load_body("CLUB", write_body(tmp_path / "bodies"))


def passes(body: Body, day: date, ballot: Ballot, matter: str | None = None) -> bool:
    return body.on(day).vote(ballot, matter).passed


def votes_of(body: Body, day: date, name: str = "votes") -> dict[str, float]:
    electorate = body.electorate(day)
    return dict(zip(electorate.members, map(float, electorate.weights[name]), strict=True))


def vetoers(body: Body, day: date, matter: str | None = None) -> set[str]:
    sitting = body.on(day)
    return {sitting.members[who] for who in veto_members(sitting.rule(matter).game())}


def same_before(before: Body, after: Body, on: date, days: int = 3) -> bool:
    """Tell whether members, weights and rules of some days before a reform are as they were."""
    for back in (1, 40, 400)[:days]:
        day = on - timedelta(days=back)
        one, other = before.on(day), after.on(day)
        if replace(one.electorate, place="", elsewhere=None) != replace(other.electorate, place="", elsewhere=None):
            return False
        if one.matters != other.matters:
            return False
        rules = [[body.rule_block(matter, day).rule for matter in one.matters] for body in (before, after)]
        if rules[0] != rules[1]:
            return False
    return True


COUNCIL_REFORMS: dict[str, Reform] = {
    "admitted": admitted(G4, on=ON, status="permanent"),
    "admitted in proportion": admitted(G4, on=ON, in_proportion=True),
    "removed": removed(("FRA",), on=ON),
    "removed in proportion": removed(("FRA", "GBR"), on=ON, in_proportion=True),
    "as on": as_on(date(2000, 6, 1), on=ON),
    "ruled": ruled("substantive", {"yes": "2/3", "of": "members"}, on=ON),
    "ruled anew": ruled("mission", {"yes": 8}, on=ON),
    "ruled as": ruled_as("substantive", "procedural", on=ON),
    "without veto": without_veto(on=ON),
    "without one veto": without_veto(on=ON, of=("RUS",)),
    "with veto": chained(admitted(("IND",), on=ON), with_veto(("IND",), "procedural", on=ON)),
    "with override": with_override(12, on=ON),
    "with quota": with_quota(11, on=ON),
    "pooled": pooled(("FRA", "GBR"), "FRA", on=ON),
    "chained": chained(admitted(G4, on=ON, status="permanent"), without_veto(on=ON), with_quota(13, on=ON)),
}


@pytest.mark.parametrize("name", COUNCIL_REFORMS)
def test_nothing_before_the_reform_moves_and_the_body_that_came_stays(council, name):
    was = council.model_dump()
    reformed = COUNCIL_REFORMS[name](council)
    assert same_before(council, reformed, ON)
    assert council.model_dump() == was
    assert reformed != council
    # A reformed body is a body like any other: it is read back as it is.
    assert reformed.changed() == reformed


def test_members_are_admitted_with_a_status(council):
    larger = COUNCIL_REFORMS["admitted"](council)
    assert set(larger.members(ON)) == set(council.members(ON)) | set(G4)
    assert vetoers(larger, ON) == P5 | set(G4)
    assert not passes(larger, ON, Ballot(no=("IND",), others="yes"))
    assert larger.rule_block(None, ON).rule.in_words().startswith("at least 9")
    without = COUNCIL_REFORMS["admitted in proportion"](council)
    assert vetoers(without, ON) == P5
    # 9 of 15 is 11.4 of 19, hence 12.
    assert without.rule_block("procedural", ON).rule.to_table() == {"yes": 12}
    assert without.rule_block("election", ON).rule == council.rule_block("election", ON).rule


def test_a_member_that_is_admitted_anew_gets_its_new_status_from_that_day(council):
    day = date(2022, 6, 1)
    reformed = admitted(("IND", "CHE"), on=day, status="permanent")(council)
    assert "IND" in reformed.members(day - timedelta(days=1), ("elected",))
    assert "IND" not in reformed.members(day, ("elected",))
    assert "IND" in reformed.members(date(2026, 5, 1), ("permanent",))
    # Switzerland's own term of 2023-2024 is within its permanent seat.
    assert "CHE" in reformed.members(date(2023, 5, 1), ("permanent",))


def test_an_observer_that_is_admitted_votes(club):
    day = date(1975, 1, 1)
    assert club.members(day, ("observer",)) == ("CHE",)
    joined = admitted(("CHE",), on=day, weights={"votes": {"CHE": 3}})(club)
    assert "CHE" in joined.members(day)
    assert joined.members(day, ("observer",)) == ()
    assert joined.members(day - timedelta(days=1), ("observer",)) == ("CHE",)
    # Weights come in later, and the new member then has one.
    assert votes_of(joined, date(1985, 1, 1)) == {"CHE": 3, "ESP": 3, "FRA": 4, "ITA": 4, "PRT": 2}


def test_members_are_removed(council):
    smaller = COUNCIL_REFORMS["removed"](council)
    assert set(council.members(ON)) - set(smaller.members(ON)) == {"FRA"}
    assert vetoers(smaller, ON) == P5 - {"FRA"}
    # Where all holders go, so does the veto.
    assert vetoers(removed(tuple(P5), on=ON)(council), ON) == set()
    # 9 of 15 is 7.8 of 13, hence 8.
    scaled = COUNCIL_REFORMS["removed in proportion"](council)
    assert scaled.rule_block("procedural", ON).rule.to_table() == {"yes": 8}


def test_a_removed_member_loses_its_weights_from_that_day(club, union):
    without = removed(("PRT",), on=date(1985, 1, 1))(club)
    assert votes_of(without, date(1985, 1, 1)) == {"ESP": 3, "FRA": 4, "ITA": 4}
    assert votes_of(without, date(1984, 12, 31)) == votes_of(club, date(1984, 12, 31))
    # Before later weights come in: none of them is left for who has gone.
    earlier = removed(("PRT",), on=date(1975, 1, 1))(club)
    assert votes_of(earlier, date(1985, 1, 1)) == {"ESP": 3, "FRA": 4, "ITA": 4}
    day = date(2025, 1, 1)
    gone = removed(("HUN",), on=day)(union)
    assert set(votes_of(union, day, "population")) - set(votes_of(gone, day, "population")) == {"HUN"}
    assert same_before(union, gone, day)


def test_the_members_of_another_day_come_back():
    shanghai = load_body("SCO")
    six = as_on(date(2002, 1, 1), on=ON)(shanghai)
    assert six.members(ON) == ("CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB")
    assert six.members(date(2024, 1, 1)) == shanghai.members(date(2024, 1, 1))
    early = as_on(date(2002, 1, 1), on=date(2010, 1, 1))(shanghai)
    # Nor do those come in who joined later.
    assert early.members(ON) == six.members(ON)


def test_weights_are_changed(union, club):
    day = date(1990, 1, 1)
    values = {"ESP": 1, "FRA": 7, "ITA": 1, "PRT": 1}
    heavier = reweighted("votes", values, on=day, unit="votes")(club)
    assert votes_of(heavier, day) == values
    assert votes_of(heavier, day - timedelta(days=1)) == votes_of(club, day - timedelta(days=1))
    assert passes(heavier, day, Ballot(no=("ITA",), others="yes")) is False
    with pytest.raises(InstitutionError, match="'votes' has no value for ESP"):
        reweighted("votes", {"FRA": 1, "ITA": 1, "PRT": 1}, on=day, unit="votes")(club)
    with pytest.raises(InstitutionError, match="USA is no voting member"):
        reweighted("votes", {**values, "USA": 1}, on=day, unit="votes")(club)


def test_rules_are_changed(council):
    shares = COUNCIL_REFORMS["ruled"](council)
    assert shares.rule_block(None, ON).rule.to_table() == {"yes": "2/3", "of": "members"}
    assert shares.default_matter == "substantive"
    anew = COUNCIL_REFORMS["ruled anew"](council)
    assert anew.on(ON).matters == (*council.on(ON).matters, "mission")
    assert passes(anew, ON, Ballot(yes=council.members(ON)[:8]), "mission")
    as_other = COUNCIL_REFORMS["ruled as"](council)
    assert as_other.rule_block(None, ON).rule == council.rule_block("procedural", ON).rule
    widened = ruled("substantive", lambda table: {"any": [table, {"unanimity": "present"}]}, on=ON)(council)
    assert widened.rule_block(None, ON).rule.in_words().count("or") == 1


def test_later_rules_give_way_to_the_reform(council):
    from_1960 = ruled("substantive", {"yes": 6}, on=date(1960, 1, 1))(council)
    assert from_1960.rule_block(None, date(1970, 1, 1)).rule.to_table() == {"yes": 6}
    assert from_1960.rule_block(None, date(1959, 12, 31)).rule == council.rule_block(None, date(1959, 12, 31)).rule


def test_vetoes_are_taken_given_and_overridden(council):
    russia_alone = Ballot(no=("RUS",), others="yes")
    assert not passes(council, ON, russia_alone)
    assert passes(COUNCIL_REFORMS["without veto"](council), ON, russia_alone)
    assert vetoers(COUNCIL_REFORMS["without veto"](council), ON) == set()
    assert passes(COUNCIL_REFORMS["without one veto"](council), ON, russia_alone)
    assert vetoers(COUNCIL_REFORMS["without one veto"](council), ON) == P5 - {"RUS"}
    none_left = without_veto(on=ON, of=tuple(P5))(council)
    assert none_left.rule_block(None, ON).rule.to_table() == {"yes": 9}
    assert vetoers(COUNCIL_REFORMS["with veto"](council), ON, "procedural") == {"IND"}
    over = COUNCIL_REFORMS["with override"](council)
    assert passes(over, ON, russia_alone)
    others = tuple(code for code in council.members(ON) if code not in {"RUS", "CHN", "USA", "FRA"})
    assert len(others) == 11
    assert not passes(over, ON, Ballot(yes=others, others="no"))
    assert passes(over, ON, Ballot(yes=(*others, "FRA"), others="no"))


def test_a_quota_is_changed(council, union):
    more = COUNCIL_REFORMS["with quota"](council)
    assert more.rule_block(None, ON).rule.in_words() == "at least 11 in favour; and no veto by permanent members"
    share = with_quota("3/4", on=ON)(council)
    assert share.rule_block(None, ON).rule.in_words().startswith("at least 3/4 of all members")
    assert with_quota(10, "election", on=ON)(council).rule_block("election", ON).rule.to_table() == {"more_than": 10}
    with pytest.raises(InstitutionError, match="counts of votes in favour; give the whole rule"):
        with_quota(10, on=date(2025, 1, 1))(union)


def test_a_body_ends(council, club):
    over = sunset(date(2024, 6, 30))(council)
    assert over.ended == date(2024, 6, 30)
    assert over.members(date(2024, 6, 30)) == council.members(date(2024, 6, 30))
    with pytest.raises(InstitutionError, match="exists from 1945-10-24 to 2024-06-30"):
        over.on(date(2024, 7, 1))
    # Who would have come later has no weights in what is left.
    short = sunset(date(1982, 1, 1))(removed(("PRT",), on=date(1981, 1, 1))(club))
    assert votes_of(short, date(1982, 1, 1)) == {"ESP": 3, "FRA": 4, "ITA": 4}
    with pytest.raises(InstitutionError, match="Name a day within"):
        sunset(date(1940, 1, 1))(club)


def test_seats_are_pooled(council, club, union):
    one = COUNCIL_REFORMS["pooled"](council)
    assert set(council.members(ON)) - set(one.members(ON)) == {"GBR"}
    day = date(1990, 1, 1)
    assert votes_of(pooled(("ESP", "PRT"), "PRT", on=day)(club), day) == {"FRA": 4, "ITA": 4, "PRT": 5}
    # Before the votes change: those of later years are pooled too.
    early = pooled(("FRA", "ITA"), "ITA", on=date(1965, 1, 1))(club)
    assert votes_of(early, date(1965, 1, 1)) == {"ESP": 2.5, "ITA": 8}
    assert votes_of(early, day) == {"ESP": 3, "ITA": 8, "PRT": 2}
    eight = pooled(UNION, "DEU", on=date(2025, 1, 1))(union)
    people = votes_of(union, date(2025, 1, 1), "population")
    assert votes_of(eight, date(2025, 1, 1), "population")["DEU"] == pytest.approx(sum(people[code] for code in UNION))
    with pytest.raises(InstitutionError, match="`seat`: 'USA'"):
        pooled(("FRA", "GBR"), "USA", on=ON)(council)


def test_rules_name_those_alone_that_still_vote():
    nations = load_body("UN")
    without = removed(("FRA",), on=ON)(nations)
    rule = without.rule_block("amendment", ON).rule
    assert "FRA" not in {code for part in rule.walk() for code in part.countries}
    assert "USA" in {code for part in rule.walk() for code in part.countries}
    assert same_before(nations, without, ON)
    council = chained(without_veto(on=ON, of=("CHN", "FRA", "GBR")), removed(("USA",), on=ON))(load_body("UNSC"))
    assert vetoers(council, ON) == {"RUS"}


def test_a_body_is_split(council):
    five, ten = split(council, tuple(P5), on=ON)
    assert set(five.members(ON)) == P5
    assert len(ten.members(ON)) == 10
    assert (vetoers(five, ON), vetoers(ten, ON)) == (P5, set())
    assert five.rule_block("procedural", ON).rule.to_table() == {"yes": 3}
    assert ten.rule_block("procedural", ON).rule.to_table() == {"yes": 6}
    assert five.members(date(2024, 1, 1)) == ten.members(date(2024, 1, 1)) == council.members(date(2024, 1, 1))


@pytest.mark.parametrize(
    ("reform", "words"),
    [
        (removed(("DEU",), on=ON), "UNSC, 2026-01-01, `countries`: DEU came, who do not vote then"),
        (admitted(("XXX",), on=ON), "XXX"),
        (admitted(("IND",), on=date(1940, 1, 1)), "`on`: the body exists from 1945-10-24"),
        (admitted(("IND",), on=ON, status="king"), "king"),
        (removed(("FRA",), on=date(2030, 1, 1)), "members are known until 2026-12-31"),
        (as_on(date(1945, 1, 1), on=ON), "nobody votes on this day"),
        (ruled("mission", lambda table: table, on=ON), "'mission' came"),
        (ruled("substantive", {"yes": 99}, on=ON), "99"),
        (ruled("substantive", {"majority": 8}, on=ON), "majority"),
        (ruled_as("substantive", "procedurl", on=ON), "Did you mean 'procedural'"),
        (without_veto("procedural", on=ON), "has no veto beside other requirements"),
        (without_veto(on=ON, of=("IND",)), "`of`: IND came, who hold no veto then"),
        (with_veto(("DEU",), on=ON), "DEU"),
        (reweighted("shares", {"USA": 1}, on=ON, unit="votes"), "'shares' has no value"),
    ],
)
def test_reforms_that_cannot_be_are_refused(council, reform, words):
    with pytest.raises(InstitutionError, match=words):
        reform(council)


def test_a_new_member_needs_the_weights_that_are_in_force(union):
    with pytest.raises(InstitutionError, match=r"'population' has no value for UKR.*'population': \{'UKR': \.\.\.\}"):
        admitted(("UKR",), on=date(2025, 1, 1))(union)
    larger = admitted(("UKR",), on=date(2025, 1, 1), weights={"population": {"UKR": 37_000}})(union)
    assert votes_of(larger, date(2025, 1, 1), "population")["UKR"] == 37_000


@pytest.mark.parametrize("name", REFORMS)
def test_every_named_reform_makes_a_body_and_says_where_it_is_from(name):
    known = REFORMS[name]
    body = load_body(known.body)
    reformed = named_reform(name, ON)(body)
    assert reformed.on(ON) != body.on(ON)
    assert same_before(body, reformed, ON)
    assert known.what.endswith(".")
    assert len(known.source) > 10


def test_what_named_reforms_say_is_so(council):
    def rule(name: str) -> str:
        return named_reform(name, ON)(council).rule_block(None, ON).rule.in_words()

    assert rule("unsc-g4").startswith("at least 12")
    assert vetoers(named_reform("unsc-g4", ON)(council), ON) == P5 | set(G4)
    assert vetoers(named_reform("unsc-g4-without-veto", ON)(council), ON) == P5
    assert rule("unsc-au").startswith("at least 11")
    assert rule("unsc-without-veto") == "at least 9 in favour"
    assert "at least 12 in favour" in rule("unsc-override-12")
    shanghai = load_body("SCO")
    members = [set(named_reform(name, ON)(shanghai).members(ON)) for name in ("sco-2001", "sco-2017")]
    assert members[1] - members[0] == {"IND", "PAK"}
    assert set(shanghai.members(ON)) - members[1] == {"BLR", "IRN"}
    fund = load_body("IMF")
    assert vetoers(fund, ON, "quota") == {"USA"}
    assert vetoers(named_reform("imf-quota-80", ON)(fund), ON, "quota") == set()
    union = load_body("EU-COUNCIL")
    assert len(vetoers(union, ON, "sanctions")) == 27
    assert vetoers(named_reform("eu-sanctions-qmv", ON)(union), ON, "sanctions") == set()
    with pytest.raises(InstitutionError, match="'unsc-g5' came"):
        named_reform("unsc-g5", ON)


def test_votes_by_a_formula():
    fund = load_body("IMF")
    members = fund.members(ON)
    shares = {code: 1.0 for code in members} | {"USA": 30.0, "CHN": 20.0}
    reformed = by_formula(shares, name="votes", on=ON)(fund)
    held = votes_of(reformed, ON)
    assert held["USA"] / held["CHN"] == pytest.approx(1.5, rel=1e-4)
    assert sum(held.values()) == pytest.approx(1_000_000, abs=len(members))
    tiny = by_formula({**shares, "TUV": 1e-12}, name="votes", on=ON)(fund)
    assert votes_of(tiny, ON)["TUV"] == 1
    with pytest.raises(InstitutionError, match="`shares`: TUV have none"):
        by_formula({code: 1.0 for code in members if code != "TUV"}, name="votes", on=ON)(fund)


def test_the_blend_of_outputs_of_the_quota_formula():
    blend = blended({"USA": 60.0, "CHN": 40.0}, {"USA": 40.0, "CHN": 60.0, "IND": 5.0})
    assert blend == pytest.approx({"USA": 0.6 * 0.6 + 0.4 * 0.4, "CHN": 0.6 * 0.4 + 0.4 * 0.6})
    assert sum(blend.values()) == pytest.approx(1)


def test_enlargement_keeps_the_quota_in_proportion(council):
    ten = enlarged(("AUS", "CAN", "IDN", "MEX", "NGA", "TUR", "VNM", "ZAF", "EGY", "ARG"), ON, veto=False)(council)
    assert ten.rule_block(None, ON).rule.in_words().startswith("at least 15")
    assert len(ten.members(ON)) == 25
