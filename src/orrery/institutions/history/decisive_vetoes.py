"""Which recorded vetoes decided: a veto that a member cast alone defeated the draft, one that others cast too did not.

The record lists drafts that failed for a veto and nothing else, so that a draft vetoed by one member would have passed
had it abstained, and of a draft vetoed by several nobody alone decided. That this is so by the rule of the day is what
`replay_vetoes` finds draft by draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orrery.base.errors import InstitutionError
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COUNTS = ("cast", "alone", "shared")


@dataclass(frozen=True)
class DecisiveVetoes(Labelled):
    """How many vetoes each holder cast, and how many of them decided.

    Attributes:
        frame: one row per holder and decade: `holder` (ISO3), `decade` (its first year, such as 1950), `cast`, `alone`
            (those that nobody else cast, which decided), `shared` (those that others cast too). Decades in which a
            holder cast none are there with zeros.
        n_drafts: vetoed drafts.
    """

    frame: pd.DataFrame
    n_drafts: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per holder and decade."""
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        """Return the counts by `holder` and `decade`."""
        return self.frame.set_index(["holder", "decade"]).to_xarray()

    def by_holder(self) -> pd.DataFrame:
        """Return one row per holder over the whole record, with `first` and `last` decade, the most vetoes first."""
        totals = self.frame.groupby("holder", as_index=False)[list(COUNTS)].sum()
        some = self.frame[self.frame["cast"] > 0].groupby("holder")["decade"]
        totals["first"], totals["last"] = (totals["holder"].map(span) for span in (some.min(), some.max()))
        totals["share_alone"] = totals["alone"] / totals["cast"]
        return totals.sort_values(["cast", "holder"], ascending=[False, True], ignore_index=True)


def decisive_vetoes(vetoes: pd.DataFrame) -> DecisiveVetoes:
    """Count the vetoes of each holder, and those that decided.

    Args:
        vetoes: the store's table of that name: one row per draft (`veto`) and member (`iso3`), with its `date`.

    Raises:
        InstitutionError: no vetoes, or a member twice for one draft.
    """
    import pandas as pd

    if vetoes.empty:
        raise InstitutionError("`vetoes`: no rows came; give the table `vetoes` of the store.")
    twice = vetoes[vetoes.duplicated(["veto", "iso3"])]
    if len(twice):
        row = twice.iloc[0]
        raise InstitutionError(f"`vetoes`: {row['iso3']} vetoes draft {row['veto']} twice; give each veto once.")
    alone = vetoes.groupby("veto")["iso3"].transform("size") == 1
    counted = pd.DataFrame(
        {
            "holder": vetoes["iso3"].astype(str),
            "decade": vetoes["date"].dt.year // 10 * 10,
            "cast": 1,
            "alone": alone.astype(int),
            "shared": (~alone).astype(int),
        }
    )
    sums = counted.groupby(["holder", "decade"])[list(COUNTS)].sum()
    decades = range(int(counted["decade"].min()), int(counted["decade"].max()) + 1, 10)
    every = pd.MultiIndex.from_product([sorted(counted["holder"].unique()), decades], names=["holder", "decade"])
    return DecisiveVetoes(sums.reindex(every, fill_value=0).reset_index(), int(vetoes["veto"].nunique()))
