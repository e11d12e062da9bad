"""Runs explained: exact sums, planted causes, neutral events, what is kept, and what is refused."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest

from orrery.base.errors import RunError
from orrery.lab import ensemble, explain
from orrery.lab.events_in_turn import NO_EVENT, events_in_turn, stages
from orrery.lab.explain import ALL
from orrery.lab.runs import Run, open_run
from orrery.lab.scenario import BodyReform, Founding, Membership, Move, Scenario
from orrery.world.contributions import TERMS
from orrery.world.simulate import DrawStatus
from world.conftest import make_observed

pytestmark = pytest.mark.long

COUNTRY = "C04"
FOUNDING = Founding(
    code="CLUB",
    name="Club",
    founders=("C04", "C05", "C06"),
    area="economy",
    formality=0.5,
    excludability=0.8,
    depth=0.3,
    first="+2",
)
MOVES = (
    Move(lever="grants", pole="P0", countries=("C04",), value=0.05, first="+2"),
    Move(lever="access", pole="P1", countries=("C04",), value=1.0, first="+1"),
    Move(lever="pressure", pole="P2", countries=("C04", "C07"), value=0.4, first="+3", last="+4"),
)
NEUTRAL = "moves.2 (access)"


def scenario(**parts) -> Scenario:
    return Scenario(
        name="mine",
        title="Mine",
        description="A test.",
        **{"years": 5, "draws": 4, "start": 2020, "poles": (), **parts},
    )


@pytest.fixture(scope="module", autouse=True)
def _small_world():
    """Simulate a made-up world in place of the observed one."""
    observed = make_observed(12, 3, n_bodies=6, n_open=4)
    with pytest.MonkeyPatch.context() as patch:
        for module in (ensemble, explain):
            patch.setattr(module, "first_world", lambda scenario, panel: (observed, []))
            # Programs compiled by an earlier run of the tests are taken from where these keep them.
            patch.setattr(module, "enable_compilation_cache", lambda folder: None)
        yield


@pytest.fixture(scope="module")
def run(baseline, tmp_path_factory) -> Run:
    joined = Membership(body="CLUB", countries=("C08",), change="enter", first="+3")
    told = scenario(moves=MOVES, foundings=(FOUNDING,), memberships=(joined,))
    return ensemble.simulate(told, panel=baseline, out=tmp_path_factory.mktemp("runs") / "mine", workers=1)


@pytest.fixture(scope="module")
def plain(run, baseline):
    return explain.explain(run, COUNTRY, panel=baseline, workers=1)


@pytest.fixture(scope="module")
def by_event(run, baseline):
    return explain.explain(run, COUNTRY, panel=baseline, workers=1, by_event=True)


def wide(table, *rows):
    return table.pivot_table(index=list(rows), columns="option", values="contribution", aggfunc="sum", sort=False)


def test_terms_add_up_to_the_recorded_change_of_every_share(run, plain):
    recorded = run.draws["portfolio"].sel(country=COUNTRY).values.astype(float)
    for year in (2021, 2025):
        change = recorded[:, year - 2020] - recorded[:, 0]
        table = plain.table[plain.table["year"] == year]
        np.testing.assert_allclose(wide(table, "draw").to_numpy(), change, atol=1.5e-7)
    assert np.abs(change).max() > 0.01
    assert plain.draws == [0, 1, 2, 3]


def test_events_add_up_to_the_whole_exactly_term_by_term(plain, by_event):
    whole = wide(plain.table, "draw", "year", "term")
    np.testing.assert_allclose(wide(by_event.table, "draw", "year", "term").to_numpy(), whole.to_numpy(), atol=1e-12)
    assert by_event.by_event
    assert not plain.by_event


def test_events_come_in_turn_foundings_first(by_event):
    order = ["foundings.1 (CLUB)", "moves.1 (grants)", NEUTRAL, "moves.3 (pressure)", "memberships.1 (CLUB)"]
    assert list(by_event.table["event"].unique()) == [NO_EVENT, *order]


def test_a_neutral_event_contributes_exactly_nothing(by_event):
    assert (by_event.table.loc[by_event.table["event"] == NEUTRAL, "contribution"] == 0).all()


def test_a_planted_cause_is_found_by_event_and_by_term(by_event):
    granted = by_event.table[(by_event.table["event"] == "moves.1 (grants)") & (by_event.table["option"] == "P0")]
    of_terms = granted[granted["year"] == 2025].groupby("term")["contribution"].mean()
    assert of_terms["supply"] > 0.01
    assert of_terms["supply"] == of_terms.abs().max()
    assert (granted.loc[granted["year"] == 2021, "contribution"] == 0).all()
    pressed = by_event.table[(by_event.table["event"] == "moves.3 (pressure)") & (by_event.table["option"] == "P2")]
    assert (pressed.loc[pressed["year"] <= 2022, "contribution"] == 0).all()
    of_terms = pressed[pressed["year"] == 2024].groupby("term")["contribution"].mean()
    assert of_terms["coercion"] == of_terms.abs().max() > 0


def test_a_summary_has_sums_intervals_and_phases(by_event):
    summary = by_event.summary(2025)
    assert set(summary["event"]) == {ALL, *by_event.table["event"]}
    assert set(summary["term"]) == {ALL, *TERMS}
    of_one = summary[(summary["event"] != ALL) & (summary["term"] != ALL)]
    whole = summary[(summary["event"] == ALL) & (summary["term"] == ALL)].set_index("option")["mean"]
    np.testing.assert_allclose(of_one.groupby("option", sort=False)["mean"].sum()[whole.index], whole, atol=1e-12)
    assert (summary["low"] <= summary["high"]).all()
    assert summary.loc[summary["term"] == "supply", "phase"].eq("supply").all()
    with pytest.raises(RunError, match="2020 came; the run explains changes until 2021 to 2025"):
        by_event.summary(2020)


def test_what_is_found_is_kept_whole_and_taken_from_there(run, plain, by_event, monkeypatch):
    assert {path.name for path in (run.folder / "explain").iterdir()} == {"C04.parquet", "C04-events.parquet"}
    monkeypatch.setattr(explain, "run_draws", None)
    for made, events in ((plain, False), (by_event, True)):
        again = explain.explain(open_run(run.folder), COUNTRY, by_event=events)
        np.testing.assert_array_equal(again.table["contribution"], made.table["contribution"])


def test_a_run_that_cannot_be_repeated_to_the_bit_is_refused_and_leaves_nothing(run, baseline, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy, ignore=shutil.ignore_patterns("explain"))
    simulated = explain.run_draws

    def off_by_the_last_bit(*arguments, **options):
        found = simulated(*arguments, **options)
        found.trajectory.portfolio[2, 3, 5, 1] = np.nextafter(found.trajectory.portfolio[2, 3, 5, 1], np.float32(1))
        return found

    monkeypatch.setattr(explain, "run_draws", off_by_the_last_bit)
    with pytest.raises(RunError, match="the portfolios of draw 2 differ from the recorded ones"):
        explain.explain(open_run(copy), COUNTRY, panel=baseline, workers=1)
    assert not (copy / "explain").exists()


def test_draws_that_fail_in_a_repetition_are_left_out_of_it(run, baseline, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy, ignore=shutil.ignore_patterns("explain"))
    simulated, calls = explain.run_draws, []

    def failing_later(*arguments, **options):
        found = simulated(*arguments, **options)
        calls.append(found)
        status = (*found.status[:1], DrawStatus.NOT_FINITE, *found.status[2:])
        return dataclasses.replace(found, status=status) if len(calls) == 2 else found

    monkeypatch.setattr(explain, "run_draws", failing_later)
    assert explain.explain(open_run(copy), COUNTRY, panel=baseline, workers=1, by_event=True).draws == [0, 2, 3]


@pytest.mark.parametrize(
    ("country", "message"), [("C00", None), ("KAZ", "was no member of the United Nations in 2020")]
)
def test_countries_without_a_portfolio_are_refused(run, country, message):
    run.meta["poles"] = ["P0", "P1", "P2"] if message else ["C00", "P1", "P2"]
    with pytest.raises(RunError, match=message or "is a pole of this run"):
        explain.explain(run, country)
    run.meta["poles"] = ["P0", "P1", "P2"]


def test_other_data_are_refused(run, baseline):
    other = dataclasses.replace(baseline, origin="another panel")
    with pytest.raises(RunError, match="this is another panel"):
        explain.explain(run, "C05", panel=other)


def test_a_body_whose_founding_is_left_out_does_not_touch_portfolios():
    """The stage without events is the world of a scenario without the founding, but for a body that waits."""
    observed = make_observed(12, 3, n_bodies=6, n_open=4)
    with_club, without = scenario(foundings=(FOUNDING,), shocks=False), scenario(shocks=False)
    world, forcing = stages(with_club, observed)[0][1:]
    assert not forcing.founding.any()
    waiting = ensemble.run_draws(with_club, world, forcing, range(2), workers=1)
    plain = ensemble.run_draws(without, *ensemble.apply_scenario(without, observed), range(2), workers=1)
    np.testing.assert_allclose(waiting.trajectory.portfolio, plain.trajectory.portfolio, atol=1e-6)


def test_reforms_come_in_the_order_of_their_years_and_after_all_else():
    reforms = (
        BodyReform(body="WTO", first="+9", rule={"more_than": "1/2", "of": "members"}),
        BodyReform(body="WTO", first=2023, rule={"more_than": "3/5", "of": "members"}),
    )
    names = [one.name for one in events_in_turn(scenario(reforms=reforms, moves=MOVES[:1], years=20), 2020)]
    assert names == ["moves.1 (grants)", "reforms.2 (WTO)", "reforms.1 (WTO)"]
