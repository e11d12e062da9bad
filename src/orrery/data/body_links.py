"""Which record of authority and which trade agreement stands for which body, read from three tables of `data/facts`.

* `body_authority.csv`: bodies of the catalogue with a record in MIA, by its number and name, and in which years it
  stands for them.
* `body_agreements.csv`: trade agreements in DESTA. With a number of MIA they belong to a body that has a record too and
  serve to compare the two; with a code of the catalogue they stand for a body that has none.
* `agreement_provisions.csv`: which of DESTA's seven kinds of provision an agreement holds that DESTA lists but has not
  coded, each with its article.

Every row of the first two says why. Names are repeated so that a changed number is found.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from orrery.base.errors import DataError

PROVISIONS = ("tariffs", "services", "investment", "standards", "procurement", "competition", "intellectual property")
"""The kinds of provision that the index of depth counts (Dür, Baccini & Elsig 2014): tariffs of zero with few
exceptions, and anything substantive on the other six."""


@dataclass(frozen=True)
class AuthorityLink:
    """A body of the catalogue and its record of authority.

    Attributes:
        code: of the body.
        number: of the organisation in MIA.
        name: of the organisation there; empty where it has none.
        first: first year in which the record stands for the body; None from the record's beginning.
        last: last such year; None while the body lasts.
        reason: why the two are the same.
    """

    code: str
    number: int
    name: str
    first: int | None
    last: int | None
    reason: str


@dataclass(frozen=True)
class AgreementLink:
    """A trade agreement in DESTA, and the organisation of MIA or the body of the catalogue that it stands for.

    Attributes:
        number: of the organisation in MIA; None for an agreement that stands for a body.
        code: of the body; empty for an agreement that is compared with a record.
        agreement: the producer's number of the entry.
        name: of the agreement there.
        first: first year in which it stands for the body; None where it stands for none.
        last: last such year; None while it is in force.
        reason: why this agreement.
    """

    number: int | None
    code: str
    agreement: str
    name: str
    first: int | None
    last: int | None
    reason: str


@dataclass(frozen=True)
class BodyLinks:
    """All links of bodies to records and agreements.

    Attributes:
        authority: bodies of the catalogue with a record.
        compared: agreements of organisations that have a record too.
        agreements: agreements that stand for bodies without a record.
        provisions: code of a body whose agreement is not coded -> which of `PROVISIONS` it holds.
    """

    authority: tuple[AuthorityLink, ...]
    compared: tuple[AgreementLink, ...]
    agreements: tuple[AgreementLink, ...]
    provisions: dict[str, frozenset[str]]


@cache
def body_links() -> BodyLinks:
    """Return the links of the three tables.

    Raises:
        DataError: a row is not as it must be; the message names the file and the row.
    """
    return read_links(*(_text(name) for name in ("body_authority", "body_agreements", "agreement_provisions")))


def read_links(authority: str, agreements: str, provisions: str) -> BodyLinks:
    """Return the links in the texts of the three tables.

    Raises:
        DataError: a row is not as it must be; the message names the file and the row.
    """
    records = _rows("body_authority", authority, ("code", "mia", "reason"))
    entries = _rows("body_agreements", agreements, ("agreement", "name", "reason"))
    links = [_agreement(row, line) for line, row in enumerate(entries, 2)]
    return BodyLinks(
        tuple(
            AuthorityLink(
                row["code"],
                _whole("body_authority", row, "mia", line),
                row["name"],
                _year("body_authority", row, "first", line),
                _year("body_authority", row, "last", line),
                row["reason"],
            )
            for line, row in enumerate(records, 2)
        ),
        tuple(link for link in links if link.number is not None),
        tuple(link for link in links if link.number is None),
        _held(_rows("agreement_provisions", provisions, ("code", "provision", "held", "where"))),
    )


def _agreement(row: dict[str, str], line: int) -> AgreementLink:
    file = "body_agreements"
    if bool(row["mia"]) == bool(row["code"]):
        came = f"`mia` {row['mia']!r} and `code` {row['code']!r}"
        raise _wrong(file, line, f"{came} came; exactly one of the two is allowed", "Empty one of them")
    if row["code"] and not row["first"]:
        raise _wrong(file, line, "`first` is empty for a body of the catalogue", "Give the year of entry into force")
    return AgreementLink(
        _whole(file, row, "mia", line) if row["mia"] else None,
        row["code"],
        row["agreement"],
        row["name"],
        _year(file, row, "first", line),
        _year(file, row, "last", line),
        row["reason"],
    )


def _held(rows: Sequence[dict[str, str]]) -> dict[str, frozenset[str]]:
    file = "agreement_provisions"
    answers: dict[str, dict[str, bool]] = {}
    for line, row in enumerate(rows, 2):
        given = answers.setdefault(row["code"], {})
        if row["provision"] not in PROVISIONS or row["provision"] in given:
            problem = f"`provision` {row['provision']!r} is unknown or stands twice for {row['code']}"
            raise _wrong(file, line, f"{problem}; allowed, once each: {', '.join(PROVISIONS)}", "Correct the row")
        if row["held"] not in ("yes", "no"):
            raise _wrong(file, line, f"`held` {row['held']!r} came; allowed is yes or no", "Correct the row")
        given[row["provision"]] = row["held"] == "yes"
    for code, given in answers.items():
        lacking = [name for name in PROVISIONS if name not in given]
        if lacking:
            raise DataError(f"`{file}.csv`: {code} has no row for {', '.join(lacking)}. Add one for each provision.")
    return {code: frozenset(name for name, held in given.items() if held) for code, given in answers.items()}


def _rows(file: str, text: str, needed: Sequence[str]) -> list[dict[str, str]]:
    rows = list(csv.DictReader(text.splitlines()))
    for line, row in enumerate(rows, 2):
        empty = [name for name in needed if not row.get(name)]
        if empty:
            raise _wrong(file, line, f"nothing in {', '.join(empty)}", "Fill the row")
    return rows


def _whole(file: str, row: dict[str, str], column: str, line: int) -> int:
    try:
        return int(row[column])
    except ValueError as error:
        problem = f"`{column}` {row[column]!r} came; allowed is a whole number"
        raise _wrong(file, line, problem, "Correct the row") from error


def _year(file: str, row: dict[str, str], column: str, line: int) -> int | None:
    return _whole(file, row, column, line) if row[column] else None


def _wrong(file: str, line: int, problem: str, advice: str) -> DataError:
    return DataError(f"`{file}.csv`, row {line}: {problem}. {advice}.")


def _text(name: str) -> str:
    return resources.files("orrery.data").joinpath("facts", f"{name}.csv").read_text("utf-8")
