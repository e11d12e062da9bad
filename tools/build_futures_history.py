"""Write `docs/futures_history.md` anew: the five futures held against the record of three periods.

Run: `python tools/build_futures_history.py` (about a minute). It reads the local store (`orrery data add`), which must
hold the sources of the panel's channels, of capability, votes, globalisation and bodies.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from orrery import open_store
from orrery.cli.answers import as_markdown
from orrery.data.panel import Tables
from orrery.lab.futures_history import WINDOWS, History, history
from orrery.lab.history_indicators import history_panel

DOCUMENT = Path(__file__).parents[1] / "docs" / "futures_history.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
CAPABILITY = {"cinc": "CINC", "mean": "CINC and output"}


def measured(tables: Tables) -> History:
    """Return the windows of the past, measured from the store."""
    span = (min(window.first for window in WINDOWS), max(window.last for window in WINDOWS))
    return history(history_panel(tables, span), tables)


def document(text: str, found: History) -> str:
    """Return the document with its tables made anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    parts = [
        "## Verdicts\n",
        as_markdown(found.verdicts.assign(capability=found.verdicts["capability"].map(CAPABILITY))),
        "\n## Degrees\n",
        as_markdown(degree_table(found)),
        "\n## Conditions\n",
        as_markdown(condition_table(found)),
    ]
    return f"{before}{BEGIN}\n" + "\n".join(parts) + f"\n\n{END}{after}"


def degree_table(found: History) -> pd.DataFrame:
    """Return a row per window and capability and a column per future; `≤` marks bounds."""
    cells = [
        f"{degree:.2f}" if known else f"≤ {degree:.2f}"
        for degree, known in zip(found.degrees["degree"], found.degrees["known"], strict=True)
    ]
    table = found.degrees.assign(cell=cells, capability=found.degrees["capability"].map(CAPABILITY))
    wide = table.pivot(index=["window", "capability"], columns="future", values="cell")
    return wide[list(dict.fromkeys(table["future"]))].reset_index().rename_axis(columns=None)


def condition_table(found: History) -> pd.DataFrame:
    """Return a row per window, future and indicator; one for each capability only where that makes a difference."""
    rows = found.conditions
    keys = ["window", "future", "indicator"]
    cells = {
        "ratio": ["unknown" if np.isnan(value) else f"{value:.3f}" for value in rows["ratio"]],
        "degree": ["unknown" if np.isnan(value) else f"{value:.2f}" for value in rows["degree"]],
    }
    printed = rows.assign(**cells, capability=rows["capability"].map(CAPABILITY))
    shown = ["ratio", "wanted", "degree", "note"]
    printed["place"] = printed.groupby([*keys, "capability"], sort=False).ngroup()
    first = printed.groupby(keys, sort=False)["place"].transform("min")
    grouped = printed.assign(place=first).groupby(["place", *keys, *shown], sort=False)["capability"]
    merged = grouped.agg(lambda names: " / ".join(names)).reset_index().sort_values("place", kind="stable")
    both = " / ".join(CAPABILITY.values())
    merged["indicator"] = [
        name if capability == both else f"{name} ({capability})"
        for name, capability in zip(merged["indicator"], merged["capability"], strict=True)
    ]
    return merged[[*keys, *shown]]


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8"), measured(open_store())), "utf-8")
