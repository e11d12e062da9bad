"""What is seen of a simulation around a hub: everything that costs and outcomes of its instruments are made of."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from orrery.base.arrays import AnyArray
from orrery.world.forcing import Forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import DrawStatus, Ensemble, Observer
from orrery.world.world import Info, Origin, World, pole_capability

DrawYear = Float[np.ndarray, "draw year"]
DrawYearNeighbour = Float[np.ndarray, "draw year neighbour"]


class HubObserver(Observer):
    """Records what a hub supplies and what its neighbours are pressed with. Capability is that of the hub: 1.

    Attributes:
        hub: 1 for the hub, 0 for other poles.
        neighbours: their places on the country axis.
        body: place of the body that the hub may build.
    """

    hub: Float[AnyArray, " pole"]
    neighbours: Int[AnyArray, " neighbour"]
    body: Int[AnyArray, ""]

    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        """Return what is recorded of a year."""
        del before, params
        geography, institutions = origin.geography, after.institutions
        own = pole_capability(after, geography) @ self.hub
        granted = own * (forcing.grants @ self.hub)
        ordinary = (after.supply @ self.hub - granted) / (forcing.access @ self.hub)
        outside = ~geography.is_country_pole & ((self.hub @ geography.pole_members) == 0)
        ties = jnp.sum(after.portfolio[:, 1:] @ self.hub * after.capability, where=outside)
        held = institutions.member[self.body] * institutions.depth[self.body] * institutions.in_being[self.body]
        by_hub = after.coercion @ self.hub
        return {
            "hub_ordinary_supply": ordinary[self.neighbours].sum() / own,
            "hub_ties": ties / own,
            "hub_body": held @ after.capability / own,
            "hub_coercion": by_hub[self.neighbours],
            "other_coercion": (after.coercion.sum(-1) - by_hub)[self.neighbours],
        }


@dataclass(frozen=True)
class Seen:
    """The years after the first one around a hub, in every draw that went well.

    Attributes:
        draws: numbers of the draws.
        shares: portfolios of the neighbours over the poles, non-alignment left out.
        hub: place of the hub on the pole axis.
        poles_then: ideal points of the poles in the first year.
        distance: of the neighbours' ideal points from the hub's.
        stability: of the neighbours.
        hub_stability: capability-weighted mean over the hub's members.
        hub_record: the same of the change of their reputation since the first year.
        coercion_by_hub: of each neighbour.
        coercion_by_others: of each neighbour by all other poles.
        ordinary_supply: what the hub ordinarily supplies its neighbours with, over its capability.
        partners: capability of the neighbours, over that of the hub.
        founders: the same with the hub's own members.
        ties: alignment with the hub times capability of all countries outside it, over the hub's capability.
        body: depth of the body that the hub built times the capability of its members, over the hub's capability.
        params: parameters by name.
    """

    draws: Int[np.ndarray, " draw"]
    shares: Float[np.ndarray, "draw year neighbour pole"]
    hub: int
    poles_then: Float[np.ndarray, "draw pole"]
    distance: DrawYearNeighbour
    stability: DrawYearNeighbour
    hub_stability: DrawYear
    hub_record: DrawYear
    coercion_by_hub: DrawYearNeighbour
    coercion_by_others: DrawYearNeighbour
    ordinary_supply: DrawYear
    partners: DrawYear
    founders: DrawYear
    ties: DrawYear
    body: DrawYear
    params: dict[str, Float[np.ndarray, " draw"]]


@dataclass(frozen=True)
class Around:
    """A hub and its neighbours, as places on the axes of a world.

    Attributes:
        hub: place on the pole axis.
        members: which countries are the hub.
        neighbours: which countries are around it.
    """

    hub: int
    members: Bool[np.ndarray, " country"]
    neighbours: Bool[np.ndarray, " country"]

    def observer(self, observed: Observed, body: str) -> HubObserver:
        """Return what records the years around this hub; `body` is the code of the body that it may build."""
        return HubObserver(
            hub=np.eye(len(observed.poles))[self.hub],
            neighbours=np.flatnonzero(self.neighbours),
            body=np.asarray(observed.bodies.place(body)),
        )

    def read(self, ensemble: Ensemble) -> Seen:
        """Return what was seen in the draws that went well, in double precision."""
        fine = np.array([status is DrawStatus.OK for status in ensemble.status])
        path = ensemble.trajectory

        def taken(values: np.ndarray) -> np.ndarray:
            return np.asarray(values, np.float64)[fine]

        capability = taken(path.capability)[:, 1:]
        own = capability[..., self.members]
        weights = own / own.sum(-1, keepdims=True)
        reputation = taken(path.reputation)[..., self.members]
        points, poles = taken(path.ideal_point)[:, 1:], taken(path.pole_ideal_point)
        partners = capability[..., self.neighbours].sum(-1) / own.sum(-1)
        stability = taken(path.stability)[:, 1:]
        return Seen(
            draws=np.flatnonzero(fine) + ensemble.draws.start,
            shares=taken(path.portfolio)[:, 1:, self.neighbours, 1:],
            hub=self.hub,
            poles_then=poles[:, 0],
            distance=np.abs(points[..., self.neighbours] - poles[:, 1:, [self.hub]]),
            stability=stability[..., self.neighbours],
            hub_stability=(weights * stability[..., self.members]).sum(-1),
            hub_record=(weights * (reputation[:, 1:] - reputation[:, :1])).sum(-1),
            coercion_by_hub=taken(path.info["hub_coercion"]),
            coercion_by_others=taken(path.info["other_coercion"]),
            ordinary_supply=taken(path.info["hub_ordinary_supply"]),
            partners=partners,
            founders=partners + 1,
            ties=taken(path.info["hub_ties"]),
            body=taken(path.info["hub_body"]),
            params={name: values[fine] for name, values in ensemble.params.items()},
        )
