"""The alignment phase written plainly in Mesa, one agent for each country and no arrays; for `world_step.py`."""

from __future__ import annotations

import math

import mesa
import numpy as np

from orrery.world.params import Params
from orrery.world.world import Origin, World, pole_mean


class Country(mesa.Agent):
    """A country that divides itself among non-alignment and the poles."""

    model: AlignmentModel

    def __init__(self, model: AlignmentModel, place: int, world: World, origin: Origin) -> None:
        super().__init__(model)
        self.is_pole = bool(origin.geography.is_country_pole[place])
        self.portfolio = [float(share) for share in world.portfolio[place]]
        self.ideal_point = float(world.ideal_point[place])
        self.appeal = [float(value) for value in origin.anchors.appeal[place]]
        self.coercion = [float(value) for value in world.coercion[place]]
        unit = float(world.capability[place]) * float(origin.anchors.resource_unit)
        self.resources = [math.log1p(float(supply) / unit) for supply in world.supply[place]]
        self.wanted = self.portfolio

    def utility(self, pole: int) -> float:
        """What a pole is worth, but for the poles' own stability."""
        params, poles, shares = self.model.params, self.model.pole_positions, self.portfolio[1:]
        rivals = sum(self.model.hostility(pole, other) * share for other, share in enumerate(shares))
        return (
            self.appeal[pole]
            + params["resource_appeal"] * self.resources[pole]
            - params["distance_aversion"] * (self.ideal_point - poles[pole]) ** 2 / 2
            + self.coercion[pole]
            - params["diversification"] * shares[pole]
            - params["exclusivity"] * rivals
        )

    def decide(self) -> None:
        """Choose the portfolio that is wanted."""
        weights = [1.0, *(math.exp(self.utility(pole)) for pole in range(len(self.portfolio) - 1))]
        total = sum(weights)
        self.wanted = self.portfolio if self.is_pole else [weight / total for weight in weights]

    def adapt(self) -> None:
        """Go part of the way there."""
        speed = self.model.params["adjustment_speed"]
        pairs = zip(self.portfolio, self.wanted, strict=True)
        self.portfolio = [now + speed * (wanted - now) for now, wanted in pairs]


class AlignmentModel(mesa.Model):
    """Countries that adjust in step; what they look at besides portfolios stays as it is."""

    def __init__(self, world: World, origin: Origin, params: Params) -> None:
        super().__init__(rng=0)
        self.params = params.as_dict()
        self.tension = float(world.tension)
        positions = pole_mean(world.ideal_point, world, origin.geography)
        self.pole_positions = [float(position) for position in positions]
        for place in range(world.portfolio.shape[0]):
            Country(self, place, world, origin)

    def hostility(self, one: int, other: int) -> float:
        """Hostility of two poles, in utils."""
        apart = self.pole_positions[one] - self.pole_positions[other]
        return min(self.params["hostility_cap"], apart**2 / 2 * self.tension)

    def step(self) -> None:
        """Let a year pass."""
        self.agents.do("decide")
        self.agents.do("adapt")

    def portfolios(self) -> np.ndarray:
        """Shares of all countries, `[country, option]`."""
        return np.array([agent.portfolio for agent in self.agents])
