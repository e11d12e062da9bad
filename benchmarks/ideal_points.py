"""How fast are the methods on every recorded vote since 1946, and how near are they to the published estimates?

Run: `python benchmarks/ideal_points.py [FOLDER]`, where FOLDER holds the producers' files (`un_votes/`,
`ideal_points/`); otherwise the environment variable `ORRERY_SOURCES`, otherwise `../shared/data`. It takes about a
quarter of an hour on two idle cores; with `--full` it runs the full method alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import numpy as np
import pandas as pd

from orrery.base.keys import root_key
from orrery.data.countries import from_cow
from orrery.measure.ideal_points import STATUSES, IdealPoints, Priors, Selection, VoteMatrix, fit, vote_matrix

Result = TypeVar("Result")
SHOWN = ("USA", "RUS", "CHN", "GBR", "FRA", "IND", "BRA")
SESSIONS = (5, 15, 25, 35, 45, 55, 65, 74)


def timed(label: str, work: Callable[[], Result]) -> Result:
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    print(f"{label:<44} wall {time.perf_counter() - wall:6.2f} s   cpu {time.process_time() - processor:6.2f} s")
    return result


def tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    connection = duckdb.connect()
    roll_calls = connection.execute(
        f"""select rcid, session, date, year, title, amend = 1 as amendment, para = 1 as paragraph
            from '{folder / "un_votes" / "roll_calls.parquet"}'"""
    ).df()
    votes = connection.execute(
        f"""select rcid, iso3, case vote when 1 then 'yes' when 2 then 'abstain' else 'no' end as vote
            from '{folder / "un_votes" / "votes.parquet"}'"""
    ).df()
    return votes, roll_calls


def published_estimates(folder: Path) -> pd.DataFrame:
    path = folder / "ideal_points" / "IdealpointestimatesAll_Apr2020.csv"
    published = pd.read_csv(path, encoding="latin-1")
    published["iso3"] = from_cow(published["ccode"].to_numpy(int), published["session"].to_numpy(int) + 1945)
    published["published_sd"] = (published["Q90%"] - published["Q10%"]) / 2.563
    return published.dropna(subset="iso3")


def compare(label: str, points: IdealPoints, published: pd.DataFrame) -> pd.DataFrame:
    joined = points.to_frame().merge(published, on=["session", "iso3"]).dropna(subset="ideal_point")
    pairs = joined.groupby("session")[["ideal_point", "IdealPoint"]]
    by_session = pairs.apply(lambda both: both["ideal_point"].corr(both["IdealPoint"]))
    overall = joined["ideal_point"].corr(joined["IdealPoint"])
    ratio = (joined["sd"] / joined["published_sd"]).median()
    alike = joined["sd"].corr(joined["published_sd"])
    figures = points.statistics
    print(
        f"{label:<28} r within session, median: 1990-2019 {by_session.loc[45:].median():.4f}, all "
        f"{by_session.median():.4f} (lowest {by_session.min():.3f} in {by_session.idxmin()});  r overall "
        f"{overall:.4f};  sd / published {ratio:.2f} (r {alike:.3f});  evolution sd {figures.evolution_sd:.3f};  "
        f"rounds {figures.iterations}"
        f"{'' if figures.converged else ' (not converged)'};  n {len(joined)}"
    )
    return joined


def compare_sampled(method: str, matrix: VoteMatrix, published: pd.DataFrame) -> None:
    points = timed(method, lambda: fit(matrix, method=method, key=root_key(1)))
    label = f"{method}, {points.options['n_chains']} x {points.statistics.iterations} sweeps"
    compare(label, points, published)
    assert points.r_hat is not None
    voted = points.n_votes > 0
    r_hat = points.r_hat[voted]
    worst = np.nanmax(points.r_hat, axis=1, where=voted, initial=0)
    print(
        f"  R-hat: median {np.median(r_hat):.4f}, largest {r_hat.max():.3f}, {100 * np.mean(r_hat <= 1.02):.1f} % at "
        f"most 1.02; sessions with a larger one: {[points.periods[row] for row in np.flatnonzero(worst > 1.02)]}"
    )
    joined = points.to_frame().merge(published, on=["session", "iso3"]).dropna(subset="ideal_point")
    by_session = joined.groupby("session")[["ideal_point", "IdealPoint"]]
    level = by_session.transform("mean")
    apart = joined["ideal_point"] - level["ideal_point"], joined["IdealPoint"] - level["IdealPoint"]
    means = by_session.mean().loc[[1, 2, 3, 5, *SESSIONS[1:]]].round(2)
    print(f"  r of positions less their session's mean {apart[0].corr(apart[1]):.4f}; session means and published:")
    print(means.T.to_string())


def main() -> None:
    given = [argument for argument in sys.argv[1:] if argument != "--full"]
    named = given[0] if given else os.environ.get("ORRERY_SOURCES")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    votes, roll_calls = tables(folder)
    published = published_estimates(folder)
    calls = roll_calls[roll_calls["session"].map(lambda name: name.isdecimal() and int(name) <= SESSIONS[-1])]
    sample = vote_matrix(votes[votes["rcid"].isin(calls["rcid"])], calls)
    print(f"published sample: {len(sample.choice):,} votes on {len(sample.items):,} roll calls count")
    if "--full" not in sys.argv:
        compare_fast(votes, roll_calls, published)
        compare_sampled("dynamic", sample, published)
    compare_sampled("full", sample, published)


def compare_fast(votes: pd.DataFrame, roll_calls: pd.DataFrame, published: pd.DataFrame) -> None:
    print(f"{len(votes):,} votes on {len(roll_calls):,} roll calls; {len(published):,} published country-sessions")
    matrix = timed("vote matrix by session", lambda: vote_matrix(votes, roll_calls))
    print(
        f"  {len(matrix.choice):,} votes on {len(matrix.items):,} roll calls count; "
        f"{len(matrix.items) - matrix.bridge.max() - 1:,} roll calls bridged to an earlier one"
    )
    points = timed("fast, dynamic, by session", lambda: fit(matrix))
    yearly = timed(
        "fast, dynamic, by year (matrix and fit)", lambda: fit(vote_matrix(votes, roll_calls, period="year"))
    )
    static = timed("fast, static", lambda: fit(matrix, priors=Priors(evolution_sd=0.0)))
    fewer = vote_matrix(votes, roll_calls, selection=Selection(until="2025-12-31"))
    earlier = fit(fewer)
    timed("fast, new votes since 2026 into a fit", lambda: fit(matrix, start=earlier))
    print(points.statistics)
    print({name: int((points.status == code).sum()) for code, name in enumerate(STATUSES)})

    joined = compare("default", points, published)
    compare("static", static, published)
    by_title = vote_matrix(votes, roll_calls, selection=Selection(published_links=False))
    compare("links by title alone", fit(by_title), published)
    compare("without bridges", fit(vote_matrix(votes, roll_calls, selection=Selection(bridge=False))), published)
    compare("evolution sd .5 (published)", fit(matrix, priors=Priors(evolution_sd=0.5)), published)
    by_year = yearly.to_frame().assign(session=lambda frame: frame["year"] - 1945)
    near = by_year.merge(joined[["session", "iso3", "IdealPoint"]], on=["session", "iso3"])
    print(f"by year against sessions opened that year: r overall {near['ideal_point'].corr(near['IdealPoint']):.4f}")

    chosen = joined[joined["iso3"].isin(SHOWN) & joined["session"].isin(SESSIONS)]
    table = chosen.pivot(index="iso3", columns="session", values=["ideal_point", "IdealPoint"]).swaplevel(axis=1)
    print("trajectories, estimated and published:")
    print(table.sort_index(axis=1, ascending=[True, False]).loc[list(SHOWN)].astype(float).round(2).to_string())
    spread = joined.groupby("session")[["ideal_point", "IdealPoint"]].std()
    ratio = (spread["ideal_point"] / spread["IdealPoint"]).loc[list(SESSIONS)]
    print("spread of countries over published spread:", dict(zip(SESSIONS, np.round(ratio, 2).tolist(), strict=True)))


if __name__ == "__main__":
    main()
