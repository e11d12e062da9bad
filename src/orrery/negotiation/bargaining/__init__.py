"""The micro engine: negotiations round by round, and equilibria of random proposers."""

from orrery.negotiation.bargaining.proposals import Equilibrium, proposals
from orrery.negotiation.bargaining.reasons import reasons
from orrery.negotiation.bargaining.setting import Conduct, Setting, conduct, setting
from orrery.negotiation.bargaining.talks import Talks, talk, talk_all

__all__ = [
    "Conduct",
    "Equilibrium",
    "Setting",
    "Talks",
    "conduct",
    "proposals",
    "reasons",
    "setting",
    "talk",
    "talk_all",
]
