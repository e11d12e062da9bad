"""Bodies that a simulation starts from: the table, what scenarios change in it, and what is refused."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_bodies import make_bodies

from orrery.base.errors import SimulationError
from orrery.world.bodies import AREAS, Bodies, ObservedBodies
from orrery.world.bodies_check import check_bodies
from orrery.world.rule_rows import majority, n_versions

FIGURES: dict[str, Any] = {"area": "economy", "formality": 1.0, "excludability": 0.8, "depth": 0.3}


@pytest.fixture
def bodies() -> ObservedBodies:
    return make_bodies(12, 6, 2)


@given(st.integers(3, 30), st.integers(1, 9), st.integers(0, 5), st.integers(0, 99))
def test_made_up_bodies_are_valid_and_repeatable(n_countries: int, n_named: int, n_open: int, seed: int) -> None:
    first, second = (make_bodies(n_countries, n_named, n_open, seed) for _ in range(2))
    assert first.member.shape == (n_named + n_open, n_countries)
    assert first.in_being.sum() == n_named
    assert (first.member == second.member).all()
    assert (first.depth == second.depth).all()


def test_arrays_are_the_figures_in_double_precision(bodies: ObservedBodies) -> None:
    arrays = bodies.arrays()
    figures = {field.name for field in dataclasses.fields(Bodies)}
    for field in dataclasses.fields(ObservedBodies):
        if field.name in figures - {"rules"}:
            kept = getattr(arrays, field.name)
            assert (kept == getattr(bodies, field.name)).all()
            assert kept.dtype in (np.dtype(bool), np.dtype(np.int64), np.dtype(np.float64))
    assert arrays.rules is bodies.rules


def test_a_founded_body_stands_before_the_open_places(bodies: ObservedBodies) -> None:
    larger = bodies.founded("NEW", "New body", ("C01", "C05"), **FIGURES)
    place = larger.place("NEW")
    assert larger.codes[place:] == ("NEW", "OPEN-01", "OPEN-02")
    assert larger.members("NEW") == ("C01", "C05")
    assert not larger.in_being[place]
    assert larger.area[place] == AREAS.index("economy")
    assert larger.eligible[place].all()
    assert [larger.records[place].code, larger.depth[place]] == ["NEW", 0.3]


def test_founding_leaves_the_others_as_they_are(bodies: ObservedBodies) -> None:
    larger = bodies.founded("NEW", "New body", ("C01", "C05"), eligible=("C02",), **FIGURES)
    others = [place for place, code in enumerate(larger.codes) if code != "NEW"]
    assert (larger.member[others] == bodies.member).all()
    assert (larger.parent[others] == bodies.parent).all()
    assert larger.eligible[larger.place("NEW")].sum() == 3
    for place, before in zip(others, bodies.versions(), strict=True):
        after = larger.versions()[place]
        assert [[row.key for row in one] for one in after[0]] == [[row.key for row in one] for one in before[0]]


def test_a_reform_adds_a_version_and_keeps_the_first(bodies: ObservedBodies) -> None:
    rule = majority(np.ones(12), 0.6)
    reformed, version = bodies.reformed("BODY-1", rule)
    again, second = reformed.reformed("BODY-1", majority(np.ones(12), 0.7))
    assert (version, second) == (1, 2)
    assert n_versions(again.rules).tolist() == [1, 3, 1, 1, 1, 1, 1, 1]
    versions = again.versions()[1]
    assert [one[0][0].share for one in versions] == pytest.approx([0.5 + 1e-6, 0.6, 0.7])
    assert (bodies.member == again.member).all()


def test_opening_widens_who_is_eligible(bodies: ObservedBodies) -> None:
    shut = next(code for code, row in zip(bodies.codes, bodies.eligible, strict=True) if not row.all())
    stranger = bodies.countries[int(np.argmin(bodies.eligible[bodies.place(shut)]))]
    wider = bodies.opened(shut, (stranger,))
    assert wider.eligible.sum() == bodies.eligible.sum() + 1


def test_open_places_are_added_once(bodies: ObservedBodies) -> None:
    named = make_bodies(12, 6, 0).with_open_places(3)
    assert named.codes[-3:] == ("OPEN-01", "OPEN-02", "OPEN-03")
    assert not named.member[-3:].any()
    with pytest.raises(SimulationError, match="Ask for all at once"):
        bodies.with_open_places(1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "BODY-1"}, "`codes`: BODY-1 twice"),
        ({"area": "trade"}, "`area`: 'trade' for NEW came; one of security"),
        ({"founders": ("C01",)}, "`founders`: 1 for NEW came; two countries or more"),
        ({"founders": ("C01", "ATL")}, "founders of NEW.*'ATL'"),
        ({"eligible": ("ATL",)}, "eligible for NEW.*'ATL'"),
        ({"depth": 1.2}, "`depth`: 1.2 for NEW came; a number from 0 to 1"),
        ({"formality": float("nan")}, "`formality`: nan for NEW came"),
    ],
)
def test_foundings_that_are_none_are_refused(bodies: ObservedBodies, changes: dict, message: str) -> None:
    given_: dict[str, Any] = {"code": "NEW", "name": "New body", "founders": ("C01", "C05"), **FIGURES, **changes}
    with pytest.raises(SimulationError, match=message):
        bodies.founded(**given_)


def _changed(bodies: ObservedBodies, field: str, place: Any, value: Any) -> dict[str, Any]:
    array = getattr(bodies, field).copy()
    array[place] = value
    return {field: array}


@pytest.mark.parametrize(
    ("field", "place", "value", "message"),
    [
        ("area", 0, 4, "`area`: 4 for BODY-0 came; a whole number from 0 to 3"),
        ("parent", 2, 2, "`parent`: 2 for BODY-2 came; the place of another body"),
        ("member", 0, False, "`member`: something else for BODY-0 came; one member or more"),
        ("member", 6, True, "no member of an open place"),
        ("in_being", 6, True, "False for an open place"),
        ("eligible", 1, False, "`eligible`: False for C00, a member of BODY-1, came"),
        ("non_state", 3, -0.1, "`non_state`: -0.1 for BODY-3 came"),
    ],
)
def test_tables_that_are_none_are_refused(
    bodies: ObservedBodies, field: str, place: Any, value: Any, message: str
) -> None:
    with pytest.raises(SimulationError, match=message):
        dataclasses.replace(bodies, **_changed(bodies, field, place, value))


def _unchecked(bodies: ObservedBodies, **changes: Any) -> Any:
    """Return a table with other fields, past the checks of types that only tests make."""
    kept = {field.name: getattr(bodies, field.name) for field in dataclasses.fields(bodies)}
    return SimpleNamespace(**{**kept, **changes})


def test_shapes_types_and_strangers_are_refused(bodies: ObservedBodies) -> None:
    with pytest.raises(SimulationError, match=r"`depth`: shape \(3,\) came; \(8,\) \(body\)"):
        check_bodies(_unchecked(bodies, depth=bodies.depth[:3]), len(AREAS))
    with pytest.raises(SimulationError, match="`member`: an array of int64 came; truth values"):
        check_bodies(_unchecked(bodies, member=bodies.member.astype(np.int64)), len(AREAS))
    with pytest.raises(SimulationError, match=r"`rules.places`: 7 entries came; 8"):
        dataclasses.replace(bodies, rules=make_bodies(12, 6, 1).rules)
    with pytest.raises(SimulationError, match="'BODY-9' came; one of BODY-0"):
        bodies.place("BODY-9")
    with pytest.raises(SimulationError, match="one of BODY-1 in the place of BODY-0"):
        dataclasses.replace(bodies, records=(bodies.records[1], *bodies.records[1:]))
