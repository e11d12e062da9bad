"""Reforms side by side: seats, representation, passage and power, each against what is known otherwise."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import jax
import numpy as np
import pytest
from scipy.stats import norm

from orrery.base.errors import InstitutionError
from orrery.institutions.catalogue import load_body
from orrery.institutions.reform import (
    REFORMS,
    admitted,
    chained,
    named_reform,
    removed,
    ruled,
    with_quota,
    without_veto,
)
from orrery.institutions.reform.compare import MOTIONS, Motions, Positions, compare, draw_motions

ON = date(2026, 1, 1)
KEY = jax.random.key(7)
G4 = ("BRA", "DEU", "IND", "JPN")
ONE = Motions(np.array([0.5]), np.array([-0.5]))


@pytest.fixture(scope="module")
def council():
    return load_body("UNSC")


def named(body: str) -> dict:
    return {name: named_reform(name, ON) for name, known in REFORMS.items() if known.body == body}


def test_the_council_beside_its_reforms(council, baseline):
    compared = compare(KEY, council, named("UNSC"), on=ON, panel=baseline, members=("USA", "IND"))
    frame = compared.to_frame().set_index("reform")
    assert frame["members"].tolist() == [15, 19, 19, 17, 15, 15]
    assert frame["veto_holders"].tolist() == [5, 9, 5, 7, 0, 0]
    assert frame.loc["unsc-g4", "joined"] == "BRA, DEU, IND, JPN"
    assert frame.loc["as it is", "vetoes"] == "CHN, FRA, GBR, RUS, USA"
    assert frame.loc["unsc-without-veto", "rule"] == "at least 9 in favour"
    assert frame.loc["as it is", "power_USA"] == float(Fraction(421, 2145))
    assert np.isnan(frame.loc["as it is", "power_IND"])
    # Each of the new members has what the old permanent ones have.
    assert frame.loc["unsc-g4", "power_IND"] == frame.loc["unsc-g4", "power_USA"]
    # More vetoes, fewer motions; none, more: on the same motions, each and every one.
    assert (
        frame.loc["unsc-g4", "passage"] < frame.loc["as it is", "passage"] < frame.loc["unsc-without-veto", "passage"]
    )
    assert frame.loc["unsc-override-12", "passage_change"] > 0
    assert (frame["method"] == "exact (double precision)").all()
    assert (compared.year, compared.n_motions, compared.matter) == (2025, MOTIONS, "substantive")
    # Paired: a difference is surer than the two that it is between.
    apart = np.hypot(frame["passage_error"], frame.loc["as it is", "passage_error"])
    assert (frame["passage_change_error"] < 0.9 * apart).all()
    assert frame.loc["as it is", ["passage_change", "passage_change_error"]].tolist() == [0, 0]


def test_representation_is_counted(council, baseline):
    compared = compare(KEY, council, {"with": admitted(G4, on=ON)}, on=ON, panel=baseline, motions=ONE)
    frame = compared.to_frame()
    for row, extra in enumerate(((), G4)):
        members = [*council.members(ON), *extra]
        sits = np.isin(baseline.countries, members)
        for name in ("population", "gdp"):
            values = baseline.values(f"capability_{name}", year=2025)
            assert frame[f"{name}_share"][row] == pytest.approx(values[sits].sum() / np.nansum(values))
        assert frame["country_share"][row] == len(members) / 193
    assert frame["not_counted"].tolist() == ["", ""]
    assembly = compare(KEY, load_body("UNGA"), {}, on=ON, panel=baseline, motions=ONE).to_frame().iloc[0]
    assert assembly["country_share"] == 1
    assert 0.99 < assembly["population_share"] <= 1
    # No output is known of North Korea.
    assert assembly["not_counted"] == "PRK"


def test_passage_of_one_motion_by_hand(baseline):
    shanghai = load_body("SCO")
    members = shanghai.members(ON)
    positions = Positions({code: 0.1 * place for place, code in enumerate(members)}, dict.fromkeys(members, 0.5))
    compared = compare(KEY, shanghai, {"six": named_reform("sco-2001", ON)}, on=ON, positions=positions, motions=ONE)
    yes = {code: norm.cdf(positions.mean[code] / 0.5) for code in members}
    six = ("CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB")
    expected = [np.prod([yes[code] for code in who]) for who in (members, six)]
    np.testing.assert_allclose(compared.to_frame()["passage"], expected, rtol=1e-12)
    assert compared.to_frame()["passage_error"].tolist() == [0, 0]
    assert compared.to_frame()["passage_change"][1] == pytest.approx(expected[1] - expected[0])


def test_the_same_key_gives_the_same_and_another_differs_within_its_error(council, baseline):
    reforms = {"none": without_veto(on=ON)}
    first, again, other = (
        compare(key, council, reforms, on=ON, panel=baseline).to_frame() for key in (KEY, KEY, jax.random.key(8))
    )
    assert first.equals(again)
    for name in ("passage", "passage_change"):
        apart = abs(first[name][1] - other[name][1])
        assert 0 < apart < 4 * np.hypot(first[f"{name}_error"][1], other[f"{name}_error"][1])


def test_motions_are_drawn_from_the_proposers_and_more_begin_alike():
    positions = Positions({"AAA": -1.0, "BBB": 0.0, "CCC": 2.0}, dict.fromkeys(("AAA", "BBB", "CCC"), 0.1))
    some, more = (draw_motions(KEY, positions, ("AAA", "BBB", "CCC", "DDD"), count) for count in (50, 80))
    np.testing.assert_array_equal(more.proposals[:50], some.proposals)
    assert set(more.proposals.tolist()) == {-1, 0, 2}
    assert (more.proposals != more.status_quo).all()
    assert more.drawn
    with pytest.raises(InstitutionError, match="1 different positions"):
        draw_motions(KEY, positions, ("AAA", "DDD"))


def test_where_sums_are_too_many_votes_are_drawn_with_the_same_luck(monkeypatch, council, baseline):
    reforms = {"g4": named_reform("unsc-g4-without-veto", ON), "ten": with_quota(10, on=ON)}
    given = Motions(np.array([1.0, -1.0]), np.array([-1.0, 0.5]))
    exact = compare(KEY, council, reforms, on=ON, panel=baseline, motions=given).to_frame()
    monkeypatch.setattr("orrery.institutions.reform.compare.MOST_NODES", 10)
    drawn = compare(KEY, council, reforms, on=ON, panel=baseline, motions=given)
    frame = drawn.to_frame()
    assert (frame["method"] == "Monte Carlo").all()
    assert drawn.n_motions == 2
    assert (abs(frame["passage"] - exact["passage"]) <= 4 * frame["passage_error"]).all()
    assert (frame["passage_error"] > 0).all()
    # A higher quota never lets more pass on any draw.
    assert frame["passage"][2] <= frame["passage"][0]
    sampled = compare(KEY, council, reforms, on=ON, panel=baseline).to_frame()
    assert (sampled["method"] == "Monte Carlo").all()


def test_a_country_has_the_same_luck_whoever_else_sits(monkeypatch, council, baseline):
    monkeypatch.setattr("orrery.institutions.reform.compare.MOST_NODES", 1)
    unanimous = {"among": {"members": ["CHN", "FRA", "GBR", "RUS", "USA"], "rule": {"unanimity": "all"}}}
    five = ruled("substantive", unanimous, on=ON)(council)
    reforms = {"more": admitted(G4, on=ON), "fewer": removed(("DNK", "GRC"), on=ON)}
    frame = compare(KEY, five, reforms, on=ON, panel=baseline).to_frame()
    assert (frame["method"] == "Monte Carlo").all()
    assert 0 < frame["passage"][0] < 1
    assert frame["passage_change_error"].tolist() == [0, 0, 0]


def test_members_without_a_position_are_refused_or_vote_as_told(baseline):
    fund, on = load_body("NDB"), date(2025, 6, 1)
    members = fund.members(on)
    known = Positions.of_panel(baseline, 2025)
    fewer = Positions({code: mean for code, mean in known.mean.items() if code != "BRA"}, known.sd)
    with pytest.raises(InstitutionError, match="`positions`: BRA have none"):
        compare(KEY, fund, {}, on=on, panel=baseline, positions=fewer, motions=ONE)
    always, never = (
        compare(KEY, fund, {}, on=on, panel=baseline, positions=fewer, motions=ONE, unplaced=chance).to_frame().iloc[0]
        for chance in (1.0, 0.0)
    )
    assert "BRA" in members
    assert always["unplaced"] == "BRA"
    assert always["passage"] > never["passage"]


def test_a_decision_in_stages_is_compared_over_all_who_vote(baseline):
    nations = load_body("UN")
    reforms = {"fewer": chained(removed(("FRA",), on=ON))}
    frame = compare(KEY, nations, reforms, on=ON, matter="amendment", panel=baseline, motions=ONE).to_frame()
    assert frame["veto_holders"].tolist() == [5, 4]
    assert frame["rule"][0].startswith("adoption")


def test_the_comparison_converts(council, baseline):
    compared = compare(KEY, council, named("UNSC"), on=ON, panel=baseline, motions=ONE, members=("USA",))
    arrays = compared.to_xarray()
    assert arrays.sizes == {"reform": 6}
    assert arrays["power_USA"].sel(reform="as it is") == float(Fraction(421, 2145))
    assert arrays.attrs == {
        "on": "2026-01-01",
        "matter": "substantive",
        "year": 2025,
        "index": "shapley-shubik",
        "n_motions": 1,
    }
    assert compared.to_polars().shape == compared.to_frame().shape


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reforms": {"as it is": without_veto(on=ON)}}, "the name 'as it is'"),
        ({"index": "banzaf", "members": ("USA",)}, "Did you mean 'banzhaf'"),
        ({"on": date(2040, 1, 1)}, "known until"),
        ({"matter": "budget"}, "'budget' came"),
        ({"motions": Motions(np.array([1.0]), np.array([1.0]))}, "which is the status quo"),
        ({"unplaced": 1.5, "positions": Positions({}, {}), "motions": ONE}, "1.5 came; give probabilities"),
    ],
)
def test_comparisons_that_make_no_sense_are_refused(council, baseline, options, words):
    with pytest.raises(InstitutionError, match=words):
        compare(KEY, council, **{"reforms": {}, "on": ON, "panel": baseline, **options})
