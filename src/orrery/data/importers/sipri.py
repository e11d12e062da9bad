"""SIPRI's trade register: one row per deal, with the years of its deliveries listed.

`arms_transfers` spreads the value of a deal's deliveries evenly over the years listed: the register does not say how
much came in which year. Values are trend-indicator values (TIV) in millions. Parties that are not countries (armed
groups, organisations, territories, unknown ones) stay in `arms_register` with their kind and are not in
`arms_transfers`; its notes count them.

A deal whose comment holds a line end stands broken over two lines; `corrections.toml` names the lines, and any other
such line is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import DataError, SourceFormatError
from orrery.data.corrections import BrokenLine, corrections
from orrery.data.importers.codes import known_names, note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout, Records, csv_records, form_of
from orrery.data.tabular import from_records

COMMENTS_AT = 12
_YEARS = r"\d{4}(?:; \d{4})*"


def _uncertain(name: str) -> Column:
    return Column(f"{name} ?", blank=True)


LAYOUT = Layout(
    "sipri",
    {
        "recipient_name": Column("Recipient"),
        "supplier_name": Column("Supplier"),
        "order_year": Column("Year of order", kind="whole", blank=True),
        "order_year_uncertain": _uncertain("Year of order"),
        "ordered": Column("Number ordered", kind="number", blank=True),
        "ordered_uncertain": _uncertain("Number ordered"),
        "designation": Column("Weapon designation"),
        "description": Column("Weapon description"),
        "delivered": Column("Number delivered", "Deliveries in the Year Range", kind="number", blank=True),
        "delivered_uncertain": Column("Number delivered ?", "Deliveries in the Year Range ?", blank=True),
        "delivery_years": Column("Year(s) of delivery", blank=True),
        "status": Column("status", blank=True),
        "comments": Column("Comments", blank=True),
        "unit_tiv": Column("SIPRI TIV per unit", kind="number", blank=True),
        "ordered_tiv": Column("SIPRI TIV for total order", kind="number", blank=True),
        "delivered_tiv": Column("SIPRI TIV of delivered weapons", kind="number", blank=True),
    },
    encoding="latin-1",
    header="Recipient",
)

REGISTER = TableSpec(
    "arms_register",
    ("deal",),
    {
        "deal": "number of the deal in the file, from 1",
        "recipient": "country that received, missing where the recipient is not a country",
        "recipient_name": "recipient as SIPRI names it",
        "recipient_kind": "country, organisation, group, territory, ...",
        "supplier": "country that supplied, missing where the supplier is not a country",
        "supplier_name": "supplier as SIPRI names it",
        "supplier_kind": "country, organisation, group, territory, ...",
        "order_year": "calendar year of the order",
        "order_year_uncertain": "whether SIPRI marks it as uncertain",
        "ordered": "number ordered",
        "ordered_uncertain": "whether SIPRI marks it as uncertain",
        "designation": "designation of the weapon",
        "description": "kind of weapon",
        "delivered": "number delivered",
        "delivered_uncertain": "whether SIPRI marks it as uncertain",
        "delivery_years": "calendar years of delivery, separated by semicolons",
        "status": "new, second hand, or second hand but modernised",
        "comments": "SIPRI's comments",
        "unit_tiv": "trend-indicator value of one, millions",
        "ordered_tiv": "trend-indicator value of the order, millions",
        "delivered_tiv": "trend-indicator value of the deliveries, millions",
    },
    (1950, None),
    ("register",),
)
TRANSFERS = TableSpec(
    "arms_transfers",
    ("supplier", "recipient", "year"),
    {
        "supplier": "country",
        "recipient": "country",
        "year": "calendar year of delivery",
        "tiv": "trend-indicator value delivered, millions; a deal's value spread evenly over its years of delivery",
    },
    (1950, None),
    ("register",),
)


def read_register(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `arms_register` and `arms_transfers`."""
    path = files["register"]
    form_of("sipri", path)
    records, notes = _records(path)
    frame = from_records(LAYOUT, path, records)
    _require_years(path, frame["delivery_years"])
    for side in ("recipient", "supplier"):
        known = known_names("sipri", path, frame[f"{side}_name"])
        frame[side], frame[f"{side}_kind"] = known["iso3"], known["kind"]
    for name in ("order_year_uncertain", "ordered_uncertain", "delivered_uncertain"):
        frame[name] = frame[name].notna()
    frame.insert(0, "deal", range(1, len(frame) + 1))
    for text in notes:
        frame = note(frame, text)
    return {"arms_register": frame, "arms_transfers": _transfers(frame)}


def _records(path: Path) -> tuple[Records, list[str]]:
    """Return the deals, those broken over two lines put together, and a note for each of these."""
    lines = csv_records(LAYOUT, path)
    _, header = next(lines)
    broken = [entry for entry in corrections().broken_line if entry.source == "sipri"]
    rows, numbers, notes = [], [], []
    for number, cells in lines:
        entry = next((one for one in broken if ",".join(cells).startswith(one.starts_with)), None)
        if entry is not None:
            _require_still_broken(path, number, cells, entry)
            following, rest = next(lines, (number, []))
            cells = [*cells[:-1], cells[-1] + rest[0], *rest[1:]] if rest else cells
            notes.append(f"rows {number} and {following} put together as one deal: {entry.reason}")
        if len(cells) != len(header):
            problem = f"the row has {len(cells)} cells, the header {len(header)}"
            advice = "If the file is whole, join the broken line or name it under [[broken_line]] in `corrections.toml`"
            raise SourceFormatError(
                "sipri", path, f"{problem}: the file is cut short, or a line is broken", advice, number
            )
        rows.append(cells)
        numbers.append(number)
    return Records(_named_header(header), rows, numbers), notes


def _require_still_broken(path: Path, number: int, cells: list[str], entry: BrokenLine) -> None:
    if len(cells) != entry.cells:
        raise DataError(
            f"source `sipri`, file {path}, row {number}: the line that starts with `{entry.starts_with}` has "
            f"{len(cells)} cells, expected were {entry.cells}. The producer seems to have mended it: delete the entry "
            "under [[broken_line]] in `orrery/data/corrections.toml`"
        )


def _named_header(header: list[str]) -> tuple[str, ...]:
    """Give each nameless column, which marks its neighbour as uncertain, the neighbour's name and a question mark."""
    return tuple(name if name.strip() else f"{header[place - 1]} ?" for place, name in enumerate(header))


def _require_years(path: Path, years: pd.Series) -> None:
    wrong = years[years.notna() & ~years.str.fullmatch(_YEARS).fillna(False).astype(bool)]
    if len(wrong):
        problem = f"column `Year(s) of delivery` holds `{wrong.iloc[0]}`, allowed are years such as `1978; 1979`"
        raise SourceFormatError("sipri", path, problem, "Correct the row", int(wrong.index[0]))


def _transfers(register: pd.DataFrame) -> pd.DataFrame:
    """Return values by supplier, recipient and year, deals between countries only."""
    valued = register.dropna(subset=["delivered_tiv", "delivery_years"])
    between = valued.dropna(subset=["supplier", "recipient"])
    years = between["delivery_years"].str.split("; ").map(list)
    spread = between[["supplier", "recipient"]].assign(year=years, tiv=between["delivered_tiv"] / years.map(len))
    spread = spread.explode("year").astype({"year": np.int64, "tiv": np.float64})
    rows = spread.groupby(["supplier", "recipient", "year"])["tiv"].agg(tiv="sum").reset_index()
    first = spread.reset_index().groupby(["supplier", "recipient", "year"])["row"].first().to_numpy()
    left_out = valued[valued["supplier"].isna() | valued["recipient"].isna()]
    return note(
        rows.set_index(pd.Index(first, name="row")),
        f"{len(left_out):,} deals worth {left_out['delivered_tiv'].sum():,.1f} million TIV left out: "
        "a party is not a country",
    )


IMPORTER = Importer("sipri", (REGISTER, TRANSFERS), read_register)
