"""The figures of docs/alignment.md are computed anew and compared with the text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import orrery
from orrery.data.panel import Panel
from orrery.measure import alignment, decompose_change, rank_stability
from orrery.measure.portfolios.channels import CHANNELS
from orrery.measure.portfolios.family import DIRECTIONS, INDICES, OF_CHANNELS
from orrery.measure.portfolios.filled import FEWEST_ERRORS, FillingErrors, nearest_on_simplex
from orrery.measure.portfolios.poles import poles
from orrery.measure.portfolios.rivalry import VARIANTS
from orrery.measure.portfolios.stability import CHANGES
from orrery.measure.portfolios.year import year_portfolios

TEXT = (Path(__file__).parents[2] / "docs" / "alignment.md").read_text("utf-8")

HORIZONS = {"trade": (1, 3, 5), "arms": (1,), "pacts": (1, 4, 7), "membership": (1, 5, 10)}
"""Years carried forward that are held against what came, up to about the limit of each variable."""


@pytest.fixture(scope="module")
def panel() -> Panel:
    return orrery.load()


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def signed(value: float) -> str:
    """Three digits, without a sign before what rounds to nothing."""
    return f"{round(value, 3) + 0.0:.3f}"


def test_the_example_is_what_alignment_measures(panel):
    dataset = alignment(panel, "KAZ", (2000, 2020)).dataset.sel(country="KAZ", channel="composite")
    names = ("rival_diversity", "effective_vectors", "effective_multivectorness", "lean", "equidistance")
    for year in (2000, 2010, 2020):
        one = dataset.sel(year=year)
        bounds = [float(one[f"effective_multivectorness_{side}"]) for side in ("lower", "upper")]
        shares = [signed(value) for value in one.share.values]
        values = [signed(float(one[name])) for name in names]
        values[2] += f" ({signed(bounds[0])} to {signed(bounds[1])})"
        assert row(year, *shares, *values) in TEXT
        together = [signed(float(one[name])) for name in ("volatility", *OF_CHANNELS)]
        assert row(year, *together) in TEXT


def test_the_example_of_a_decomposition_is_what_it_gives(panel):
    result = decompose_change(panel, "KAZ", (2000, 2020))
    for source, value in zip(result.dataset.source.values, result.dataset.contribution.values, strict=True):
        assert row(source, signed(value)) in TEXT
    assert row("sum", signed(result.change)) in TEXT


def test_the_example_of_ranks_is_what_it_gives(panel):
    result = rank_stability(panel, 2018)
    for channel in result.dataset.channel.values:
        one = result.dataset.sel(channel=channel)
        shifts = abs(one.rank_changed - one["rank"]).mean("country")
        cells = [f"{float(shifts.sel(change=change)):.1f}" for change in CHANGES]
        assert row(channel, *cells, f"{float(one.influence):.1f}") in TEXT
    kazakh = result.dataset.sel(country="KAZ")
    assert (
        f"Kazakhstan is number {kazakh['rank'].item():.0f} of {int(result.dataset['rank'].count())}; in 90 % of the "
        f"draws it is between {kazakh.rank_lower.item():.0f} and {kazakh.rank_upper.item():.0f}"
    ) in re.sub(r"\s+", " ", TEXT)
    assert f"{result.mean_shift:.1f} places" in TEXT
    assert f"keeps its order in {100 * result.pairs_kept:.0f} %" in TEXT
    ranked = result.dataset.dropna("country", subset=["value"])
    thirds = np.ceil(3 * ranked["rank"].values / ranked.sizes["country"])
    upper, lower = (ranked.country.values[thirds == third] for third in (1, 3))
    apart = result.dataset.order_kept.sel(country=upper, partner=lower).mean()
    assert f"one from the lower third in {100 * float(apart):.0f} %" in re.sub(r"\s+", " ", TEXT)


def cover(panel: Panel, channel: str, horizon: int) -> float:
    """Return how many of the shares that came lie in the 90 % interval from the errors known when they were filled."""
    errors = FillingErrors(panel).errors(CHANNELS[channel], (horizon, None), poles())
    generator = np.random.default_rng(0)
    held = []
    for place in range(2 * horizon, len(panel.years), 3):
        past = errors[: place - horizon + 1].reshape(-1, errors.shape[-1])
        past = past[~np.isnan(past).any(-1)]
        known = ~np.isnan(errors[place]).any(-1)
        if len(past) < FEWEST_ERRORS or not known.any():
            continue
        truth = year_portfolios(panel, poles(), panel.years[place]).shares[known][..., list(CHANNELS).index(channel)]
        drawn = nearest_on_simplex((truth - errors[place, known]) + past[generator.integers(len(past), size=(200, 1))])
        lower, upper = np.quantile(drawn, [0.05, 0.95], axis=0)
        held.append((truth >= lower - 1e-6) & (truth <= upper + 1e-6))
    return float(np.concatenate(held).mean())


def test_the_errors_of_filled_cells_cover_what_the_document_says(panel):
    for channel, horizons in HORIZONS.items():
        for horizon in horizons:
            share = cover(panel, channel, horizon)
            assert row(channel, horizon, f"{share:.2f}") in TEXT, (channel, horizon, share)
            assert 0.85 < share < 0.99


def test_every_index_variant_and_weight_is_explained():
    for name in (*INDICES, *DIRECTIONS, *OF_CHANNELS, *VARIANTS):
        assert f"`{name}`" in TEXT, name
    for channel in CHANNELS.values():
        assert f"| {channel.name} | `{channel.variable}` | {'flow' if channel.flow else 'likeness'} " in TEXT
        assert f"| {channel.weight:g} | {channel.note} |" in TEXT


def test_the_calls_of_the_document_run():
    block = re.search(r"(?m)^    from orrery import load\n(?:(?:    .*)?\n)+", TEXT)
    assert block is not None
    scope: dict = {}
    exec(re.sub(r"(?m)^    ", "", block[0]), scope)
    assert len(scope["frame"]) == 2 * 21 * (len(CHANNELS) + 1)
    assert abs(scope["change"].residual) < 1e-12
