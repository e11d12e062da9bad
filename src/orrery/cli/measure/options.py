"""What the subcommands of `orrery measure` are asked alike: countries, years, whom against, where to draw."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import DataError, MeasureError
from orrery.cli import console

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from orrery.data.store import Store
    from orrery.report.style import Layout

Names = Annotated[list[str] | None, typer.Argument(metavar="[COUNTRY...]", help="ISO3 codes or English names.")]
CountriesOption = Annotated[
    str | None, typer.Option("--countries", metavar="A,B,C", help="The same, in one text separated by commas.")
]
YearsOption = Annotated[
    str | None, typer.Option("--years", metavar="YEAR|FIRST-LAST", help="The newest year with data by default.")
]
AllYearsOption = Annotated[
    str | None, typer.Option("--years", metavar="YEAR|FIRST-LAST", help="All years of the baseline by default.")
]
AgainstOption = Annotated[
    str | None, typer.Option("--against", metavar="A,B", help="Whom to measure against: countries, or EU.")
]
RivalryOption = Annotated[
    str, typer.Option("--rivalry", help="ideal_points, or, with the store, disputes, sanctions or combined.")
]
PlotOption = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE", help="Draw it as well: a .png or .svg file.")
]
PLOTS = (".png", ".svg")
DOTS_PER_INCH = 140
"""A wide figure is then 1,288 px across."""


def codes_of(names: Sequence[str] | None, listed: str | None) -> tuple[str, ...]:
    """Return the ISO3 codes of the countries named, each once, in the order given; none where none is named.

    Raises:
        CountryCodeError: a name or code that nothing stands for.
    """
    from orrery.data.countries import resolve, split_names

    given = [*(names or ()), *(split_names(listed) if listed else ())]
    return tuple(dict.fromkeys(resolve(name) for name in given))


def against_of(listed: str | None) -> tuple[str, ...]:
    """Return the poles named: groups by their names, countries by their ISO3 codes; none where none is named.

    Raises:
        CountryCodeError: a name that is neither a country nor a group.
    """
    from orrery.data.countries import group_names, resolve

    groups = group_names()
    pieces = [piece.strip() for piece in listed.split(",")] if listed else []
    return tuple(p if p.partition(":")[0] in groups else resolve(p) for p in pieces)


def tables_for(rivalry: str) -> Store | None:
    """Return the store where rivalry needs it.

    Raises:
        MeasureError: no such rivalry.
    """
    import orrery
    from orrery.measure.portfolios.rivalry import VARIANTS

    if rivalry not in VARIANTS:
        raise MeasureError(f"`--rivalry`: {rivalry!r} came; it is one of {', '.join(VARIANTS)}.")
    return None if rivalry == "ideal_points" else orrery.open_store()


def span_of(years: str | None) -> tuple[int, int] | None:
    """Return the first and last of `YEAR` or `FIRST-LAST` (or sessions); `None` where nothing is asked for.

    Raises:
        MeasureError: the text is neither.
    """
    if years is None:
        return None
    match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", years.strip())
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise MeasureError(
            f"`--years`: {years!r} came; write a year, such as 2024, or a span, such as 1992-2024, earlier year first."
        )
    return int(match[1]), int(match[2] or match[1])


def words_of(span: tuple[int, int]) -> str:
    """Return a span as people read it."""
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def name_of(code: str) -> str:
    """Return the English name of a country; a group is known by its own."""
    from orrery.data.countries import country, group_names

    return code if code in group_names() else country(code).name


def check_plot(plot: Path | None) -> None:
    """Refuse a figure that cannot be written, before anything is measured.

    Raises:
        typer.BadParameter: the name says neither PNG nor SVG.
    """
    if plot is not None and plot.suffix.lower() not in PLOTS:
        raise typer.BadParameter(f"the name of {plot} tells no format of a figure. Allowed: {', '.join(PLOTS)}")


def save_plot(plot: Path | None, draw: Callable[[Layout], Figure]) -> None:
    """Draw a figure and write it, if one was asked for.

    Raises:
        DataError: the file cannot be written.
    """
    if plot is None:
        return
    from orrery.base.files import writing_file
    from orrery.report.style import WIDE, drawing, to_png, to_svg

    with drawing():
        figure = draw(WIDE)
        if plot.suffix.lower() == ".svg":
            content = to_svg(figure).encode("utf-8")
        else:
            content = to_png(figure, dots_per_inch=DOTS_PER_INCH)
    try:
        with writing_file(plot) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise DataError(f"`--plot` {plot}: {error.strerror}. Name a file that can be written") from error
    console.note(f"drawn in {plot}")
