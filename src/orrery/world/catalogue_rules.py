"""From the rules of the catalogue to rules over the country axis, with a word on everything that is assumed.

Which rule a body follows, in this order:

1. that for the matter "substantive", for "decision", or for the default matter, the first that is in force on the day;
2. where that rule has stages, the rule of its plenary organ (the Assembly decides for the United Nations), or the rule
   of the first stage if there is no such organ;
3. where no rule is in force, the one of the default matter that is nearest in time;
4. where the file has no rule at all, more than half of the votes, which are in proportion to capability.

Weights that a rule names and the file lacks on the day are taken in proportion to capability: shareholding and quotas
roughly follow it. A country that is no member yet would have one vote where all have one, none where only some members
are meant (a veto of permanent members), and elsewhere as many as its capability would give at the members' ratio of
weight to capability.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from orrery.base.errors import SimulationError
from orrery.data.countries import Period
from orrery.institutions.blocks import RuleBlock
from orrery.institutions.body import Body
from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.stages import StagesText
from orrery.institutions.rules.support import MoreThanText
from orrery.institutions.rules.text import RuleText
from orrery.negotiation.standing_rules import rows_of_game
from orrery.world.rule_rows import Alternatives, Requirement, simplest

MATTERS = ("substantive", "decision")
"""Matters whose rule is preferred to that of the default matter."""

BY_CAPABILITY = MoreThanText.model_validate({"more_than": "1/2", "of": "members", "by": "capability"})
"""The rule assumed for a body whose file has none."""

CAPABILITY_UNIT = 10**9
"""Capability is rounded to one part in so many when it stands in for weights, which are exact."""


@dataclasses.dataclass(frozen=True)
class RuleFound:
    """How a body decides, over the country axis.

    Attributes:
        alternatives: the rule.
        matter: of the catalogue; empty where the rule is assumed.
        words: the rule in words.
        assumed: what is assumed, one sentence each.
    """

    alternatives: Alternatives
    matter: str
    words: str
    assumed: tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Axis:
    """The country axis, with what stands in for weights.

    Attributes:
        countries: ISO3 codes.
        capability: shares of the world's capability, above 0.
    """

    countries: tuple[str, ...]
    capability: Float[np.ndarray, " country"]

    def __post_init__(self) -> None:
        if self.capability.shape != (len(self.countries),) or not (self.capability > 0).all():
            raise SimulationError(
                f"`capability`: shape {self.capability.shape}, minimum {self.capability.min():g} came; give a share "
                f"above 0 for each of the {len(self.countries)} countries."
            )

    @property
    def by_country(self) -> Mapping[str, float]:
        """Capability by ISO3 code."""
        return dict(zip(self.countries, self.capability.tolist(), strict=True))


def rule_of(body: Body, day: date, axis: Axis, organs: Sequence[Body] = (), matter: str | None = None) -> RuleFound:
    """Return the rule that a body follows on a day; see the module.

    Args:
        body: of the catalogue, with voting members on the day.
        day: of the members.
        axis: the countries.
        organs: the body's organs, among which its plenary is looked for.
        matter: what is decided; found as the module says where None.

    Raises:
        InstitutionError: a rule does not fit the members of the day, or there is no such matter.
        SimulationError: the rule can never be met by countries of the axis.
    """
    block, assumed = _chosen(body, day, matter)
    if block is not None and isinstance(block.rule, StagesText):
        plenary = _plenary(body, organs, day)
        if plenary is not None:
            found = rule_of(plenary, day, axis)
            return dataclasses.replace(found, assumed=(f"decides by the rule of {plenary.code}", *found.assumed))
        assumed.append(f"of several stages, {block.rule.stages[0].name} alone is followed")
    rule, electorate = _single(block, body.electorate(day))
    lacking = sorted({name for name in _weights_named(rule) if name not in electorate.weights})
    if lacking:
        electorate = _with_weights(electorate, lacking, axis)
        if block is not None:
            assumed.append(f"weights ({', '.join(lacking)}) in proportion to capability: the file has none for the day")
    bound = rule.bind(electorate)
    if not isinstance(bound, Rule):
        raise SimulationError(f"{electorate.place}: stages within stages came; a simulation needs a rule of one stage.")
    alternatives = _over_axis(rows_of_game(bound.game()), electorate.members, axis)
    if not alternatives:
        raise SimulationError(f"{electorate.place}: the rule can never be met; correct it in the file.")
    return RuleFound(alternatives, "" if block is None else block.matter, rule.in_words(), tuple(assumed))


def _chosen(body: Body, day: date, matter: str | None) -> tuple[RuleBlock | None, list[str]]:
    """Return the block whose rule is followed, None where the file has none, and what is assumed."""
    if matter is not None:
        return body.rule_block(matter, day), []
    if not body.rules:
        return None, ["the file has no rule: more than half of the votes, in proportion to capability"]
    wanted = [name for name in (*MATTERS, body.default_matter) if name in body.matters]
    for name in wanted:
        for block in body.rules:
            if block.matter == name and block.period.covers(day):
                return block, []
    of_default = [block for block in body.rules if block.matter == body.default_matter]
    nearest = min(of_default, key=lambda block: _apart(block.period, day))
    return nearest, [f"no rule is on file for the day: that of {nearest.period.start} is followed"]


def _apart(period: Period, day: date) -> timedelta:
    """Return how far a day is from a period that does not cover it."""
    return period.start - day if day < period.start else day - (period.end or day)


def _plenary(body: Body, organs: Sequence[Body], day: date) -> Body | None:
    """Return the organ in which every member sits, and no one else."""
    members = body.members(day)
    for organ in organs:
        known = organ.known_until is None or day <= organ.known_until
        if known and organ.members(day) == members and not isinstance(_rule_text(organ, day), StagesText):
            return organ
    return None


def _rule_text(body: Body, day: date) -> RuleText:
    block, _ = _chosen(body, day, None)
    return BY_CAPABILITY if block is None else block.rule


def _single(block: RuleBlock | None, electorate: Electorate) -> tuple[RuleText, Electorate]:
    """Return a rule of one stage and who votes by it."""
    if block is None:
        return BY_CAPABILITY, electorate
    if isinstance(block.rule, StagesText):
        first = block.rule.stages[0]
        return first.rule, electorate.of_body(first.body)
    return block.rule, electorate


def _weights_named(rule: RuleText) -> Iterator[str]:
    name = getattr(rule, "by", None)
    if name is not None:
        yield name
    for part in rule.parts():
        yield from _weights_named(part)


def _with_weights(electorate: Electorate, names: Sequence[str], axis: Axis) -> Electorate:
    """Return the electorate with weights of these names in proportion to capability; 0 off the axis."""
    share = axis.by_country
    values = tuple(
        Fraction(max(1, round(share[code] * CAPABILITY_UNIT)) if code in share else 0) for code in electorate.members
    )
    return dataclasses.replace(electorate, weights={**electorate.weights, **dict.fromkeys(names, values)})


def _over_axis(
    rows: Sequence[Sequence[tuple[Sequence[float], float]]], members: Sequence[str], axis: Axis
) -> Alternatives:
    """Return rows over a body's members as requirements over the country axis; members off it are left out."""
    alternatives = []
    for row in rows:
        spread = [(_spread(np.asarray(weights, np.float64), members, axis), share) for weights, share in row]
        alternatives.append(tuple(Requirement(weight, share) for weight, share in spread if weight.any()))
    return simplest(tuple(alternatives))


def _spread(weights: Float[np.ndarray, " member"], members: Sequence[str], axis: Axis) -> Float[np.ndarray, " country"]:
    """Return weights over the country axis, with those that countries which are no members would have."""
    held = dict(zip(members, weights.tolist(), strict=True))
    member = np.array([code in held for code in axis.countries])
    own = np.array([held.get(code, 0.0) for code in axis.countries])
    kinds = np.unique(weights[weights > 0])
    if len(kinds) == 1:
        joining = np.full(len(own), kinds[0] if (weights > 0).all() else 0.0)
    else:
        joining = axis.capability * own.sum() / axis.capability[member & (own > 0)].sum()
    return np.where(member, own, joining)
