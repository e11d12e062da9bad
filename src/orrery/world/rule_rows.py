"""Rules of bodies in rows: the form in which they are put together, and the table that a simulation reads.

A rule is a choice of alternatives, each of which is a set of requirements that must all be met (its disjunctive normal
form). A requirement names the weight that each country has as a member and the part of the sitting members' weight
that must consent; part 1 is unanimity of all that have weight. `standing_rules` makes the table of many bodies,
`alternatives_of` reads one of them back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from orrery.base.errors import SimulationError
from orrery.negotiation.standing_rules import NEVER, NOTHING, StandingRules


@dataclasses.dataclass(frozen=True, eq=False)
class Requirement:
    """Consent that is needed.

    Attributes:
        weight: of each party as a member, 0 or more.
        share: part of the sitting members' weight that must consent, above 0; at 1 everyone with weight must.

    Raises:
        SimulationError: a weight below 0 or not finite, no weight at all, or a share beyond 0 to 1.
    """

    weight: Float[np.ndarray, " party"]
    share: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.weight).all() and (self.weight >= 0).all() and self.weight.any()):
            raise SimulationError(
                f"`weight`: from {self.weight.min():g} to {self.weight.max():g} came; give finite weights of at least "
                "0, one or more of them above 0."
            )
        if not 0 < self.share <= 1:
            raise SimulationError(f"`share`: {self.share:g} came; give a part above 0 and at most 1 (unanimity).")

    @property
    def unanimous(self) -> bool:
        """Whether everyone with weight must consent."""
        return self.share == 1

    @property
    def key(self) -> tuple[bool, float, bytes]:
        """What two requirements that ask for the same have in common."""
        weight = self.weight > 0 if self.unanimous else self.weight
        return self.unanimous, self.share, np.asarray(weight, np.float64).tobytes()


Alternatives = tuple[tuple[Requirement, ...], ...]
"""A rule: one alternative must be met, in it every requirement. An alternative without any is always met."""


def unanimity(n_parties: int) -> Alternatives:
    """Return the rule by which every member must consent."""
    return ((Requirement(np.ones(n_parties), 1.0),),)


def majority(weight: Float[np.ndarray, " party"], share: float) -> Alternatives:
    """Return the rule by which a part of the members' weight must consent.

    Args:
        weight: of each party as a member.
        share: the part that is enough, above 0 and below 1; "more than half" of an odd number of equal votes n is
            (n + 1) / (2 n).
    """
    return ((Requirement(np.asarray(weight, np.float64), share),),)


def simplest(rule: Alternatives) -> Alternatives:
    """Return the same rule without what is needless.

    In an alternative, the smaller of two shares of the same weights is met if the larger one is. Of several
    alternatives, one that asks for the consent of everyone with weight in any of them is met only if the others are.
    """
    kept = tuple(_without_implied(alternative) for alternative in rule)
    if len(kept) > 1:
        anyone = np.any([row.weight > 0 for alternative in kept for row in alternative], axis=0)
        everyone = [any(row.unanimous and (row.weight > 0)[anyone].all() for row in one) for one in kept]
        kept = tuple(one for one, needless in zip(kept, everyone, strict=True) if not needless) or kept[:1]
    return kept


def _without_implied(alternative: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    highest: dict[bytes, Requirement] = {}
    for row in alternative:
        # Multiples of the same weights ask for the same.
        key = (row.weight / row.weight.sum()).tobytes()
        if key not in highest or highest[key].share < row.share:
            highest[key] = row
    return tuple(highest.values())


def standing_rules(bodies: Sequence[Sequence[Alternatives]], n_parties: int) -> StandingRules:
    """Return the table of many bodies, each with one or several versions of its rule.

    Rows that several versions of a body share stand once. A version that a body does not have is never met.

    Args:
        bodies: by body, the versions of its rule, the present one first.
        n_parties: size of the axis that weights are given on.

    Raises:
        SimulationError: a body without a rule, a rule without an alternative, or weights of another size.
    """
    _check(bodies, n_parties)
    rows = [_distinct(versions) for versions in bodies]
    unanimous = [(body, row) for body, found in enumerate(rows) for row in found.values() if row.unanimous]
    quotas = [(body, row) for body, found in enumerate(rows) for row in found.values() if not row.unanimous]
    ordered = [*unanimous, *quotas]
    place = {(body, row.key): number for number, (body, row) in enumerate(ordered)}
    rules = [rule for versions in bodies for rule in versions]
    shape = (
        max(map(len, bodies)),
        len(bodies),
        max(map(len, rules)),
        max(1, max(len(alternative) for rule in rules for alternative in rule)),
    )
    places = np.full(shape, NEVER, dtype=np.int64)
    for body, versions in enumerate(bodies):
        for version, rule in enumerate(versions):
            for number, alternative in enumerate(rule):
                places[version, body, number] = NOTHING
                for column, requirement in enumerate(alternative):
                    places[version, body, number, column] = place[body, requirement.key]
    return StandingRules(
        unanimous=_stacked([np.where(row.weight > 0, 1.0, 0.0) for _, row in unanimous], n_parties),
        weight=_stacked([np.asarray(row.weight, np.float64) for _, row in quotas], n_parties),
        share=np.array([row.share for _, row in quotas], dtype=np.float64),
        row_body=np.array([body for body, _ in ordered], dtype=np.int64),
        places=places,
    )


def alternatives_of(rules: StandingRules, body: int, version: int = 0) -> Alternatives:
    """Return the rule that a body follows in a version.

    Raises:
        SimulationError: the body has no such version.
    """
    if not 0 <= version < n_versions(rules)[body]:
        raise SimulationError(
            f"`version`: {version} came; the body in place {body} has versions 0 to {n_versions(rules)[body] - 1}."
        )
    table = np.asarray(rules.places)[version, body]
    return tuple(
        tuple(_requirement(rules, int(row)) for row in alternative if row != NOTHING)
        for alternative in table
        if alternative[0] != NEVER
    )


def n_versions(rules: StandingRules) -> Int[np.ndarray, " body"]:
    """Return how many versions of its rule each body has."""
    return (np.asarray(rules.places)[..., 0] != NEVER).any(-1).sum(0)


def votes(rules: StandingRules, shape: tuple[int, int]) -> Float[np.ndarray, "body party"]:
    """Return the votes that each party has or would have: those of the first share that a body's rule needs, else 1."""
    result = np.ones(shape)
    n_unanimous = len(rules.unanimous)
    for row in reversed(range(len(rules.share))):
        result[rules.row_body[n_unanimous + row]] = np.asarray(rules.weight)[row]
    return result


def strictness(rules: StandingRules, n_bodies: int) -> Float[np.ndarray, " body"]:
    """Return the largest share of consent that each body's rule needs in the alternative that needs least."""
    share = np.concatenate([np.ones(len(rules.unanimous)), np.asarray(rules.share), [np.inf, 0.0]])
    return share[np.asarray(rules.places)[0, :n_bodies]].max(-1).min(-1)


def _requirement(rules: StandingRules, row: int) -> Requirement:
    n_unanimous = len(rules.unanimous)
    if row < n_unanimous:
        return Requirement(np.asarray(rules.unanimous)[row], 1.0)
    return Requirement(np.asarray(rules.weight)[row - n_unanimous], float(rules.share[row - n_unanimous]))


def _distinct(versions: Sequence[Alternatives]) -> dict[tuple, Requirement]:
    return {row.key: row for rule in versions for alternative in rule for row in alternative}


def _stacked(rows: list[np.ndarray], n_parties: int) -> Float[np.ndarray, "row party"]:
    return np.array(rows, dtype=np.float64).reshape(len(rows), n_parties)


def _check(bodies: Sequence[Sequence[Alternatives]], n_parties: int) -> None:
    if not bodies:
        raise SimulationError("`bodies`: none came; give the rules of one body or more.")
    for place, versions in enumerate(bodies):
        if not versions or not all(versions):
            raise SimulationError(
                f"`bodies`: the body in place {place} has no rule, or one without an alternative; give one or more."
            )
        for row in _distinct(versions).values():
            if row.weight.shape != (n_parties,):
                raise SimulationError(
                    f"`bodies`: the body in place {place} has weights of shape {row.weight.shape}; give one for each "
                    f"of the {n_parties} parties."
                )
