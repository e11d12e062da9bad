"""Circumstances made up for tests, deterministic."""

from __future__ import annotations

import dataclasses

import numpy as np

from orrery.lab.planner.circumstances import Circumstances


def made(seed: int, *axes: int, n_poles: int = 3, same_exclusivity: bool = True) -> Circumstances:
    """Return random circumstances with leading axes `axes`."""
    random = np.random.default_rng(seed)
    shape = (*axes, n_poles)
    position = random.normal(0, 1, shape)
    exclusivity = random.lognormal(-1, 0.5, axes)[..., None] * np.ones(n_poles)
    if not same_exclusivity:
        exclusivity = exclusivity * random.lognormal(0, 0.5, shape)
    patrons = random.dirichlet(np.ones(n_poles), axes) if axes else random.dirichlet(np.ones(n_poles))
    return Circumstances(
        base=random.normal(0, 1, shape),
        diversification=random.lognormal(0, 0.3, axes),
        exclusivity=exclusivity,
        hostility=(position[..., :, None] - position[..., None, :]) ** 2 / 2,
        reach=random.uniform(0.05, 1, shape),
        log_odds=random.normal(-1, 0.5, shape),
        steepness=random.uniform(0.5, 2, shape),
        patron_share=patrons,
        sanctions=random.uniform(0, 0.2, shape),
        let_through=random.uniform(0.5, 1, shape),
        intensity=random.lognormal(0, 0.5, shape),
        resource_appeal=random.lognormal(0, 0.3, axes),
    )


def uncoerced(met: Circumstances) -> Circumstances:
    """Return the same without coercion."""
    return dataclasses.replace(met, reach=np.zeros_like(met.reach), sanctions=np.zeros_like(met.sanctions))


def two_rivals(*axes: int, hostility: float = 4.0, diversification: float = 1.0, base: float = 0.5) -> Circumstances:
    """Return circumstances of two poles that are alike and hostile, exclusivity 1, without coercion."""
    pair = hostility * (1 - np.eye(2))
    return dataclasses.replace(
        uncoerced(made(1, *axes, n_poles=2)),
        base=np.full((*axes, 2), base),
        diversification=np.full(axes, diversification),
        exclusivity=np.ones((*axes, 2)),
        hostility=np.broadcast_to(pair, (*axes, 2, 2)),
    )


def random_portfolios(seed: int, n: int, n_poles: int = 3) -> np.ndarray:
    """Return random portfolios, `[n, option]`."""
    return np.random.default_rng(seed).dirichlet(np.ones(n_poles + 1), n)
