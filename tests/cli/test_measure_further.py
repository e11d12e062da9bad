"""Ranks, changes, treaty records and globalisation from the command line; choices of rivalry and of roll calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_measure_commands import PNG, Orrery, run

import orrery
from orrery.cli import console
from orrery.measure.portfolios.decomposition import decompose_change
from orrery.measure.portfolios.stability import rank_stability

pytestmark = pytest.mark.long

__all__ = ["run"]


def test_ranks_are_those_among_all_countries(run: Orrery, tmp_path: Path, baseline) -> None:
    plot = tmp_path / "ranks.png"
    words = ("measure", "ranks", "KAZ", "Serbia", "--years", "2018", "--draws", "50")
    frame = run(*words, "--plot", plot, "--format", "csv").frame().set_index("country")
    expected = rank_stability(baseline, 2018, draws=50).to_frame().set_index("country")
    assert sorted(frame.index) == ["KAZ", "SRB"]
    for name in ("rank", "rank_lower", "rank_upper"):
        assert frame[name].to_dict() == pytest.approx(expected.loc[frame.index, name].to_dict())
    assert plot.read_bytes().startswith(PNG)
    assert "most influential weight" in run(*words).out


def test_the_parts_of_a_change_add_up(run: Orrery, baseline) -> None:
    words = ("measure", "change", "KAZ", "--years", "2000-2020", "--index", "rival_diversity")
    frame = run(*words, "--format", "csv").frame()
    expected = decompose_change(baseline, "KAZ", (2000, 2020), index="rival_diversity")
    assert frame["contribution"].sum() == pytest.approx(expected.change)
    assert f"changed by {expected.change:+.3f} from 2000 to 2020" in run(*words).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("change", "KAZ"), "`--years`: none came; write the two years"),
        (("change", "KAZ", "--years", "2010"), "a change is between two years"),
        (("change", "KAZ", "--years", "2000-2010", "--index", "size"), "`index`: 'size' came"),
        (("ranks", "--years", "2018", "--index", "size"), "'size' came"),
        (("ranks", "--rivalry", "envy"), "`--rivalry`: 'envy' came; it is one of ideal_points, "),
        (("alignment", "KAZ", "--rivalry", "disputes"), "orrery data add"),
        (("reputation", "KAZ"), "orrery data add"),
        (("globalisation",), "orrery data add"),
        (("ideal-points", "--issue", "human_rights"), "the baseline is from all votes. Add --method"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(run: Orrery, words: tuple[str, ...], told: str) -> None:
    assert told in run("measure", *words).error


def test_intervals_may_hold_the_error_of_filled_cells(run: Orrery) -> None:
    words = ("measure", "alignment", "KAZ", "--years", "2023", "--channel", "trade", "--format", "csv")
    plain, filled = run(*words).frame(), run(*words, "--filled-errors").frame()
    assert plain["CHN_lower"].isna().all()
    assert (filled["CHN_lower"] < filled["CHN"]).all()


@pytest.fixture
def official_store(official_tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orrery, "open_store", lambda: official_tables, raising=False)


def test_treaty_records_are_printed_and_drawn(run: Orrery, official_store: None, tmp_path: Path) -> None:
    plot = tmp_path / "record.png"
    words = ("measure", "reputation", "KAZ", "--years", "2010-2011", "--areas", "human rights")
    frame = run(*words, "--plot", plot, "--format", "csv").frame()
    kept = frame[(frame["measure"] == "participation") & (frame["area"] == "human rights")]
    assert kept["year"].tolist() == [2010, 2011]
    assert ((kept["lower"] < kept["value"]) & (kept["value"] < kept["upper"])).all()
    assert plot.read_bytes().startswith(PNG)
    assert "participation: share of the treaties open" in run(*words).out


def test_globalisation_is_tested_for_a_contraction(run: Orrery, official_store: None, tmp_path: Path) -> None:
    plot = tmp_path / "kof.png"
    frame = run("measure", "globalisation", "--years", "2008-2022", "--format", "csv", "--plot", plot).frame()
    world = frame[frame["index"] == "kof"].set_index("year")["world"]
    assert world[2008] == pytest.approx(57.6, abs=0.1)
    assert plot.read_bytes().startswith(PNG)
    tested = run("measure", "globalisation", "--since", "2008", "--format", "csv").frame().set_index("index")
    assert tested.loc["kof", "verdict"] == "growth"


def test_progress_is_told_by_tenths_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with console.work_progress("sampling") as tell:
        for done in range(0, 101, 4):
            tell(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"sampling: {percent} %" for percent in range(10, 101, 10)]
