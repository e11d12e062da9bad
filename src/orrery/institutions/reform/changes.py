"""Reforms: functions from a body to another body, made of a few elementary changes.

A reform takes effect on a day: what was before stays on record, so that a reformed body can be asked about any day.

```python
council = load_body("UNSC")
larger = admitted(("BRA", "DEU", "IND", "JPN"), on=date(2026, 1, 1), status="permanent")(council)
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from math import ceil
from typing import Any

from orrery.base.errors import InstitutionError
from orrery.data.countries import Period
from orrery.institutions.blocks import VOTING, MembershipBlock, RuleBlock, SourceBlock, WeightsBlock
from orrery.institutions.body import Body
from orrery.institutions.periods import common
from orrery.institutions.rules.words import read_rule

Reform = Callable[[Body], Body]
"""A body in, the reformed body out; the body that came stays as it is."""
RuleTable = dict[str, Any]
"""A rule as a file holds it."""

SOURCE = "reform"
"""Key of the source that reformed parts of a body name."""


def chained(*reforms: Reform) -> Reform:
    """Return several reforms as one, in this order."""
    return lambda body: reduce(lambda reformed, reform: reform(reformed), reforms, body)


def admitted(countries: Sequence[str], *, on: date, status: str = "member", in_proportion: bool = False) -> Reform:
    """Return the reform that admits countries from a day on.

    A country that already votes with another status gets the new one: its spell ends the day before.

    Args:
        countries: ISO3 codes.
        on: first day.
        status: of the new members, such as "permanent", which may carry a veto.
        in_proportion: whether numbers of votes that rules require stay the share of members that they were, rounded
            up: nine of fifteen become twelve of nineteen. Otherwise the numbers stay.
    """

    def reform(body: Body) -> Body:
        kept = _membership_without(body, countries, on)
        spells = {code: (_from(body, on),) for code in countries}
        block = MembershipBlock.model_validate({"status": status, "source": SOURCE, "countries": spells})
        return _with_members(body, on, (*kept, block), in_proportion=in_proportion)

    return reform


def removed(countries: Sequence[str], *, on: date, in_proportion: bool = False) -> Reform:
    """Return the reform by which countries are no longer members from a day on.

    Args:
        countries: ISO3 codes.
        on: first day.
        in_proportion: as for `admitted`.

    Raises:
        InstitutionError: from the reform, where a country is not a member on the day.
    """

    def reform(body: Body) -> Body:
        strangers = sorted(set(countries) - set(body.members(on)))
        if strangers:
            raise InstitutionError(f"{body.place(on)}, `countries`: {', '.join(strangers)} came, no members then.")
        kept = _membership_without(body, countries, on)
        return _with_members(body, on, kept, in_proportion=in_proportion)

    return reform


def as_on(day: date, *, on: date) -> Reform:
    """Return the reform that brings the voting members of an earlier or later day back from a day on."""

    def reform(body: Body) -> Body:
        then = {code: status for code, status, period in body.spells() if period.covers(day)}
        if not then:
            raise InstitutionError(f"{body.place(day)}, `membership`: nobody votes on this day. Name another one.")
        kept = _membership_without(body, body.members(on), on)
        blocks = [
            MembershipBlock.model_validate(
                {
                    "status": status,
                    "source": SOURCE,
                    "countries": {code: (_from(body, on),) for code, held in then.items() if held == status},
                }
            )
            for status in dict.fromkeys(then.values())
        ]
        return _changed(body, on, membership=(*kept, *blocks))

    return reform


def reweighted(name: str, values: Mapping[str, int | Fraction], *, on: date, unit: str) -> Reform:
    """Return the reform that gives members other weights from a day on.

    Args:
        name: of the weights, as rules call them.
        values: by ISO3 code; every voting member.
        on: first day.
        unit: such as "votes".
    """

    def reform(body: Body) -> Body:
        kept = _cut(body.weights, lambda block: block.name == name, on)
        block = WeightsBlock.model_validate(
            {"name": name, "period": _from(body, on), "source": SOURCE, "unit": unit, "values": dict(values)}
        )
        return _changed(body, on, weights=(*kept, block))

    return reform


def ruled(matter: str, rule: RuleTable | Callable[[RuleTable], RuleTable], *, on: date) -> Reform:
    """Return the reform that decides a matter by another rule from a day on.

    Args:
        matter: as the body names it; a new one is added.
        rule: the rule as a file holds it, or a function of the one in force on the day.
        on: first day.
    """

    def reform(body: Body) -> Body:
        old = next((block for block in body.rules if block.matter == matter and block.period.covers(on)), None)
        if old is None and callable(rule):
            body.rule_block(matter, on)
        table = rule(old.rule.to_table()) if callable(rule) and old is not None else rule
        kept = _cut(body.rules, lambda block: block.matter == matter, on)
        default = old.default if old is not None else not body.rules
        block = RuleBlock.model_validate(
            {"matter": matter, "period": _from(body, on), "source": SOURCE, "rule": table, "default": default}
        )
        return _changed(body, on, rules=(*kept, block))

    return reform


def ruled_as(matter: str, other: str, *, on: date) -> Reform:
    """Return the reform that decides one matter as another one is decided, such as sanctions by qualified majority."""
    return lambda body: ruled(matter, body.rule_block(other, on).rule.to_table(), on=on)(body)


def without_veto(matter: str | None = None, *, on: date, of: Sequence[str] | None = None) -> Reform:
    """Return the reform that takes the veto away, from all holders or from some countries.

    Args:
        matter: the default one for None.
        on: first day.
        of: countries that lose it; all for None.
    """
    return lambda body: ruled(matter or body.default_matter, lambda table: _less_veto(table, body, on, of), on=on)(body)


def with_veto(holders: Sequence[str], matter: str | None = None, *, on: date) -> Reform:
    """Return the reform that gives countries a veto beside what the rule requires."""
    return lambda body: ruled(
        matter or body.default_matter,
        lambda table: {"all": [table, {"veto": {"holders": list(holders)}}]},
        on=on,
    )(body)


def with_override(votes: int, matter: str | None = None, *, on: date) -> Reform:
    """Return the reform by which so many votes in favour carry a motion in spite of any veto."""
    return lambda body: ruled(matter or body.default_matter, lambda table: {"any": [table, {"yes": votes}]}, on=on)(
        body
    )


def with_quota(amount: int | str, matter: str | None = None, *, on: date) -> Reform:
    """Return the reform that asks for another number or share of votes in favour, all else equal.

    Args:
        amount: a number of votes, or a share as text, such as "2/3".
        matter: the default one for None.
        on: first day.
    """
    return lambda body: ruled(
        matter or body.default_matter, lambda table: _with_amount(table, lambda old: amount), on=on
    )(body)


def sunset(last: date) -> Reform:
    """Return the reform that lets a body end on a day."""

    def reform(body: Body) -> Body:
        life = Period(body.founded, last)

        def clipped(period: Period) -> Period | None:
            return common(period, life)

        membership = []
        for block in body.membership:
            countries = {
                code: tuple(held for spell in spells if (held := clipped(spell)) is not None)
                for code, spells in block.countries.items()
            }
            countries = {code: spells for code, spells in countries.items() if spells}
            if countries:
                membership.append(block.model_copy(update={"countries": countries}))
        parts = {
            name: tuple(
                block.model_copy(update={"period": held})
                for block in getattr(body, name)
                if (held := clipped(block.period)) is not None
            )
            for name in ("weights", "rules")
        }
        participants = tuple(
            one.model_copy(update={"period": spells})
            for one in body.participants
            if (spells := tuple(held for spell in one.period if (held := clipped(spell)) is not None))
        )
        return body.changed(ended=last, membership=tuple(membership), participants=participants, **parts)

    return reform


def pooled(countries: Sequence[str], seat: str, *, on: date) -> Reform:
    """Return the reform by which several members hold one seat together: one of them votes, with the weights of all.

    Args:
        countries: the members that pool, `seat` among them.
        seat: the one in whose name they vote.
        on: first day.

    Raises:
        InstitutionError: from the reform, where `seat` is not one of them.
    """

    def reform(body: Body) -> Body:
        if seat not in countries:
            raise InstitutionError(f"`seat`: {seat!r} came; give one of {', '.join(countries)}.")
        others = [code for code in countries if code != seat]
        weights = [block for block in body.weights if block.period.covers(on)]
        reforms = [removed(others, on=on)]
        for block in weights:
            values: dict[str, Any] = {code: value for code, value in block.values.items() if code not in others}
            values[seat] = sum(block.values[code] for code in countries)
            reforms.append(reweighted(block.name, values, on=on, unit=block.unit))
        return chained(*reforms)(body)

    return reform


def split(body: Body, countries: Sequence[str], *, on: date) -> tuple[Body, Body]:
    """Return two bodies in place of one from a day on: these members, and all others; quotas stay in proportion."""
    rest = [code for code in body.members(on) if code not in countries]
    return removed(rest, on=on, in_proportion=True)(body), removed(countries, on=on, in_proportion=True)(body)


def _changed(body: Body, on: date, **changes: Any) -> Body:
    """Return the changed body; the source of a reform is named once."""
    sources = body.sources
    if SOURCE not in {source.key for source in sources}:
        source = SourceBlock(
            key=SOURCE, title="A reform of this body, as asked for", year=on.year, where="no instrument"
        )
        sources = (*sources, source)
    return body.changed(sources=sources, **changes)


def _with_members(body: Body, on: date, membership: tuple[MembershipBlock, ...], *, in_proportion: bool) -> Body:
    """Return the body with other members, and with the numbers of votes that go with them."""
    if not in_proportion:
        return _changed(body, on, membership=membership)
    after = {
        code
        for block in membership
        if block.status in VOTING
        for code, spells in block.countries.items()
        if any(spell.covers(on) for spell in spells)
    }
    share = Fraction(len(after), len(body.members(on)))
    in_force = [block for block in body.rules if block.period.end is None or block.period.end >= on]
    scaled = [
        RuleBlock.model_validate(
            {
                "matter": block.matter,
                "period": Period(max(on, block.period.start), block.period.end),
                "source": SOURCE,
                "rule": _scaled(block.rule.to_table(), share),
                "default": block.default,
            }
        )
        for block in in_force
    ]
    kept = _cut(body.rules, lambda block: block in in_force, on)
    return _changed(body, on, membership=membership, rules=(*kept, *scaled))


def _scaled(table: RuleTable, share: Fraction) -> RuleTable:
    """Return a rule with the numbers of votes, one each, that it requires multiplied and rounded up."""
    new = dict(table)
    for word in ("yes", "more_than"):
        if isinstance(new.get(word), int) and "by" not in new:
            new[word] = ceil(new[word] * share)
    for word in ("all", "any"):
        if word in new:
            new[word] = [_scaled(part, share) for part in new[word]]
    return new


def _from(body: Body, on: date) -> Period:
    if on < body.founded or (body.ended is not None and on > body.ended):
        raise InstitutionError(
            f"{body.place(on)}, `on`: the body exists from {body.founded} to {body.ended or 'now'}. Name a day within."
        )
    return Period(on, body.ended)


def _membership_without(body: Body, countries: Sequence[str], on: date) -> tuple[MembershipBlock, ...]:
    """Return the blocks with the voting spells of some countries over by the day before."""
    before = Period(date.min, on - timedelta(days=1))
    blocks = []
    for block in body.membership:
        if block.status not in VOTING:
            blocks.append(block)
            continue
        held = {
            code: tuple(kept for spell in spells if (kept := common(spell, before)) is not None)
            if code in countries
            else spells
            for code, spells in block.countries.items()
        }
        held = {code: spells for code, spells in held.items() if spells}
        if held:
            blocks.append(block.model_copy(update={"countries": held}))
    return tuple(blocks)


def _cut(blocks: Sequence[Any], concerned: Callable[[Any], bool], on: date) -> tuple[Any, ...]:
    """Return blocks with those concerned over by the day before."""
    before = Period(date.min, on - timedelta(days=1))
    cut = []
    for block in blocks:
        held = common(block.period, before) if concerned(block) else block.period
        if held is not None:
            cut.append(block.model_copy(update={"period": held}))
    return tuple(cut)


def _less_veto(table: RuleTable, body: Body, on: date, of: Sequence[str] | None) -> RuleTable:
    """Return a rule without its vetoes, or with fewer holders.

    Raises:
        InstitutionError: the rule has no veto to take away, or is nothing else.
    """
    parts = table.get("all", [table])
    vetoes = [part for part in parts if "veto" in part]
    if not vetoes or len(vetoes) == len(parts):
        raise InstitutionError(f"{body.place(on)}, `rule`: {table!r} has no veto beside other requirements.")
    kept = [part for part in parts if "veto" not in part]
    for part in vetoes if of is not None else ():
        holders = _holders(part["veto"]["holders"], body, on)
        left = [code for code in holders if code not in (of or ())]
        if left:
            kept.append({"veto": {**part["veto"], "holders": left}})
    read_rule({"all": kept})
    return kept[0] if len(kept) == 1 else {"all": kept}


def _holders(holders: str | Sequence[str], body: Body, on: date) -> list[str]:
    if not isinstance(holders, str):
        return list(holders)
    return [code for code, status, period in body.spells() if status == holders and period.covers(on)]


def _with_amount(table: RuleTable, amount: Callable[[Any], int | str]) -> RuleTable:
    """Return a rule with another amount in its one count of votes in favour.

    Raises:
        InstitutionError: it has none, or several.
    """
    counts = [part for part in table.get("all", [table]) if {"yes", "more_than"} & set(part)]
    if len(counts) != 1:
        raise InstitutionError(
            f"`rule`: {table!r} has {len(counts)} counts of votes in favour; give the whole rule instead (`ruled`)."
        )
    word = "yes" if "yes" in counts[0] else "more_than"
    old = counts[0][word]
    new = {**counts[0], word: amount(old)}
    if isinstance(new[word], int):
        new.pop("of", None)
    elif "of" not in new:
        new["of"] = "members"
    parts = [new if part is counts[0] else part for part in table.get("all", [table])]
    return {"all": parts} if "all" in table else parts[0]
