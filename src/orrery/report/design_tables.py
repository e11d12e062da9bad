"""What a search for formats found, as tables: every number of its brief, unrounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orrery.negotiation.design.front import Member
from orrery.negotiation.design.merits import OBJECTIVES
from orrery.negotiation.design.search import OWN, Constraints, Found
from orrery.negotiation.design.venues import VenueMap, venue_map
from orrery.negotiation.formats import PRESETS

UNITS = {
    "legitimacy": "legitimacy (0 to 1)",
    "speed": "speed (agreements a year)",
    "depth": "depth (0 to 1)",
    "durability": "durability (0 to 1)",
    "cost": "cost (share of the stake)",
}
"""What the axis of each objective says."""
HASTE = {"low": 0.1, "medium": 0.7, "high": 3.0}
"""Rate at which worth is lost that the brief takes for each coded urgency: a tenth, a half or nineteen twentieths in a
year. A judgement."""
WIDTHS = {"narrow": 0.1, "half": 0.5, "wide": 1.0}
"""Scopes that the brief shows."""


@dataclass(frozen=True)
class Asked:
    """What was asked of a search, to be printed and repeated.

    Attributes:
        constraints: what designs may be.
        worst: whether the worst tenth of draws was searched by.
        seed: of draws and search.
        share: of the capability that the smallest coalition must hold.
        command: that gives the same again.
    """

    constraints: Constraints
    worst: bool
    seed: int
    share: float
    command: str


def title_of(name: str, is_knee: bool = False) -> str:
    """Return what a design is called where people read it."""
    if name == OWN:
        return "The table it had"
    if name in PRESETS:
        return PRESETS[name].title
    return f"{name.capitalize()} (knee)" if is_knee else name.capitalize()


def member_table(members: list[Member]) -> pd.DataFrame:
    """Return designs with every merit and its 80 % interval over draws, and what each gives up."""
    rows = []
    for member in members:
        merits = {
            f"{name}{end}": float(values[place])
            for place, name in enumerate(OBJECTIVES)
            for end, values in (("", member.means), ("_low", member.low), ("_high", member.high))
        }
        given = {f"gives_up_{name}": lost for name, lost in member.gives_up.items()}
        rows.append(
            {
                "design": member.name,
                "knee": member.is_knee,
                **merits,
                "chance": member.chance,
                "better_than_own": member.better,
                **given,
                "seats": " ".join(member.seats),
                "rule": member.rule,
                "means": member.means_used,
            }
        )
    return pd.DataFrame(rows)


def drawn_table(found: Found, front: list[Member], named: list[Member]) -> pd.DataFrame:
    """Return the rows of the figure: the designs found, the knee, named formats and the table that the case had.

    Their values are those by which designs were compared.
    """
    places = {member.place for member in named}
    rows = [
        (member, "knee" if member.is_knee else "found by the search") for member in front if member.place not in places
    ]
    rows += [(member, "the table it had" if member.name == OWN else "named format") for member in named]
    # A knee that is itself a named format is marked as the knee as well.
    rows += [(member, "knee") for member in front if member.is_knee and member.place in places]
    frame = pd.DataFrame(
        [[title_of(member.name), kind, *found.judged[member.place].tolist()] for member, kind in rows],
        columns=["title", "kind", *found.objectives],
    )
    return frame.astype({name: float for name in found.objectives})


def venues_of(found: Found) -> VenueMap:
    """Return which venue is worth most at the urgencies and scopes that the brief shows."""
    return venue_map(found.matter.draws, found.matter.weights, tuple(HASTE.values()), tuple(WIDTHS.values()))


def constraint_words(limits: Constraints) -> list[str]:
    """Say what designs may be; nothing where nothing was asked for."""
    usual = Constraints()
    low, high = limits.quota
    said = [
        (limits.include, f"{', '.join(limits.include)} must sit"),
        (limits.exclude, f"{', '.join(limits.exclude)} must not sit"),
        (limits.least_seats > usual.least_seats, f"at least {limits.least_seats} seats"),
        (limits.most_seats is not None, f"at most {limits.most_seats} seats"),
        (limits.quota != usual.quota, f"a quota between {low:.0%} and {high:.0%} of the votes"),
        (not limits.vetoes, "no vetoes"),
        (not limits.opt_outs, "no opt-outs"),
        (limits.most, ", ".join(f"{name.replace('_', ' ')} at most {value:g}" for name, value in limits.most.items())),
        (limits.least_chance > 0, f"a chance of agreement of at least {limits.least_chance:.0%}"),
    ]
    return [words for holds, words in said if holds]


def interval(member: Member, name: str) -> tuple[str, str]:
    """Return a merit and its 80 % interval, as they are printed."""
    place = OBJECTIVES.index(name)
    mean, low, high = (float(values[place]) for values in (member.means, member.low, member.high))
    digits = 3 if max(abs(np.array([mean, low, high]))) < 0.1 else 2
    return f"{mean:.{digits}f}", f"{low:.{digits}f} to {high:.{digits}f}"
