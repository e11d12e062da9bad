"""The catalogue of bodies: one TOML file each, read when first asked for, and checked.

```python
council = load_body("UNSC")
council.members(date(1990, 1, 1))
print(council.on(date(2022, 2, 25)).vote(Ballot(yes=("USA", "GBR", "FRA"), no=("RUS",), others="abstain")))
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NoReturn

from orrery.base.errors import InstitutionError
from orrery.data.countries import Period
from orrery.institutions.blocks import VOTING
from orrery.institutions.body import Body
from orrery.institutions.periods import common
from orrery.institutions.places import Places
from orrery.institutions.rules.stages import StagesText

SUFFIX = ".toml"


class Catalogue:
    """A folder of bodies. A body that a file refers to and the folder lacks is looked up in the shipped catalogue."""

    def __init__(self, folder: Traversable) -> None:
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(SUFFIX))
        self.folder = folder
        self.codes: tuple[str, ...] = tuple(name.removesuffix(SUFFIX).upper() for name in names)
        self._read: dict[str, Body] = {}
        self._reading: list[str] = []

    def body(self, code: str) -> Body:
        """Return the body with this code, from here or from the shipped catalogue.

        Raises:
            InstitutionError: there is none, its file is not valid, or `same_as` leads back to it.
        """
        if code in self._read:
            return self._read[code]
        if code in self.codes:
            self._read[code] = self._from_file(code)
            return self._read[code]
        shipped = shipped_catalogue()
        if self is not shipped and code in shipped.codes:
            return shipped.body(code)
        return self._refuse_code(code)

    def bodies(self) -> dict[str, Body]:
        """Return every body of the folder by code.

        Raises:
            InstitutionError: a file is not valid.
        """
        return {code: self.body(code) for code in self.codes}

    def known(self, code: str) -> bool:
        """Tell whether there is a body with this code."""
        return code in self.codes or code in shipped_catalogue().codes

    def _from_file(self, code: str) -> Body:
        file = f"{code.lower()}{SUFFIX}"
        entry = self.folder / file
        # The shipped files are known by their names; a user's file by its path.
        shown = str(entry) if isinstance(entry, Path) and not _is_shipped(self) else file
        try:
            text = entry.read_text("utf-8")
            table = tomllib.loads(text, parse_float=Decimal)
        except UnicodeDecodeError as error:
            raise InstitutionError(f"{shown}: not UTF-8 text (byte {error.start}). Save the file as UTF-8.") from None
        except tomllib.TOMLDecodeError as error:
            raise InstitutionError(f"{shown}: not valid TOML: {error}.") from None
        places = Places(shown, code, text)
        if table.get("code") != code:
            raise InstitutionError(
                f"{places(('code',))}: {table.get('code')!r} came. Name the file after its body: {code!r} goes with "
                f"{file}."
            )
        self._reading.append(code)
        try:
            table = {**table, "membership": self._resolved(table, places), "file": shown}
            body = Body.read(table, places, self.body)
        finally:
            self._reading.pop()
        self._check_references(body, places)
        return body

    def _resolved(self, table: dict[str, Any], places: Places) -> Any:
        """Return the membership blocks with the members that `same_as` stands for."""
        blocks = table.get("membership")
        if not isinstance(blocks, list):
            return blocks
        return [self._with_members(block, number, table, places) for number, block in enumerate(blocks)]

    def _with_members(self, block: Any, number: int, table: dict[str, Any], places: Places) -> Any:
        if not isinstance(block, Mapping) or "same_as" not in block:
            return block
        place, code = places(("membership", number, "same_as")), block["same_as"]
        if "countries" in block:
            raise InstitutionError(f"{place}: `countries` came as well. Give one of the two.")
        if code in self._reading:
            chain = " -> ".join([*self._reading[self._reading.index(code) :], code])
            raise InstitutionError(
                f"{place}: {code!r} leads back to itself: {chain}. List the countries in one of them."
            )
        if not self.known(code):
            raise InstitutionError(f"{place}: there is no body {code!r}. {self._advice(code)}")
        life = _life(table)
        countries: dict[str, list[Period]] = {}
        for country, _, period in self.body(code).spells(VOTING):
            held = period if life is None else common(period, life)
            if held is not None:
                countries.setdefault(country, []).append(held)
        return {**block, "countries": countries}

    def _check_references(self, body: Body, places: Places) -> None:
        named = [(("part_of",), body.part_of)]
        for number, block in enumerate(body.rules):
            if isinstance(block.rule, StagesText):
                named += [(("rules", number, "rule"), stage.body) for stage in block.rule.stages]
        for path, code in named:
            if code is not None and not self.known(code):
                raise InstitutionError(f"{places(path)}: there is no body {code!r}. {self._advice(code)}")

    def _advice(self, code: str) -> str:
        codes = sorted({*self.codes, *shipped_catalogue().codes})
        close = get_close_matches(code.upper(), codes, n=3, cutoff=0.5)
        return f"Did you mean {' or '.join(close)}?" if close else f"The codes are {', '.join(codes)}."

    def _refuse_code(self, code: str) -> NoReturn:
        raise InstitutionError(f"`body`: {code!r} came; there is no body with this code. {self._advice(code)}")


@cache
def shipped_catalogue() -> Catalogue:
    """Return the catalogue that comes with the package."""
    return Catalogue(resources.files("orrery.institutions.catalogue"))


def catalogue_in(folder: Path | str) -> Catalogue:
    """Return the catalogue of a folder of one's own.

    Raises:
        InstitutionError: there is no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InstitutionError(f"`folder`: there is no folder {path}. Name one that holds files of bodies.")
    return Catalogue(path)


def load_body(name: str, folder: Path | str | None = None) -> Body:
    """Return a body by its code, in any case, or by its name or an alias.

    Args:
        name: such as "UNSC" or "Security Council".
        folder: a folder of one's own that is looked into before the shipped catalogue.

    Raises:
        InstitutionError: there is none, or its file is not valid.
    """
    catalogue = shipped_catalogue() if folder is None else catalogue_in(folder)
    code = name.strip().upper()
    if catalogue.known(code):
        return catalogue.body(code)
    wanted = name.strip().casefold()
    for holder in dict.fromkeys((catalogue, shipped_catalogue())):
        for body in holder.bodies().values():
            if wanted in (known.casefold() for known in (body.name, *body.aliases)):
                return body
    return catalogue.body(code)


def load_bodies(folder: Path | str | None = None) -> dict[str, Body]:
    """Return every body of the shipped catalogue, or of a folder of one's own, by code.

    Raises:
        InstitutionError: there is no such folder, or a file is not valid.
    """
    return (shipped_catalogue() if folder is None else catalogue_in(folder)).bodies()


def _life(table: Mapping[str, Any]) -> Period | None:
    """Return the life of a body as its file states it; None where it does not, which is refused later."""
    founded, ended = table.get("founded"), table.get("ended")
    if type(founded) is not date or type(ended) not in (date, type(None)):
        return None
    return Period(founded, ended)


def _is_shipped(catalogue: Catalogue) -> bool:
    return catalogue is shipped_catalogue()
