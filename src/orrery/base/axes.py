"""The axes every array uses, always in this order, any subset of them.

`draw, design, year, country, partner, pole, option, body, area, issue, channel, dimension`

`partner` is a second country axis (`country, country` in prose): xarray wants every axis of an array to have a name
of its own. `option` is non-alignment followed by the poles: what a portfolio is divided over. Stocks stand on year
boundaries (`n_years + 1` entries), flows within years (`n_years` entries).
"""

from __future__ import annotations

DRAW, DESIGN, YEAR, COUNTRY, PARTNER = "draw", "design", "year", "country", "partner"
POLE, OPTION, BODY, AREA, ISSUE = "pole", "option", "body", "area", "issue"
CHANNEL, DIMENSION = "channel", "dimension"

AXIS_ORDER = (DRAW, DESIGN, YEAR, COUNTRY, PARTNER, POLE, OPTION, BODY, AREA, ISSUE, CHANNEL, DIMENSION)


def in_axis_order(axes: tuple[str, ...]) -> bool:
    """Tell whether `axes` follow the order of `AXIS_ORDER`, without repetition."""
    positions = [AXIS_ORDER.index(axis) for axis in axes]
    return positions == sorted(set(positions))
