"""`orrery futures reach` as a user runs it: refusals before anything is simulated, counts, a folder, an example."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orrery.base.errors import OrreryError
from orrery.cli.main import app
from orrery.data.parquet import read_table
from orrery.lab import broad_paths
from orrery.lab.scenario import load_scenario
from orrery.world.futures import definition

FUTURES = [future.name for future in definition().futures]


def invoke(*words: object):
    return CliRunner().invoke(app, ["futures", "reach", *(str(word) for word in words)])


def refused(*words: object) -> str:
    result = invoke(*words)
    assert isinstance(result.exception, OrreryError), result.output
    return str(result.exception)


@pytest.fixture
def short(tmp_path) -> Path:
    """Ranges of two levers that are over in the sixth year."""
    text = Path(broad_paths.__file__).with_name(broad_paths.SHIPPED).read_text("utf-8")
    kept = [part for part in text.split("[[ranges]]") if 'lever = "tension' in part]
    path = tmp_path / "short.toml"
    path.write_text('version = "short"\n[[ranges]]' + "[[ranges]]".join(kept).replace("+10", "+6"), "utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--write-example", "utopia", "x.toml"), "'utopia' came; a future is one of new bipolarity"),
        (("--write-example", "fragmentation", "x.txt"), "ends in .toml"),
        (("--ranges", "none.toml"), "Name a TOML file that can be read"),
        (("--years", 5), "told apart from 6 years on"),
        (("--years", 10), "until 2039"),
        (("--seed", 2, "--samples", 1_000_000), "Change them"),
        (("--start", 1950), "1950"),
    ],
)
def test_what_is_wrong_is_told_in_one_error(words, told):
    start = () if "--start" in words else ("--start", 2024)
    assert told in refused(*words, *start)


def test_nothing_is_overwritten(tmp_path):
    taken = tmp_path / "taken.toml"
    taken.write_text("", "utf-8")
    assert "nothing is overwritten" in refused("--write-example", "fragmentation", taken)
    assert "nothing is overwritten" in refused("--out", tmp_path)


@pytest.mark.long
def test_counts_a_folder_and_an_example_come_from_one_command(short, tmp_path):
    folder, example = tmp_path / "reach", tmp_path / "example.toml"
    asked = ("--samples", 4, "--years", 6, "--start", 2014, "--ranges", short, "--conditions", "--out", folder)
    result = invoke(*asked, "--write-example", "multilateralism", example)
    assert "4 samples of ranges version short, 2014-2020, seed 1; 0 failed" in result.output
    assert all(future in result.output for future in FUTURES)
    assert "bars alone" in result.output
    table = read_table(folder / "samples.parquet").set_index("sample")
    assert len(table) == 4
    assert len(list(folder.glob("*.toml"))) == len(set(table["label"]) & set(FUTURES))
    if "multilateralism" in set(table["label"]):
        scenario = load_scenario(example)
        assert f"draw {scenario.draws - 1} of it is the world found" in result.output
        assert table.loc[scenario.draws - 1, "label"] == "multilateralism"
    else:
        assert "no sample is called by 'multilateralism'; its largest degree is 0" in str(result.exception)
        assert not example.exists()


@pytest.mark.long
def test_the_priors_alone_move_no_lever(short):
    result = invoke("--samples", 3, "--years", 6, "--start", 2014, "--ranges", short, "--priors-alone")
    assert result.exit_code == 0, result.output
    assert "3 samples of the priors alone, 2014-2020" in result.output
