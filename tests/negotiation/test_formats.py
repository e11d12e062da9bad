"""Formats: who sits, with what votes, quota and vetoes, on real cases and one made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import load_case
from orrery.negotiation.formats import PRESETS, SCALARS, Format, layout, own_format, seating

CASES = ("UNSC-ENLARGEMENT", "EU-RUSSIA-2014", "JCPOA-2015", "PARIS-2015", "CORSIA-2016")


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_table_of_the_case(code, name):
    case, preset = load_case(code), PRESETS[name]
    places = seating(preset, case)
    one = layout(preset, case)
    seated, votes = np.asarray(one.seated), np.asarray(one.votes)
    assert np.flatnonzero(seated).tolist() == places
    assert 2 <= len(places) <= (preset.size or len(case.parties))
    assert (votes[seated] >= 1).all()
    assert (votes[~seated] == 0).all()
    # The quota is the least whole number of votes that is the share asked for.
    assert int(one.quota) >= preset.quota * votes.sum() - 1e-6 > int(one.quota) - 1
    assert np.asarray(one.veto).sum() == min(preset.n_vetoes, len(places))
    assert not (np.asarray(one.veto) & ~seated).any()
    assert [float(getattr(one, mean)) for mean in SCALARS] == pytest.approx(
        [getattr(preset, mean) for mean in SCALARS], rel=1e-6
    )
    assert float(one.sunset) == (preset.sunset or np.inf)


@pytest.mark.parametrize("code", CASES)
def test_the_seats_are_those_of_the_greatest_score(code):
    case = load_case(code)
    capability = np.array([party.capability for party in case.parties])
    weight = case.influence * case.salience.max(1)
    for score, preset in ((capability, "club"), (weight, "minilateral"), (weight, "trilateral")):
        places = seating(PRESETS[preset], case)
        outside = np.delete(score, places)
        assert score[places].min() >= outside.max(initial=0)


def test_who_is_willing_gains_by_the_text_of_those_that_want_to_move():
    case = load_case("EU-RUSSIA-2014")
    places = seating(PRESETS["project-coalition"], case)
    weight = case.salience / case.salience.sum(1, keepdims=True)
    away = (weight * (case.position - case.status_quo) ** 2).sum(1)
    share = case.influence * away
    text = share @ case.position / share.sum()
    gain = away - (weight * (case.position - text) ** 2).sum(1)
    assert places == np.flatnonzero(gain > 0).tolist()


def test_a_coalition_of_the_willing_needs_two_that_are_willing():
    with pytest.raises(NegotiationError, match="1 parties of case NEW-START-2010 would sit; it takes two"):
        layout(PRESETS["project-coalition"], load_case("NEW-START-2010"))


def test_vetoes_go_to_the_most_capable_of_those_seated():
    case = load_case("UNSC-ENLARGEMENT")
    capability = np.array([party.capability for party in case.parties])
    one = layout(PRESETS["security-council"], case)
    held, seated = np.asarray(one.veto), np.asarray(one.seated)
    assert held.sum() == 5
    assert capability[held].min() >= capability[seated & ~held].max(initial=0)
    everyone = Format(title="All with a veto", seats="all", veto="all")
    assert np.asarray(layout(everyone, case).veto).all()


def test_named_seats_are_those_named():
    case = load_case("NEW-START-2010")
    first, last = case.keys[0], case.keys[-1]
    chosen = Format(title="Two", seats="named", named=(last, first))
    assert seating(chosen, case) == [0, len(case.keys) - 1]
    with pytest.raises(NegotiationError, match=r"has no party XXX\. Its parties are"):
        seating(Format(title="Two", seats="named", named=(first, "XXX")), case)
    with pytest.raises(NegotiationError, match="1 parties of case NEW-START-2010 would sit; it takes two"):
        seating(Format(title="One", seats="named", named=(first,)), case)


def test_the_own_format_has_the_votes_and_vetoes_of_the_case():
    case = load_case("UNSC-ENLARGEMENT")
    one = own_format(case)
    assert np.asarray(one.votes).tolist() == list(case.seats.votes)
    assert np.asarray(one.veto).tolist() == list(case.seats.vetoes)
    assert np.asarray(one.seated).all()
    assert 0 < int(one.quota) <= sum(case.seats.votes)
    assert float(one.sunset) == np.inf


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seats": "named"}, "`named` goes with"),
        ({"seats": "all", "named": ("FRA",)}, "`named` goes with"),
        ({"seats": "all", "veto": "capable"}, "`n_vetoes` goes with"),
        ({"seats": "all", "n_vetoes": 2}, "`n_vetoes` goes with"),
        ({"seats": "named", "named": ("FRA", "FRA")}, "FRA came twice"),
        ({"seats": "all", "size": 1}, "greater than or equal to 2"),
        ({"seats": "all", "quota": 0.0}, "greater than 0"),
        ({"seats": "all", "quota": 1.1}, "less than or equal to 1"),
        ({"seats": "all", "linkage": -0.1}, "greater than or equal to 0"),
        ({"seats": "all", "sunset": 0.0}, "greater than 0"),
        ({"seats": "everybody"}, "Input should be"),
        ({"seats": "all", "colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_format_that_contradicts_itself_is_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Format(title="Bad", **fields)
