"""Formats that no other format beats in every respect: a search over seats, rules and means with paired draws.

NSGA-II (Deb et al. 2002, in pymoo) begins with the named formats and the case's own one, so that what it ends with is
at least as good. The mean of each merit over draws is what is searched by; with `worst` the mean of its worst tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import Callback
from pymoo.core.problem import Problem as SearchProblem
from pymoo.optimize import minimize
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import Case
from orrery.negotiation.design.merits import OBJECTIVES, SENSES, Merits, compliance_intercept, merits_of
from orrery.negotiation.design.tables import Matter
from orrery.negotiation.formats import PRESETS, SCALARS, Layout, layout, own_format

POPULATION = 100
EVALUATIONS = 2_000
WORST = 0.1
SUNSETS = (5.0, 10.0, 20.0, np.inf)
MOST_VETOES = 5
OWN = "own format"


@dataclass(frozen=True)
class Constraints:
    """What designs may be.

    Attributes:
        include: keys of parties that must sit.
        exclude: keys of parties that must not.
        least_seats: so many sit at least.
        most_seats: so many sit at most; None for no limit.
        quota: least and greatest share of the votes that carries a text.
        vetoes: whether vetoes are allowed.
        opt_outs: whether opt-outs are allowed.
        most: greatest value of any mean, by its name in `formats.SCALARS`; 1 where it is absent.
        least_chance: least probability of agreement within the horizon.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    least_seats: int = 2
    most_seats: int | None = None
    quota: tuple[float, float] = (0.5, 1.0)
    vetoes: bool = True
    opt_outs: bool = True
    most: Mapping[str, float] = field(default_factory=dict)
    least_chance: float = 0.0

    def check(self, case: Case) -> None:
        """Refuse what no design of a case can satisfy.

        Raises:
            NegotiationError: an unknown party or means, a party both in and out, or limits that exclude each other.
        """
        for name in ("include", "exclude"):
            unknown = [key for key in getattr(self, name) if key not in case.keys]
            if unknown:
                raise NegotiationError(
                    f"`{name}`: there is no party {', '.join(unknown)}; known: {', '.join(case.keys)}."
                )
        both = set(self.include) & set(self.exclude)
        if both:
            raise NegotiationError(f"`exclude`: {', '.join(sorted(both))} must also sit. Name each in one list.")
        unknown = [name for name in self.most if name not in SCALARS]
        if unknown:
            raise NegotiationError(f"`most`: {', '.join(unknown)} came; the means are {', '.join(SCALARS)}.")
        most = len(case.parties) - len(self.exclude)
        if self.most_seats is not None:
            most = min(most, self.most_seats)
        least = max(self.least_seats, len(self.include), 2)
        if least > most:
            raise NegotiationError(
                f"`most_seats`: at most {most} parties can sit, and {least} must. Loosen one of the limits."
            )
        if not 0 < self.quota[0] <= self.quota[1] <= 1:
            raise NegotiationError(f"`quota`: {self.quota} came; give a least and a greatest share above 0, up to 1.")


@dataclass(frozen=True)
class Found:
    """Designs and what each is worth.

    Attributes:
        matter: what they are for.
        names: of the designs: a preset, `own format`, or a number.
        layouts: the designs.
        merits: by design and draw.
        objectives: by which they were searched.
        judged: by what they were compared, by objective: the mean over draws, or over the worst tenth of them.
        front: which of them no other beats in every one of the objectives.
        n_evaluated: how many designs were looked at.
    """

    matter: Matter
    names: tuple[str, ...]
    layouts: Layout
    merits: Merits
    objectives: tuple[str, ...]
    judged: Float[np.ndarray, "design judged_objective"]
    front: Bool[np.ndarray, " design"]
    n_evaluated: int

    def means(self) -> Float[np.ndarray, "design objective"]:
        """Return the mean of each merit over draws, all five in the order of `merits.OBJECTIVES`."""
        return np.asarray(self.merits.merits).mean(1)

    def at(self, place: int) -> Layout:
        """Return one design."""
        return jax.tree.map(lambda array: array[place], self.layouts)


def design(
    matter: Matter,
    objectives: Sequence[str] = OBJECTIVES,
    constraints: Constraints | None = None,
    *,
    n_evaluations: int = EVALUATIONS,
    worst: bool = False,
    seed: int = 0,
    report: Callable[[int], None] | None = None,
) -> Found:
    """Return the formats for a matter that no other one found beats in every objective, presets beside them.

    Args:
        matter: the case with its draws.
        objectives: by which to search: two or more of `merits.OBJECTIVES`.
        constraints: what designs may be.
        n_evaluations: how many designs to look at, 100 at a time.
        worst: whether to search by the worst tenth of draws in place of the mean.
        seed: of the search.
        report: told how many designs have been looked at.

    Raises:
        NegotiationError: fewer than two objectives, an unknown one, fewer designs than one population, or constraints
            that no design satisfies.
    """
    if n_evaluations < POPULATION:
        raise NegotiationError(
            f"`n_evaluations`: {n_evaluations} came; {POPULATION} designs are looked at together. Ask for as many."
        )
    limits = Constraints() if constraints is None else constraints
    limits.check(matter.case)
    columns = columns_of(objectives)
    judge = _Judge(matter, limits, columns, worst)
    named = _named(matter.case)
    genes = np.stack([judge.code.encode(one) for one in named.values()])
    start = np.concatenate(
        [genes, np.random.default_rng(seed).random((max(POPULATION - len(genes), 0), judge.code.size))]
    )
    search = NSGA2(pop_size=POPULATION, sampling=start, eliminate_duplicates=True)
    steps = n_evaluations // POPULATION
    ended = minimize(judge, search, ("n_gen", steps), seed=seed, callback=_Progress(report), verbose=False)
    best = np.atleast_2d(ended.X) if ended.X is not None else np.empty((0, judge.code.size))
    return _found(matter, judge, named, best, (columns, steps * POPULATION))


def evaluate(matter: Matter, layouts: Sequence[Layout]) -> Merits:
    """Return what given designs are worth for a matter."""
    stacked = jax.tree.map(lambda *arrays: jnp.stack(arrays), *layouts)
    return merits_of(stacked, matter.draws, matter.weights, compliance_intercept(matter))


def smallest_coalition(case: Case, share: float) -> tuple[str, ...]:
    """Return the fewest parties that together hold a share of the capability to solve the problem.

    No other set of so few holds more: the most capable are taken first.

    Raises:
        NegotiationError: a share that is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise NegotiationError(f"`share`: {share} came; give a share above 0, up to 1.")
    capability = np.array([party.capability for party in case.parties])
    order = np.argsort(-capability, kind="stable")
    held = np.cumsum(capability[order]) / capability.sum()
    n_needed = int(np.argmax(held >= share - 1e-12)) + 1
    return tuple(case.keys[place] for place in order[:n_needed])


def columns_of(objectives: Sequence[str]) -> list[int]:
    """Return the places of objectives among all merits.

    Raises:
        NegotiationError: an unknown one, or fewer than two.
    """
    unknown = [name for name in objectives if name not in OBJECTIVES]
    if unknown:
        raise NegotiationError(f"`objectives`: {', '.join(unknown)} came; known are {', '.join(OBJECTIVES)}.")
    if len(set(objectives)) < 2:
        raise NegotiationError("`objectives`: a front needs two or more. Give others to weigh against.")
    return [OBJECTIVES.index(name) for name in dict.fromkeys(objectives)]


def _named(case: Case) -> dict[str, Layout]:
    """Return the presets that a case can be put to, and its own format."""
    found = {}
    for name, preset in PRESETS.items():
        try:
            found[name] = layout(preset, case)
        except NegotiationError:
            # A coalition of the willing needs two that are willing; the others always have two parties.
            continue
    return {**found, OWN: own_format(case)}


class Code:
    """Designs as numbers from 0 to 1: seats, quota, vetoes, means, opt-outs, sunset.

    Attributes:
        size: how many numbers a design has.
    """

    def __init__(self, case: Case, limits: Constraints) -> None:
        self.limits = limits
        self.n_parties = len(case.parties)
        self.votes = np.maximum(np.array(case.seats.votes), 1)
        self.capability = np.array([party.capability for party in case.parties])
        self.must = np.isin(case.keys, limits.include)
        self.barred = np.isin(case.keys, limits.exclude)
        self.most = np.array([limits.most.get(name, 1.0) for name in SCALARS])
        self.size = self.n_parties + len(SCALARS) + 4

    def decode(self, genes: Float[np.ndarray, "design gene"]) -> Layout:
        """Return the designs that rows of numbers stand for; all satisfy the limits of seats, rules and means."""
        seats, means, (quota, vetoes, opt_outs, sunset) = self._split(genes)
        seated = self._seated(seats)
        votes = np.where(seated, self.votes, 0)
        low, high = self.limits.quota
        share = low + (high - low) * quota
        n_vetoes = (
            np.floor(vetoes * (MOST_VETOES + 1) - 1e-9).astype(int) if self.limits.vetoes else 0 * quota.astype(int)
        )
        rank = np.argsort(np.argsort(-np.where(seated, self.capability, -1.0), axis=1, kind="stable"), axis=1)
        ends = np.array(SUNSETS)[np.minimum((sunset * len(SUNSETS)).astype(int), len(SUNSETS) - 1)]
        values = means * self.most
        return Layout(
            seated=jnp.asarray(seated),
            votes=jnp.asarray(votes, jnp.int32),
            quota=jnp.asarray(np.ceil(share * votes.sum(1) - 1e-9), jnp.int32),
            veto=jnp.asarray((rank < n_vetoes[:, None]) & seated),
            opt_outs=jnp.asarray((opt_outs > 0.5) & self.limits.opt_outs, float),
            sunset=jnp.asarray(ends, float),
            **{name: jnp.asarray(values[:, place], float) for place, name in enumerate(SCALARS)},
        )

    def encode(self, one: Layout) -> Float[np.ndarray, " gene"]:
        """Return numbers that stand for a design, as near as the limits allow."""
        seated, votes = np.asarray(one.seated), np.asarray(one.votes)
        share = float(one.quota) / max(int(votes.sum()), 1)
        low, high = self.limits.quota
        quota = 1.0 if high == low else float(np.clip((share - low) / (high - low), 0, 1))
        vetoes = (min(int(np.asarray(one.veto).sum()), MOST_VETOES) + 0.5) / (MOST_VETOES + 1)
        sunset = (int(np.argmin(np.abs(1 / np.array(SUNSETS) - 1 / float(one.sunset)))) + 0.5) / len(SUNSETS)
        means = [float(getattr(one, name)) for name in SCALARS]
        return np.array([*np.where(seated, 0.9, 0.1), *means, quota, vetoes, 0.1 + 0.8 * float(one.opt_outs), sunset])

    def _split(self, genes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = np.clip(np.atleast_2d(genes), 0, 1)
        first, second = self.n_parties, self.n_parties + len(SCALARS)
        return rows[:, :first], rows[:, first:second], rows[:, second:].T

    def _seated(self, seats: Float[np.ndarray, "design party"]) -> Bool[np.ndarray, "design party"]:
        """Return who sits: those above one half, those that must, as many as the limits ask, the likeliest first."""
        wish = np.where(self.must, 2.0, np.where(self.barred, -1.0, seats))
        rank = np.argsort(np.argsort(-wish, axis=1, kind="stable"), axis=1)
        most = self.n_parties if self.limits.most_seats is None else self.limits.most_seats
        least = max(self.limits.least_seats, int(self.must.sum()), 2)
        return (((wish > 0.5) & (rank < most)) | (rank < least)) & ~self.barred


class _Judge(SearchProblem):
    """What pymoo minimises: merits with their sign turned, the chance of agreement as a limit."""

    def __init__(self, matter: Matter, limits: Constraints, columns: list[int], worst: bool) -> None:
        self.code = Code(matter.case, limits)
        self.matter, self.columns, self.worst = matter, columns, worst
        self.signs = np.array([SENSES[OBJECTIVES[column]] for column in columns])
        self.intercept = compliance_intercept(matter)
        super().__init__(n_var=self.code.size, n_obj=len(columns), n_ieq_constr=1, xl=0.0, xu=1.0)

    def worth(self, genes: np.ndarray) -> tuple[Layout, Merits]:
        """Return designs and their merits."""
        layouts = self.code.decode(genes)
        return layouts, merits_of(layouts, self.matter.draws, self.matter.weights, self.intercept)

    def losses(self, found: Merits) -> Float[np.ndarray, "design objective"]:
        """Return what is minimised."""
        values = -self.signs * np.asarray(found.merits)[..., self.columns]
        if not self.worst:
            return values.mean(1)
        n_worst = max(int(np.ceil(WORST * values.shape[1])), 1)
        return -np.sort(-values, axis=1)[:, :n_worst].mean(1)

    def _evaluate(self, x: np.ndarray, out: dict, *args: object, **kwargs: object) -> None:
        _, found = self.worth(x)
        out["F"] = self.losses(found)
        out["G"] = self.code.limits.least_chance - np.asarray(found.chance).mean(1)[:, None]


class _Progress(Callback):
    def __init__(self, report: Callable[[int], None] | None) -> None:
        super().__init__()
        self.report = report

    def notify(self, algorithm: NSGA2) -> None:
        if self.report is not None:
            self.report(int(algorithm.n_gen) * POPULATION)


def _found(
    matter: Matter, judge: _Judge, named: dict[str, Layout], best: np.ndarray, searched: tuple[list[int], int]
) -> Found:
    """Return the named formats as they are, and the designs found, with the front of both together."""
    columns, n_evaluated = searched
    layouts = jax.tree.map(lambda *arrays: jnp.stack(arrays), *named.values())
    names = list(named)
    if len(best):
        layouts = jax.tree.map(lambda one, other: jnp.concatenate([one, other]), layouts, judge.code.decode(best))
        names += [f"design {number}" for number in range(1, len(best) + 1)]
    merits = merits_of(layouts, matter.draws, matter.weights, judge.intercept)
    losses = judge.losses(merits)
    allowed = _allowed(layouts, merits, judge.code)
    front = np.zeros(len(names), bool)
    rows = np.flatnonzero(allowed)
    if len(rows) == 0:
        raise NegotiationError(
            f"`constraints`: none of {n_evaluated:,} designs satisfies them. Lower `least_chance`, or loosen another."
        )
    front[rows[NonDominatedSorting().do(losses[rows], only_non_dominated_front=True)]] = True
    objectives = tuple(OBJECTIVES[column] for column in columns)
    return Found(matter, tuple(names), layouts, merits, objectives, -judge.signs * losses, front, n_evaluated)


def _allowed(layouts: Layout, merits: Merits, code: Code) -> Bool[np.ndarray, " design"]:
    """Tell which designs satisfy the limits: presets may not."""
    limits, seated = code.limits, np.asarray(layouts.seated)
    total = np.maximum(np.asarray(layouts.votes).sum(1), 1)
    share = np.asarray(layouts.quota) / total
    low, high = limits.quota
    most = code.n_parties if limits.most_seats is None else limits.most_seats
    means = np.stack([np.asarray(getattr(layouts, name)) for name in SCALARS], 1)
    return (
        seated[:, code.must].all(1)
        & ~seated[:, code.barred].any(1)
        & (seated.sum(1) >= limits.least_seats)
        & (seated.sum(1) <= most)
        & (share >= low - 1 / total)
        & (share <= high + 1 / total)
        & (limits.vetoes | ~np.asarray(layouts.veto).any(1))
        & (limits.opt_outs | (np.asarray(layouts.opt_outs) == 0))
        & (means <= code.most + 1e-6).all(1)
        & (np.asarray(merits.chance).mean(1) >= limits.least_chance)
    )
