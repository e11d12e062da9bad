"""What a reader needs to trace a figure: the sources behind it, with version, licence and checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orrery.data.sources import source

if TYPE_CHECKING:
    from orrery.data.store import Manifest


def source_record(manifest: Manifest) -> dict:
    """Return the producer, citation, version, licence and file checksums of a source as it was stored."""
    entry = source(manifest.source)
    return {
        "key": entry.key,
        "producer": entry.producer,
        "citation": entry.citation,
        "version": manifest.version,
        "licence": entry.licence,
        "redistribution": entry.redistribution,
        "files": {file.role: file.sha256 for file in manifest.files},
    }
