"""List where the catalogue of bodies and tables of memberships disagree, from the sources in the local store.

    python tools/list_disagreements.py            every body: what is written down, what is not, what is outdated
    python tools/list_disagreements.py NATO EFTA  these bodies
    python tools/list_disagreements.py --write    bring catalogue/disagreements/ up to date; new reasons are left empty

An empty reason is refused by the tests: weigh the instrument, then correct the body or write down why it is kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from orrery.base.files import writing_file
from orrery.data.store import open_store
from orrery.institutions.check import Disagreement, Review, checked_bodies, review

FOLDER = Path(__file__).parents[1] / "src" / "orrery" / "institutions" / "catalogue" / "disagreements"


def main() -> None:
    """Print the review of each body, and write it down if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*", help="bodies; all that are checked by default")
    parser.add_argument("--write", action="store_true", help="write the files anew, keeping reasons")
    options = parser.parse_args()
    store, wanted = open_store(), {code.upper() for code in options.codes}
    for body in checked_bodies():
        if not wanted or body.code in wanted:
            found = review(body, store, FOLDER)
            print(described(found))
            if options.write:
                write(found)


def described(found: Review) -> str:
    """Return a review in lines."""
    parts = (("", found.agreed), ("NOT WRITTEN DOWN ", found.unexplained), ("OUTDATED ", found.outdated))
    entries = [f"  {mark}{_line(one)}" for mark, some in parts for one in some]
    return "\n".join([f"{found.code}: disagreements: {len(found.agreed) + len(found.unexplained)}", *entries])


def write(found: Review) -> None:
    """Write what a body and its table disagree on, with the reasons there are; a body without any has no file."""
    kept: Sequence[Disagreement] = sorted([*found.agreed, *found.unexplained], key=lambda one: one.fact)
    path = FOLDER / f"{found.code}.toml"
    if not kept:
        path.unlink(missing_ok=True)
        return
    text = "\n".join(
        "[[disagreement]]\n" + "".join(f"{k} = {_value(v)}\n" for k, v in asdict(one).items()) for one in kept
    )
    with writing_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _line(one: Disagreement) -> str:
    years = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    return f"{one.country} {years}: {one.catalogue} in the catalogue, {one.data} in {one.source}. {one.reason}".strip()


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
