"""The mechanisms that writers on multilateralism describe come out as consequences, each beside a negative control."""

from __future__ import annotations

import doctest
import re
import runpy
from pathlib import Path

import equinox as eqx
import jax
import numpy as np
import pandas as pd
import pytest

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import load_case
from orrery.negotiation.compliance.participation import identical
from orrery.negotiation.compliance.stable_sets import stable_sizes
from orrery.negotiation.design.merits import RISKS
from orrery.negotiation.mechanisms.caucuses import by_chance, by_line
from orrery.negotiation.mechanisms.exclusion import by_exclusion
from orrery.negotiation.mechanisms.hold_out import by_package
from orrery.negotiation.mechanisms.size import by_size, quota_of
from orrery.negotiation.mechanisms.venues import by_urgency_and_scope
from orrery.negotiation.mechanisms.vetoes import by_veto

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "mechanisms.md"
SIZES = (3, 15, 60)
UKRAINE = load_case("UKRAINE-TRILATERAL-2014")


@pytest.fixture(scope="module")
def belarus() -> pd.DataFrame:
    return by_package(jax.random.key(0), load_case("EU-BELARUS-2020"), "CYP").set_index("arrangement")


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 25
    assert found.failed == 0


def test_every_figure_exists_and_each_has_one_that_draws_it():
    shown = re.findall(r"\]\(figures/(\w+)\.png\)", DOCUMENT.read_text("utf-8"))
    drawn = runpy.run_path(str(ROOT / "tools" / "build_mechanism_figures.py"))["FIGURES"]
    assert sorted(shown) == sorted(drawn)
    for name in shown:
        assert (ROOT / "docs" / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_more_parties_are_slower_and_shallower_by_unanimity_and_not_by_a_share_of_them():
    found = by_size(jax.random.key(7), SIZES).set_index("rule")
    unanimity, majority = found.loc["unanimity"], found.loc["majority"]
    assert (np.diff(unanimity["deadlock"]) > 0.1).all()
    assert (np.diff(unanimity["depth"]) < -0.05).all()
    assert (np.diff(unanimity["speed"]) < 0).all()
    for rule in ("majority", "65 % of parties"):
        by_share = found.loc[rule]
        assert (np.diff(by_share["deadlock"]) <= 0.01).all()
        assert (np.diff(by_share["depth"]) > -0.03).all()
    # From fifteen to sixty, unanimity loses nearly all of its speed and a majority next to none.
    assert unanimity["speed"].iloc[2] < unanimity["speed"].iloc[1] / 3
    assert majority["speed"].iloc[2] > majority["speed"].iloc[1] * 0.75


def test_a_hold_out_over_another_matter_blocks_and_a_package_frees(belarus):
    alone, package = belarus.loc["no package"], belarus.loc["a package is possible"]
    assert alone["agreed"] < 0.3
    assert alone["packaged"] == 0
    assert package["agreed"] > 0.9
    assert package["packaged"] > 0.5
    assert alone["held_out"] == package["held_out"] == "CYP"
    assert alone["share_held_out"] > 0.7


def test_without_an_interest_in_the_other_matter_or_without_a_veto_it_does_not_hold_out(belarus):
    indifferent = belarus.loc["no package, holder indifferent to the other matter"]
    outvoted = belarus.loc["no package, 65 % of votes"]
    assert indifferent["share_held_out"] < 0.05
    assert indifferent["agreed"] > belarus.loc["no package", "agreed"] + 0.3
    assert outvoted["agreed"] == 1
    assert outvoted["depth"] > belarus.loc["a package is possible", "depth"]


@pytest.mark.parametrize("seed", range(5))
def test_a_veto_changes_nothing_exactly_where_its_holder_accepts_what_binds_already(seed):
    position = np.sort(np.random.default_rng(seed).uniform(0, 1, 15))
    found = by_veto(position, 0.6, 0.1)
    absorbed, rest = found[found["absorbed"]], found[~found["absorbed"]]
    # Nine of fifteen carry a text: the nine that like it best are those whose veto is absorbed.
    assert len(absorbed) == 9
    assert (absorbed["binding"] == absorbed["without"]).all()
    assert (rest["binding"] < rest["without"]).all()
    assert rest["depth"].max() <= absorbed["depth"].min()
    assert rest["years"].min() >= absorbed["years"].max()


def test_a_bloc_at_its_compromise_never_blocks_and_at_another_line_does_either():
    found = by_chance(jax.random.key(2), stake=0.1).set_index("line")
    own, other = found.loc["compromise"], found.loc["first member"]
    assert np.abs(own["moved"]).max() < 1e-5
    assert (own["binding"] - own["without"]).min() > -1e-5
    assert (own["outcome"] == "frees").sum() > 50
    assert set(other["outcome"]) == {"frees", "blocks", "neither"}
    assert min((other["outcome"] == outcome).sum() for outcome in ("frees", "blocks")) > 30


def test_a_bloc_against_one_blocks_by_a_line_away_from_it_and_frees_by_one_towards_it():
    away, own, towards = by_line(load_case("G8-SYRIA-2013"), 0.15, [-0.5, 0.0, 0.5]).to_dict("records")
    assert away["without"] > 0 > away["binding"]
    assert away["binding"] == pytest.approx(away["outside"])
    assert own["binding"] == pytest.approx(own["without"], abs=1e-5)
    assert towards["binding"] > towards["without"] + 0.3


def test_an_affected_party_left_out_raises_later_renegotiation_by_its_share_of_the_stakes():
    found = by_exclusion(UKRAINE, 0.15, RISKS, 10)
    at_end = found[found["year"] == 10].set_index("left_out")
    every, without = at_end.loc[""], at_end.loc["RUS"]
    assert without["renegotiated"] > every["renegotiated"]
    assert without["in_force"] < every["in_force"] - 0.1
    # The other side: without it the talks are shorter and go deeper.
    assert without["depth"] > every["depth"]
    assert without["years_of_talks"] < every["years_of_talks"]
    for _, row in at_end.iterrows():
        raised = row["renegotiation"] / every["renegotiation"]
        assert raised == pytest.approx(np.exp(RISKS.renegotiation_exclusion * row["excluded"]), rel=1e-4)


def test_exclusion_raises_no_rate_where_it_is_not_assumed_to():
    indifferent = eqx.tree_at(
        lambda risks: (risks.renegotiation_exclusion, risks.breakdown_exclusion, risks.breakdown_value),
        RISKS,
        (0.0, 0.0, 0.0),
    )
    at_end = by_exclusion(UKRAINE, 0.15, indifferent, 10).query("year == 10")
    for column in ("renegotiation", "breakdown", "in_force"):
        assert np.ptp(at_end[column]) == pytest.approx(0, abs=1e-6)


def test_few_do_better_when_it_is_urgent_and_small_and_all_when_it_is_neither():
    found = by_urgency_and_scope(jax.random.key(11), [0.5, 20.0], [0.1, 0.9]).set_index(["horizon", "scope"])
    lead = found["inclusive"] - found["club"]
    assert lead[0.5, 0.1] < -0.1
    assert lead[20.0, 0.9] > 0.1
    # Each condition alone works the same way.
    assert lead[20.0, 0.1] > lead[0.5, 0.1]
    assert lead[0.5, 0.9] > lead[0.5, 0.1]


def test_three_of_twenty_stay_in_without_enforcement_and_more_with_it():
    assert stable_sizes(identical(20)) == (3,)
    assert stable_sizes(identical(20, penalty=0.4)) == (11,)
    assert stable_sizes(identical(20, penalty=0.9)) == (20,)


def test_a_share_of_votes_is_rounded_up_and_a_half_is_passed():
    assert [quota_of(0.5, 4), quota_of(0.5, 5), quota_of(0.65, 20), quota_of(0.6, 15), quota_of(1, 7)] == [
        3,
        3,
        13,
        9,
        7,
    ]


def test_what_cannot_be_is_refused():
    key = jax.random.key(0)
    with pytest.raises(NegotiationError, match="2 parties or more"):
        by_size(key, (1, 3))
    with pytest.raises(NegotiationError, match="the parties of EU-BELARUS-2020 are"):
        by_package(key, load_case("EU-BELARUS-2020"), "USA")
    with pytest.raises(NegotiationError, match="all issues on the table"):
        by_package(key, UKRAINE, "EU")
    with pytest.raises(NegotiationError, match="takes three or more"):
        by_exclusion(UKRAINE.model_copy(update={"parties": UKRAINE.parties[:2]}), 0.1, RISKS)
    with pytest.raises(NegotiationError, match="years above 0"):
        by_urgency_and_scope(key, [0.0], [0.1])
    with pytest.raises(NegotiationError, match="shares from 0 to 1"):
        by_urgency_and_scope(key, [1.0], [1.1])
