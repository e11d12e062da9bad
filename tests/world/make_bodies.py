"""Bodies made up for tests: small, deterministic, with every kind of rule that a simulation must deal with."""

from __future__ import annotations

import dataclasses

import numpy as np

from orrery.world.bodies import AREAS, BodyRecord, ObservedBodies
from orrery.world.rule_rows import Alternatives, Requirement, majority, standing_rules, unanimity

ELIGIBLE_SHARE = 0.6
"""Part of the countries that may join the bodies with closed doors (every second one)."""


def make_bodies(n_countries: int, n_named: int = 6, n_open: int = 2, seed: int = 0) -> ObservedBodies:
    """Return made-up bodies: `n_named` with members (`BODY-0`, ...), then `n_open` open places (`OPEN-01`, ...).

    Rules go round: unanimity, simple majority, double majority of heads and weights, three fifths with vetoes. The
    areas go round too. The second body is universal, the last one is an organ of the first and has elected members
    (from three bodies on).

    Args:
        n_countries: size of the country axis, `C00`, `C01`, ...
        n_named: bodies in being, 1 or more.
        n_open: open places.
        seed: of members, depths and weights.
    """
    random = np.random.default_rng(seed)
    n_bodies = n_named + n_open
    countries = tuple(f"C{place:02d}" for place in range(n_countries))
    codes = (*(f"BODY-{place}" for place in range(n_named)), *(f"OPEN-{place + 1:02d}" for place in range(n_open)))
    open_place = np.arange(n_bodies) >= n_named
    member = _members(random, n_countries, n_named)
    eligible = np.ones((n_named, n_countries), bool)
    eligible[::2] = member[::2] | (random.random((len(eligible[::2]), n_countries)) < ELIGIBLE_SHARE)
    organ = n_named > 2
    if organ:
        member[-1], eligible[-1] = _seats(member[0]), eligible[0]
    rules: list[tuple[Alternatives, ...]] = [(_rule(random, place, one),) for place, one in enumerate(member)]
    rules += [(unanimity(n_countries),)] * n_open
    nobody = np.zeros((n_open, n_countries), bool)
    named = ~open_place
    return ObservedBodies(
        countries=countries,
        codes=codes,
        names=tuple(f"body {place}" for place in range(n_bodies)),
        member=np.concatenate([member, nobody]),
        in_being=named,
        open_place=open_place,
        eligible=np.concatenate([eligible, ~nobody]),
        area=np.arange(n_bodies) % len(AREAS),
        excludability=np.where(np.arange(n_bodies) % 2 == 0, 0.8, 0.2),
        formality=np.where(named, np.array([1.0, 1.0, 0.5, 0.1])[np.arange(n_bodies) % 4], 0.0),
        depth=np.where(named, random.uniform(0.1, 0.7, n_bodies), 0.0),
        parent=np.where((np.arange(n_bodies) == n_named - 1) & organ, 0, -1),
        non_state=np.where(named, random.uniform(0, 0.5, n_bodies), 0.0),
        elected=(np.arange(n_bodies) == n_named - 1) & organ,
        rules=standing_rules(rules, n_countries),
        records=tuple(BodyRecord(code, None, "", "made up", "assumed", ("made up",)) for code in codes),
    )


def _members(random: np.random.Generator, n_countries: int, n_named: int) -> np.ndarray:
    """Return members: about half of the countries, two at least; the second body is universal."""
    member = random.random((n_named, n_countries)) < 0.5
    member[:, :2] = True
    if n_named > 1:
        member[1] = True
    return member


def _seats(member: np.ndarray) -> np.ndarray:
    """Return an organ's members: every second member of its parent, the first included."""
    seats = np.zeros_like(member)
    seats[np.flatnonzero(member)[::2]] = True
    return seats


def _rule(random: np.random.Generator, place: int, member: np.ndarray) -> Alternatives:
    """Return the rule of a body, one of four kinds in turn."""
    heads, weight = np.ones(len(member)), random.lognormal(0, 1, len(member))
    holders = np.zeros(len(member))
    holders[np.flatnonzero(member)[:2]] = 1
    kinds = (
        unanimity(len(member)),
        majority(heads, 0.5 + 1e-6),
        ((Requirement(heads, 0.55), Requirement(weight, 0.65)),),
        ((Requirement(holders, 1.0), Requirement(heads, 0.6)),),
    )
    return kinds[place % len(kinds)]


def permuted(bodies: ObservedBodies, order: np.ndarray) -> ObservedBodies:
    """Return the same bodies over the countries in another order: members, those eligible, and the rows of rules."""
    return dataclasses.replace(
        bodies,
        countries=tuple(bodies.countries[place] for place in order),
        member=bodies.member[:, order],
        eligible=bodies.eligible[:, order],
        rules=dataclasses.replace(
            bodies.rules, unanimous=bodies.rules.unanimous[:, order], weight=bodies.rules.weight[:, order]
        ),
    )


def nothing_in_being(bodies: ObservedBodies) -> ObservedBodies:
    """Return the same table with every body waiting for a founding that never comes."""
    return dataclasses.replace(bodies, in_being=np.zeros_like(bodies.in_being))
