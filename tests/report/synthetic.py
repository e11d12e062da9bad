"""A made-up run with everything a report reads: all UN members, five poles, plausible paths; no real number in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from orrery.data.countries import un_members
from orrery.data.parquet import write_table
from orrery.data.sources import source
from orrery.lab.runs import Run, open_run
from orrery.lab.scenario import load_scenario, scenario_toml
from orrery.measure.portfolios.indices import diversity, effective_multivectorness, line_rivalry, rival_diversity

POLES = ("USA", "EU", "CHN", "RUS", "IND")
POSITIONS = np.array([2.3, 1.4, -0.6, -0.9, -0.4])
INDICATORS = {
    "poles": ("Effective number of poles", "number", 3.1, 0.35),
    "concentration": ("Concentration of capability", "0 to 1", 0.31, 0.03),
    "top_two": ("Share of the two largest capabilities", "share of the world", 0.42, 0.03),
    "multivectorness": ("Mean effective multi-vectorness, countries equally weighted", "0 to 1", 0.34, 0.05),
    "non_aligned": ("Mean share with no pole", "share of portfolio", 0.41, 0.05),
    "assortativity": ("Regional assortativity of alignment", "−1 to 1", 0.22, 0.05),
    "connectedness": ("World connectedness", "index, 0 to 1", 0.62, 0.04),
    "tension": ("World tension", "index, 0 to 1", 0.48, 0.09),
    "volatility": ("Yearly movement of portfolios", "share of portfolio per year", 0.021, 0.008),
}


def synthetic_run(folder: Path, *, n_draws: int = 40, n_years: int = 15, failed: int = 0) -> Run:
    """Write a run of `n_draws` draws (the first `failed` of them not finite) from 2024, and open it."""
    random = np.random.default_rng(7)
    years = np.arange(2024, 2025 + n_years)
    draws = made_up_draws(random, n_draws, years, list(un_members(date(2024, 1, 1))))
    draws = draws.where(draws["draw"] >= failed).astype("f4")
    folder.mkdir(parents=True)
    draws.to_zarr(folder / "draws.zarr", consolidated=False, zarr_format=2)
    write_table(made_up_indicators(random, years, n_draws - failed), folder / "indicators.parquet")
    write_table(made_up_parameters(), folder / "parameters.parquet")
    (folder / "scenario.toml").write_text(scenario_toml(load_scenario("baseline")), "utf-8")
    (folder / "run.json").write_text(json.dumps(made_up_record(n_draws, n_years, failed)), "utf-8")
    return open_run(folder)


def made_up_record(n_draws: int, n_years: int, failed: int) -> dict[str, Any]:
    """Return the content of `run.json`."""
    keys = ("un_votes", "sipri", "baci", "cow_trade", "atop", "nmc")
    return {
        "orrery_version": "0.1.0",
        "commit": "0123456789abcdef0123",
        "command": f"orrery run baseline --draws {n_draws} --seed 7",
        "created": "2025-01-31T12:00:00+00:00",
        "scenario": "baseline",
        "seed": 7,
        "draws": n_draws,
        "start_year": 2024,
        "years": n_years,
        "indicators": [],
        "data": [
            made_up_input("ideal points", ["un_votes"], 2025, {"observed": 190, "missing": 3}),
            made_up_input("arms", ["sipri"], 2024, {"observed": 172, "no ties": 21}),
            made_up_input("trade", ["baci", "cow_trade"], 2020, {"carried forward": 193}),
            made_up_input("pacts", ["atop"], 2018, {"carried forward": 191, "missing": 2}),
            made_up_input("capability", ["nmc"], 2022, {"carried forward": 193}) | {
                "estimated": ["PRK", "SSD"], "note": "median ratio of the two measures in the region",
            },
        ],
        "sources": [
            {"key": key} | {name: getattr(source(key), name) for name in ("producer", "citation", "version", "licence")}
            for key in keys
        ],
        "failed_draws": [{"draw": draw, "reason": "not finite"} for draw in range(failed)],
        "timings": {"simulate_s": 3.2},
    }  # fmt: skip


def made_up_input(name: str, keys: list[str], until: int, status: dict[str, int]) -> dict[str, Any]:
    """Return one entry of `data`."""
    return {"input": name, "sources": keys, "observed_until": until, "status": status, "estimated": [], "note": ""}


def made_up_draws(random: np.random.Generator, n_draws: int, years: np.ndarray, countries: list[str]) -> xr.Dataset:
    """Return portfolios as a softmax that drifts, and the indices computed from them."""
    shape = (n_draws, len(years), len(countries), len(POLES) + 1)
    base = random.normal(0, 0.9, shape[2:]) + np.array([1.0, 0.3, 0.2, 0.3, -0.4, -0.8])
    speed = 0.6 * random.gamma(0.8, 1.0, (len(countries), 1))
    heading = random.normal(0, 1.0, shape[2:]) * speed
    spread = random.normal(0, 0.35, (n_draws, 1, *shape[2:])) + random.normal(0, 0.2, (n_draws, 1, 1, shape[3]))
    clock = np.linspace(0, 1, len(years))[:, None, None]
    utility = base + clock * (heading + spread)
    portfolio = np.exp(utility) / np.exp(utility).sum(axis=-1, keepdims=True)
    outside = portfolio[..., 0]
    among = portfolio[..., 1:] / (1 - outside[..., None])
    rivals = rival_diversity(among, line_rivalry(POSITIONS), 0.5)
    of_country = ("draw", "year", "country")
    return xr.Dataset(
        {
            "portfolio": ((*of_country, "option"), portfolio),
            "diversity": (of_country, diversity(among)),
            "rival_diversity": (of_country, rivals),
            "effective_multivectorness": (of_country, effective_multivectorness(rivals, outside)),
        },
        coords={
            "draw": np.arange(n_draws),
            "year": years,
            "country": countries,
            "pole": list(POLES),
            "option": ["non-aligned", *POLES],
        },
    )


def made_up_indicators(random: np.random.Generator, years: np.ndarray, n_draws: int) -> pd.DataFrame:
    """Return random walks, summarised as a run summarises its indicators."""
    frames = []
    for key, (label, unit, start, spread) in INDICATORS.items():
        steps = random.normal(spread * 0.04, spread / 4, (max(n_draws, 40), len(years)))
        paths = start + np.concatenate([0 * steps[:, :1], np.cumsum(steps[:, 1:], axis=1)], axis=1)
        levels = {
            f"q{percent:02d}": np.quantile(paths, percent / 100, axis=0) for percent in (5, 10, 25, 50, 75, 90, 95)
        }
        summary = {
            "indicator": key,
            "label": label,
            "unit": unit,
            "meaning": "made up",
            "year": years,
            "mean": paths.mean(axis=0),
            **levels,
        }
        frames.append(pd.DataFrame(summary | {"n_draws": n_draws, "mcse": paths.std(axis=0) / np.sqrt(len(paths))}))
    return pd.concat(frames, ignore_index=True)


def made_up_parameters() -> pd.DataFrame:
    """Return three parameters: drawn, fixed, and one whose texts are long and hold markup characters."""
    rows = [
        ("connectedness_growth", "r", "logistic growth rate of connectedness", "per year", "lognormal(0.02, 0.6)",
         "calibrated", "assumed", "brackets the growth of an index of globalisation", 0.02, 0.0075, 0.054),
        ("growth_fading_years", "τ", "time in which growth fades to 1/e", "years", "fixed(10)",
         "fixed", "literature", "Pritchett & Summers 2014", 10.0, 10.0, 10.0),
        ("exclusivity", "κ", "cost of ties to two poles when rivalry is > 0 & < 1", "utility", "normal(1, 0.4)",
         "calibrated", "assumed", "no published range; wide on purpose", 1.0, 0.34, 1.66),
    ]  # fmt: skip
    columns = ["name", "symbol", "meaning", "unit", "prior", "type", "status", "source"]
    return pd.DataFrame(rows, columns=[*columns, "drawn_median", "drawn_q05", "drawn_q95"])
