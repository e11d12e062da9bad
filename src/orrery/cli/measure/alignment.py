"""`orrery measure alignment`: how countries' ties divide over the poles, and how multi-vector they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import MeasureError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.options import (
    CountriesOption,
    Names,
    PlotOption,
    RivalryOption,
    YearsOption,
    against_of,
    check_plot,
    codes_of,
    name_of,
    save_plot,
    span_of,
    tables_for,
    words_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from orrery.measure.portfolios.alignment import Alignment
    from orrery.report.style import Layout

SHOWN_INDICES = ("diversity", "rival_diversity", "effective_multivectorness")
"""Indices of the printed table; the other formats give all."""


def alignment(
    names: Names = None,
    countries: CountriesOption = None,
    years: YearsOption = None,
    against: Annotated[
        str | None, typer.Option("--against", "--poles", metavar="A,B", help="The poles: countries, EU, EU:members.")
    ] = None,
    rivalry: RivalryOption = "ideal_points",
    filled_errors: Annotated[
        bool,
        typer.Option("--filled-errors", help="Intervals also hold the error of filling cells."),
    ] = False,
    channel: Annotated[str, typer.Option(help="One channel, `composite`, or `all`.")] = "all",
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure how countries' ties divide over the poles, channel by channel, and how multi-vector they are.

    By default every country in the newest complete year.

    Example: orrery measure alignment KAZ --years 2004-2024 --channel composite --plot kazakhstan.png
    """
    import orrery
    from orrery.measure.portfolios.alignment import INDICES
    from orrery.measure.portfolios.alignment import alignment as measure
    from orrery.measure.portfolios.poles import DEFAULT_POLES
    from orrery.world.from_panel import newest_complete_year

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted, poles = codes_of(names, countries), against_of(against) or DEFAULT_POLES
    panel = orrery.load()
    newest = newest_complete_year(panel)
    measured = measure(
        panel,
        wanted or panel.countries,
        span_of(years) or (newest, newest),
        over=poles,
        rivalry=rivalry,  # type: ignore[arg-type]
        tables=tables_for(rivalry),
        filled_errors=filled_errors,
    )
    frame = measured.to_frame()
    channels = frame["channel"].unique().tolist()
    if channel not in (*channels, "all"):
        raise MeasureError(f"`--channel`: {channel!r} came; it is one of {', '.join(channels)}, or all.")
    kept = channels if channel == "all" else [channel]
    frame = frame[frame["channel"].isin(kept)].reset_index(drop=True)
    if chosen is AnswerFormat.table:
        from orrery.cli.measure.shown import legend, shown

        columns = ["year", "country", "channel", "status", "non-aligned", *measured.poles, *SHOWN_INDICES]
        console.say("Shares of ties over non-alignment and the poles")
        give(frame, chosen, out, shown=shown(frame, columns))
        console.say(f"{legend(frame)}; intervals hold the posterior of the ideal points, no other error")
        for name in SHOWN_INDICES:
            console.say(f"{name}: {INDICES[name]}")
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(measured, kept, layout))


def _draw(measured: Alignment, channels: list[str], layout: Layout) -> Figure:
    """Draw portfolio ribbons: a panel per country and channel."""
    from orrery.data.panel import Status
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.ribbons import draw_ribbons

    dataset = measured.dataset[["share", "status"]].sel(channel=channels)
    shares = dataset.to_dataframe().reset_index()
    several = shares["country"].nunique() > 1
    titles = {
        (code, channel): f"{name_of(code)}: {channel}" if several else channel
        for code in dataset["country"].values.tolist()
        for channel in channels
    }
    order = {title: place for place, title in enumerate(titles.values())}
    panels = [titles[key] for key in zip(shares["country"], shares["channel"], strict=True)]
    shares = shares.assign(panel=panels, observed=shares["status"] == Status.OBSERVED)
    shares = shares.sort_values("panel", key=lambda names: names.map(order), kind="stable")
    span = (int(shares["year"].min()), int(shares["year"].max()))
    whose = "" if several else f" of {name_of(str(dataset['country'].values[0]))}"
    notes = (
        "Shares of a country's ties over non-alignment and the poles, each year by itself. Where the strip is light a "
        "figure behind the year is carried forward or otherwise not observed. 90 % intervals: in the table.",
    )
    return draw_ribbons(shares, Caption(f"Portfolios{whose}, {words_of(span)}", notes), layout)
