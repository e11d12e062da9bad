"""The four things a member can do when a question is put, as codes, and ballots that name who did what.

The codes are those of the measured votes (`measure.ideal_points.votes`), so that recorded roll calls can be put to a
rule as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Int8

from orrery.base.errors import InstitutionError

YES, ABSTAIN, NO, ABSENT = 0, 1, 2, -1

CHOICES = {"yes": YES, "abstain": ABSTAIN, "no": NO, "absent": ABSENT}
"""The codes by name. An absent member takes no part; one that is present without voting abstains."""
NAMES = {code: name for name, code in CHOICES.items()}
"""The names by code."""


@dataclass(frozen=True)
class Ballot:
    """Who did what in one vote, by ISO3 codes.

    Attributes:
        yes: members that voted yes.
        no: members that voted no.
        abstain: members that abstained.
        absent: members that took no part.
        others: what all members did that are not named.
    """

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    abstain: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    others: str = "absent"

    def codes(self, members: Sequence[str], place: str = "the ballot") -> Int8[np.ndarray, " member"]:
        """Return the votes as codes, in the order of `members`.

        Args:
            members: ISO3 codes of the voting members.
            place: where the vote is taken, for messages.

        Raises:
            InstitutionError: a country that is not a voting member, one that is named twice, or an unknown choice.
        """
        if self.others not in CHOICES:
            raise InstitutionError(f"`others`: {self.others!r} came; give one of {', '.join(CHOICES)}.")
        positions = {code: place for place, code in enumerate(members)}
        votes = np.full(len(members), CHOICES[self.others], np.int8)
        named: dict[str, str] = {}
        for choice, code in CHOICES.items():
            for country in getattr(self, choice):
                if country not in positions:
                    raise InstitutionError(f"{place}, `{choice}`: {country!r} {_not_a_member(country, members)}")
                if country in named:
                    raise InstitutionError(
                        f"{place}, `{choice}`: {country} votes twice, also in `{named[country]}`; name it once."
                    )
                named[country] = choice
                votes[positions[country]] = code
        return votes


def check_votes(votes: Int8[np.ndarray, " member"], members: Sequence[str], n_members: int) -> None:
    """Refuse votes that are not one known code for each member.

    Raises:
        InstitutionError: naming what came and what is allowed.
    """
    if not len(votes) == len(members) == n_members:
        raise InstitutionError(
            f"`votes`: {len(votes)} votes and {len(members)} names came; the rule has {n_members} members."
        )
    unknown = sorted(set(np.asarray(votes).tolist()) - set(NAMES))
    if unknown:
        allowed = ", ".join(f"{code} ({name})" for name, code in CHOICES.items())
        raise InstitutionError(f"`votes`: the codes {unknown} came; allowed are {allowed}.")


def _not_a_member(country: str, members: Sequence[str]) -> str:
    close = get_close_matches(country, members, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"is not a voting member.{hint} The members are {', '.join(members)}."
