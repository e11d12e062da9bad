"""Write the worked example of `docs/instruments.md` and its figures anew, from the folders of comparisons.

for hub in RUS USA CHN EU; do orrery instruments $hub --draws 40 --out instruments/$hub; done
python tools/build_instruments_example.py instruments/RUS instruments/USA instruments/CHN instruments/EU
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "instruments.md"
BEGIN, END = "<!-- example: begin -->\n", "<!-- example: end -->\n"
SHOWN = {
    "alignment": "alignment",
    "stability": "stability of neighbours",
    "reliability": "reliability of the hub",
    "rival_share": "share of rivals",
    "coercion_by_others": "coercion by others",
}
RANKED = ("alignment", "stability", "reliability", "rival_share")
SMALL = 5e-5
"""What is smaller is written as 0."""
NEVER = 0.005
"""Shares below this have no row."""


@dataclass(frozen=True)
class Folder:
    """One comparison: its tables at the horizon, and its record."""

    path: Path

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, of the last year alone where it has several times."""
        table = pd.read_csv(self.path / f"{name}.csv", keep_default_na=False, na_values={"break_even_price": [""]})
        return table[table["when"] == "horizon"] if "when" in table else table

    @property
    def record(self) -> dict[str, Any]:
        """What was asked."""
        return json.loads((self.path / "instruments.json").read_text("utf-8"))


def main(paths: list[str]) -> None:
    """Write the example between its marks, and copy the first two figures."""
    folders = [Folder(Path(path)) for path in paths]
    text = PAGE.read_text("utf-8")
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    PAGE.write_text(text[:before] + "\n".join(_example(folders)) + "\n" + text[after:], "utf-8")
    for folder in folders[:2]:
        target = DOCS / "figures" / f"instruments-{folder.record['hub'].lower()}.png"
        shutil.copyfile(folder.path / "trade_off-wide.png", target)


def _example(folders: list[Folder]) -> Iterator[str]:
    asked = folders[0].record
    scenario = asked["scenario"]
    yield (
        f"`orrery instruments HUB --draws {scenario['draws']}` for each: {scenario['start']} to "
        f"{scenario['start'] + scenario['years']}, {asked['budget_per_cent']:g} % of capability a year, "
        f"{asked['price_draws']} draws of prices, seed {scenario['seed']}, neighbours those usual for the hub. Effects "
        "in the last year, against the same draws without: median and 80 % interval over draws.\n"
    )
    for folder in folders:
        yield from _effects(folder)
    yield "\\* cannot absorb the budget: its largest size costs less.\n"
    yield (
        "How often each is first in the last year: by median effect over price draws, and of all pairs of a price draw "
        "and a draw of the model; those that hardly ever are have no row. Then its central price, and the price up to "
        "which it does as well as the one named.\n"
    )
    yield "| hub | outcome | instrument | first | of all pairs | price | break-even | against |"
    yield "|---|---|---|---|---|---|---|---|"
    for folder in folders:
        yield from _ranks(folder)


def _effects(folder: Folder) -> Iterator[str]:
    effects = folder.table("effects").set_index(["instrument", "outcome"])
    record = folder.record
    level = effects.loc[("coercion", "alignment"), "without"]
    yield (
        f"**{record['hub']}**, {len(record['neighbours'])} neighbours; their mean alignment with it in the last year "
        f"without any instrument: {level:.2f}.\n"
    )
    heads = ["instrument", "size", "cost, %", *SHOWN.values(), "alignment, stability per % of capability"]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in folder.table("sizes").itertuples():
        mine = effects.loc[row.instrument]
        cells = [
            f"{_figure(r['median'])} [{_figure(r['low'])}, {_figure(r['high'])}]"
            for _, r in mine.loc[[*SHOWN]].iterrows()
        ]
        per = ", ".join(_figure(mine.loc[outcome, "per_cost"]) for outcome in ("alignment", "stability"))
        cost = f"{row.cost:.2f}{'' if row.absorbs else '*'}"
        yield f"| {row.title.lower()} | {row.size:.3g} | {cost} | {' | '.join(cells)} | {per} |"
    yield ""


def _ranks(folder: Folder) -> Iterator[str]:
    titles = folder.table("sizes").set_index("instrument")["title"].str.lower().to_dict()
    ranking = folder.table("ranking").sort_values("first_of_all", ascending=False)
    prices = folder.table("break_even").set_index(["outcome", "instrument"])
    for outcome in RANKED:
        for row in ranking[ranking["outcome"] == outcome].itertuples():
            if max(row.first_of_all, row.first_by_median) < NEVER:
                continue
            words = "| | |"
            if row.instrument in titles:
                price = prices.loc[(outcome, row.instrument)]
                even = price["note"].partition(":")[0] or f"{price['break_even_price']:.3g}"
                words = f"| {price['central_price']:g} | {even} | {titles[price['rival']]}"
            title = titles.get(row.instrument, row.instrument)
            yield (
                f"| {folder.record['hub']} | {outcome.replace('_', ' ')} | {title} | {row.first_by_median:.2f} | "
                f"{row.first_of_all:.2f} {words} |"
            )


def _figure(value: float) -> str:
    return "0" if abs(value) < SMALL else f"{value:+.2g}"


if __name__ == "__main__":
    main(sys.argv[1:])
