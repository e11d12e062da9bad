"""List where the catalogue of bodies and the data disagree on members, from the sources in the local store.

    python tools/list_disagreements.py            every body: the disagreements with their reasons, and what is amiss
    python tools/list_disagreements.py NATO EFTA  these bodies

A disagreement without a reason, or a reason without its disagreement, is marked: weigh the instrument, then correct the
body or `catalogue/disagreements/CODE.toml`.
"""

from __future__ import annotations

import argparse

from orrery.data.panel import Tables
from orrery.data.store import open_store
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_bodies
from orrery.institutions.check import Disagreement, compare, explained, idle


def main() -> None:
    """Print the disagreements of each body."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*", help="bodies; all that are compared with data by default")
    wanted = {code.upper() for code in parser.parse_args().codes}
    store = open_store()
    for body in load_bodies().values():
        if body.check is not None and (not wanted or body.code in wanted):
            print("\n".join(described(body, store)))


def described(body: Body, tables: Tables) -> list[str]:
    """Return the disagreements of a body in lines, marked where a reason or a disagreement is missing."""
    found, reasons = compare(body, tables), explained(body.code)
    lines = [f"{body.code}, {body.name}: {len(found) or 'no'} disagreements"]
    for one in found:
        reason = next((written.reason for written in reasons if written.covers(one)), "WITHOUT A REASON")
        lines.append(f"  {_line(one)} {reason}")
    lines += [f"  NO SUCH DISAGREEMENT: {_line(one)} {one.reason}" for one in idle(body, tables)]
    return lines


def _line(one: Disagreement) -> str:
    years = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    return f"{one.country} {years}: {one.catalogue} in the catalogue, {one.data} in {one.source}."


if __name__ == "__main__":
    main()
