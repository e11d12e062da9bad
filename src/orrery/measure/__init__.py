"""Measures of the international system: pure functions from data to indices, with uncertainty where there is any.

`alignment(panel, "KAZ")` measures portfolios and the multi-vector indices of countries over years,
`decompose_change(panel, "KAZ", (2000, 2020))` divides a change among its sources, and `rank_stability(panel, 2020)`
says what the weights of the channels decide.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orrery.measure.portfolios.alignment import Alignment, alignment
    from orrery.measure.portfolios.decomposition import Decomposition, decompose_change
    from orrery.measure.portfolios.stability import RankStability, rank_stability

_HOMES = {
    "alignment": "orrery.measure.portfolios.alignment",
    "Alignment": "orrery.measure.portfolios.alignment",
    "decompose_change": "orrery.measure.portfolios.decomposition",
    "Decomposition": "orrery.measure.portfolios.decomposition",
    "rank_stability": "orrery.measure.portfolios.stability",
    "RankStability": "orrery.measure.portfolios.stability",
}

__all__ = ["Alignment", "Decomposition", "RankStability", "alignment", "decompose_change", "rank_stability"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'orrery.measure' has no attribute {name!r}")
