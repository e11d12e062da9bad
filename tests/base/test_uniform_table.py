"""Uniform numbers of a table: as even and as unrelated as those of the generator, and the same for the same key."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from scipy import stats

from orrery.base.keys import named_key, root_key, table_bits, uniform_table

ROWS, COLUMNS, KEYS = 111, 193, 40


def tables() -> np.ndarray:
    return np.stack([np.asarray(uniform_table(table_bits(root_key(seed), ROWS, COLUMNS))) for seed in range(KEYS)])


def test_numbers_are_even_from_0_to_below_1() -> None:
    drawn = tables()
    assert drawn.dtype == np.float32
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts, _ = np.histogram(drawn, bins=1000, range=(0, 1))
    assert stats.chisquare(counts).pvalue > 1e-3


def test_rare_events_come_as_often_as_they_should_in_every_row_and_column() -> None:
    rare = tables() < 0.01
    for axis, size in (((0, 2), ROWS), ((0, 1), COLUMNS)):
        n = rare.size // size
        score = (rare.sum(axis) - 0.01 * n) ** 2 / (0.01 * 0.99 * n)
        assert stats.chi2(size).sf(score.sum()) > 1e-3


def test_rows_columns_and_squares_of_cells_are_unrelated() -> None:
    """A sum of two parts ties four cells of a square together; after mixing nothing of that is left."""
    drawn = tables().astype(np.float64) - 0.5
    pairs = {
        "rows": (drawn[:, 1:], drawn[:, :-1]),
        "columns": (drawn[:, :, 1:], drawn[:, :, :-1]),
        "keys": (drawn[1:], drawn[:-1]),
        "squares": (drawn[:, 1:, 1:] * drawn[:, :-1, :-1], drawn[:, 1:, :-1] * drawn[:, :-1, 1:]),
    }
    for name, (one, other) in pairs.items():
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) * np.sqrt(one.size) < 4, name


def test_a_table_without_mixing_fails_the_same_test() -> None:
    """The negative control: the plain sum of a row's and a column's part is tied from row to row."""
    random = np.random.default_rng(1)
    plain = (random.random((KEYS, ROWS, 1)) + random.random((KEYS, 1, COLUMNS))) % 1 - 0.5
    squares = (plain[:, 1:, 1:] * plain[:, :-1, :-1], plain[:, 1:, :-1] * plain[:, :-1, 1:])
    assert abs(np.corrcoef(squares[0].ravel(), squares[1].ravel())[0, 1]) * np.sqrt(squares[0].size) > 10


def test_the_same_key_gives_the_same_table_and_another_another() -> None:
    one, again, other = (
        uniform_table(table_bits(named_key(root_key(1), name), ROWS, COLUMNS)) for name in ("moves", "moves", "deaths")
    )
    assert jnp.array_equal(one, again)
    assert not jnp.array_equal(one, other)
