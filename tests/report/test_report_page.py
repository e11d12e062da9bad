"""The page: complete, self-contained, accessible in structure; numbers with intervals; files beside it."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import CountryCodeError
from orrery.lab.runs import Run
from orrery.report.report import save_figures, save_tables, unbroken, write_report
from orrery.report.summaries import Neighbourhood
from orrery.report.tables import SAME, decimals_for, interval_cell, plain

pytestmark = pytest.mark.long

VOID = {"meta", "img", "source", "br", "hr", "link"}


class Outline(HTMLParser):
    """Collects tags with attributes, and complains about tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run, out=tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def outline(page: Path) -> Outline:
    outline = Outline()
    outline.feed(page.read_text("utf-8"))
    assert outline.open == []
    return outline


def test_structure(outline: Outline):
    assert outline.all("html") == [{"lang": "en"}]
    for landmark in ("header", "nav", "main", "footer", "h1", "title"):
        assert len(outline.all(landmark)) == 1, landmark
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for a in outline.all("a") if (a["href"] or "").startswith("#")]
    assert {target[1:] for target in targets if target} <= set(ids)
    assert {attributes.get("scope") for attributes in outline.all("th")} == {"col", "row"}


def test_nothing_is_fetched(page: Path, outline: Outline):
    addresses = [a["src"] for a in outline.all("img")] + [a["srcset"] for a in outline.all("source")]
    assert len(addresses) == 10
    for address in addresses:
        assert address is not None
        assert address.startswith("data:image/svg+xml;base64,")
        svg = base64.b64decode(address.split(",", 1)[1]).decode()
        ElementTree.fromstring(svg)
        assert not re.search(r'(href|src)="(?!#)', svg)
        assert not re.search(r"url\((?!#)|@import", svg)
    assert not outline.all("link")
    assert all("src" not in script for script in outline.all("script"))
    without_images = re.sub(r"data:[^\"]+", "", page.read_text("utf-8"))
    assert not re.search(r"url\(|@import|fetch\(", without_images)
    assert page.stat().st_size < 4_000_000


def test_every_figure_has_words_files_and_a_table(page: Path, outline: Outline):
    assert all(image["alt"] and len(image["alt"]) > 60 for image in outline.all("img"))
    assert len(outline.all("figcaption")) == len(outline.all("details")) == 5
    for link in outline.all("a"):
        target = link["href"] or ""
        if target.startswith(("figures/", "tables/")):
            assert (page.parent / target).stat().st_size > 100, target


def test_limits_and_citations_are_stated(page: Path):
    text = page.read_text("utf-8")
    assert "prior-predictive and uncalibrated" in text
    assert "2 further draws failed" in text
    assert "carried forward: trade, pacts, capability" in text
    cite = text[text.index('id="cite"') :]
    order = [cite.index(name) for name in ("Voeten", "Stockholm", "Natural Earth", "The Orrery authors")]
    assert order == sorted(order)
    assert "&lt; 1" in text


def test_markup_in_a_run_is_escaped(page: Path):
    assert "rivalry is &gt; 0 &amp; &lt; 1" in page.read_text("utf-8")


def test_tables_read_back_alike(run: Run, tmp_path: Path):
    paths = save_tables(run, tmp_path / "tables")
    assert len(paths) == 14
    for comma in (path for path in paths if path.suffix == ".csv"):
        parquet = duckdb.connect().execute("select * from read_parquet(?)", [str(comma.with_suffix(".parquet"))]).df()
        written = pd.read_csv(comma, keep_default_na=False)
        assert list(written.columns) == list(parquet.columns)
        assert len(written) == len(parquet) > 0
    changes = pd.read_csv(tmp_path / "tables" / "multivectorness.csv")
    assert {"change_low80", "change_high80", "rival_diversity_end_median"} <= set(changes.columns)


def test_figures_of_another_neighbourhood(run: Run, tmp_path: Path):
    paths = save_figures(run, tmp_path, neighbourhood=Neighbourhood("The Nordic countries", ("SWE", "NOR")))
    assert sorted({path.suffix for path in paths}) == [".png", ".svg"]
    svg = (tmp_path / "portfolios.svg").read_text("utf-8")
    assert "Sweden" in svg
    assert "Kazakhstan" not in svg


def test_nothing_is_written_for_an_unknown_neighbour(run: Run, tmp_path: Path):
    with pytest.raises(CountryCodeError, match="XYZ"):
        write_report(run, neighbourhood=Neighbourhood("Nowhere", ("XYZ",)), out=tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_cells_carry_their_interval():
    assert interval_cell(0.5, 0.4, 0.6, 2).interval == "[0.40, 0.60]"
    assert interval_cell(0.5, 0.5, 0.5, 2).text == f"0.50 {SAME}"
    assert interval_cell(float("nan"), float("nan"), float("nan"), 2).text == "no data"
    assert interval_cell(-0.001, -0.2, 0.1, 2, sign=True).text == "0.00"
    assert interval_cell(-0.1, -0.2, 0.1, 2, sign=True).interval == "[−0.20, +0.10]"


@given(st.floats(1e-4, 1e4))
def test_decimals_show_the_width(width: float):
    decimals = decimals_for(0.0, width)
    assert 0 <= decimals <= 4
    assert float(plain(width, decimals).replace(",", "")) > 0


def test_percent_sign_stays_with_its_number():
    assert unbroken("80 % of 3") == "80\u202f% of 3"
    assert unbroken(3) == 3
