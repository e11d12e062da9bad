"""Colours, sizes and fonts of every figure, and how a figure becomes a small SVG or a PNG.

Poles have the colours of Okabe and Ito (2008), told apart under the common colour-vision deficiencies; a pole has
the same colour in every figure of every run. Matplotlib's global state is never touched.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from orrery.measure.portfolios.channels import NON_ALIGNED

INK, MUTED, RULE, PAPER = "#1b1f24", "#4d5560", "#d5d9de", "#ffffff"
SEA, NEUTRAL, NO_DATA, NOT_A_MEMBER, HATCH = "#e3edf5", "#f1ede2", "#a9adb2", "#ffffff", "#9a9ea4"
MEDIAN, BAND_50, BAND_80 = "#12436d", "#7ea6cb", "#cfe0ef"

_POLES = {"USA": "#0072B2", "EU": "#56B4E9", "CHN": "#D55E00", "RUS": "#009E73", "IND": "#E69F00"}
_FURTHER_POLES = ("#CC79A7", "#F0E442", "#332288", "#882255", "#999933", "#44AA99", "#661100")
_NON_ALIGNED_COLOUR = "#c4c7cb"

BODY, SMALL, TITLE = 9.0, 8.6, 10.0
"""Font sizes in points; 8.6 pt is 11.5 px where a figure is shown at its own size."""

SVG_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_RULES: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": BODY,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "orrery",
}


@dataclass(frozen=True)
class Layout:
    """One of the two shapes in which every figure is drawn.

    Attributes:
        name: `"wide"` or `"narrow"`.
        width: inches; at 96 px per inch this is the size at which the figure is meant to be seen.
        columns: panels side by side.
    """

    name: str
    width: float
    columns: int

    @property
    def is_wide(self) -> bool:
        """Tell whether there is room for two things side by side."""
        return self.columns > 1


WIDE = Layout("wide", 9.2, 3)
NARROW = Layout("narrow", 3.7, 1)
LAYOUTS = (WIDE, NARROW)


def option_colours(options: Sequence[str]) -> dict[str, str]:
    """Return the colour of each pole and of non-alignment; poles beyond the known ones in alphabetical order."""
    others = sorted(option for option in options if option not in _POLES and option != NON_ALIGNED)
    further = {option: _FURTHER_POLES[index % len(_FURTHER_POLES)] for index, option in enumerate(others)}
    return {option: {**_POLES, **further, NON_ALIGNED: _NON_ALIGNED_COLOUR}[option] for option in options}


def colours_of(name: str, n: int, *, ends: tuple[float, float] = (0.08, 0.95)) -> list[str]:
    """Return `n` colours of the named colour map, evenly spaced between `ends`."""
    return [to_hex(colour) for colour in matplotlib.colormaps[name](np.linspace(*ends, n))]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], channels))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(background: str) -> str:
    """Return black or white, whichever is read better on `background`."""
    return max(("#000000", PAPER), key=lambda colour: contrast(colour, background))


@contextmanager
def drawing() -> Iterator[None]:
    """Apply the style within a block; figures are made and written inside one."""
    with matplotlib.rc_context(_RULES):
        yield


def new_figure(layout: Layout, height: float) -> Figure:
    """Return an empty figure of the layout's width and `height` inches."""
    return Figure(figsize=(layout.width, height), facecolor=PAPER)


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes whose upper left corner is `left, top` inches from that of the figure."""
    whole_width, whole_height = figure.get_size_inches()
    box = (left / whole_width, 1 - (top + height) / whole_height, width / whole_width, height / whole_height)
    return figure.add_axes(box)


def text_at(figure: Figure, left: float, top: float, text: str, **how: Any) -> None:
    """Write `text` with its upper left corner `left, top` inches from that of the figure."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - top / height, text, **{"va": "top", **how})


def bare(axes: Axes) -> Axes:
    """Take frame, ticks and background off."""
    axes.set_axis_off()
    return axes


def to_svg(figure: Figure) -> str:
    """Return the figure as a compact SVG whose text stays text. The same figure gives the same bytes."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :].replace("'DejaVu Sans'", SVG_FONTS)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' d="([^"]+)"', lambda match: f' d="{_shorter_path(match[1])}"', svg)
    # Within tags only: between them stands text, and its numbers are data.
    svg = re.sub(r"<[^>]+>", lambda match: re.sub(r"(\d\.\d\d)\d+", r"\1", match[0]), svg)
    return re.sub(r"\n\s*", "\n", svg)


def _shorter_path(path: str) -> str:
    """Rewrite a path of straight lines with relative steps of a tenth of a point; leave others alone."""
    tokens = path.split()
    if len(tokens) < 30 or not set(re.sub(r"[\d.\s-]", "", path)) <= set("MLz"):
        return path
    written, here, index = [], (0, 0), 0
    while index < len(tokens):
        if tokens[index] == "z":
            written.append("z")
            index += 1
            continue
        x, y = round(float(tokens[index + 1]) * 10), round(float(tokens[index + 2]) * 10)
        if tokens[index] == "M":
            written.append(f"M{x / 10:g} {y / 10:g}l")
        elif (x, y) != here:
            written.append(f"{(x - here[0]) / 10:g} {(y - here[1]) / 10:g} ")
        here = (x, y)
        index += 3
    return re.sub(r"(?<![\d.])(-?)0\.", r"\1.", "".join(written)).replace(" z", "z").replace(" -", "-")


def to_png(figure: Figure, *, dots_per_inch: int = 160) -> bytes:
    """Return the figure as PNG."""
    FigureCanvasAgg(figure)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return stream.getvalue()
