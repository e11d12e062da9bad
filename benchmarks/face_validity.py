"""What do portfolios of twenty countries say, to be held against the public record (docs/face_validity.md)?

    python benchmarks/face_validity.py [FOLDER]

Prints the tables of the document as markdown, from the embedded baseline; with FOLDER also
draws face_validity.png in it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import orrery
from orrery.base.errors import DataError
from orrery.data.panel import Panel, Status
from orrery.measure import alignment
from orrery.report.style import option_colours

COUNTRIES = (
    *("KAZ", "UZB", "ARM", "SRB", "TUR", "IND", "VNM", "ARE", "SAU", "BRA"),
    *("ZAF", "EGY", "IDN", "HUN", "GEO", "UKR", "BLR", "ISR", "JPN", "PRK"),
)
SPAN = (1992, 2024)
YEARS = (1992, 2000, 2010, 2020, 2024)
CHANNELS = ("trade", "arms", "pacts", "membership", "votes", "composite")
INDICES = ("rival_diversity", "effective_multivectorness", "effective_vectors")
TIED = 0.005
"""Shares closer than this print alike, so both poles are named."""


def measured(panel: Panel) -> xr.Dataset:
    """Return the portfolios and indices of the twenty countries in 1992-2024, over the default poles."""
    return alignment(panel, list(COUNTRIES), SPAN).dataset


def mark(one: xr.Dataset) -> str:
    """Return what stands behind a figure: a star where it is carried forward, a circle where filled in otherwise."""
    signs = {Status.CARRIED_FORWARD: "*", Status.INTERPOLATED: "°", Status.ESTIMATED: "°"}
    return signs.get(Status(int(one.status)), "")


def largest(one: xr.Dataset) -> str:
    """Return the pole with the largest share, or those that tie, with it and the share outside all poles.

    Raises:
        DataError: The channel has ties with poles, yet no pole has a share.
    """
    shares = dict(zip(one.option.values.tolist(), one.share.values.tolist(), strict=True))
    outside = shares.pop("non-aligned")
    if np.isnan(outside):
        return "no deliveries" if str(one.channel.item()) == "arms" else "missing"
    greatest = float(np.max(list(shares.values())))
    if np.isnan(greatest):
        raise DataError(
            f"{one.country.item()} {one.year.item()}, {one.channel.item()}: the share outside all poles is "
            f"{outside:.3f}, but a pole has none. Shares are known together or not at all; rebuild the baseline."
        )
    if greatest < TIED:
        return f"none (outside {outside:.2f}){mark(one)}"
    names = ", ".join(name for name, share in shares.items() if greatest - share < TIED)
    return f"{names} {greatest:.2f} (outside {outside:.2f}){mark(one)}"


def with_interval(one: xr.Dataset, name: str) -> str:
    """Return an index with its 90 % interval where draws move it."""
    value, lower, upper = (float(one[key]) for key in (name, f"{name}_lower", f"{name}_upper"))
    return f"{value:.2f}" if np.isnan(lower) else f"{value:.2f} ({lower:.2f} to {upper:.2f})"


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def summary(dataset: xr.Dataset) -> list[str]:
    """Return the rows of the summary: one per country and year, of the composite."""
    lines = [
        row("country", "year", "non-aligned", "largest pole", "RD", "EMV", "effective vectors"),
        "|---|---|---|---|---|---|---|",
    ]
    for country in COUNTRIES:
        for year in YEARS:
            one = dataset.sel(country=country, year=year, channel="composite")
            pole = largest(one).split(" (")[0]
            outside = f"{float(one.share.sel(option='non-aligned')):.2f}{mark(one)}"
            lines.append(row(country, year, outside, pole, *(with_interval(one, name) for name in INDICES)))
    return lines


def by_channel(dataset: xr.Dataset, country: str) -> list[str]:
    """Return the rows of one country: per channel and year the largest pole and the share outside all poles."""
    lines = [row("channel", *YEARS), "|---" * (len(YEARS) + 1) + "|"]
    for channel in CHANNELS:
        cells = [largest(dataset.sel(country=country, year=year, channel=channel)) for year in YEARS]
        lines.append(row(channel, *cells))
    return lines


def picture(dataset: xr.Dataset, path: Path) -> None:
    """Draw the composite shares of every country over the years; years carried forward are hatched."""
    figure = Figure(figsize=(12, 12), layout="constrained")
    axes = figure.subplots(5, 4, sharex=True, sharey=True)
    years = dataset.year.values
    colours = option_colours(dataset.option.values.tolist())
    for axis, country in zip(axes.flat, COUNTRIES, strict=True):
        one = dataset.sel(country=country, channel="composite")
        axis.stackplot(
            years, one.share.sel(option=list(colours)).values.T, labels=colours, colors=colours.values(), lw=0
        )
        filled = years[one.status.values == Status.CARRIED_FORWARD]
        if filled.size:
            axis.axvspan(filled[0] - 0.5, years[-1], fc="none", ec="black", hatch="///", alpha=0.35, lw=0)
        axis.set(title=country, xlim=(years[0], years[-1]), ylim=(0, 1), xticks=[1995, 2005, 2015])
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=12)
    figure.supylabel("share of the composite")
    figure.suptitle("Composite portfolios, 1992-2024 (hatched: at least one channel carried forward)")
    figure.savefig(path, dpi=90)


def main(folder: Path | None) -> None:
    dataset = measured(orrery.load())
    print("\n".join(summary(dataset)))
    for country in COUNTRIES:
        print(f"\n{country}\n")
        print("\n".join(by_channel(dataset, country)))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        picture(dataset, folder / "face_validity.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
