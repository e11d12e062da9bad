"""The page about the five futures shows the conditions that the definition holds."""

from __future__ import annotations

from pathlib import Path

from orrery.world.futures import Condition, definition

PAGE = (Path(__file__).parents[2] / "docs" / "futures.md").read_text("utf-8")
NUMBERS = {2: "two", 5: "five", 7: "seven"}


def row(name: str, condition: Condition) -> str:
    """Return the row of the table that a condition has."""
    indicator = f"`{condition.indicator}`" + (f" over `{condition.over}`" if condition.over else "")
    side = "below" if condition.falls else "above"
    return f"|{name} | {indicator} | {side} {condition.threshold:.2f} | {condition.width:.2f} |"


def test_table_is_that_of_the_definition() -> None:
    expected = [
        row(f" {future.name}" if place == 0 else "", condition)
        for future in definition().futures
        for place, condition in enumerate(future.conditions)
    ]
    told_apart = PAGE.split("## Use")[0]
    lines = [line for line in told_apart.splitlines() if line.startswith("|")]
    assert lines[2:] == expected


def test_years_and_bounds_are_those_of_the_definition() -> None:
    shipped, text = definition(), " ".join(PAGE.split())
    assert f"the last {NUMBERS[shipped.last_years]} years" in text
    assert f"the first {NUMBERS[shipped.first_years]}." in text
    assert f"fewer than {NUMBERS[shipped.first_years + shipped.last_years]} years" in text
    assert f"below {shipped.least_base:g} has no ratio" in text
    assert shipped.label_above == 0.5
    assert "above one half, else *mixed*" in text


def test_lines_are_not_too_long() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 120 and not line.startswith("|")] == []
