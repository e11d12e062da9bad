"""What every figure of a measure says about itself: a title above, notes below."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from orrery.report.style import BODY, INK, MUTED, SMALL, TITLE, Layout, axes_at, bare, text_at

TITLE_LINE, NOTE_LINE, KEY_LINE = 0.21, 0.19, 0.25
"""Inches: a line of the title, of the notes, of the key."""
EDGE = 0.04
"""Inches at the left of texts."""


@dataclass(frozen=True)
class Caption:
    """Words of a figure.

    Attributes:
        title: what it shows.
        notes: how to read it, and what stands behind it; each starts a new line.
    """

    title: str
    notes: tuple[str, ...] = ()


def title_height(caption: Caption, layout: Layout) -> float:
    """Return the inches that the title takes."""
    return TITLE_LINE * len(_title_lines(caption, layout)) + 0.1


def notes_height(caption: Caption, layout: Layout) -> float:
    """Return the inches that the notes take."""
    return NOTE_LINE * len(_note_lines(caption, layout)) + 0.1


def draw_title(figure: Figure, caption: Caption, layout: Layout) -> float:
    """Write the title at the top and return the inches it takes."""
    text = "\n".join(_title_lines(caption, layout))
    text_at(figure, EDGE, 0.04, text, size=TITLE, weight="bold", linespacing=1.3)
    return title_height(caption, layout)


def draw_notes(figure: Figure, caption: Caption, layout: Layout) -> None:
    """Write the notes at the foot."""
    top = float(figure.get_size_inches()[1]) - notes_height(caption, layout)
    text = "\n".join(_note_lines(caption, layout))
    text_at(figure, EDGE, top + 0.04, text, size=SMALL, color=MUTED, linespacing=1.3)


def draw_keys(figure: Figure, entries: dict[str, dict], top: float, layout: Layout, *, least: float = 0.0) -> float:
    """Draw the key, a swatch and a name per entry, in as many lines as needed; return the inches it takes.

    Args:
        figure: to draw in.
        entries: how each name is drawn: the properties of a rectangle, or of a line where they hold `line`.
        top: inches from the top of the figure.
        layout: the shape.
        least: inches that an entry takes at least, so that entries of several lines stand below each other.
    """
    left, line = EDGE, 0
    for name, drawn in entries.items():
        width = max(text_width(name, SMALL) + 0.62, least)
        if left > EDGE and left + width > layout.width:
            left, line = EDGE, line + 1
        axes = bare(axes_at(figure, left, top + line * KEY_LINE, 0.3, 0.16))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        properties = dict(drawn)
        if properties.pop("line", False):
            axes.plot([0, 0.5, 1], [0.5, 0.5, 0.5], solid_capstyle="butt", clip_on=False, **properties)
        elif "marker" in properties:
            axes.plot([0.5], [0.5], linestyle="none", clip_on=False, **properties)
        else:
            axes.add_patch(Rectangle((0, 0), 1, 1, **{"linewidth": 0, **properties}))
        text_at(figure, left + 0.38, top + line * KEY_LINE, name, size=SMALL, color=INK)
        left += width
    return (line + 1) * KEY_LINE


def keys_height(names: list[str], layout: Layout, *, least: float = 0.0) -> float:
    """Return the inches that a key of these names takes."""
    left, line = EDGE, 0
    for name in names:
        width = max(text_width(name, SMALL) + 0.62, least)
        if left > EDGE and left + width > layout.width:
            left, line = EDGE, line + 1
        left += width
    return (line + 1) * KEY_LINE


def text_width(text: str, size: float) -> float:
    """Return the width of a text in inches, as it is drawn."""
    return float(TextPath((0, 0), text, size=size).get_extents().width) / 72 if text.strip() else 0.0


def _title_lines(caption: Caption, layout: Layout) -> list[str]:
    return textwrap.wrap(caption.title, int(layout.width * 72 / (TITLE * 0.66)))


def _note_lines(caption: Caption, layout: Layout) -> list[str]:
    letters = int(layout.width * 72 / (BODY * 0.56))
    return [line for note in caption.notes for line in textwrap.wrap(note, letters)]
