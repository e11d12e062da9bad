"""The brief of a search for formats: one page that can be printed, its figure, and its tables as files."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from orrery.base.version import VERSION
from orrery.negotiation.design.front import Member, alternatives, read_front, read_named
from orrery.negotiation.design.search import OWN, Found, smallest_coalition
from orrery.negotiation.formats import PRESETS
from orrery.report.design_tables import (
    HASTE,
    UNITS,
    WIDTHS,
    Asked,
    constraint_words,
    drawn_table,
    interval,
    member_table,
    title_of,
    venues_of,
)
from orrery.report.figures.caption import Caption
from orrery.report.figures.design import draw_front
from orrery.report.report import unbroken
from orrery.report.style import LAYOUTS, WIDE, drawing, to_png, to_svg

FEW = 4
"""So many parties are named where they sit, or do not; of more, those that do not or do."""


def save_design(found: Found, asked: Asked, folder: Path) -> None:
    """Write front.csv, presets.csv, front.svg, front.png and brief.html into a folder that exists."""
    front, named = read_front(found), read_named(found)
    member_table(front).to_csv(folder / "front.csv", index=False, lineterminator="\n")
    member_table(named).to_csv(folder / "presets.csv", index=False, lineterminator="\n")
    svg = _draw(found, asked, (front, named), folder)
    (folder / "brief.html").write_text(_page(found, asked, (front, named), svg), "utf-8")


def _draw(found: Found, asked: Asked, members: tuple[list[Member], list[Member]], folder: Path) -> dict[str, str]:
    """Draw the front, write it, and return it as `data:` addresses by layout."""
    designs = drawn_table(found, *members)
    units = {name: UNITS[name] for name in found.objectives}
    over = "the worst tenth of draws" if asked.worst else "draws"
    note = f"Means over {over}. Upwards is better throughout; so is to the right, but for cost."
    caption = Caption(f"{found.matter.case.title}: what designs are worth", (note,))
    addresses = {}
    for layout in LAYOUTS:
        with drawing():
            figure = draw_front(designs, units, caption, layout)
            svg = to_svg(figure)
            if layout is WIDE:
                (folder / "front.svg").write_text(svg, "utf-8")
                (folder / "front.png").write_bytes(to_png(figure))
        addresses[layout.name] = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return addresses


def _page(found: Found, asked: Asked, members: tuple[list[Member], list[Member]], svg: dict[str, str]) -> str:
    environment = Environment(
        loader=PackageLoader("orrery.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    front, named = members
    case = found.matter.case
    coalition = smallest_coalition(case, asked.share)
    return environment.get_template("brief.html.j2").render(
        case=case,
        asked=asked,
        objectives=found.objectives,
        constraints=constraint_words(asked.constraints),
        n_evaluated=found.n_evaluated,
        n_draws=int(found.merits.chance.shape[1]),
        n_front=len(front),
        knee=_row(found, front[0]),
        shown=[_row(found, member) for member in (front[0], *alternatives(front))],
        named=[_row(found, member) for member in named],
        left_out=[PRESETS[name].title for name in PRESETS if name not in found.names],
        coalition=[case.parties[case.place(key)].name for key in coalition],
        venues=_venues(found),
        limits=_limits(found),
        svg=svg,
        alt=_alt(front, named),
        version=VERSION,
        made=date.today().isoformat(),
    )


def _row(found: Found, member: Member) -> dict[str, Any]:
    """Return a design as the template prints it."""
    return {
        "title": title_of(member.name, member.is_knee),
        "is_own": member.name == OWN,
        "on_front": bool(found.front[member.place]),
        "n_seats": len(member.seats),
        "seats": _seats(found, member),
        "rule": member.rule,
        "means": member.means_used,
        "merits": [interval(member, name) for name in found.objectives],
        "chance": _share(member.chance),
        "better": _share(member.better),
        "sacrifice": member.sacrifice,
    }


def _share(value: float) -> str:
    """Return a share in per cent; what is rounded to none or all is not called so."""
    if 0 < value < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 < value < 1 else f"{value:.0%}"


def _seats(found: Found, member: Member) -> str:
    keys = found.matter.case.keys
    absent = [key for key in keys if key not in member.seats]
    if not absent:
        return f"all {len(keys)}"
    if len(absent) <= FEW and len(absent) < len(member.seats):
        return f"{len(member.seats)}: all but {', '.join(absent)}"
    return f"{len(member.seats)}: {', '.join(member.seats)}"


def _venues(found: Found) -> dict[str, Any]:
    """Return the best venue, and how surely, at each urgency and scope of the brief."""
    chosen = venues_of(found)
    keys = found.matter.case.keys
    return {
        "scopes": list(WIDTHS),
        "rows": [
            (level, [f"{chosen.venues[best]} ({share:.0%})" for best, share in zip(row, shares, strict=True)])
            for level, row, shares in zip(HASTE, chosen.best, chosen.certain, strict=True)
        ],
        "parties": [
            (venue, ", ".join(keys[place] for place in places))
            for venue, places in zip(chosen.venues, chosen.places, strict=True)
            if len(places) < len(keys)
        ],
    }


def _limits(found: Found) -> list[str]:
    """Return, in sentences, what stands behind the numbers and what does not."""
    case = found.matter.case
    sentences = [
        "It compares tables within a model: a text by compromise, a rule, a depth and a duration in closed form, on "
        "positions as the case codes them. Designs meet the same draws, so differences are surer than levels.",
        "Common parameters are learned from other coded cases; the outcome of this one, and of its group, is not read.",
        "Judged and not estimated: what institutions cost, what a club keeps for itself, the rates at which agreements "
        "end, and that four in five would comply on the case's own table.",
        "It does not ask whether those who would lose a seat, a vote or a veto would consent to another table.",
        f"The search looks at {found.n_evaluated:,} designs of very many; another seed finds others of like worth.",
    ]
    if np.isnan(np.asarray(found.matter.weights.population)).any():
        sentences.append("Populations are not known for every party; legitimacy rests on the other three coverages.")
    if case.uncertain:
        sentences.append(f"Least sure in the coding: {case.uncertain}")
    return sentences


def _alt(front: list[Member], named: list[Member]) -> str:
    return (
        f"Scatter plots of {len(front)} designs of the front and {len(named)} named formats, the first objective "
        "against each of the others; the numbers are in the tables below and in front.csv and presets.csv."
    )
