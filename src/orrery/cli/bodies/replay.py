"""`orrery bodies replay`: recorded decisions put to the rules of the catalogue."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give

if TYPE_CHECKING:
    import pandas as pd


class Record(StrEnum):
    """What is replayed."""

    assembly = "assembly"
    vetoes = "vetoes"
    decisions = "decisions"


class VetoesBy(StrEnum):
    """How vetoes are counted."""

    holder = "holder"
    decade = "decade"


def replay(
    record: Annotated[
        Record,
        typer.Argument(
            help="assembly: roll calls of the General Assembly (needs source un_votes); vetoes: vetoed drafts of the "
            "Security Council (needs unsc_vetoes); decisions: known decisions of many bodies."
        ),
    ] = Record.decisions,
    by: Annotated[
        VetoesBy | None,
        typer.Option(help="Of vetoes: how many each holder cast, and how many decided, in all or by decade."),
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Put recorded decisions to the rules of their bodies on their days, and compare with the recorded outcome.

    Example: orrery bodies replay decisions
    """
    chosen = chosen_format(answer_format, out)
    if by is not None and record is not Record.vetoes:
        raise typer.BadParameter("it counts vetoes; ask for `orrery bodies replay vetoes`", param_hint="--by")
    summary, table, shown = REPLAYS[record]() if by is None else _vetoes_by(by)
    if chosen is not AnswerFormat.table:
        give(table, chosen, out)
        return
    console.say(summary)
    if len(shown):
        give(shown, chosen, out)


def _assembly() -> tuple[str, pd.DataFrame, pd.DataFrame]:
    from orrery.data.store import open_store
    from orrery.institutions.catalogue import load_body
    from orrery.institutions.history import replay_assembly

    store = open_store()
    replayed = replay_assembly(load_body("UNGA"), store.read("roll_calls"), store.read("votes"))
    frame = replayed.frame
    summary = (
        f"{len(frame):,} roll calls; {frame['adopted'].sum():,} are recorded as resolutions, of which "
        f"{(frame['adopted'] & frame['passed']).sum():,} pass by the rule of ordinary questions. "
        f"{frame['passed'].sum():,} of all pass by it, {frame['passed_as_important'].sum():,} by that of important."
    )
    return summary, frame, replayed.disagreements


def _vetoes() -> tuple[str, pd.DataFrame, pd.DataFrame]:
    from orrery.data.store import open_store
    from orrery.institutions.catalogue import load_body
    from orrery.institutions.history import replay_vetoes

    frame = replay_vetoes(load_body("UNSC"), open_store().read("vetoes")).frame
    summary = (
        f"{len(frame):,} vetoed drafts; {frame['agrees'].sum():,} fail by the vetoes of the recorded members and would "
        "pass had these abstained."
    )
    return summary, frame, frame[~frame["agrees"]]


def _vetoes_by(by: VetoesBy) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    from orrery.data.store import open_store
    from orrery.institutions.history import decisive_vetoes

    counted = decisive_vetoes(open_store().read("vetoes"))
    frame = counted.to_frame()
    summary = (
        f"{counted.n_drafts:,} vetoed drafts, {frame['cast'].sum():,} vetoes; {frame['alone'].sum():,} were cast alone "
        "and decided, as the draft had its votes; the others were cast with another veto."
    )
    table = counted.by_holder() if by is VetoesBy.holder else frame
    return summary, table, table


def _decisions() -> tuple[str, pd.DataFrame, pd.DataFrame]:
    from orrery.institutions.history import replay_decisions

    frame = replay_decisions().frame
    summary = f"{len(frame):,} known decisions; {frame['agrees'].sum():,} end as recorded."
    return summary, frame, frame.drop(columns="decisive")


REPLAYS = {Record.assembly: _assembly, Record.vetoes: _vetoes, Record.decisions: _decisions}
"""What each record gives: a summary in words, the whole table, and what is shown of it."""
