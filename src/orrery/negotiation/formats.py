"""Formats: who sits, by which rule, with what enforcement, linkage and form the same matter is negotiated.

A format is a choice, apart from any case. Put to a case it becomes a `Layout`: which parties sit, how many votes carry
a motion, who holds a veto, and how strong each of its means is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Annotated, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from pydantic import BaseModel, ConfigDict, Field, model_validator

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import Case

Share = Annotated[float, Field(ge=0, le=1)]
Seats = Literal["all", "capable", "concerned", "capable and concerned", "willing", "named"]
Veto = Literal["none", "capable", "all"]


class Format(BaseModel):
    """A table on which a matter can be put.

    Attributes:
        title: in words.
        seats: who sits: all parties; those of greatest capability; those to whom the matter is most salient; those
            greatest in the product of both; those that want to move from the status quo; or those named.
        size: how many sit, at most; None for all that are meant.
        named: keys of the parties, where seats are named.
        quota: share of the votes of those seated that carries a text; 1 is consensus.
        veto: who can stop one: nobody, the most capable, or all.
        n_vetoes: how many of the most capable hold a veto.
        enforcement: from 0 (none) to 1 (sanctions by a court or council).
        verification: from 0 to 1 (inspection of everything).
        linkage: from 0 (the matter alone) to 1 (matters are negotiated as one).
        side_payments: from 0 to 1 (whoever loses is compensated).
        formality: from 0 (informal) to 1 (treaty with a secretariat).
        non_state: share of the table that non-state participants have, 0 to 1.
        leadership: how far the most capable of those seated, as a group, set the text, 0 to 1.
        opt_outs: whether a member may stay out of what it dislikes.
        sunset: years after which an agreement ends unless it is renewed; None for never.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    seats: Seats
    size: Annotated[int, Field(ge=2)] | None = None
    named: tuple[str, ...] = ()
    quota: Annotated[float, Field(gt=0, le=1)] = 1.0
    veto: Veto = "none"
    n_vetoes: Annotated[int, Field(ge=0)] = 0
    enforcement: Share = 0.0
    verification: Share = 0.0
    linkage: Share = 0.0
    side_payments: Share = 0.0
    formality: Share = 0.5
    non_state: Share = 0.0
    leadership: Share = 0.0
    opt_outs: bool = False
    sunset: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Format:
        if (self.seats == "named") != bool(self.named):
            raise ValueError('`named` goes with seats = "named", and only with it')
        twice = sorted({key for key in self.named if self.named.count(key) > 1})
        if twice:
            raise ValueError(f"`named`: {', '.join(twice)} came twice; name each party once")
        if (self.veto == "capable") != (self.n_vetoes > 0):
            raise ValueError('`n_vetoes` goes with veto = "capable", and only with it')
        return self


PRESETS: Mapping[str, Format] = {
    "universal-conference": Format(
        title="Universal conference by consensus", seats="all", linkage=0.3, formality=0.8, verification=0.2
    ),
    "qualified-majority": Format(
        title="Universal body by two thirds", seats="all", quota=2 / 3, formality=0.8, enforcement=0.2
    ),
    "security-council": Format(
        title="Council of fifteen with five vetoes",
        seats="capable and concerned",
        size=15,
        quota=0.6,
        veto="capable",
        n_vetoes=5,
        enforcement=0.6,
        formality=0.9,
        leadership=0.3,
    ),
    "club": Format(
        title="Informal club of the most capable",
        seats="capable",
        size=8,
        linkage=0.2,
        formality=0.1,
        leadership=0.2,
    ),
    "minilateral": Format(
        title="Minilateral of those that matter most", seats="capable and concerned", size=5, formality=0.3
    ),
    "trilateral": Format(title="Three parties", seats="capable and concerned", size=3, formality=0.2),
    "hub-and-spoke": Format(
        title="Bilateral treaties of a hub with one partner each",
        seats="capable and concerned",
        size=2,
        side_payments=0.3,
        formality=0.6,
        leadership=0.5,
    ),
    "regional-body": Format(
        title="Body of those concerned, by qualified majority",
        seats="concerned",
        size=12,
        quota=0.65,
        linkage=0.3,
        enforcement=0.3,
        formality=0.8,
    ),
    "project-coalition": Format(
        title="Coalition of the willing for one project",
        seats="willing",
        formality=0.2,
        leadership=0.4,
        non_state=0.2,
        opt_outs=True,
        sunset=5.0,
    ),
    "public-private-partnership": Format(
        title="Partnership with firms and civil society",
        seats="willing",
        quota=0.5,
        formality=0.4,
        non_state=0.5,
        side_payments=0.2,
        sunset=10.0,
    ),
    "treaty-with-opt-outs": Format(
        title="Treaty with opt-outs", seats="all", formality=1.0, verification=0.4, enforcement=0.3, opt_outs=True
    ),
    "pledge-and-review": Format(
        title="Pledges under review", seats="all", formality=0.6, verification=0.5, linkage=0.3, opt_outs=True
    ),
}
"""Formats by name, each in its usual form; `Format.model_copy(update=...)` changes one."""


class Layout(eqx.Module):
    """Formats put to a case, as arrays; any number of leading axes.

    Attributes:
        seated: who sits.
        votes: of each party; 0 for who does not sit.
        quota: votes that carry a text.
        veto: who holds a veto.
        enforcement: 0 to 1.
        verification: 0 to 1.
        linkage: 0 to 1.
        side_payments: 0 to 1.
        formality: 0 to 1.
        non_state: 0 to 1.
        leadership: 0 to 1.
        opt_outs: 0 or 1.
        sunset: years; infinite for never.
    """

    seated: Bool[Array, "*design party"]
    votes: Int[Array, "*design party"]
    quota: Int[Array, "*design"]
    veto: Bool[Array, "*design party"]
    enforcement: Float[Array, "*design"]
    verification: Float[Array, "*design"]
    linkage: Float[Array, "*design"]
    side_payments: Float[Array, "*design"]
    formality: Float[Array, "*design"]
    non_state: Float[Array, "*design"]
    leadership: Float[Array, "*design"]
    opt_outs: Float[Array, "*design"]
    sunset: Float[Array, "*design"]


SCALARS = ("enforcement", "verification", "linkage", "side_payments", "formality", "non_state", "leadership")
"""The fields that a format and a layout share as they are."""


def layout(format_: Format, case: Case) -> Layout:
    """Put a format to a case.

    Raises:
        NegotiationError: a party named is not in the case, or fewer than two parties would sit.
    """
    places = seating(format_, case)
    seated = np.zeros(len(case.parties), bool)
    seated[places] = True
    # Who has no vote under the case's own rule, such as a witness, has one where it is given a seat.
    votes = np.where(seated, np.maximum(case.seats.votes, 1), 0)
    capable = sorted(places, key=lambda place: -case.parties[place].capability)
    holders = {"none": [], "all": list(places), "capable": capable[: format_.n_vetoes]}[format_.veto]
    veto = np.isin(np.arange(len(case.parties)), holders)
    return Layout(
        seated=jnp.asarray(seated),
        votes=jnp.asarray(votes, jnp.int32),
        quota=jnp.asarray(ceil(format_.quota * int(votes.sum()) - 1e-9), jnp.int32),
        veto=jnp.asarray(veto),
        opt_outs=jnp.asarray(float(format_.opt_outs)),
        sunset=jnp.asarray(np.inf if format_.sunset is None else format_.sunset),
        **{name: jnp.asarray(float(getattr(format_, name))) for name in SCALARS},
    )


def own_format(case: Case) -> Layout:
    """Return the table that a case had, as a layout: all parties, its own votes and as near a rule as one quota is.

    Means that a case does not record are those of its commitment: a text is informal, an obligation formal.
    """
    votes = np.array(case.seats.votes)
    carried = case.seats.share
    formality = {"text": 0.2, "binding": 0.8, "force": 0.8}[case.commitment]
    linkage = {"none": 0.0, "possible": 0.5, "package": 1.0}[case.linkage]
    zero = jnp.asarray(0.0)
    return Layout(
        seated=jnp.ones(len(votes), bool),
        votes=jnp.asarray(votes, jnp.int32),
        quota=jnp.asarray(ceil(carried * int(votes.sum()) - 1e-9), jnp.int32),
        veto=jnp.asarray(case.seats.vetoes),
        enforcement=zero,
        verification=zero,
        linkage=jnp.asarray(linkage),
        side_payments=zero,
        formality=jnp.asarray(formality),
        non_state=zero,
        leadership=zero,
        opt_outs=jnp.asarray(float(case.may_leave)),
        sunset=jnp.asarray(np.inf),
    )


def seating(format_: Format, case: Case) -> list[int]:
    """Return the places of the parties that sit in a format.

    Raises:
        NegotiationError: a party named is not in the case, or fewer than two parties would sit.
    """
    if format_.seats == "named":
        unknown = [key for key in format_.named if key not in case.keys]
        if unknown:
            raise NegotiationError(
                f"`named`: case {case.code} has no party {', '.join(unknown)}. Its parties are {', '.join(case.keys)}."
            )
        places = [case.place(key) for key in format_.named]
    else:
        score = SEATING[format_.seats](case)
        meant = [place for place in np.argsort(-score, kind="stable").tolist() if score[place] > 0]
        places = meant if format_.size is None else meant[: format_.size]
    if len(places) < 2:
        raise NegotiationError(
            f"format {format_.title!r}: {len(places)} parties of case {case.code} would sit; it takes two. "
            "Choose other seats, or name them."
        )
    return sorted(places)


def _everyone(case: Case) -> Float[np.ndarray, " party"]:
    return np.ones(len(case.parties))


def _capability(case: Case) -> Float[np.ndarray, " party"]:
    return np.array([party.capability for party in case.parties])


def _concern(case: Case) -> Float[np.ndarray, " party"]:
    return case.salience.max(1)


def _weight(case: Case) -> Float[np.ndarray, " party"]:
    return case.influence * _concern(case)


def _willingness(case: Case) -> Float[np.ndarray, " party"]:
    """How much each gains by the mean of those that want to move, over the status quo; 0 for who would lose."""
    weight = case.salience / case.salience.sum(1, keepdims=True)
    away = (weight * (case.position - case.status_quo) ** 2).sum(1)
    share = case.influence * away / (case.influence * away).sum()
    text = share @ case.position
    gain = away - (weight * (case.position - text) ** 2).sum(1)
    return np.maximum(gain, 0)


SEATING: Mapping[str, Callable[[Case], np.ndarray]] = {
    "all": _everyone,
    "capable": _capability,
    "concerned": _concern,
    "capable and concerned": _weight,
    "willing": _willingness,
}
