"""The commands on data: `orrery data ...` and `orrery sql`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import OrreryError, StoreError
from orrery.cli import console
from orrery.cli.answers import FormatOption, OutOption, chosen_format, give
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    from orrery.data.sources import Source
    from orrery.data.store import Manifest, Store

app = typer.Typer(
    help="The official data sources and the local store they are kept in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class CitationFormat(StrEnum):
    """How citations are printed."""

    text = "text"
    bibtex = "bibtex"


SourceKey = Annotated[str, typer.Argument(metavar="SOURCE", help="Key of a source, as in `orrery data list`.")]


@app.command("list")
def list_sources(
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
) -> None:
    """List the sources: what they are, which years, on what terms, and whether they are in the store.

    Example: orrery data list --format csv
    """
    store = _store()
    stored = store.manifests()
    columns = ("source", "title", "first_year", "last_year", "licence", "in_store")
    rows = [
        (key, source.title, source.first_year, source.last_year, source.licence, _state(stored.get(key)))
        for key, source in store.registry.sources.items()
    ]
    console.print_rows(columns, rows, row_format)


@app.command()
def show(source_key: SourceKey) -> None:
    """Show everything known about a source: origin, terms, files, tables and columns.

    Example: orrery data show un_votes
    """
    store = _store()
    source, manifest = store.registry.source(source_key), store.manifest(source_key)
    facts = {
        "source": source.key,
        "title": source.title,
        "producer": source.producer,
        "citation": source.citation,
        "page": source.landing_page,
        "licence": source.licence,
        "redistribution": source.redistribution,
        "format": source.format,
        "years": f"{source.first_year}-{source.last_year}",
        "version": source.version,
        "in the store": _state(manifest) if manifest is None else f"{_state(manifest)}, added {manifest.added}",
    }
    console.print_facts(facts)
    console.say("\nFiles; those of one layout belong together")
    files = ("layout", "role", "name", "fetched from", "tested SHA-256", "in the store")
    console.print_rows(files, _file_rows(source, manifest), RowFormat.table)
    console.say("\nTables")
    columns = ("table", "column", "type in the store", "what it holds")
    console.print_rows(columns, _column_rows(store, source_key), RowFormat.table)
    for table in () if manifest is None else manifest.tables:
        for note in table.notes:
            console.say(f"note on {table.name}: {note}")


@app.command()
def add(
    source_key: Annotated[str | None, typer.Argument(metavar="SOURCE", help="Key of the source.")] = None,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Its official files, or a folder with them.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Add every source with files in FOLDER.")
    ] = None,
) -> None:
    """Add official files that you downloaded to the store, whole or not at all.

    Example: orrery data add wb_gdp Downloads/wb_gdp.csv
    """
    if folder is not None and source_key is None:
        _add_all(folder)
    elif folder is None and source_key is not None and files:
        _report_added(_store().add(source_key, files))
    else:
        raise typer.BadParameter("give either SOURCE FILE... or --from FOLDER")


@app.command()
def pull(
    source_keys: Annotated[list[str] | None, typer.Argument(metavar="SOURCE...", help="Keys of sources.")] = None,
    all_sources: Annotated[bool, typer.Option("--all", help="Every source that can be fetched.")] = False,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Accept files other than those Orrery was tested with.")
    ] = False,
) -> None:
    """Fetch the files of sources from their producers and add them to the store.

    Example: orrery data pull kof wgi
    """
    from orrery.data import fetch

    if all_sources == bool(source_keys):
        raise typer.BadParameter("give either SOURCE... or --all")
    store = _store()
    known = store.registry.sources
    failures: list[OrreryError] = []
    for key in source_keys or [key for key, source in known.items() if fetch.fetchable_files(source)]:
        try:
            with console.download_progress() as progress:
                manifest = fetch.pull(key, store, any_version=any_version, progress=progress)
            _report_added(manifest)
        except OrreryError as error:
            failures.append(error)
    if all_sources:
        by_hand = [key for key, source in known.items() if not fetch.fetchable_files(source)]
        console.note(f"to be fetched by hand (`orrery data show SOURCE` says where): {', '.join(by_hand) or 'none'}")
    for error in failures:
        console.print_error(error)
    if failures:
        raise typer.Exit(1)


@app.command()
def verify(
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
) -> None:
    """Check that the stored tables, and the official files they were read from, are unchanged.

    Example: orrery data verify
    """
    checks = _store().verify()
    rows = [(check.source, check.kind, str(check.path), check.state) for check in checks]
    console.print_rows(("source", "kind", "file", "state"), rows, row_format)
    failed = sorted({check.source for check in checks if check.failed})
    if failed:
        raise StoreError(f"files of {', '.join(failed)} differ from what was stored. Add these sources again")


@app.command()
def cite(
    source_keys: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE...", help="Keys of sources; without any, all of them.")
    ] = None,
    citation_format: Annotated[CitationFormat, typer.Option("--format", help="How to print.")] = CitationFormat.text,
) -> None:
    """Print how to cite sources in a publication.

    Example: orrery data cite un_votes --format bibtex
    """
    registry = _store().registry
    for key in source_keys or registry.sources:
        console.say(_CITATIONS[citation_format](registry.source(key)))


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT statement; every table of the store is a view.")],
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Ask the store a question in SQL (DuckDB's dialect). It reads the store only and changes nothing.

    Example: orrery sql "SELECT * FROM gdp WHERE year = 2023" --out gdp.csv
    """
    chosen = chosen_format(answer_format, out)
    give(_store().sql(query), chosen, out)


def _store() -> Store:
    from orrery.data.store import open_store

    return open_store()


def _state(manifest: Manifest | None) -> str:
    if manifest is None:
        return "no"
    return "yes" if manifest.as_tested else "yes, another version"


def _add_all(folder: Path) -> None:
    outcomes = _store().add_all(folder, lambda outcome: console.note(f"{outcome.source}: {outcome.state}"))
    rows = [(outcome.source, outcome.state, outcome.detail) for outcome in outcomes]
    console.print_rows(("source", "state", "detail"), rows, RowFormat.table)
    failed = [outcome.source for outcome in outcomes if outcome.state == "failed"]
    if failed:
        raise StoreError(f"{len(failed)} of {len(outcomes)} sources failed ({', '.join(failed)}); the others stand")


def _report_added(manifest: Manifest) -> None:
    tables = ", ".join(f"{table.name} ({table.rows:,} rows)" for table in manifest.tables)
    console.say(f"added {manifest.source}: {tables}")
    if not manifest.as_tested:
        console.note(f"note: {manifest.source} is another version than the one Orrery was tested with")


def _file_rows(source: Source, manifest: Manifest | None) -> list[tuple[object, ...]]:
    stored = {} if manifest is None else {file.role: file for file in manifest.files}
    states = {None: "yes, no tested version", True: "yes, as tested", False: "yes, another version"}
    return [
        (
            file.layout,
            file.role,
            "|".join(file.patterns),
            file.url or "by hand",
            file.sha256,
            states[stored[file.role].as_tested] if file.role in stored else "no",
        )
        for file in source.files
    ]


def _column_rows(store: Store, source_key: str) -> list[tuple[object, ...]]:
    stored = store.tables()
    return [
        (table, column, stored[table].columns.get(column) if table in stored else None, words)
        for table, columns in store.registry.describe(source_key).items()
        for column, words in columns.items()
    ]


def _as_text(source: Source) -> str:
    return f"{source.key}: {source.citation}"


def _as_bibtex(source: Source) -> str:
    fields = {
        "title": _latex(source.title),
        "author": f"{{{_latex(source.producer)}}}",
        "howpublished": rf"\url{{{source.landing_page}}}",
        "note": _latex(f"Version: {source.version}. {source.citation}"),
    }
    lines = [f"@misc{{{source.key},", *(f"  {name} = {{{value}}}," for name, value in fields.items()), "}"]
    return "\n".join(lines)


def _latex(text: str) -> str:
    """Return a text with the characters that LaTeX reads as commands made harmless."""
    return text.translate(_LATEX)


_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{mark: "\\" + mark for mark in "&%$#_{}"},
    }
)
_CITATIONS = {CitationFormat.text: _as_text, CitationFormat.bibtex: _as_bibtex}
