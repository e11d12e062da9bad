"""Which roll calls put the same question again, and so keep their item parameters.

Two ways. Up to January 2020 the links that Bailey, Strezhnev & Voeten found by comparing the texts of resolutions are
known: pairs of roll calls by their published numbers (Bailey, Strezhnev & Voeten 2017, J. Confl. Resol. 61(2),
430-456; the table `Matches` of the release of April 2020, MIT licence). For later votes, and where those links are not
wanted, a title that is unique within two consecutive sessions stands in for the text, checked by the votes.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Int, Int8, Shaped

if TYPE_CHECKING:
    from orrery.measure.ideal_points.votes import RollCalls, Selection

PREFIX = "uv"
"""What precedes the published number in the rcid of a roll call."""

LAST_COMPARED = 9147
"""Published number of the last roll call that the authors compared with later ones or earlier ones."""

NO_VOTE = -1


@cache
def published_links() -> tuple[tuple[int, int], ...]:
    """Return the authors' pairs of published numbers, the earlier first, in order of the later."""
    text = files("orrery.measure.ideal_points").joinpath("published_links.csv").read_text(encoding="utf-8")
    pairs = [(int(row["earlier"]), int(row["later"])) for row in csv.DictReader(text.splitlines())]
    return tuple(sorted(pairs, key=lambda pair: (pair[1], pair[0])))


def bridge_groups(
    roll_calls: RollCalls, profile: Int8[np.ndarray, "item country"], selection: Selection
) -> Int[np.ndarray, " item"]:
    """Number the roll calls so that a resolution put to the vote again keeps its number.

    `profile` holds what each country chose, -1 where it cast no vote.
    """
    group = np.arange(len(roll_calls.rcid))
    compared = np.zeros(len(group), bool)
    if selection.published_links:
        number = np.array([_published_number(rcid) for rcid in roll_calls.rcid], int)
        compared = (number > 0) & (number <= LAST_COMPARED)
        _join_published(group, number)
    _join_by_title(group, roll_calls, profile, selection, ~compared)
    return np.unique(group, return_inverse=True)[1]


def _published_number(rcid: object) -> int:
    digits = str(rcid).removeprefix(PREFIX)
    return int(digits) if str(rcid).startswith(PREFIX) and digits.isdecimal() else 0


def _join_published(group: Int[np.ndarray, " item"], number: Int[np.ndarray, " item"]) -> None:
    """Give the later roll call of every published pair, and all linked to it, the number of the earlier."""
    place = {int(value): row for row, value in enumerate(number) if value}
    for earlier, later in published_links():
        if earlier in place and later in place:
            group[group == group[place[later]]] = group[place[earlier]]


def _join_by_title(
    group: Int[np.ndarray, " item"],
    roll_calls: RollCalls,
    profile: Int8[np.ndarray, "item country"],
    selection: Selection,
    wanted: Bool[np.ndarray, " item"],
) -> None:
    """Do the same by title, for later roll calls that are `wanted`."""
    by_session: dict[int, dict[str, list[int]]] = {}
    for row, (session, title) in enumerate(_named(roll_calls.session, roll_calls.title)):
        if title:
            by_session.setdefault(session, {}).setdefault(title, []).append(row)
    for session in sorted(by_session):
        for title, rows in by_session[session].items():
            before = by_session.get(session - 1, {}).get(title, [])
            once = len(rows) == len(before) == 1 and wanted[rows[0]]
            if once and _asked_again(profile[before[0]], profile[rows[0]], selection):
                group[rows[0]] = group[before[0]]


def _named(session: Int[np.ndarray, " item"], title: Shaped[np.ndarray, " item"]) -> list[tuple[int, str]]:
    return list(zip(session.tolist(), title.tolist(), strict=True))


def _asked_again(before: Int8[np.ndarray, " country"], now: Int8[np.ndarray, " country"], selection: Selection) -> bool:
    """Tell whether the countries that voted both times voted alike enough for the question to be the same."""
    both = (before != NO_VOTE) & (now != NO_VOTE)
    n_both, n_alike = int(both.sum()), int((both & (before == now)).sum())
    return n_both >= selection.bridge_voters and n_alike >= selection.bridge_agreement * n_both
