"""Strategic rivalries: beginnings, ends and what goes on, against the list by Thompson & Dreyer (2011)."""

from __future__ import annotations

import numpy as np
import pytest

from orrery.data.countries import from_cow
from orrery.data.panel import panel_axes
from orrery.data.parquet import read_table
from orrery.data.variables import rivalry

YEARS = range(1985, 2026)


@pytest.fixture(scope="module")
def axes():
    return panel_axes(YEARS)


@pytest.fixture(scope="module")
def values(official_tables, axes):
    return rivalry(official_tables, axes)


def years_of(values, axes, one: str, other: str) -> set[int]:
    row = values[:, axes.countries.index(one), axes.countries.index(other)]
    return {year for year, value in zip(axes.years, row, strict=True) if value == 1}


@pytest.mark.parametrize(
    ("one", "other", "years"),
    [
        ("IND", "PAK", range(1985, 2021)),
        ("PRK", "KOR", range(1985, 2021)),
        ("ISR", "IRN", range(1985, 2021)),
        ("USA", "RUS", [*range(1985, 1990), *range(2007, 2021)]),
        ("RUS", "CHN", range(1985, 1990)),
        ("ETH", "ERI", range(1998, 2019)),
        ("BRA", "ARG", [1985]),
        ("FRA", "DEU", []),
    ],
)
def test_known_rivalries_have_their_years(values, axes, one, other, years):
    assert years_of(values, axes, one, other) == set(years)
    assert years_of(values, axes, other, one) == set(years)


def test_nothing_is_observed_after_the_source(values, axes):
    assert np.isnan(values[axes.years.index(2021) :]).all()


def test_three_rows_with_the_number_of_another_country_are_put_right(values, axes):
    assert years_of(values, axes, "GNQ", "GAB") == set(range(1985, 2021))
    assert years_of(values, axes, "GNB", "SEN") == set(range(1989, 1994))
    assert years_of(values, axes, "MWI", "TZA") == set(range(1985, 1995))
    assert not years_of(values, axes, "MWI", "TUN")
    assert not years_of(values, axes, "GIN", "GAB")
    assert not years_of(values, axes, "GIN", "SEN")


def test_the_earlier_list_agrees_on_nearly_all_years_of_rivalry(values, axes, shared_data):
    """The later list goes on from the earlier: it adds pairs, and dates a few spells of the others anew."""
    earlier = read_table(shared_data / "conflict" / "td_rivalries.parquet").astype({"styear": int, "endyear": int})
    other = np.zeros_like(values)
    for row in earlier.itertuples():
        years = np.arange(max(row.styear, YEARS[0]), min(row.endyear, 2010) + 1)
        pair = [from_cow(np.full(len(years), int(code)), years) for code in (row.ccode1, row.ccode2)]
        for year, one, two in zip(years, *pair, strict=True):
            if one in axes.countries and two in axes.countries:
                place = axes.countries.index(one), axes.countries.index(two)
                other[(axes.years.index(year), *place)] = other[(axes.years.index(year), *place[::-1])] = 1
    shared = slice(axes.years.index(1990), axes.years.index(2010) + 1)
    ours, theirs = values[shared] == 1, other[shared] == 1
    in_both = ours.any(0) & theirs.any(0)
    assert (ours & theirs).sum() > 0.95 * theirs.sum()
    assert (ours & theirs).sum() > 0.95 * ours[:, in_both].sum()
