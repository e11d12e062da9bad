"""`orrery vote ...`: roll calls of the UN General Assembly in the local store, listed and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import MeasureError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.ideal_points import SeedOption, store_fit
from orrery.cli.measure.options import PlotOption, YearsOption, check_plot, name_of, save_plot, span_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.measure.ideal_points.explain import Explanation
    from orrery.report.style import Layout

app = typer.Typer(
    help="Roll calls of the UN General Assembly: find them, and see what divides countries on them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_votes(
    years: YearsOption = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Words of the title; case does not matter.")
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """List roll calls with their tallies: those of the newest year, or of --years, or all that --search finds.

    Example: orrery vote list --years 2022 --search Ukraine
    """
    import orrery
    from orrery.measure.ideal_points.explain import ANSWERS

    chosen = chosen_format(answer_format, out)
    store = orrery.open_store()
    calls = store.read("roll_calls", ["rcid", "date", "year", "session", "title"])
    newest = int(calls["year"].max())
    first, last = span_of(years) or ((int(calls["year"].min()), newest) if search else (newest, newest))
    found = calls[calls["year"].between(first, last)]
    if search:
        found = found[found["title"].fillna("").str.contains(search, case=False, regex=False)]
    if found.empty:
        words = f" with {search!r} in the title" if search else ""
        raise MeasureError(
            f"`--years`: no roll call of {first}-{last}{words}; the store holds {int(calls['year'].min())}-{newest}. "
            "Widen the years, or search for another word."
        )
    votes = store.read("votes", ["rcid", "vote"])
    votes = votes[votes["rcid"].isin(found["rcid"])]
    tally = votes.groupby(["rcid", "vote"], observed=True).size().unstack(fill_value=0)
    tally = tally.reindex(index=found["rcid"], columns=list(ANSWERS), fill_value=0).reset_index(drop=True)
    answer = (
        found.drop(columns="year").sort_values("date", kind="stable").assign(date=found["date"].dt.date.astype(str))
    )
    tally.index = found.index
    give(_in_order(answer.join(tally)), chosen, out)


def _in_order(answer: pd.DataFrame) -> pd.DataFrame:
    return answer[["rcid", "date", "session", "yes", "abstain", "no", "title"]].reset_index(drop=True)


@app.command()
def explain(
    rcid: Annotated[str, typer.Argument(metavar="RCID", help="A roll call, as in `orrery vote list`.")],
    method: Annotated[str, typer.Option(help="How positions are estimated: fast, or another method.")] = "fast",
    seed: SeedOption = 0,
    surprising: Annotated[int, typer.Option(min=1, help="How many surprising votes to show.")] = 10,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Explain a roll call by where countries stand: cut points on the line, and the votes that surprise.

    Positions are estimated anew from all votes of the store, which takes some seconds. --format csv or json, and --out,
    give every country.

    Example: orrery vote explain xml:ES-11/5 --plot vote.png
    """
    import orrery
    from orrery.measure.ideal_points.explain import check_roll_call
    from orrery.measure.ideal_points.explain import explain as measure

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    store = orrery.open_store()
    calls = store.read("roll_calls")
    check_roll_call(calls, rcid)
    points = store_fit(method, "year", seed)
    explained = measure(store.read("votes"), calls, rcid, points)
    if chosen is AnswerFormat.table:
        _print(explained, surprising)
    else:
        give(explained.to_frame(), chosen, out)
    save_plot(plot, lambda layout: _draw(explained, layout))


def _print(explained: Explanation, n_surprising: int) -> None:
    from orrery.cli.measure.shown import shown

    tally = ", ".join(f"{vote} {count}" for vote, count in explained.tally.items())
    console.say(f"{explained.title or 'no title'} ({explained.rcid}, {explained.date})")
    console.say(tally)
    for cut in explained.cut_points:
        place = cut.reason or f"{_interval(cut.estimate, cut.lower, cut.upper)}, 90 % interval"
        console.say(f"cut point between {cut.between}: {'none; ' if cut.reason else ''}{place}")
    if explained.unanimous:
        console.say("No country's vote tells its position from another's: there is nothing to predict.")
        return
    middle, low, high = explained.discrimination
    side = "higher positions vote no" if low > 0 else "higher positions vote yes" if high < 0 else "no clear direction"
    console.say(f"discrimination: {_interval(middle, low, high)}, {side}")
    correct, modal = 100 * explained.share_correct, 100 * explained.modal_share
    console.say(f"predicted correctly: {correct:.0f} % of votes; by naming the commonest vote for all: {modal:.0f} %")
    console.say(f"\nThe {n_surprising} least probable votes, given the positions")
    rows = explained.surprising(n_surprising)
    rows = rows.assign(name=[name_of(code) for code in rows["country"]])
    columns = ["country", "name", "vote", "probability", "predicted", "ideal_point", "sd"]
    give(rows, AnswerFormat.table, None, shown=shown(rows, columns))


def _interval(value: float, low: float, high: float) -> str:
    from orrery.report.tables import plain

    return f"{plain(value, 2)} [{plain(low, 2)}, {plain(high, 2)}]"


def _draw(explained: Explanation, layout: Layout) -> Figure:
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.roll_calls import draw_roll_call, roll_call_notes

    title = f"{explained.title or explained.rcid}, {explained.date}"
    return draw_roll_call(explained, Caption(title, roll_call_notes(explained)), layout)
