"""The record against the rules: decisions that were taken or defeated, replayed through the catalogue.

Three sets. Roll calls of the General Assembly (`assembly`): what became a resolution must pass. Vetoes in the Security
Council (`vetoes`): every draft must fail, by the veto of those recorded and of nobody else; which of them decided is
counted (`decisive_vetoes`). Known decisions of other
bodies (`decisions`): the outcome must be the recorded one, and the decisive members those of the record.
"""

from orrery.institutions.history.assembly import AssemblyReplay, replay_assembly
from orrery.institutions.history.decisions import Decision, DecisionReplay, decisions, replay_decisions
from orrery.institutions.history.decisive_vetoes import DecisiveVetoes, decisive_vetoes
from orrery.institutions.history.vetoes import VetoReplay, replay_vetoes

__all__ = [
    "AssemblyReplay",
    "Decision",
    "DecisionReplay",
    "DecisiveVetoes",
    "VetoReplay",
    "decisions",
    "decisive_vetoes",
    "replay_assembly",
    "replay_decisions",
    "replay_vetoes",
]
