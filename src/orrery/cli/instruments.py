"""`orrery instruments`: what a hub's instruments do to its neighbours, and to itself, at equal cost."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orrery.cli import console
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    from orrery.lab.instruments import Comparison, Question, Setting

INTERRUPTED = 130
"""Exit code of a command stopped by Ctrl-C, as shells have it."""

MAIN = ("alignment", "stability", "reliability")
BACKLASH = ("distance", "rival_share", "coercion_by_others", "hub_stability")
"""Outcomes that are printed as tables; the folder and the other formats hold all."""


def instruments(
    hub: Annotated[str, typer.Argument(metavar="HUB", help="Pole that is the hub: RUS, USA, CHN, EU or IND.")],
    neighbours: Annotated[
        str | None,
        typer.Option(help='Comma-separated, such as "Central Asia, members of ASEAN, VNM"; those usual for the hub.'),
    ] = None,
    budget: Annotated[
        float, typer.Option(help="Expected cost of each instrument per year, per cent of the hub's capability.")
    ] = 0.5,
    draws: Annotated[int, typer.Option(help="Monte-Carlo draws.")] = 60,
    price_draws: Annotated[int, typer.Option(help="Draws of the prices from their ranges.")] = 500,
    years: Annotated[int, typer.Option(help="Years to run; instruments are in force from the second one on.")] = 15,
    start: Annotated[int | None, typer.Option(help="Start year; the newest complete year by default.")] = None,
    seed: Annotated[int, typer.Option(help="Seed: the same seed gives the same numbers.")] = 1,
    prices: Annotated[Path | None, typer.Option(metavar="FILE", help="Prices (TOML) in place of the shipped.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder to write; it must not exist.")] = None,
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; one per core by default.")] = None,
) -> None:
    """Compare what a hub can spend on, at equal cost: what each instrument does to its neighbours and to itself.

    Seven instruments: market access, development finance, a security guarantee, energy and technology terms,
    conditionality and exclusivity, coercion, building a body. Prices are assumed; the comparison is repeated over
    draws of them. The folder holds all tables, the figure of the trade-off and a record. docs/instruments.md explains.

    Example: orrery instruments RUS --neighbours "Central Asia, ARM, BLR" --budget 0.5 --out instruments/RUS
    """
    from orrery.base.errors import RunError
    from orrery.data.baseline import load_baseline
    from orrery.data.store import home_folder
    from orrery.lab.instruments import Question, Setting, compare_instruments, load_prices, scenario_around
    from orrery.world.from_panel import newest_complete_year, observed_world
    from orrery.world.params import Params
    from orrery.world.simulate import enable_compilation_cache

    if out is not None and out.exists():
        raise RunError(f"`--out` {out}: it exists, and nothing is overwritten. Name a new folder.")
    around = None if neighbours is None else tuple(word.strip() for word in neighbours.split(","))
    question = Question(budget, price_draws, load_prices(prices))
    scenario = scenario_around(hub, around, years=years, draws=draws, seed=seed, start=start)
    panel = load_baseline()
    first = newest_complete_year(panel) if start is None else start
    observed, records = observed_world(panel, first, scenario.poles, float(Params.central().backlash_memory))
    setting = Setting(observed, scenario.changed(start=observed.year), workers)
    enable_compilation_cache(home_folder() / "cache" / "compiled")
    try:
        with console.work_progress("simulations") as tell:
            found = compare_instruments(setting, question, tell)
    except KeyboardInterrupt:
        console.note("Interrupted. Nothing is written.")
        # Compiled code may still run in other threads, and tearing the interpreter down under it would crash.
        os._exit(INTERRUPTED)
    if out is not None:
        _save(found, _record(setting, question, panel, records, prices), out)
    _print(found, row_format)


def _save(found: Comparison, record: dict[str, Any], out: Path) -> None:
    """Write the folder, whole or not at all.

    Raises:
        RunError: the folder exists by now, or cannot be written.
    """
    from orrery.base.errors import RunError
    from orrery.base.files import writing_folder
    from orrery.report.instruments_folder import save_comparison

    try:
        with writing_folder(out) as temporary:
            save_comparison(found, record | {"draws_kept": found.n_draws, "neighbours": found.neighbours}, temporary)
    except OSError as error:
        raise RunError(f"`--out` {out}: {error.strerror or 'it exists'}. Name a new folder.") from error
    console.note(f"written to {out}")


def _record(
    setting: Setting, question: Question, panel: Any, records: list[Any], prices: Path | None
) -> dict[str, Any]:
    """Return what was asked, of which data, by which version."""
    from orrery.lab.ensemble import provenance

    return {
        **provenance(panel, records),
        "command": " ".join(["orrery", *sys.argv[1:]]) if Path(sys.argv[0]).name == "orrery" else "orrery instruments",
        "hub": setting.hub.pole,
        "scenario": setting.scenario.model_dump(mode="json"),
        "budget_per_cent": question.budget,
        "price_draws": question.price_draws,
        "prices": "shipped" if prices is None else str(prices),
    }


def _print(found: Comparison, row_format: RowFormat) -> None:
    """Print every effect; as a table, what each costs, the main effects, who is first, and up to which price."""
    if row_format is not RowFormat.table:
        console.print_rows(list(found.effects.columns), found.effects.to_numpy().tolist(), row_format)
        return
    titles = dict(zip(found.sizes["instrument"], found.sizes["title"], strict=True))
    first, last = found.years
    console.say(f"{found.hub} and its neighbours {', '.join(found.neighbours)}; {found.n_draws} draws, {first}-{last}")
    console.say("cost: expected per year, per cent of the hub's capability; prices are assumed (docs/instruments.md)")
    _print_sizes(found)
    for when, words in (("horizon", f"in {last}"), ("mean", f"mean of {first + 2}-{last}")):
        console.say(f"effect {words}: median [80 % interval], share of draws with more; against the same draws without")
        for outcomes in (MAIN, BACKLASH):
            _print_effects(found, titles, (outcomes, when))
    _print_ranking(found, titles)


def _print_sizes(found: Comparison) -> None:
    """Print what each instrument costs, and its main effects in the last year per per cent of capability."""
    table = found.effects[found.effects["when"] == "horizon"].set_index(["instrument", "outcome"])
    rows = []
    for row in found.sizes.itertuples():
        per_cost = (f"{table.loc[(row.instrument, outcome), 'per_cost']:+.2g}" for outcome in MAIN)
        note = "" if row.absorbs else f"cannot absorb {row.budget:g}"
        rows.append((row.title, row.lever, f"{row.size:.4g}", f"{row.cost:.3f}", note, *per_cost))
    columns = ("instrument", "lever", "size", "cost", "", *(f"{outcome} per 1 %" for outcome in MAIN))
    console.print_rows(columns, rows, RowFormat.table)


def _print_effects(found: Comparison, titles: dict[str, str], shown: tuple[tuple[str, ...], str]) -> None:
    outcomes, when = shown
    table = found.effects[found.effects["when"] == when].set_index(["instrument", "outcome"])
    rows = [(title, *(_effect_words(table.loc[(name, one)]) for one in outcomes)) for name, title in titles.items()]
    console.print_rows(("instrument", *(one.replace("_", " ") for one in outcomes)), rows, RowFormat.table)


def _effect_words(row: Any) -> str:
    return f"{row['median']:+.2g} [{row['low']:+.2g}, {row['high']:+.2g}] {row['probability_more']:.2f}"


def _print_ranking(found: Comparison, titles: dict[str, str]) -> None:
    """Print how often each instrument is first by what it does to alignment, stability and reliability."""
    console.say(
        "first: share of price draws in which the median effect in the last year is best; of all pairs: of a price "
        "draw and a draw of the model"
    )
    console.say(
        "break-even: the highest price at which an instrument does as well as the best; the best, as the second"
    )
    ranks = found.ranking[found.ranking["when"] == "horizon"].set_index(["outcome", "instrument"])
    prices = found.break_even[found.break_even["when"] == "horizon"].set_index(["outcome", "instrument"])
    rows = []
    for outcome in MAIN:
        for name in (*titles, "nothing"):
            first = ranks.loc[(outcome, name)]
            words = ("", "", "")
            if name in titles:
                row = prices.loc[(outcome, name)]
                price = row["note"].partition(":")[0] or f"{row['break_even_price']:.3g}"
                words = (f"{row['central_price']:g}", price, titles[row["rival"]])
            share = (f"{first['first_by_median']:.2f}", f"{first['first_of_all']:.2f}")
            rows.append((outcome, titles.get(name, name), *share, *words))
    columns = ("outcome", "instrument", "first", "of all pairs", "price", "break-even", "against")
    console.print_rows(columns, rows, RowFormat.table)
