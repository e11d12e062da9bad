"""The type of an array that may be NumPy's or JAX's, for functions that only do arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    # The two libraries share their operators, but no static type says so.
    FloatArray: TypeAlias = Any
    AnyArray: TypeAlias = Any
else:
    import jax
    import numpy as np

    FloatArray = np.ndarray | np.generic | jax.Array
    AnyArray = jax.Array | np.ndarray
