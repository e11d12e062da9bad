"""Write the table of `docs/catalogue.md` anew from the catalogue, as of the day that the document names.

Run: `python tools/build_catalogue_table.py`
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orrery.cli.answers import as_markdown
from orrery.institutions.catalogue import load_bodies
from orrery.institutions.coverage import coverage

DOCUMENT = Path(__file__).parents[1] / "docs" / "catalogue.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
DAY = date(2026, 1, 1)


def document(text: str) -> str:
    """Return the document with its table made anew."""
    bodies = load_bodies()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = as_markdown(coverage(bodies, DAY))
    return f"{before}{BEGIN}\n{len(bodies)} bodies.\n\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
