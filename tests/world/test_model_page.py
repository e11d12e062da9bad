"""The page about the model names everything that the model has, under the name that the code gives it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from orrery.world import phases
from orrery.world.forcing import Forcing
from orrery.world.indicators import INDICATORS
from orrery.world.params import catalogue, extensions
from orrery.world.step import PHASES
from orrery.world.world import Anchors, Delivery, Geography, Institutions, Reference, Talks, World

PAGE = (Path(__file__).parents[2] / "docs" / "model.md").read_text("utf-8")
WIDEST = 120
STATE = (World, Institutions, Reference, Talks, Delivery, Geography, Anchors)


def section(title: str) -> str:
    """Return the text under a heading, up to the next one of its rank or a higher one."""
    start = re.search(rf"^(#+) {re.escape(title)}$", PAGE, re.MULTILINE)
    assert start is not None, f"docs/model.md has no heading {title!r}"
    rest = PAGE[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def names_in(text: str) -> set[str]:
    """Return every code span that is an identifier."""
    return set(re.findall(r"`([a-z][a-z0-9_]*)`", text))


@pytest.mark.parametrize("name", catalogue())
def test_every_parameter_is_on_the_page_with_its_symbol(name: str) -> None:
    assert f"`{catalogue()[name].symbol}` `{name}`" in PAGE


def test_no_two_parameters_share_a_symbol() -> None:
    symbols = [entry.symbol for entry in catalogue().values()]
    assert len(set(symbols)) == len(symbols)


@pytest.mark.parametrize("name", [name for name, entry in catalogue().items() if entry.extension is None])
def test_every_parameter_of_the_core_has_an_equation(name: str) -> None:
    symbol = catalogue()[name].symbol
    equations = PAGE.replace(f"`{symbol}` `{name}`", "")
    assert re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", equations), f"{symbol} is in no equation"


def test_phases_have_sections_in_their_order() -> None:
    found = re.findall(r"^### .*?\(`phases/(\w+)\.py`\)", PAGE, re.MULTILINE)
    assert found == [phase.advance.__module__.rsplit(".", 1)[1] for phase in PHASES]


def test_every_file_of_phases_is_named() -> None:
    for file in Path(phases.__path__[0]).glob("[a-z]*.py"):
        assert f"`phases/{file.name}`" in PAGE


@pytest.mark.parametrize("kind", STATE, ids=lambda kind: kind.__name__)
def test_every_field_is_in_the_table_of_its_class(kind: type) -> None:
    fields = {field.name for field in dataclasses.fields(kind)}
    assert fields - names_in(section(f"`{kind.__name__}`")) == set()


def test_tables_of_fields_name_nothing_else() -> None:
    for kind in STATE:
        fields = {field.name for field in dataclasses.fields(kind)}
        second = [row.split("|")[2] for row in section(f"`{kind.__name__}`").splitlines() if row.startswith("|")]
        assert names_in("\n".join(second)) - fields == set()


def test_every_path_is_named_and_nothing_else() -> None:
    first = [row.split("|")[1] for row in section("Forcing paths").splitlines() if row.startswith("|")]
    assert names_in("\n".join(first)) == {field.name for field in dataclasses.fields(Forcing)}


def test_every_indicator_is_in_the_table_and_nothing_else() -> None:
    rows = [row.split("|")[2] for row in section("Indicators").splitlines() if row.startswith("|")]
    assert names_in("\n".join(rows)) == set(INDICATORS)


def test_every_extension_has_a_row_with_its_parameters() -> None:
    rows = [row for row in section("Extensions").splitlines() if row.startswith("| `")]
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.split("`")[1], set()).update(names_in(row.rsplit("|", 2)[1]))
    expected = {
        switch: {*names, *(catalogue()[name].symbol for name in names)} for switch, names in extensions().items()
    }
    assert found == expected


def test_lines_are_not_too_long() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > WIDEST] == []
