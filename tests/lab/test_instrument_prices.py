"""Prices of a hub's instruments: the shipped file, draws from the ranges, what is refused; and the ranking by them."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import jax
import numpy as np
import pytest

from orrery.base.errors import ScenarioError
from orrery.lab.instruments import INSTRUMENTS, Question, load_prices
from orrery.lab.instruments.curves import Curve, Reading
from orrery.lab.instruments.outcomes import OUTCOMES, WHENS
from orrery.lab.instruments.ranking import NOTHING, AtPrices, at_prices, break_even, ranking
from orrery.lab.scenario import LEVERS

KEY = jax.random.key(3)
TEXT = (resources.files("orrery.lab.instruments") / "prices.toml").read_text("utf-8")


def test_every_instrument_has_a_price_with_its_lever_status_and_source() -> None:
    prices = load_prices()
    assert list(prices.instruments) == list(INSTRUMENTS)
    for name, price in prices.instruments.items():
        lever = LEVERS.get(price.lever)
        assert lever is not None or price.lever == "founding", name
        assert price.status == "assumed"
        assert len(price.source) > 30
        low, high = prices.extremes(name)
        assert low < prices.central(name) < high
    assert LEVERS["guarantee"].most == prices.instruments["security-guarantee"].most


@pytest.mark.parametrize("count", [1, 7, 200])
def test_draws_are_a_latin_hypercube_on_a_logarithmic_scale(count: int) -> None:
    prices = load_prices()
    drawn = prices.draws(KEY, count)
    for name in ("coercion", "body", "technology-terms"):
        low, high = prices.extremes(name)
        part = np.sort(np.log(drawn[name] / low) / np.log(high / low) * count) - np.arange(count)
        assert (part >= -1e-9).all()
        assert (part <= 1 + 1e-9).all()


def test_instruments_that_supply_share_the_worth_of_supply_and_others_have_streams_of_their_own() -> None:
    prices = load_prices()
    drawn = prices.draws(KEY, 200)
    certain = {
        name: price.model_copy(update={"low": price.central, "high": price.central})
        for name, price in prices.instruments.items()
    }
    worth = prices.model_copy(update={"instruments": certain}).draws(KEY, 200)
    ratio = prices.central("market-access") / prices.central("development-finance")
    np.testing.assert_allclose(worth["market-access"] / worth["development-finance"], ratio, rtol=1e-12)
    assert np.ptp(worth["market-access"]) > 0
    assert np.ptp(worth["coercion"]) == pytest.approx(0, abs=1e-15)
    assert abs(np.corrcoef(np.log(drawn["coercion"]), np.log(drawn["body"]))[0, 1]) < 0.2
    fewer = prices.model_copy(update={"instruments": {"body": prices.instruments["body"]}})
    np.testing.assert_array_equal(fewer.draws(KEY, 200)["body"], drawn["body"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low = 0.02\n", "low = 0.2\n", "low 0.2, central 0.1, high 0.5 came"),
        ("low = 0.02\n", "low = -1.0\n", "greater than 0"),
        ("most = 0.03\n", "", "`instruments.technology-terms.most` is missing"),
        ("[instruments.coercion]", "[instruments.bribes]", "bribes, coercion unknown or without a price"),
        ("[ordinary_supply]", "[ordinary]", "ordinary"),
        ('status = "assumed"', 'status = "known"', "'assumed' or 'literature'"),
        ("high = 0.5", "high = ", "not valid TOML"),
    ],
)
def test_prices_that_make_no_sense_are_refused_by_name(old: str, new: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert old in TEXT
    file.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(ScenarioError, match=re.escape(message)):
        Question(0.5, 10, load_prices(file))


def test_no_file_no_budget_and_no_draws_are_refused(tmp_path: Path) -> None:
    prices = load_prices()
    with pytest.raises(ScenarioError, match="there is no file"):
        load_prices(tmp_path / "absent.toml")
    for budget in (0.0, -1.0, 101.0, float("nan")):
        with pytest.raises(ScenarioError, match="`budget`"):
            Question(budget, 10, prices)
    with pytest.raises(ScenarioError, match="`price_draws`: 0 came"):
        Question(0.5, 0, prices)
    with pytest.raises(ScenarioError, match="`price_draws`: 0 came"):
        prices.draws(KEY, 0)


def made_up_curve(effects: tuple[float, float], units: tuple[float, float]) -> Curve:
    """An instrument simulated at sizes 0, 1 and 2 in three draws, which do it -1, 0 and 1 tenth more."""
    spread = np.array([-0.1, 0.0, 0.1])
    readings = tuple(
        Reading(
            size=size,
            draws=np.arange(3),
            units=np.full(3, paid),
            values={(name, when): OUTCOMES[name].wanted * effect * (1 + spread) for name in OUTCOMES for when in WHENS},
            by_neighbour={},
            params={},
        )
        for size, effect, paid in ((0.0, 0.0, 0.0), (1.0, effects[0], units[0]), (2.0, effects[1], units[1]))
    )
    return Curve(np.array([0.0, 1.0, 2.0]), np.array([0.0, *units]), 1, readings)


def test_sizes_and_effects_lie_on_straight_lines_between_what_was_simulated() -> None:
    curve = made_up_curve((2.0, 3.0), (1.0, 3.0))
    assert curve.size_for(np.array([0.0, 0.5, 1.0, 2.0, 3.0, 9.0])).tolist() == [0, 0.5, 1, 1.5, 2, 2]
    at = curve.effects_at(("alignment", "mean"), np.array([0.0, 0.25, 1.0, 1.5, 2.0, 5.0]))
    np.testing.assert_allclose(at[:, 1], [0, 0.5, 2, 2.5, 3, 3], atol=1e-12)
    np.testing.assert_array_equal(at[2], curve.effects(("alignment", "mean"))[1])


def test_who_is_first_is_counted_over_prices_and_over_pairs_with_draws() -> None:
    curves = {"body": made_up_curve((1.0, 2.0), (1.0, 2.0)), "coercion": made_up_curve((0.5, 4.0), (1.0, 2.0))}
    budget = 1.0
    unit_prices = {"body": np.array([1.0, 1.0, 1.0, 10.0]), "coercion": np.array([1.0, 0.5, 0.1, 1.0])}
    drawn = at_prices(curves, unit_prices, budget)
    np.testing.assert_allclose(drawn.sizes["coercion"], [1, 2, 2, 1])
    np.testing.assert_allclose(drawn.absorbed["coercion"], [1, 1, 0.2, 1])
    table = ranking(curves, drawn)
    ranks = table[(table["outcome"] == "distance") & (table["when"] == "horizon")].set_index("instrument")
    assert ranks["first_by_median"].to_dict() == {"body": 0.25, "coercion": 0.75, NOTHING: 0.0}
    assert ranks["first_of_all"].sum() == pytest.approx(1)
    assert (ranks["low"] <= ranks["median"]).all()
    # The budget buys sizes 1, 1, 1 and .1, in draws that do .9, 1 and 1.1 of the effect.
    assert ranks.loc["body", "median"] == pytest.approx(-0.95)


def test_doing_nothing_is_first_where_every_instrument_harms_and_equals_share_their_place() -> None:
    harmful = {"body": made_up_curve((-1.0, -2.0), (1.0, 2.0))}
    drawn = AtPrices({"body": np.ones(2)}, {"body": np.array([1.0, 2.0])}, {"body": np.ones(2)})
    assert set(ranking(harmful, drawn).query("instrument == 'nothing'")["first_by_median"]) == {1.0}
    idle = {"body": made_up_curve((0.0, 0.0), (1.0, 2.0))}
    assert set(ranking(idle, drawn)["first_of_all"]) == {0.5}


def test_the_break_even_price_is_where_an_instrument_does_as_well_as_the_best() -> None:
    prices = load_prices()
    curves = {"body": made_up_curve((1.0, 2.0), (1.0, 2.0)), "coercion": made_up_curve((0.5, 4.0), (1.0, 2.0))}
    table = break_even(curves, prices, 0.01)
    rows = table[(table["outcome"] == "alignment") & (table["when"] == "mean")].set_index("instrument")
    # Coercion has effect 1 at size 1 + 1/7; the body has .5 at size .5. Cost is as many units as the size.
    assert rows.loc["coercion", "break_even_price"] == pytest.approx(0.01 / (1 + 1 / 7), rel=2e-3)
    assert rows.loc["body", "break_even_price"] == pytest.approx(0.01 / 0.5, rel=2e-3)
    assert rows["rival"].to_dict() == {"coercion": "body", "body": "coercion"}
    weak = break_even(curves | {"coercion": made_up_curve((0.1, 0.2), (1.0, 2.0))}, prices, 0.01)
    assert weak[weak["instrument"] == "coercion"]["note"].str.startswith("at no price").all()
    idle = break_even(curves | {"coercion": made_up_curve((-1.0, -2.0), (1.0, 2.0))}, prices, 0.01)
    assert idle[idle["instrument"] == "body"]["note"].str.startswith("at any price").all()


def test_the_document_gives_every_shipped_price() -> None:
    text = (Path(__file__).parents[2] / "docs" / "instruments.md").read_text("utf-8")
    prices = load_prices()
    for price in (prices.ordinary_supply, *prices.instruments.values()):
        figures = f"| {price.low:g}, {price.central:g}, {price.high:g} | {price.status} |"
        rows = [line for line in text.splitlines() if line.endswith(figures)]
        assert any(line.startswith(f"| {price.title.lower()} |") for line in rows), price.title
