"""What all designs for a case share: the same draws of what is uncertain, so that designs differ by design alone."""

from __future__ import annotations

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from orrery.base.keys import named_key
from orrery.data.panel import Panel
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.closed_form import pace_of, rivalry_of, stake_of
from orrery.negotiation.forecasts.coded import Coded, coded, drawn
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.parameters import Parameters

N_DRAWS = 64


class Draws(eqx.Module):
    """Draws of a matter, whatever the table on which it is put.

    Attributes:
        position: where each party wants the text.
        salience: weight of each issue to each party, brought to sum 1.
        relief: what leaving the status quo is worth to each party, as a negative distance.
        rivalry: distance that rivals add, for each pair, by influence.
        stake: what there is to gain if all take part.
        linkage: capacity of linkage where matters are negotiated as one.
        concession: rate a year.
        horizon: years within which talks must succeed.
    """

    position: Float[Array, "*draw party issue"]
    salience: Float[Array, "*draw party issue"]
    relief: Float[Array, "*draw party"]
    rivalry: Float[Array, "*draw party"]
    stake: Float[Array, "*draw"]
    linkage: Float[Array, "*draw"]
    concession: Float[Array, "*draw"]
    horizon: Float[Array, "*draw"]


class Weights(eqx.Module):
    """How much of the world and of the matter each party is; each sums to 1.

    Attributes:
        population: NaN for all where it is not known for every country that a party speaks for.
        capability: as the case codes it.
        stake: influence times salience.
        countries: number of countries that it speaks for; 1 for who speaks for none.
    """

    population: Float[Array, " party"]
    capability: Float[Array, " party"]
    stake: Float[Array, " party"]
    countries: Float[Array, " party"]


@dataclass(frozen=True)
class Matter:
    """A case to be put on tables.

    Attributes:
        case: the case; its outcome is not read.
        draws: of what is uncertain.
        weights: of the parties.
    """

    case: Case
    draws: Draws
    weights: Weights


def matter_of(
    key: Key[Array, ""], case: Case, learned: Learned, panel: Panel | None = None, n_draws: int = N_DRAWS
) -> Matter:
    """Return a case with draws by what the cases of other groups teach.

    Args:
        key: of the draws.
        case: to be designed for.
        learned: what cases teach.
        panel: for populations of the year nearest to the case; None to leave populations out.
        n_draws: how many draws every design is put to.
    """
    own = named_key(key, case.code)
    one = jax.tree.map(lambda array: array[0], coded([case]))
    parameters = learned.drawn(named_key(own, "parameters"), n_draws, without=case.matter)
    keys = jax.random.split(named_key(own, "draws"), n_draws)
    size = len(case.parties), len(case.issues)
    return Matter(case, _without_padding(_draws(keys, one, parameters), size), _weights(case, panel))


def _without_padding(draws: Draws, size: tuple[int, int]) -> Draws:
    """Return draws of the parties and issues that there are; cases are drawn in shapes that several share."""
    n_parties, n_issues = size
    return Draws(
        draws.position[:, :n_parties, :n_issues],
        draws.salience[:, :n_parties, :n_issues],
        draws.relief[:, :n_parties],
        draws.rivalry[:, :n_parties],
        draws.stake,
        draws.linkage,
        draws.concession,
        draws.horizon,
    )


@eqx.filter_jit
def _draws(keys: Key[Array, " draw"], one: Coded, parameters: Parameters) -> Draws:
    def of_draw(key: Key[Array, ""], parameters: Parameters) -> Draws:
        _, second = jax.random.split(key)
        position, salience = drawn(jax.random.split(key)[0], one)
        salience = salience / salience.sum(-1, keepdims=True)
        concession, horizon = pace_of(one, parameters)
        away = (salience * (position - one.status_quo) ** 2).sum(-1)
        return Draws(
            position,
            salience,
            -parameters.relief * away,
            rivalry_of(one, parameters),
            stake_of(one, parameters, jax.random.normal(second)),
            parameters.linkage,
            concession,
            horizon,
        )

    return jax.vmap(of_draw)(keys, parameters)


def _weights(case: Case, panel: Panel | None) -> Weights:
    capability = np.array([party.capability for party in case.parties])
    stake = case.influence * case.salience.max(1)
    countries = np.array([max(len(_speaks_for(case, place)), 1) for place in range(len(case.parties))], float)
    population = np.array([_population(_speaks_for(case, place), case, panel) for place in range(len(case.parties))])
    each = (population, capability, stake, countries)
    return Weights(*(jnp.asarray(values / values.sum(), float) for values in each))


def _population(countries: list[str], case: Case, panel: Panel | None) -> float:
    """Return the population for whom a party speaks, in the year of the panel nearest to the case; NaN if not known."""
    if panel is None or any(code not in panel.countries for code in countries):
        return np.nan
    year = int(np.clip(case.began.year, panel.years[0], panel.years[-1]))
    known = panel.values("capability_population", year=year)
    return float(sum(known[panel.country_position(code)] for code in countries))


def _speaks_for(case: Case, place: int) -> list[str]:
    """Return the countries of a party, those of "others" from the voters it covers."""
    countries = case.parties[place].countries
    if not isinstance(countries, str):
        return list(countries)
    return [code for code, party in zip(case.seats.voters, case.seats.party, strict=True) if party == place]
