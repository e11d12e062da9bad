"""`orrery measure ideal-points`: positions on the main dimension of UN General Assembly voting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import MeasureError
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

    from orrery.measure.ideal_points import IdealPoints
    from orrery.report.style import Layout

SAMPLED = ("dynamic", "full")
"""Methods that draw at random and so take a seed."""
MethodOption = Annotated[
    str | None, typer.Option("--method", help="Estimate anew from the store's votes; without it, the baseline's.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of a method that samples.")]


def ideal_points(
    names: Names = None,
    countries: CountriesOption = None,
    years: YearsOption = None,
    method: MethodOption = None,
    by: Annotated[str, typer.Option(help="`year`, or with --method also `session`.")] = "year",
    seed: SeedOption = 0,
    issue: Annotated[
        str | None, typer.Option("--issue", metavar="A,B", help="With --method: roll calls marked so, as human_rights.")
    ] = None,
    important: Annotated[
        bool, typer.Option("--important", help="With --method: those that the US Department of State lists.")
    ] = False,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure where countries stand in UN General Assembly voting, with 90 % intervals.

    The scale has mean 0 and standard deviation 1; the United States are positive. By default every country with a
    position, as the baseline has it.

    Example: orrery measure ideal-points KAZ UZB --years 2000-2025 --plot positions.png
    """
    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted = codes_of(names, countries)
    span = span_of(years)
    if method is None:
        if by != "year":
            raise MeasureError(f"`--by`: {by!r} came; the baseline is by year. Add --method fast to estimate anew.")
        if issue or important:
            raise MeasureError("`--issue`, `--important`: the baseline is from all votes. Add --method fast.")
        everything = _from_baseline(span)
    else:
        issues = tuple(name.strip() for name in issue.split(",")) if issue else ()
        everything = _estimated(store_fit(method, by, seed, issues=issues, important=important), by, span)
    frame = _only(everything, wanted, by)
    answer_columns = [by, "country", "ideal_point", "status", "sd", *(["n_votes"] if "n_votes" in frame else [])]
    if chosen is AnswerFormat.table:
        from orrery.cli.measure.shown import legend, shown

        console.say("Ideal points from UN General Assembly votes (mean 0, standard deviation 1 over country-years)")
        give(frame, chosen, out, shown=shown(frame, answer_columns))
        console.say(legend(frame))
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(everything, frame, by, bool(wanted), layout))


def store_fit(method: str, by: str, seed: int, *, issues: tuple[str, ...] = (), important: bool = False) -> IdealPoints:
    """Estimate positions from the votes of the store, and say how long that took.

    Raises:
        MeasureError: an unknown method or period.
        StoreError: the store has no votes.
    """
    import orrery
    from orrery.measure.ideal_points import METHODS, Selection, fit, vote_matrix

    if method not in METHODS:
        raise MeasureError(f"`--method`: {method!r} came; it is one of {', '.join(METHODS)}.")
    store = orrery.open_store()
    selection = Selection(issues=issues, important=important)
    matrix = vote_matrix(store.read("votes"), store.read("roll_calls"), period=by, selection=selection)
    console.note(f"estimating from {len(matrix.choice):,} votes on {len(matrix.items):,} roll calls, {method} ...")
    options: dict[str, object] = {}
    if method in SAMPLED:
        from orrery.base.keys import root_key

        options["key"] = root_key(seed)
    start = time.perf_counter()
    with console.work_progress("sampling") as told:
        points = fit(matrix, method=method, **options, **({"progress": told} if options else {}))
    console.note(f"estimated in {time.perf_counter() - start:.0f} s; converged: {points.statistics.converged}")
    return points


def _from_baseline(span: tuple[int, int] | None) -> pd.DataFrame:
    """Return every position of the years from the baseline: those of the newest year with votes by default."""
    import orrery
    from orrery.measure.ideal_points.measured import measured_points

    panel = orrery.load()
    newest = panel.observed_until("ideal_point")
    if span is None and newest is None:
        raise MeasureError("the baseline holds no ideal points; estimate them from the store: --method fast.")
    return measured_points(panel, None, span or (newest, newest)).to_frame()  # type: ignore[arg-type]


def _estimated(points: IdealPoints, by: str, span: tuple[int, int] | None) -> pd.DataFrame:
    first, last = span or (points.periods[-1], points.periods[-1])
    if first < points.periods[0] or last > points.periods[-1]:
        raise MeasureError(
            f"`--years`: {first}-{last} came; the votes hold {by}s {points.periods[0]}-{points.periods[-1]}."
        )
    frame = points.to_frame().rename(
        columns={"iso3": "country", "q05": "ideal_point_lower", "q95": "ideal_point_upper"}
    )
    frame["status"] = frame["status"].astype(str).str.replace("_", " ")
    return frame[frame[by].between(first, last)].reset_index(drop=True)


def _only(frame: pd.DataFrame, wanted: tuple[str, ...], by: str) -> pd.DataFrame:
    """Return the countries asked for; by default those with a position, from one end of the line to the other."""
    if not wanted:
        return frame.dropna(subset=["ideal_point"]).sort_values([by, "ideal_point"], ignore_index=True)
    unknown = [code for code in wanted if code not in set(frame["country"])]
    if unknown:
        raise MeasureError(f"`--countries`: {', '.join(unknown)} came; the data hold no such country. Leave it out.")
    place = {code: position for position, code in enumerate(wanted)}
    chosen = frame[frame["country"].isin(wanted)]
    return chosen.sort_values([by, "country"], key=lambda c: c.map(place) if c.name == "country" else c).reset_index(
        drop=True
    )


def _draw(everything: pd.DataFrame, frame: pd.DataFrame, by: str, named: bool, layout: Layout) -> Figure:
    """Draw the line of one year, or a fan chart per country over several."""
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.ideal_line import draw_ideal_line
    from orrery.report.figures.paths import draw_paths

    span = (int(frame[by].min()), int(frame[by].max()))
    words = words_of(span) if by == "year" else f"session {words_of(span)}"
    own_votes = ("observed", "estimated") if "n_votes" in frame else ("observed",)
    table = frame.assign(
        name=[name_of(code) for code in frame["country"]],
        value=frame["ideal_point"],
        low=frame["ideal_point_lower"],
        high=frame["ideal_point_upper"],
        observed=frame["status"].isin([*own_votes, "few votes"]),
    )
    notes = (
        "Positions of UN General Assembly voting; 90 % intervals of the posterior. Higher is nearer the United "
        "States' side of the line, which is a matter of sign only.",
    )
    caption = Caption(f"Ideal points, {words}", notes)
    if span[0] == span[1]:
        return draw_ideal_line(table, everything["ideal_point"].to_numpy(float), caption, layout)
    paths = table.assign(panel=table["name"], unit="standard deviations", series="ideal point", year=table[by])
    return draw_paths(paths, caption, layout, same_scale=True, period=by)
