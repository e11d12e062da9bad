"""Why talks ended as they did, in words."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from jax.typing import ArrayLike

from orrery.negotiation.bargaining.setting import Setting
from orrery.negotiation.bargaining.talks import Talks


def reasons(talks: Talks, setting: Setting, parties: Sequence[str], issues: Sequence[str]) -> tuple[str, ...]:
    """Say how one negotiation went: what was agreed or who stood in the way, who conceded what, who left.

    Args:
        talks: one draw of talks, without leading axes.
        setting: what they started from.
        parties: names, in the order of the arrays.
        issues: names, in the order of the arrays.
    """
    one: Talks = jax.tree.map(np.asarray, talks)
    said = [_ending(one, parties)]
    if one.packaged:
        off = [issue for issue, on in zip(issues, np.asarray(setting.on_table), strict=True) if not on]
        said.append(f"Brought into the package: {', '.join(off)}.")
    if one.left.any():
        said.append(f"Left while the others went on: {_listed(parties, one.left)}.")
    if one.agreed:
        said.append(_conceded(one, setting, parties, issues))
        outside = np.asarray(setting.seated) & ~one.signs & ~one.left
        if outside.any():
            said.append(f"Bound without gaining, or outvoted: {_listed(parties, outside)}.")
        if np.asarray(setting.ratifies).any():
            said.append(f"Chance that all who must ratify do: {float(one.ratification):.0%}.")
    return tuple(said)


def _ending(one: Talks, parties: Sequence[str]) -> str:
    needed = parties[int(one.blocks)] if one.blocks >= 0 else "nobody"
    if not one.agreed:
        return f"No agreement after {int(one.rounds)} rounds: no text satisfied {needed}, whose consent was needed."
    waited = f"after {float(one.years):.1f} years ({int(one.rounds)} rounds)"
    return f"Agreed {waited}, at a depth of {float(one.depth):.2f}; {needed} was the last whose consent was needed."


def _conceded(one: Talks, setting: Setting, parties: Sequence[str], issues: Sequence[str]) -> str:
    """Name the party and issue with the greatest loss, in distance weighted by salience."""
    salience = np.asarray(setting.salience)
    weight = salience / salience.sum(1, keepdims=True)
    lost = weight * np.abs(np.asarray(setting.position) - one.text) * one.signs[:, None]
    if not one.signs.any():
        return "Nobody who signs gains from it."
    party, issue = divmod(int(lost.argmax()), lost.shape[1])
    apart = abs(float(setting.position[party, issue]) - float(one.text[issue]))
    return f"The greatest concession: {parties[party]} on {issues[issue]}, {100 * apart:.0f} points from its position."


def _listed(parties: Sequence[str], which: ArrayLike) -> str:
    return ", ".join(party for party, one in zip(parties, np.asarray(which).tolist(), strict=True) if one)
