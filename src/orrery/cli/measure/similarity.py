"""`orrery measure similarity`: how alike countries' votes, pacts or memberships are. It needs the local store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import MeasureError
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

    from orrery.data.store import Store
    from orrery.measure.similarity import Profiles
    from orrery.report.style import Layout

Span = tuple[int, int] | None


def similarity(
    names: Names = None,
    countries: CountriesOption = None,
    years: YearsOption = None,
    against: AgainstOption = None,
    profiles: Annotated[str, typer.Option(help="What to compare: votes, alliances or memberships.")] = "votes",
    index: Annotated[str, typer.Option(help="kappa, pi, s, agreement, lijphart or tau_b.")] = "kappa",
    distance: Annotated[str | None, typer.Option(help="Between levels; the index's usual one by default.")] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Measure how alike countries' profiles are to those of others: the default poles, or --against.

    By default every country in the newest year that the store has.

    Example: orrery measure similarity KAZ UZB --against RUS,USA,EU --years 1992-2024 --plot votes.png
    """
    import orrery
    from orrery.measure.portfolios.poles import DEFAULT_POLES
    from orrery.measure.similarity import INDICES
    from orrery.measure.similarity import similarity as measure
    from orrery.measure.towards import similarity_to

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    wanted, partners = codes_of(names, countries), against_of(against) or DEFAULT_POLES
    if profiles not in PROFILES:
        raise MeasureError(f"`--profiles`: {profiles!r} came; it is one of {', '.join(PROFILES)}.")
    span = span_of(years)
    measured = measure(PROFILES[profiles](orrery.open_store(), span), index, distance=distance)
    frame = similarity_to(measured, partners, wanted or None).to_frame()
    entry = INDICES[index]
    if chosen is AnswerFormat.table:
        from orrery.cli.measure.shown import legend, shown

        console.say(f"{entry.title} of {profiles}, {measured.distance} distance ({entry.formula})")
        give(frame, chosen, out, shown=shown(frame))
        console.say(legend(frame))
        console.say(entry.advice)
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(frame, f"{entry.title} of {profiles}", layout))


def _of_votes(store: Store, span: Span) -> tuple[Profiles, ...]:
    from orrery.data.panel import LAST_YEAR
    from orrery.measure.similarity import vote_profiles_by_year

    votes, calls = store.read("votes", ["rcid", "iso3", "vote"]), store.read("roll_calls", ["rcid", "year"])
    first, last = _known(span, calls["year"].clip(upper=LAST_YEAR), "roll_calls")
    calls = calls[calls["year"].between(first, last)]
    return vote_profiles_by_year(votes[votes["rcid"].isin(calls["rcid"])], calls)


def _of_alliances(store: Store, span: Span) -> tuple[Profiles, ...]:
    from orrery.measure.similarity import alliance_profiles

    table = store.read("alliances")
    first, last = _known(span, table["year"], "alliances")
    return tuple(alliance_profiles(table, year) for year in range(first, last + 1))


def _of_memberships(store: Store, span: Span) -> tuple[Profiles, ...]:
    from orrery.measure.similarity import membership_profiles

    held, bodies = store.read("igo_memberships"), store.read("igo_bodies")
    first, last = _known(span, bodies["year"], "igo_bodies")
    known = set(bodies["year"])
    return tuple(membership_profiles(held, bodies, year) for year in range(first, last + 1) if year in known)


def _known(span: Span, years: pd.Series, table: str) -> tuple[int, int]:
    """Return the years asked for, the newest of the table by default.

    Raises:
        MeasureError: the table does not reach so far.
    """
    held = int(years.min()), int(years.max())
    first, last = span or (held[1], held[1])
    if first < held[0] or last > held[1]:
        raise MeasureError(f"`--years`: {first}-{last} came; the table `{table}` holds {held[0]}-{held[1]}.")
    return first, last


PROFILES: dict[str, Callable[[Store, Span], tuple[Profiles, ...]]] = {
    "votes": _of_votes,
    "alliances": _of_alliances,
    "memberships": _of_memberships,
}
"""What can be compared, and how the store's tables become profiles of the years asked for."""


def _draw(frame: pd.DataFrame, title: str, layout: Layout) -> Figure:
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.paths import draw_paths

    paths = frame.assign(
        panel=[name_of(code) for code in frame["country"]],
        unit="index",
        series=frame["partner"],
        value=frame["similarity"],
        low=float("nan"),
        high=float("nan"),
        observed=True,
    )
    span = (int(frame["year"].min()), int(frame["year"].max()))
    notes = (
        "Each line: likeness to one partner; to a group, the mean over its members. The index has no error of "
        "its own: it describes the profiles that were recorded.",
    )
    caption = Caption(f"{title}, {words_of(span)}", notes)
    return draw_paths(paths, caption, layout, same_scale=True)
