"""How a measured table is shown to people: a value with its interval in one cell, and no digit that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "-"
"""Where there is no value."""
NO_ERROR = "*"
"""Mark of a value whose sources state no error."""
SHARE_DECIMALS = 2
SMALLEST = 0.001
"""What is nearer to 0 is not shown as if it were 0."""


def shown(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table as text, bounds (`NAME_lower`, `NAME_upper`) written into the cell of their value.

    Args:
        frame: a measure's table.
        columns: which to show, in this order; every one but bounds by default.
    """
    import pandas as pd

    bounds = {name for name in frame if name.endswith(("_lower", "_upper"))}
    wanted = [name for name in frame if name not in bounds] if columns is None else list(columns)
    text = {name: _bounded(frame, name) if f"{name}_lower" in bounds else _plain(frame[name]) for name in wanted}
    return pd.DataFrame(text)


def legend(frame: pd.DataFrame) -> str:
    """Return what the marks in a table mean that is shown so; empty where there is none."""
    parts = []
    if any(name.endswith("_lower") for name in frame):
        parts.append(f"in brackets: 90 % interval; {NO_ERROR} = the sources state no error")
    if frame.isna().any(axis=None):
        parts.append(f"{NOTHING} = no value")
    return "; ".join(parts)


def _bounded(frame: pd.DataFrame, name: str) -> list[str]:
    from orrery.report.tables import decimals_for, plain

    cells = []
    for value, low, high in frame[[name, f"{name}_lower", f"{name}_upper"]].to_numpy(float):
        if not isfinite(value):
            cells.append(NOTHING)
        elif not isfinite(low):
            cells.append(f"{plain(value, SHARE_DECIMALS)}{NO_ERROR}")
        else:
            digits = decimals_for(low, high, most=SHARE_DECIMALS)
            cells.append(f"{plain(value, digits)} [{plain(low, digits)}, {plain(high, digits)}]")
    return cells


def _plain(column: pd.Series) -> list[object]:
    from pandas.api.types import is_float_dtype

    if is_float_dtype(column.dtype):
        return [_number(value) for value in column]
    return column.astype(object).where(column.notna(), NOTHING).tolist()


def _number(value: float) -> str:
    """Return three digits that count, whole numbers whole."""
    from orrery.report.tables import plain

    if not isfinite(value):
        return NOTHING
    if 0 < abs(value) < SMALLEST:
        return f"<{SMALLEST}" if value > 0 else f">{plain(-SMALLEST, 3)}"
    if value == round(value) or abs(value) >= 100:
        return plain(value, 0)
    return plain(value, 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1)
