"""How far the closed form says the same as negotiations round by round: random cases of both, compared by ranks.

The closed form (`agreement`) knows one text and one time; the rounds know who presses, pays, drafts, leaves and brings
in other matters. Where nothing of that happens the two are equal but for the length of a round. Where it does, this
module measures how far they order cases alike: by Spearman's rank correlation of deadlock (yes or no), of depth, and
of duration.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key
from scipy.stats import rankdata

from orrery.base.errors import NegotiationError
from orrery.base.keys import named_key
from orrery.institutions.games import Game
from orrery.negotiation.agreement import SHORTEST, Agreement, Table, Terms, agree
from orrery.negotiation.bargaining.setting import Conduct, Setting
from orrery.negotiation.bargaining.setting import setting as usual_setting
from orrery.negotiation.bargaining.talks import Talks, talk
from orrery.negotiation.requirements import Requirements

RULES = ("unanimity", "two thirds", "majority", "majority with two vetoes")
FEWEST = 3
N_ISSUES = 3
STAKE_SD = 0.6
"""Of the stakes, in logarithms."""
GREATEST_LINKAGE = 0.5
NOT_SEATED = -1e6
"""Distance that keeps an empty place from binding."""


class Cases(eqx.Module):
    """Random cases, one a row.

    Attributes:
        setting: the parties and issues; the first places are seated.
        stake: `S` of each case.
        linkage: `l` of each case, for those who want it in the conduct.
        rule: as arrays; for a veto the holders are the parties in the first two places.
        kind: place in `RULES`.
    """

    setting: Setting
    stake: Float[Array, " case"]
    linkage: Float[Array, " case"]
    rule: Requirements
    kind: Int[Array, " case"]


class RankCorrelations(NamedTuple):
    """Spearman's correlations between the closed form and the rounds.

    Attributes:
        same: share of cases in which both say agreement or both say deadlock.
        deadlock: of whether there is deadlock.
        depth: of the depth, 0 in deadlock, over all cases.
        duration: of the years, over the cases in which both say agreement; there deadlock cannot help.
        later: mean of the rounds' years less the closed form's, over the same cases.
        exceptions: rows in which one says agreement and the other deadlock.
    """

    same: float
    deadlock: float
    depth: float
    duration: float
    later: float
    exceptions: tuple[int, ...]


def random_cases(key: Key[Array, ""], n_cases: int, most: int = 20, stake: float = 0.15) -> Cases:
    """Return cases of 3 parties and more, three issues, and the four rules of `RULES`, all equally often.

    Positions are uniform on the scale; saliences exponential; influence and stakes log-normal; the status quo is 0 on
    every issue.

    Args:
        key: what all draws come from.
        n_cases: how many.
        most: parties of the largest case; all cases have so many places.
        stake: median of the stakes; at 0.15 about one case in nine ends in deadlock, at 0.05 one in two.
    """
    draw = {name: named_key(key, name) for name in ("size", "kind", "position", "salience", "influence", "stake", "l")}
    size = jax.random.randint(draw["size"], (n_cases, 1), FEWEST, most + 1)
    seated = jnp.arange(most) < size
    kind = jax.random.randint(draw["kind"], (n_cases,), 0, len(RULES))
    shape = (n_cases, most, N_ISSUES)
    usual = usual_setting(jnp.zeros(shape[1:]))
    setting = eqx.tree_at(
        lambda one: (one.position, one.salience, one.influence, one.seated),
        jax.tree.map(lambda each: jnp.broadcast_to(each, (n_cases, *each.shape)), usual),
        (
            jax.random.uniform(draw["position"], shape),
            jax.random.exponential(draw["salience"], shape),
            jnp.exp(jax.random.normal(draw["influence"], shape[:2])) * seated,
            seated,
        ),
    )
    return Cases(
        setting=setting,
        stake=stake * jnp.exp(STAKE_SD * jax.random.normal(draw["stake"], (n_cases,))),
        linkage=jax.random.uniform(draw["l"], (n_cases,), maxval=GREATEST_LINKAGE),
        rule=_rules(kind, seated),
        kind=kind,
    )


def conducts(cases: Cases, *, linked: bool, **further: float) -> Conduct:
    """Return the conduct of every case.

    Args:
        cases: what their stakes and linkages come from.
        linked: whether the linkage of each case is used; else there is none.
        further: any other field of `Conduct`, alike in all cases.
    """
    same = {name: jnp.full(cases.stake.shape, float(value)) for name, value in further.items()}
    given = {"stake": cases.stake, "linkage": cases.linkage * linked, **same}
    usual = Conduct(cases.stake)
    rest = {name: value for name, value in vars(usual).items() if name not in given}
    return Conduct(**given, **{name: jnp.broadcast_to(value, cases.stake.shape) for name, value in rest.items()})


def closed_form(setting: Setting, conduct: Conduct, rule: Game | Requirements) -> Agreement:
    """Return what the closed form says of a setting, as it is before any package opens or any party leaves.

    Arrays may have leading axes. Boldness, mediation, reservation values, patience and ratification are not in it.

    Args:
        setting: the parties and issues.
        conduct: of which stake, relief, linkage, concession and leadership are used.
        rule: who can carry an agreement with whom; one that needs somebody's consent.

    Raises:
        NegotiationError: another number of parties than the rule's.
    """
    weight = setting.salience / setting.salience.sum(-1, keepdims=True)
    from_quo = weight * (setting.position - setting.status_quo[..., None, :]) ** 2
    on_table = setting.on_table[..., None, :]
    relief = jnp.asarray(conduct.relief)[..., None, None]
    extra = jnp.where(on_table, -relief * from_quo, from_quo).sum(-1) + setting.extra
    table = Table(
        # On an issue off the table the text stays at the status quo, and what is unmet stands in `extra`.
        position=jnp.where(on_table, setting.position, setting.status_quo[..., None, :]),
        salience=setting.salience,
        influence=setting.influence * setting.seated,
        extra=jnp.where(setting.seated, extra, NOT_SEATED),
    )
    terms = Terms(conduct.stake, conduct.linkage, conduct.concession, conduct.leadership, setting.leader)
    return agree(table, terms, rule)


@eqx.filter_jit
def both_forms(cases: Cases, conduct: Conduct) -> tuple[Talks, Agreement]:
    """Return what the rounds and the closed form say of every case, each under its own rule."""
    return jax.vmap(talk)(cases.setting, conduct, cases.rule), closed_form(cases.setting, conduct, cases.rule)


def rank_correlations(talks: Talks, closed: Agreement) -> RankCorrelations:
    """Return how far the two order the same cases alike; arrays have one leading axis of cases.

    Raises:
        NegotiationError: fewer than three cases in which both say agreement, or a quantity that is the same in all.
    """
    one, other = np.asarray(talks.agreed), np.asarray(closed.agreed)
    both = one & other
    if both.sum() < FEWEST:
        raise NegotiationError(
            f"`talks`: {both.sum()} cases came in which both forms say agreement; give at least {FEWEST}."
        )
    later = np.asarray(talks.years)[both], SHORTEST + np.asarray(closed.years)[both]
    return RankCorrelations(
        same=float((one == other).mean()),
        deadlock=spearman(one, other, "deadlock"),
        depth=spearman(np.asarray(talks.depth), np.asarray(closed.depth), "depth"),
        duration=spearman(*later, "duration"),
        later=float((later[0] - later[1]).mean()),
        exceptions=tuple(np.flatnonzero(one != other).tolist()),
    )


def spearman(one: np.ndarray, other: np.ndarray, name: str) -> float:
    """Return Spearman's rank correlation, ties at their mean rank.

    Raises:
        NegotiationError: one of the two is constant, where there is none.
    """
    ranks = rankdata(one), rankdata(other)
    if min(np.ptp(each) for each in ranks) == 0:
        raise NegotiationError(f"`{name}`: it is the same in every case; give cases in which it varies.")
    return float(np.corrcoef(*ranks)[0, 1])


def _rules(kind: Int[Array, " case"], seated: Array) -> Requirements:
    """Return the rules as arrays: one quota of heads, and one of vetoes that only the last kind asks for."""
    size, veto = seated.sum(-1), kind == len(RULES) - 1
    majority = size // 2 + 1
    quota = jnp.stack([size, -(-2 * size // 3), majority, majority])[kind, jnp.arange(len(kind))]
    holders = (jnp.arange(seated.shape[-1]) < 2) & veto[:, None]
    weight = jnp.stack([seated, holders], 1).astype(jnp.int32)
    return Requirements(weight[:, None], jnp.stack([quota, 2 * veto], 1)[:, None].astype(jnp.int32))
