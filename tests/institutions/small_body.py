"""A small valid body as a file, to be spoilt."""

from __future__ import annotations

from pathlib import Path

SMALL = """\
code = "CLUB"
name = "The Club"
aliases = ["Club of Four"]
founded = 1950-01-01
ended = 1999-12-31
area = "trade"
good = "club"
scope = "regional"
formality = "treaty"
secretariat = "none"

[[sources]]
key = "treaty"
title = "Treaty of the Club"
year = 1949
where = "1 UNTS 1"

[[membership]]
status = "permanent"
source = "treaty, article 1"
countries = { FRA = "1950-01-01/1999-12-31", ITA = "1950-01-01/1999-12-31" }

[[membership]]
status = "member"
source = "treaty, article 2"

[membership.countries]
ESP = ["1960-01-01/1969-12-31", "1980-01-01/1999-12-31"]
PRT = "1970-01-01/1999-12-31"

[[membership]]
status = "observer"
source = "treaty, article 3"
countries = { CHE = "1950-01-01/1979-12-31" }

[[weights]]
name = "votes"
period = "1960-01-01/1969-12-31"
source = "treaty, article 4"
unit = "votes"
values = { FRA = 4, ITA = 4, ESP = 2.5 }

[[weights]]
name = "votes"
period = "1980-01-01/1999-12-31"
source = "treaty, article 4"
unit = "votes"
values = { FRA = 4, ITA = 4, ESP = 3, PRT = 2 }

[[rules]]
matter = "decision"
period = "1950-01-01/1979-12-31"
source = "treaty, article 5"
rule = { all = [{ yes = 2 }, { veto = { holders = "permanent" } }] }
default = true

[[rules]]
matter = "decision"
period = "1980-01-01/"
source = "treaty, article 5"
rule = { yes = 10, by = "votes" }
default = true

[[rules]]
matter = "budget"
period = "1950-01-01/"
source = "treaty, article 6"
rule = { yes = "2/3", of = "members", by = "votes" }
"""


def write_body(folder: Path, text: str = SMALL, name: str = "club.toml") -> Path:
    """Write the body into a folder of its own; return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder
