"""`orrery design`: formats for a case that no other one beats, with a brief on one page."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import NegotiationError
from orrery.cli import console

if TYPE_CHECKING:
    from orrery.negotiation.design.search import Found
    from orrery.report.design_tables import Asked

LISTED = "A,B"
Keys = str | None


def design(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Code of a shipped case, or a case file (.toml).")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write; it must not exist.")],
    objectives: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Of legitimacy, speed, depth, durability, cost; all by default."),
    ] = None,
    include: Annotated[Keys, typer.Option("--include", metavar=LISTED, help="Parties that must sit.")] = None,
    exclude: Annotated[Keys, typer.Option("--exclude", metavar=LISTED, help="Parties that must not.")] = None,
    max_seats: Annotated[int | None, typer.Option("--max-seats", help="At most so many sit.")] = None,
    min_chance: Annotated[
        float, typer.Option("--min-chance", min=0, max=1, help="Least chance of agreement within the horizon.")
    ] = 0.0,
    no_vetoes: Annotated[bool, typer.Option("--no-vetoes", help="Nobody has a veto.")] = False,
    no_opt_outs: Annotated[
        bool, typer.Option("--no-opt-outs", help="Nobody may stay out of what it dislikes.")
    ] = False,
    evaluations: Annotated[int, typer.Option(min=100, help="Designs to look at, 100 at a time.")] = 2_000,
    worst: Annotated[bool, typer.Option("--worst", help="Search by the worst tenth of draws, not the mean.")] = False,
    draws: Annotated[int, typer.Option(min=1, help="Draws that every design is put to.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Seed: the same seed gives the same front.")] = 0,
    share: Annotated[float, typer.Option(help="Of capability, that the smallest coalition must hold.")] = 0.8,
) -> None:
    """Search for the formats that suit a case: who sits, by which rule, with what means; and write a brief.

    The folder holds brief.html (one page), front.csv, presets.csv, front.svg and front.png.

    Example: orrery design UNSC-ENLARGEMENT --out designs/council --max-seats 12 --min-chance 0.5
    """
    from orrery.negotiation.design.search import Constraints
    from orrery.report.design_tables import Asked

    _check_free(out)
    limits = Constraints(
        include=_split(include),
        exclude=_split(exclude),
        most_seats=max_seats,
        vetoes=not no_vetoes,
        opt_outs=not no_opt_outs,
        least_chance=min_chance,
    )
    given = {
        "--out": out,
        "--objectives": objectives,
        "--include": include,
        "--exclude": exclude,
        "--max-seats": max_seats,
        "--min-chance": min_chance,
        "--no-vetoes": no_vetoes,
        "--no-opt-outs": no_opt_outs,
        "--evaluations": evaluations,
        "--worst": worst,
        "--draws": draws,
        "--seed": seed,
        "--share": share,
    }
    asked = Asked(limits, worst, seed, share, _command(case, given))
    found = _search(case, asked, None if objectives is None else _split(objectives), (evaluations, draws))
    _save(found, asked, out)


def _search(name: str, asked: Asked, objectives: tuple[str, ...] | None, effort: tuple[int, int]) -> Found:
    """Return what is found by so many evaluations over so many draws, telling how far the search is."""
    import jax

    from orrery.data.baseline import load_baseline
    from orrery.negotiation.cases import load_case
    from orrery.negotiation.design.merits import OBJECTIVES
    from orrery.negotiation.design.search import columns_of, smallest_coalition
    from orrery.negotiation.design.search import design as search
    from orrery.negotiation.design.tables import matter_of
    from orrery.negotiation.forecasts.learned import shipped

    n_evaluations, n_draws = effort
    case, chosen = load_case(name), OBJECTIVES if objectives is None else objectives
    # What is refused is refused before anything is worked out.
    columns_of(chosen)
    asked.constraints.check(case)
    smallest_coalition(case, asked.share)
    matter = matter_of(jax.random.key(asked.seed), case, shipped(), load_baseline(), n_draws)
    with console.work_progress("designs") as tell:
        return search(
            matter,
            chosen,
            asked.constraints,
            n_evaluations=n_evaluations,
            worst=asked.worst,
            seed=asked.seed,
            report=lambda done: tell(done, n_evaluations),
        )


def _save(found: Found, asked: Asked, out: Path) -> None:
    """Write the folder, whole or not at all, and say what is in it.

    Raises:
        NegotiationError: the folder exists by now, or cannot be written.
    """
    from orrery.base.files import writing_folder
    from orrery.negotiation.design.front import read_front
    from orrery.report.design_brief import save_design

    try:
        with writing_folder(out) as temporary:
            save_design(found, asked, temporary)
    except OSError as error:
        raise NegotiationError(f"`--out` {out}: {error.strerror or 'it exists'}. Name a new folder.") from error
    knee = read_front(found)[0]
    console.say(f"brief   {out / 'brief.html'}")
    console.say(f"front   {int(found.front.sum())} designs of {found.n_evaluated:,}")
    console.say(f"knee    {len(knee.seats)} seats, {knee.rule}; means: {knee.means_used}")
    console.say(f"        chance {knee.chance:.0%}; gives up {knee.sacrifice}")


def _check_free(out: Path) -> None:
    """Refuse a folder that exists, before anything is worked out.

    Raises:
        NegotiationError: it does.
    """
    if out.exists():
        raise NegotiationError(f"`--out` {out}: it exists, and nothing is overwritten. Name a new folder.")


def _split(listed: str | None) -> tuple[str, ...]:
    return () if listed is None else tuple(piece.strip() for piece in listed.split(","))


def _command(case: str, given: Mapping[str, object]) -> str:
    """Return the command that gives the same again, to be printed with its result."""
    words = ["orrery", "design", case]
    for option, value in given.items():
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words += [option, str(value)]
    return shlex.join(words)
