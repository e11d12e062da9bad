"""The measuring commands on the shipped baseline, on a small store, and with arguments that cannot be."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orrery
from orrery.base.errors import StoreError
from orrery.cli.main import main
from orrery.data.panel import Panel
from orrery.measure.ideal_points.explain import ANSWERS
from orrery.measure.portfolios.alignment import alignment

PNG = b"\x89PNG\r\n\x1a\n"
CODES = ("ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHL", "CHN", "CUB", "DNK", "EGY", "FRA", "GHA", "IND", "USA")


@dataclass(frozen=True)
class Ended:
    code: object
    out: str
    err: str

    @property
    def error(self) -> str:
        assert self.code == 1, (self.code, self.err)
        (line,) = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        return line

    def frame(self) -> pd.DataFrame:
        assert self.code == 0, self.err
        return pd.read_csv(io.StringIO(self.out))


Orrery = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Orrery:
    def ask(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(end.value.code, printed.out, printed.err)

    return ask


@pytest.fixture(scope="module")
def panel() -> Panel:
    return orrery.load()


@pytest.fixture(autouse=True)
def loaded_once(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every command the shipped baseline, read from its files once."""
    monkeypatch.setattr(orrery, "load", lambda: panel, raising=False)


class SmallStore:
    """Votes of two years, with one roll call that divides, one that is unanimous; nothing else."""

    def __init__(self) -> None:
        rng, places = np.random.default_rng(0), np.linspace(-2, 2, len(CODES))
        rows, calls = [], []
        for number in range(40):
            year = 2009 + number % 2
            cast = np.digitize(-1.5 * places + rng.standard_normal(len(CODES)), [-0.5, 0.5])
            if number == 39:
                cast = np.zeros(len(CODES), int)
            rcid = f"r{number}"
            rows += [(rcid, code, ANSWERS[choice]) for code, choice in zip(CODES, cast, strict=True)]
            title = "Unanimous" if number == 39 else f"Question {number}"
            calls.append((rcid, "64", pd.Timestamp(year, 11, 1), year, title, False, False))
        columns = ["rcid", "session", "date", "year", "title", "amendment", "paragraph"]
        self.tables = {
            "votes": pd.DataFrame(rows, columns=pd.Index(["rcid", "iso3", "vote"])),
            "roll_calls": pd.DataFrame(calls, columns=pd.Index(columns)),
        }

    def read(self, table: str, columns: list[str] | None = None) -> pd.DataFrame:
        if table not in self.tables:
            raise StoreError(f"table `{table}` is not in the store. Add its source")
        found = self.tables[table]
        return found if columns is None else found[columns]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> SmallStore:
    small = SmallStore()
    monkeypatch.setattr(orrery, "open_store", lambda: small, raising=False)
    return small


# On the baseline ------------------------------------------------------------------------------------------------


def test_alignment_prints_what_the_measure_gives(run: Orrery) -> None:
    frame = run("measure", "alignment", "Kazakhstan", "--years", "2024", "--format", "csv").frame()
    expected = alignment(orrery.load(), "KAZ", (2024, 2024)).to_frame()
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False, rtol=1e-12)


def test_alignment_shows_intervals_and_statuses(run: Orrery) -> None:
    ended = run("measure", "alignment", "KAZ", "--years", "2024")
    assert ended.code == 0
    (votes,) = [line for line in ended.out.splitlines() if " votes " in line]
    (trade,) = [line for line in ended.out.splitlines() if " trade " in line]
    (finance,) = [line for line in ended.out.splitlines() if " finance " in line]
    assert "[" in votes
    assert "*" in trade
    assert "carried forward" in trade
    assert "missing" in finance
    assert " - " in finance
    assert "0.00" not in finance
    assert "90 % interval" in ended.out


def test_alignment_over_other_poles(run: Orrery) -> None:
    ended = run("measure", "alignment", "KAZ", "--against", "USA,Turkey", "--channel", "votes", "--format", "csv")
    assert {"USA", "TUR"} < set(ended.frame())
    assert "RUS" not in ended.frame()


def test_ideal_points_by_default_are_those_of_everybody(run: Orrery) -> None:
    frame = run("measure", "ideal-points", "--format", "csv").frame()
    assert frame["year"].unique().tolist() == [2025]
    assert len(frame) > 180
    assert frame["ideal_point"].is_monotonic_increasing
    assert (frame["ideal_point_lower"] < frame["ideal_point"]).all()


def test_ideal_points_of_chosen_countries_keep_their_order_and_gaps(run: Orrery) -> None:
    ended = run("measure", "ideal-points", "--countries", "UZB,Korea, Rep.", "--years", "1990-1991", "--format", "json")
    rows = json.loads(ended.out)
    assert [(row["year"], row["country"]) for row in rows] == [
        (1990, "UZB"),
        (1990, "KOR"),
        (1991, "UZB"),
        (1991, "KOR"),
    ]
    assert rows[0]["ideal_point"] is None
    assert rows[0]["status"] == "missing"


def test_dependence_on_chosen_partners(run: Orrery, panel: Panel) -> None:
    on = run("measure", "dependence", "KAZ", "DEU", "--against", "RUS,EU", "--years", "2010", "--format", "csv").frame()
    shares = panel.values("trade_share", year=2010)
    row, column = panel.country_position("KAZ"), panel.country_position("RUS")
    value = on.query("country == 'KAZ' and partner == 'RUS' and channel == 'trade'")["dependence"].item()
    assert value == pytest.approx(shares[row, column], rel=1e-6)
    group = on[on["partner"] == "EU"]
    assert group["asymmetry"].isna().all()
    germany = group.query("country == 'DEU' and channel == 'trade'")["dependence"].item()
    assert 0.4 < germany < 0.8  # its trade with the other members, itself left out


def test_dependence_without_partners_names_the_largest(run: Orrery) -> None:
    ended = run("measure", "dependence", "KAZ", "--years", "2010")
    assert ended.code == 0
    assert "largest_partner" in ended.out


def test_polarity_and_multilateralism_say_what_is_observed(run: Orrery) -> None:
    polarity = run("measure", "polarity", "--years", "2014-2015", "--format", "csv").frame()
    assert polarity["year"].unique().tolist() == [2014, 2015]
    assert set(polarity["union"]) == {"united", "split"}
    density = run("measure", "multilateralism", "--years", "2014-2015", "--format", "csv").frame()
    assert density["status"].tolist() == ["observed", "carried forward"]


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_out_writes_the_format_of_its_name(run: Orrery, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"density.{suffix}"
    ended = run("measure", "multilateralism", "--years", "2014", "--out", out)
    assert (ended.code, ended.out) == (0, "")
    readers = {"csv": pd.read_csv, "json": pd.read_json}
    if suffix == "parquet":
        from orrery.data.parquet import read_table

        frame = read_table(out)
    else:
        frame = readers[suffix](out)
    assert frame["status"].tolist() == ["observed"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("alignment", "KAZ", "--years", "1990-1996"),
        ("ideal-points", "KAZ", "USA"),
        ("ideal-points", "KAZ", "SRB", "--years", "1990-2025"),
        ("dependence", "KAZ", "--against", "RUS,EU", "--years", "2014-2018"),
        ("dependence", "KAZ", "--years", "2014-2018"),
        ("polarity", "--years", "2014-2018"),
        ("multilateralism", "--years", "2012-2016"),
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_plots_are_written(run: Orrery, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    plot = tmp_path / "figure.png"
    ended = run("measure", *arguments, "--plot", plot)
    assert ended.code == 0, ended.err
    assert plot.read_bytes().startswith(PNG)
    assert f"drawn in {plot}" in ended.err


# From the store -------------------------------------------------------------------------------------------------


def test_positions_are_estimated_from_the_store(run: Orrery, store: SmallStore, tmp_path: Path) -> None:
    ended = run("measure", "ideal-points", "--method", "fast", "--years", "2010", "--format", "csv")
    frame = ended.frame().set_index("country")
    assert frame.loc["USA", "ideal_point"] > frame.loc["ARG", "ideal_point"]
    assert "estimated in" in ended.err
    by_session = run("measure", "ideal-points", "--method", "fast", "--by", "session", "--format", "csv").frame()
    assert by_session["session"].unique().tolist() == [64]


def test_similarity_to_a_pole_and_a_group(run: Orrery, store: SmallStore, tmp_path: Path) -> None:
    plot = tmp_path / "likeness.svg"
    ended = run(
        "measure", "similarity", "ARG", "KAZ", "--against", "USA,EU", "--years", "2009-2010", "--format", "csv",
        "--plot", plot,
    )  # fmt: skip
    frame = ended.frame()
    assert frame.groupby("country")["similarity"].apply(lambda values: values.isna().all()).to_dict() == {
        "ARG": False,
        "KAZ": True,
    }
    assert (frame.loc[frame["country"] == "KAZ", "reason"].str.len() > 0).all()
    assert plot.read_text("utf-8").startswith("<svg")


def test_a_store_without_the_table_says_what_to_add(run: Orrery, store: SmallStore) -> None:
    assert "table `alliances` is not in the store" in run("measure", "similarity", "--profiles", "alliances").error


def test_an_empty_store_says_what_to_add(run: Orrery) -> None:
    assert "un_votes" in run("measure", "ideal-points", "--method", "fast").error
    assert "un_votes" in run("vote", "list").error


def test_vote_list_has_tallies(run: Orrery, store: SmallStore) -> None:
    frame = run("vote", "list", "--years", "2010", "--format", "csv").frame()
    assert len(frame) == 20
    assert (frame[["yes", "abstain", "no"]].sum(axis=1) == len(CODES)).all()
    last = frame.set_index("rcid").loc["r39"]
    assert (last["title"], last["yes"], last["date"]) == ("Unanimous", len(CODES), "2010-11-01")
    found = run("vote", "list", "--search", "question 1", "--format", "csv").frame()
    assert set(found["title"]) == {"Question 1", *(f"Question 1{n}" for n in range(10))}


def test_vote_explain_tells_and_draws(run: Orrery, store: SmallStore, tmp_path: Path) -> None:
    plot = tmp_path / "vote.png"
    ended = run("vote", "explain", "r5", "--surprising", 3, "--plot", plot)
    assert ended.code == 0, ended.err
    assert "cut point between yes and the rest" in ended.out
    assert "The 3 least probable votes" in ended.out
    assert plot.read_bytes().startswith(PNG)
    assert "estimated in" in ended.err
    frame = run("vote", "explain", "r5", "--format", "csv").frame()
    assert len(frame) == 192


def test_a_unanimous_vote_has_no_cut_point(run: Orrery, store: SmallStore, tmp_path: Path) -> None:
    ended = run("vote", "explain", "r39", "--plot", tmp_path / "vote.svg")
    assert ended.code == 0, ended.err
    assert "none; unanimous" in ended.out
    assert "nothing to predict" in ended.out


# What cannot be -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alignment", "Atlantis"), "Atlantis"),
        (("alignment", "KAZ", "--years", "1850"), "the panel holds 1990-2025"),
        (("alignment", "KAZ", "--years", "soon"), "`--years`: 'soon' came"),
        (("alignment", "KAZ", "--years", "2010-2000"), "earlier year first"),
        (("alignment", "KAZ", "--channel", "love"), "`--channel`: 'love' came; it is one of trade"),
        (("alignment", "KAZ", "--against", "Atlantis"), "Atlantis"),
        (("alignment", "KAZ", "--years", "2024", "--out", "{folder}/file/x.csv"), "Name a file that can be written"),
        (("multilateralism", "--plot", "{folder}/file/x.png"), "Name a file that can be written"),
        (("ideal-points", "--by", "session"), "Add --method fast"),
        (("ideal-points", "--method", "magic"), "it is one of fast"),
        (("ideal-points", "KAZ", "--years", "1999-2026"), "the panel holds 1990-2025"),
        (("ideal-points", "--years", "1991-2024", "--plot", "{folder}/x.png"), "a figure holds 1 to 24"),
        (("similarity", "KAZ", "--profiles", "dreams"), "it is one of votes"),
        (("dependence", "KAZ", "--top", "0"), "`top`: 0 came"),
        (("polarity", "--powers", "1"), "`n_powers`: 1 came"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value[:3]),
)
def test_what_cannot_be_measured_is_said_in_one_line(
    run: Orrery, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    ended = run("measure", *(argument.format(folder=tmp_path) for argument in arguments))
    assert message in ended.error


def test_a_roll_call_that_is_not_there(run: Orrery, store: SmallStore) -> None:
    assert "'r99' came" in run("vote", "explain", "r99").error
    assert "no roll call of 2010-2010 with 'peace'" in run("vote", "list", "--years", "2010", "--search", "peace").error


@pytest.mark.parametrize(
    "arguments",
    [
        ("measure",),
        ("measure", "KAZ"),
        ("measure", "alignment", "KAZ", "--format", "xml"),
        ("measure", "alignment", "KAZ", "--format", "parquet"),
        ("measure", "polarity", "--out", "x.txt"),
        ("measure", "polarity", "--plot", "x.pdf"),
        ("vote", "explain"),
    ],
    ids=" ".join,
)
def test_a_command_that_lacks_something_shows_its_usage(run: Orrery, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert "Usage: orrery" in ended.err + ended.out
    assert "Traceback" not in ended.err
