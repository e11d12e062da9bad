"""What a hub's instruments cost: a file of prices with ranges, and draws from them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import jax
import numpy as np
from jaxtyping import Array, Float, Key
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orrery.base.errors import ScenarioError
from orrery.base.keys import named_key
from orrery.lab.scenario.refusals import in_words

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1)]
Draws = Float[np.ndarray, " price_draw"]


class Ranged(BaseModel):
    """A number that is not known: what is taken for it, and the range it is drawn from.

    Attributes:
        title: what it is.
        unit: of the number.
        low: lowest value.
        central: the value of the main comparison.
        high: highest value.
        status: of the number.
        source: what the range is set against.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Words
    unit: Words
    low: Positive
    central: Positive
    high: Positive
    status: Literal["assumed", "literature"]
    source: Words

    @model_validator(mode="after")
    def _in_order(self) -> Ranged:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"low {self.low}, central {self.central}, high {self.high} came; give them in that order")
        return self

    def drawn(self, uniform: Draws) -> Draws:
        """Return the values at quantiles `uniform` (0 to 1) of the log-uniform distribution over the range."""
        return np.asarray(np.exp(np.log(self.low) + uniform * np.log(self.high / self.low)))


class InstrumentPrice(Ranged):
    """The price of an instrument.

    Attributes:
        lever: path of a scenario that expresses it.
        size: what its size counts.
        cost: how its yearly cost is reckoned.
        supplies: whether the price is per unit of worth supplied, so that it goes with the worth of ordinary supply.
        most: largest size allowed.
    """

    lever: Words
    size: Words
    cost: Words
    supplies: bool
    most: Positive


class Prices(BaseModel):
    """The prices of all instruments.

    Attributes:
        ordinary_supply: worth of a hub's ordinary supply abroad, as a share of its capability.
        instruments: the price of each, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinary_supply: Ranged
    instruments: dict[str, InstrumentPrice]

    def central(self, name: str) -> float:
        """Return the cost of one unit of an instrument at central prices, as a share of the hub's capability."""
        worth = self.ordinary_supply.central if self.instruments[name].supplies else 1.0
        return self.instruments[name].central * worth

    def extremes(self, name: str) -> tuple[float, float]:
        """Return the lowest and the highest cost of one unit of an instrument."""
        price, supply = self.instruments[name], self.ordinary_supply
        low, high = (supply.low, supply.high) if price.supplies else (1.0, 1.0)
        return price.low * low, price.high * high

    def draws(self, key: Key[Array, ""], count: int) -> dict[str, Draws]:
        """Return draws of the cost of one unit of each instrument: a Latin hypercube over all ranges.

        Each price has a stream of its own, named after it, so that adding an instrument changes no other's draws.

        Args:
            key: of the draws.
            count: number of draws.

        Raises:
            ScenarioError: fewer than one.
        """
        if count < 1:
            raise ScenarioError(f"`price_draws`: {count} came; at least 1 is needed.")
        worth = self.ordinary_supply.drawn(_stratified(named_key(key, "ordinary supply"), count))
        return {
            name: price.drawn(_stratified(named_key(key, name), count)) * (worth if price.supplies else 1.0)
            for name, price in self.instruments.items()
        }


def load_prices(path: Path | None = None) -> Prices:
    """Return the shipped prices, or those of a file.

    Raises:
        ScenarioError: there is no such file, it is not TOML, or a key or value is not allowed.
    """
    if path is None:
        return _shipped()
    if not path.is_file():
        raise ScenarioError(f"`prices`: there is no file {path}. Name a TOML file in the form of the shipped prices.")
    return _parsed(path.read_bytes(), str(path))


@cache
def _shipped() -> Prices:
    return _parsed((resources.files("orrery.lab.instruments") / "prices.toml").read_bytes(), "prices.toml")


def _parsed(content: bytes, file: str) -> Prices:
    try:
        return Prices.model_validate(tomllib.loads(content.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{file}: not valid TOML: {error}. Correct the file.") from None
    except ValidationError as error:
        parts: dict[str, type[BaseModel]] = {"instruments": InstrumentPrice, "ordinary_supply": Ranged}
        raise ScenarioError(f"{file}: {in_words(error, Prices, parts)}.") from None


def _stratified(key: Key[Array, ""], count: int) -> Draws:
    """Return one number from each of `count` equal parts of 0 to 1, in random order."""
    order, within = jax.random.split(key)
    strata = np.asarray(jax.random.permutation(order, count), np.float64)
    return np.asarray((strata + np.asarray(jax.random.uniform(within, (count,)), np.float64)) / count)
