"""The fast method: dynamic ordinal ideal points by alternating Laplace approximations.

Model (after Bailey, Strezhnev & Voeten 2017). Country `i` in period `t` stands at `x_it`; item `j` has cutpoints
`l_j < u_j` and discrimination `d_j`, and with `e ~ N(0, 1)` a vote is

    yes if d_j x_it + e < l_j,   abstain if l_j < d_j x_it + e < u_j,   no if u_j < d_j x_it + e.

    x_it = rho x_i,t-1 + N(0, q),  rho^2 = 1 - q,  so that x_it ~ N(0, 1) in every period;
    d_j ~ N(0, discrimination_sd^2);  p(l_j, u_j) ~ (u_j - l_j) N(l_j; 0, cutpoint_sd^2) N(u_j; 0, cutpoint_sd^2).

The factor `u - l` weighs as one abstention at most; it keeps a roll call on which nobody abstained from closing up.

Estimation alternates, until positions stand still:

1. Items given positions: one Newton step in `(l, u, d)` for all items at once, with the positions' posterior variance
   integrated out to second order.
2. Positions given items: the votes of a country-period become one Gaussian pseudo-observation, with the items'
   posterior covariance integrated out in the same way, and all paths are smoothed at once.
3. The evolution variance `q` by one EM step; then positions to mean 0 and sd 1 over country-periods with votes, and
   items along with them, which is the scale on which the priors are stated.

Posterior sds come from the smoother with each vote's information reduced by what it spends on its own item (the Schur
complement of the joint Hessian, one country-period at a time). What they leave out: doubt about the scale of whole
eras, which all countries share, and dependence between countries' votes beyond one dimension. They are thus narrower
than those of the published estimates, which also smooth less (evolution variance about .25, from the past alone):
the median ratio is .68 on the votes since 1946, and .91 with `evolution_sd=0.5`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtri

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.ordered_probit import ByChoice, Curves, curves, log_likelihood, most_probable
from orrery.measure.ideal_points.points import INTERPOLATED, FitStatistics, IdealPoints, ItemParameters, statuses
from orrery.measure.ideal_points.smoother import Smoothed, learned_evolution_variance, smooth
from orrery.measure.ideal_points.votes import VoteMatrix

START_EVOLUTION_VARIANCE = 0.05
START_ROUNDS = 4
LONGEST_STEP = 1.0
LEAST_GAP_KEPT = 0.3
"""A Newton step may narrow the gap between an item's cutpoints to this share of it, never close it."""


@dataclass(frozen=True)
class Priors:
    """Prior standard deviations.

    Attributes:
        discrimination_sd: of discriminations; 1 as published. It fixes how far apart countries stand in an era that
            few bridges tie to the others.
        cutpoint_sd: of cutpoints.
        evolution_sd: of a position's change per period; None learns it, 0 holds positions constant (the static model).
    """

    discrimination_sd: float = 1.0
    cutpoint_sd: float = 2.0
    evolution_sd: float | None = None

    def __post_init__(self) -> None:
        for name in ("discrimination_sd", "cutpoint_sd"):
            if not getattr(self, name) > 0:
                raise MeasureError(f"`{name}` of the priors is {getattr(self, name)}; give a number above 0.")
        if self.evolution_sd is not None and not 0 <= self.evolution_sd <= 1:
            raise MeasureError(f"`evolution_sd` is {self.evolution_sd}; give 0 to 1, or None to learn it.")


class _Votes(NamedTuple):
    """The votes with the sums that the alternation needs.

    Attributes:
        choice: where the votes of each choice stand.
        group: item group of each vote.
        cell: country-period of each vote.
        n_groups: item groups.
        shape: periods and countries.
    """

    choice: ByChoice
    group: Int[np.ndarray, " vote"]
    cell: Int[np.ndarray, " vote"]
    n_groups: int
    shape: tuple[int, int]

    def by_group(self, values: Float[np.ndarray, " vote"]) -> Float[np.ndarray, " group"]:
        return np.bincount(self.group, weights=values, minlength=self.n_groups)

    def by_cell(self, values: Float[np.ndarray, " vote"]) -> Float[np.ndarray, "year country"]:
        return np.bincount(self.cell, weights=values, minlength=self.shape[0] * self.shape[1]).reshape(self.shape)


class _Items(NamedTuple):
    """Item parameters by group, with the posterior covariance of (lower, upper, discrimination)."""

    lower: Float[np.ndarray, " group"]
    upper: Float[np.ndarray, " group"]
    discrimination: Float[np.ndarray, " group"]
    covariance: Float[np.ndarray, "group 3 3"]

    def offsets(self, votes: _Votes, x: Float[np.ndarray, " vote"]) -> tuple[np.ndarray, np.ndarray]:
        """Return `lower - d x` and `upper - d x` of every vote."""
        pull = self.discrimination[votes.group] * x
        return self.lower[votes.group] - pull, self.upper[votes.group] - pull


class Goodness(NamedTuple):
    """Log likelihood, share of votes that are the most probable choice, and that share for the commonest choice."""

    log_likelihood: float
    classification_success: float
    modal_success: float


class _Estimate(NamedTuple):
    items: _Items
    paths: Smoothed
    evolution_variance: float


def fit_fast(
    matrix: VoteMatrix,
    *,
    positive: str = "USA",
    priors: Priors | None = None,
    tolerance: float = 1e-3,
    most_rounds: int = 200,
    start: IdealPoints | None = None,
) -> IdealPoints:
    """Estimate ideal points in seconds; see the module for model, method and limits.

    With `start`, an earlier fit, the alternation goes on from there: new votes update it in a few rounds. The result
    is that of a fit of all votes, up to the tolerance.

    Args:
        matrix: the votes.
        positive: the country whose positions are positive on average. It fixes the sign and nothing else.
        priors: prior sds; `Priors()` where none are given.
        tolerance: greatest change of a position, in sds of all positions, at which the alternation ends.
        most_rounds: rounds after which it ends in any case; `statistics.converged` tells which.
        start: a fit by any method of some of these votes, by the same kind of period.

    Raises:
        MeasureError: there are no votes, `positive` has none, or `start` shares no roll call or period.
    """
    priors = priors or Priors()
    voted = np.asarray(matrix.n_votes > 0)
    check_votes(matrix, positive)
    votes = _prepared(matrix)
    estimate = _first(votes, _start(matrix), priors) if start is None else _continued(votes, matrix, start, priors)
    rounds, change = 0, np.inf
    while change > tolerance and rounds < most_rounds:
        before = estimate.paths.mean
        estimate = _round(votes, estimate, voted, priors)
        change = float(np.abs(estimate.paths.mean - before)[voted].max())
        rounds += 1
    estimate = _with_sign(estimate, voted, matrix.countries.index(positive))
    variance = _full_variance(votes, estimate)
    known = voted.any(axis=0, keepdims=True)
    items = _item_parameters(matrix, estimate.items)
    return IdealPoints(
        countries=matrix.countries,
        periods=matrix.periods,
        period_kind=matrix.period_kind,
        mean=np.where(known, estimate.paths.mean, np.nan),
        sd=np.where(known, np.sqrt(variance), np.nan),
        n_votes=matrix.n_votes,
        status=statuses(matrix.n_votes),
        items=items,
        statistics=FitStatistics(
            **goodness(matrix, estimate.paths.mean, items)._asdict(),
            evolution_sd=float(np.sqrt(estimate.evolution_variance)),
            iterations=rounds,
            last_change=change,
            converged=change <= tolerance,
        ),
        method="fast",
        options={"positive": positive, "tolerance": tolerance, "most_rounds": most_rounds, **asdict(priors)},
    )


def check_votes(matrix: VoteMatrix, positive: str) -> None:
    """Refuse a matrix without votes, and one in which the country that fixes the sign has none.

    Raises:
        MeasureError: either is the case.
    """
    voted = matrix.n_votes > 0
    if not len(matrix.choice):
        raise MeasureError("The vote matrix holds no votes; build it with `vote_matrix` from tables that do.")
    if positive not in matrix.countries or not voted[:, matrix.countries.index(positive)].any():
        raise MeasureError(
            f"`positive` is {positive!r}, which casts no vote that counts here; give the code of a country that does, "
            f"e.g. {matrix.countries[int(matrix.n_votes.sum(0).argmax())]!r}."
        )


def _prepared(matrix: VoteMatrix) -> _Votes:
    order = np.lexsort((matrix.voter, matrix.item, matrix.choice))
    item, shape = matrix.item[order], (len(matrix.periods), len(matrix.countries))
    cell = matrix.period[item] * shape[1] + matrix.voter[order]
    return _Votes(ByChoice.of(matrix.choice[order]), matrix.bridge[item], cell, int(matrix.bridge.max()) + 1, shape)


def _start(matrix: VoteMatrix) -> Float[np.ndarray, " country"]:
    """Return one position per country: the first principal component of how alike countries vote over all periods."""
    n_items, n_countries = len(matrix.items), len(matrix.countries)
    choice, cast = np.zeros((n_items, n_countries)), np.zeros((n_items, n_countries))
    choice[matrix.item, matrix.voter], cast[matrix.item, matrix.voter] = matrix.choice, 1
    n_cast = np.maximum(cast.sum(1, keepdims=True), 1)
    choice = (choice - choice.sum(1, keepdims=True) / n_cast) * cast
    spread = np.sqrt((choice**2).sum(1, keepdims=True) / n_cast)
    choice /= np.where(spread > 0, spread, 1)
    alike = (choice.T @ choice) / np.maximum(cast.T @ cast, 1)
    component = np.linalg.eigh(alike)[1][:, -1]
    voted = cast.any(0)
    component = (component - component[voted].mean()) / component[voted].std()
    return np.where(voted, component, 0)


def _items_of_shares(votes: _Votes) -> _Items:
    """Return items that give every country the shares of the three choices, and tell none apart."""
    n_groups = votes.n_groups
    tally = np.array([np.bincount(votes.group[where], minlength=n_groups) for where in votes.choice], float) + 0.5
    share = np.cumsum(tally, axis=0) / tally.sum(0)
    return _Items(ndtri(share[0]), ndtri(share[1]), np.zeros(n_groups), np.zeros((n_groups, 3, 3)))


def _first(votes: _Votes, start: Float[np.ndarray, " country"], priors: Priors) -> _Estimate:
    """Return constant positions and the items that go with them."""
    items = _items_of_shares(votes)
    variance = START_EVOLUTION_VARIANCE if priors.evolution_sd is None else priors.evolution_sd**2
    paths = Smoothed(np.tile(start, (votes.shape[0], 1)), np.full(votes.shape, variance), np.zeros(votes.shape))
    for _ in range(START_ROUNDS):
        items = _improved_items(votes, items, paths, priors)
    return _Estimate(items, paths, variance)


def _continued(votes: _Votes, matrix: VoteMatrix, start: IdealPoints, priors: Priors) -> _Estimate:
    """Return an earlier fit laid out for these votes, with a few rounds for the items it does not know.

    A country-period it does not know begins where the country stood nearest before (or after), an unknown country at 0.
    """
    if start.period_kind != matrix.period_kind or not set(start.items.items) & set(matrix.items):
        raise MeasureError(
            f"`start` is a fit by {start.period_kind} of other roll calls; give one by {matrix.period_kind} that "
            "shares some, or none."
        )
    by_country = start.to_frame().pivot(index=start.period_kind, columns="iso3", values="ideal_point")
    laid_out = by_country.reindex(index=list(matrix.periods), columns=list(matrix.countries)).ffill().bfill()
    mean = laid_out.fillna(0.0).to_numpy()
    variance = max(start.statistics.evolution_sd**2, 1e-4) if priors.evolution_sd is None else priors.evolution_sd**2
    paths = Smoothed(mean, np.full(votes.shape, variance), np.zeros(votes.shape))
    known = {name: row for row, name in enumerate(start.items.items)}
    items = _items_of_shares(votes)
    parts = [np.array(part) for part in items[:3]]
    earlier = start.items.lower_cutpoint, start.items.upper_cutpoint, start.items.discrimination
    for row, name in enumerate(matrix.items):
        if name in known:
            for part, values in zip(parts, earlier, strict=True):
                part[matrix.bridge[row]] = values[known[name]]
    items = items._replace(lower=parts[0], upper=np.maximum(parts[1], parts[0] + 1e-3), discrimination=parts[2])
    for _ in range(START_ROUNDS):
        items = _improved_items(votes, items, paths, priors)
    return _Estimate(items, paths, variance)


def _round(votes: _Votes, estimate: _Estimate, voted: np.ndarray, priors: Priors) -> _Estimate:
    """Return the estimate after one round of the alternation."""
    items = _improved_items(votes, estimate.items, estimate.paths, priors)
    paths = _improved_paths(votes, items, estimate.paths, estimate.evolution_variance)
    variance = estimate.evolution_variance
    if priors.evolution_sd is None:
        from_first_to_last = voted | (statuses(voted.astype(int)) == INTERPOLATED)
        from_first_to_last[1:] &= from_first_to_last[:-1]
        variance = learned_evolution_variance(paths, variance, from_first_to_last)
    return _to_scale(_Estimate(items, paths, variance), voted)


def _improved_items(votes: _Votes, items: _Items, paths: Smoothed, priors: Priors) -> _Items:
    """Return the items after one Newton step on their expected log posterior."""
    x, x_variance = paths.mean.ravel()[votes.cell], paths.variance.ravel()[votes.cell]
    at = curves(*items.offsets(votes, x), votes.choice)
    on_lower, on_upper = at.curve_aa + at.curve_ab, at.curve_bb + at.curve_ab
    on_both = on_lower + on_upper
    doubt = votes.by_group(on_both * x_variance)
    for_cutpoint, for_discrimination = priors.cutpoint_sd**-2, priors.discrimination_sd**-2

    gap = items.upper - items.lower

    slope = np.empty((len(gap), 3))
    slope[:, 0] = votes.by_group(at.slope_a) - 1 / gap - for_cutpoint * items.lower
    slope[:, 1] = votes.by_group(at.slope_b) + 1 / gap - for_cutpoint * items.upper
    slope[:, 2] = -votes.by_group((at.slope_a + at.slope_b) * x) - (doubt + for_discrimination) * items.discrimination

    curve = np.empty((len(gap), 3, 3))
    curve[:, 0, 0] = votes.by_group(at.curve_aa) + for_cutpoint + 1 / gap**2
    curve[:, 1, 1] = votes.by_group(at.curve_bb) + for_cutpoint + 1 / gap**2
    curve[:, 0, 1] = curve[:, 1, 0] = votes.by_group(at.curve_ab) - 1 / gap**2
    curve[:, 0, 2] = curve[:, 2, 0] = -votes.by_group(on_lower * x)
    curve[:, 1, 2] = curve[:, 2, 1] = -votes.by_group(on_upper * x)
    curve[:, 2, 2] = votes.by_group(on_both * x**2) + doubt + for_discrimination

    covariance = np.linalg.inv(curve)
    step = np.einsum("gij,gj->gi", covariance, slope)
    spare_gap = (1 - LEAST_GAP_KEPT) * gap
    share = LONGEST_STEP / np.maximum(np.abs(step).max(1), LONGEST_STEP)
    share = np.minimum(share, spare_gap / np.maximum(step[:, 0] - step[:, 1], spare_gap))
    step *= share[:, None]
    return _Items(items.lower + step[:, 0], items.upper + step[:, 1], items.discrimination + step[:, 2], covariance)


def _improved_paths(votes: _Votes, items: _Items, paths: Smoothed, evolution_variance: float) -> Smoothed:
    """Return the smoothed paths given each country-period's votes as one Gaussian observation at the present mean."""
    x = paths.mean.ravel()[votes.cell]
    at = curves(*items.offsets(votes, x), votes.choice)
    on_lower, on_upper = at.curve_aa + at.curve_ab, at.curve_bb + at.curve_ab
    on_both = on_lower + on_upper
    d, covariance = items.discrimination[votes.group], items.covariance
    d_variance = covariance[:, 2, 2][votes.group]
    slope = -(at.slope_a + at.slope_b) * d - on_both * d_variance * x
    slope += on_lower * covariance[:, 0, 2][votes.group] + on_upper * covariance[:, 1, 2][votes.group]
    precision = votes.by_cell(on_both * (d**2 + d_variance))
    return smooth(precision, votes.by_cell(slope) + precision * paths.mean, evolution_variance)


def _to_scale(estimate: _Estimate, voted: np.ndarray) -> _Estimate:
    """Return the same fit with positions of mean 0 and sd 1 over country-periods with votes."""
    items, paths, variance = estimate
    centre, unit = paths.mean[voted].mean(), paths.mean[voted].std()
    shift = items.discrimination * centre
    items = _Items(items.lower - shift, items.upper - shift, items.discrimination * unit, items.covariance)
    paths = Smoothed((paths.mean - centre) / unit, paths.variance / unit**2, paths.lag_covariance / unit**2)
    return _Estimate(items, paths, variance)


def _with_sign(estimate: _Estimate, voted: np.ndarray, positive: int) -> _Estimate:
    items, paths, variance = estimate
    if paths.mean[voted[:, positive], positive].mean() >= 0:
        return estimate
    mirror = np.array([1, 1, -1])
    covariance = items.covariance * mirror[:, None] * mirror
    items = _Items(items.lower, items.upper, -items.discrimination, covariance)
    return _Estimate(items, Smoothed(-paths.mean, paths.variance, paths.lag_covariance), variance)


def _full_variance(votes: _Votes, estimate: _Estimate) -> Float[np.ndarray, "year country"]:
    """Return posterior variances with item uncertainty: each vote informs by `d^2 (w - r' V r)` in place of `d^2 w`.

    `w` is the curvature in the position, `r` the cross curvature with the item's parameters, `V` their covariance.
    """
    items, paths, evolution_variance = estimate
    x = paths.mean.ravel()[votes.cell]
    at: Curves = curves(*items.offsets(votes, x), votes.choice)
    on_lower, on_upper = at.curve_aa + at.curve_ab, at.curve_bb + at.curve_ab
    crossed = (on_lower, on_upper, -(on_lower + on_upper) * x)
    information = on_lower + on_upper
    for row in range(3):
        for column in range(3):
            information -= crossed[row] * crossed[column] * items.covariance[:, row, column][votes.group]
    precision = votes.by_cell(np.maximum(information, 0) * items.discrimination[votes.group] ** 2)
    return smooth(precision, np.zeros(votes.shape), evolution_variance).variance


def _item_parameters(matrix: VoteMatrix, items: _Items) -> ItemParameters:
    return ItemParameters(
        items=matrix.items,
        lower_cutpoint=items.lower[matrix.bridge],
        upper_cutpoint=items.upper[matrix.bridge],
        discrimination=items.discrimination[matrix.bridge],
        discrimination_sd=np.sqrt(items.covariance[:, 2, 2])[matrix.bridge],
    )


def goodness(matrix: VoteMatrix, x: Float[np.ndarray, "year country"], items: ItemParameters) -> Goodness:
    """Return how well positions and items fit the votes."""
    votes = _prepared(matrix)
    a, b = _by_group(matrix, items).offsets(votes, x.ravel()[votes.cell])
    chosen = most_probable(a, b)
    right = sum(int((chosen[where] == code).sum()) for code, where in enumerate(votes.choice))
    tally = np.bincount(matrix.item * 3 + matrix.choice, minlength=3 * len(matrix.items)).reshape(-1, 3)
    n_votes = len(matrix.choice)
    return Goodness(log_likelihood(a, b, votes.choice), right / n_votes, float(tally.max(1).sum()) / n_votes)


def _by_group(matrix: VoteMatrix, items: ItemParameters) -> _Items:
    first = np.unique(matrix.bridge, return_index=True)[1]
    parts = items.lower_cutpoint[first], items.upper_cutpoint[first], items.discrimination[first]
    return _Items(*parts, np.zeros((len(first), 3, 3)))
