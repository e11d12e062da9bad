"""How alike countries' profiles are: their votes, pacts, memberships, or any ordinal positions on the same items.

`similarity(profiles, "kappa")` compares all pairs of countries at once; `INDICES` says what each index is, where it
comes from, and when to prefer it.
"""

from __future__ import annotations

from orrery.measure.similarity.compare import Similarity, similarity
from orrery.measure.similarity.indices import DISTANCES, INDICES, Index, Undefined
from orrery.measure.similarity.profiles import (
    MEMBERSHIP_LEVELS,
    PACT_LEVELS,
    TREATY_LEVELS,
    VOTE_LEVELS,
    Profiles,
    alliance_profiles,
    membership_profiles,
    treaty_profiles,
    vote_profiles,
    vote_profiles_by_year,
)

__all__ = [
    "DISTANCES",
    "INDICES",
    "MEMBERSHIP_LEVELS",
    "PACT_LEVELS",
    "TREATY_LEVELS",
    "VOTE_LEVELS",
    "Index",
    "Profiles",
    "Similarity",
    "Undefined",
    "alliance_profiles",
    "membership_profiles",
    "similarity",
    "treaty_profiles",
    "vote_profiles",
    "vote_profiles_by_year",
]
