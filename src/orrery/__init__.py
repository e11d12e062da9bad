"""Orrery: a working model of the international system.

```python
import orrery as orr

panel = orr.load()
orr.measure.alignment(panel, "KAZ").to_frame()
run = orr.simulate("baseline", draws=200, seed=1)
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from orrery.base.version import VERSION as __version__

if TYPE_CHECKING:
    from orrery import measure
    from orrery.data.baseline import load_baseline as load
    from orrery.data.panel import Panel, Status
    from orrery.data.store import open_store
    from orrery.data.variables import build_panel
    from orrery.institutions.catalogue import load_bodies, load_body
    from orrery.lab.ensemble import simulate
    from orrery.lab.runs import Run, open_run
    from orrery.lab.scenario import Move, Scenario, load_scenario
    from orrery.report.report import write_report

_HOMES = {
    "load": ("orrery.data.baseline", "load_baseline"),
    "Panel": ("orrery.data.panel", "Panel"),
    "Status": ("orrery.data.panel", "Status"),
    "build_panel": ("orrery.data.variables", "build_panel"),
    "open_store": ("orrery.data.store", "open_store"),
    "load_bodies": ("orrery.institutions.catalogue", "load_bodies"),
    "load_body": ("orrery.institutions.catalogue", "load_body"),
    "simulate": ("orrery.lab.ensemble", "simulate"),
    "Run": ("orrery.lab.runs", "Run"),
    "open_run": ("orrery.lab.runs", "open_run"),
    "Move": ("orrery.lab.scenario", "Move"),
    "Scenario": ("orrery.lab.scenario", "Scenario"),
    "load_scenario": ("orrery.lab.scenario", "load_scenario"),
    "write_report": ("orrery.report.report", "write_report"),
}
"""Where each public name lives: imported when first used, so that `import orrery` costs nothing."""

__all__ = [
    "Move",
    "Panel",
    "Run",
    "Scenario",
    "Status",
    "__version__",
    "build_panel",
    "load",
    "load_bodies",
    "load_body",
    "load_scenario",
    "measure",
    "open_run",
    "open_store",
    "simulate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "measure":
        return importlib.import_module("orrery.measure")
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'orrery' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
