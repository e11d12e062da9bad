"""What every measure returns: a labelled result that converts to pandas, Polars and xarray."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from orrery.base.errors import MeasureError

if TYPE_CHECKING:
    import pandas as pd
    import polars  # pyright: ignore[reportMissingImports] (an optional extra)
    import xarray as xr


class Labelled(ABC):
    """A measured result with labels. Missing is missing in every form: NaN or None in pandas, null in Polars."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the result as a table, one observation per row."""

    @abstractmethod
    def to_xarray(self) -> xr.Dataset:
        """Return the result as labelled arrays."""

    def to_polars(self) -> polars.DataFrame:
        """Return the table of `to_frame` for Polars: categories as `Enum` in their order, NaN as null.

        Raises:
            MeasureError: Polars is not installed.
        """
        try:
            library = importlib.import_module("polars")
        except ImportError as error:
            raise MeasureError(
                "`to_polars` needs the package polars, which is not installed. Install the extra: "
                "`pip install 'orrery[polars]'`, or use `to_frame`."
            ) from error
        frame = self.to_frame()
        return library.DataFrame([_series(frame[name], library) for name in frame])


def _series(column: pd.Series, library: Any) -> polars.Series:
    """Return one column; Polars itself would need a further package to read what is no plain number."""
    import pandas as pd

    name = str(column.name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return library.Series(name, _plain(column), dtype=library.Enum([str(level) for level in column.cat.categories]))
    if pd.api.types.is_bool_dtype(column.dtype):
        return library.Series(name, _plain(column), dtype=library.Boolean)
    if pd.api.types.is_integer_dtype(column.dtype):
        return library.Series(name, _plain(column), dtype=library.Int64)
    if pd.api.types.is_float_dtype(column.dtype):
        return library.Series(name, column.to_numpy(float), nan_to_null=True)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return library.Series(name, column.to_numpy("datetime64[us]"))
    return library.Series(name, _plain(column), dtype=library.String)


def _plain(column: pd.Series) -> list[Any]:
    return column.astype(object).where(column.notna().to_numpy(), None).tolist()
