"""The parameters of the phases: one catalogue entry each (`params.toml`), drawn from their priors or set by name."""

from __future__ import annotations

import functools
import importlib.resources
import math
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Key
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from orrery.base.arrays import AnyArray
from orrery.base.errors import ScenarioError
from orrery.world.priors import Fixed, Prior

Number: TypeAlias = Float[AnyArray, ""]


class Parameter(BaseModel):
    """One entry of the catalogue: what a parameter means, what it may be, and where that comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str = Field(min_length=1)
    meaning: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    prior: Prior
    type: Literal["calibrated", "plug-in", "fixed"]
    status: Literal["assumed", "literature", "calibrated"]
    source: str = Field(min_length=1)
    extension: str | None = None

    @model_validator(mode="after")
    def _fixed_means_fixed(self) -> Parameter:
        if (self.type == "fixed") != isinstance(self.prior, Fixed):
            raise ValueError(f"`type` = {self.type!r} does not go with a prior of family {self.prior.family!r}")
        return self

    @model_validator(mode="after")
    def _extension_may_be_off(self) -> Parameter:
        low, high = self.prior.range()
        if self.extension is not None and not low <= 0 <= high:
            raise ValueError("a parameter of an extension must allow 0, which switches it off")
        return self


def parse_catalogue(text: str) -> dict[str, Parameter]:
    """Parse the text of a parameter catalogue (TOML, one table per parameter).

    Raises:
        pydantic.ValidationError: an entry lacks a field, has an unknown one, or contradicts itself.
    """
    return TypeAdapter(dict[str, Parameter]).validate_python(tomllib.loads(text))


@functools.cache
def catalogue() -> Mapping[str, Parameter]:
    """Return every parameter of the model by name, in the order of the phases."""
    return parse_catalogue(importlib.resources.files("orrery.world").joinpath("params.toml").read_text("utf-8"))


@functools.cache
def extensions() -> Mapping[str, tuple[str, ...]]:
    """Return the parameters of every extension, by the name of its switch."""
    switches = dict.fromkeys(entry.extension for entry in catalogue().values() if entry.extension is not None)
    return {
        switch: tuple(name for name, entry in catalogue().items() if entry.extension == switch) for switch in switches
    }


class Params(eqx.Module):
    """The value of every parameter; `params.toml` says for each its symbol, meaning, unit, prior and source.

    Fields are arrays of rank 0, so that a new value never makes the simulation compile anew, and of double
    precision, so that a value is the same number in and out of a simulation.
    """

    capability_noise: Number
    growth_fading_years: Number
    connectedness_growth: Number
    connectedness_persistence: Number
    backlash: Number
    backlash_memory: Number
    tension_drag: Number
    connectedness_noise: Number
    connectedness_ceiling: Number
    connectedness_floor: Number
    recipient_size: Number
    distance_unit: Number
    gravity_length_km: Number
    distance_decay: Number
    coercion_base: Number
    capability_leverage: Number
    underdelivery_coercion: Number
    density_moderation: Number
    hostility_cap: Number
    resource_appeal: Number
    distance_aversion: Number
    diversification: Number
    exclusivity: Number
    adjustment_speed: Number
    portfolio_floor: Number
    patron_pull: Number
    coercion_pull: Number
    comember_pull: Number
    anchor_strength: Number
    ideal_point_noise: Number
    dispute_distance: Number
    dispute_density: Number
    dispute_capability: Number
    dispute_contiguity: Number
    dispute_base_rate: Number
    tension_adjustment: Number
    tension_noise: Number
    tension_floor: Number
    tension_cap: Number
    council_seat: Number
    caucusing: Number
    linkage: Number
    concession: Number
    rivalry_weight: Number
    interest_weight: Number
    problem_elasticity: Number
    connectedness_elasticity: Number
    trust_weight: Number
    informal_authority: Number
    compliance_precision: Number
    enforcement: Number
    reciprocity: Number
    patience: Number
    legitimacy_compliance: Number
    stability_compliance: Number
    mean_compliance: Number
    reputation_adjustment: Number
    problem_growth: Number
    provision_effect: Number
    problem_shock_rate: Number
    problem_shock_size: Number
    problem_floor: Number
    problem_cap: Number
    exit_hazard: Number
    join_hazard: Number
    death_hazard: Number
    birth_hazard: Number
    membership_response: Number
    overhead: Number
    setup_cost: Number
    informal_mortality: Number
    size_mortality: Number
    admission_guard: Number
    initiator_size: Number
    default_stake: Number
    default_provision: Number
    founding_noise: Number
    smallest_founding: Number
    largest_founding: Number
    formal_formality: Number
    informal_formality: Number
    legitimacy_adjustment: Number
    stability_persistence: Number
    openness_stability: Number
    coercion_stability: Number
    stability_noise: Number
    status_demand: Number
    status_memory: Number
    reliability_appeal: Number
    delay_response: Number
    obstruction: Number
    spillover: Number
    non_state_growth: Number
    non_state_monitoring: Number
    non_state_heterogeneity: Number
    relative_gains: Number
    quick_deals: Number
    credit_history: Number
    overload: Number

    def __init__(self, **values: float) -> None:
        check_values(values)
        missing = catalogue().keys() - values.keys()
        if missing:
            raise ScenarioError(
                f"`Params`: no value for {', '.join(sorted(missing))}. Start from `Params.central()` and override."
            )
        for name in catalogue():
            setattr(self, name, np.asarray(values[name], dtype=np.float64))

    @staticmethod
    def central(switched_on: Sequence[str] = ()) -> Params:
        """Return every parameter at the median of its prior; those of extensions that are off are 0.

        Raises:
            ScenarioError: no such extension.
        """
        off = _switched_off(switched_on)
        return Params(**{n: 0.0 if n in off else entry.prior.quantile(0.5) for n, entry in catalogue().items()})

    @staticmethod
    def draw(key: Key[Array, ""], switched_on: Sequence[str] = ()) -> Params:
        """Return one draw from the priors, parameters independent of each other; extensions that are off are 0.

        Every parameter has a stream of its own, so that adding one, or switching an extension on, changes no other.

        Raises:
            ScenarioError: no such extension.
        """
        off = _switched_off(switched_on)
        return Params(
            **{
                name: 0.0 if name in off else entry.prior.quantile(float(uniform))
                for (name, entry), uniform in zip(catalogue().items(), _uniforms(key), strict=True)
            }
        )

    def override(self, values: Mapping[str, float]) -> Params:
        """Return the same parameters with some set by name.

        Raises:
            ScenarioError: an unknown name, or a value outside the parameter's range.
        """
        return Params(**{**self.as_dict(), **values})

    def as_dict(self) -> dict[str, float]:
        """Return the values by name."""
        return {name: float(value) for name, value in vars(self).items()}


def _switched_off(switched_on: Sequence[str]) -> set[str]:
    known = extensions()
    for switch in switched_on:
        if switch not in known:
            raise ScenarioError(f"`extensions`: {switch!r} came; choose from {', '.join(known)}.")
    return {name for switch, names in known.items() if switch not in switched_on for name in names}


def check_values(values: Mapping[str, float]) -> None:
    """Refuse values that no parameter can take.

    Raises:
        ScenarioError: an unknown name, or a value outside the parameter's range.
    """
    for name, value in values.items():
        if name not in catalogue():
            raise ScenarioError(f"parameter `{name}` is not known. Choose from: {', '.join(sorted(catalogue()))}.")
        low, high = catalogue()[name].prior.range()
        if isinstance(value, bool | str) or not math.isfinite(value) or not low <= value <= high:
            raise ScenarioError(
                f"parameter `{name}`: {value!r} came; allowed is a number from {low:g} to {high:g} "
                f"({catalogue()[name].unit}). Change the value."
            )


def _uniforms(key: Key[Array, ""]) -> Float[np.ndarray, " parameter"]:
    """Return one uniform number strictly between 0 and 1 per parameter, from the stream of the parameter's name."""
    names = np.array([zlib.crc32(name.encode()) for name in catalogue()], dtype=np.uint32)
    return (np.asarray(_named_bits(key, names)) + 0.5) / 2.0**32


@jax.jit
def _named_bits(key: Key[Array, ""], names: Array) -> Array:
    """Return 32 random bits per hashed name: `bits(named_key(key, name))` for all names at once."""
    return jax.vmap(lambda name: jax.random.bits(jax.random.fold_in(key, name), dtype=np.uint32))(names)
