"""What inclusion costs, measured over tables: the slope of an outcome on legitimacy at fixed rule and stake.

Raw, across bodies, legitimacy and speed may well rise together: bodies of the whole world decide by majority, small
ones by consensus, and a rule that is quick and a table that is full then come together. What a further member costs
shows only among tables that differ in nothing else. With tables t in groups g of one rule and one stake, `x` input
legitimacy and `y` speed (or depth, or their product),

    raw slope    = sum_t (x_t - x)(y_t - y) / sum_t (x_t - x)^2
    within slope = sum_t (x_t - x_g)(y_t - y_g) / sum_t (x_t - x_g)^2,      x_g, y_g the means of t's group,

the second being least squares with a constant for each group. Where the two differ in sign, the raw one is a Simpson
reversal (Simpson 1951, Journal of the Royal Statistical Society B 13, 238-241) and says nothing of what inclusion
costs; `reversal_warning` then puts it in words.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError


class Tradeoff(eqx.Module):
    """How an outcome goes with input legitimacy. NaN where no two tables that are compared differ in legitimacy.

    Attributes:
        within: slope at fixed rule and stake: what is gained (or, if negative, lost) for each unit of legitimacy.
        within_error: its standard error, of least squares with a constant for each group; NaN where nothing is left
            over to judge it by.
        raw: slope over all tables, whatever their rule and stake.
        by_group: slope within each group; NaN where its tables do not differ in legitimacy.
        tables: number of tables in each group.
        reversed: whether `raw` and `within` differ in sign.
    """

    within: Float[Array, "*batch"]
    within_error: Float[Array, "*batch"]
    raw: Float[Array, "*batch"]
    by_group: Float[Array, "*batch group"]
    tables: Int[Array, " group"]
    reversed: Bool[Array, "*batch"]


def tradeoff(
    outcome: Float[Array, "*batch table"],
    input_legitimacy: Float[Array, "*#batch _"],
    group: Int[np.ndarray, " _"],
) -> Tradeoff:
    """Return how an outcome goes with input legitimacy, within groups and over all tables.

    Args:
        outcome: of each table, such as its speed; finite (speed is 0 in deadlock).
        input_legitimacy: of each table, `Representation.input_legitimacy`.
        group: which tables have the same rule and the same stake, numbered from 0; `groups_of` gives it.

    Raises:
        NegotiationError: numbers of tables that differ, or numbers of groups that leave one out.
    """
    counts = {outcome.shape[-1], input_legitimacy.shape[-1], len(group)}
    if len(counts) > 1:
        raise NegotiationError(
            f"`group`: {len(group)} came for outcomes of {outcome.shape[-1]} tables and the legitimacy of "
            f"{input_legitimacy.shape[-1]}; give one of each for each table."
        )
    tables = np.bincount(group) if len(group) and group.min() >= 0 else np.zeros(1, int)
    if not tables.all():
        raise NegotiationError("`group`: number the groups 0, 1, 2 and so on, each with a table (`groups_of` does).")
    belongs = jnp.asarray(group[:, None] == np.arange(len(tables)), outcome.dtype)
    return _slopes(outcome, input_legitimacy, belongs)


@jax.jit
def _slopes(
    outcome: Float[Array, "*batch table"],
    input_legitimacy: Float[Array, "*#batch table"],
    belongs: Float[Array, "table group"],
) -> Tradeoff:
    x, y = (_from_group_means(values, belongs) for values in jnp.broadcast_arrays(input_legitimacy, outcome))
    within = _ratio((x * y).sum(-1), (x * x).sum(-1))
    all_x, all_y = (values - values.mean(-1, keepdims=True) for values in (input_legitimacy, outcome))
    raw = _ratio((all_x * all_y).sum(-1), (all_x * all_x).sum(-1))
    left_over = ((y - within[..., None] * x) ** 2).sum(-1)
    freedom = belongs.shape[0] - belongs.shape[1] - 1
    variance = _ratio(left_over / freedom, (x * x).sum(-1)) if freedom > 0 else jnp.full_like(within, jnp.nan)
    return Tradeoff(
        within=within,
        within_error=jnp.sqrt(variance),
        raw=raw,
        by_group=_ratio(_sums(x * y, belongs), _sums(x * x, belongs)),
        tables=belongs.sum(0).astype(int),
        reversed=within * raw < 0,
    )


def groups_of(*conditions: np.ndarray) -> Int[np.ndarray, " table"]:
    """Return the number of each table's group: tables alike in every condition, such as rule and stake, share one.

    Raises:
        NegotiationError: no condition, or conditions for different numbers of tables.
    """
    if len({len(each) for each in conditions}) != 1:
        raise NegotiationError(
            f"`conditions`: lists of {', '.join(str(len(each)) for each in conditions) or 'none'} came; give one "
            "value of each condition for each table."
        )
    numbered = np.stack([np.unique(each, return_inverse=True)[1] for each in conditions], 1)
    return np.unique(numbered, axis=0, return_inverse=True)[1].reshape(-1)


def reversal_warning(found: Tradeoff) -> str | None:
    """Return what a Simpson reversal means for those who read the raw slope; `None` where there is none.

    Raises:
        NegotiationError: several trade-offs at once; give one.
    """
    if found.within.ndim:
        raise NegotiationError(f"`found`: {found.within.shape} trade-offs came; give one at a time.")
    if not bool(found.reversed):
        return None
    ways = ("rises", "falls") if float(found.raw) > 0 else ("falls", "rises")
    return (
        f"Simpson reversal: over all tables the outcome {ways[0]} with input legitimacy ({float(found.raw):+.3g} a "
        f"unit), at fixed rule and stake it {ways[1]} ({float(found.within):+.3g}). The first compares rules, the "
        "second what inclusion costs."
    )


def _from_group_means(
    values: Float[Array, "*batch table"], belongs: Float[Array, "table group"]
) -> Float[Array, "*batch table"]:
    means = _sums(values, belongs) / belongs.sum(0)
    centred = values - (means[..., None, :] * belongs).sum(-1)
    # What rounding leaves of equal values must not pass for a difference between tables.
    noise = 8 * jnp.finfo(values.dtype).eps * abs(values).max(-1, keepdims=True)
    return jnp.where(abs(centred) <= noise, 0.0, centred)


def _sums(values: Float[Array, "*batch table"], belongs: Float[Array, "table group"]) -> Float[Array, "*batch group"]:
    """Return sums by group; written out, because a matrix product may be rounded on accelerators."""
    return (values[..., None] * belongs).sum(-2)


def _ratio(above: Float[Array, "*batch"], below: Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    return jnp.where(below > 0, above / jnp.where(below > 0, below, 1.0), jnp.nan)
