"""What a table of bodies must satisfy, with messages that say what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from orrery.base.errors import SimulationError

if TYPE_CHECKING:
    from orrery.world.bodies import ObservedBodies

_SHAPES: dict[str, tuple[str, ...]] = {
    "member": ("body", "country"),
    "in_being": ("body",),
    "open_place": ("body",),
    "eligible": ("body", "country"),
    "area": ("body",),
    "excludability": ("body",),
    "formality": ("body",),
    "depth": ("body",),
    "parent": ("body",),
    "non_state": ("body",),
    "elected": ("body",),
}
_KINDS = {
    "member": "b",
    "in_being": "b",
    "open_place": "b",
    "eligible": "b",
    "area": "iu",
    "parent": "iu",
    "elected": "b",
}
_WORDS = {"b": "truth values", "iu": "whole numbers"}
_PARTS = ("excludability", "formality", "depth", "non_state")
"""Fields from 0 to 1."""


def refuse(field: str, came: str, allowed: str, advice: str) -> SimulationError:
    """Return the error that a table of bodies raises."""
    return SimulationError(f"bodies, `{field}`: {came} came; {allowed} is allowed. {advice}")


def check_bodies(bodies: ObservedBodies, n_areas: int) -> None:
    """Refuse a table that no simulation can start from.

    Raises:
        SimulationError: naming the field and the body.
    """
    _check_names(bodies)
    _check_shapes(bodies)
    _check_values(bodies, n_areas)
    _check_membership(bodies)
    _check_rules(bodies)


def country_places(countries: tuple[str, ...], chosen: Sequence[str], what: str) -> list[int]:
    """Return where countries stand on the country axis.

    Raises:
        SimulationError: one of them is not on it.
    """
    strangers = [code for code in chosen if code not in countries]
    if strangers:
        raise refuse(
            what, ", ".join(map(repr, strangers)), "the ISO3 code of a country of the start year", "Correct or drop it."
        )
    return [countries.index(code) for code in chosen]


def _check_names(bodies: ObservedBodies) -> None:
    for field in ("countries", "codes"):
        names = getattr(bodies, field)
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if not names or repeated:
            came = f"{', '.join(repeated)} twice" if repeated else "an empty tuple"
            raise refuse(field, came, "one or more different codes", "Name each once.")
    for field in ("names", "records"):
        if len(getattr(bodies, field)) != len(bodies.codes):
            raise refuse(
                field, f"{len(getattr(bodies, field))} entries", f"one for each of {len(bodies.codes)} bodies", ""
            )
    for code, record in zip(bodies.codes, bodies.records, strict=True):
        if record.code != code:
            raise refuse("records", f"one of {record.code} in the place of {code}", "the body's own", "Reorder them.")


def _check_shapes(bodies: ObservedBodies) -> None:
    sizes = {"country": len(bodies.countries), "body": len(bodies.codes)}
    for field, axes in _SHAPES.items():
        array, shape = getattr(bodies, field), tuple(sizes[axis] for axis in axes)
        if array.shape != shape:
            raise refuse(field, f"shape {array.shape}", f"{shape} ({' x '.join(axes)})", "Rebuild the array.")
        kinds = _KINDS.get(field, "f")
        if array.dtype.kind not in kinds:
            allowed = _WORDS.get(kinds, "numbers in double precision")
            raise refuse(field, f"an array of {array.dtype}", allowed, "Convert it.")


def _check_values(bodies: ObservedBodies, n_areas: int) -> None:
    for field in _PARTS:
        values = getattr(bodies, field)
        _refuse_where(bodies, field, ~((values >= 0) & (values <= 1)), "a number from 0 to 1", "Rescale it.")
    outside = (bodies.area < 0) | (bodies.area >= n_areas)
    _refuse_where(bodies, "area", outside, f"a whole number from 0 to {n_areas - 1}", "Give its place in `AREAS`.")
    here = np.arange(len(bodies.codes))
    strange = (bodies.parent < -1) | (bodies.parent >= len(here)) | (bodies.parent == here)
    _refuse_where(bodies, "parent", strange, "the place of another body, or -1", "Correct the place.")


def _check_membership(bodies: ObservedBodies) -> None:
    has_members = bodies.member.any(1)
    _refuse_where(
        bodies, "member", bodies.open_place & has_members, "no member of an open place", "Members join at its birth."
    )
    _refuse_where(
        bodies, "member", ~bodies.open_place & ~has_members, "one member or more", "Leave out a body without members."
    )
    both = bodies.in_being & bodies.open_place
    _refuse_where(bodies, "in_being", both, "False for an open place", "It comes into being in the simulation.")
    stranger = bodies.member & ~bodies.eligible
    if stranger.any():
        body, country = np.argwhere(stranger)[0]
        raise refuse(
            "eligible",
            f"False for {bodies.countries[country]}, a member of {bodies.codes[body]},",
            "True for every member",
            "Let members be eligible.",
        )


def _check_rules(bodies: ObservedBodies) -> None:
    rules, n_bodies, n_countries = bodies.rules, len(bodies.codes), len(bodies.countries)
    n_rows = len(rules.unanimous) + len(rules.weight)
    for field, came, size in (
        ("unanimous", rules.unanimous.shape[-1], n_countries),
        ("weight", rules.weight.shape[-1], n_countries),
        ("share", rules.share.shape[0], len(rules.weight)),
        ("row_body", rules.row_body.shape[0], n_rows),
        ("places", rules.places.shape[1], n_bodies),
    ):
        if came != size:
            raise refuse(f"rules.{field}", f"{came} entries", f"{size}", "Make it with `standing_rules`.")
    places = np.asarray(rules.places)
    if places.min() < -2 or places.max() >= n_rows:
        raise refuse(
            "rules.places", f"{places.min()} to {places.max()}", f"-2 to {n_rows - 1}", "Make it with `standing_rules`."
        )
    without = ~(places[0, ..., 0] != -2).any(-1)
    _refuse_where(bodies, "rules", without, "a rule for every body", "Give its rule of the start year.")


def _refuse_where(bodies: ObservedBodies, field: str, wrong: np.ndarray, allowed: str, advice: str) -> None:
    """Refuse the first body of which something is wrong."""
    if wrong.any():
        place = int(np.argmax(wrong))
        value = getattr(bodies, field)
        came = value[place] if isinstance(value, np.ndarray) and value.ndim == 1 else "something else"
        raise refuse(field, f"{came} for {bodies.codes[place]}", allowed, advice)
