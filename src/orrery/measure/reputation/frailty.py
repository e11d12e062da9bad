"""How long a signature waits at the usual pace, where countries differ in theirs: a shared gamma frailty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import gammaln

from orrery.base.errors import MeasureError
from orrery.measure.reputation.pooling import STRENGTH
from orrery.measure.reputation.survival import CumulativeHazard, Spells, nelson_aalen

TOLERANCE = 1e-4
MOST_ROUNDS = 500


@dataclass(frozen=True)
class Frailty:
    """The usual hazard of consent, and how countries' paces spread around it.

    Attributes:
        usual: cumulative hazard of a country of pace 1, for each stratum.
        together: the same for all strata as one.
        strength: of the Gamma distribution of paces, with mean 1 and variance `1 / strength`.
    """

    usual: tuple[CumulativeHazard, ...]
    together: CumulativeHazard
    strength: float


def frailty(waiting: Spells, stratum: Int[np.ndarray, " spell"], n_countries: int) -> Frailty:
    """Estimate the usual hazard of spells whose country goes through all of them at its own pace.

    Spell `s` of country `i` in stratum `g` ends with hazard `z_i h_g(t)`, `z_i ~ Gamma(b, b)`. Without the paces the
    hazard would fall with time merely because the fast leave first (Vaupel, Manton & Stallard 1979). Estimated in
    rounds (Klein 1992): given paces, `H_g` as Breslow's sum; given `H_g`, with `d_i` ends and `E_i = sum of H_g` over
    the country's spells, the `b` that makes the counts likeliest, and `z_i = (b + d_i) / (b + E_i)`.

    Args:
        waiting: the spells.
        stratum: number of each spell's stratum, from 0.
        n_countries: on the axis of countries.

    Raises:
        MeasureError: the rounds did not come to rest.
    """
    durations = waiting.stop - waiting.start
    ended = np.bincount(waiting.country, waiting.ended, n_countries).astype(float)
    strata = [np.flatnonzero(stratum == number) for number in range(int(stratum.max(initial=-1)) + 1)]
    pace, strength = np.ones(n_countries), STRENGTH[1]
    for _ in range(MOST_ROUNDS):
        of_spell = pace[waiting.country]
        usual = tuple(nelson_aalen(durations[rows], waiting.ended[rows], of_spell[rows]) for rows in strata)
        expected = np.zeros(n_countries)
        for hazard, rows in zip(usual, strata, strict=True):
            expected += np.bincount(waiting.country[rows], hazard.at(durations[rows]), n_countries)
        strength = _likeliest(ended, expected)
        before, pace = pace, (strength + ended) / (strength + expected)
        if np.abs(np.log(pace / before)).max(initial=0.0) < TOLERANCE:
            return Frailty(usual, nelson_aalen(durations, waiting.ended, of_spell), strength)
    raise MeasureError(f"`waiting`: the paces of {n_countries} countries did not come to rest in {MOST_ROUNDS} rounds.")


def _likeliest(ended: Float[np.ndarray, " country"], expected: Float[np.ndarray, " country"]) -> float:
    """Return the strength `b` of Gamma(b, b) under which the counts, given what is expected, are likeliest."""
    from scipy.optimize import minimize_scalar

    def loss(log_strength: float) -> float:
        b = np.exp(log_strength)
        parts = gammaln(b + ended) - gammaln(b) - b * np.log1p(expected / b) - ended * np.log(b + expected)
        return -float(parts.sum())

    low, high = np.log(STRENGTH)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6}).x))
