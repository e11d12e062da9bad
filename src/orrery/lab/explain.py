"""What moved a country's portfolio in a run: contributions by term of utility, and by event of the scenario.

The run's own draws are simulated again, with the same seed, parameters and paths, and the record of alignment is kept
(`world.contributions`). That the portfolios of all countries are the recorded ones, bit by bit, is checked. What is
found is kept in the run's folder, as `explain/COUNTRY.parquet`, and as `explain/COUNTRY-events.parquet` by event.

By event: the run is repeated without the last event of the scenario, then without the last two, and so on, with the
same random numbers, draw by draw. The difference that an event makes is what it contributes, given those before it;
with what happens without any event, contributions add up to the whole change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from orrery.base.errors import RunError
from orrery.base.version import VERSION
from orrery.data.baseline import load_baseline
from orrery.data.panel import Panel
from orrery.data.parquet import QUICK, read_table, write_table
from orrery.data.store import home_folder
from orrery.lab.ensemble import first_world, run_draws
from orrery.lab.events_in_turn import Stage, stages
from orrery.lab.forcing import apply_scenario
from orrery.lab.runs import CHUNK, Run
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.world.contributions import TERMS, AlignmentRecord, alignment_path, contributions
from orrery.world.observed import Observed
from orrery.world.simulate import DrawStatus, enable_compilation_cache

ALL = "all"
"""Stands for all terms, or all events, together."""
LOW, HIGH = 0.1, 0.9
"""Quantiles over draws between which an interval reaches."""

Progress = Callable[[int, int], None]
"""Called with the number of draws done and wanted, of all repetitions together."""


@dataclass(frozen=True)
class Explanation:
    """What moved the portfolio of one country in a run.

    Attributes:
        run: the run.
        country: ISO3 code.
        table: `draw, year, event, term, option, contribution`, the last in shares (1 is the whole portfolio); draws
            that failed are left out.
    """

    run: Run
    country: str
    table: pd.DataFrame

    @cached_property
    def draws(self) -> list[int]:
        """The draws explained."""
        return sorted(self.table["draw"].unique().tolist())

    @cached_property
    def years(self) -> list[int]:
        """The years until which changes are explained."""
        return sorted(self.table["year"].unique().tolist())

    @property
    def by_event(self) -> bool:
        """Tell whether events are told apart."""
        return bool(self.table["event"].iloc[0] != ALL)

    def totals(self, year: int) -> pd.DataFrame:
        """Return contributions until a year by `draw, event, term, option`, with the sums: `all` terms, `all` events.

        Raises:
            RunError: the run has no such year after its start.
        """
        if year not in self.years:
            raise RunError(
                f"`year`: {year} came; the run explains changes until {self.years[0]} to {self.years[-1]}. Name one of "
                "these years."
            )
        return _with_sums(self.table[self.table["year"] == year])

    def summary(self, year: int) -> pd.DataFrame:
        """Return mean, interval and Monte-Carlo error over the draws of every contribution until a year.

        Returns:
            `event, term, phase, option, mean, low, high, monte_carlo_error`, in shares; means add up over terms and
            events. `low` and `high` are the 10 % and 90 % quantiles, `monte_carlo_error` is the standard error of the
            mean, NaN for a single draw.
        """
        keys = ["event", "term", "option"]
        grouped = self.totals(year).groupby(keys, sort=False)["contribution"]
        found = pd.DataFrame(
            {
                "mean": grouped.mean(),
                "low": grouped.quantile(LOW),
                "high": grouped.quantile(HIGH),
                "monte_carlo_error": grouped.std() / np.sqrt(len(self.draws)),
            }
        ).reset_index()
        found.insert(2, "phase", found["term"].map(TERMS).fillna(""))
        return found


def explain(
    run: Run,
    country: str,
    *,
    by_event: bool = False,
    panel: Panel | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Return what moved a country's portfolio in a run: from the run's folder, or simulated again and kept there.

    Args:
        run: a finished run.
        country: ISO3 code.
        by_event: whether to tell the events of the scenario apart; takes one repetition of the run for each.
        panel: the data that the run was made from; the embedded baseline by default.
        workers: threads; one per core by default.
        progress: called after every chunk of draws.

    Raises:
        RunError: the country has no portfolio in this run; the run was made from other data, or cannot be repeated to
            the bit here; the folder cannot be written to; every draw failed.
    """
    _check_country(run, country)
    path = run.folder / "explain" / f"{country}{'-events' if by_event else ''}.parquet"
    if path.exists():
        return Explanation(run, country, read_table(path))
    observed, steps = _stages(run, panel, by_event=by_event)
    table = _table(run, _simulated(run, observed.countries.index(country), steps, workers, progress), steps)
    try:
        write_table(table, path, level=QUICK)
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}. Copy the run to a folder that can be written to.") from error
    return Explanation(run, country, table)


def _check_country(run: Run, country: str) -> None:
    known = run.draws["country"].values.tolist()
    if country not in known:
        raise RunError(
            f"`country`: {country!r} came, which was no member of the United Nations in {run.meta['start_year']}; name "
            "one that was."
        )
    if country in run.meta["poles"]:
        raise RunError(
            f"`country`: {country} came, which is a pole of this run and aligned with itself alone; name a country "
            "that is none."
        )


def _stages(run: Run, panel: Panel | None, *, by_event: bool) -> tuple[Observed, list[Stage]]:
    """Return the world of the first year and those to simulate: the run's own, after those with fewer events."""
    data = load_baseline() if panel is None else panel
    if data.origin != run.meta["panel"]:
        raise RunError(
            f"`run`: {run.folder} was made from {run.meta['panel']}, and this is {data.origin}; give the data that it "
            "was made from."
        )
    observed, _ = first_world(run.scenario, data)
    if by_event:
        return observed, stages(run.scenario, observed)
    return observed, [Stage(ALL, *apply_scenario(run.scenario, observed))]


def _simulated(
    run: Run, place: int, steps: Sequence[Stage], workers: int | None, progress: Progress | None
) -> list[tuple[Float[np.ndarray, "draw year term option"], Bool[np.ndarray, " draw"]]]:
    """Return the contributions in every stage, and which draws went well."""
    enable_compilation_cache(home_folder() / "cache" / "compiled")
    report, n_draws = progress or (lambda done, wanted: None), run.scenario.draws
    found = []
    # The run itself comes first, so that one which cannot be repeated is refused at once.
    for number, stage in enumerate(reversed(steps)):
        parts, well = [], []
        for begin in range(0, n_draws, CHUNK):
            report(number * n_draws + begin, len(steps) * n_draws)
            chunk = range(begin, min(begin + CHUNK, n_draws))
            record = AlignmentRecord(np.array([place]))
            ensemble = run_draws(run.scenario, stage.observed, stage.forcing, chunk, workers=workers, observe=record)
            if number == 0:
                _check_same(run, chunk, np.asarray(ensemble.trajectory.portfolio))
            parts.append(contributions(alignment_path(ensemble.trajectory.info))[:, :, 0])
            well += [status is DrawStatus.OK for status in ensemble.status]
        found.append((np.concatenate(parts), np.array(well)))
    report(len(steps) * n_draws, len(steps) * n_draws)
    return found[::-1]


def _check_same(run: Run, chunk: range, portfolio: np.ndarray) -> None:
    recorded = run.draws["portfolio"][chunk.start : chunk.stop].values
    same = [np.array_equal(*pair, equal_nan=True) for pair in zip(portfolio, recorded, strict=True)]
    if not all(same):
        raise RunError(
            f"`run`: {run.folder} cannot be repeated here: the portfolios of draw {chunk[same.index(False)]} differ "
            f"from the recorded ones. Orrery {run.meta['orrery_version']} made it (commit {run.meta['commit']}) on "
            f"{run.meta['platform']}, and this is Orrery {VERSION}. Explain it with what made it, or run it again "
            f"(`orrery run --from {run.folder}`)."
        )


def _table(
    run: Run,
    found: Sequence[tuple[Float[np.ndarray, "draw year term option"], Bool[np.ndarray, " draw"]]],
    steps: Sequence[Stage],
) -> pd.DataFrame:
    """Return the differences between stages that follow one another as rows, of draws that went well in all."""
    kept = np.flatnonzero(np.all([well for _, well in found], axis=0))
    if not len(kept):
        raise RunError(f"`run`: no draw of {run.folder} went well in every repetition; there is nothing to explain.")
    levels = np.stack([parts[kept] for parts, _ in found], axis=2)
    differences = np.diff(levels, axis=2, prepend=0.0)
    labels = {
        "draw": kept,
        "year": run.draws["year"].values[1:],
        "event": np.array([stage.added for stage in steps], object),
        "term": np.array(list(TERMS), object),
        "option": np.array([NON_ALIGNED, *run.meta["poles"]], object),
    }
    rows = pd.MultiIndex.from_product(list(labels.values()), names=list(labels)).to_frame(index=False)
    return rows.assign(contribution=differences.reshape(-1))


def _with_sums(table: pd.DataFrame) -> pd.DataFrame:
    """Return contributions with rows for all terms together and, where there are several events, for all of them."""
    keys = ["draw", "event", "term", "option"]
    table = table[[*keys, "contribution"]]
    if table["event"].iloc[0] != ALL:
        over_events = table.groupby(["draw", "term", "option"], sort=False, as_index=False)["contribution"].sum()
        table = pd.concat([table, over_events.assign(event=ALL)], ignore_index=True)
    over_terms = table.groupby(["draw", "event", "option"], sort=False, as_index=False)["contribution"].sum()
    return pd.concat([table, over_terms.assign(term=ALL)], ignore_index=True)
