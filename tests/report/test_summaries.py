"""Numbers of the report against direct computation, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from orrery.base.errors import CountryCodeError, RunError
from orrery.lab.runs import Run, open_run
from orrery.report.contract import check_run, finished_draws, horizon
from orrery.report.summaries import country_changes, movers, non_alignment, portfolio_shares


def test_failed_draws_are_left_out(run: Run):
    assert list(finished_draws(run)) == list(range(2, 40))
    assert np.isfinite(country_changes(run, non_alignment(run))["change_median"]).all()


def test_change_is_within_draws(run: Run):
    values = run.draws["effective_multivectorness"].sel(draw=finished_draws(run), country="KAZ").values.astype(float)
    table = country_changes(run, run.draws["effective_multivectorness"]).set_index("country")
    change = values[:, -1] - values[:, 0]
    assert table.loc["KAZ", "change_median"] == pytest.approx(np.median(change))
    assert table.loc["KAZ", "change_low80"] == pytest.approx(np.quantile(change, 0.1))
    assert table.loc["KAZ", "end_high50"] == pytest.approx(np.quantile(values[:, -1], 0.75))
    assert len(table) == 193


def test_movers_are_the_largest_total_variations(run: Run):
    portfolio = run.draws["portfolio"].sel(draw=finished_draws(run), year=list(horizon(run))).values.astype(float)
    distance = np.median(np.abs(portfolio[:, 1] - portfolio[:, 0]).sum(axis=-1) / 2, axis=0)
    top = movers(run, 10)
    assert list(top["country"]) == list(run.draws["country"].values[np.argsort(-distance)[:10]])
    assert np.allclose(top["median"], np.sort(distance)[::-1][:10])
    assert (top["low80"] <= top["low50"]).all()
    assert (top["high50"] <= top["high80"]).all()
    assert (top["from_median"] < 0).all()
    assert (top["to_median"] > 0).all()
    assert (top["from_option"] != top["to_option"]).all()


def test_mean_shares_add_up(run: Run):
    shares = portfolio_shares(run, ("KAZ", "FRA"))
    assert np.allclose(shares.groupby(["country", "year"])["mean"].sum(), 1, atol=1e-5)
    assert list(dict.fromkeys(shares["country"])) == ["KAZ", "FRA"]
    assert (shares["low80"] <= shares["high80"]).all()


@pytest.mark.parametrize("codes", [(), ("KAZ", "XYZ")])
def test_unknown_neighbours_are_refused(run: Run, codes: tuple[str, ...]):
    with pytest.raises(CountryCodeError, match=r"neighbourhood.*(no country|XYZ) came"):
        portfolio_shares(run, codes)


def test_missing_parts_are_all_named(run: Run, tmp_path: Path):
    shutil.copytree(run.folder, tmp_path / "run")
    broken = open_run(tmp_path / "run")
    del broken.meta["seed"], broken.meta["data"][0]["status"]
    with pytest.raises(RunError, match=r"run.json: seed; run.json: data\[0\].status"):
        check_run(broken)


def test_nothing_but_failed_draws_is_refused(run: Run, tmp_path: Path):
    shutil.copytree(run.folder, tmp_path / "run")
    broken = open_run(tmp_path / "run")
    broken.meta["failed_draws"] = [{"draw": draw, "reason": "not finite"} for draw in range(40)]
    with pytest.raises(RunError, match="every draw failed"):
        check_run(broken)
