"""Reading a front: the knee, how robust each design is, and what each gives up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from orrery.negotiation.design.merits import OBJECTIVES, SENSES
from orrery.negotiation.design.search import OWN, SUNSETS, Found
from orrery.negotiation.formats import PRESETS, SCALARS


@dataclass(frozen=True, eq=False)
class Member:
    """One design of a front.

    Attributes:
        name: of the design.
        place: among all designs found.
        means: of each merit, all five.
        low: 10 % quantile over draws, all five.
        high: 90 % quantile.
        chance: of agreement within the horizon.
        better: share of draws in which it is at least as good as the case's own format in most of the objectives.
        gives_up: by objective, how much of the front's range lies between it and the best there: 0 to 1 on the front.
        seats: keys of the parties that sit.
        rule: in words.
        means_used: the means above a twentieth, in words.
        is_knee: whether it is the knee.
    """

    name: str
    place: int
    means: Float[np.ndarray, " objective"]
    low: Float[np.ndarray, " objective"]
    high: Float[np.ndarray, " objective"]
    chance: float
    better: float
    gives_up: dict[str, float]
    seats: tuple[str, ...]
    rule: str
    means_used: str
    is_knee: bool

    @property
    def sacrifice(self) -> str:
        """What it gives up most, in words."""
        name = max(self.gives_up, key=lambda one: self.gives_up[one])
        worst = self.gives_up[name]
        return "nothing of note" if worst < 0.05 else f"{name} ({worst:.0%} of the range)"


def read_front(found: Found) -> list[Member]:
    """Return the designs of the front, the knee first, then by the first objective.

    The knee is the design whose greatest sacrifice, as a share of the front's range of that objective, is least
    (Chebyshev's distance to the ideal point).
    """
    rows = np.flatnonzero(found.front)
    lost = _lost(found)[rows]
    knee = int(np.argmin(lost.max(1)))
    members = [
        _member(found, int(place), given, number == knee)
        for number, (place, given) in enumerate(zip(rows, lost, strict=True))
    ]
    order = sorted(range(len(members)), key=lambda number: (number != knee, lost[number, 0]))
    return [members[number] for number in order]


def read_named(found: Found) -> list[Member]:
    """Return the presets and the case's own format, measured against the front.

    What is behind all of the front in an objective gives up more than its range there, above 1.
    """
    lost = _lost(found)
    rows = [place for place, name in enumerate(found.names) if name == OWN or name in PRESETS]
    return [_member(found, place, lost[place], False) for place in rows]


def alternatives(members: list[Member], most: int = 4) -> list[Member]:
    """Return, beside the knee, the design of a front that gives up nothing in each objective, as many as asked for.

    Of several that give up nothing in one, that with the least sacrifice elsewhere; the objective in which the knee
    gives up most comes first.
    """
    knee = next(member for member in members if member.is_knee)
    chosen: list[Member] = []
    for name in sorted(knee.gives_up, key=lambda one: -knee.gives_up[one]):
        best = min(members, key=lambda one: (one.gives_up[name], max(one.gives_up.values())))
        if best is not knee and best not in chosen:
            chosen.append(best)
    return chosen[:most]


def _lost(found: Found) -> Float[np.ndarray, "design objective"]:
    """Return how much of the front's range lies between each design and the best of the front, by objective.

    By what designs were compared: where the worst tenth was searched by, the sacrifice is of the worst tenth.
    """
    gain = np.array([SENSES[name] for name in found.objectives]) * found.judged
    best, worst = gain[found.front].max(0), gain[found.front].min(0)
    return (best - gain) / np.where(best > worst, best - worst, 1.0)


def _member(found: Found, place: int, lost: Float[np.ndarray, " objective"], is_knee: bool) -> Member:
    values = np.asarray(found.merits.merits)[place]
    low, high = np.quantile(values, [0.1, 0.9], axis=0)
    return Member(
        name=found.names[place],
        place=place,
        means=values.mean(0),
        low=low,
        high=high,
        chance=float(np.asarray(found.merits.chance)[place].mean()),
        better=_better(found, place),
        gives_up=dict(zip(found.objectives, lost.tolist(), strict=True)),
        seats=seats_in(found, place),
        rule=rule_in(found, place),
        means_used=means_in(found, place),
        is_knee=is_knee,
    )


def _better(found: Found, place: int) -> float:
    columns = [OBJECTIVES.index(name) for name in found.objectives]
    signs = np.array([SENSES[name] for name in found.objectives])
    values = signs * np.asarray(found.merits.merits)[:, :, columns]
    own = values[found.names.index(OWN)]
    return float(((values[place] >= own).mean(1) > 0.5).mean())


def seats_in(found: Found, place: int) -> tuple[str, ...]:
    """Return who sits in a design."""
    seated = np.asarray(found.layouts.seated)[place]
    return tuple(key for key, sits in zip(found.matter.case.keys, seated, strict=True) if sits)


def rule_in(found: Found, place: int) -> str:
    """Say by which rule a design decides."""
    one = found.at(place)
    votes = np.asarray(one.votes)
    quota, total = int(one.quota), int(votes.sum())
    words = "consensus" if quota >= total else f"{quota} of {total} votes"
    holders = [key for key, veto in zip(found.matter.case.keys, np.asarray(one.veto), strict=True) if veto]
    everyone = len(holders) == int(np.asarray(one.seated).sum())
    if holders and quota < total:
        words += ", all hold a veto" if everyone else f", vetoes: {', '.join(holders)}"
    return words


def means_in(found: Found, place: int) -> str:
    """Say which means a design uses."""
    one = found.at(place)
    used = [f"{name.replace('_', ' ')} {float(getattr(one, name)):.1f}" for name in SCALARS]
    kept = [words for words, name in zip(used, SCALARS, strict=True) if float(getattr(one, name)) > 0.05]
    if float(one.opt_outs) > 0:
        kept.append("opt-outs")
    if float(one.sunset) < SUNSETS[-1]:
        kept.append(f"ends after {float(one.sunset):.0f} years")
    return ", ".join(kept) if kept else "none"
