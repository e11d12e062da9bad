"""A small valid case, as the text of a file, that tests change."""

from __future__ import annotations

from pathlib import Path

from orrery.negotiation.cases import Case, template, validate_file

TABLE = template()
"""France and India on one issue, by consensus."""

COUNCIL = """\
code = "COUNCIL"
title = "A resolution of the Security Council"
began = 2022-02-25
summary = "A draft on which members with and without a veto differ."
stake = "high"
urgency = "high"
linkage = "none"
commitment = "text"

[rule]
body = "UNSC"
matter = "substantive"
source = "charter, article 27"

[[issues]]
key = "text"
name = "The text"
low = "none"
high = "a condemnation"
status_quo = 0

[[parties]]
key = "P3"
name = "France, the United Kingdom and the United States"
countries = ["FRA", "GBR", "USA"]
capability = 30
position = { text = 90 }
salience = { text = 0.9 }
basis = "Sponsors."

[[parties]]
key = "CHN"
name = "China"
countries = ["CHN"]
capability = 20
position = { text = 30 }
salience = { text = 0.4 }
basis = "Abstained."

[[parties]]
key = "RUS"
name = "Russia"
countries = ["RUS"]
capability = 10
position = { text = 0 }
salience = { text = 1.0 }
basis = "Concerned."

[[parties]]
key = "E10"
name = "The elected members"
countries = "others"
capability = 15
position = { text = 70 }
salience = { text = 0.6 }
basis = "Most of them sponsors."

[[sources]]
key = "charter"
title = "Charter of the United Nations"
year = 1945
where = "1 UNTS XVI"
"""
"""Four parties of the Security Council, the last of which has the countries that no other covers."""


def with_outcome() -> str:
    """Return the template with its outcome, which stands there as a comment."""
    before, after = TABLE.split("# [outcome]")
    inside, sources = after.split("[[sources]]")
    inside = inside.replace("\n# ", "\n")
    return f"{before}[outcome]{inside}[[sources]]{sources}"


def changed(text: str, old: str, new: str) -> str:
    """Return a text with one thing replaced that it holds."""
    assert old in text, old
    return text.replace(old, new, 1)


def read(folder: Path, text: str) -> Case:
    """Return the case of a file with this text."""
    path = folder / "case.toml"
    path.write_text(text, "utf-8")
    return validate_file(path)
