"""Draw the figures of `docs/mechanisms.md` anew: `python tools/build_mechanism_figures.py`."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from orrery.negotiation.cases import load_case
from orrery.negotiation.compliance.participation import identical
from orrery.negotiation.compliance.stable_sets import gains_by_size, stable_sizes
from orrery.negotiation.design.merits import RISKS
from orrery.negotiation.mechanisms.caucuses import by_chance, by_line
from orrery.negotiation.mechanisms.exclusion import by_exclusion
from orrery.negotiation.mechanisms.hold_out import by_package
from orrery.negotiation.mechanisms.size import by_size
from orrery.negotiation.mechanisms.venues import by_urgency_and_scope
from orrery.negotiation.mechanisms.vetoes import by_veto
from orrery.report.figures.caption import Caption
from orrery.report.figures.compliance import draw_fates, draw_participation
from orrery.report.figures.mechanisms import draw_balance, draw_lines, draw_points, draw_shares
from orrery.report.style import WIDE, drawing, to_png

FOLDER = Path(__file__).parents[1] / "docs" / "figures"
SEED = 5


def size() -> Figure:
    """Draw deadlock, depth and speed by number of parties."""
    found = by_size(jax.random.key(SEED), (2, 4, 8, 15, 27, 40, 60))
    panels = {
        "deadlock": "Deadlock, share of tables",
        "depth": "Depth, mean",
        "speed": "Agreements a year, mean",
    }
    tables = [
        pd.DataFrame({"panel": words, "series": found["rule"], "x": found["parties"], "y": found[column]})
        for column, words in panels.items()
    ]
    caption = Caption(
        "More parties: later, shallower and more deadlock by unanimity, not by a share of them",
        ("200 tables of each size with positions drawn alike; stake 0.375, concession 0.3 a year.",),
    )
    return draw_lines(pd.concat(tables), caption, WIDE, across="parties")


def hold_out() -> Figure:
    """Draw how the talks on Belarus go with and without a package."""
    found = by_package(jax.random.key(0), load_case("EU-BELARUS-2020"), "CYP")
    shares = pd.DataFrame({"name": found["arrangement"].str.capitalize(), "share": found["agreed"]})
    caption = Caption(
        "Sanctions on Belarus, 2020: share of draws that end in agreement",
        ("Round by round, 200 draws of positions, saliences and stake; parameters are medians of their priors.",),
    )
    return draw_shares(shares, caption, WIDE)


def veto() -> Figure:
    """Draw what a veto of each party does."""
    found = by_veto(np.linspace(0, 1, 15), 0.6, 0.1)
    group = np.where(found["absorbed"], "absorbed: nothing changes", "not absorbed")
    panels = {"binding": "Binding acceptability with its veto", "depth": "Depth with its veto"}
    tables = [
        pd.DataFrame({"panel": words, "group": group, "x": found["position"], "y": found[column]})
        for column, words in panels.items()
    ]
    caption = Caption(
        "One more veto, given to each of fifteen parties in turn; 60 % of them decide",
        ("A veto counts only where its holder finds the text less acceptable than the party that binds without it.",),
    )
    return draw_points(pd.concat(tables), caption, WIDE, across="position of the party with the veto")


def caucus() -> Figure:
    """Draw what a caucus changes, by the line it takes."""
    found = by_chance(jax.random.key(SEED), stake=0.1)
    panels = {"compromise": "Its line is its compromise", "first member": "Its line is one member's"}
    order = pd.Categorical(found["outcome"], ["neither", "frees", "blocks"], ordered=True)
    points = pd.DataFrame(
        {
            "panel": found["line"].map(panels),
            "group": order,
            "x": found["moved"],
            "y": found["binding"] - found["without"],
        }
    )
    caption = Caption(
        "Five of eight parties meet first: what it does to the binding acceptability, by consensus",
        (
            "400 random tables. 'Frees': agreement with the caucus and deadlock without; 'blocks': the reverse.",
            "At its own compromise a bloc does not move the text and never blocks; at another line it can do either.",
        ),
    )
    across = "the text moves away from the others (below 0: towards them)"
    return draw_points(points.sort_values("group"), caption, WIDE, across=across)


def caucus_case() -> Figure:
    """Draw what the line of seven does to an agreement of eight."""
    found = by_line(load_case("G8-SYRIA-2013"), 0.15, np.linspace(-0.5, 0.5, 21).tolist())
    series = {
        "without": "binding, without the caucus",
        "binding": "binding, with it",
        "bloc": "least acceptable to a member of it",
    }
    tables = [
        pd.DataFrame({"panel": "Acceptability", "series": words, "x": found["shift"], "y": found[column]})
        for column, words in series.items()
    ]
    caption = Caption(
        "Text on Syria, 2013: seven of eight meet first",
        (
            "Below 0 there is deadlock. At 0 across, the seven take their own compromise; at 0.5 they go half the way",
            "to the eighth, at -0.5 as far from it.",
        ),
    )
    return draw_lines(pd.concat(tables), caption, WIDE, across="line of the seven, from their compromise to the eighth")


def exclusion() -> Figure:
    """Draw the fate of an agreement with and without one affected party."""
    found = by_exclusion(load_case("UKRAINE-TRILATERAL-2014"), 0.15, RISKS)
    words = {"": "All three at the table", "RUS": "Without one: Russia"}
    found = found[found["left_out"].isin(list(words))]
    fates = found.assign(panel=found["left_out"].map(words))[
        ["panel", "year", "in_force", "renegotiated", "broken_down"]
    ]
    caption = Caption(
        "Association and free trade, 2014: what becomes of an agreement once it is reached",
        ("Compliance 0.8 and formality 0.5 in both. The sizes by which exclusion raises the rates are assumed.",),
    )
    return draw_fates(fates, caption, WIDE)


def venues() -> Figure:
    """Draw where few and where all deliver more."""
    found = by_urgency_and_scope(
        jax.random.key(SEED), np.geomspace(0.25, 30, 25).tolist(), np.linspace(0, 1, 21).tolist()
    )
    balance = pd.DataFrame(
        {"across": found["scope"], "up": found["horizon"], "difference": found["inclusive"] - found["club"]}
    )
    caption = Caption(
        "Five parties or twenty-four: what the large table delivers more (below 0: less)",
        ("Reach times depth times the chance to be in time; 200 draws, stake 1. On the black line both are even.",),
    )
    named = ("scope: share of the problem that takes everyone", "horizon: years within which something must be agreed")
    return draw_balance(balance, caption, WIDE, axes_named=named)


def stable_coalition() -> Figure:
    """Draw who gains by staying in, with and without a penalty."""
    tables = []
    for name, penalty in {"nothing holds it": 0.0, "penalty 0.2": 0.2, "penalty 0.4": 0.4}.items():
        game = identical(20, penalty=penalty)
        members = np.arange(1, 21)
        columns = {"gain": gains_by_size(game), "stable": np.isin(members, stable_sizes(game))}
        tables.append(pd.DataFrame({"series": name, "members": members, **columns}))
    caption = Caption(
        "Twenty identical countries: three stay in without enforcement",
        ("Linear benefits, quadratic costs. The penalty is what an outsider loses where all others are members.",),
    )
    unit = "gain by staying in, in mean payoffs of full cooperation"
    return draw_participation(pd.concat(tables, ignore_index=True), caption, WIDE, unit=unit)


FIGURES = {
    "mechanism_size": size,
    "mechanism_hold_out": hold_out,
    "mechanism_veto": veto,
    "mechanism_caucus": caucus,
    "mechanism_caucus_case": caucus_case,
    "mechanism_exclusion": exclusion,
    "mechanism_venues": venues,
    "mechanism_stable_coalition": stable_coalition,
}
"""File names in `docs/figures`, without ending, and what draws each."""


def main() -> None:
    """Draw and write all."""
    for name, draw in FIGURES.items():
        with drawing():
            (FOLDER / f"{name}.png").write_bytes(to_png(draw(), dots_per_inch=110))


if __name__ == "__main__":
    main()
