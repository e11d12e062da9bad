"""Negotiations round by round: demands, concessions, a chair's text, packages, side payments, exits, ratification.

An agreement of depth `d` on the text `p` is worth to party i what it is in the closed form (`agreement`),

    V_i(p, d) = d (S - D_i / 2) - d^2 / 2,
    D_i = sum_on w_ik ((x_ik - p_k)^2 - beta (x_ik - q_k)^2) + sum_off w_ik (x_ik - q_k)^2 + extra_i,

where `q` is the status quo and `beta` the relief of leaving it. An unrelated matter that a party presses and that is
off the table counts in full against consent: to sign gives away the leverage (a hold-out). Each round

1. the chair has a text, the compromise of influence `omega_i`, led by a leader; with `eta > 0` it multiplies the
   weight of every party that objects and is needed by `exp(eta R_i)` (multiplicative weights, Freund & Schapire 1999,
   which lead to the text that the worst-off needed party likes best), and goes half of its way back to the compromise
   from a text that leaves no depth;
2. the depth on offer is `S` times the binding acceptability, linkage included;
3. party i is content if `V_i >= a_i V^best`, `a_i` being its demand, which starts at 1 (all that the ideal text gives)
   and never falls below its reservation value;
4. there is agreement if the content carry it, or if a part `l` of their gains pays for what the others whose consent
   is needed lack;
5. else demands fall, `a_i <- a_i exp(-h (1 + z (mean R - R_i)))`, where `R_i = 1 - V_i / (a_i V^best)`, from 0 to 1, is
   the chance of a breakdown that i would run rather than take the offer: whoever has more to lose runs less and
   concedes more (Zeuthen 1930; Harsanyi 1977). A round takes `h / c` years;
6. after `patience`, issues off the table are brought in where that is possible; after twice as long, a party that no
   depth satisfies leaves where that is possible, and no longer stands in the way.

With `z = eta = l = 0` this ends when the closed form says, on the same text and at the same depth: the binding party
consents when `exp(-c K) = phi*^2`. Everything else is what the closed form leaves out.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.institutions.games import Game
from orrery.negotiation.agreement import SHORTEST, payoff
from orrery.negotiation.bargaining.setting import Conduct, Setting
from orrery.negotiation.requirements import Requirements, bind

STEP = 0.06
"""`h`: by which a demand falls in a round, in logarithms."""
MOST_ROUNDS = 120
"""After so many rounds demands are below a thousandth of their start, and talks have failed."""
ABOVE_ALL = 1e6
"""Acceptability of a party that has left: it no longer stands in the way."""


class Talks(eqx.Module):
    """How the talks went.

    Attributes:
        agreed: whether there was agreement.
        text: the last text on the table; that agreed if there was agreement.
        depth: of the agreement; 0 without.
        rounds: how many were played.
        years: how long talks took, preparation included; infinite without agreement.
        value: `V` of every party at the end; 0 without agreement.
        demand: `a` of every party at the end, as a share of its best payoff.
        signs: which parties sign: those present that gain.
        left: which parties have left.
        packaged: whether issues off the table were brought in.
        blocks: place of the party whose consent was last needed at the end: the pivot of an agreement, and who blocks
            where there is none; -1 where nobody's consent is needed.
        held_out: place of the party whose consent was last needed on the first text.
        ratification: probability that all who must ratify do; 0 without agreement.
    """

    agreed: Bool[Array, "*batch"]
    text: Float[Array, "*batch issue"]
    depth: Float[Array, "*batch"]
    rounds: Int[Array, "*batch"]
    years: Float[Array, "*batch"]
    value: Float[Array, "*batch party"]
    demand: Float[Array, "*batch party"]
    signs: Bool[Array, "*batch party"]
    left: Bool[Array, "*batch party"]
    packaged: Bool[Array, "*batch"]
    blocks: Int[Array, "*batch"]
    held_out: Int[Array, "*batch"]
    ratification: Float[Array, "*batch"]


class Round(NamedTuple):
    """What a round starts from."""

    number: Int[Array, ""]
    tilt: Float[Array, " party"]
    demand: Float[Array, " party"]
    present: Bool[Array, " party"]
    on_table: Bool[Array, " issue"]
    agreed: Bool[Array, ""]


class Offer(NamedTuple):
    """What is on the table in a round, and what the parties make of it."""

    text: Float[Array, " issue"]
    depth: Float[Array, ""]
    acceptability: Float[Array, " party"]
    value: Float[Array, " party"]
    gain: Float[Array, " party"]
    needed: Bool[Array, " party"]
    blocks: Int[Array, ""]
    agreed: Bool[Array, ""]


def talk(setting: Setting, conduct: Conduct, rule: Game | Requirements) -> Talks:
    """Play one negotiation to its end. For draws, map it: `jax.vmap(talk, (0, 0, None))`, or `talk_all`.

    Args:
        setting: the parties, in the order of the rule's members, and the issues.
        conduct: how they conduct themselves.
        rule: who can carry an agreement with whom, as a game or as arrays.

    Raises:
        NegotiationError: another number of parties than the rule's.
    """
    n_parties, n_issues = setting.position.shape
    start = Round(
        number=jnp.asarray(0),
        tilt=jnp.zeros(n_parties),
        demand=jnp.maximum(jnp.ones(n_parties), setting.reservation),
        present=jnp.broadcast_to(setting.seated, (n_parties,)),
        on_table=jnp.broadcast_to(setting.on_table, (n_issues,)),
        agreed=jnp.asarray(False),
    )

    def goes_on(state: Round) -> Bool[Array, ""]:
        return ~state.agreed & (state.number < MOST_ROUNDS)

    def play(state: Round) -> Round:
        return _next(state, _offer(state, setting, conduct, rule), setting, conduct)

    end = jax.lax.while_loop(goes_on, play, start)
    last = _offer(end, setting, conduct, rule)
    first = _offer(start, setting, conduct, rule)
    value = jnp.where(end.agreed, last.value, 0.0)
    signs = end.agreed & end.present & (value > 0)
    return Talks(
        agreed=end.agreed,
        text=last.text,
        depth=jnp.where(end.agreed, last.depth, 0.0),
        rounds=end.number,
        years=jnp.where(end.agreed, SHORTEST + end.number * STEP / conduct.concession, jnp.inf),
        value=value,
        demand=end.demand,
        signs=signs,
        left=setting.seated & ~end.present,
        packaged=(end.on_table & ~setting.on_table).any(),
        blocks=last.blocks,
        held_out=first.blocks,
        ratification=_ratification(value, signs, setting, conduct) * end.agreed,
    )


@eqx.filter_jit
def talk_all(settings: Setting, conducts: Conduct, rule: Game | Requirements) -> Talks:
    """Play one negotiation for each draw: all arrays of settings and conducts have a leading axis of draws.

    Those of a rule have none: it is the same for all.
    """
    return jax.vmap(talk, (0, 0, None))(settings, conducts, rule)


def _offer(state: Round, setting: Setting, conduct: Conduct, rule: Game | Requirements) -> Offer:
    text = _text(state, setting, conduct)
    distance = _distance(text, state.on_table, setting, conduct)
    phi = 1 - distance / (2 * conduct.stake)
    weight = _shares(setting.influence * state.present)
    worst_needed = bind(jnp.where(state.present, phi, ABOVE_ALL), rule)
    bound = worst_needed.acceptability
    shared = (weight * phi).sum()
    # Whoever is needed, an agreement is never deeper than the one who likes it best would have it.
    bound = jnp.minimum(bound, jnp.where(state.present, phi, -jnp.inf).max())
    linked = jnp.where(jnp.isfinite(bound), (1 - conduct.linkage) * bound + conduct.linkage * shared, bound)
    depth = jnp.clip(conduct.stake * linked, 0.0, 1.0)
    value = payoff(depth, distance, conduct.stake)
    gain = value - state.demand * _best(conduct)
    last = bind(jnp.where(state.present, gain, ABOVE_ALL), rule)
    needed = state.present & (gain >= last.acceptability)
    lacking = (weight * needed * jnp.maximum(-gain, 0)).sum()
    to_spare = (weight * needed * jnp.maximum(gain, 0)).sum()
    content = (last.acceptability >= 0) | (lacking <= conduct.linkage * to_spare)
    # An offer of no depth is worth the same, nothing, to all: then the text tells whose consent is needed last.
    blocks = jnp.where(depth > 0, last.party, worst_needed.party)
    return Offer(text, depth, phi, value, gain, needed, blocks, content & (depth > 0))


def _next(state: Round, offer: Offer, setting: Setting, conduct: Conduct) -> Round:
    """Return the next round after an offer: the same one, agreed, or what follows from its failure."""
    claimed = jnp.maximum(state.demand * _best(conduct), 1e-12)
    risk = jnp.clip(1 - offer.value / claimed, 0.0, 1.0) * state.present
    mean_risk = risk.sum() / state.present.sum()
    fall = jnp.exp(-STEP * (1 + conduct.boldness * (mean_risk - risk)))
    waited = (state.number + 1) * STEP
    opens = setting.may_package & (waited > conduct.patience)
    spare = offer.acceptability - _least_acceptable(setting, conduct)
    worst = jnp.argmin(jnp.where(state.present, spare, jnp.inf))
    leaves = setting.may_leave & (waited > 2 * conduct.patience) & (spare[worst] <= 0)
    leaves &= state.present.sum() > 2
    place = jnp.arange(len(risk))
    failed = Round(
        number=state.number + 1,
        # On a text that leaves no depth all risk alike: the chair goes back half of its way to the compromise.
        tilt=jnp.where(offer.depth > 0, state.tilt + conduct.mediation * risk * offer.needed, state.tilt / 2),
        demand=jnp.maximum(state.demand * fall, setting.reservation),
        present=state.present & ~(leaves & (place == worst)),
        on_table=state.on_table | opens,
        agreed=jnp.asarray(False),
    )
    held = state._replace(agreed=jnp.asarray(True))
    return jax.tree.map(lambda yes, no: jnp.where(offer.agreed, yes, no), held, failed)


def _text(state: Round, setting: Setting, conduct: Conduct) -> Float[Array, " issue"]:
    weight = _shares(setting.influence * state.present * jnp.exp(state.tilt - state.tilt.max()))
    mean = weight @ setting.position
    led = setting.position[jnp.maximum(setting.leader, 0)]
    pull = jnp.where(setting.leader >= 0, conduct.leadership, 0.0)
    return jnp.where(state.on_table, (1 - pull) * mean + pull * led, setting.status_quo)


def _distance(
    text: Float[Array, " issue"], on_table: Bool[Array, " issue"], setting: Setting, conduct: Conduct
) -> Float[Array, " party"]:
    weight = setting.salience / setting.salience.sum(-1, keepdims=True)
    from_quo = (setting.position - setting.status_quo) ** 2
    from_text = (setting.position - text) ** 2
    each = jnp.where(on_table, from_text - conduct.relief * from_quo, from_quo)
    return (weight * each).sum(-1) + setting.extra


def _best(conduct: Conduct) -> Float[Array, ""]:
    """Return what a party gets from its own ideal text at the depth that it likes best."""
    depth = jnp.minimum(conduct.stake, 1.0)
    return payoff(depth, jnp.asarray(0.0), conduct.stake)


def _least_acceptable(setting: Setting, conduct: Conduct) -> Float[Array, " party"]:
    """Return the `phi` at which the depth that a party likes best gives it its reservation value.

    That depth is `S phi`, worth `(S phi)^2 / 2`, or 1 if that is less, worth `S phi - 1 / 2`.
    """
    reserved = setting.reservation * _best(conduct)
    return jnp.where(reserved <= 0.5, jnp.sqrt(2 * reserved), reserved + 0.5) / conduct.stake


def _ratification(
    value: Float[Array, " party"], signs: Bool[Array, " party"], setting: Setting, conduct: Conduct
) -> Float[Array, ""]:
    """Return the product of the chances `logistic(b (V_i / V^best - r))` of all who sign and must ratify."""
    chance = jax.nn.sigmoid(conduct.firmness * (value / _best(conduct) - conduct.bar))
    return jnp.where(setting.ratifies & signs, chance, 1.0).prod()


def _shares(weight: Float[Array, " party"]) -> Float[Array, " party"]:
    return weight / weight.sum()
