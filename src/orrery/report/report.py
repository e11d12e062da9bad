"""The report of a run: one HTML file that opens anywhere, offline, with its figures and tables as files beside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from orrery.base.files import writing_file
from orrery.lab.runs import Run
from orrery.report.contract import check_run, finished_draws, horizon
from orrery.report.exhibits import Exhibit, exhibits, source_line
from orrery.report.provenance import citations, input_table, limits, parameter_counts
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing, to_png, to_svg
from orrery.report.summaries import DEFAULT_NEIGHBOURHOOD, Neighbourhood
from orrery.report.tables import Table, parameter_table, save_table


@dataclass(frozen=True)
class Rendered:
    """One exhibit drawn: an SVG per layout, with its size in pixels, and a PNG."""

    exhibit: Exhibit
    svg: dict[str, str]
    sizes: dict[str, tuple[int, int]]
    png: bytes

    def data_address(self, layout: str) -> str:
        """Return the SVG as a `data:` address."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg[layout].encode()).decode()


def write_report(run: Run, *, neighbourhood: Neighbourhood = DEFAULT_NEIGHBOURHOOD, out: Path | None = None) -> Path:
    """Write the report of a run, with its figures and tables beside it.

    Args:
        run: a finished run.
        neighbourhood: the countries whose portfolios are shown then and now.
        out: the page, by default `report.html` in the run's folder; `figures/` and `tables/` go beside it.

    Returns:
        The page.

    Raises:
        RunError: the run lacks something the report prints, or every draw failed.
        CountryCodeError: the neighbourhood names a country that is not in the run.
    """
    check_run(run)
    page = run.folder / "report.html" if out is None else out
    rendered = [render(exhibit) for exhibit in exhibits(run, neighbourhood)]
    other_tables = [parameter_table(run.parameters), input_table(run)]
    _save_rendered(rendered, page.parent / "figures")
    _save_tables([*(one.exhibit.table for one in rendered), *other_tables], page.parent / "tables")
    with writing_file(page) as temporary:
        temporary.write_text(render_page(run, rendered, other_tables), encoding="utf-8")
    return page


def save_figures(run: Run, folder: Path, *, neighbourhood: Neighbourhood = DEFAULT_NEIGHBOURHOOD) -> list[Path]:
    """Write every figure as `KEY.svg`, `KEY-narrow.svg` and `KEY.png`; return the files.

    Raises:
        RunError: the run lacks something the figures show, or every draw failed.
        CountryCodeError: the neighbourhood names a country that is not in the run.
    """
    check_run(run)
    return _save_rendered([render(exhibit) for exhibit in exhibits(run, neighbourhood)], folder)


def save_tables(run: Run, folder: Path, *, neighbourhood: Neighbourhood = DEFAULT_NEIGHBOURHOOD) -> list[Path]:
    """Write every table as CSV and Parquet, numbers unrounded; return the files.

    Raises:
        RunError: the run lacks something the tables hold, or every draw failed.
        CountryCodeError: the neighbourhood names a country that is not in the run.
    """
    check_run(run)
    twins = [exhibit.table for exhibit in exhibits(run, neighbourhood)]
    return _save_tables([*twins, parameter_table(run.parameters), input_table(run)], folder)


def render(exhibit: Exhibit) -> Rendered:
    """Draw an exhibit in both layouts."""
    svg, sizes, png = {}, {}, b""
    for layout in LAYOUTS:
        with drawing():
            figure = exhibit.draw(layout)
            svg[layout.name] = to_svg(figure)
            if layout is WIDE:
                png = to_png(figure)
        width, height = figure.get_size_inches() * 96
        sizes[layout.name] = (round(width), round(height))
    return Rendered(exhibit, svg, sizes, png)


def render_page(run: Run, rendered: Sequence[Rendered], other_tables: Sequence[Table]) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("orrery.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parameters, inputs = other_tables
    return environment.get_template("report.html.j2").render(
        run=run,
        start=horizon(run)[0],
        end=horizon(run)[1],
        n_draws=len(finished_draws(run)),
        n_countries=run.draws.sizes["country"],
        poles=[str(pole) for pole in run.draws["pole"].values],
        rendered=rendered,
        parameters=parameters,
        parameter_counts=parameter_counts(run).text,
        inputs=inputs,
        limits=limits(run),
        citations=citations(run),
        source=source_line(run),
    )


def unbroken(value: object) -> object:
    """Keep a number and its percent sign on one line (narrow no-break space); leave what is no plain text alone."""
    return re.sub(r"(\d) %", "\\1\u202f%", value) if type(value) is str else value


def file_names(exhibit: Exhibit, layout: Layout) -> str:
    """Return the name of the SVG of an exhibit in a layout."""
    return f"{exhibit.key}.svg" if layout is WIDE else f"{exhibit.key}-{layout.name}.svg"


def _save_rendered(rendered: Sequence[Rendered], folder: Path) -> list[Path]:
    contents: dict[Path, bytes] = {}
    for one in rendered:
        for layout in LAYOUTS:
            contents[folder / file_names(one.exhibit, layout)] = one.svg[layout.name].encode()
        contents[folder / f"{one.exhibit.key}.png"] = one.png
    for path, content in contents.items():
        with writing_file(path) as temporary:
            temporary.write_bytes(content)
    return list(contents)


def _save_tables(tables: Sequence[Table], folder: Path) -> list[Path]:
    return [path for table in tables for path in save_table(table, folder)]
