"""The depth of bodies: figures worked out by hand, the line that rescales, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orrery.base.errors import DataError
from orrery.data.body_depth import (
    CARRY_FORWARD,
    TREATY_TEXT,
    body_depths,
    fit_rescaling,
    load_depths,
    measure_depths,
)
from orrery.data.body_links import PROVISIONS, AgreementLink, AuthorityLink, BodyLinks, body_links
from orrery.data.panel import Status


class Tables:
    """Three organisations of three years, and five agreements: of these one is not coded."""

    def __init__(self) -> None:
        years = [2017, 2018, 2019]
        self.tables = {
            "igo_authority": pd.DataFrame(
                {
                    "code": np.repeat([1, 2, 3], 3),
                    "body": [*["ONE"] * 3, *["TWO"] * 3, *[None] * 3],
                    "year": years * 3,
                    "pooling": [0.0, 0.1, 0.2, 0.4, 0.4, 0.4, 0.6, 0.6, 0.6],
                    "delegation": [0.2, 0.3, 0.4, 0.6, 0.6, 0.6, 0.4, 0.4, 0.4],
                }
            ),
            "trade_agreements": pd.DataFrame(
                {
                    "agreement": ["11", "12", "13", "14", "15"],
                    "name": ["first", "second", "third", "fourth", "fifth"],
                    "depth_index": [0.0, 3.5, 7.0, 7.0, np.nan],
                }
            ),
        }

    def read(self, table: str) -> pd.DataFrame:
        return self.tables[table].copy()


def compared(number: int, agreement: str, name: str) -> AgreementLink:
    return AgreementLink(number, "", agreement, name, None, None, "test")


LINKS = BodyLinks(
    (AuthorityLink("ALPHA", 1, "ONE", 2018, None, "test"), AuthorityLink("BETA", 3, "", None, 2018, "test")),
    (compared(1, "11", "first"), compared(2, "12", "second"), compared(3, "13", "third")),
    (
        AgreementLink(None, "GAMMA", "14", "fourth", 2019, 2020, "test"),
        AgreementLink(None, "DELTA", "15", "fifth", 2020, None, "test"),
    ),
    {"DELTA": frozenset({"tariffs", "services"})},
)


def test_depth_is_the_mean_of_pooling_and_delegation_in_the_years_of_the_link():
    rows, _ = measure_depths(Tables(), 2021, LINKS)
    recorded = rows[rows["source"] == "mia"]
    assert recorded["code"].tolist() == ["ALPHA", "ALPHA", "BETA", "BETA"]
    assert recorded["year"].tolist() == [2018, 2019, 2017, 2018]
    np.testing.assert_allclose(recorded["depth"], [0.2, 0.3, 0.5, 0.5])
    assert (recorded["status"] == Status.OBSERVED).all()


def test_agreements_are_rescaled_by_the_line_through_those_with_both():
    """Last recorded depths 0.3, 0.5, 0.5 at 0, 1/2 and 1: by hand a = 1/3, b = 1/5."""
    rows, line = measure_depths(Tables(), 2021, LINKS)
    assert (line.intercept, line.slope) == pytest.approx((1 / 3, 1 / 5))
    assert line.correlation == pytest.approx(np.sqrt(3) / 2)
    assert line.residual_sd == pytest.approx(1 / np.sqrt(150))  # what is left: -1/30, 1/15, -1/30
    estimated = rows[rows["status"] == Status.ESTIMATED].set_index(["code", "year"])
    assert sorted(estimated.index) == [("DELTA", 2020), ("DELTA", 2021), ("GAMMA", 2019), ("GAMMA", 2020)]
    assert estimated.loc[("GAMMA", 2019), "depth"] == pytest.approx(8 / 15)
    assert estimated.loc[("DELTA", 2021), "depth"] == pytest.approx(1 / 3 + 2 / 35)
    assert estimated.loc[("DELTA", 2021), "source"] == TREATY_TEXT


organisations = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=3, max_size=30)


@given(organisations)
def test_fitted_and_recorded_depths_have_the_same_mean(held):
    recorded, index = np.array([depth for depth, _ in held]), np.array([float(number) for _, number in held])
    assume(np.ptp(recorded) > 1e-6 and np.ptp(index) > 0)
    line = fit_rescaling(recorded, index)
    fitted = line.intercept + line.slope * index / len(PROVISIONS)
    assert fitted.mean() == pytest.approx(recorded.mean(), abs=1e-9)
    assert all(0 <= line.depth(number) <= 1 for number in range(len(PROVISIONS) + 1))


def test_a_line_through_equal_agreements_is_refused():
    with pytest.raises(DataError, match="three or more that differ"):
        fit_rescaling(np.array([0.1, 0.2, 0.3]), np.array([2.0, 2.0, 2.0]))
    with pytest.raises(DataError, match="2 organisations came"):
        fit_rescaling(np.array([0.1, 0.2]), np.array([2.0, 3.0]))


WRONG = {
    "another name in MIA": (
        replace(LINKS, authority=(AuthorityLink("ALPHA", 1, "UNO", None, None, "test"),)),
        "should be 'UNO' and is \\['ONE'\\]",
    ),
    "another name in DESTA": (
        replace(LINKS, agreements=(AgreementLink(None, "GAMMA", "14", "quarter", 2019, None, "test"),)),
        "should be 'quarter' and is 'fourth'",
    ),
    "no such agreement": (
        replace(LINKS, agreements=(AgreementLink(None, "GAMMA", "99", "fourth", 2019, None, "test"),)),
        "is 'not there'",
    ),
    "not coded": (replace(LINKS, provisions={}), "not coded, and has no provisions"),
    "coded now": (
        replace(LINKS, provisions={**LINKS.provisions, "GAMMA": frozenset({"tariffs"})}),
        "coded now, and has provisions of our own",
    ),
    "two depths in a year": (
        replace(LINKS, authority=(*LINKS.authority, AuthorityLink("ALPHA", 2, "TWO", 2019, None, "test"))),
        "ALPHA has two depths in 2019",
    ),
    "compared without a record": (
        replace(LINKS, compared=(compared(9, "11", "first"), *LINKS.compared[1:])),
        "MIA number 9 with agreement 11 has no record of authority",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_links_that_do_not_hold_are_refused(case):
    links, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        measure_depths(Tables(), 2021, links)


def test_the_record_is_carried_forward_within_its_limit_and_marked_so():
    observed, later = body_depths(2019), body_depths(2019 + CARRY_FORWARD)
    assert observed["NATO"].status == Status.OBSERVED
    assert later["NATO"].status == Status.CARRIED_FORWARD
    assert later["NATO"].depth == observed["NATO"].depth
    assert later["CEFTA"].status == Status.ESTIMATED


def test_a_body_that_ended_or_has_not_begun_has_no_depth():
    assert "OAU" in body_depths(2002)
    assert "OAU" not in body_depths(2003)
    assert "NAFTA" in body_depths(2020)
    assert "NAFTA" not in body_depths(2021)
    assert "CSCE" not in body_depths(1995)
    assert "RCEP" not in body_depths(2021)
    assert body_depths(2022)["RCEP"].source == TREATY_TEXT


def test_known_depths():
    """Worked out by hand from the producers' figures for 2019: (0.268333 + 0.651996) / 2 for the European Union."""
    depths = body_depths(2019)
    assert depths["EU"].depth == pytest.approx((0.268333 + 0.651996) / 2, abs=1e-6)
    assert depths["NATO"].depth == pytest.approx((0.075625 + 0.135370) / 2, abs=1e-6)
    assert depths["WTO"].depth == pytest.approx((0.551667 + 0.441138) / 2, abs=1e-6)
    assert depths["EAEU"].depth == depths["CPTPP"].depth > depths["CEFTA"].depth


def test_every_code_is_a_body_of_the_catalogue_that_is_in_being():
    from orrery.institutions.catalogue import load_bodies

    bodies = load_bodies()
    links = body_links()
    codes = {link.code for link in (*links.authority, *links.agreements)}
    assert codes | set(links.provisions) <= set(bodies)
    rows = load_depths().rows
    for code, years in rows.groupby("code")["year"]:
        last = bodies[code].ended
        assert years.min() >= bodies[code].founded.year, code
        assert last is None or years.max() <= last.year, code


def test_a_year_outside_the_baseline_and_a_folder_without_depths_are_refused(tmp_path):
    with pytest.raises(DataError, match="1989 came; the baseline holds 1990-2025"):
        body_depths(1989)
    with pytest.raises(DataError, match=r"holds no provenance\.json"):
        body_depths(2000, tmp_path)


def test_the_shipped_depths_are_what_the_files_give(official_tables):
    rows, line = measure_depths(official_tables, 2025)
    kept = rows[rows["year"].between(1990, 2025)].reset_index(drop=True)
    shipped = load_depths()
    pd.testing.assert_frame_equal(shipped.rows, kept, check_dtype=False)
    assert shipped.provenance["rescaling"]["slope"] == pytest.approx(line.slope, abs=1e-4)
    assert line.organisations == 24
