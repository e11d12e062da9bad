"""From the dated catalogue to the bodies of a start year: known members and rules, every start year, reforms."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from orrery.base.errors import SimulationError
from orrery.data.countries import un_members
from orrery.institutions.catalogue import load_bodies
from orrery.institutions.games import passes
from orrery.institutions.reform import admitted, named_reform, ruled
from orrery.institutions.rules.stages import Stages
from orrery.world.bodies import AREAS, ObservedBodies
from orrery.world.from_catalogue import observed_bodies, reformed_by
from orrery.world.rule_rows import alternatives_of

DAY = date(2024, 12, 31)
COUNTRIES = un_members(DAY)
DEPTH = {"EU": 0.6, "NATO": 0.2, "WTO": 0.4, "OSCE": 0.1}
N_BODIES = 87
"""Bodies in being on `DAY`, by the catalogue."""


def capability(n_countries: int) -> np.ndarray:
    shares = np.random.default_rng(0).lognormal(0, 2, n_countries)
    return shares / shares.sum()


CAPABILITY = capability(len(COUNTRIES))


@pytest.fixture(scope="module")
def bodies() -> ObservedBodies:
    return observed_bodies(COUNTRIES, DAY, CAPABILITY, depth=DEPTH)


def carries(bodies: ObservedBodies, code: str, yes: np.ndarray, version: int = 0) -> np.ndarray:
    """Tell whether those in favour (batch, country) carry a motion among the members of the start day."""
    place = bodies.place(code)
    votes = np.where(bodies.member[place], yes, False)
    member = bodies.member[place].astype(float)
    return np.any(
        [
            np.all([votes @ row.weight >= row.share * (member @ row.weight) - 1e-9 for row in alternative], axis=0)
            for alternative in alternatives_of(bodies.rules, place, version)
        ],
        axis=0,
    )


def test_every_body_in_being_is_there(bodies: ObservedBodies) -> None:
    assert bodies.in_being.sum() == N_BODIES
    assert bodies.open_place.sum() == 24
    assert bodies.members("USMCA") == ("CAN", "MEX", "USA")
    assert len(bodies.members("NATO")) == 32
    assert len(bodies.members("EU")) == 27
    assert [bodies.records[bodies.place("WTO")].assumed[0]] == ["TWN left out: not among the countries"]


@pytest.mark.parametrize("year", range(1992, 2025))
def test_every_start_year_works(year: int) -> None:
    day = date(year, 12, 31)
    countries = un_members(day)
    bodies = observed_bodies(countries, day, capability(len(countries)), depth=DEPTH, open_places=2)
    assert (bodies.member[bodies.in_being].sum(1) >= 2).all()
    assert set(bodies.members("UN")) == set(countries)
    for code in ("UNSC", "G7", "NATO"):
        assert bodies.in_being[bodies.place(code)]


def test_rules_decide_as_the_catalogue_does(bodies: ObservedBodies) -> None:
    """Put random votes of members to the rule of the catalogue and to that over the axis."""
    random = np.random.default_rng(1)
    checked = 0
    for code, body in load_bodies().items():
        if code not in bodies.codes or set(body.members(DAY)) - set(COUNTRIES):
            continue
        record = bodies.records[bodies.place(code)]
        rule = body.rule(record.matter, DAY) if record.matter in body.matters and code != "AIIB" else None
        if rule is None or isinstance(rule, Stages):
            continue
        yes = random.random((200, len(COUNTRIES))) < random.beta(2, 1, (200, 1))
        yes[0] = True
        places = [COUNTRIES.index(one) for one in body.members(DAY)]
        expected = passes(rule.game(), yes[:, places])
        assert (carries(bodies, code, yes) == np.asarray(expected)).all(), code
        checked += 1
    assert checked > 50


def test_known_rules(bodies: ObservedBodies) -> None:
    permanent = np.isin(COUNTRIES, ("CHN", "FRA", "GBR", "RUS", "USA"))
    council = bodies.member[bodies.place("UNSC")]
    assert carries(bodies, "UNSC", permanent | (np.cumsum(council & ~permanent) <= 4))
    assert not carries(bodies, "UNSC", permanent | (np.cumsum(council & ~permanent) <= 3))
    assert not carries(bodies, "UNSC", council & (np.array(COUNTRIES) != "FRA"))
    assert not carries(bodies, "NATO", np.array(COUNTRIES) != "TUR")
    assert bodies.records[bodies.place("UN")].assumed[0] == "decides by the rule of UNGA"


def test_a_body_without_a_rule_decides_by_capability(bodies: ObservedBodies) -> None:
    (requirement,) = bodies.versions()[bodies.place("IBRD")][0][0]
    assert requirement.weight / requirement.weight.sum() == pytest.approx(CAPABILITY, abs=1e-6)
    assert requirement.share == pytest.approx(0.5, abs=1e-6)
    assert any("the file has no rule" in one for one in bodies.records[bodies.place("IBRD")].assumed)


def test_countries_that_are_no_members_yet_have_weights(bodies: ObservedBodies) -> None:
    fund = bodies.versions()[bodies.place("NDB")][0][0][0]
    member = bodies.member[bodies.place("NDB")]
    ratio = fund.weight[member].sum() / CAPABILITY[member].sum()
    assert fund.weight[~member] == pytest.approx(ratio * CAPABILITY[~member])
    heads, vetoes = sorted(bodies.versions()[bodies.place("UNSC")][0][0], key=lambda row: row.share)
    assert (heads.weight == 1).all()
    assert vetoes.weight.sum() == 5


def test_areas_parents_and_terms(bodies: ObservedBodies) -> None:
    assert AREAS[bodies.area[bodies.place("OPEC")]] == "economy"
    assert AREAS[bodies.area[bodies.place("WHO")]] == "environment, health and technology"
    assert bodies.parent[bodies.place("UNSC")] == bodies.place("UN")
    elected = np.array(bodies.codes)[bodies.elected]
    assert elected.tolist() == ["IAEA-BOARD", "UNHRC", "UNSC"]


def test_who_is_eligible(bodies: ObservedBodies) -> None:
    may = {
        code: set(np.array(COUNTRIES)[row].tolist()) for code, row in zip(bodies.codes, bodies.eligible, strict=True)
    }
    assert may["UNSC"] == set(COUNTRIES)
    assert may["EU-COUNCIL"] == may["EU"] >= {"GBR", "UKR", "NOR"}
    assert not may["EU"] & {"BRA", "JPN", "KEN"}
    assert "CHN" in may["CPTPP"]
    assert not may["AU"] & {"FRA", "CHN"}


def test_depths_that_are_not_known_are_assumed(bodies: ObservedBodies) -> None:
    assert bodies.depth[bodies.place("EU")] == DEPTH["EU"]
    assert bodies.depth[bodies.place("ASEAN")] == np.median([0.6, 0.2, 0.4])
    assert bodies.depth[bodies.place("ARCTIC-COUNCIL")] == DEPTH["OSCE"]
    assert bodies.depth[bodies.place("G7")] == np.quantile(list(DEPTH.values()), 0.25)
    assert bodies.records[bodies.place("EU")].depth_status == "given"
    assert bodies.records[bodies.place("G7")].depth_status == "assumed"


def test_members_of_the_last_known_day() -> None:
    later = observed_bodies(COUNTRIES, date(2027, 6, 30), CAPABILITY, depth=DEPTH, open_places=0)
    record = later.records[later.place("UNSC")]
    assert record.members_on == date(2026, 12, 31)
    assert record.assumed[0] == "members of 2026-12-31, the last day for which they are known"


def test_a_reform_of_the_security_council(bodies: ObservedBodies) -> None:
    reformed = reformed_by(bodies, "UNSC", lambda on: named_reform("unsc-g4", on), CAPABILITY)
    assert (reformed.version, reformed.entering, reformed.leaving) == (1, ("BRA", "DEU", "IND", "JPN"), ())
    vetoes = reformed.bodies.versions()[bodies.place("UNSC")][1][0]
    holders = next(row.weight > 0 for row in vetoes if row.unanimous)
    assert set(np.array(COUNTRIES)[holders].tolist()) == {
        *("CHN", "FRA", "GBR", "RUS", "USA"),
        *("BRA", "DEU", "IND", "JPN"),
    }
    assert (reformed.bodies.member == bodies.member).all()


def test_a_reform_of_a_rule_alone(bodies: ObservedBodies) -> None:
    reformed = reformed_by(
        bodies, "NATO", lambda on: ruled("decision", {"yes": "2/3", "of": "members"}, on=on), CAPABILITY
    )
    assert (reformed.entering, reformed.leaving) == ((), ())
    not_turkey = np.array(COUNTRIES) != "TUR"
    assert not carries(reformed.bodies, "NATO", not_turkey, 0)
    assert carries(reformed.bodies, "NATO", not_turkey, 1)


def test_who_enters_by_a_reform_is_eligible(bodies: ObservedBodies) -> None:
    reformed = reformed_by(bodies, "RCEP", lambda on: admitted(("IND",), on=on), CAPABILITY)
    india = COUNTRIES.index("IND")
    assert reformed.bodies.eligible[bodies.place("RCEP"), india]


def test_what_cannot_be_is_refused(bodies: ObservedBodies) -> None:
    with pytest.raises(SimulationError, match="no body has two members"):
        observed_bodies(COUNTRIES, date(1900, 1, 1), CAPABILITY, depth=DEPTH)
    with pytest.raises(SimulationError, match="`depth`: none is known"):
        observed_bodies(COUNTRIES, DAY, CAPABILITY, depth={})
    with pytest.raises(SimulationError, match="`capability`"):
        observed_bodies(COUNTRIES, DAY, CAPABILITY[:-1], depth=DEPTH)
    with pytest.raises(SimulationError, match="changes neither the members of IMF"):
        reformed_by(bodies, "IMF", lambda on: named_reform("imf-quota-80", on), CAPABILITY)
    with pytest.raises(SimulationError, match="not of the catalogue"):
        reformed_by(bodies, "OPEN-01", lambda on: named_reform("unsc-g4", on), CAPABILITY)
