"""Authority of bodies: a small world worked out by hand, and the producers' files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tables_from_files import GivenTables, PublishedTables

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status
from orrery.data.variables import build_panel
from orrery.measure.authority import WEIGHTS, authority, independence


def small_tables() -> GivenTables:
    """A club of four equals and a pair led by one, known in 2000; of 2001 only the authority is known."""
    equals = {"DEU": 0.1, "FRA": 0.1, "GBR": 0.1, "ITA": 0.1, "USA": 0.6}
    capabilities = pd.DataFrame([(iso3, 2000, cinc) for iso3, cinc in equals.items()], columns=["iso3", "year", "cinc"])
    full = {"club": ("DEU", "FRA", "GBR", "ITA"), "pair": ("DEU", "USA"), "nameless": ("FRA", "GBR")}
    return GivenTables(
        capabilities=capabilities,
        igo_memberships=pd.DataFrame(
            [(body, iso3, 2000, "full") for body, members in full.items() for iso3 in members],
            columns=["body", "iso3", "year", "status"],
        ),
        igo_authority=pd.DataFrame(
            [
                (1, "club", 2000, 0.6, 0.0),
                (2, "pair", 2000, 0.2, 0.2),
                (3, None, 2000, 0.1, 0.1),
                (1, "club", 2001, 0.6, 0.3),
                (4, "new", 2001, 0.0, 0.1),
            ],
            columns=["code", "body", "year", "pooling", "delegation"],
        ),
        igo_governance=pd.DataFrame(
            {"body": ["a", "b"], "year": [2000, 2000], "weighted_voting": [True, False], "unanimity": [False, False]}
        ),
    )


@pytest.fixture(scope="module")
def small() -> tuple[Panel, GivenTables]:
    tables = small_tables()
    return build_panel(tables, years=(2000, 2002), names=("capability_cinc",)), tables


def test_independence_worked_out_by_hand():
    hierarchy, weights = np.array([0.25, 0.5, 1 / 3]), np.array([3.0, 1, 2])
    assert independence(hierarchy, weights) == 0.5
    assert independence(hierarchy, weights, 0.4) == pytest.approx(5 / 6)
    with pytest.raises(MeasureError, match="`level`: 0 came"):
        independence(hierarchy, weights, 0)
    with pytest.raises(MeasureError, match="0 or more"):
        independence(hierarchy, -weights)


@given(
    hnp.arrays(float, 5, elements=st.floats(0.01, 1)),
    hnp.arrays(float, 5, elements=st.floats(0.1, 5)),
    st.floats(0.05, 0.9),
)
def test_independence_is_a_share_and_grows_with_the_level(hierarchy, weights, level):
    value = independence(hierarchy, weights, level)
    assert 0 <= value <= independence(hierarchy, weights, level + 0.1) <= 1
    assert independence(hierarchy, 7 * weights, level) == pytest.approx(value)


def test_series_of_the_small_world(small):
    panel, tables = small
    measured = authority(panel, tables)
    frame = measured.to_frame().set_index("year")
    led = (0.1**2 + 0.6**2) / 0.7**2
    assert frame.loc[2000, "verticality: equal"] == pytest.approx((0.25 + led) / 2)
    assert frame.loc[2000, "verticality: pooling"] == pytest.approx((0.6 * 0.25 + 0.2 * led) / 0.8)
    assert frame.loc[2000, "verticality: delegation"] == pytest.approx(led)
    assert frame.loc[2000, "verticality: both"] == pytest.approx((0.3 * 0.25 + 0.2 * led) / 0.5)
    assert frame.loc[2000, [f"independence: {name}" for name in WEIGHTS]].tolist() == [0.5, pytest.approx(0.75), 0, 0.6]
    assert frame.loc[2000, ["pooling", "bodies_with_authority", "bodies_measured"]].tolist() == [
        pytest.approx(0.3),
        3,
        2,
    ]
    assert frame.loc[2001, ["authority_births", "authority_deaths"]].tolist() == [1, 2]
    assert frame.loc[2000, ["weighted_voting", "unanimity"]].tolist() == [0.5, 0]
    assert frame.loc[2001, ["verticality: equal", "independence: both", "unanimity"]].isna().all()
    assert frame.loc[2002, ["pooling", "delegation", "authority_births"]].isna().all()
    assert frame.loc[2000, "reason"] == ""
    assert frame.loc[2001, "reason"] == "no source for this year: memberships (COW), voting rules (AGG)"
    assert frame["status"].tolist() == ["observed", "observed", "missing"]


def test_what_is_not_allowed_is_refused(small):
    panel, tables = small
    with pytest.raises(MeasureError, match="holds 2000-2002"):
        authority(panel, tables, (1990, 2000))
    with pytest.raises(MeasureError, match=r"`level`: 2\.0 came"):
        authority(panel, tables, (2000, 2000), level=2.0)
    with pytest.raises(MeasureError, match="allowed is one of verticality, independence"):
        authority(panel, tables).disagreements("pooling")


def test_the_published_record(shared_data):
    tables = PublishedTables(shared_data, "mia", "agg", "cow_igo", "nmc")
    panel = build_panel(tables, names=("capability_cinc",))
    measured = authority(panel, tables)
    dataset = measured.to_xarray()
    assert dataset.delegation.sel(year=1990) == pytest.approx(0.1607, abs=1e-4)
    assert dataset.delegation.sel(year=2019) == pytest.approx(0.2386, abs=1e-4)
    assert dataset.pooling.sel(year=[1949, 2020]).isnull().all()
    assert (dataset.status.sel(year=slice(1950, 2019)) == Status.OBSERVED).all()
    assert dataset.verticality.sel(year=slice(1950, 2014)).notnull().all()
    assert dataset.verticality.sel(year=slice(2015, None)).isnull().all()
    # Weighted with authority, bodies are more level: those with most of it have many members.
    assert (dataset.verticality.sel(weight="pooling") < dataset.verticality.sel(weight="equal")).sel(year=2014)
    changes = measured.disagreements("independence").set_index("weight")["change"]
    assert changes["pooling"] > 0 > changes["delegation"]
