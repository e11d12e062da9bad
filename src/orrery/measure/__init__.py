"""Measures of the international system: pure functions from data to indices, with uncertainty where there is any.

`alignment(panel, "KAZ")` measures portfolios and the multi-vector indices of countries over years.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orrery.measure.portfolios.alignment import Alignment, alignment

_HOMES = {
    "alignment": "orrery.measure.portfolios.alignment",
    "Alignment": "orrery.measure.portfolios.alignment",
}

__all__ = ["Alignment", "alignment"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'orrery.measure' has no attribute {name!r}")
