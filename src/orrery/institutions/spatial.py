"""What can beat the status quo if members care for one line or one plane of positions: winsets, cores, absorption.

Each member prefers what is closer to its ideal point (Euclidean, hence single-peaked and symmetric preferences), and
votes yes on a proposal that is strictly closer than the status quo. The *winset* of a status quo holds all proposals
that carry the motion; the *core* all points whose winset is empty. Both follow from the game alone:

* A proposal `y` beats `s` if the members on its side of the perpendicular bisector of `s` and `y` carry the motion. So
  `s` is in the core if and only if, in no direction `d`, those with `d . x_i > d . s` do; that is, if it lies in the
  convex hull of the ideal points of every winning coalition (McKelvey & Schofield 1987). For a majority of an odd
  number these are the median lines of Plott (1967).
* The directions that matter are finite in number: those across the lines through two ideal points. They are gone
  through with exact integers, so that a core that is a point or a segment is found as such.

McKelvey, R. D. & Schofield, N. (1987). Generalized symmetry conditions at a core point. Econometrica 55, 923-933.
Plott, C. R. (1967). A notion of equilibrium and its possibility under majority rule. American Economic Review 57,
787-806.
Tsebelis, G. (2002). Veto Players: How Political Institutions Work. Princeton University Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np
from jaxtyping import Bool, Float, Shaped

from orrery.base.errors import InstitutionError
from orrery.institutions.coalitions import veto_members
from orrery.institutions.games import AnyGame, Game, Threshold, binary, n_members
from orrery.institutions.joint_sums import JointSums

Interval = tuple[float, float]
Line = Float[np.ndarray, " member"]
"""Ideal points on a line."""
Plane = Float[np.ndarray, "member 2"]
"""Ideal points in a plane."""
Vertex = tuple[Fraction, Fraction]
MOST_MEMBERS = 60
"""Members up to which the core in a plane is worked out; the work grows with the cube of their number."""


def line_winset(positions: Line, game: AnyGame, status_quo: float) -> tuple[Interval, ...]:
    """Return the proposals on a line that beat the status quo, as open intervals from left to right.

    Those above the status quo are backed by all to the right of the midpoint, so that the rightmost member `r` with
    whom all further right carry a motion decides: they reach to `2 x_r - status_quo`. Those below likewise. Both
    sides can be won only if two coalitions without a common member carry motions.

    Args:
        positions: ideal points.
        game: who carries a motion with whom; with abstention, as if nobody abstained.
        status_quo: what holds if nothing is passed.

    Raises:
        InstitutionError: not one finite position for each member.
    """
    lowest, highest = line_core_bounds(positions, game)
    _check_finite("status_quo", np.asarray(status_quo))
    below = ((2 * highest - status_quo, status_quo),) if highest < status_quo else ()
    above = ((status_quo, 2 * lowest - status_quo),) if lowest > status_quo else ()
    return below + above


def line_core(positions: Line, game: AnyGame) -> Interval | None:
    """Return the closed interval of points on a line that nothing beats; None where there are none.

    It is what legislative studies call the gridlock interval. It reaches without end where no motion ever passes, and
    is empty where two coalitions without a common member carry motions and lie apart.

    Raises:
        InstitutionError: not one finite position for each member.
    """
    lowest, highest = line_core_bounds(positions, game)
    return (lowest, highest) if lowest <= highest else None


def line_core_bounds(positions: Line, game: AnyGame) -> Interval:
    """Return the two pivots on a line: with all further right, and with all further left, they carry a motion.

    The first bounds the core from below, the second from above.

    Raises:
        InstitutionError: not one finite position for each member.
    """
    _check_positions(positions, game, 1)
    sums = JointSums.of(binary(game))
    upward, downward = _reach(sums, np.stack([positions, -positions]))
    return float(upward), -float(downward)


def in_winset(
    positions: Plane, game: AnyGame, status_quo: Float[np.ndarray, " 2"], points: Float[np.ndarray, "*batch 2"]
) -> Bool[np.ndarray, "*batch"]:
    """Tell which points of a plane beat the status quo.

    A member prefers the points within the disc around its ideal point on whose edge the status quo lies: the winset
    is the union, over all winning coalitions, of the intersections of the discs of their members.

    Args:
        positions: ideal points.
        game: who carries a motion with whom.
        status_quo: what holds if nothing is passed.
        points: proposals.

    Raises:
        InstitutionError: not one finite position for each member.
    """
    _check_positions(positions, game, 2)
    _check_finite("status_quo", status_quo)
    radii = _squared(positions - status_quo)
    return _carried(game, _squared(points[..., None, :] - positions) < radii)


@dataclass(frozen=True)
class WinsetArea:
    """How large a winset in a plane is.

    Attributes:
        area: of the cells whose centre is in the winset, in squared units of the positions.
        at_least: area of the cells that lie in it whole; the winset is no smaller.
        at_most: area of the cells that may meet it; the winset is no larger.
        corner: lower left corner of the grid, which holds the whole winset.
        cell: side of a cell: the resolution.
        inside: which centres are in the winset, the first axis along the first coordinate.
    """

    area: float
    at_least: float
    at_most: float
    corner: Float[np.ndarray, " 2"]
    cell: float
    inside: Bool[np.ndarray, "cell cell"]


def winset_area(
    positions: Plane, game: AnyGame, status_quo: Float[np.ndarray, " 2"], *, cells: int = 400
) -> WinsetArea:
    """Return the area of a winset in a plane, from a grid, with bounds that hold for sure.

    A cell lies in the winset whole if those who prefer all of it carry the motion, and may meet it if those do who
    prefer some of it.

    Args:
        positions: ideal points.
        game: who carries a motion with whom.
        status_quo: what holds if nothing is passed.
        cells: on each side of the grid.

    Raises:
        InstitutionError: not one finite position for each member, or a game that passes everything.
    """
    _check_positions(positions, game, 2)
    _check_finite("status_quo", status_quo)
    if _carried(game, np.zeros((1, len(positions)), bool))[0]:
        raise InstitutionError("`game`: it passes every motion, and the winset is the whole plane; give another one.")
    squares = _squared(positions - status_quo)
    radii = np.sqrt(squares)
    corner = (positions - radii[:, None]).min(0)
    side = max(float(((positions + radii[:, None]).max(0) - corner).max()), np.finfo(float).tiny) / cells
    centres = corner[:, None] + side * (np.arange(cells) + 0.5)
    gaps = np.abs(centres[:, :, None] - positions.T[:, None])
    nearest, farthest = (np.square(np.maximum(gaps + reach, 0)) for reach in (-side / 2, side / 2))
    inside, whole, met = (
        _carried(game, distance[0][:, None] + distance[1][None] < squares)
        for distance in (np.square(gaps), farthest, nearest)
    )
    area, at_least, at_most = (float(held.sum()) * side**2 for held in (inside, whole, met))
    return WinsetArea(area, at_least, at_most, corner, side, inside)


def in_core(positions: Plane, game: AnyGame, point: Float[np.ndarray, " 2"]) -> bool:
    """Tell, exactly, whether nothing in a plane beats a point.

    Those on one side of a line through the point change only where the line meets an ideal point; the sides just past
    each such line are all that there are.

    Raises:
        InstitutionError: not one finite position for each member.
    """
    _check_positions(positions, game, 2)
    _check_finite("point", point)
    exact = _whole(np.concatenate([positions, point[None]]))
    away = exact[:-1] - exact[-1]
    across = np.stack([-away[:, 1], away[:, 0]], 1)
    lines = np.concatenate([across, -across])
    turned = np.stack([-lines[:, 1], lines[:, 0]], 1)
    on_line, past_line = lines @ away.T, turned @ away.T
    beyond = (on_line > 0) | ((on_line == 0) & (past_line > 0))
    return not _carried(game, beyond.astype(bool)).any()


def core(positions: Plane, game: AnyGame) -> Float[np.ndarray, "vertex 2"]:
    """Return the corners of the set of points in a plane that nothing beats, counterclockwise.

    It is a convex polygon: the intersection of the half-planes `d . s >= c(d)`, over the directions `d` that matter,
    `c(d)` being as far as those furthest along `d` reach that carry a motion. One corner is a core of one point, two
    are a segment, none an empty core.

    Raises:
        InstitutionError: not one finite position for each member, more than `MOST_MEMBERS` members, or a game in which
            no motion passes, so that nothing beats any point.
    """
    _check_positions(positions, game, 2)
    if len(positions) > MOST_MEMBERS:
        raise InstitutionError(
            f"`positions`: {len(positions)} members came; the core in a plane is worked out for at most {MOST_MEMBERS} "
            "members. Ask for single points (`in_core`)."
        )
    if not _carried(game, np.ones((1, len(positions)), bool))[0]:
        raise InstitutionError("`game`: no motion passes, and the core is the whole plane; give another game.")
    sums = JointSums.of(binary(game))
    exact = _whole(positions)
    first, second = np.triu_indices(len(exact), 1)
    along = exact[first] - exact[second]
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    # The axes bound what lies on one line, or in one point.
    axes = np.array([[1, 0], [0, 1]], object)
    directions = np.concatenate([part * sign for part in (axes, across) for sign in (1, -1)])
    bounds = _reach(sums, directions @ exact.T)
    if bounds[0] == inf:
        return np.zeros((0, 2))
    left, right, low, high = bounds[0], -bounds[2], bounds[1], -bounds[3]
    if left > right or low > high:
        return np.zeros((0, 2))
    corners = [(Fraction(x), Fraction(y)) for x, y in ((left, low), (right, low), (right, high), (left, high))]
    for (x, y), bound in zip(directions[4:].tolist(), bounds[4:].tolist(), strict=True):
        corners = _clipped(corners, [x * corner[0] + y * corner[1] - bound for corner in corners])
    scale = _scale(positions)
    return np.array([[float(value / scale) for value in corner] for corner in _corners(corners)]).reshape(-1, 2)


def absorbed(positions: Line | Plane, game: AnyGame, member: int) -> bool:
    """Tell whether the veto of a member changes no winset, whatever the status quo.

    It does not if everybody else whom a motion needs never agrees on what the member refuses: its ideal point lies in
    the core of the game in which it always says yes. If all others whose consent is needed hold vetoes alone, that is
    their unanimity core, the convex hull of their ideal points (Tsebelis 2002, chapter 1); further members whose votes
    a motion needs can only widen it.

    Args:
        positions: ideal points, on a line or in a plane.
        game: who carries a motion with whom; with abstention, as if nobody abstained.
        member: the position of a member that holds a veto.

    Raises:
        InstitutionError: not one finite position for each member, or the member holds no veto.
    """
    if member not in veto_members(game):
        raise InstitutionError(
            f"`member`: {member} came, who holds no veto; those of {veto_members(game)} (by position) do."
        )
    without = consenting(game, member)
    if positions.ndim > 1:
        return in_core(positions, without, positions[member])
    lowest, highest = line_core_bounds(positions, without)
    return lowest <= float(positions[member]) <= highest


def consenting(game: AnyGame, member: int) -> Game:
    """Return the game of yes and no in which a member always says yes, whatever it prefers."""
    decisive = binary(game)
    if isinstance(decisive, Threshold):
        weights = tuple(0 if place == member else weight for place, weight in enumerate(decisive.weights))
        return Threshold(weights, decisive.quota - decisive.weights[member])
    return type(decisive)(tuple(consenting(part, member) for part in decisive.parts))


def _carried(game: AnyGame, yes: Bool[np.ndarray, "*batch member"]) -> Bool[np.ndarray, "*batch"]:
    sums = JointSums.of(binary(game))
    return sums.test.holds(np.moveaxis(yes.astype(sums.steps.dtype) @ sums.steps[:, -1], -1, 0))


def _reach(sums: JointSums, along: Shaped[np.ndarray, "direction member"]) -> Shaped[np.ndarray, " direction"]:
    """Return how far the coalitions that carry a motion reach along directions: the greatest least projection.

    It is infinite where nobody is needed, minus infinity where nobody is enough.
    """
    order = np.argsort(-along, axis=1)
    gains = sums.steps[:, -1]
    wins = sums.test.holds(np.moveaxis(np.cumsum(gains[order], 1), -1, 0))
    ordered = np.take_along_axis(along, order, 1).astype(object)
    reach = np.where(wins.any(1), ordered[np.arange(len(along)), wins.argmax(1)], -inf)
    return np.full(len(along), inf, object) if sums.test.holds(0 * gains[:1].T)[0] else reach


def _whole(values: Float[np.ndarray, "point 2"]) -> Shaped[np.ndarray, "point 2"]:
    """Return numbers times a common power of two, as exact integers."""
    scale = _scale(values)
    return np.array([[int(Fraction(value) * scale) for value in row] for row in values.tolist()], object)


def _scale(values: np.ndarray) -> int:
    return max((Fraction(value).denominator for value in values.ravel().tolist()), default=1)


def _clipped(corners: list[Vertex], excess: list[Fraction]) -> list[Vertex]:
    """Return the part of a convex polygon with an excess of 0 or more, given that of its corners."""
    kept: list[Vertex] = []
    for place, (corner, above) in enumerate(zip(corners, excess, strict=True)):
        other, beside = corners[place - 1], excess[place - 1]
        if above * beside < 0:
            part = above / (above - beside)
            kept.append((corner[0] + part * (other[0] - corner[0]), corner[1] + part * (other[1] - corner[1])))
        if above >= 0:
            kept.append(corner)
    return list(dict.fromkeys(kept))


def _corners(polygon: list[Vertex]) -> list[Vertex]:
    """Return a convex polygon without the corners that lie on the line of their neighbours."""
    if len(polygon) < 3:
        return polygon
    places = range(len(polygon))
    kept = [polygon[i] for i in places if _turn(polygon[i - 1], polygon[i], polygon[(i + 1) % len(polygon)]) != 0]
    return kept or [min(polygon), max(polygon)]


def _turn(first: Vertex, second: Vertex, third: Vertex) -> Fraction:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


def _squared(vectors: Float[np.ndarray, "*batch 2"]) -> Float[np.ndarray, "*batch"]:
    return np.square(vectors).sum(-1)


def _check_positions(positions: np.ndarray, game: AnyGame, dimensions: int) -> None:
    wanted = (n_members(game), 2)[:dimensions]
    if positions.shape != wanted:
        raise InstitutionError(f"`positions`: shape {positions.shape} came; the {wanted[0]} members need {wanted}.")
    _check_finite("positions", positions)


def _check_finite(name: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise InstitutionError(f"`{name}`: {values[~np.isfinite(values)].ravel()[0]} came; give finite numbers.")
