"""`orrery measure dependence`: on whom countries depend in trade and arms, and how one-sidedly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.options import (
    AgainstOption,
    CountriesOption,
    Names,
    PlotOption,
    YearsOption,
    against_of,
    check_plot,
    codes_of,
    name_of,
    save_plot,
    span_of,
    words_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.report.style import Layout


OBSERVED = ("observed", "no ties")
"""Statuses of what a source says of the year itself; without ties a country depends on nobody."""


def dependence(
    names: Names = None,
    countries: CountriesOption = None,
    years: YearsOption = None,
    against: AgainstOption = None,
    top: Annotated[int, typer.Option(help="How many largest partners `top_share` adds up.")] = 3,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure on whom countries depend: concentration and largest partners, or with --against chosen partners.

    By default every country in the newest complete year. Dependence is the partner's share of the country's ties;
    asymmetry, that less the country's share of the partner's.

    Example: orrery measure dependence KAZ UZB --against RUS,CHN,EU --years 2000-2024 --plot dependence.png
    """
    import orrery
    from orrery.measure.dependence import dependence as measure
    from orrery.measure.towards import dependence_on
    from orrery.world.from_panel import newest_complete_year

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted, partners = codes_of(names, countries), against_of(against)
    panel = orrery.load()
    newest = newest_complete_year(panel)
    measured = measure(panel, wanted or panel.countries, span_of(years) or (newest, newest), top=top)
    frame = dependence_on(measured, partners).to_frame() if partners else measured.to_frame()
    if chosen is AnswerFormat.table:
        from orrery.cli.measure.shown import legend, shown

        console.say("Dependence in trade and arms: shares of the country's own ties; the sources state no error")
        give(frame, chosen, out, shown=shown(frame))
        console.say(legend(frame))
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(frame, layout))


def _draw(frame: pd.DataFrame, layout: Layout) -> Figure:
    """Draw a panel per country and channel: dependence on each partner, or concentration and the largest share."""
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    titles = [f"{name_of(code)}: {kind}" for code, kind in zip(frame["country"], frame["channel"], strict=True)]
    table = frame.assign(panel=titles)
    if "partner" in frame:
        paths = table.assign(series=table["partner"], value=table["dependence"])
        title = "Dependence on partners"
    else:
        measures = ["concentration_normalised", "largest_share"]
        paths = table.melt(["panel", "year", "status"], measures, var_name="series", value_name="value")
        paths["series"] = paths["series"].map(
            {"concentration_normalised": "concentration (0 to 1)", "largest_share": "share of the largest partner"}
        )
        title = "Concentration of partners"
    paths = paths.assign(unit="0 to 1", low=float("nan"), high=float("nan"), observed=paths["status"].isin(OBSERVED))
    span = (int(frame["year"].min()), int(frame["year"].max()))
    notes = ("The sources state no error. Arms are imports over five years; trade is exports plus imports.",)
    return draw_paths(paths, Caption(f"{title}, {words_of(span)}", notes), layout)
