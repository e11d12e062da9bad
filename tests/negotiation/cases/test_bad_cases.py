"""Case files that are wrong: one clear error each, naming file, line, case and field, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_texts import COUNCIL, TABLE, changed, read, with_outcome

from orrery.base.errors import NegotiationError, OrreryError
from orrery.negotiation.cases import load_case, validate_file

ENDED = with_outcome()
INDIA = TABLE[TABLE.index('[[parties]]\nkey = "IND"') : TABLE.index("# How it ended")]

# Text, what is replaced by what, the field that is named, part of the problem and advice, the line that is named.
SPOILT = {
    "missing salience": (
        TABLE,
        "salience = { cuts = 0.8 }\n",
        "",
        "`parties` 2 `salience`",
        "`salience` is missing. Add it.",
        '[[parties]]\nkey = "IND"',
    ),
    "no salience on an issue": (
        TABLE,
        "{ cuts = 0.8 }",
        "{}",
        "`parties` 2 `salience`",
        "party IND has no salience on 'cuts'. Add it.",
        "salience = {}",
    ),
    "cares about nothing": (
        TABLE,
        "{ cuts = 0.8 }",
        "{ cuts = 0 }",
        "`parties` 2 `salience`",
        "cares about nothing. Give it an interest.",
        "salience = { cuts = 0 }",
    ),
    "position outside the scale": (
        TABLE,
        "position = { cuts = 30 }",
        "position = { cuts = 130 }",
        "`parties` 2 `position.cuts`",
        "less than or equal to 100; 130 came.",
        "cuts = 130",
    ),
    "salience outside the scale": (
        TABLE,
        "{ cuts = 0.7 }",
        "{ cuts = 7 }",
        "`parties` 1 `salience.cuts`",
        "less than or equal to 1; 7 came.",
        "cuts = 7 }",
    ),
    "position on an issue that is not there": (
        TABLE,
        "position = { cuts = 30 }",
        "position = { cuts = 30, cust = 3 }",
        "`parties` 2 `position`",
        "no issue 'cust'. Did you mean 'cuts'?",
        "cust = 3",
    ),
    "unknown country": (
        TABLE,
        'countries = ["IND"]',
        'countries = ["INX"]',
        "`parties` 2 `countries`",
        "party IND: no country has the code 'INX'. Use an ISO3 code, such as FRA.",
        '"INX"',
    ),
    "country twice": (
        TABLE,
        'countries = ["IND"]',
        'countries = ["IND", "FRA"]',
        "`parties` 2 `countries`",
        "FRA is in FRA and in IND. Name each country once.",
        '"IND", "FRA"]',
    ),
    "party twice": (
        TABLE,
        'key = "IND"',
        'key = "FRA"',
        "`parties` 2 `key`",
        "the key 'FRA' stands twice. Give each its own.",
        'key = "FRA"\nname = "India"',
    ),
    "one party": (TABLE, INDIA, "", "`parties`", "at least 2 items", "[[parties]]"),
    "no status quo": (
        TABLE,
        "status_quo = 0 ",
        "# ",
        "`issues` 1 `status_quo`",
        "`status_quo` is missing. Add it.",
        "[[issues]]",
    ),
    "empty issues": (
        TABLE,
        TABLE[TABLE.index("[[issues]]") : TABLE.index("[[parties]]")],
        "",
        "`issues`",
        "`issues` is missing. Add it.",
        "# A negotiation",
    ),
    "a rule and a body": (
        TABLE,
        '# body = "UNSC" ',
        'body = "UNSC" ',
        "`rule`",
        "give either `body` (with `matter`) or `text`",
        "[rule]",
    ),
    "no word of rules": (
        TABLE,
        "{ consensus = 0 }",
        "{ concensus = 0 }",
        "`rule.text`",
        "concensus",
        "concensus",
    ),
    "stages without bodies": (
        TABLE,
        "{ consensus = 0 }",
        '{ stages = [{ name = "first", rule = { yes = 1 } }, { name = "last", rule = { yes = 2 } }] }',
        "`rule.text`",
        "stages need bodies. Name a body, or give one rule.",
        "stages",
    ),
    "others without a body": (
        TABLE,
        'countries = ["IND"]',
        'countries = "others"',
        "`parties` 2 `countries`",
        '"others" needs the members of a body. List the countries.',
        '"others"',
    ),
    "unknown body": (COUNCIL, '"UNSC"', '"UNSCC"', "`rule.body`", "no body 'UNSCC'. Did you mean 'UNSC'?", "UNSCC"),
    "unknown matter": (COUNCIL, '"substantive"', '"substance"', "`rule`", "'substance'", "[rule]"),
    "voting member not covered": (
        COUNCIL,
        'countries = "others"',
        'countries = ["ALB", "ARE", "BRA", "GAB", "GHA", "IND", "IRL", "KEN", "MEX"]',
        "`parties`",
        "NOR voted in UNSC on 2022-02-25 and no party covers it. Add them to a party",
        "[[parties]]",
    ),
    "two have the others": (
        COUNCIL,
        'countries = ["CHN"]',
        'countries = "others"',
        "`parties`",
        'two parties have the countries "others". Let one have them.',
        "[[parties]]",
    ),
    "unknown source": (
        TABLE,
        'source = "rules, article 1"',
        'source = "rule, article 1"',
        "`rule.source`",
        "no source with the key 'rule'. Did you mean 'rules'?",
        'source = "rule,',
    ),
    "unknown source of the outcome": (
        ENDED,
        'source = "rules, page 1"',
        'source = "record, page 1"',
        "`outcome.source`",
        "no source with the key 'record'. Known: rules.",
        '"record, page 1"',
    ),
    "ended before it began": (
        ENDED,
        "on = 2026-06-30",
        "on = 2025-06-30",
        "`outcome.on`, 2025-06-30",
        "`on` is before `began`, 2026-01-01. Correct one of the two.",
        "on = 2025-06-30",
    ),
    "known until before it ended": (
        ENDED,
        "known_until = 2026-11-01",
        "known_until = 2026-05-01",
        "`outcome.known_until`, 2026-05-01",
        "`known_until` is before `on`, 2026-06-30",
        "known_until = 2026-05-01",
    ),
    "no day": (ENDED, "on = 2026-06-30", "# ", "`outcome`", "give either `on` or `open_until`", "[outcome]"),
    "agreed on no text": (
        ENDED,
        "position = { cuts = 55 }",
        "# ",
        "`outcome`",
        "give it if and only if `agreed` is true",
        "[outcome]",
    ),
    "text of an issue that is not there": (
        ENDED,
        "{ cuts = 55 }",
        "{ cut = 55 }",
        "`outcome.position`",
        "no issue 'cut'. Did you mean 'cuts'?",
        "{ cut = 55 }",
    ),
    "held out who is not there": (
        ENDED,
        'held_out = ["IND"]',
        'held_out = ["INDIA"]',
        "`outcome.held_out`",
        "no party 'INDIA'. Did you mean 'IND'?",
        '["INDIA"]',
    ),
    "leader who is not there": (
        TABLE,
        '# leader = "AAA"',
        'leader = "CHN"',
        "`leader`",
        "no party 'CHN'. Known: FRA, IND.",
        'leader = "CHN"',
    ),
    "match without a reason": (
        TABLE,
        'stake = "medium"',
        'matches = "IRAQ-2003"\nstake = "medium"',
        "`match_reason`",
        "Say what is alike and what differs.",
        "# A negotiation",
    ),
    "paper without an omission": (
        TABLE,
        'stake = "medium"',
        'papers = ["valdai"]\nstake = "medium"',
        "`omitted`",
        "Say what the paper leaves out.",
        "# A negotiation",
    ),
    "unknown field": (
        TABLE,
        'stake = "medium"',
        'stakes = "medium"',
        "`stake`",
        "`stake` is missing. Add it.",
        "# A negotiation",
    ),
    "unknown level": (TABLE, 'stake = "medium"', 'stake = "huge"', "`stake`", "'huge' came.", 'stake = "huge"'),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_wrong_case_is_refused_with_file_line_case_and_field(fault: str, tmp_path: Path) -> None:
    text, old, new, field, problem, on_line = SPOILT[fault]
    wrong = changed(text, old, new)
    with pytest.raises(NegotiationError) as raised:
        read(tmp_path, wrong)
    line = wrong[: wrong.index(on_line)].count("\n") + 1
    code = "COUNCIL" if text is COUNCIL else "MY-CASE"
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / 'case.toml'}, line {line}, case {code}, {field}: "), message
    assert problem in message
    assert "\n" not in message


def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(NegotiationError, match=r"case\.toml: not valid TOML: .*line 5.*Correct it there\."):
        read(tmp_path, changed(TABLE, "title = ", "title "))


def test_what_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(changed(TABLE, "What the issue is", "Sécurité").encode("latin-1"))
    line = TABLE[: TABLE.index("What the issue is")].count("\n") + 1
    with pytest.raises(NegotiationError, match=rf"latin\.toml, line {line}: byte \d+ is not UTF-8.*Save the file"):
        validate_file(path)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NegotiationError, match=r"no file .*none\.toml\. Name a case file, or begin one"):
        load_case(str(tmp_path / "none.toml"))
    with pytest.raises(OrreryError, match=r"'PARIS-2016' came.*Did you mean PARIS-2015"):
        load_case("PARIS-2016")
    with pytest.raises(OrreryError, match=re.escape("See orrery cases list.")):
        load_case("##")
