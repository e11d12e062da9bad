"""`orrery measure reputation`: treaty records of countries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.options import (
    CountriesOption,
    Names,
    PlotOption,
    YearsOption,
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


def reputation(
    names: Names = None,
    countries: CountriesOption = None,
    years: YearsOption = None,
    areas: Annotated[str | None, typer.Option(metavar="A,B", help="Such as `human rights`; all by default.")] = None,
    half_life: Annotated[
        float | None, typer.Option(help="Years after which an act counts half; nothing is forgotten by default.")
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure treaty records: participation, pace of ratification and withdrawals, pooled over countries.

    Reads the local store. Only acts up to the end of each year count.

    Example: orrery measure reputation KAZ UZB --years 2000-2020 --areas "human rights"
    """
    import orrery
    from orrery.data.treaties import AREAS
    from orrery.measure.reputation import FACETS
    from orrery.measure.reputation import reputation as measure

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted = tuple(area.strip() for area in areas.split(",")) if areas else tuple(AREAS)
    codes = codes_of(names, countries) or None
    measured = measure(orrery.open_store(), codes, span_of(years), areas=wanted, half_life=half_life)
    frame = measured.to_frame()
    if chosen is AnswerFormat.table:
        from orrery.cli.measure.shown import legend, shown

        table = frame.rename(columns={"lower": "value_lower", "upper": "value_upper"})
        console.say("Treaty records as of the end of each year; `raw` is what is pooled into `value`")
        columns = ["year", "country", "area", "measure", "value", "raw", "acts", "exposure", "reason"]
        give(frame, chosen, out, shown=shown(table, columns))
        console.say(legend(table))
        for name, facet in FACETS.items():
            console.say(f"{name}: {facet.meaning} ({facet.unit})")
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(frame, layout))


def _draw(frame: pd.DataFrame, layout: Layout) -> Figure:
    """Draw the record over all areas; what no source records has no panel."""
    from orrery.measure.reputation import FACETS
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    together = frame[(frame["area"] == "all") & (frame["measure"] != "reservations")]
    words = together["measure"].str.replace("_", " ")
    paths = together.rename(columns={"lower": "low", "upper": "high"}).assign(
        panel=[f"{name_of(code)}: {what}" for code, what in zip(together["country"], words, strict=True)],
        unit=[FACETS[name].unit.partition(";")[0] for name in together["measure"]],
        series="",
        observed=True,
    )
    notes = ("All areas together, as of the end of each year, pooled over countries; bands hold 90 %.",)
    span = (int(frame["year"].min()), int(frame["year"].max()))
    ordered = paths.sort_values(["country", "measure", "year"], kind="stable")
    return draw_paths(ordered, Caption(f"Treaty records, {words_of(span)}", notes), layout)
