"""Authority of bodies: how much of it members have given away, how level those bodies are, and how the bodies decide.

`authority(panel, tables)` weighs bodies with what members have handed to them (Hooghe, Lenz & Marks 2019), where
`multilateralism` counts each body once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from orrery.base.axes import YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.labelled import Labelled
from orrery.measure.multilateralism import bodies, verticality
from orrery.measure.span import years_of

WEIGHT = "weight"
WEIGHTS = ("equal", "pooling", "delegation", "both")
"""What weighs a body: nothing, pooling, delegation, or their mean."""

LEVEL = 1 / 3
"""Herfindahl index of members' capability below which a body counts as independent of any one member: that of three
equals. A body of three equals or of fewer cannot pass, however level."""


def independence(
    hierarchy: Float[np.ndarray, " body"], authority: Float[np.ndarray, " body"], level: float = LEVEL
) -> float:
    """Return `sum of g_m over bodies with H_m < level / sum_m g_m`: the part of authority in bodies that nobody leads.

    `H_m` is the Herfindahl index of members' capability (`bodies`); the default level asks for more than three
    effective members, after the claim that full multilateralism needs at least three independent centres (Kortunov
    2022).

    Raises:
        MeasureError: the level is not above 0 and at most 1, a negative authority, or none above 0.
    """
    if not 0 < level <= 1:
        raise MeasureError(f"`level`: {level} came; allowed is above 0 and at most 1.")
    if not (authority >= 0).all() or not authority.sum() > 0:
        raise MeasureError("`authority`: weights are 0 or more, and at least one body measured has one above 0.")
    return float((authority * (hierarchy < level)).sum() / authority.sum())


@dataclass(frozen=True)
class Authority(Labelled):
    """Measured authority of bodies.

    Attributes:
        dataset: by `year`, from MIA: `pooling`, `delegation` (means over `bodies_with_authority`), `authority_births`
            and `authority_deaths` (bodies that enter the record and that leave it); by `year, weight` `verticality` and
            `independence`, over the `bodies_measured`, whose members and their capability are known too; from AGG:
            `weighted_voting` and `unanimity` (parts of the `bodies_with_rules` that decide so); and `status` of the
            authority, `members_status` of what needs memberships, `rules_status`. NaN beyond a source.
        variant: capability of the members.
        level: of independence.
    """

    dataset: xr.Dataset
    variant: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, what is weighted in one column per weight; `reason` says what is missing."""
        by_year = [name for name, array in self.dataset.data_vars.items() if array.dims == (YEAR,)]
        frame = self.dataset[by_year].to_dataframe()
        for name in ("verticality", "independence"):
            for weight in WEIGHTS:
                frame[f"{name}: {weight}"] = self.dataset[name].sel(weight=weight).values
        about = {
            "status": "authority (MIA)",
            "members_status": "memberships (COW)",
            "rules_status": "voting rules (AGG)",
        }
        for name in about:
            frame[name] = [Status(code).words for code in frame[name]]
        lacking = [
            [text for name, text in about.items() if row[name] == Status.MISSING.words] for _, row in frame.iterrows()
        ]
        frame["reason"] = [f"no source for this year: {', '.join(names)}" if names else "" for names in lacking]
        return frame.reset_index()

    def disagreements(self, measure: str = "verticality") -> pd.DataFrame:
        """Return each weight's first and last value and the change between: where signs differ, weights disagree.

        Raises:
            MeasureError: no such measure by weight.
        """
        known = [str(name) for name, array in self.dataset.data_vars.items() if WEIGHT in array.dims]
        if measure not in known:
            raise MeasureError(f"`measure`: {measure!r} came; allowed is one of {', '.join(known)}.")
        frame = self.dataset[measure].to_dataframe().dropna().reset_index()
        table = frame.groupby(WEIGHT, sort=False).agg(
            first_year=(YEAR, "first"), first=(measure, "first"), last_year=(YEAR, "last"), last=(measure, "last")
        )
        return table.assign(change=table["last"] - table["first"]).reset_index()

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def authority(
    panel: Panel,
    tables: Tables,
    years: tuple[int, int] | None = None,
    *,
    variant: str = "cinc",
    level: float = LEVEL,
) -> Authority:
    """Measure the authority of bodies over years.

    Args:
        panel: the data, `orrery.load()`.
        tables: the store, `orrery.open_store()`, with the sources `mia`, `agg` and `cow_igo`.
        years: first and last year; the whole panel by default.
        variant: capability behind verticality and independence, one of `polarity.CAPABILITY`.
        level: Herfindahl index below which a body is independent of any one member.

    Raises:
        MeasureError: years outside the panel, no such variant, or the level out of range.
        StoreError: the store lacks a source.
    """
    span = years_of(panel, years)
    table = tables.read("igo_authority").assign(both=lambda held: (held["pooling"] + held["delegation"]) / 2, equal=1.0)
    measured = bodies(tables, panel, (span[0], span[-1]), variant=variant).dropna(subset=["hierarchy"])
    joined = measured.merge(table.dropna(subset=["body"]), on=["body", "year"])
    weighted = {
        name: np.array([_each_weight(joined[joined["year"] == year], name, level) for year in span])
        for name in ("verticality", "independence")
    }
    counted = np.array([int((joined["year"] == year).sum()) for year in span])
    series = _means(table, span) | _rules(tables.read("igo_governance"), span)
    series |= {
        "bodies_measured": counted.astype(float),
        "members_status": np.where(counted > 0, Status.OBSERVED, Status.MISSING).astype(np.int8),
    }
    dataset = xr.Dataset(
        {name: (YEAR, array) for name, array in series.items()}
        | {name: ((YEAR, WEIGHT), array) for name, array in weighted.items()},
        {YEAR: list(span), WEIGHT: list(WEIGHTS)},
    )
    return Authority(dataset, variant, level)


def _each_weight(held: pd.DataFrame, name: str, level: float) -> list[float]:
    """Return verticality or independence of one year's bodies by each weight; NaN where no body has any of it."""
    hierarchy = held["hierarchy"].to_numpy(float)
    result = []
    for weight in WEIGHTS:
        given = held[weight].to_numpy(float)
        if not given.sum() > 0:
            result.append(float("nan"))
        elif name == "verticality":
            result.append(verticality(hierarchy, given))
        else:
            result.append(independence(hierarchy, given, level))
    return result


def _means(table: pd.DataFrame, span: range) -> dict[str, np.ndarray]:
    """Return mean pooling and delegation, the bodies behind them, and how bodies enter and leave the record."""
    by_year = table.groupby("year").agg(
        pooling=("pooling", "mean"), delegation=("delegation", "mean"), bodies_with_authority=("code", "size")
    )
    placed = by_year.reindex(list(span))
    held = {int(year): set(group["code"]) for year, group in table.groupby("year")}
    both = [{year, year - 1} <= held.keys() for year in span]
    return {
        **{str(name): placed[name].to_numpy(float) for name in placed},
        "authority_births": np.array(
            [len(held[y] - held[y - 1]) if known else np.nan for y, known in zip(span, both, strict=True)], float
        ),
        "authority_deaths": np.array(
            [len(held[y - 1] - held[y]) if known else np.nan for y, known in zip(span, both, strict=True)], float
        ),
        "status": np.where(placed["pooling"].notna(), Status.OBSERVED, Status.MISSING).astype(np.int8),
    }


def _rules(table: pd.DataFrame, span: range) -> dict[str, np.ndarray]:
    """Return which part of the bodies with known rules weighs votes, and which needs unanimity."""
    rules = table[["year", "weighted_voting", "unanimity"]].astype(
        {"weighted_voting": float, "unanimity": float, "year": int}
    )
    by_year = rules.groupby("year")
    placed = by_year.mean().reindex(list(span)).assign(bodies_with_rules=by_year.size().reindex(list(span)))
    return {
        **{str(name): placed[name].to_numpy(float) for name in placed},
        "rules_status": np.where(placed["unanimity"].notna(), Status.OBSERVED, Status.MISSING).astype(np.int8),
    }
