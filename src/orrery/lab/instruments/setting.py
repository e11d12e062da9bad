"""The world in which instruments are compared: the same draws, with an instrument of some size or without any."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.keys import root_key
from orrery.lab.forcing import apply_scenario
from orrery.lab.instruments.instruments import BODY_CODE, INSTRUMENTS, Shares, founding
from orrery.lab.instruments.outcomes import FIRST_IN_FORCE
from orrery.lab.instruments.seen import Around, Seen
from orrery.lab.scenario.countries import neighbours, pole_places
from orrery.lab.scenario.loading import load_scenario
from orrery.lab.scenario.parts import Hub
from orrery.lab.scenario.scenario import Scenario
from orrery.world.forcing import Forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import simulate_draws

TEMPLATE = "hub-and-neighbours"
"""The shipped scenario that says which countries are usually meant by the neighbours of a pole."""

WAITING_DEPTH = 0.5
"""Depth of the body in worlds in which it is never founded: any does, for it then touches nothing."""


@dataclass(frozen=True)
class Setting:
    """What all simulations of a comparison share.

    Attributes:
        observed: the world of the first year.
        scenario: the years, seed, draws and hub; nothing is moved.
        workers: threads; one per core for None.
    """

    observed: Observed
    scenario: Scenario
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.scenario.years < FIRST_IN_FORCE:
            raise ScenarioError(
                f"`years`: {self.scenario.years} came; instruments come into force in year {FIRST_IN_FORCE}, so that "
                f"at least {FIRST_IN_FORCE} are needed."
            )

    @property
    def hub(self) -> Hub:
        """The hub of the scenario."""
        assert self.scenario.hub is not None, "scenario_around gives every setting a hub"
        return self.scenario.hub

    @property
    def around(self) -> Around:
        """Hub and neighbours, as places.

        Raises:
            ScenarioError: the hub is no pole of this world, or its neighbours are no countries of it.
        """
        place = self.scenario.place("hub")
        hub = pole_places(self.hub.pole, self.observed, self.hub, f"{place}, `pole`")[0]
        return Around(hub, self.observed.pole_members[hub], neighbours(self.observed, self.hub, place))

    @property
    def neighbours(self) -> tuple[str, ...]:
        """ISO3 codes of the neighbours."""
        return tuple(np.array(self.observed.countries)[self.around.neighbours].tolist())

    def grant_shares(self) -> Shares:
        """Return the part of the grants that each neighbour gets, as supply is divided but for distance.

        In proportion to capability to the power of the parameter `recipient_size`.
        """
        capability = self.observed.capability[self.around.neighbours]
        weights = capability ** float(Params.central().recipient_size)
        return dict(zip(self.neighbours, (weights / weights.sum()).tolist(), strict=True))

    def simulated(self, instrument: str | None, size: float) -> Seen:
        """Return what is seen around the hub with an instrument of some size; with none, or size 0, without any.

        The body that the hub may build is in the tables of every such world and waits for a founding, so that the
        same draws meet the same chances in all of them.

        Raises:
            SimulationError: every draw failed.
        """
        observed, forcing = self.prepared(instrument, size)
        ensemble = simulate_draws(
            root_key(self.scenario.seed),
            observed,
            forcing,
            range(self.scenario.draws),
            fixed=self.scenario.parameters,
            workers=self.workers or os.cpu_count() or 1,
            most_unstable=self.scenario.most_unstable,
            extensions=self.scenario.extensions,
            observe=self.around.observer(observed, BODY_CODE),
        )
        seen = self.around.read(ensemble)
        if not len(seen.draws):
            reasons = "; ".join(sorted({status.value for status in ensemble.status}))
            raise SimulationError(f"`draws`: all {self.scenario.draws} failed: {reasons}. Ask for more draws.")
        return seen

    def prepared(
        self, instrument: str | None, size: float, *, waiting: float = WAITING_DEPTH
    ) -> tuple[Observed, Forcing]:
        """Return the world and the paths of `simulated`.

        Args:
            instrument: its name, or None.
            size: 0 or more.
            waiting: depth of the body where it is never founded.
        """
        parts = {} if instrument is None or size == 0 else INSTRUMENTS[instrument].parts(size, self.grant_shares())
        if "foundings" in parts:
            return apply_scenario(self._with(parts), self.observed)
        observed, _ = apply_scenario(self._with({"foundings": (founding(waiting),)}), self.observed)
        return apply_scenario(self._with(parts), observed)

    def _with(self, parts: dict) -> Scenario:
        return self.scenario.changed(**{key: [one.model_dump() for one in part] for key, part in parts.items()})


def scenario_around(pole: str, around: tuple[str, ...] | None, **values: object) -> Scenario:
    """Return a scenario around a hub in which nothing is moved.

    Args:
        pole: name of the hub.
        around: ISO3 codes and groups of countries; those usual for the pole where None.
        values: years, draws, seed, start and other values of the scenario; None leaves the usual one.

    Raises:
        ScenarioError: the hub is no pole, or it has no usual neighbours and none are named; a value is not allowed.
    """
    template = load_scenario(TEMPLATE)
    if pole not in template.poles:
        raise ScenarioError(
            f"`hub`: {pole!r} came; a hub is a pole, one of {', '.join(template.poles)}. Name one of them, with other "
            "countries as its `neighbours` if you wish."
        )
    hub = template.with_hub(pole, around).hub
    assert hub is not None, "the template has a hub"
    content = {
        "name": "instruments",
        "title": f"{pole} and its neighbours: nothing is moved",
        "description": "The world without any instrument.",
        "hub": hub.model_dump(),
    }
    return Scenario.read(content, "the arguments").changed(**values)
