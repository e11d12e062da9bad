"""The words that rules are written with, each with the class that reads it. A new rule is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from orrery.institutions.rules.combined import AllText, AmongText, AnyText
from orrery.institutions.rules.objection import ConsensusText, FewerThanText
from orrery.institutions.rules.opting_out import OptingOutText
from orrery.institutions.rules.quorum import QuorumText
from orrery.institutions.rules.stages import StagesText
from orrery.institutions.rules.support import MoreThanText, YesText
from orrery.institutions.rules.text import RuleText
from orrery.institutions.rules.unanimity import UnanimityText
from orrery.institutions.rules.veto import VetoText

WORDS: dict[str, type[RuleText]] = {
    text.word: text
    for text in (
        YesText,
        MoreThanText,
        QuorumText,
        VetoText,
        FewerThanText,
        ConsensusText,
        UnanimityText,
        AllText,
        AnyText,
        AmongText,
        OptingOutText,
        StagesText,
    )
}
"""Every word of a rule."""


def read_rule(table: object) -> RuleText:
    """Return the rule that a table describes, with all rules in it.

    Raises:
        ValueError: the table has no word of a rule, or several, or a word where it has no meaning.
    """
    if isinstance(table, RuleText):
        return table
    if not isinstance(table, Mapping):
        raise ValueError(f"{table!r} came; a rule is a table with one of the words {', '.join(WORDS)}")
    words = [key for key in table if key in WORDS]
    if not words:
        raise ValueError(_unknown([str(key) for key in table]))
    if len(words) > 1:
        raise ValueError(f"the words {', '.join(words)} stand in one rule; join rules with `all` or `any`")
    rule = WORDS[words[0]].model_validate(table)
    for part in rule.parts():
        if part.only_in is not None and rule.word not in part.only_in:
            allowed = " or ".join(f"in `{word}`" for word in part.only_in)
            raise ValueError(f"`{part.word}` stands in `{rule.word}`; it may stand only at the top or {allowed}")
    return rule


def _unknown(keys: list[str]) -> str:
    for key in keys:
        close = get_close_matches(key, WORDS, n=1)
        if close:
            return f"unknown word {key!r} of a rule; did you mean `{close[0]}`?"
    return f"no word of a rule in {keys}; the words are {', '.join(WORDS)}"
