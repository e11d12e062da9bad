"""Cuts at a day: what reforms do to the blocks of a body so that all before the day stays on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, TypeVar

from pydantic import ValidationError

from orrery.base.errors import InstitutionError
from orrery.data.countries import Period
from orrery.institutions.blocks import VOTING, MembershipBlock, RuleBlock, SourceBlock, WeightsBlock
from orrery.institutions.body import Body
from orrery.institutions.periods import common
from orrery.institutions.places import Places, in_words
from orrery.institutions.rules.words import read_rule

RuleTable = dict[str, Any]
"""A rule as a file holds it."""
Number = int | Decimal
Weights = Mapping[str, Mapping[str, Number]]
"""Weights by their name, then by country."""

NewWeights = Callable[[WeightsBlock], Mapping[str, Number]]
Made = TypeVar("Made", MembershipBlock, RuleBlock, WeightsBlock)

SOURCE = "reform"
"""Key of the source that reformed parts of a body name."""


def changed(body: Body, on: date, **changes: Any) -> Body:
    """Return the changed body; the source of a reform is named once."""
    sources = body.sources
    if SOURCE not in {source.key for source in sources}:
        source = SourceBlock(
            key=SOURCE, title="A reform of this body, as asked for", year=on.year, where="no instrument"
        )
        sources = (*sources, source)
    return body.changed(sources=sources, **changes)


def period_from(body: Body, on: date) -> Period:
    """Return the rest of the life of a body.

    Raises:
        InstitutionError: it does not exist on the day.
    """
    if on < body.founded or (body.ended is not None and on > body.ended):
        raise InstitutionError(
            f"{body.place(on)}, `on`: the body exists from {body.founded} to {body.ended or 'now'}. Name a day within."
        )
    return Period(on, body.ended)


def before(on: date) -> Period:
    """Return all days before a day."""
    return Period(date.min, on - timedelta(days=1))


def cut(blocks: Sequence[Any], concerned: Callable[[Any], bool], on: date) -> tuple[Any, ...]:
    """Return blocks with those concerned over by the day before."""
    kept = []
    for block in blocks:
        held = common(block.period, before(on)) if concerned(block) else block.period
        if held is not None:
            kept.append(block.model_copy(update={"period": held}))
    return tuple(kept)


def membership_within(
    blocks: Sequence[MembershipBlock],
    days: Period,
    countries: Sequence[str] | None = None,
    statuses: Sequence[str] | None = None,
) -> tuple[MembershipBlock, ...]:
    """Return membership clipped to some days: of all, or of some countries or statuses, the others as they are."""
    kept = []
    for block in blocks:
        if statuses is not None and block.status not in statuses:
            kept.append(block)
            continue
        held = {
            code: clipped(spells, days) if countries is None or code in countries else spells
            for code, spells in block.countries.items()
        }
        held = {code: spells for code, spells in held.items() if spells}
        if held:
            kept.append(block.model_copy(update={"countries": held}))
    return tuple(kept)


def clipped(periods: Sequence[Period], days: Period) -> tuple[Period, ...]:
    """Return what periods have in common with some days."""
    return tuple(held for period in periods if (held := common(period, days)) is not None)


def weights_of(
    blocks: Sequence[WeightsBlock], membership: Sequence[MembershipBlock], days: Period
) -> list[WeightsBlock]:
    """Return weights clipped to some days, with the values of those alone that vote within them."""
    kept = []
    for block in blocks:
        period = common(block.period, days)
        voters = voting(membership, period) if period is not None else ()
        values = {code: value for code, value in block.values.items() if code in voters}
        if values:
            kept.append(block.model_copy(update={"period": period, "values": values}))
    return kept


def voting(membership: Sequence[MembershipBlock], days: Period) -> tuple[str, ...]:
    """Return who votes at some time within these days, sorted."""
    found = {
        code
        for block in membership
        if block.status in VOTING
        for code, spells in block.countries.items()
        if clipped(spells, days)
    }
    return tuple(sorted(found))


def made(kind: type[Made], body: Body, on: date, **fields: Any) -> Made:
    """Return a part of a body that a reform adds.

    Raises:
        InstitutionError: naming body, day and field, where a field is not valid.
    """
    try:
        return kind.model_validate({"source": SOURCE, **fields})
    except ValidationError as error:
        raise InstitutionError(f"the reform from {on}: {in_words(error, Places(body.file, body.code))}") from None


def with_members(
    body: Body,
    on: date,
    membership: tuple[MembershipBlock, ...],
    *,
    in_proportion: bool = False,
    weights: NewWeights = lambda block: {},
) -> Body:
    """Return the body with other members from a day on, and what goes with them.

    Vetoes and parts of rules that name countries name those alone that still vote; a veto that nobody is left to
    cast falls away.

    Args:
        body: the body.
        on: first day.
        membership: all of it, before and after.
        in_proportion: whether numbers of votes that rules require go with the number of members.
        weights: those that change or are new, given the weights in force.

    Raises:
        InstitutionError: a new member lacks a weight that is in force.
    """
    held = weights_of(body.weights, body.membership, before(on))
    rest = period_from(body, on)
    for block in body.weights:
        period = common(block.period, rest)
        if period is not None:
            held.append(_completed(block.model_copy(update={"period": period}), body, membership, weights(block)))
    seats = {
        code: block.status
        for block in membership
        if block.status in VOTING
        for code, spells in block.countries.items()
        if clipped(spells, Period(on, on))
    }
    share = Fraction(len(seats), len(body.members(on))) if in_proportion else Fraction(1)
    rules = _refitted(body, on, lambda table: _fitting(_scaled(table, share), seats))
    return changed(body, on, membership=membership, weights=tuple(held), rules=rules)


def _completed(
    block: WeightsBlock, body: Body, membership: Sequence[MembershipBlock], new: Mapping[str, Number]
) -> WeightsBlock:
    """Return weights with one for each of other members."""
    voters, on = voting(membership, block.period), block.period.start
    lacking = [code for code in voters if code not in block.values and code not in new]
    if lacking:
        raise InstitutionError(
            f"{body.place(on)}, `weights`: {block.name!r} has no value for {', '.join(lacking)}; give them as "
            f"{{{block.name!r}: {{{lacking[0]!r}: ...}}}}."
        )
    values = {code: new.get(code, block.values.get(code)) for code in voters}
    return made(WeightsBlock, body, on, **{**dict(block), "source": SOURCE, "values": values})


def _refitted(body: Body, on: date, change: Callable[[RuleTable], RuleTable]) -> tuple[RuleBlock, ...]:
    """Return the rules with those in force from a day on changed; those that stay the same are not cut."""
    kept, new = [], []
    for block in body.rules:
        table = block.rule.to_table()
        other = change(table)
        if other == table or (block.period.end is not None and block.period.end < on):
            kept.append(block)
            continue
        kept += cut([block], lambda block: True, on)
        period = Period(max(on, block.period.start), block.period.end)
        new.append(made(RuleBlock, body, on, **{**dict(block), "source": SOURCE, "period": period, "rule": other}))
    return (*kept, *new)


def _scaled(table: RuleTable, share: Fraction) -> RuleTable:
    """Return a rule with the numbers of votes, one each, that it requires multiplied and rounded up."""
    new = dict(table)
    for word in ("yes", "more_than"):
        if isinstance(new.get(word), int) and "by" not in new:
            new[word] = ceil(new[word] * share)
    for word in ("all", "any"):
        if word in new:
            new[word] = [_scaled(part, share) for part in new[word]]
    return _of_own_votes(new, lambda rule: _scaled(rule, share))


def _fitting(table: RuleTable, seats: Mapping[str, str]) -> RuleTable:
    """Return a rule that names those members alone that there are, without vetoes that nobody holds."""
    new = dict(table)
    for word in ("all", "any"):
        if word in new:
            parts = [_fitting(part, seats) for part in new[word] if not _is_idle_veto(part, seats)]
            if len(parts) == 1 < len(new[word]):
                return parts[0]
            new[word] = parts or new[word]
    for word, key in (("veto", "holders"), ("among", "members")):
        if word in new and not isinstance(new[word][key], str):
            new[word] = {**new[word], key: [code for code in new[word][key] if code in seats] or new[word][key]}
    return _of_own_votes(new, lambda rule: _fitting(rule, seats))


def _of_own_votes(table: RuleTable, change: Callable[[RuleTable], RuleTable]) -> RuleTable:
    """Return a rule with the rules changed by which this body votes in stages, or binds those that do not opt out."""
    new = dict(table)
    if "stages" in new:
        new["stages"] = [
            stage if stage.get("body") is not None else {**stage, "rule": change(stage["rule"])}
            for stage in new["stages"]
        ]
    if "opting_out" in new:
        new["opting_out"] = {**new["opting_out"], "rule": change(new["opting_out"]["rule"])}
    return new


def _is_idle_veto(table: RuleTable, seats: Mapping[str, str]) -> bool:
    if "veto" not in table:
        return False
    holders = table["veto"]["holders"]
    return not any(status == holders or code in holders for code, status in seats.items())


def less_veto(table: RuleTable, body: Body, on: date, of: Sequence[str] | None) -> RuleTable:
    """Return a rule without its vetoes, or with fewer holders.

    Raises:
        InstitutionError: the rule has no veto to take away, or is nothing else; or a country holds none.
    """
    parts = table.get("all", [table])
    vetoes = [part for part in parts if "veto" in part]
    if not vetoes or len(vetoes) == len(parts):
        raise InstitutionError(f"{body.place(on)}, `rule`: {table!r} has no veto beside other requirements.")
    losing = set(of or ())
    held = [(part, _holders(part["veto"]["holders"], body, on)) for part in vetoes]
    strangers = sorted(losing - {code for _, holders in held for code in holders})
    if strangers:
        raise InstitutionError(f"{body.place(on)}, `of`: {', '.join(strangers)} came, who hold no veto then.")
    kept = [part for part in parts if "veto" not in part]
    for part, holders in held if of is not None else ():
        left = [code for code in holders if code not in losing]
        if left:
            kept.append({"veto": {**part["veto"], "holders": left}})
    read_rule({"all": kept})
    return kept[0] if len(kept) == 1 else {"all": kept}


def _holders(holders: str | Sequence[str], body: Body, on: date) -> list[str]:
    if not isinstance(holders, str):
        return list(holders)
    return sorted(code for code, status, period in body.spells() if status == holders and period.covers(on))


def with_amount(table: RuleTable, amount: int | str) -> RuleTable:
    """Return a rule with another amount in its one count of votes in favour.

    Raises:
        InstitutionError: it has none, or several.
    """
    parts = table.get("all", [table])
    counts = [part for part in parts if {"yes", "more_than"} & set(part)]
    if len(counts) != 1:
        raise InstitutionError(
            f"`rule`: {table!r} has {len(counts)} counts of votes in favour; give the whole rule instead (`ruled`)."
        )
    word = "yes" if "yes" in counts[0] else "more_than"
    new = {**counts[0], word: amount}
    if isinstance(amount, int):
        new.pop("of", None)
    elif "of" not in new:
        new["of"] = "members"
    replaced = [new if part is counts[0] else part for part in parts]
    return {"all": replaced} if "all" in table else replaced[0]
