"""The rules by which a burden may be shared, by name; a new one is a function and an entry in `BURDEN_RULES`.

Each is a function of the same `Circumstances` that gives a share to every country, 1 in sum over those who share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import combinations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.base.errors import NegotiationError
from orrery.negotiation.burden.assessments import by_assessment
from orrery.negotiation.burden.circumstances import Circumstances
from orrery.negotiation.burden.proportional import by_benefit, by_capacity, by_responsibility, equal_shares
from orrery.negotiation.burden.sacrifice import by_equal_sacrifice
from orrery.negotiation.burden.shapley import by_airport_game


@dataclass(frozen=True)
class BurdenRule:
    """A rule of burden.

    Attributes:
        title: its name in the literature.
        formula: of the share of country i.
        source: author and year, or instrument.
        advice: when it is argued for, and what it leaves out.
        needs: fields of `Circumstances` that it looks at.
        share: shares of the countries, `[*batch country]`.
    """

    title: str
    formula: str
    source: str
    advice: str
    needs: tuple[str, ...]
    share: Callable[[Circumstances], Float[Array, "*batch country"]]


BURDEN_RULES: Mapping[str, BurdenRule] = {
    "equal": BurdenRule(
        "Equal shares",
        "1 / n",
        "sovereign equality; small secretariats and many regional bodies",
        "Every member alike; it looks at neither means nor gains.",
        (),
        equal_shares,
    ),
    "capacity": BurdenRule(
        "Capacity to pay",
        "y_i / sum_j y_j",
        "Musgrave 1959",
        "In proportion to national income, whatever the income of a person.",
        ("income",),
        by_capacity,
    ),
    "assessment": BurdenRule(
        "Scale of assessments of the United Nations",
        "income share with relief for low income per head, ceiling 22 %, floor 0.001 %, least developed at most 0.01 %",
        "General Assembly resolution 55/5 B (2000)",
        "What most bodies of the United Nations follow; of some members, their shares of the whole scale brought to 1.",
        ("base_income", "base_population", "least_developed"),
        by_assessment,
    ),
    "sacrifice": BurdenRule(
        "Equal sacrifice",
        "t_i with u(y_i) - u(y_i - t_i) the same for every person, constant relative risk aversion 1.5",
        "Mill 1848; Young 1988, 1990",
        "Progressive in income per head where aversion is above 1, in proportion at 1.",
        ("income", "population"),
        by_equal_sacrifice,
    ),
    "benefit": BurdenRule(
        "Benefit",
        "S_i / sum_j S_j",
        "Lindahl 1919; Musgrave 1959",
        "Who gains pays; it asks for stakes that their holders have reason to understate.",
        ("stake",),
        by_benefit,
    ),
    "responsibility": BurdenRule(
        "Responsibility",
        "E_i / sum_j E_j",
        "Ringius, Torvanger & Underdal 2002",
        "Who caused the problem pays; from when on and for what is counted decides much of it.",
        ("contribution",),
        by_responsibility,
    ),
    "shapley": BurdenRule(
        "Shapley value of the airport game",
        "sum over k up to i of (b_k - b_(k-1)) / (n - k + 1), needs b in rising order",
        "Shapley 1953; Littlechild & Owen 1973",
        "One provision serves all and must meet the greatest need: each step is paid for by those who need it.",
        ("stake",),
        by_airport_game,
    ),
}
"""The rules by the name that `burden_shares` and the command line know them by."""


def burden_shares(names: Sequence[str], circumstances: Circumstances) -> Float[Array, "*batch rule country"]:
    """Return the shares of every country under each of these rules, 1 in sum over those who share.

    Args:
        names: keys of `BURDEN_RULES`.
        circumstances: the countries and who of them shares.

    Raises:
        NegotiationError: no rule or an unknown one, or a figure that a rule needs did not come.
    """
    if not names:
        raise NegotiationError(f"`rules`: none came; name some of {', '.join(BURDEN_RULES)}.")
    for name in names:
        if name not in BURDEN_RULES:
            close = get_close_matches(name, BURDEN_RULES, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise NegotiationError(f"`rules`: {name!r} came; it is one of {', '.join(BURDEN_RULES)}.{hint}")
        for field in BURDEN_RULES[name].needs:
            circumstances.given(field)
    return _shares(tuple(names), circumstances)


@partial(jax.jit, static_argnums=0)
def _shares(names: tuple[str, ...], circumstances: Circumstances) -> Float[Array, "*batch rule country"]:
    """Compiled once for each set of rules and shape of arrays."""
    shares = [BURDEN_RULES[name].share(circumstances) for name in names]
    return jnp.stack(jnp.broadcast_arrays(*shares), -2)


def rules_for(circumstances: Circumstances) -> tuple[str, ...]:
    """Return the rules whose figures are all there."""
    return tuple(
        name
        for name, rule in BURDEN_RULES.items()
        if all(getattr(circumstances, field) is not None for field in rule.needs)
    )


def contestation(shares: Float[Array, "*batch rule country"]) -> Float[Array, "*batch"]:
    """Return how far the rules disagree: the mean over pairs of rules of `sum_i |t_i - t'_i|`, from 0 to 2.

    Half of it is the part of the burden that lies elsewhere under one rule than under another, on average.

    Raises:
        NegotiationError: fewer than two rules.
    """
    n_rules = shares.shape[-2]
    if n_rules < 2:
        raise NegotiationError(f"`shares`: {n_rules} rules came; two or more can disagree.")
    pairs = list(combinations(range(n_rules), 2))
    apart = [abs(shares[..., one, :] - shares[..., other, :]).sum(-1) for one, other in pairs]
    return jnp.stack(apart).mean(0)
