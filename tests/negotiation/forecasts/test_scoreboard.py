"""The scoreboard on few cases, rivals over the same draws, and tables and words made of scores."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from orrery.base.errors import NegotiationError
from orrery.base.keys import root_key
from orrery.negotiation.cases import load_cases
from orrery.negotiation.forecasts import scoreboard as module
from orrery.negotiation.forecasts.coded import coded, drawn
from orrery.negotiation.forecasts.prediction import predict
from orrery.negotiation.forecasts.reading import lead_table, parts_table, rank_by_chance, score_table, sentences
from orrery.negotiation.forecasts.rivals import RivalForecast, rival_forecasts
from orrery.negotiation.forecasts.scoreboard import BASE_RATE, OURS, Scoreboard, Scored, scoreboard
from orrery.negotiation.solutions.registry import SOLUTIONS

pytestmark = pytest.mark.long

CODES = ("EU-BELARUS-2020", "IRAQ-2002", "IRAQ-2003", "RCEP-2020", "SYRIA-2012")
RIVALS = ("status_quo", "compromise_mean")


@pytest.fixture(scope="module")
def few():
    return [load_cases()[code] for code in CODES]


@pytest.fixture(scope="module")
def board(few, learned) -> Scoreboard:
    """Five cases; 64 draws in place of 1,000, so that functions compiled by other tests serve."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "predict", lambda *given, **named: predict(*given, n_draws=64, **named))
        return scoreboard(few, learned, RIVALS)


def scored(title: str, brier: list[float], **others: list[float]) -> Scored:
    nothing = np.full(len(brier), np.nan)
    rest = {
        name: np.array(others[name]) if name in others else nothing for name in ("text", "error", "duration", "rank")
    }
    return Scored(title, np.sqrt(brier), np.array(brier), **rest)


@pytest.fixture
def made(few) -> Scoreboard:
    agreed = np.zeros(len(few), bool)
    models = {
        "closed form": scored("closed form", [0.2, 0.3, 0.2, 0.3, 0.2], rank=[0.0, 0.5, np.nan, 0.5, 1.0]),
        "far": scored("Far off", [0.8, 0.9, 0.8, 0.9, 0.8]),
        "near": scored("Near by", [0.1, 0.1, 0.1, 0.1, 0.1], rank=[0.2, 0.3, np.nan, 0.5, 1.0]),
        "mixed": scored("Mixed", [0.0, 0.6, 0.0, 0.6, 0.0]),
    }
    return Scoreboard(tuple(few), agreed, models)


def test_all_models_stand_on_the_board_with_what_they_say(board, few):
    assert list(board.models) == [*OURS, BASE_RATE, *RIVALS]
    np.testing.assert_array_equal(board.agreed, [case.outcome.agreed for case in few])
    for name, model in board.models.items():
        np.testing.assert_allclose(model.brier, (model.chance - board.agreed) ** 2, atol=1e-6)
        spoken = ~np.isnan(model.text)
        np.testing.assert_array_equal(spoken, board.agreed if name != BASE_RATE else np.zeros(len(few), bool))
        assert np.isnan(model.duration[~board.agreed]).all()
    assert np.isnan(board.models["status_quo"].duration).all()
    np.testing.assert_array_equal(board.models["status_quo"].chance, 0)


def test_the_base_rate_leaves_out_the_group_of_the_case(board, few):
    groups = np.array([case.matter for case in few])
    expected = [board.agreed[groups != group].mean() for group in groups]
    np.testing.assert_allclose(board.models[BASE_RATE].chance, expected)
    assert groups[1] == groups[2]
    assert expected[1] == expected[2]


def test_the_status_quo_errs_by_how_far_the_text_is_from_it(board, few):
    for row in np.flatnonzero(board.agreed):
        case = few[row]
        apart = [
            abs(case.outcome.position[issue.key] - issue.status_quo)
            for issue in case.issues
            if issue.key in case.outcome.position
        ]
        assert board.models["status_quo"].error[row] == pytest.approx(np.mean(apart), abs=1e-3)


def test_no_model_reads_the_outcome_that_it_is_scored_by(board, few, learned, monkeypatch):
    """Turned round, a case's outcome leaves its own chance in every model, and the base rate of the others moves."""
    monkeypatch.setattr(module, "predict", lambda *given, **named: predict(*given, n_draws=64, **named))
    row = CODES.index("SYRIA-2012")
    outcome = few[row].outcome.model_copy(
        update={"agreed": True, "position": {issue.key: 55.0 for issue in few[row].issues}}
    )
    turned = few[row].model_copy(update={"outcome": outcome})
    turned._seats = few[row].seats
    other = scoreboard([*few[:row], turned], learned, RIVALS)
    for name in board.models:
        assert other.models[name].chance[row] == board.models[name].chance[row]
    assert (other.models[BASE_RATE].chance[:row] != board.models[BASE_RATE].chance[:row]).all()


def test_rivals_are_asked_over_the_draws_that_ours_have(few):
    key = root_key(1)
    found = rival_forecasts(key, few[:2], "compromise_mean", n_draws=8)
    for case, one in zip(few, found, strict=False):
        arrays = jax.tree.map(lambda array: array[0], coded([case]))
        own = module.named_key(module.named_key(key, case.code), "draws")
        position, salience = jax.vmap(drawn, (0, None))(jax.random.split(own, 8), arrays)
        weight = np.asarray(arrays.influence)[:, None] * np.asarray(salience)
        n_issues = len(case.issues)
        mean = (weight * np.asarray(position)).sum(1) / weight.sum(1).clip(1e-9)
        np.testing.assert_allclose(one.text, mean[:, :n_issues], atol=1e-4)
        assert 0 <= one.agreement <= 1


def test_blockers_of_rivals_are_shares_or_nothing():
    text = np.zeros((4, 1))
    assert RivalForecast(1.0, text, np.full(4, -1)).blockers(3) is None
    np.testing.assert_allclose(RivalForecast(1.0, text, np.array([0, 2, 2, -1])).blockers(3), [0.25, 0, 0.5])


def test_leads_are_differences_case_by_case(made):
    lead = made.lead("closed form", "far", "brier")
    assert lead.mean == pytest.approx(0.6)
    assert (lead.low, lead.high) == pytest.approx((0.6, 0.6))
    assert made.lead("closed form", "near", "rank").n_cases == 4
    assert made.lead("closed form", "far", "rank") is None
    assert made.mean("far", "text") is None


def test_words_follow_the_intervals(made):
    brier, rank = sentences(made, "closed form")
    assert "Better than: Far off." in brier
    assert "Worse than: Near by." in brier
    assert "includes 0 for: Mixed." in brier
    assert "Lowest mean: Near by (0.100)." in brier
    assert "Better than: none. Worse than: none. The interval of the difference includes 0 for: Near by." in rank


def test_tables_have_a_row_for_each_model_and_dashes_for_what_it_does_not_say(made):
    table = score_table(made).set_index("model")
    assert list(table.index) == ["closed form", "Far off", "Near by", "Mixed"]
    assert table.iloc[1, 0].startswith("0.840 [")
    assert (table.iloc[1, 1:] == "–").all()
    assert list(lead_table(made, "near")["lead over"]) == ["closed form", "Far off", "Mixed"]
    assert len(parts_table(made)) == 4


def test_a_model_that_is_not_on_the_board_is_refused(made):
    for refused in (sentences, lead_table):
        with pytest.raises(NegotiationError, match="'oracle' came; give one of closed form, far"):
            refused(made, "oracle")


def test_the_rank_by_chance_is_that_of_shuffled_parties(few):
    draw = np.random.default_rng(0)
    means = []
    for case in few:
        n_parties, n_held_out = len(case.parties), len(case.outcome.held_out)
        if n_held_out:
            ranks = np.array([draw.permutation(n_parties)[:n_held_out].min() for _ in range(4_000)])
            means.append(ranks.mean() / (n_parties - 1))
    assert rank_by_chance(few) == pytest.approx(np.mean(means), abs=0.01)


def test_every_solution_has_a_title_of_its_own():
    titles = [one.title for one in SOLUTIONS.values()] + [*OURS, BASE_RATE]
    assert len(set(titles)) == len(titles)
    assert {field.name for field in dataclasses.fields(Scored)} >= {"chance", "brier", "text", "rank"}
