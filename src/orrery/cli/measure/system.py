"""`orrery measure polarity`, `multilateralism` and `globalisation`: the system as a whole, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.options import (
    AllYearsOption,
    PlotOption,
    against_of,
    check_plot,
    save_plot,
    span_of,
    words_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.report.style import Layout


def polarity(
    years: AllYearsOption = None,
    powers: Annotated[int | None, typer.Option(help="How many of the largest are taken for the powers.")] = None,
    against: Annotated[
        str | None, typer.Option("--against", "--poles", metavar="A,B", help="Poles whose camps are compared.")
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure how capability is divided among the powers, in every variant: they disagree.

    Example: orrery measure polarity --years 1992-2024 --plot polarity.png
    """
    import orrery
    from orrery.measure.polarity import N_POWERS
    from orrery.measure.polarity import polarity as measure
    from orrery.measure.portfolios.poles import DEFAULT_POLES

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    number = N_POWERS if powers is None else powers
    measured = measure(orrery.load(), span_of(years), n_powers=number, over=against_of(against) or DEFAULT_POLES)
    title = f"Polarity of the {number} largest powers, by variant of capability and treatment of the European Union"
    _give(measured.to_frame(), title, chosen, out)
    save_plot(plot, lambda layout: _draw_polarity(measured.to_frame(), number, layout))


def multilateralism(
    years: AllYearsOption = None,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="Also births, deaths and verticality: from the store.")
    ] = False,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure how densely countries are bound together by shared memberships.

    Example: orrery measure multilateralism --years 1990-2014 --plot density.png
    """
    import orrery
    from orrery.measure.multilateralism import multilateralism as measure

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    tables = orrery.open_store() if bodies else None
    frame = measure(orrery.load(), span_of(years), tables=tables).to_frame()
    _give(frame, "Multilateralism: shared memberships of intergovernmental organisations", chosen, out)
    save_plot(plot, lambda layout: _draw_multilateralism(frame, layout))


def globalisation(
    years: AllYearsOption = None,
    since: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Test each index for a contraction since this year.")
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure trade openness and the KOF index with its parts, world and in every variant. Reads the store.

    Example: orrery measure globalisation --since 2008
    """
    import orrery
    from orrery.measure.globalisation import globalisation as measure

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    store = orrery.open_store()
    measured = measure(orrery.build_panel(store, names=("gdp_usd",)), store, span_of(years))
    if since is not None:
        _give(measured.contraction(since=since), f"Change a year since {since}, 90 % interval", chosen, out)
    else:
        _give(measured.to_frame(), "Globalisation of the world", chosen, out)
    save_plot(plot, lambda layout: _draw_globalisation(measured.to_frame(), layout))


def _give(frame: pd.DataFrame, title: str, chosen: AnswerFormat, out: OutOption) -> None:
    if chosen is not AnswerFormat.table:
        give(frame, chosen, out)
        return
    from orrery.cli.measure.shown import legend, shown

    console.say(f"{title}; the sources state no error")
    give(frame, chosen, out, shown=shown(frame))
    console.say(legend(frame))


def _draw_polarity(frame: pd.DataFrame, n_powers: int, layout: Layout) -> Figure:
    """Draw a panel per measure and treatment of the Union, a line per variant of capability."""
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    measures = [name for name in ("effective_number", "concentration", "top_two_share") if name in frame]
    paths = frame.melt(["year", "variant", "union", "status"], measures, var_name="measure", value_name="value")
    words = paths["measure"].str.replace("_", " ")
    paths = paths.assign(
        panel=words.where(paths["union"] == "united", words + ", members apart"),
        unit=paths["measure"].map(lambda name: "powers" if name == "effective_number" else "0 to 1"),
        series=paths["variant"],
    )
    notes = (
        f"The {n_powers} largest powers by each variant of capability; the European Union counts once, or, where it "
        "says so, its members apart. The sources state no error; the spread of the lines is that of definitions.",
    )
    span = (int(frame["year"].min()), int(frame["year"].max()))
    ordered = paths.sort_values(["union", "measure"], ascending=[False, True], kind="stable")
    return draw_paths(_without_error(ordered), Caption(f"Polarity, {words_of(span)}", notes), layout)


def _draw_multilateralism(frame: pd.DataFrame, layout: Layout) -> Figure:
    """Draw a panel per measure of the frame."""
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    statuses = {name.removesuffix("_status"): name for name in frame if name.endswith("_status")}
    measures = [name for name in frame if name not in ("year", "status", "bodies_measured", *statuses.values())]
    paths = frame.melt(["year", "status", *statuses.values()], measures, var_name="measure", value_name="value")
    paths = paths.dropna(subset="value")
    for about, column in statuses.items():
        paths["status"] = paths["status"].where(~paths["measure"].str.startswith(about), paths[column])
    # Bodies are listed by their own source: only what rests on the panel's memberships is ever carried forward.
    units = {"density": "mean of ln(1 + shared)", "memberships_per_country": "organisations", "verticality": "0 to 1"}
    paths = paths.assign(
        panel=paths["measure"].str.replace("_", " "),
        unit=[units.get(name, "number") for name in paths["measure"]],
        series="",
    )
    notes = ("Memberships are observed to the year in which the dots begin; later years carry the last forward.",)
    span = (int(frame["year"].min()), int(frame["year"].max()))
    return draw_paths(_without_error(paths), Caption(f"Multilateralism, {words_of(span)}", notes), layout)


def _draw_globalisation(frame: pd.DataFrame, layout: Layout) -> Figure:
    """Draw openness and the overall KOF index with its two kinds, a panel each."""
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    drawn = [name for name in ("openness_cow", "openness_baci", "kof", "kof_de_facto", "kof_de_jure")]
    paths = frame[frame["index"].isin(drawn)].dropna(subset="world").rename(columns={"world": "value"})
    paths = paths.assign(
        panel=paths["index"].str.replace("_", " "),
        unit=["% of output" if name.startswith("openness") else "0 to 100" for name in paths["index"]],
        series="",
    )
    notes = ("The world as a whole, by each index; the sources state no error.",)
    span = (int(paths["year"].min()), int(paths["year"].max()))
    return draw_paths(_without_error(paths), Caption(f"Globalisation, {words_of(span)}", notes), layout)


def _without_error(paths: pd.DataFrame) -> pd.DataFrame:
    return paths.assign(low=float("nan"), high=float("nan"), observed=paths["status"] == "observed")
