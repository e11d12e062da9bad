"""A body beside what reforms would make of it: who sits and decides, whom that represents, and what would pass.

What would pass is asked of motions on a line: each member votes for what is closer to it, its position being known with
an error. The same motions, and the same luck where it must be drawn, are put to every variant, so that differences
between reforms are far surer than the probabilities themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from orrery.base.errors import InstitutionError
from orrery.base.keys import named_key
from orrery.data.baseline import load_baseline
from orrery.data.panel import Panel
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_body
from orrery.institutions.coalitions import veto_members
from orrery.institutions.diagram import Diagram, diagram_of
from orrery.institutions.games import Game, passes
from orrery.institutions.passage import passage_probabilities, yes_probabilities
from orrery.institutions.power import Method, power
from orrery.institutions.reform.changes import Reform
from orrery.institutions.rules.stages import Stages
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

AS_IT_IS = "as it is"
MOTIONS = 400
"""Motions that are drawn where none are given."""
MOST_NODES = 2**20
"""Joint sums up to which every motion is put to a game exactly; beyond it, votes are drawn too."""
DRAWS = 2000
"""Votes that are then drawn in all, if motions are given."""


@dataclass(frozen=True)
class Motions:
    """What is put to the vote.

    Attributes:
        proposals: where each proposal lies.
        status_quo: what holds if it fails.
        drawn: whether they are a sample, so that their number makes an error.
    """

    proposals: Float[np.ndarray, " motion"]
    status_quo: Float[np.ndarray, " motion"]
    drawn: bool = False

    def repeated(self, times: int) -> Motions:
        """Return the same motions, each so many times."""
        return Motions(np.tile(self.proposals, times), np.tile(self.status_quo, times), self.drawn)


@dataclass(frozen=True)
class Positions:
    """Where countries stand on a line, and how surely.

    Attributes:
        mean: expected position by ISO3 code.
        sd: its standard deviation by ISO3 code; errors are independent.
    """

    mean: Mapping[str, float]
    sd: Mapping[str, float]

    @classmethod
    def of_panel(cls, panel: Panel, year: int) -> Positions:
        """Return the ideal points of a year, from roll calls of the General Assembly, with their errors."""
        columns = zip(
            panel.countries,
            panel.values("ideal_point", year=year).tolist(),
            panel.values("ideal_point_sd", year=year).tolist(),
            strict=True,
        )
        known = [(code, mean, sd) for code, mean, sd in columns if np.isfinite(mean) and np.isfinite(sd)]
        return cls({code: mean for code, mean, _ in known}, {code: sd for code, _, sd in known})

    def chances(
        self, members: Sequence[str], motions: Motions, unplaced: float | None
    ) -> Float[np.ndarray, "motion member"]:
        """Return the probability that each member votes for each motion.

        Raises:
            InstitutionError: a member has no position, and `unplaced` is None.
        """
        lacking = [code for code in members if not self.knows(code)]
        if lacking and unplaced is None:
            raise InstitutionError(
                f"`positions`: {', '.join(lacking)} have none. Give `Positions` with a mean and a deviation of each "
                "member, or the probability `unplaced` with which those without one vote yes."
            )
        mean = np.array([self.mean.get(code, 0.0) for code in members])
        sd = np.array([self.sd.get(code, 1.0) for code in members])
        found = yes_probabilities(mean, sd, motions.proposals, motions.status_quo)
        return np.where(np.isin(members, lacking), unplaced, found) if unplaced is not None else found

    def knows(self, code: str) -> bool:
        """Tell whether a country has a position."""
        return code in self.mean and code in self.sd


@dataclass(frozen=True)
class Comparison(Labelled):
    """A body and what reforms would make of it, side by side.

    Attributes:
        frame: one row for each, the body as it is first:
            `reform`; `members` (how many vote), `joined` and `left` (codes, against the body as it is);
            `veto_holders` (how many could defeat any motion alone), `vetoes` (their codes), `rule` (in words);
            `population_share`, `gdp_share` (of the world's, of the members that vote), `country_share` (of the members
            of the United Nations), `not_counted` (members without a figure of population or output), `unplaced` (those
            without a position);
            `passage` (probability that a motion passes, mean over the motions), `passage_error`, `passage_change`
            (against the body as it is), `passage_change_error` (standard errors over motions and draws), `method`;
            `power_CODE` for each country asked for, missing where it does not vote.
        on: the day.
        matter: what is decided.
        year: of the figures of the panel.
        index: of power.
        n_motions: motions put to each.
    """

    frame: pd.DataFrame
    on: date
    matter: str
    year: int
    index: str
    n_motions: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row for the body as it is and one for each reform."""
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        """Return the columns along `reform`."""
        dataset = self.frame.set_index("reform").to_xarray()
        about = {"on": self.on.isoformat(), "matter": self.matter, "year": self.year, "index": self.index}
        return dataset.assign_attrs(about, n_motions=self.n_motions)


def compare(
    key: Key[Array, ""],
    body: Body,
    reforms: Mapping[str, Reform],
    *,
    on: date,
    matter: str | None = None,
    panel: Panel | None = None,
    positions: Positions | None = None,
    motions: Motions | None = None,
    unplaced: float | None = None,
    index: str = "shapley-shubik",
    members: Sequence[str] = (),
) -> Comparison:
    """Put a body beside what reforms would make of it.

    Args:
        key: of the motions, and of the positions where too many joint sums forbid to sum over them; one key gives all
            reforms the same motions and the same luck.
        body: the body as it is.
        reforms: by name.
        on: the day on which all are compared; reforms hold by then.
        matter: what is decided; the default one for None.
        panel: population, output and positions; the shipped baseline for None. Its year is that of the day, or its
            last one where the day is later.
        positions: where countries stand; their ideal points of that year for None.
        motions: what is put to the vote; for None, `MOTIONS` motions, each with the ideal points of two members of the
            United Nations, drawn anew, as proposal and status quo.
        unplaced: probability with which members without a position vote yes; for None, such members are refused.
        index: of power.
        members: countries whose power is given.

    Raises:
        InstitutionError: a reform that cannot be, a body that nobody sits in on the day, a member without a position,
            or no such index.
    """
    import pandas as pd

    held = panel if panel is not None else load_baseline()
    year = min(on.year, held.years[-1])
    places = positions if positions is not None else Positions.of_panel(held, year)
    nations = load_body("UN").members(on)
    asked = motions if motions is not None else draw_motions(named_key(key, "motions"), places, nations)
    if AS_IT_IS in reforms:
        raise InstitutionError(f"`reforms`: the name {AS_IT_IS!r} came; it stands for the body itself. Choose another.")
    variants = [_Variant.of(name, made, on, matter) for name, made in _made(body, reforms).items()]
    n_motions = len(asked.proposals)
    if not asked.drawn and any(variant.diagram is None for variant in variants):
        asked = asked.repeated(ceil(DRAWS / n_motions))
    rows, outcomes = [], []
    for variant in variants:
        chances = places.chances(variant.members, asked, unplaced)
        outcome, method = _outcomes(key, variant, chances)
        outcomes.append(outcome)
        change = outcome - outcomes[0]
        exact = not asked.drawn and method is Method.DOUBLE
        row = {
            **variant.seats(variants[0]),
            **_representation(variant.members, nations, held, year),
            "unplaced": ", ".join(code for code in variant.members if not places.knows(code)),
            "passage": float(outcome.mean()),
            "passage_error": 0.0 if exact else _error(outcome),
            "passage_change": float(change.mean()),
            "passage_change_error": 0.0 if exact else _error(change),
            "method": str(method),
            **variant.power(index, members, named_key(key, "power")),
        }
        rows.append(row)
    wanted = matter if matter is not None else body.default_matter
    return Comparison(pd.DataFrame(rows), on, wanted, year, index, n_motions)


def draw_motions(key: Key[Array, ""], positions: Positions, proposers: Sequence[str], count: int = MOTIONS) -> Motions:
    """Return motions drawn at random: what one country wants against what another one wants.

    Args:
        key: the first motions of more are the same.
        positions: where countries stand.
        proposers: countries that are drawn from; those without a position are left out.
        count: how many.

    Raises:
        InstitutionError: fewer than two different positions are known.
    """
    wanted = np.unique([positions.mean[code] for code in proposers if code in positions.mean])
    if len(wanted) < 2:
        raise InstitutionError(f"`proposers`: {len(wanted)} different positions are known; at least 2 are needed.")
    pairs = np.asarray(jax.vmap(lambda draw: _two_of(jax.random.fold_in(key, draw), len(wanted)))(np.arange(count)))
    return Motions(wanted[pairs[:, 0]], wanted[pairs[:, 1]], drawn=True)


def _two_of(key: Array, count: int) -> Array:
    return jax.random.choice(key, count, (2,), replace=False)


def _made(body: Body, reforms: Mapping[str, Reform]) -> dict[str, Body]:
    return {AS_IT_IS: body, **{name: reform(body) for name, reform in reforms.items()}}


@dataclass(frozen=True)
class _Variant:
    """A body on the day, as it is or reformed."""

    name: str
    members: tuple[str, ...]
    game: Game
    words: str
    diagram: Diagram | None

    @classmethod
    def of(cls, name: str, body: Body, on: date, matter: str | None) -> _Variant:
        sitting = body.on(on)
        rule = sitting.rule(matter)
        members = rule.members if isinstance(rule, Stages) else sitting.members
        game = rule.game()
        words = body.rule_block(matter, on).rule.in_words()
        return cls(name, members, game, words, diagram_of(game, MOST_NODES))

    def seats(self, as_it_is: _Variant) -> dict[str, object]:
        holders = [self.members[place] for place in veto_members(self.game)]
        return {
            "reform": self.name,
            "members": len(self.members),
            "joined": ", ".join(sorted(set(self.members) - set(as_it_is.members))),
            "left": ", ".join(sorted(set(as_it_is.members) - set(self.members))),
            "veto_holders": len(holders),
            "vetoes": ", ".join(holders),
            "rule": self.words,
        }

    def power(self, index: str, members: Sequence[str], key: Key[Array, ""]) -> dict[str, float]:
        if not members:
            return {}
        found = power(self.game, index, members=self.members, key=key)
        held = set(self.members)
        return {f"power_{code}": float(found.of(code)) if code in held else np.nan for code in members}


def _outcomes(
    key: Key[Array, ""], variant: _Variant, chances: Float[np.ndarray, "motion member"]
) -> tuple[Float[np.ndarray, " motion"], Method]:
    """Return the probability that each motion passes; where it is not known exactly, whether it does on one draw."""
    if variant.diagram is not None:
        return passage_probabilities(variant.diagram, chances), Method.DOUBLE
    yes = _luck(named_key(key, "votes"), variant.members, len(chances)) < chances
    return np.asarray(passes(variant.game, yes), float), Method.SAMPLED


def _luck(key: Key[Array, ""], members: Sequence[str], count: int) -> Float[np.ndarray, "motion member"]:
    """Return a number between 0 and 1 for each motion and member, the same for a country in every body."""
    keys = jnp.stack([named_key(key, code) for code in members])
    one = jax.vmap(lambda own, draw: jax.random.uniform(jax.random.fold_in(own, draw)), (0, None))
    return np.asarray(jax.vmap(one, (None, 0))(keys, jnp.arange(count)), float)


def _representation(members: Sequence[str], nations: Sequence[str], panel: Panel, year: int) -> dict[str, object]:
    """Return whom the members stand for: shares of population, output and countries."""
    sits = np.isin(panel.countries, members)
    shares, unknown = {}, set(members) - set(panel.countries)
    for name in ("population", "gdp"):
        values = panel.values(f"capability_{name}", year=year)
        shares[f"{name}_share"] = float(np.nansum(values[sits]) / np.nansum(values))
        unknown |= {code for code, missing in zip(panel.countries, sits & np.isnan(values), strict=True) if missing}
    shares["country_share"] = len(set(members) & set(nations)) / len(nations)
    return {**shares, "not_counted": ", ".join(sorted(unknown))}


def _error(values: Float[np.ndarray, " motion"]) -> float:
    """Return the standard error of a mean; missing where one value alone says nothing of it."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan
