"""`orrery bodies reform`: a body as it would be with other members or rules, and beside what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import InstitutionError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import FolderOption, MatterOption, OnOption, day_of

if TYPE_CHECKING:
    import pandas as pd

    from orrery.institutions.body import Body
    from orrery.institutions.reform import Reform
    from orrery.institutions.reform.compare import Comparison

Codes = str | None
LISTED = "A,B"
DIGITS = 4
"""Digits of a number that are shown to people."""


def reform(
    body: Annotated[str | None, typer.Argument(metavar="BODY", help="Code, name or alias; not with --list.")] = None,
    add: Annotated[Codes, typer.Option("--add", metavar=LISTED, help="Countries that become members.")] = None,
    veto: Annotated[bool, typer.Option("--veto", help="Those added have a veto.")] = False,
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", metavar="NAME:A=NUMBER,B=NUMBER", help="Weights of those added, where there are any."),
    ] = None,
    remove: Annotated[Codes, typer.Option("--remove", metavar=LISTED, help="Members that no longer vote.")] = None,
    in_proportion: Annotated[
        bool, typer.Option("--in-proportion", help="Numbers of votes required go with the number of members.")
    ] = False,
    without_veto: Annotated[bool, typer.Option("--without-veto", help="Nobody has a veto.")] = False,
    veto_lost_by: Annotated[
        Codes, typer.Option("--veto-lost-by", metavar=LISTED, help="Members that lose their veto.")
    ] = None,
    quota: Annotated[str | None, typer.Option("--quota", metavar="NUMBER or SHARE", help="As 10, or 2/3.")] = None,
    override: Annotated[
        int | None, typer.Option("--override", min=1, help="So many votes carry a motion in spite of any veto.")
    ] = None,
    named: Annotated[
        list[str] | None, typer.Option("--named", help="A reform of --list; may be repeated with --compare.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Beside the body as it is: representation, passage of motions, power.")
    ] = False,
    power: Annotated[
        Codes, typer.Option("--power", metavar=LISTED, help="Whose power to compare; of those added by default.")
    ] = None,
    index: Annotated[str, typer.Option("--index", help="Of power, as for `orrery bodies power`.")] = "shapley-shubik",
    motion: Annotated[
        str | None,
        typer.Option(
            "--motion",
            metavar="PROPOSAL,STATUS_QUO",
            help="Two ideal points of the motion compared, as 1.2,-0.3; motions drawn at random by default.",
        ),
    ] = None,
    unplaced: Annotated[
        float | None,
        typer.Option("--unplaced", min=0, max=1, help="Probability of yes of members without an ideal point."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the motions and of what else is drawn.")] = 1,
    list_named: Annotated[bool, typer.Option("--list", help="List the named reforms.")] = False,
    matter: MatterOption = None,
    on: OnOption = None,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Show a body as a reform would make it, from a day on; --compare puts it beside what it is.

    Of several changes members come first, then quotas, then vetoes.

    Example: orrery bodies reform UNSC --add IND,BRA,JPN --veto --on 2026-01-01 --compare
    """
    from orrery.institutions.catalogue import load_body

    chosen = chosen_format(answer_format, out)
    if list_named:
        give(_named_reforms(), chosen, out)
        return
    if body is None:
        raise typer.BadParameter("name a body, or ask for --list", param_hint="BODY")
    day = day_of(on)
    changes = _Changes(
        add=_codes(add),
        veto=veto,
        weights=_weights(weight or ()),
        remove=_codes(remove),
        in_proportion=in_proportion,
        without_veto=without_veto,
        veto_lost_by=_codes(veto_lost_by),
        quota=_quota(quota),
        override=override,
    )
    known = load_body(body, folder)
    asked = _reforms(changes, named or (), matter, day)
    if compare:
        question = _Question(_codes(power) or changes.add, index, _motion(motion), unplaced, seed)
        _give_comparison(_compared(known, asked, matter, day, question), known, chosen, out)
        return
    if len(asked) > 1:
        raise typer.BadParameter("several reforms came; --compare puts them side by side", param_hint="--named")
    ((name, made),) = asked.items()
    _give_reformed(_Reformed(name, known, made(known), matter, day), chosen, out)


@dataclass(frozen=True)
class _Changes:
    """What is asked for besides named reforms."""

    add: tuple[str, ...]
    veto: bool
    weights: dict[str, dict[str, Decimal]]
    remove: tuple[str, ...]
    in_proportion: bool
    without_veto: bool
    veto_lost_by: tuple[str, ...]
    quota: int | str | None
    override: int | None

    def reforms(self, matter: str | None, on: date) -> dict[str, Reform]:
        """Return the elementary reforms in the order in which they are made, in words."""
        from orrery.institutions import reform as made

        found: dict[str, Reform] = {}
        if self.remove:
            words = f"without {', '.join(self.remove)}"
            found[words] = made.removed(self.remove, on=on, in_proportion=self.in_proportion)
        if self.add:
            new = {"on": on, "in_proportion": self.in_proportion, "weights": self.weights}
            words = f"with {', '.join(self.add)}"
            if self.veto:
                found[f"{words} and their veto"] = made.admitted_with_veto(self.add, matter, **new)
            else:
                found[words] = made.admitted(self.add, **new)
        if self.quota is not None:
            found[f"quota {self.quota}"] = made.with_quota(self.quota, matter, on=on)
        if self.without_veto:
            found["no veto"] = made.without_veto(matter, on=on)
        elif self.veto_lost_by:
            found[f"no veto of {', '.join(self.veto_lost_by)}"] = made.without_veto(matter, on=on, of=self.veto_lost_by)
        if self.override is not None:
            found[f"{self.override} override vetoes"] = made.with_override(self.override, matter, on=on)
        return found


@dataclass(frozen=True)
class _Question:
    """What is compared."""

    members: tuple[str, ...]
    index: str
    motion: tuple[float, float] | None
    unplaced: float | None
    seed: int


@dataclass(frozen=True)
class _Reformed:
    """A body and what became of it."""

    reform: str
    before: Body
    after: Body
    matter: str | None
    day: date


def _reforms(changes: _Changes, named: Sequence[str], matter: str | None, on: date) -> dict[str, Reform]:
    """Return the reforms asked for, by name: those named, and one of all that is asked for besides."""
    from orrery.institutions.reform import chained, named_reform

    asked = {name: named_reform(name, on) for name in named}
    parts = changes.reforms(matter, on)
    if parts:
        asked["; ".join(parts)] = chained(*parts.values())
    if not asked:
        raise typer.BadParameter("no change came; ask for one, such as --add, or --list", param_hint="BODY")
    return asked


def _compared(known: Body, asked: dict[str, Reform], matter: str | None, day: date, question: _Question) -> Comparison:
    import numpy as np

    from orrery.base.keys import named_key, root_key
    from orrery.institutions.reform.compare import Motions, compare

    motions = None
    if question.motion is not None:
        proposal, status_quo = question.motion
        motions = Motions(np.array([proposal]), np.array([status_quo]))
    return compare(
        named_key(root_key(question.seed), "reform"),
        known,
        asked,
        on=day,
        matter=matter,
        motions=motions,
        unplaced=question.unplaced,
        index=question.index,
        members=question.members,
    )


def _give_comparison(found: Comparison, known: Body, chosen: AnswerFormat, out: Path | None) -> None:
    frame = found.to_frame()
    if chosen is not AnswerFormat.table:
        give(frame, chosen, out)
        return
    console.say(f"{known.name}, {found.matter}, {found.on}; figures of {found.year}")
    give(frame, chosen, out, shown=_side_by_side(frame))
    motions = f"{found.n_motions} motions drawn from what members of the United Nations want"
    console.say(f"Passage: of {'the motion given' if found.n_motions == 1 else motions}; the same for all columns")
    if any(name.startswith("power_") for name in frame):
        console.say(f"Power: {found.index}")


def _side_by_side(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each quantity and one column for each variant, numbers in a few digits."""
    import pandas as pd

    def text(value: object) -> object:
        if isinstance(value, float):
            return None if pd.isna(value) else f"{value:.{DIGITS}g}"
        return value or None if isinstance(value, str) else str(value)

    rows = [[name, *map(text, frame[name].tolist())] for name in frame if name != "reform"]
    return pd.DataFrame(rows, columns=["", *frame["reform"]])


def _give_reformed(made: _Reformed, chosen: AnswerFormat, out: Path | None) -> None:
    """Print or write the members of a reformed body, and how it decides."""
    frame = _members(made)
    if chosen is not AnswerFormat.table:
        give(frame, chosen, out)
        return
    wanted = made.matter or made.before.default_matter
    was, becomes = (body.rule_block(wanted, made.day).rule.in_words() for body in (made.before, made.after))
    console.say(f"{made.before.name}, {wanted}, {made.day}: {made.reform}")
    console.say(f"Rule: {becomes}" + ("" if was == becomes else f"; before: {was}"))
    give(frame, chosen, out)


def _members(made: _Reformed) -> pd.DataFrame:
    import pandas as pd

    from orrery.data.countries import country
    from orrery.institutions.coalitions import veto_members
    from orrery.institutions.rules.stages import Stages

    sitting = made.after.on(made.day)
    rule = sitting.rule(made.matter)
    voters = rule.members if isinstance(rule, Stages) else sitting.members
    holders = {voters[place] for place in veto_members(rule.game())}
    before = set(made.before.members(made.day))
    status = dict(zip(sitting.members, sitting.electorate.statuses, strict=True))
    rows = [
        {
            "country": code,
            "name": country(code).name,
            "status": status.get(code),
            "veto": code in holders,
            "change": _change(code in before, code in status),
        }
        for code in sorted(before | set(status))
    ]
    return pd.DataFrame(rows)


def _change(sat: bool, sits: bool) -> str:
    return "" if sat == sits else "joins" if sits else "leaves"


def _named_reforms() -> pd.DataFrame:
    import pandas as pd

    from orrery.institutions.reform import REFORMS

    rows = [{"name": one.name, "body": one.body, "what": one.what, "source": one.source} for one in REFORMS.values()]
    return pd.DataFrame(rows)


def _codes(listed: str | None) -> tuple[str, ...]:
    from orrery.cli.measure.options import codes_of

    return codes_of(None, listed)


def _quota(text: str | None) -> int | str | None:
    if text is None:
        return None
    return int(text) if text.strip().isdecimal() else text.strip()


def _weights(given: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """Return weights by their name, then by country.

    Raises:
        InstitutionError: a text that is not NAME:CODE=NUMBER, or several after a comma.
    """
    from orrery.data.countries import resolve

    found: dict[str, dict[str, Decimal]] = {}
    for text in given:
        name, _, listed = text.partition(":")
        for piece in listed.split(","):
            code, _, number = piece.partition("=")
            try:
                value = Decimal(number.strip())
            except InvalidOperation:
                raise InstitutionError(f"`--weight`: {text!r} came; write it as votes:IND=5,BRA=4.") from None
            found.setdefault(name.strip(), {})[resolve(code.strip())] = value
    return found


def _motion(text: str | None) -> tuple[float, float] | None:
    """Return a proposal and a status quo.

    Raises:
        InstitutionError: the text is not two numbers.
    """
    if text is None:
        return None
    try:
        proposal, status_quo = map(float, text.split(","))
    except ValueError:
        raise InstitutionError(
            f"`--motion`: {text!r} came; write two ideal points, as 1.2,-0.3: the proposal and the status quo."
        ) from None
    return proposal, status_quo
