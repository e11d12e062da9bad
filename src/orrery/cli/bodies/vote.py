"""`orrery bodies vote`: a vote put to a body's rule, and why it passes or fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import InstitutionError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import BodyArgument, FolderOption, MatterOption, OnOption, day_of

if TYPE_CHECKING:
    from orrery.institutions.sitting import Sitting
    from orrery.institutions.votes import Ballot

Voters = list[str] | None
LISTED = "[STAGE:]A,B"


def vote(
    body: BodyArgument,
    yes: Annotated[Voters, typer.Option("--yes", metavar=LISTED, help="Who votes yes.")] = None,
    no: Annotated[Voters, typer.Option("--no", metavar=LISTED, help="Who votes no.")] = None,
    abstain: Annotated[Voters, typer.Option("--abstain", metavar=LISTED, help="Who abstains.")] = None,
    absent: Annotated[Voters, typer.Option("--absent", metavar=LISTED, help="Who takes no part.")] = None,
    others: Annotated[
        Voters,
        typer.Option("--others", metavar="CHOICE or STAGE:CHOICE", help="What all others do; absent by default."),
    ] = None,
    matter: MatterOption = None,
    on: OnOption = None,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Put a vote to the rule of a body on a day: whether it passes, why, and who could have turned it alone.

    Where a decision has stages, an option without the name of a stage holds for all of them; options may be repeated.

    Example: orrery bodies vote UNSC --on 2022-02-25 --no RUS --abstain CHN,IND,ARE --others yes
    """
    from orrery.institutions.catalogue import load_body

    chosen = chosen_format(answer_format, out)
    sitting = load_body(body, folder).on(day_of(on))
    named = {"yes": yes, "no": no, "abstain": abstain, "absent": absent}
    explained = sitting.vote(_ballots(sitting, matter, named, others), matter)
    if chosen is not AnswerFormat.table:
        give(explained.to_frame(), chosen, out)
        return
    wanted = matter or sitting.body.default_matter
    console.say(f"{sitting.body.name}, {wanted}, {sitting.day}: {'passed' if explained.passed else 'failed'}")
    for line in explained.lines():
        console.say(line)


def _ballots(
    sitting: Sitting, matter: str | None, named: dict[str, Voters], others: Voters
) -> Ballot | dict[str, Ballot]:
    """Return the ballot, or one for each stage of a decision that has stages."""
    from orrery.institutions.rules.stages import Stages

    rule = sitting.rule(matter)
    if not isinstance(rule, Stages):
        return _ballot(None, (), named, others)
    stages = [stage.name for stage in rule.stages]
    return {stage: _ballot(stage, stages, named, others) for stage in stages}


def _ballot(stage: str | None, stages: Sequence[str], named: dict[str, Voters], others: Voters) -> Ballot:
    from orrery.cli.measure.options import codes_of
    from orrery.institutions.votes import Ballot

    voters = {
        choice: codes_of(None, ",".join(_of_stage(given, stage, stages, f"--{choice}")))
        for choice, given in named.items()
    }
    rest = _of_stage(others, stage, stages, "--others")
    return Ballot(**voters, others=rest[-1] if rest else "absent")


def _of_stage(given: Voters, stage: str | None, stages: Sequence[str], option: str) -> list[str]:
    """Return what an option says for a stage: with its name in front, or without a name.

    Raises:
        InstitutionError: a stage is named that the decision does not have.
    """
    held = []
    for text in given or ():
        name, colon, listed = text.partition(":")
        if colon and name not in stages:
            allowed = f"the stages are {', '.join(stages)}" if stages else "the decision has no stages"
            raise InstitutionError(f"`{option}`: the stage {name!r} came; {allowed}.")
        if not colon or name == stage:
            held.append(listed if colon else text)
    return held
