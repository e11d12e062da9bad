"""What an argument may hold: checked where a module of this package is built from actual numbers.

Inside `jax.jit`, `vmap` and `grad` there are no numbers to look at; what is built there is not checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jax.core import Tracer

from orrery.base.errors import NegotiationError


def require_within(name: str, value: Any, least: float, most: float = float("inf"), *, advice: str) -> None:
    """Refuse numbers outside `least` to `most`, both allowed, and any that is not a number.

    Args:
        name: of the argument, as the caller knows it.
        value: a number or an array; a traced one is let through.
        least: the smallest allowed.
        most: the largest allowed; infinity allows every finite number from `least` on.
        advice: what to do next, a sentence.

    Raises:
        NegotiationError: a number that is not allowed.
    """
    if isinstance(value, Tracer):
        return
    numbers = np.asarray(value, np.float64)
    wrong = ~(np.isfinite(numbers) & (numbers >= least) & (numbers <= most))
    if wrong.any():
        allowed = f"{least:g} to {most:g}" if np.isfinite(most) else f"a finite number of at least {least:g}"
        raise NegotiationError(f"`{name}`: {numbers[wrong].flat[0]:g} came; allowed is {allowed}. {advice}")


def require_positive(name: str, value: Any, *, advice: str) -> None:
    """Refuse numbers that are not finite and above 0; see `require_within`.

    Raises:
        NegotiationError: a number that is not allowed.
    """
    require_within(name, value, float(np.finfo(np.float32).tiny), advice=advice)
