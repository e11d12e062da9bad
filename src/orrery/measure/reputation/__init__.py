"""What countries do with treaties: which they join, how soon they ratify what they signed, which they leave.

`reputation(store, ["KAZ"], (2000, 2024))` measures records as of each year; `FACETS` says what each side of them is.
"""

from __future__ import annotations

from orrery.measure.reputation.frailty import Frailty, frailty
from orrery.measure.reputation.pooling import BetaPrior, GammaPrior, Pooled, Prior, fit_beta, fit_gamma
from orrery.measure.reputation.reputation import FACETS, Facet, Reason, Reputation, reputation
from orrery.measure.reputation.survival import (
    CumulativeHazard,
    Spells,
    SurvivalCurve,
    kaplan_meier,
    nelson_aalen,
    spells,
)

__all__ = [
    "FACETS",
    "BetaPrior",
    "CumulativeHazard",
    "Facet",
    "Frailty",
    "GammaPrior",
    "Pooled",
    "Prior",
    "Reason",
    "Reputation",
    "Spells",
    "SurvivalCurve",
    "fit_beta",
    "fit_gamma",
    "frailty",
    "kaplan_meier",
    "nelson_aalen",
    "reputation",
    "spells",
]
