"""The tables of links: what ships is complete, and a wrong row is named."""

from __future__ import annotations

import pytest

from orrery.base.errors import DataError
from orrery.data.body_links import PROVISIONS, body_links, read_links

AUTHORITY = "code,mia,name,first,last,reason\n"
AGREEMENTS = "mia,code,agreement,name,first,last,reason\n"
HELD = "code,provision,held,where\n"
ALL_HELD = HELD + "".join(f"ALPHA,{name},yes,article 1\n" for name in PROVISIONS)


def test_the_tables_read_as_written():
    links = read_links(
        AUTHORITY + "ALPHA,12,ONE,,2001,same body\n",
        AGREEMENTS + "12,,3a,Old,,,its only text\n,BETA,4,New,2002,,its text\n",
        HELD + "".join(f"BETA,{name},{'no' if name == 'procurement' else 'yes'},article 2\n" for name in PROVISIONS),
    )
    (record,) = links.authority
    assert (record.code, record.number, record.first, record.last) == ("ALPHA", 12, None, 2001)
    assert [link.agreement for link in links.compared] == ["3a"]
    assert [(link.code, link.first) for link in links.agreements] == [("BETA", 2002)]
    assert links.provisions == {"BETA": frozenset(PROVISIONS) - {"procurement"}}


def test_what_ships_gives_a_reason_and_no_organisation_twice():
    links = body_links()
    assert all(link.reason for link in (*links.authority, *links.compared, *links.agreements))
    numbers = [link.number for link in links.compared]
    assert len(numbers) == len(set(numbers)) == 24
    assert len({link.code for link in links.authority}) == len(links.authority)


WRONG = {
    "number": (
        AUTHORITY + "ALPHA,twelve,ONE,,,same\n",
        AGREEMENTS,
        HELD,
        r"body_authority\.csv`, row 2: `mia` 'twelve'",
    ),
    "year": (AUTHORITY + "ALPHA,12,ONE,soon,,same\n", AGREEMENTS, HELD, r"row 2: `first` 'soon' came"),
    "reason": (AUTHORITY + "ALPHA,12,ONE,,,\n", AGREEMENTS, HELD, "row 2: nothing in reason"),
    "both": (AUTHORITY, AGREEMENTS + "12,BETA,3,Old,2000,,text\n", HELD, "exactly one of the two is allowed"),
    "neither": (AUTHORITY, AGREEMENTS + ",,3,Old,2000,,text\n", HELD, "exactly one of the two is allowed"),
    "no beginning": (AUTHORITY, AGREEMENTS + ",BETA,3,Old,,,text\n", HELD, "`first` is empty"),
    "provision": (AUTHORITY, AGREEMENTS, ALL_HELD + "ALPHA,labour,yes,article 9\n", "row 9: `provision` 'labour'"),
    "provision twice": (AUTHORITY, AGREEMENTS, ALL_HELD + "ALPHA,tariffs,no,article 9\n", "stands twice for ALPHA"),
    "answer": (AUTHORITY, AGREEMENTS, HELD + "ALPHA,tariffs,partly,article 1\n", "allowed is yes or no"),
    "provision lacking": (AUTHORITY, AGREEMENTS, ALL_HELD.replace("ALPHA,services,yes,article 1\n", ""), "services"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_is_named(case):
    *texts, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        read_links(*texts)
