"""Ideal points of countries from their recorded votes: ordinal, dynamic, in one dimension or two.

matrix = vote_matrix(votes, roll_calls, period="session")
points = fit(matrix, method="fast")
points.to_frame()
fit(matrix, method="dynamic", key=root_key(1))  # by sampling, in minutes: draws and R-hat as well
fit(matrix, start=points)  # after new votes
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.ordinal import Priors as Priors
from orrery.measure.ideal_points.ordinal import fit_fast
from orrery.measure.ideal_points.points import STATUSES as STATUSES
from orrery.measure.ideal_points.points import FitStatistics as FitStatistics
from orrery.measure.ideal_points.points import IdealPoints as IdealPoints
from orrery.measure.ideal_points.points import ItemParameters as ItemParameters
from orrery.measure.ideal_points.votes import Selection as Selection
from orrery.measure.ideal_points.votes import VoteMatrix as VoteMatrix
from orrery.measure.ideal_points.votes import vote_matrix as vote_matrix

if TYPE_CHECKING:
    from orrery.measure.ideal_points.plane import IdealPlane


def fit_full(matrix: VoteMatrix, **options: Any) -> IdealPoints:
    """Sample ideal points by the published design; see `sampled.fit_full` for its options, of which `key` is needed."""
    from orrery.measure.ideal_points import sampled  # here, since the fast method does without jax

    return sampled.fit_full(matrix, **options)


def fit_dynamic(matrix: VoteMatrix, **options: Any) -> IdealPoints:
    """Sample paths of ideal points; see `sampled.fit_dynamic` for its options, of which `key` is needed."""
    from orrery.measure.ideal_points import sampled

    return sampled.fit_dynamic(matrix, **options)


def fit_plane(matrix: VoteMatrix, **options: Any) -> IdealPlane:
    """Sample ideal points in two dimensions; see `plane.fit_plane` for its options, of which `key` is needed."""
    from orrery.measure.ideal_points import plane

    return plane.fit_plane(matrix, **options)


METHODS: dict[str, Callable[..., IdealPoints]] = {"fast": fit_fast, "dynamic": fit_dynamic, "full": fit_full}
"""Estimators by name: each takes a `VoteMatrix` and keyword options, and returns `IdealPoints`."""


def fit(matrix: VoteMatrix, *, method: str = "fast", **options: object) -> IdealPoints:
    """Estimate ideal points.

    Args:
        matrix: votes from `vote_matrix`.
        method: a key of `METHODS`.
        options: passed to the method; see its own function.

    Raises:
        MeasureError: the method is unknown, or the votes do not allow an estimate.
    """
    if method not in METHODS:
        raise MeasureError(f"`method` is {method!r}; give one of {', '.join(METHODS)}.")
    return METHODS[method](matrix, **options)
