"""The figures of docs/multilateralism.md are those that the code measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tables_from_files import PublishedTables

from orrery.data.variables import build_panel
from orrery.measure.authority import authority
from orrery.measure.multilateralism import multilateralism
from orrery.measure.trade_agreements import trade_agreements

DOCUMENT = Path(__file__).parents[2] / "docs" / "multilateralism.md"
YEARS = (1950, 1970, 1990, 2000, 2010, 2020)


@pytest.mark.slow
def test_the_table_is_what_is_measured(shared_data):
    tables = PublishedTables(shared_data, "cow_igo", "nmc", "desta", "wto_rta", "mia", "agg")
    panel = build_panel(tables, names=("capability_cinc", "shared_memberships"))
    bound = multilateralism(panel, tables=tables).to_frame().set_index("year")
    traded = trade_agreements(panel, tables).to_frame().set_index("year")
    power = authority(panel, tables).to_frame().set_index("year")
    measured_density = bound["density"].where(bound["status"] != "carried forward")
    columns = [
        (measured_density, 2),
        (bound["bodies"], 0),
        (traded["agreements"], 0),
        (traded["bound_pairs"], 2),
        (traded["bilateral_share: desta"], 2),
        (traded["bilateral_share: notified"], 2),
        (traded["two_sided_share: desta"], 2),
        (traded["depth_index"], 2),
        (power["delegation"], 3),
        (power["verticality: equal"], 2),
        (power["verticality: both"], 2),
    ]
    text = DOCUMENT.read_text("utf-8")
    for year in YEARS:
        values = [(float(series[year]), digits) for series, digits in columns]
        cells = ["" if np.isnan(value) else f" {value:.{digits}f}" for value, digits in values]
        line = f"| {year} |{' |'.join(cells)} |"
        assert line in text, line
