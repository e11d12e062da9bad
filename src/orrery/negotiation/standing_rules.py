"""Rules of many bodies over one axis of parties whose members come and go."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, Int


class StandingRules(eqx.Module):
    """Rules of many bodies, in rows over one axis of parties."""

    unanimous: Float[jax.Array | np.ndarray, "unanimity party"]
    weight: Float[jax.Array | np.ndarray, "quota party"]
    share: Float[jax.Array | np.ndarray, " quota"]
    row_body: Int[jax.Array | np.ndarray, " row"]
    places: Int[jax.Array | np.ndarray, "version body alternative quota"]
