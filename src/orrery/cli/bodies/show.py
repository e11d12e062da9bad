"""`orrery bodies show`: what a body is and how it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import BodyArgument, FolderOption

if TYPE_CHECKING:
    from orrery.institutions.body import Body

FACTS = (
    "aliases",
    "founded",
    "ended",
    "known_until",
    "part_of",
    "area",
    "good",
    "scope",
    "formality",
    "secretariat",
    "non_state",
    "note",
)


def show(
    body: BodyArgument,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Show what a body is, and its rules in words with the periods in which they hold; --format csv gives the rules.

    Example: orrery bodies show UNSC
    """
    import pandas as pd

    from orrery.institutions.catalogue import load_body

    chosen = chosen_format(answer_format, out)
    found = load_body(body, folder)
    if chosen is AnswerFormat.table:
        _print_facts(found)
    rows = [
        {
            "matter": block.matter,
            "first": block.period.start.isoformat(),
            "last": block.period.end.isoformat() if block.period.end else None,
            "default": block.default,
            "rule": block.rule.in_words(),
            "source": block.source,
            "note": block.note,
        }
        for block in found.rules
    ]
    answer = pd.DataFrame(rows, columns=["matter", "first", "last", "default", "rule", "source", "note"])
    give(answer, chosen, out)


def _print_facts(body: Body) -> None:
    console.say(f"{body.name} ({body.code})")
    console.print_facts({name: _text(value) for name in FACTS if (value := getattr(body, name)) not in (None, ())})
    others = [f"{one.name} ({one.status})" for one in body.participants]
    if others:
        console.say(f"Organisations that take part: {', '.join(others)}")
    names = {block.name: block.unit for block in body.weights}
    if names:
        console.say(f"Weights: {', '.join(f'{name} ({unit})' for name, unit in names.items())}")
    console.say("Sources:")
    for source in body.sources:
        console.say(f"  {source.key}: {source.title} ({source.year}), {source.where}")
    console.say()


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
