"""Random rules, written as tables, over small electorates; and what they decide, worked out in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules import Rule, read_rule
from orrery.institutions.votes import CHOICES

STATUSES = ("permanent", "elected")
SHARES = ("1/2", "2/3", "3/4", "65/100", "0.85", "1/7")
NAMES = ("yes", "abstain", "no", "absent")


@dataclass(frozen=True)
class Voters:
    """What an electorate is made of."""

    members: tuple[str, ...]
    statuses: tuple[str, ...]
    weights: dict[str, tuple[Fraction, ...]]

    def among(self, places: list[int]) -> Voters:
        """Only these."""
        return Voters(
            tuple(self.members[place] for place in places),
            tuple(self.statuses[place] for place in places),
            {name: tuple(values[place] for place in places) for name, values in self.weights.items()},
        )


@dataclass(frozen=True)
class Case:
    """A rule as written and who decides by it."""

    table: dict
    voters: Voters

    @property
    def electorate(self) -> Electorate:
        # Not within the strategies: the checks of types in the tests draw random numbers of their own.
        return Electorate(self.voters.members, self.voters.statuses, self.voters.weights)

    def rule(self) -> Rule:
        return read_rule(self.table).bind(self.electorate)  # type: ignore[return-value]

    def decide(self, names: tuple[str, ...]) -> bool:
        return decide(self.table, names, self.voters)


@st.composite
def all_voters(draw, largest: int = 6) -> Voters:
    n_members = draw(st.integers(2, largest))
    members = tuple(f"M{place}" for place in range(n_members))
    rest = draw(st.lists(st.sampled_from(STATUSES), min_size=n_members - 2, max_size=n_members - 2))
    statuses = tuple(draw(st.permutations([*STATUSES, *rest])))
    scale = draw(st.sampled_from([1, 10**4, 10**12, 10**30]))
    weights = draw(st.lists(st.integers(1, 9 * scale), min_size=n_members, max_size=n_members))
    unit = draw(st.sampled_from([1, 10, 3]))
    return Voters(members, statuses, {"votes": tuple(Fraction(weight, unit) for weight in weights)})


def rule_tables(voters: Voters) -> st.SearchStrategy[dict]:
    """Rules that these members could decide by."""
    weighed = sum(voters.weights["votes"])
    n_members = len(voters.members)
    by = st.sampled_from([{}, {"by": "votes"}])

    def numbers(word: str, most: int, least: int) -> st.SearchStrategy[dict]:
        return st.builds(lambda n: {word: n}, st.integers(least, most))

    shares = st.builds(
        lambda word, share, basis, weights: {word: share, "of": basis, **weights},
        st.sampled_from(["yes", "more_than"]),
        st.sampled_from(SHARES),
        st.sampled_from(["members", "present", "voting"]),
        by,
    )
    holders = st.one_of(
        st.sampled_from(STATUSES),
        st.lists(st.sampled_from(voters.members), min_size=1, unique=True),
    )
    effects = st.sampled_from(["lets pass", "defeats"])
    leaves = st.one_of(
        numbers("yes", n_members, 1),
        numbers("more_than", n_members - 1, 0),
        st.builds(lambda n: {"yes": n, "by": "votes"}, st.integers(1, max(1, int(weighed))))
        if weighed >= 1
        else shares,
        shares,
        numbers("quorum", n_members, 1),
        st.builds(lambda share, weights: {"quorum": share, **weights}, st.sampled_from((*SHARES, "majority")), by),
        st.builds(
            lambda who, abstaining, absent: {"veto": {"holders": who, "abstaining": abstaining, "absent": absent}},
            holders,
            effects,
            effects,
        ),
        st.builds(lambda n: {"fewer_than": n, "not": "yes"}, st.integers(1, n_members)),
        numbers("consensus", n_members - 1, 0),
        st.sampled_from([{"unanimity": "all"}, {"unanimity": "present"}]),
    )

    def joined(parts: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
        several = st.lists(parts, min_size=1, max_size=3)
        return st.one_of(
            st.builds(lambda rules: {"all": rules}, several), st.builds(lambda rules: {"any": rules}, several)
        )

    # A rule among some members is one that any number of members could decide by.
    inner = st.one_of(
        shares, st.sampled_from([{"unanimity": "all"}, {"unanimity": "present"}, {"yes": 1}, {"consensus": 0}])
    )
    among = st.builds(lambda who, rule: {"among": {"members": who, "rule": rule}}, holders, inner)
    return st.recursive(st.one_of(leaves, among), joined, max_leaves=4)


@st.composite
def cases(draw, largest: int = 6) -> Case:
    voters = draw(all_voters(largest))
    return Case(draw(rule_tables(voters)), voters)


def all_votes(n_members: int, names: tuple[str, ...] = NAMES) -> list[tuple[str, ...]]:
    """Every way in which the members can do one of the things named."""
    return list(product(names, repeat=n_members))


def as_codes(votes: list[tuple[str, ...]]) -> np.ndarray:
    return np.array([[CHOICES[name] for name in names] for names in votes], np.int8)


def decide(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    """Tell whether a motion passes, by counting names with exact fractions."""
    word = next(key for key in table if key in ORACLE)
    return ORACLE[word](table, names, voters)


def _weights(table: dict, voters: Voters) -> list[Fraction]:
    return list(voters.weights[table["by"]]) if "by" in table else [Fraction(1)] * len(voters.members)


def _sum(weights: list[Fraction], names: tuple[str, ...], counted: tuple[str, ...]) -> Fraction:
    return sum((weight for weight, name in zip(weights, names, strict=True) if name in counted), Fraction(0))


def _support(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    weights = _weights(table, voters)
    yes = _sum(weights, names, ("yes",))
    strict = "more_than" in table
    amount = table["more_than" if strict else "yes"]
    if not isinstance(amount, str):
        return yes > amount if strict else yes >= amount
    base = {"members": NAMES, "present": ("yes", "abstain", "no"), "voting": ("yes", "no")}[table["of"]]
    needed = Fraction(amount) * _sum(weights, names, base)
    return yes > 0 and (yes > needed if strict else yes >= needed)


def _quorum(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    weights = _weights(table, voters)
    present, amount = _sum(weights, names, ("yes", "abstain", "no")), table["quorum"]
    if amount == "majority":
        return present > sum(weights) / 2
    return present >= (Fraction(amount) * sum(weights) if isinstance(amount, str) else amount)


def _selected(selection: object, voters: Voters) -> list[int]:
    pairs = zip(voters.members, voters.statuses, strict=True)
    return [place for place, (code, status) in enumerate(pairs) if status == selection or code in selection]  # type: ignore[operator]


def _veto(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    terms = table["veto"]
    defeating = {"no"}
    defeating |= {"abstain"} if terms["abstaining"] == "defeats" else set()
    defeating |= {"absent"} if terms["absent"] == "defeats" else set()
    return not any(names[place] in defeating for place in _selected(terms["holders"], voters))


def _unanimity(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    there = [name for name in names if table["unanimity"] == "all" or name != "absent"]
    return bool(there) and all(name == "yes" for name in there)


def _among(table: dict, names: tuple[str, ...], voters: Voters) -> bool:
    places = _selected(table["among"]["members"], voters)
    return decide(table["among"]["rule"], tuple(names[place] for place in places), voters.among(places))


ORACLE = {
    "yes": _support,
    "more_than": _support,
    "quorum": _quorum,
    "veto": _veto,
    "fewer_than": lambda table, names, _: sum(name != "yes" for name in names) < table["fewer_than"],
    "consensus": lambda table, names, _: names.count("no") <= table["consensus"],
    "unanimity": _unanimity,
    "all": lambda table, names, who: all([decide(part, names, who) for part in table["all"]]),
    "any": lambda table, names, who: any([decide(part, names, who) for part in table["any"]]),
    "among": _among,
}
