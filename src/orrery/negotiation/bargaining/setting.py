"""What a negotiation round by round starts from: who wants what, and how the parties conduct themselves."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError


class Setting(eqx.Module):
    """Parties and issues of one negotiation. Any array may have leading axes of draws, for `jax.vmap`.

    Attributes:
        position: where each party wants the text, on every issue.
        salience: weight of each issue to each party, 0 or more; brought to sum 1 by party.
        influence: weight of each party in the compromise, 0 or more; brought to sum 1.
        status_quo: where things stand if nothing is agreed.
        on_table: whether an issue is negotiated from the start; others stay at the status quo until a package opens.
        extra: what adds to a party's distance beside the issues, such as rivalry with others at the table.
        reservation: the share of its best payoff that a party gets without an agreement; it never accepts less.
        ratifies: whether a signature needs a further decision at home.
        leader: place of the party that drafts; -1 for none.
        may_leave: whether the talks go on without a party that leaves.
        may_package: whether issues off the table can be brought in.
        seated: whether there is a party at all in this place; tables are padded to one shape.
    """

    position: Float[Array, "*batch party issue"]
    salience: Float[Array, "*#batch party issue"]
    influence: Float[Array, "*#batch party"]
    status_quo: Float[Array, "*#batch issue"]
    on_table: Bool[Array, "*#batch issue"]
    extra: Float[Array, "*#batch party"]
    reservation: Float[Array, "*#batch party"]
    ratifies: Bool[Array, "*#batch party"]
    leader: Int[Array, "*#batch"]
    may_leave: Bool[Array, "*#batch"]
    may_package: Bool[Array, "*#batch"]
    seated: Bool[Array, "*#batch party"]


def setting(
    position: Float[Array, "party issue"],
    salience: Float[Array, "party issue"] | None = None,
    influence: Float[Array, " party"] | None = None,
    status_quo: Float[Array, " issue"] | None = None,
    **further: object,
) -> Setting:
    """Return a setting with what is usual where nothing else is said.

    Usual are: all issues matter alike, all parties weigh alike, the status quo is 0 on every issue, all issues are on
    the table, nothing adds to distances, nobody has an alternative or ratifies, no leader, nobody may leave and no
    package can be opened.

    Args:
        position: where each party wants the text.
        salience: weight of each issue to each party.
        influence: weight of each party in the compromise.
        status_quo: where things stand if nothing is agreed.
        further: any other field of `Setting`.

    Raises:
        NegotiationError: arrays that do not fit together, a number that is not finite, a party that is seated and
            whose salience is 0 on all issues, weights below 0, or no influence at all.
    """
    n_parties, n_issues = position.shape
    usual = {
        "on_table": jnp.ones(n_issues, bool),
        "extra": jnp.zeros(n_parties),
        "reservation": jnp.zeros(n_parties),
        "ratifies": jnp.zeros(n_parties, bool),
        "leader": jnp.asarray(-1),
        "may_leave": jnp.asarray(False),
        "may_package": jnp.asarray(False),
        "seated": jnp.ones(n_parties, bool),
    }
    fields = {
        "position": jnp.asarray(position, float),
        "salience": jnp.ones(position.shape) if salience is None else jnp.asarray(salience, float),
        "influence": jnp.ones(n_parties) if influence is None else jnp.asarray(influence, float),
        "status_quo": jnp.zeros(n_issues) if status_quo is None else jnp.asarray(status_quo, float),
        **usual,
        **{name: jnp.asarray(value) for name, value in further.items()},
    }
    _check(fields)
    return Setting(**fields)


def _check(fields: dict[str, Array]) -> None:
    n_parties, n_issues = fields["position"].shape
    for names, shape in (
        (("salience",), (n_parties, n_issues)),
        (("influence", "extra", "reservation", "ratifies", "seated"), (n_parties,)),
        (("status_quo", "on_table"), (n_issues,)),
        (("leader", "may_leave", "may_package"), ()),
    ):
        for name in names:
            came = fields[name].shape
            if came != shape:
                raise NegotiationError(f"`{name}`: an array of shape {came} came; give {shape}, as of `position`.")
    for name in ("position", "salience", "influence", "status_quo", "extra", "reservation"):
        if not np.isfinite(fields[name]).all():
            raise NegotiationError(f"`{name}`: not all of its numbers are finite; give a number everywhere.")
    for name in ("salience", "influence", "reservation"):
        if np.min(fields[name]) < 0:
            raise NegotiationError(f"`{name}`: {np.min(fields[name])} came; give numbers of 0 and more.")
    idle = np.flatnonzero(np.asarray(fields["seated"]) & (np.asarray(fields["salience"]).sum(1) <= 0))
    if len(idle):
        raise NegotiationError(f"`salience`: party {idle[0]} cares about no issue; give it a weight above 0 on one.")
    if float((fields["influence"] * fields["seated"]).sum()) <= 0:
        raise NegotiationError("`influence`: nobody has any; give one party at least a weight above 0.")


class Conduct(eqx.Module):
    """How parties conduct themselves.

    Attributes:
        stake: `S`, what there is to gain from full depth at no cost.
        relief: `beta`, how far an escape from a bad status quo counts as a gain from agreement, 0 to 1.
        linkage: `l`, the part of the gains of those content that can be paid to those who are not.
        concession: `c`, rate of concession a year.
        boldness: `z`, how much faster those concede who have more to lose from a breakdown (Zeuthen 1930), 0 to 1.
        mediation: `eta`, how fast the chair moves the text towards those who object; 0 keeps the compromise.
        leadership: how far a leader pulls the text to its own position, from 0 to 1.
        patience: how long, in units of `1 / c`, before a package is opened; twice as long before parties leave.
        firmness: `b`, how sharply a decision at home depends on what the agreement gives.
        bar: `r`, the share of its best payoff at which a decision at home is as likely as not.
    """

    stake: Float[Array, "*#batch"]
    relief: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.0))
    linkage: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.0))
    concession: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.3))
    boldness: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.0))
    mediation: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.0))
    leadership: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.0))
    patience: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(1.0))
    firmness: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(6.0))
    bar: Float[Array, "*#batch"] = eqx.field(default_factory=lambda: jnp.asarray(0.05))


def conduct(stake: float, **further: float) -> Conduct:
    """Return a conduct of plain numbers; see `Conduct` for the names and what is usual.

    Raises:
        NegotiationError: a stake or a rate of concession that is not above 0, or a share outside 0 to 1.
    """
    for name, value in {"stake": stake, "concession": further.get("concession", 1.0)}.items():
        if not 0 < value < np.inf:
            raise NegotiationError(f"`{name}`: {value} came; give a number above 0.")
    for name in ("relief", "linkage", "boldness", "leadership"):
        if not 0 <= further.get(name, 0.0) <= 1:
            raise NegotiationError(f"`{name}`: {further[name]} came; give a share from 0 to 1.")
    return Conduct(jnp.asarray(float(stake)), **{name: jnp.asarray(float(value)) for name, value in further.items()})
