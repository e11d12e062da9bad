"""What a format is worth for a matter: legitimacy, speed, depth, durability, cost, each over paired draws.

A table of `n` parties negotiates in the closed form (`agreement`) among those seated, with

* the stake `S (x + (1 - x) k)`, `k` being the share of capability that is seated and `x = 0.3` what a club has for
  itself: those outside give nothing (Olson 1965; Buchanan 1965);
* the distance `2 f_b w (n / 50)^(1/2) S` that institutions cost each member, `w` the mean weight of formality,
  verification and enforcement and `f_b = 0.1` (theory of clubs and of legalisation; Abbott & Snidal 2000);
* non-state participants, who add `0.2 y` to the stake (information, monitoring) and `0.02 y` to every distance;
* opt-outs, with which who would lose stays out in place of blocking, and takes its capability along.

An agreement is kept as `compliance.obligations` says, lasts as `compliance.survival` says, and is as legitimate as
`legitimacy` says. All merits are unconditional: without an agreement they are 0. What is judged and not estimated
stands below as constants; designs are compared on the same draws, which makes differences surer than levels.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from orrery.negotiation.agreement import SHORTEST, duration, payoff
from orrery.negotiation.binding import of_quota
from orrery.negotiation.compliance.obligations import Obligation, Response, Standing, compliance, intercept_of, motives
from orrery.negotiation.compliance.survival import Condition, Risks, excluded_share, rates
from orrery.negotiation.design.tables import Draws, Matter, Weights
from orrery.negotiation.formats import Layout, own_format
from orrery.negotiation.legitimacy import output_legitimacy, speed

CLUB = 0.3
"""Part of the stake that members have whoever else takes part."""
INSTITUTION_COST = 0.1
CUSTOMARY_SIZE = 50
NON_STATE_STAKE, NON_STATE_DISTANCE = 0.2, 0.02
COMPENSATION = 0.5
"""Capacity of side payments at their fullest, beside linkage."""
HORIZON = 20.0
"""Years over which durability is looked at."""
LEFT = -1e6
TOGETHER = 25
"""Designs that are worked out at a time."""
RESPONSE = Response(legitimacy=0.4)
RISKS = Risks(
    breakdown=0.03,
    renegotiation=0.03,
    breakdown_noncompliance=2.0,
    breakdown_formality=0.5,
    breakdown_value=1.0,
    breakdown_exclusion=1.5,
    renegotiation_noncompliance=1.0,
    renegotiation_exclusion=1.5,
)
"""Yearly rates of an agreement kept by all that leaves nobody out, and what raises them: judgements."""
LEGITIMACY, SPEED, DEPTH, DURABILITY, COST = range(5)
OBJECTIVES = ("legitimacy", "speed", "depth", "durability", "cost")
"""The order of merits. Cost is to be small, all others great."""
SENSES = {"legitimacy": 1, "speed": 1, "depth": 1, "durability": 1, "cost": -1}


class Merits(eqx.Module):
    """What a design is worth, by draw.

    Attributes:
        merits: legitimacy 0 to 1; speed in agreements a year; depth 0 to 1; durability, the share of twenty years that
            an agreement is in force; cost, as a share of the stake.
        chance: of agreement within the horizon.
        compliance: mean of those bound; 0 without agreement.
        binds: place of the party that binds.
    """

    merits: Float[Array, "*design_and_draw objective"]
    chance: Float[Array, "*design_and_draw"]
    compliance: Float[Array, "*design_and_draw"]
    binds: Array


def merits_of(layouts: Layout, draws: Draws, weights: Weights, intercept: Float[Array, ""]) -> Merits:
    """Return the merits of designs, which have one leading axis.

    They are worked out so many at a time, the last filled up, so that one shape is compiled however many they are.

    Args:
        layouts: the designs.
        draws: the same for all.
        weights: of the parties.
        intercept: what compliance rests on beside what is modelled (`compliance_intercept`).
    """
    arrays = jax.tree.map(np.asarray, layouts)
    n_designs = len(arrays.quota)
    found = []
    for start in range(0, n_designs, TOGETHER):
        rows = np.minimum(np.arange(start, start + TOGETHER), n_designs - 1)
        some = jax.tree.map(lambda array, rows=rows: array[rows], arrays)
        found.append(_of_designs(some, draws, weights, intercept))
    return jax.tree.map(lambda *parts: jnp.asarray(np.concatenate(parts)[:n_designs]), *found)


@eqx.filter_jit
def _of_designs(layouts: Layout, draws: Draws, weights: Weights, intercept: Float[Array, ""]) -> Merits:
    of_draws = jax.vmap(_of_draw, (None, 0, None, None))
    return jax.vmap(lambda one: of_draws(one, draws, weights, intercept))(layouts)


def compliance_intercept(matter: Matter) -> Float[Array, ""]:
    """Return the `z_0` at which compliance on the case's own table is 0.8 on the mean, which is assumed."""
    return intercept_of(_motives_by_draw(own_format(matter.case), matter.draws, matter.weights), RESPONSE)


@eqx.filter_jit
def _motives_by_draw(layout: Layout, draws: Draws, weights: Weights) -> Float[Array, "draw party"]:
    return jax.vmap(lambda one: _motives(layout, weights, _negotiated(layout, one, weights)))(draws)


class _Negotiated(eqx.Module):
    """What a table comes to: acceptability, text and agreement of those that stay."""

    stays: Bool[Array, " party"]
    distance: Float[Array, " party"]
    stake: Float[Array, ""]
    institution: Float[Array, ""]
    linked: Float[Array, ""]
    depth: Float[Array, ""]
    years: Float[Array, ""]
    binds: Array
    paid: Float[Array, ""]


def _of_draw(layout: Layout, draws: Draws, weights: Weights, intercept: Float[Array, ""]) -> Merits:
    table = _negotiated(layout, draws, weights)
    agreed = table.linked > 0
    years = jnp.where(agreed, table.years, 1.0)
    chance = jnp.where(agreed, -jnp.expm1(-draws.horizon / (SHORTEST + years)), 0.0)
    bound = table.stays / jnp.maximum(table.stays.sum(), 1)
    kept = (bound * compliance(_motives(layout, weights, table), intercept, RESPONSE)).sum()
    value = (bound * payoff(table.depth, table.distance, table.stake)).sum() / table.stake
    lasts = _durability(layout, weights, table, (kept, value))
    by_input = _input_legitimacy(layout, weights, table.stays)
    by_output = output_legitimacy(table.depth, kept)
    legitimacy = jnp.sqrt(jnp.maximum(by_input * by_output, 0.0))
    talks = speed(jnp.where(agreed, table.years, jnp.inf))
    cost = table.institution + table.paid
    found = jnp.stack([chance * legitimacy, talks, chance * table.depth, chance * lasts, cost])
    return Merits(found, chance, chance * kept, table.binds)


def _negotiated(layout: Layout, draws: Draws, weights: Weights) -> _Negotiated:
    """Return what comes of the table, after those with an opt-out that would lose have stayed out."""
    first = _settled(layout, draws, weights, layout.seated)
    out = (layout.opt_outs > 0) & layout.seated & (1 - first.distance / (2 * first.stake) <= 0)
    # Two at least must be left, or nobody stays out.
    stays = jnp.where((layout.seated & ~out).sum() >= 2, layout.seated & ~out, layout.seated)
    second = _settled(layout, draws, weights, stays)
    return jax.tree.map(lambda with_out, all_in: jnp.where(layout.opt_outs > 0, with_out, all_in), second, first)


def _settled(layout: Layout, draws: Draws, weights: Weights, stays: Bool[Array, " party"]) -> _Negotiated:
    size = stays.sum()
    share = (weights.capability * stays).sum()
    stake = draws.stake * (CLUB + (1 - CLUB) * share) * (1 + NON_STATE_STAKE * layout.non_state)
    means = (layout.formality + layout.verification + layout.enforcement) / 3
    institution = INSTITUTION_COST * means * jnp.sqrt(size / CUSTOMARY_SIZE)
    text, influence = _text(layout, draws, weights, stays)
    from_text = (draws.salience * (draws.position - text) ** 2).sum(-1)
    extra = draws.relief + draws.rivalry + 2 * institution * stake + NON_STATE_DISTANCE * layout.non_state
    distance = from_text + extra
    phi = 1 - distance / (2 * stake)
    votes = jnp.where(layout.seated, layout.votes, 0)
    able = jnp.where(stays, phi, -LEFT)
    quota = of_quota(able, votes, layout.quota)
    vetoes = jnp.where(layout.veto & stays, phi, jnp.inf)
    vetoed = vetoes.min() < quota.acceptability
    bound = jnp.minimum(jnp.minimum(quota.acceptability, vetoes.min()), jnp.where(stays, phi, -jnp.inf).max())
    capacity = draws.linkage * layout.linkage
    paid = COMPENSATION * layout.side_payments
    capacity = 1 - (1 - capacity) * (1 - paid)
    shared = (influence * jnp.where(stays, phi, 0.0)).sum()
    linked = (1 - capacity) * bound + capacity * shared
    depth = jnp.where(linked > 0, jnp.minimum(1.0, stake * linked), 0.0)
    binds = jnp.where(vetoed, jnp.argmin(vetoes), quota.party)
    gap = jnp.maximum(shared - bound, 0.0)
    years = duration(linked, draws.concession)
    return _Negotiated(stays, distance, stake, institution, linked, depth, years, binds, paid * gap)


def _text(
    layout: Layout, draws: Draws, weights: Weights, stays: Bool[Array, " party"]
) -> tuple[Float[Array, " issue"], Float[Array, " party"]]:
    """Return the compromise of those that stay, pulled towards the three most capable of them, and their influence."""
    votes = layout.votes * stays
    capability = weights.capability * stays
    influence = votes / votes.sum() / 2 + capability / capability.sum() / 2
    ranked = jnp.sort(capability)[::-1][min(2, len(capability) - 1)]
    leaders = jnp.where(capability >= ranked, capability, 0.0)
    led = leaders / leaders.sum()
    weight = (1 - layout.leadership) * influence + layout.leadership * led
    return weight @ draws.position, influence


def _motives(layout: Layout, weights: Weights, table: _Negotiated) -> Float[Array, " party"]:
    formality = (layout.formality + layout.verification + layout.enforcement) / 3
    owed = Obligation(table.stake, table.depth, excludability=jnp.asarray(CLUB), formality=formality)
    own = weights.capability / jnp.maximum((weights.capability * table.stays).sum(), 1e-9)
    standing = Standing(jnp.clip(own, 0.0, 1.0), jnp.maximum(table.distance, 0.0))
    return motives(owed, standing, RESPONSE).total


def _durability(
    layout: Layout, weights: Weights, table: _Negotiated, state: tuple[Float[Array, ""], Float[Array, ""]]
) -> Float[Array, ""]:
    """Return the share of twenty years in force: `(1 - exp(-r T)) / (20 r)`, `T` the sunset if it is earlier."""
    kept, value = state
    condition = Condition(kept, layout.formality, value, excluded_share(weights.stake, table.stays))
    rate = rates(condition, RISKS)
    total = rate.breakdown + rate.renegotiation
    return -jnp.expm1(-total * jnp.minimum(HORIZON, layout.sunset)) / (total * HORIZON)


def _input_legitimacy(layout: Layout, weights: Weights, stays: Bool[Array, " party"]) -> Float[Array, ""]:
    """Return the mean coverage of population, capability, stake and countries by those with a voice.

    Non-state participants stand for a part of those that no party at the table speaks for. Where the population is not
    known, the mean is that of the other three.
    """
    covered = jnp.stack(
        [(share * stays).sum() for share in (weights.population, weights.capability, weights.stake, weights.countries)]
    )
    covered = covered + NON_STATE_STAKE * layout.non_state * (1 - covered)
    return jnp.nanmean(covered)
