"""`orrery cases validate` and `orrery cases new`: files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orrery.base.errors import NegotiationError
from orrery.cli import console


def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A case file.")],
) -> None:
    """Check a case file, and say what was read; the first fault is named with its line, field and what to do.

    Example: orrery cases validate my-case.toml
    """
    from orrery.cli.cases.listing import outcome_of, rule_of
    from orrery.negotiation.cases import validate_file

    case = validate_file(file)
    rule = f"{rule_of(case)}: {case.seats.rule}" if case.rule.body is not None else case.seats.rule
    issues = "1 issue" if len(case.issues) == 1 else f"{len(case.issues)} issues"
    console.say(
        f"{file}: valid. {case.code}: {len(case.parties)} parties, {issues}; "
        f"{rule}; outcome: {outcome_of(case) or 'none'}"
    )


def new(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Of the case, such as EU-BELARUS-2020.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="By default the code in lower case, here.")
    ] = None,
) -> None:
    """Begin a case: write a commented file to fill in. A file that is there is never written over.

    Example: orrery cases new MY-CASE
    """
    from orrery.negotiation.cases import begun
    from orrery.negotiation.cases.loading import SUFFIX

    text = begun(code)
    path = Path(f"{code.strip().lower()}{SUFFIX}") if out is None else out
    if path.suffix != SUFFIX:
        raise NegotiationError(f"`--out`: {path} came; a case file ends in {SUFFIX}.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise NegotiationError(f"`--out`: {path} is there already and is not written over. Name another.") from None
    except OSError as error:
        raise NegotiationError(f"`--out`: {path}: {error.strerror}. Name a file that can be written.") from error
    console.note(f"written to {path}; fill it in, then: orrery cases validate {path}")
