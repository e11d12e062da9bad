"""What the documents of forecasts promise: examples run, parameters are listed, and figures are what is computed."""

from __future__ import annotations

import doctest
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from orrery.negotiation.cases import load_cases
from orrery.negotiation.forecasts.parameters import PRIORS
from orrery.negotiation.forecasts.reading import NOTHING, SCORES, case_table
from orrery.negotiation.forecasts.scoreboard import OURS
from orrery.negotiation.solutions.registry import SOLUTIONS

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
METHOD, PAGE = ROOT / "docs" / "forecasts.md", ROOT / "docs" / "forecasts_table.md"
THREE = ("EU-BELARUS-2020", "IRAQ-2003", "RCEP-2020")


@pytest.fixture(scope="module")
def tool() -> dict:
    return runpy.run_path(str(ROOT / "tools" / "build_forecast_table.py"))


def rows_of(text: str, header: str) -> list[list[str]]:
    """Return the cells of the table whose first column has this header."""
    table = re.search(rf"(?m)^\| {re.escape(header)} \|.*\n((?:\|.*\n)+)", text)
    assert table is not None, header
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()[1:]]


def test_the_examples_give_what_the_document_says():
    found = doctest.testfile(str(METHOD), module_relative=False)
    assert found.attempted >= 8
    assert found.failed == 0


def test_the_table_of_parameters_is_the_registry(tool):
    rows = rows_of(METHOD.read_text("utf-8"), "symbol")
    for cells, prior in zip(rows, PRIORS.values(), strict=True):
        words = tool["written"](prior.kind, prior.first, prior.second)
        assert cells[:4] == [f"`{prior.symbol}`", prior.meaning, prior.unit, words]
        assert cells[5] == prior.source


def test_the_table_of_parameters_is_what_the_shipped_cases_teach(tool):
    text = METHOD.read_text("utf-8")
    assert tool["with_priors"](text) == text


def test_the_page_has_every_model_score_and_case():
    text = PAGE.read_text("utf-8")
    models = [row[0] for row in rows_of(text, "model")]
    assert models[:2] == list(OURS)
    assert models[3:] == [one.title for one in SOLUTIONS.values()]
    assert [row[0] for row in rows_of(text, "case")] == list(load_cases())
    for score in SCORES.values():
        assert f" {score.title} |" in text


def test_the_figures_of_three_cases_are_what_is_computed(learned):
    """The closed form anew from what is shipped, to the digits of the page and what platforms may differ by."""
    rows = {row[0]: row for row in rows_of(PAGE.read_text("utf-8"), "case")}
    for found in case_table([load_cases()[code] for code in THREE], learned).itertuples():
        _, chance, agreed, error, years, recorded, binds, held_out = rows[found.case]
        assert float(chance) == pytest.approx(found.chance, abs=0.015)
        assert agreed == ("yes" if found.agreed else "no")
        assert error == NOTHING if np.isnan(found.error) else float(error) == pytest.approx(found.error, abs=1.5)
        assert float(years) == pytest.approx(found.years, rel=0.15)
        assert float(recorded) == pytest.approx(found.recorded_years, rel=0.06)
        assert binds.startswith(f"{found.binds} (")
        assert held_out == (found.held_out or NOTHING)


def test_the_mean_score_of_the_page_is_that_of_its_cases():
    text = PAGE.read_text("utf-8")
    cases = rows_of(text, "case")
    chance, agreed = np.array([float(row[1]) for row in cases]), np.array([row[2] == "yes" for row in cases])
    mean = float(rows_of(text, "model")[0][1].split()[0])
    assert mean == pytest.approx(((chance - agreed) ** 2).mean(), abs=0.005)
    assert f"{agreed.sum()} cases ended in agreement" in text


def test_the_pages_figures_exist():
    for name in re.findall(r"\]\((figures/[^)]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / name).read_text("utf-8").startswith("<svg")
