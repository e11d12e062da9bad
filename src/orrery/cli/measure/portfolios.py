"""`orrery measure ranks` and `orrery measure change`: what ranks owe to weights, and changes to their sources."""

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
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.report.style import Layout

IndexOption = Annotated[str, typer.Option("--index", help="An index of the family, such as rival_diversity.")]
PolesOption = Annotated[
    str | None, typer.Option("--against", "--poles", metavar="A,B", help="The poles: countries, EU, or EU:members.")
]


def ranks(
    names: Names = None,
    countries: CountriesOption = None,
    year: Annotated[int | None, typer.Option("--years", metavar="YEAR", help="The newest complete year.")] = None,
    index: IndexOption = "effective_multivectorness",
    against: PolesOption = None,
    rivalry: RivalryOption = "ideal_points",
    draws: Annotated[int, typer.Option(help="Draws of the weights.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Rank countries by an index of the composite, and see how far ranks depend on the channels' weights.

    All countries are ranked; those named are shown.

    Example: orrery measure ranks KAZ UZB SRB VNM --years 2018 --plot ranks.png
    """
    import orrery
    from orrery.measure.portfolios.poles import DEFAULT_POLES
    from orrery.measure.portfolios.stability import rank_stability
    from orrery.world.from_panel import newest_complete_year

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted, panel = codes_of(names, countries), orrery.load()
    measured = rank_stability(
        panel,
        year or newest_complete_year(panel),
        index=index,
        over=against_of(against) or DEFAULT_POLES,
        rivalry=rivalry,  # type: ignore[arg-type]
        tables=tables_for(rivalry),
        draws=draws,
        seed=seed,
    )
    everything = measured.to_frame()
    frame = everything[everything["country"].isin(wanted)] if wanted else everything
    frame = frame.sort_values(["rank", "country"], ignore_index=True)
    if chosen is AnswerFormat.table:
        columns = ["country", "value", "rank", "rank_median", "rank_lower", "rank_upper", "rank_shift"]
        console.say(f"Ranks by {index}, and over {draws} draws of the weights (90 % between lower and upper)")
        give(frame, chosen, out, shown=frame[columns].round(2))
        console.say(
            f"most influential weight: {measured.most_influential}; mean shift: {measured.mean_shift:.1f} ranks"
        )
    else:
        give(frame, chosen, out)
    ranked = int(everything["rank"].notna().sum())
    save_plot(plot, lambda layout: _draw_ranks(frame, index, ranked, layout))


def change(
    name: Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO3 code or English name.")],
    years: YearsOption = None,
    index: IndexOption = "effective_multivectorness",
    against: PolesOption = None,
    rivalry: RivalryOption = "ideal_points",
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Divide the change of a country's index between two years among its sources; the parts add up.

    Example: orrery measure change KAZ --years 2000-2020 --index rival_diversity
    """
    import orrery
    from orrery.data.countries import resolve
    from orrery.measure.portfolios.decomposition import decompose_change
    from orrery.measure.portfolios.poles import DEFAULT_POLES

    chosen = chosen_format(answer_format, out)
    span = span_of(years)
    if span is None:
        raise MeasureError("`--years`: none came; write the two years between which it changed, such as 2000-2020.")
    poles = against_of(against) or DEFAULT_POLES
    measured = decompose_change(
        orrery.load(),
        resolve(name),
        span,
        index=index,
        over=poles,
        rivalry=rivalry,  # type: ignore[arg-type]
        tables=tables_for(rivalry),
    )
    frame = measured.to_frame()
    if chosen is AnswerFormat.table:
        console.say(f"{index} changed by {measured.change:+.3f} from {span[0]} to {span[1]} (Shapley values)")
        give(frame, chosen, out, shown=frame.round({"contribution": 3}))
    else:
        give(frame, chosen, out)


def _draw_ranks(frame: pd.DataFrame, index: str, n_ranked: int, layout: Layout) -> Figure:
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.ranks import draw_ranks

    table = ranks_drawn(frame)
    notes = ("Weights of the channels are drawn; what ranks owe to anything else is not in the bars.",)
    return draw_ranks(table, Caption(f"Ranks by {index.replace('_', ' ')}", notes), layout, n_ranked=n_ranked)


def ranks_drawn(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table as the figure of ranks needs it."""
    renamed = frame.rename(columns={"rank_median": "median", "rank_lower": "low", "rank_upper": "high"})
    return renamed.assign(name=[name_of(code) for code in renamed["country"]])
