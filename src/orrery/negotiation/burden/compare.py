"""Rules of burden side by side for countries as they were in a year, from a panel.

Income is output at current prices, the panel's share of the world's; a scale of assessments proper takes gross national
income, and debt. The scale's base periods are those of the Organization: for the three years from 2022, 2017-2019 and
2014-2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from orrery.base.errors import NegotiationError
from orrery.data.countries import un_members
from orrery.data.panel import Panel
from orrery.measure.labelled import Labelled
from orrery.negotiation.burden.circumstances import Circumstances
from orrery.negotiation.burden.least_developed import least_developed
from orrery.negotiation.burden.rules import BURDEN_RULES, burden_shares, contestation, rules_for

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

INCOME, POPULATION = "capability_gdp", "capability_population"
A_SCALE_BEGAN = 1998
"""A year in which a scale of assessments began; one follows every three years."""
SCALE_YEARS = 3
BASE_LENGTHS = (3, 6)
"""Years of the two base periods; both end three years before the scale begins."""
BASE_LAG = 3


@dataclass(frozen=True)
class BurdenComparison(Labelled):
    """Shares of a burden under several rules.

    Attributes:
        year: of the figures.
        rules: keys of `BURDEN_RULES`.
        countries: ISO3 codes of those who share.
        shares: `[rule, country]`, 1 in sum for each rule.
        contestation: how far the rules disagree, 0 to 2; NaN for a single rule.
        not_in_scale: members of the United Nations without figures, which the scale is made without; none where it is
            not among the rules.
    """

    year: int
    rules: tuple[str, ...]
    countries: tuple[str, ...]
    shares: Float[np.ndarray, "rule country"]
    contestation: float
    not_in_scale: tuple[str, ...]

    def side_by_side(self) -> pd.DataFrame:
        """Return one row for each country, a column for each rule, and the `least` and `most` of them."""
        import pandas as pd

        columns = dict(zip(self.rules, self.shares, strict=True))
        bounds = {"least": self.shares.min(0), "most": self.shares.max(0)}
        return pd.DataFrame({"country": self.countries, **columns, **bounds})

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each rule and country: `year, rule, country, share`."""
        import pandas as pd

        rule, country = np.meshgrid(self.rules, self.countries, indexing="ij")
        values = {"rule": rule.ravel(), "country": country.ravel(), "share": self.shares.ravel()}
        return pd.DataFrame(values).assign(year=self.year)[["year", "rule", "country", "share"]]

    def to_xarray(self) -> xr.Dataset:
        """Return the shares by country and rule, the contestation as an attribute."""
        import xarray as xr

        coordinates = {"country": list(self.countries), "rule": list(self.rules)}
        return xr.Dataset(
            {"share": (("country", "rule"), self.shares.T)},
            coordinates,
            attrs={"year": self.year, "contestation": self.contestation},
        )


def compare_burdens(
    panel: Panel,
    countries: Sequence[str],
    year: int,
    *,
    rules: Sequence[str] | None = None,
    stake: Mapping[str, float] | None = None,
    contribution: Mapping[str, float] | None = None,
    burden: float = 0.0,
) -> BurdenComparison:
    """Return how a burden falls on countries under each rule.

    Args:
        panel: with shares of world output and population, such as the embedded baseline.
        countries: ISO3 codes of those who share the burden.
        year: of the figures.
        rules: keys of `BURDEN_RULES`; by default those for which there are figures.
        stake: what each gains or needs, for the rules `benefit` and `shapley`.
        contribution: what each has added to the problem, for the rule `responsibility`.
        burden: the total as a share of the countries' joint output, for `sacrifice`; 0 is the limit of a small one.

    Raises:
        DataError: the panel lacks the year.
        CountryCodeError: a country that the panel does not know.
        NegotiationError: nobody shares, somebody twice or without figures, an unknown rule or one whose figures did
            not come, or a number out of its range.
    """
    if not 0 <= burden < 1:
        raise NegotiationError(f"`burden`: {burden} came; it is a share of joint output, from 0 to below 1.")
    with jax.enable_x64(True):
        return _compared(panel, countries, year, rules, (stake, contribution, burden))


def _compared(
    panel: Panel,
    countries: Sequence[str],
    year: int,
    rules: Sequence[str] | None,
    given: tuple[Mapping[str, float] | None, Mapping[str, float] | None, float],
) -> BurdenComparison:
    stake, contribution, burden = given
    circumstances, axis, absent = _circumstances(panel, countries, year, stake=stake, contribution=contribution)
    circumstances = replace(circumstances, burden=burden)
    chosen = tuple(dict.fromkeys(rules)) if rules is not None else rules_for(circumstances)
    if "assessment" in chosen and circumstances.base_income is None:
        raise NegotiationError(
            f"`rules`: assessment came for {year}; its base periods are {_spans(year)}, and the panel holds "
            f"{panel.years[0]}-{panel.years[-1]}. Choose a later year or leave the rule out."
        )
    places = [axis.index(code) for code in countries]
    shares = np.asarray(burden_shares(chosen, circumstances))[:, places]
    degree = float(contestation(jnp.asarray(shares))) if len(chosen) > 1 else float("nan")
    return BurdenComparison(year, chosen, tuple(countries), shares, degree, absent if "assessment" in chosen else ())


def without_figures(panel: Panel, countries: Sequence[str], year: int) -> tuple[str, ...]:
    """Return the countries without output or population in a year, and those that the panel does not hold."""
    place = {code: number for number, code in enumerate(panel.countries)}
    known = _known(panel, (year,))
    return tuple(code for code in countries if code not in place or not known[place[code]])


def base_periods(year: int) -> tuple[tuple[int, int], ...]:
    """Return the first and last year of each base period of the scale of assessments of a year."""
    last = year - (year - A_SCALE_BEGAN) % SCALE_YEARS - BASE_LAG
    return tuple((last - length + 1, last) for length in BASE_LENGTHS)


def _spans(year: int) -> str:
    return " and ".join(f"{first}-{last}" for first, last in base_periods(year))


def _circumstances(
    panel: Panel,
    countries: Sequence[str],
    year: int,
    *,
    stake: Mapping[str, float] | None,
    contribution: Mapping[str, float] | None,
) -> tuple[Circumstances, tuple[str, ...], tuple[str, ...]]:
    """Return the circumstances, the countries on their axis, and members that the scale is made without.

    The axis holds the whole membership, since the scale looks at it; without base periods, those who share alone.
    """
    _check_countries(panel, countries, year)
    spans = [range(first, last + 1) for first, last in base_periods(year)]
    if spans[-1][0] < panel.years[0]:
        spans = []
    members = un_members(date(year, 1, 1)) if spans else ()
    known = dict(zip(panel.countries, _known(panel, sorted({*spans[0], *spans[1]} if spans else ())), strict=True))
    absent = tuple(code for code in members if not known.get(code, False))
    axis = tuple(sorted(({*members} - {*absent}) | {*countries}))
    places = [panel.country_position(code) for code in axis]

    def of(name: str, one: int) -> np.ndarray:
        return panel.values(name, year=one)[places]

    base_income, base_population = (
        jnp.asarray([np.mean([of(name, one) for one in span], 0) for span in spans]) if spans else None
        for name in (INCOME, POPULATION)
    )
    made = Circumstances(
        sharing=jnp.asarray([code in set(countries) for code in axis]),
        income=jnp.asarray(of(INCOME, year)),
        population=jnp.asarray(of(POPULATION, year)),
        least_developed=jnp.asarray(least_developed(axis, year)),
        stake=_given("stake", stake, countries, axis),
        contribution=_given("contribution", contribution, countries, axis),
        base_income=base_income,
        base_population=base_population,
    )
    return made, axis, absent


def _check_countries(panel: Panel, countries: Sequence[str], year: int) -> None:
    if not countries or len(set(countries)) < len(countries):
        raise NegotiationError(f"`countries`: {', '.join(countries) or 'none'} came; name each who shares once.")
    for code in countries:
        panel.country_position(code)
    lacking = without_figures(panel, countries, year)
    if lacking:
        raise NegotiationError(
            f"`countries`: {', '.join(lacking)} came, without output or population in {year}. Leave them out, and "
            "say so, or choose another year."
        )


def _known(panel: Panel, years: Sequence[int]) -> Bool[np.ndarray, " country"]:
    """Tell which countries have output and population in all these years."""
    figures = [panel.values(name, year=year) for name in (INCOME, POPULATION) for year in years]
    return np.asarray(~np.isnan(figures).any(0)) if figures else np.ones(len(panel.countries), bool)


def _given(
    name: str, values: Mapping[str, float] | None, countries: Sequence[str], axis: Sequence[str]
) -> Float[Array, " country"] | None:
    if values is None:
        return None
    bad = [code for code in countries if code not in values or not 0 <= values[code] < np.inf]
    if bad:
        raise NegotiationError(f"`{name}`: {', '.join(bad)} have none that is finite and 0 or more. Give one for each.")
    if not any(values[code] > 0 for code in countries):
        raise NegotiationError(f"`{name}`: 0 for every country came; it can only be shared in proportion to something.")
    return jnp.asarray([float(values[code]) if code in countries else 0.0 for code in axis])


def amounts(found: BurdenComparison, total: float) -> Float[np.ndarray, "rule country"]:
    """Return what each pays of a total, in the unit of the total.

    Raises:
        NegotiationError: the total is not finite and above 0.
    """
    if not 0 < total < np.inf:
        raise NegotiationError(f"`total`: {total} came; it is finite and above 0.")
    return found.shares * total


def rules_left_out(found: BurdenComparison) -> tuple[str, ...]:
    """Return the rules that were not compared, in the order of `BURDEN_RULES`."""
    return tuple(name for name in BURDEN_RULES if name not in found.rules)
