"""Similarity of profiles: axioms, a slow and plain oracle, limits, the store's tables, bad input."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import kendalltau

from orrery.base.errors import CountryCodeError, MeasureError
from orrery.data.treaties import TreatyRecord
from orrery.measure.similarity import (
    DISTANCES,
    INDICES,
    MEMBERSHIP_LEVELS,
    TREATY_LEVELS,
    VOTE_LEVELS,
    Profiles,
    Undefined,
    alliance_profiles,
    membership_profiles,
    similarity,
    treaty_profiles,
    vote_profiles,
    vote_profiles_by_year,
)

VARIANTS = [(index, distance) for index, entry in INDICES.items() for distance in entry.distances]
every_variant = pytest.mark.parametrize(("index", "distance"), VARIANTS, ids=["-".join(names) for names in VARIANTS])
few = settings(max_examples=25, deadline=None)


def profiles_of(codes, n_levels=3, weights=None, year=2000, countries=None) -> Profiles:
    codes = np.asarray(codes, np.int8)
    names = countries or tuple("ABCDEFGH"[: len(codes)])
    items = tuple(f"item {number}" for number in range(codes.shape[1]))
    weights = None if weights is None else np.asarray(weights, float)
    return Profiles(year, names, items, tuple(f"level {level}" for level in range(n_levels)), codes, weights)


@st.composite
def parts(draw, n_levels=None, *, missing=True, weighted=True, least_items=1):
    """What `profiles_of` needs: the typed class itself is built outside the strategy."""
    levels = draw(st.integers(2, 4)) if n_levels is None else n_levels
    shape = draw(st.integers(2, 5)), draw(st.integers(least_items, 8))
    codes = draw(hnp.arrays(np.int8, shape, elements=st.integers(-1 if missing else 0, levels - 1)))
    weights = hnp.arrays(float, shape[1], elements=st.sampled_from([0.0, 0.25, 1.0, 3.0]))
    return codes, levels, draw(st.none() | weights) if weighted else None


def measured(profiles, index, distance=None):
    return similarity(profiles, index, distance=distance).values[0]


def same(one, other):
    return np.testing.assert_allclose(one, other, rtol=0, atol=1e-10)


# --- Axioms ---


@every_variant
@few
@given(data=st.data())
def test_bounds_symmetry_and_likeness_with_itself(index, distance, data):
    values = measured(profiles_of(*data.draw(parts(INDICES[index].n_levels))), index, distance)
    known = values[~np.isnan(values)]
    low, high = INDICES[index].bounds
    assert ((known >= low - 1e-12) & (known <= high + 1e-12)).all()
    same(values, values.T)
    own = np.diag(values)
    same(own[~np.isnan(own)], 1)


@every_variant
@few
@given(data=st.data())
def test_names_and_direction_of_the_scale_do_not_matter(index, distance, data):
    given_profiles = profiles_of(*data.draw(parts(INDICES[index].n_levels)))
    codes, weights = given_profiles.codes, given_profiles.weights
    n_levels, values = len(given_profiles.levels), measured(given_profiles, index, distance)
    reversed_codes = np.where(codes == -1, -1, n_levels - 1 - codes)
    same(measured(profiles_of(reversed_codes, n_levels, weights), index, distance), values)
    items = np.array(data.draw(st.permutations(range(codes.shape[1]))))
    shuffled = profiles_of(codes[:, items], n_levels, None if weights is None else weights[items])
    same(measured(shuffled, index, distance), values)
    rows = np.array(data.draw(st.permutations(range(len(codes)))))
    same(measured(profiles_of(codes[rows], n_levels, weights), index, distance), values[np.ix_(rows, rows)])


@every_variant
@few
@given(data=st.data(), times=st.integers(2, 4))
def test_items_asked_several_times_over_change_nothing(index, distance, data, times):
    once = profiles_of(*data.draw(parts(INDICES[index].n_levels, weighted=False)))
    values = measured(once, index, distance)
    n_levels = len(once.levels)
    same(measured(profiles_of(np.tile(once.codes, (1, times)), n_levels), index, distance), values)
    same(measured(replace(once, weights=np.full(len(once.items), times / 3)), index, distance), values)


@every_variant
@few
@given(data=st.data())
def test_a_whole_weight_is_that_many_items(index, distance, data):
    once = profiles_of(*data.draw(parts(INDICES[index].n_levels, weighted=False)))
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(once.items), max_size=len(once.items))))
    weighted = replace(once, weights=times.astype(float))
    repeated = profiles_of(np.repeat(once.codes, times, axis=1), len(once.levels))
    same(measured(weighted, index, distance), measured(repeated, index, distance))


@few
@given(parts())
def test_pi_is_never_above_kappa(drawn):
    profiles = profiles_of(*drawn)
    for distance in DISTANCES:
        kappa, pi = measured(profiles, "kappa", distance), measured(profiles, "pi", distance)
        both = ~np.isnan(kappa) & ~np.isnan(pi)
        assert (pi[both] <= kappa[both] + 1e-12).all()


@few
@given(parts(3))
def test_lijphart_is_s_on_the_scale_from_0_to_1(drawn):
    votes = profiles_of(*drawn)
    same(measured(votes, "lijphart"), (1 + measured(votes, "s")) / 2)


@few
@given(parts(2))
def test_with_two_levels_every_distance_is_the_same(drawn):
    profiles = profiles_of(*drawn)
    for index in ("kappa", "pi"):
        for distance in DISTANCES:
            same(measured(profiles, index, distance), measured(profiles, index))


# --- Oracle: one pair, one item at a time, straight from the definitions ---

GAPS = {
    "nominal": lambda x, y: float(x != y),
    "absolute": lambda x, y: abs(x - y),
    "squared": lambda x, y: (x - y) ** 2,
}


def slowly(first, second, weights, n_levels, index, distance):
    kept = [(int(x), int(y), w) for x, y, w in zip(first, second, weights, strict=True) if x >= 0 and y >= 0]
    total = sum(w for *_, w in kept)
    if total == 0:
        return np.nan
    gap = GAPS[distance]
    observed = sum(w * gap(x, y) for x, y, w in kept) / total
    if index in ("agreement", "lijphart"):
        return 1 - observed / gap(0, n_levels - 1)
    if index == "s":
        return 1 - 2 * observed / gap(0, n_levels - 1)
    if index == "tau_b":
        return slow_tau_b(kept)
    pooled = [(x, w) for x, _, w in kept] + [(y, w) for _, y, w in kept]
    ones, others = (pooled, pooled) if index == "pi" else (pooled[: len(kept)], pooled[len(kept) :])
    expected = sum(v * w * gap(x, y) for (x, v), (y, w) in product(ones, others))
    expected /= sum(w for _, w in ones) * sum(w for _, w in others)
    return 1 - observed / expected if expected > 0 else np.nan


def slow_tau_b(kept):
    surplus = by_first = by_second = 0.0
    for (x, y, v), (a, b, w) in product(kept, kept):
        surplus += v * w * np.sign(x - a) * np.sign(y - b)
        by_first += v * w * (x != a)
        by_second += v * w * (y != b)
    return surplus / np.sqrt(by_first * by_second) if by_first * by_second > 0 else np.nan


@every_variant
@few
@given(data=st.data())
def test_all_pairs_at_once_are_each_pair_alone(index, distance, data):
    profiles = profiles_of(*data.draw(parts(INDICES[index].n_levels)))
    weights = np.ones(len(profiles.items)) if profiles.weights is None else profiles.weights
    n_levels, codes = len(profiles.levels), profiles.codes
    expected = [[slowly(one, other, weights, n_levels, index, distance) for other in codes] for one in codes]
    compared = similarity(profiles, index, distance=distance)
    same(compared.values[0], expected)
    overlap = [[((one >= 0) & (other >= 0)).sum() for other in codes] for one in codes]
    assert compared.n_items[0].tolist() == overlap


@few
@given(parts(missing=False, weighted=False, least_items=2))
def test_tau_b_is_that_of_another_implementation(drawn):
    profiles = profiles_of(*drawn)
    values = measured(profiles, "tau_b")
    for one, other in product(range(len(profiles.codes)), repeat=2):
        same(values[one, other], kendalltau(profiles.codes[one], profiles.codes[other], variant="b").statistic)


# --- Values by hand, and limits ---


def test_values_by_hand():
    votes = profiles_of([[0, 0, 1, 2], [0, 1, 1, 0]])
    assert similarity(votes, "lijphart").between("A", "B") == pytest.approx((2 + 1 / 2) / 4)
    assert similarity(votes, "agreement").between("A", "B") == pytest.approx(2 / 4)
    assert similarity(votes, "s").between("A", "B") == pytest.approx(1 - 2 * 3 / (4 * 2))
    assert similarity(votes, "s", distance="squared").between("A", "B") == pytest.approx(1 - 2 * 5 / (4 * 4))
    # By chance (1/2, 1/4, 1/4) meets (1/2, 1/2, 0): one step in 1/4 + 1/8 + 1/8 of items, two steps in 1/8.
    assert similarity(votes, "kappa").between("A", "B") == pytest.approx(1 - (5 / 4) / (1 / 2 + 4 / 8))


@pytest.mark.parametrize("index", ["s", "kappa", "pi", "tau_b"])
def test_opposites_are_at_the_lower_bound(index):
    assert similarity(profiles_of([[0, 2, 0, 2], [2, 0, 2, 0]]), index).between("A", "B") == pytest.approx(-1)


def test_association_is_not_likeness():
    shifted = profiles_of([[0, 1, 0, 1], [1, 2, 1, 2]])
    assert similarity(shifted, "tau_b").between("A", "B") == pytest.approx(1)
    assert similarity(shifted, "kappa").between("A", "B") < 0.5


def test_absent_ties_make_s_large_and_leave_kappa_at_chance():
    nothing_in_common = np.zeros((2, 100), np.int8)
    nothing_in_common[0, :5], nothing_in_common[1, 5:10] = 2, 2
    profiles = profiles_of(nothing_in_common)
    assert similarity(profiles, "s").between("A", "B") == pytest.approx(0.8)
    assert similarity(profiles, "kappa").between("A", "B") == pytest.approx(-1 / 19)


@every_variant
def test_no_common_item_is_nan_with_the_reason_and_never_0(index, distance):
    compared = similarity(profiles_of([[0, 2, -1, -1], [-1, -1, 2, 0]]), index, distance=distance)
    assert np.isnan(compared.between("A", "B"))
    assert compared.n_items[0, 0, 1] == 0
    assert compared.reason[0, 0, 1] == Undefined.NO_COMMON_ITEM
    assert compared.reason[0, 0, 0] == Undefined.DEFINED


@pytest.mark.parametrize(("index", "undefined"), [("kappa", True), ("pi", True), ("tau_b", True), ("s", False)])
def test_profiles_that_do_not_vary(index, undefined):
    compared = similarity(profiles_of([[1, 1, 1], [1, 1, 1]]), index)
    assert np.isnan(compared.values).all() == undefined
    assert (compared.reason == (Undefined.NO_VARIATION if undefined else Undefined.DEFINED)).all()
    assert (compared.n_items == 3).all()
    words = "positions do not vary enough for the index to be defined" if undefined else ""
    assert compared.to_frame()["reason"].tolist() == [words]


def test_items_without_weight_leave_nothing_to_compare():
    compared = similarity(profiles_of([[0, 1, 2], [0, 1, -1]], weights=[0, 0, 1]))
    assert np.isnan(compared.between("A", "B"))
    assert compared.n_items[0, 0, 1] == 2
    assert compared.reason[0, 0, 1] == Undefined.NO_COMMON_ITEM


# --- Years, poles, labels ---


def two_years():
    early = profiles_of([[0, 1, 2], [0, 2, 2]], year=1990, countries=("USA", "RUS"))
    late = profiles_of([[0, 1, 2, 0], [1, 1, 2, 0], [2, 1, 0, 0]], year=1991, countries=("FRA", "USA", "DEU"))
    return early, late


def test_years_together_are_years_alone():
    early, late = two_years()
    together = similarity((late, early), "s")
    assert together.years == (1990, 1991)
    assert together.countries == ("DEU", "FRA", "RUS", "USA")
    for one in (early, late):
        alone, rows = similarity(one, "s"), [together.countries.index(code) for code in sorted(one.countries)]
        same(together.of_year(one.year)[np.ix_(rows, rows)], alone.values[0])
    assert np.isnan(together.between("RUS", "USA")).tolist() == [False, True]
    assert together.reason[1, 2, 2] == Undefined.NO_COMMON_ITEM


def test_frame_and_arrays_carry_the_same_values():
    compared = similarity(two_years())
    frame = compared.to_frame()
    assert frame[["year", "country", "partner"]].to_numpy().tolist() == [
        [1990, "RUS", "USA"],
        [1991, "DEU", "FRA"],
        [1991, "DEU", "USA"],
        [1991, "FRA", "USA"],
    ]
    arrays = compared.to_xarray()
    assert arrays.attrs["index"] == "kappa"
    assert arrays.attrs["distance"] == "squared"
    for row in frame.itertuples():
        cell = arrays.sel(year=row.year, country=row.partner, partner=row.country)
        assert float(cell["similarity"]) == pytest.approx(row.similarity)
        assert int(cell["n_items"]) == row.n_items


def test_poles_are_countries_or_the_mean_over_the_members_of_a_group():
    compared = similarity(two_years(), "s")
    values = compared.with_poles(("USA", "EU"))
    germany, france, russia, america = range(4)
    assert values[0, russia, 0] == compared.between("RUS", "USA")[0]
    assert np.isnan(values[:, america, 0]).all()
    assert np.isnan(values[0, :, 1]).all()
    late = compared.of_year(1991)
    assert values[1, america, 1] == pytest.approx((late[america, germany] + late[america, france]) / 2)
    assert values[1, germany, 1] == pytest.approx(late[germany, france])


def test_every_index_says_what_it_is():
    for entry in INDICES.values():
        assert re.search(r"\w+ (19|20)\d\d, (doi:10\.|[A-Z])", entry.source)
        assert entry.advice.endswith(".")
        assert set(entry.distances) <= set(DISTANCES)


# --- From the store's tables ---

ROLL_CALLS = pd.DataFrame({"rcid": ["r1", "r2", "r3"], "year": pd.array([1990, 1991, 1991], "Int64")})
VOTES = pd.DataFrame(
    [
        ("r1", "FRA", "yes"),
        ("r1", "USA", "no"),
        ("r2", "FRA", "abstain"),
        ("r2", "USA", "absent"),
        ("r2", "DEU", "yes"),
        ("r3", "FRA", "no"),
        ("r3", "USA", "no"),
        ("r3", "DDR", "nonmember"),
    ],
    columns=["rcid", "iso3", "vote"],
)


@pytest.mark.parametrize("kind", ["str", "category"])
def test_votes_become_profiles(kind):
    votes = VOTES.astype({"vote": kind})
    early, late = vote_profiles_by_year(votes, ROLL_CALLS)
    assert VOTE_LEVELS == ("yes", "abstain", "no")
    assert (early.year, early.countries, early.items) == (1990, ("FRA", "USA"), ("r1",))
    assert early.codes.tolist() == [[0], [2]]
    assert (late.year, late.countries, late.items) == (1991, ("DEU", "FRA", "USA"), ("r2", "r3"))
    assert late.codes.tolist() == [[0, -1], [1, 2], [-1, 2]]
    alone = vote_profiles(votes, ROLL_CALLS, 1991)
    assert alone.countries == late.countries
    assert (alone.codes == late.codes).all()


def alliance(one, other, year=1990, **duties):
    none = dict.fromkeys(("defense", "offense", "neutrality", "nonaggression", "consultation"), False)
    return {"iso3": one, "partner": other, "year": year, **none, **duties}


def test_alliances_become_profiles():
    table = pd.DataFrame(
        [
            alliance("FRA", "DEU", consultation=True, defense=True),
            alliance("DEU", "FRA", consultation=True),
            alliance("FRA", "POL", nonaggression=True, consultation=True),
            alliance("FRA", "ITA", year=1991, offense=True),
        ]
    )
    profiles = alliance_profiles(table, 1990)
    level = pd.DataFrame(profiles.codes, profiles.countries, profiles.items)
    assert level.at["FRA", "DEU"] == 3
    assert level.at["DEU", "FRA"] == 1
    assert level.at["FRA", "POL"] == 2
    assert level.at["POL", "FRA"] == level.at["FRA", "ITA"] == 0
    assert level.at["BRA", "BRA"] == 3
    assert profiles.codes.sum() == 6 + 3 * len(profiles.countries)


def memberships():
    held = [("X", "FRA", "full"), ("X", "DEU", "observer"), ("Y", "DEU", "associate"), ("Z", "FRA", "full")]
    table = pd.DataFrame([(*row[:2], 1990, row[2]) for row in held], columns=["body", "iso3", "year", "status"])
    bodies = pd.DataFrame({"body": ["X", "Y", "Z"], "year": 1990, "not_known": pd.array([0, 0, 4], "Int64")})
    return table, bodies


def test_memberships_become_profiles_without_organisations_of_unknown_membership():
    table, bodies = memberships()
    profiles = membership_profiles(table, bodies, 1990)
    assert (profiles.countries, profiles.items, profiles.levels) == (("DEU", "FRA"), ("X", "Y"), MEMBERSHIP_LEVELS)
    assert profiles.codes.tolist() == [[1, 2], [3, 0]]
    assert membership_profiles(table, bodies, 1990, full_only=True).codes.tolist() == [[0, 0], [1, 0]]


def treaties(last_year=2025) -> TreatyRecord:
    acts = pd.DataFrame(
        [
            ("first", "FRA", "signature", 1989),
            ("first", "DEU", "ratification", 1990),
            ("second", "DEU", "accession", 1989),
            ("second", "DEU", "withdrawal", 1991),
            ("second", "MEX", "accession", None),
        ],
        columns=["treaty", "iso3", "action", "year"],
    ).astype({"year": "Int64"})
    acts["date"] = pd.Series(pd.NaT, acts.index, "datetime64[us]")
    listed = pd.DataFrame({"treaty": ["first", "second", "third"], "concluded": pd.array([1988, 1988, 1995], "Int64")})
    return TreatyRecord(listed.assign(ended=pd.array([None] * 3, "Int64")), acts, last_year)


def test_treaties_become_profiles_of_those_that_exist():
    profiles = treaty_profiles(treaties(), 1990)
    level = pd.DataFrame(profiles.codes, profiles.countries, profiles.items)
    assert (profiles.items, profiles.levels) == (("first", "second"), TREATY_LEVELS)
    assert level.loc["FRA"].tolist() == [1, 0]
    assert level.loc["DEU"].tolist() == [2, 2]
    assert level.loc["MEX"].tolist() == [0, -1]  # nobody knows when it acceded
    assert "CSK" not in profiles.countries
    later = treaty_profiles(treaties(), 1991)
    assert later.codes[later.countries.index("DEU")].tolist() == [2, 0]
    parties = treaty_profiles(treaties(), 1990, parties_only=True)
    assert parties.codes[[parties.countries.index(iso3) for iso3 in ("FRA", "DEU", "MEX")]].tolist() == [
        [0, 0],
        [1, 1],
        [0, -1],
    ]


@every_variant
def test_treaty_profiles_go_with_every_index(index, distance):
    profiles = treaty_profiles(treaties(), 1990)
    alike = similarity([profiles], index, distance=distance)
    assert alike.values.shape == (1, len(profiles.countries), len(profiles.countries))
    mexico, france = (profiles.countries.index(iso3) for iso3 in ("MEX", "FRA"))
    assert alike.n_items[0, mexico, france] == 1


def test_the_whole_record(official_tables):
    by_year = vote_profiles_by_year(official_tables.read("votes"), official_tables.read("roll_calls"))
    assert sum(int((one.codes >= 0).sum()) for one in by_year) == 982_334
    compared = similarity(by_year)
    assert compared.years[0] == 1946
    cold_war = slice(compared.years.index(1950), compared.years.index(1985))
    assert (compared.between("USA", "RUS")[cold_war] < 0.1).all()
    assert (compared.between("NOR", "DNK") > 0.4).all()


# --- Bad input ---

GOOD = two_years()[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"countries": ("USA",)}, "shape"),
        ({"countries": ("USA", "USA")}, "twice"),
        ({"levels": ("only",)}, "at least two"),
        ({"levels": ("no", "yes")}, "0 to 1"),
        ({"codes": np.full((2, 3), -2, np.int8)}, "-1 for no position"),
        ({"weights": np.ones(2)}, "one for each"),
        ({"weights": np.array([1, -1, 1.0])}, "finite number from 0"),
        ({"weights": np.array([1, np.nan, 1.0])}, "item 'item 1'"),
    ],
)
def test_profiles_that_do_not_fit_are_refused(change, words):
    with pytest.raises(MeasureError, match=words):
        replace(GOOD, **change)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: similarity(GOOD, "cosine"), "allowed is kappa"),
        (lambda: similarity(GOOD, "agreement", distance="squared"), "allows nominal"),
        (lambda: similarity(()), "none came"),
        (lambda: similarity((GOOD, GOOD)), "1990 came twice"),
        (lambda: similarity(replace(GOOD, levels=tuple("abcd")), "lijphart"), "defined for 3 levels"),
        (lambda: similarity(GOOD).of_year(1800), "compared were 1990"),
        (lambda: GOOD.weighted({"item 0": 1.0}), "item 1, item 2"),
        (lambda: vote_profiles(VOTES, ROLL_CALLS, 1800), "years 1990 to 1991"),
        (lambda: vote_profiles(VOTES[:2], ROLL_CALLS, 1991), "no vote on the 2 roll calls of 1991"),
        (lambda: vote_profiles(VOTES.drop(columns="vote"), ROLL_CALLS, 1990), "lacks the columns vote"),
        (lambda: vote_profiles_by_year(VOTES.replace("absent", "maybe"), ROLL_CALLS), "'maybe'"),
        (lambda: vote_profiles_by_year(pd.concat([VOTES, VOTES]), ROLL_CALLS), "'FRA' twice in rcid 'r1'"),
        (lambda: vote_profiles_by_year(VOTES, pd.concat([ROLL_CALLS, ROLL_CALLS])), "'r1' twice"),
        (lambda: vote_profiles_by_year(VOTES, ROLL_CALLS.assign(year=pd.NA)), "without a year"),
        (lambda: alliance_profiles(pd.DataFrame([alliance("FRA", "DEU")]), 2030), "years 1990 to 1990"),
        (lambda: treaty_profiles(treaties(), 1980), "none of the 3 treaties of `record` exists then"),
        (lambda: membership_profiles(*memberships(), 2030), "`igo_bodies` has the years 1990"),
        (lambda: membership_profiles(memberships()[0].replace("full", "half"), memberships()[1], 1990), "'half'"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_is_allowed(call, words):
    with pytest.raises(MeasureError, match=words):
        call()


def test_an_unknown_country_is_refused():
    with pytest.raises(CountryCodeError, match="'XYZ' came"):
        similarity(GOOD).between("USA", "XYZ")
