"""Write the table of `docs/cases.md` anew from the shipped cases.

Run: `python tools/build_case_table.py`
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orrery.cli.answers import as_markdown
from orrery.cli.cases.listing import row_of
from orrery.negotiation.cases import load_cases

DOCUMENT = Path(__file__).parents[1] / "docs" / "cases.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
COLUMNS = {
    "code": "code",
    "title": "what",
    "rule": "decided by",
    "parties": "parties",
    "issues": "issues",
    "outcome": "outcome",
    "matched_with": "matched with",
}


def document(text: str) -> str:
    """Return the document with its table made anew."""
    cases = list(load_cases().values())
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    frame = pd.DataFrame([row_of(case) for case in cases])[list(COLUMNS)].rename(columns=COLUMNS)
    matched = sum(case.matches is not None for case in cases)
    agreed = sum(case.outcome is not None and case.outcome.agreed for case in cases)
    matters = len({case.matter for case in cases})
    words = f"{len(cases)} cases of {matters} matters, {matched} of them matched; {agreed} ended in agreement."
    return f"{before}{BEGIN}\n{words}\n\n{as_markdown(frame)}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
