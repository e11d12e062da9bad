"""Tables of standing rules made from games."""

from __future__ import annotations

import numpy as np

from orrery.institutions.games import AnyGame, n_members
from orrery.negotiation.standing_rules import StandingRules, rows_of_game
from orrery.world.rule_rows import Alternatives, Requirement, standing_rules


def alternatives(game: AnyGame) -> Alternatives:
    """Return a game as requirements over its members."""
    return tuple(
        tuple(Requirement(np.array(weights, np.float64), share) for weights, share in alternative)
        for alternative in rows_of_game(game)
    )


def standing(*versions: AnyGame) -> StandingRules:
    """Return the table of one body with these games as versions of its rule."""
    return standing_rules([tuple(map(alternatives, versions))], n_members(versions[0]))
