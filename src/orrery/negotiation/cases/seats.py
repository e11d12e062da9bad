"""Who votes at a table and for which party: the rule of a body, or the table's own, as a game among the parties."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from orrery.base.errors import InstitutionError, NegotiationError
from orrery.institutions.catalogue import load_body
from orrery.institutions.electorate import Electorate
from orrery.institutions.games import AllOf, AnyGame, Game, TernaryThreshold, Threshold, passes, simplified
from orrery.institutions.places import Places
from orrery.institutions.rules.stages import Stages
from orrery.institutions.rules.support import MoreThanText, YesText
from orrery.institutions.rules.text import RuleText

if TYPE_CHECKING:
    from orrery.negotiation.cases.case import Case


@dataclass(frozen=True)
class Seats:
    """The voters of a case.

    Attributes:
        voters: those that vote, by code.
        party: place of the party that each belongs to.
        votes: by party, how many votes it has; under a single weighted quota, the weight of its votes.
        game: which parties can carry an agreement with whom. Where a share of those voting yes or no decides, the votes
            of a party count by its greatest salience: who cares less abstains or stays away more often.
        rule: in words.
        share: of the votes that carries a motion, the greatest where there are several quotas of all members.
        vetoes: which parties can stop a motion alone.
    """

    voters: tuple[str, ...]
    party: tuple[int, ...]
    votes: tuple[int, ...]
    game: Game
    rule: str
    share: float
    vetoes: tuple[bool, ...]


def seats_of(case: Case, places: Places) -> Seats:
    """Return the voters of a case and the game among its parties.

    Raises:
        NegotiationError: there is no such body or matter, a voting member is covered by no party, or nobody votes.
    """
    try:
        return _of_body(case, places) if case.rule.body is not None else _of_text(case, places)
    except InstitutionError as error:
        raise NegotiationError(f"{places(('rule',))}: {error}") from None


def _of_body(case: Case, places: Places) -> Seats:
    sitting = load_body(case.rule.body or "").on(case.began)
    rule = sitting.rule(case.rule.matter)
    voters = rule.members if isinstance(rule, Stages) else sitting.members
    speaks = {code: number for number, party in enumerate(case.parties) for code in _listed(party.countries)}
    rest = next((number for number, party in enumerate(case.parties) if party.countries == "others"), None)
    missing = [code for code in voters if code not in speaks and rest is None]
    if missing:
        raise NegotiationError(
            f"{places(('parties',))}: {', '.join(missing)} voted in {case.rule.body} on {case.began} and "
            f"no party covers {'it' if len(missing) == 1 else 'them'}. Add them to a party, or let one party have "
            'the countries "others".'
        )
    party = tuple(speaks.get(code, rest if rest is not None else -1) for code in voters)
    text = sitting.body.rule_block(case.rule.matter, case.began).rule
    return _seats(voters, party, rule.game(), text, case)


def _of_text(case: Case, places: Places) -> Seats:
    voters, party = [], []
    for number, one in enumerate(case.parties):
        if one.countries == "others":
            raise NegotiationError(
                f'{places(("parties", number, "countries"))}: "others" needs the members of a body. List the countries.'
            )
        count = len(one.countries) if one.votes is None else one.votes
        names = one.countries if count == len(one.countries) else _numbered(one.key, count)
        voters += names
        party += [number] * len(names)
    text = case.rule.text
    assert text is not None, "a case has a body or a text"
    rule = text.bind(Electorate(tuple(voters), ("member",) * len(voters), place=places(("rule",))))
    if isinstance(rule, Stages):
        raise NegotiationError(f"{places(('rule', 'text'))}: stages need bodies. Name a body, or give one rule.")
    return _seats(tuple(voters), tuple(party), rule.game(), text, case)


def _numbered(key: str, count: int) -> tuple[str, ...]:
    return (key,) if count == 1 else tuple(f"{key}-{number}" for number in range(1, count + 1))


def _listed(countries: tuple[str, ...] | str) -> tuple[str, ...]:
    return () if isinstance(countries, str) else countries


def _seats(voters: tuple[str, ...], party: tuple[int, ...], game: Game, text: RuleText, case: Case) -> Seats:
    merged = simplified(cast(AnyGame, _merged(game, party, len(case.parties))))
    held = Counter(party)
    votes = tuple(held[number] for number in range(len(case.parties)))
    if isinstance(merged, Threshold) and isinstance(game, Threshold) and len(set(game.weights)) > 1:
        votes = merged.weights
    if isinstance(text, YesText | MoreThanText) and text.of == "voting" and isinstance(merged, Threshold):
        merged = _of_those_voting(merged, case)
    everyone = np.ones(len(case.parties), bool)
    # Who is missing from the grand coalition, and it loses, holds a veto; under consensus that is everyone.
    alone = np.asarray(passes(cast(Game, merged), everyone & ~np.eye(len(everyone), dtype=bool)))
    vetoes = tuple((~alone & (np.array(votes) > 0)).tolist())
    return Seats(voters, party, votes, cast(Game, merged), text.in_words(), _share(merged, votes), vetoes)


def _share(game: AnyGame, votes: tuple[int, ...]) -> float:
    """Return the share of all weights that a game requires: of joint quotas the greatest, of alternatives the least."""
    if isinstance(game, Threshold):
        return min(max(game.quota / sum(game.weights), 0.0), 1.0)
    assert not isinstance(game, TernaryThreshold), "parties vote yes or no"
    # A quota of a few, such as a set of vetoes, is no share of all votes.
    shares = [_share(part, votes) for part in game.parts if _is_wide(part, votes)]
    shares = shares or [_share(part, votes) for part in game.parts]
    return max(shares) if isinstance(game, AllOf) else min(shares)


def _is_wide(game: AnyGame, votes: tuple[int, ...]) -> bool:
    """Tell whether everyone with a vote counts in a game."""
    if isinstance(game, Threshold):
        return all(weight > 0 for weight, vote in zip(game.weights, votes, strict=True) if vote)
    return True


def _of_those_voting(game: Threshold, case: Case) -> Threshold:
    """Return the game in which the votes of a party count by its greatest salience, in hundredths."""
    turnout = [round(100 * max(party.salience.values())) for party in case.parties]
    weights = tuple(weight * one for weight, one in zip(game.weights, turnout, strict=True))
    return Threshold(weights, -(-game.quota * sum(weights) // sum(game.weights)))


def _merged(game: AnyGame, party: tuple[int, ...], n_parties: int) -> AnyGame:
    """Return the game among parties whose voters all vote alike."""
    if isinstance(game, Threshold):
        weights = [0] * n_parties
        for number, weight in zip(party, game.weights, strict=True):
            weights[number] += weight
        return Threshold(tuple(weights), game.quota)
    assert not isinstance(game, TernaryThreshold), "parties vote yes or no"
    return type(game)(tuple(_merged(part, party, n_parties) for part in game.parts))
