"""Files of bodies that are wrong: one clear error each, naming file, body, field and day."""

from __future__ import annotations

import pytest
from small_body import SMALL, write_body

from orrery.base.errors import InstitutionError, OrreryError
from orrery.institutions.catalogue import load_bodies, load_body


def line_with(text: str, wanted: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if wanted in line)


# What is replaced, by what; the field, the day where there is one, the problem; what stands on the line that is named.
SPOILT = {
    "unknown country": (
        'ITA = "1950-01-01/1999-12-31"',
        'XXY = "1950-01-01/1999-12-31"',
        "`membership` 1 `countries.XXY`",
        "",
        "XXY",
        "XXY =",
    ),
    "country of a rule": ('holders = "permanent"', 'holders = ["XXY"]', "`rules` 1 `rule`", "", "XXY", "XXY"),
    "overlapping spells": (
        '"1980-01-01/1999-12-31"]',
        '"1965-01-01/1999-12-31"]',
        "`membership` 2 `countries.ESP`",
        "1965-01-01",
        "ESP is a member twice, by 1960-01-01/1969-12-31 and by 1965-01-01/1999-12-31",
        "ESP = [",
    ),
    "member and observer at once": (
        "CHE =",
        "FRA =",
        "`membership` 3 `countries.FRA`",
        "1950-01-01",
        "FRA is a member twice",
        'FRA = "1950-01-01/1979',
    ),
    "joins before the foundation": (
        '{ FRA = "1950-01-01',
        '{ FRA = "1949-12-31',
        "`membership` 1 `countries.FRA`",
        "1949-12-31",
        "before `founded`, 1950-01-01",
        "FRA =",
    ),
    "stays beyond the end": (
        'PRT = "1970-01-01/1999-12-31"',
        'PRT = "1970-01-01/"',
        "`membership` 2 `countries.PRT`",
        "",
        "1970-01-01/ lasts beyond `ended`, 1999-12-31",
        "PRT = ",
    ),
    "weight missing": (
        ", ESP = 2.5",
        "",
        "`weights` 1 `values`",
        "1960-01-01",
        "'votes' has no value for ESP, a voting member",
        "FRA = 4, ITA = 4 }",
    ),
    "weight of a stranger": (
        "ESP = 2.5",
        "ESP = 2.5, GRC = 1",
        "`weights` 1 `values.GRC`",
        "1960-01-01",
        "GRC is no voting member",
        "GRC = 1",
    ),
    "weight below 0": (
        "ESP = 2.5",
        "ESP = -1",
        "`weights` 1 `values.ESP`",
        "",
        "greater than or equal to 0",
        "ESP = -1",
    ),
    "weights overlap": (
        'period = "1960-01-01/1969-12-31"',
        'period = "1960-01-01/1985-12-31"',
        "`weights` 2 `period`",
        "1980-01-01",
        "two of 'votes' hold",
        'period = "1980-01-01/1999',
    ),
    "rules overlap": (
        'period = "1950-01-01/1979-12-31"',
        'period = "1950-01-01/1985-12-31"',
        "`rules` 2 `period`",
        "1980-01-01",
        "two of 'decision' hold",
        'period = "1980-01-01/"',
    ),
    "rule before the foundation": (
        'matter = "decision"\nperiod = "1950-01-01/',
        'matter = "decision"\nperiod = "1940-01-01/',
        "`rules` 1 `period`",
        "1940-01-01",
        "before `founded`",
        "1940-01-01",
    ),
    "quota above the total": (
        "{ yes = 2 }",
        "{ yes = 3 }",
        "`rules` 1 `rule`",
        "1950-01-01",
        "`yes`: 3 is more than the 2 there are",
        "yes = 3",
    ),
    "weighted quota above the total": (
        "yes = 10,",
        "yes = 14,",
        "`rules` 2 `rule`",
        "1980-01-01",
        "`yes`: 14 is more than the 13 there are",
        "yes = 14",
    ),
    "quorum above the total": (
        "{ yes = 2 }",
        "{ quorum = 5 }",
        "`rules` 1 `rule`",
        "1950-01-01",
        "`quorum`: 5",
        "quorum",
    ),
    "holders that are not there": (
        'holders = "permanent"',
        'holders = "elected"',
        "`rules` 1 `rule`",
        "1950-01-01",
        "no voting member is 'elected'",
        "elected",
    ),
    "holder that does not sit": (
        'holders = "permanent"',
        'holders = ["GRC"]',
        "`rules` 1 `rule`",
        "1950-01-01",
        "GRC came; the voting members are FRA, ITA",
        "GRC",
    ),
    "every motion passes": (
        "{ yes = 2 }",
        "{ consensus = 2 }",
        "`rules` 1 `rule`",
        "1950-01-01",
        "no motion could fail",
        "consensus",
    ),
    "unknown weights": (
        'members", by = "votes"',
        'members", by = "shares"',
        "`rules` 3 `rule`",
        "1950-01-01",
        "there are no weights 'shares'",
        "shares",
    ),
    "unknown word": ("{ yes = 2 }", "{ yess = 2 }", "`rules` 1 `rule.all` 1", "", "did you mean `yes`?", "yess"),
    "two words": ("{ yes = 2 }", "{ yes = 2, quorum = 1 }", "`rules` 1 `rule.all` 1", "", "yes, quorum", "quorum"),
    "no word": ("{ yes = 2 }", "{ }", "`rules` 1 `rule.all` 1", "", "no word of a rule", "{ }"),
    "share without a base": ('"2/3", of = "members",', '"2/3",', "`rules` 3 `rule`", "", "needs `of`", '"2/3"'),
    "number with a base": (
        "yes = 10,",
        'yes = 10, of = "members",',
        "`rules` 2 `rule`",
        "",
        "takes no `of`",
        "yes = 10",
    ),
    "share that is none": ('"2/3"', '"3/2"', "`rules` 3 `rule.yes`", "", "'3/2' came; it lies from 0 to 1", '"3/2"'),
    "amount that is none": ('"2/3"', '"most"', "`rules` 3 `rule.yes`", "", "'most' came", '"most"'),
    "nothing needed": (
        "{ yes = 2 }",
        "{ yes = 0 }",
        "`rules` 1 `rule.all` 1",
        "",
        "every motion would pass",
        "yes = 0",
    ),
    "more than all": (
        'yes = "2/3"',
        'more_than = "1"',
        "`rules` 3 `rule`",
        "",
        "no motion could pass",
        "more_than",
    ),
    "opting out of a part": (
        "{ yes = 2 }",
        "{ opting_out = { rule = { yes = 2 } } }",
        "`rules` 1 `rule`",
        "",
        "`opting_out` stands in `all`",
        "opting_out",
    ),
    "stages of a part": (
        "{ yes = 2 }",
        '{ stages = [{ name = "a", rule = { yes = 1 } }, { name = "b", rule = { yes = 1 } }] }',
        "`rules` 1 `rule.all` 1",
        "",
        "may stand only at the top",
        "stages",
    ),
    "stages of one name": (
        '{ yes = "2/3", of = "members", by = "votes" }',
        '{ stages = [{ name = "a", rule = { yes = 1 } }, { name = "a", rule = { yes = 1 } }] }',
        "`rules` 3 `rule.stages`",
        "",
        "two stages have one name",
        "stages",
    ),
    "stage of an unknown body": (
        '{ yes = "2/3", of = "members", by = "votes" }',
        '{ stages = [{ name = "a", rule = { yes = 1 } }, { name = "b", body = "UNN", rule = { yes = 1 } }] }',
        "`rules` 3 `rule`",
        "",
        "there is no body 'UNN'. Did you mean",
        "UNN",
    ),
    "veto that is none": (
        'holders = "permanent"',
        'holder = "permanent"',
        "`rules` 1",
        "",
        "`holders` is missing",
        "holder =",
    ),
    "unknown source": (
        'source = "treaty, article 4"',
        'source = "traety, article 4"',
        "`weights` 1 `source`",
        "",
        "there is no source with the key 'traety'. Did you mean 'treaty'?",
        "traety",
    ),
    "no default": ("default = true\n", "", "`rules`", "", "no matter has it: `default = true`", None),
    "two defaults": (
        'matter = "budget"',
        'matter = "budget"\ndefault = true',
        "`rules`",
        "",
        "the matters 'decision', 'budget' have it",
        None,
    ),
    "period that is none": (
        '"1980-01-01/"',
        '"1980-01-01"',
        "`rules` 2 `period`",
        "",
        "write a period as",
        '"1980-01-01"',
    ),
    "period backwards": (
        'CHE = "1950-01-01/1979-12-31"',
        'CHE = "1979-01-01/1950-12-31"',
        "`membership` 3 `countries.CHE`",
        "",
        "ends before it starts",
        "CHE =",
    ),
    "no list of members": (
        'countries = { CHE = "1950-01-01/1979-12-31" }',
        "",
        "`membership` 3",
        "",
        "neither `countries` nor `same_as` came",
        None,
    ),
    "unknown key": (
        'area = "trade"',
        'area = "trade"\ncolour = "red"',
        "`colour`",
        "",
        "unknown key `colour`",
        "colour",
    ),
    "missing key": ('area = "trade"\n', "", "`area`", "", "`area` is missing", None),
    "unknown area": ('area = "trade"', 'area = "sport"', "`area`", "", "'sport' came", "sport"),
    "ended before founded": (
        "ended = 1999-12-31",
        "ended = 1949-12-31",
        "`ended`",
        "1949-12-31",
        "it is before `founded`",
        "ended =",
    ),
    "unknown parent": (
        'area = "trade"',
        'area = "trade"\npart_of = "UNX"',
        "`part_of`",
        "",
        "there is no body 'UNX'",
        "UNX",
    ),
    "wrong code": (
        'code = "CLUB"',
        'code = "CLUBS"',
        "`code`",
        "",
        "'CLUBS' came. Name the file after its body",
        "CLUBS",
    ),
    "unknown twin": (
        'countries = { CHE = "1950-01-01/1979-12-31" }',
        'same_as = "UNX"',
        "`membership` 3 `same_as`",
        "",
        "there is no body 'UNX'",
        "same_as",
    ),
    "twin of itself": (
        'countries = { CHE = "1950-01-01/1979-12-31" }',
        'same_as = "CLUB"',
        "`membership` 3 `same_as`",
        "",
        "leads back to itself: CLUB -> CLUB",
        "same_as",
    ),
    "twin and list": (
        'countries = { CHE = "1950-01-01/1979-12-31" }',
        'countries = { CHE = "1950-01-01/1979-12-31" }\nsame_as = "UN"',
        "`membership` 3 `same_as`",
        "",
        "`countries` came as well",
        "same_as",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_file_is_refused_naming_file_line_body_field_and_day(name, tmp_path):
    old, new, field, day, problem, on_line = SPOILT[name]
    text = SMALL.replace(old, new) if name == "no default" else SMALL.replace(old, new, 1)
    assert text != SMALL
    folder = write_body(tmp_path, text)
    with pytest.raises(InstitutionError) as refused:
        load_body("CLUB", folder)
    message = str(refused.value)
    assert message.startswith(str(folder / "club.toml"))
    assert ", body CLUB, " in message
    for part in (field, day, problem):
        assert part in message, message
    if on_line is not None:
        assert f"line {line_with(text, on_line)}," in message, message


def test_what_is_no_toml_is_refused_with_its_line(tmp_path):
    folder = write_body(tmp_path, SMALL.replace('name = "The Club"', "name = The Club"))
    with pytest.raises(InstitutionError, match=r"club\.toml: not valid TOML: .*line 2"):
        load_body("CLUB", folder)
    (folder / "club.toml").write_bytes(b'code = "\xff"')
    with pytest.raises(InstitutionError, match="not UTF-8 text"):
        load_body("CLUB", folder)


def test_bodies_that_take_their_members_from_each_other_are_refused(tmp_path):
    for one, other in (("CLUB", "CLUC"), ("CLUC", "CLUB")):
        text = SMALL.replace('countries = { CHE = "1950-01-01/1979-12-31" }', f'same_as = "{other}"')
        write_body(tmp_path, text.replace('"CLUB"\nname', f'"{one}"\nname'), f"{one.lower()}.toml")
    with pytest.raises(InstitutionError, match="CLUB -> CLUC -> CLUB"):
        load_body("CLUB", tmp_path)


def test_unknown_bodies_and_folders_are_refused(tmp_path):
    with pytest.raises(InstitutionError, match=r"'UNSCC' came.*Did you mean UNSC"):
        load_body("UNSCC")
    with pytest.raises(InstitutionError, match="there is no folder"):
        load_bodies(tmp_path / "nowhere")
    assert issubclass(InstitutionError, OrreryError)
