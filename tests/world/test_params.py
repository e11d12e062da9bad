from __future__ import annotations

import dataclasses
import importlib.resources

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from orrery.base.errors import ScenarioError
from orrery.base.keys import named_key, root_key
from orrery.world.params import Params, catalogue, parse_catalogue
from orrery.world.priors import Prior

ENTRY = """
[exclusivity]
symbol = "ε"
meaning = "a meaning"
unit = "utils"
prior = { family = "normal", mean = 0.0, sd = 1.0 }
type = "calibrated"
status = "assumed"
source = "somebody 2020"
"""


def test_the_catalogue_and_the_fields_name_the_same_parameters() -> None:
    assert [field.name for field in dataclasses.fields(Params)] == list(catalogue())
    assert list(Params.central().as_dict()) == list(catalogue())


def test_every_table_of_the_file_is_a_parameter_with_a_source() -> None:
    text = importlib.resources.files("orrery.world").joinpath("params.toml").read_text("utf-8")
    assert text.count("\nsource = ") == len(catalogue())
    assert all(len(entry.source) > 5 for entry in catalogue().values())


@pytest.mark.parametrize(
    ("line", "replacement", "complaint"),
    [
        ('source = "somebody 2020"\n', "", "source"),
        ('source = "somebody 2020"\n', 'source = ""\n', "source"),
        ('unit = "utils"\n', 'unit = "utils"\nauthor = "x"\n', "author"),
        ('status = "assumed"', 'status = "guessed"', "status"),
        ('type = "calibrated"', 'type = "fixed"', "does not go with"),
        ("sd = 1.0", "sd = -1.0", "sd"),
        ("sd = 1.0", "sd = 1.0, lower = 2.0, upper = 1.0", "must lie below"),
    ],
)
def test_a_faulty_entry_is_refused(line: str, replacement: str, complaint: str) -> None:
    assert "exclusivity" in parse_catalogue(ENTRY)
    with pytest.raises(ValidationError, match=complaint):
        parse_catalogue(ENTRY.replace(line, replacement))


@pytest.mark.parametrize(
    ("entry", "reference"),
    [
        ({"family": "lognormal", "median": 0.5, "sigma": 0.8}, stats.lognorm(s=0.8, scale=0.5)),
        ({"family": "normal", "mean": -1.0, "sd": 2.0}, stats.norm(-1.0, 2.0)),
        ({"family": "halfnormal", "scale": 0.3}, stats.halfnorm(scale=0.3)),
        ({"family": "beta", "a": 3.0, "b": 15.0}, stats.beta(3.0, 15.0)),
        ({"family": "normal", "mean": 0.07, "sd": 0.02, "lower": 0.05}, stats.truncnorm(-1.0, np.inf, 0.07, 0.02)),
    ],
)
def test_quantiles_agree_with_an_independent_library(entry: dict, reference: stats.rv_continuous) -> None:
    prior: Prior = TypeAdapter(Prior).validate_python(entry)
    for probability in (0.01, 0.3, 0.5, 0.9, 0.999):
        assert prior.quantile(probability) == pytest.approx(reference.ppf(probability), rel=1e-9)
        assert prior.quantile(0.0) <= prior.quantile(probability) <= prior.quantile(1.0)


def test_central_is_the_median_and_truncation_holds() -> None:
    central = Params.central().as_dict()
    assert central["exclusivity"] == pytest.approx(0.5)
    assert central["adjustment_speed"] == pytest.approx(stats.beta(3, 15).ppf(0.5 * stats.beta(3, 15).cdf(0.3)))
    draws = [Params.draw(named_key(root_key(3), str(index))).as_dict() for index in range(200)]
    assert max(draw["adjustment_speed"] for draw in draws) <= 0.3
    assert min(draw["anchor_strength"] for draw in draws) >= 0.0
    assert np.median([draw["exclusivity"] for draw in draws]) == pytest.approx(0.5, rel=0.25)
    assert np.std(np.log([draw["exclusivity"] for draw in draws])) == pytest.approx(0.8, rel=0.2)


def test_a_draw_is_a_function_of_its_key_in_any_precision() -> None:
    key = root_key(5)
    with jax.enable_x64(True):
        doubled = Params.draw(key).as_dict()
    assert Params.draw(key).as_dict() == doubled
    assert Params.draw(key).as_dict() != Params.draw(named_key(key, "other")).as_dict()


@given(st.integers(0, 10_000))
def test_a_draw_lies_within_its_ranges(seed: int) -> None:
    for name, value in Params.draw(root_key(seed)).as_dict().items():
        low, high = catalogue()[name].prior.range()
        assert low <= value <= high


def test_overrides_by_name() -> None:
    params = Params.central().override({"exclusivity": 0.0})
    assert params.as_dict() == {**Params.central().as_dict(), "exclusivity": 0.0}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"exclusivty": 1.0}, "Choose from: adjustment_speed.*exclusivity"),
        ({"adjustment_speed": 0.5}, "from 0 to 0.3"),
        ({"exclusivity": float("nan")}, "nan came"),
        ({"exclusivity": True}, "True came"),
    ],
)
def test_a_faulty_override_is_refused(values: dict, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        Params.central().override(values)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"no value for .*exclusivity"):
        Params(diversification=1.0)
