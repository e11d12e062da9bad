"""`orrery design`: what it writes, that it writes the same again, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from importlib import resources
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from orrery.cli.main import main
from orrery.data.panel import Panel
from orrery.negotiation.cases import load_case
from orrery.negotiation.design.merits import OBJECTIVES
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.parameters import draw_parameters, to_free
from orrery.negotiation.formats import PRESETS

pytestmark = pytest.mark.long

Run = Callable[..., tuple[object, str, str]]
CASE = "ARCTIC-SEARCH-RESCUE-2011"
SMALL = ("--evaluations", 200, "--draws", 16)


@pytest.fixture(scope="module")
def untaught() -> Learned:
    """Parameters as their priors have them, so that no figure here rests on what cases teach."""
    free = np.asarray(to_free(draw_parameters(jax.random.key(1), 32)), float)
    return Learned(free, np.zeros(32), np.zeros((0, 32)), (), (), "no cases")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, baseline: Panel, untaught: Learned) -> Run:
    """Ask the command, with the shipped baseline that other tests have loaded."""
    monkeypatch.setattr("orrery.data.baseline.load_baseline", lambda: baseline)
    monkeypatch.setattr("orrery.negotiation.forecasts.learned.shipped", lambda: untaught)

    def ask(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["design", *map(str, arguments)])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return ask


def test_the_folder_holds_brief_figure_and_tables(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "designs" / "arctic"
    code, said, heard = run(CASE, "--out", out, *SMALL, "--max-seats", 6, "--include", "USA", "--no-vetoes")
    assert code == 0, heard
    assert "designs: 100 %" in heard
    assert "knee" in said
    assert sorted(path.name for path in out.iterdir()) == [
        "brief.html", "front.csv", "front.png", "front.svg", "presets.csv",
    ]  # fmt: skip
    assert [path.name for path in out.parent.iterdir()] == ["arctic"]
    front, presets = pd.read_csv(out / "front.csv"), pd.read_csv(out / "presets.csv")
    assert presets["design"].tolist() == [*PRESETS, "own format"]
    assert front["knee"].tolist() == [True] + [False] * (len(front) - 1)
    assert front["seats"].str.split().map(len).max() <= 6
    assert front["seats"].str.split().map(lambda keys: "USA" in keys).all()
    assert not front["rule"].str.contains("veto").any()
    for name in OBJECTIVES:
        assert (front[f"{name}_low"] <= front[f"{name}_high"]).all()
        assert front[f"gives_up_{name}"].between(0, 1).all()
    assert (out / "front.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "front.svg").read_text("utf-8").startswith("<svg")


def test_the_brief_says_what_was_asked_and_how_to_have_it_again(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "one"
    arguments = (CASE, "--out", out, *SMALL, "--exclude", "OBSERVERS", "--min-chance", 0.01, "--worst", "--seed", 3)
    excluded = load_case(CASE).keys[-1]
    arguments = tuple(excluded if word == "OBSERVERS" else word for word in arguments)
    assert run(*arguments)[0] == 0
    page = " ".join(unescape((out / "brief.html").read_text("utf-8")).split())
    case = load_case(CASE)
    assert f"{case.title}: on which table?" in page
    assert "by the worst tenth of draws" in page
    assert f"Conditions: {excluded} must not sit; a chance of agreement of at least 1%." in page
    again = re.search(r"Again: <code>(.*?)</code>", page)
    assert again is not None
    assert again[1].split()[:3] == ["orrery", "design", CASE]
    assert f"--exclude {excluded} --min-chance 0.01 --evaluations 200 --worst --draws 16 --seed 3" in again[1]
    assert all(source.title in page for source in case.sources)
    assert all(preset.title in page for preset in PRESETS.values())
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "http" not in re.sub(r"data:[^\"]*", "", page)
    second = tmp_path / "two"
    assert run(*(second if word == out else word for word in arguments))[0] == 0
    for name in ("front.csv", "presets.csv", "front.svg"):
        assert (out / name).read_bytes() == (second / name).read_bytes()


def test_a_case_file_and_chosen_objectives_are_taken(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    shipped = resources.files("orrery.negotiation.cases") / f"{CASE.lower()}.toml"
    file.write_text(shipped.read_text("utf-8"), "utf-8")
    out = tmp_path / "out"
    code, _, heard = run(file, "--out", out, *SMALL, "--objectives", "depth, cost")
    assert code == 0, heard
    given = [name for name in pd.read_csv(out / "front.csv") if name.startswith("gives_up")]
    assert given == ["gives_up_depth", "gives_up_cost"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("NO-SUCH-CASE",), "there is no case with this code"),
        ((CASE, "--include", "XXX"), "there is no party XXX"),
        ((CASE, "--max-seats", "1"), "at most 1 parties can sit, and 2 must"),
        ((CASE, "--objectives", "speed"), "a front needs two or more"),
        ((CASE, "--objectives", "speed,beauty"), "beauty came; known are"),
        ((CASE, "--share", "0"), "give a share above 0, up to 1"),
    ],
)
def test_what_cannot_be_designed_is_refused_in_one_line_and_nothing_is_written(
    run: Run, tmp_path: Path, arguments: tuple, message: str
) -> None:
    code, said, heard = run(*arguments, "--out", tmp_path / "out")
    assert (code, said) == (1, "")
    assert len(heard.splitlines()) == 1
    assert message in heard
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(run: Run, tmp_path: Path) -> None:
    code, _, heard = run(CASE, "--out", tmp_path, *SMALL)
    assert code == 1
    assert "it exists, and nothing is overwritten" in heard
    assert list(tmp_path.iterdir()) == []
