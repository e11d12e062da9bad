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
from decimal import Decimal
from functools import reduce

from orrery.base.errors import InstitutionError
from orrery.data.countries import Period
from orrery.institutions.blocks import VOTING, MembershipBlock, RuleBlock, WeightsBlock
from orrery.institutions.body import Body
from orrery.institutions.reform.edits import (
    Number,
    RuleTable,
    Weights,
    before,
    changed,
    clipped,
    cut,
    less_veto,
    made,
    membership_within,
    period_from,
    weights_of,
    with_amount,
    with_members,
)

Reform = Callable[[Body], Body]
"""A body in, the reformed body out; the body that came stays as it is."""


def chained(*reforms: Reform) -> Reform:
    """Return several reforms as one, in this order."""
    return lambda body: reduce(lambda reformed, reform: reform(reformed), reforms, body)


def admitted(
    countries: Sequence[str],
    *,
    on: date,
    status: str = "member",
    in_proportion: bool = False,
    weights: Weights | None = None,
) -> Reform:
    """Return the reform that admits countries from a day on.

    A country that already has another status gets the new one: its spell ends the day before.

    Args:
        countries: ISO3 codes.
        on: first day.
        status: of the new members, such as "permanent", which may carry a veto.
        in_proportion: whether numbers of votes that rules require stay the share of members that they were, rounded
            up: nine of fifteen become twelve of nineteen. Otherwise the numbers stay.
        weights: of the new members, by the name of the weights, where the body has any.

    Raises:
        InstitutionError: from the reform, where a weight is missing, or the body does not exist on the day.
    """

    def reform(body: Body) -> Body:
        kept = membership_within(body.membership, before(on), countries)
        spells = {code: (period_from(body, on),) for code in countries}
        block = made(MembershipBlock, body, on, status=status, countries=spells)
        new = weights or {}
        return with_members(
            body, on, (*kept, block), in_proportion=in_proportion, weights=lambda old: new.get(old.name, {})
        )

    return reform


def removed(countries: Sequence[str], *, on: date, in_proportion: bool = False) -> Reform:
    """Return the reform by which countries no longer vote from a day on.

    Args:
        countries: ISO3 codes.
        on: first day.
        in_proportion: as for `admitted`.

    Raises:
        InstitutionError: from the reform, where a country does not vote on the day.
    """

    def reform(body: Body) -> Body:
        _check_vote(body, countries, on)
        kept = membership_within(body.membership, before(on), countries, VOTING)
        return with_members(body, on, kept, in_proportion=in_proportion)

    return reform


def as_on(day: date, *, on: date) -> Reform:
    """Return the reform that brings the voting members of another day back, from a day on and for good.

    Raises:
        InstitutionError: from the reform, where nobody votes on that day, or a member has no weight any more.
    """

    def reform(body: Body) -> Body:
        then = {code: status for code, status, period in body.spells() if period.covers(day)}
        if not then:
            raise InstitutionError(f"{body.place(day)}, `membership`: nobody votes on this day. Name another one.")
        rest = period_from(body, on)
        kept = membership_within(body.membership, before(on), statuses=VOTING)
        blocks = [
            made(
                MembershipBlock,
                body,
                on,
                status=status,
                countries={code: (rest,) for code, held in then.items() if held == status},
            )
            for status in dict.fromkeys(then.values())
        ]
        return with_members(body, on, (*kept, *blocks))

    return reform


def reweighted(name: str, values: Mapping[str, Number], *, on: date, unit: str) -> Reform:
    """Return the reform that gives members other weights from a day on.

    Args:
        name: of the weights, as rules call them.
        values: by ISO3 code; every voting member.
        on: first day.
        unit: such as "votes".

    Raises:
        InstitutionError: from the reform, where a voting member has no weight, or another country has one.
    """

    def reform(body: Body) -> Body:
        kept = cut(body.weights, lambda block: block.name == name, on)
        kept = weights_of(kept, body.membership, Period(date.min, None))
        period = period_from(body, on)
        block = made(WeightsBlock, body, on, name=name, period=period, unit=unit, values=dict(values))
        return changed(body, on, weights=(*kept, block))

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
        kept = cut(body.rules, lambda block: block.matter == matter, on)
        default = old.default if old is not None else not body.rules
        period = period_from(body, on)
        block = made(RuleBlock, body, on, matter=matter, period=period, rule=table, default=default)
        return changed(body, on, rules=(*kept, block))

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
    return lambda body: ruled(matter or body.default_matter, lambda table: less_veto(table, body, on, of), on=on)(body)


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
    return lambda body: ruled(matter or body.default_matter, lambda table: with_amount(table, amount), on=on)(body)


def sunset(last: date) -> Reform:
    """Return the reform that lets a body end on a day.

    Raises:
        InstitutionError: from the reform, where the body does not exist on the day.
    """

    def reform(body: Body) -> Body:
        period_from(body, last)
        life = Period(body.founded, last)
        membership = membership_within(body.membership, life)
        participants = tuple(
            one.model_copy(update={"period": spells})
            for one in body.participants
            if (spells := clipped(one.period, life))
        )
        return body.changed(
            ended=last,
            membership=membership,
            participants=participants,
            weights=tuple(weights_of(body.weights, membership, life)),
            rules=cut(body.rules, lambda block: True, last + timedelta(days=1)),
        )

    return reform


def pooled(countries: Sequence[str], seat: str, *, on: date, in_proportion: bool = False) -> Reform:
    """Return the reform by which several members hold one seat together: one of them votes, with the weights of all.

    Args:
        countries: the members that pool, `seat` among them.
        seat: the one in whose name they vote.
        on: first day.
        in_proportion: as for `admitted`.

    Raises:
        InstitutionError: from the reform, where `seat` is not one of them, or one of them does not vote.
    """

    def reform(body: Body) -> Body:
        if seat not in countries:
            raise InstitutionError(f"`seat`: {seat!r} came; give one of {', '.join(countries)}.")
        others = [code for code in countries if code != seat]
        _check_vote(body, countries, on)
        kept = membership_within(body.membership, before(on), others, VOTING)
        return with_members(
            body,
            on,
            kept,
            in_proportion=in_proportion,
            weights=lambda old: {seat: sum(old.values.get(code, Decimal(0)) for code in countries)},
        )

    return reform


def split(body: Body, countries: Sequence[str], *, on: date) -> tuple[Body, Body]:
    """Return two bodies in place of one from a day on: these members, and all others; quotas stay in proportion.

    Raises:
        InstitutionError: a country does not vote on the day.
    """
    others = removed(countries, on=on, in_proportion=True)(body)
    rest = [code for code in body.members(on) if code not in countries]
    return removed(rest, on=on, in_proportion=True)(body), others


def _check_vote(body: Body, countries: Sequence[str], on: date) -> None:
    strangers = sorted(set(countries) - set(body.members(on)))
    if strangers:
        raise InstitutionError(
            f"{body.place(on)}, `countries`: {', '.join(strangers)} came, who do not vote then; name some of "
            f"{', '.join(body.members(on))}."
        )
