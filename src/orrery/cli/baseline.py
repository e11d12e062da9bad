"""Building the embedded baseline from official files, and proving that the shipped one is what they give."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import DataError
from orrery.cli import console

if TYPE_CHECKING:
    from orrery.data.body_depth import BodyDepths
    from orrery.data.panel import Panel

Folder = Annotated[
    Path, typer.Option("--from", metavar="FOLDER", exists=True, file_okay=False, help="Folder of the official files.")
]


def build_baseline(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Folder to write; it must not exist.")] = Path("baseline"),
) -> None:
    """Build a baseline of derived figures from a folder of official files.

    Example: orrery data build-baseline --from official-files --out baseline
    """
    from orrery.data.baseline import write_baseline

    if out.exists():
        raise DataError(f"`out`: {out} exists already. Name another folder, or remove that one.")
    write_baseline(*_measured(folder), out)
    size = sum(path.stat().st_size for path in out.iterdir())
    console.say(f"{out}: {len(list(out.iterdir()))} files, {size / 1e6:.1f} MB")


def check_baseline(
    folder: Folder,
    shipped: Annotated[Path | None, typer.Option(help="Baseline to check; the embedded one by default.")] = None,
) -> None:
    """Prove that the embedded baseline is what the official files give: build it anew and compare every figure.

    Example: orrery data check-baseline --from official-files
    """
    from orrery.data.baseline import SHIPPED, differences, write_baseline

    with tempfile.TemporaryDirectory() as temporary:
        anew = Path(temporary) / "baseline"
        write_baseline(*_measured(folder), anew)
        report = differences(shipped or SHIPPED, anew)
    for line in report.lines:
        console.say(line)
    if not report.same:
        raise DataError("the baseline differs from what the official files give; build it anew, or see the lines above")
    console.say("the baseline is reproduced")


def _measured(folder: Path) -> tuple[Panel, BodyDepths]:
    """Import the official files that a baseline needs into a store of their own, and measure what it holds."""
    from orrery.data.store import Store
    from orrery.measure.panel import measured_depths, measured_panel, sources_needed

    with tempfile.TemporaryDirectory() as temporary:
        store = Store(Path(temporary))
        for key in sources_needed():
            console.note(f"reading {key}")
            store.add(key, folder)
        console.note("measuring")
        manifests = store.manifests()
        return measured_panel(store, manifests=manifests), measured_depths(store, manifests=manifests)
