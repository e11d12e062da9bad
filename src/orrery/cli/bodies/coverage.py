"""`orrery bodies coverage`: what the catalogue knows of each body."""

from __future__ import annotations

from orrery.cli.answers import FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import FolderOption, OnOption, day_of


def coverage(
    on: OnOption = None,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """List what is known of each body: members, spells, rules, weights, sources, and what it is compared with.

    Example: orrery bodies coverage --on 2026-01-01 --format markdown
    """
    from orrery.institutions.catalogue import load_bodies
    from orrery.institutions.coverage import coverage as covered

    chosen = chosen_format(answer_format, out)
    give(covered(load_bodies(folder), day_of(on)), chosen, out)
