"""A comparison of a hub's instruments as a folder: tables, the figure of the trade-off, and a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orrery.data.parquet import write_table
from orrery.lab.instruments import Comparison
from orrery.report.figures.caption import Caption
from orrery.report.figures.instruments import draw_trade_off
from orrery.report.style import LAYOUTS, drawing, to_png, to_svg

RECORD = "instruments.json"


def save_comparison(comparison: Comparison, record: dict[str, Any], folder: Path) -> None:
    """Write the tables (CSV and Parquet), the figure (SVG and PNG, wide and narrow) and the record.

    Args:
        comparison: what came out.
        record: what was asked, of what, by which version.
        folder: one that exists.
    """
    for name, table in comparison.tables().items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        write_table(table, folder / f"{name}.parquet")
    caption = trade_off_caption(comparison)
    titles = dict(zip(comparison.sizes["instrument"], comparison.sizes["title"], strict=True))
    for layout in LAYOUTS:
        with drawing():
            figure = draw_trade_off(comparison.effects, titles, caption, layout)
            (folder / f"trade_off-{layout.name}.svg").write_text(to_svg(figure), "utf-8")
            (folder / f"trade_off-{layout.name}.png").write_bytes(to_png(figure))
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (folder / RECORD).write_text(text, "utf-8")


def trade_off_caption(comparison: Comparison) -> Caption:
    """Return the words of the figure."""
    first, last = comparison.years
    short = comparison.sizes.loc[~comparison.sizes["absorbs"], "title"].tolist()
    budget = comparison.sizes["budget"].iloc[0]
    notes = [
        f"Each instrument at an expected cost of {budget:g} % of the hub's capability a year, {first + 2}-{last}, at "
        f"central prices, which are assumed. Marks: medians of {comparison.n_draws} draws of the difference from the "
        "same draws without the instrument; lines: their 80 % intervals. Mean of the neighbours. The scale of "
        "stability (standard normal units) is even near 0 and goes by orders of magnitude further out."
    ]
    if short:
        notes.append(f"Cannot absorb the budget, and so cost less: {', '.join(short)}.")
    return Caption(f"What {comparison.hub}'s instruments do to its neighbours, at equal cost", tuple(notes))
