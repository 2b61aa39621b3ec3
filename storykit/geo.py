"""Areas and distances over the earth: what an area is made of, which site is nearest to a place, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from storykit import descriptor, periods, project, tables


def parts(area: str) -> list[str]:
    """Codes of the geographies that are `part_of` an area, in the order of the table.

    Raises
    ------
    project.DataError
        If no row of the table names the area.
    """
    larger = tables.column("geographies", "part_of")
    found = list(larger.index[larger == area])
    if not found:
        named = ", ".join(dict.fromkeys(larger[larger != ""]))
        raise project.DataError(
            f"No row of data/tables/geographies.csv is part_of {area!r}; there are parts of {named or 'no area'}."
        )
    return found


Panel = str | Sequence[Any]
"""One panel of a map: the name of an area that has parts, the names of areas, or a box (degrees)."""


def panels(given: Sequence[Panel] | None) -> list[Sequence[Any]]:
    """Panels of a map with the areas in each: the name of a larger area stands for its parts, else as given."""
    return [parts(panel) if isinstance(panel, str) else panel for panel in given or ()]


def distances(places: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Geodesic distances in km on the WGS 84 ellipsoid.

    Parameters
    ----------
    places, sites
        Frames with `lat` and `lon` in degrees.

    Returns
    -------
    One row per place and one column per site, with their indexes; NaN where a point is missing.
    """
    from pyproj import Geod

    shape = len(places), len(sites)
    grids = [
        np.broadcast_to(column, shape)
        for column in (
            places["lon"].to_numpy(float)[:, None],
            places["lat"].to_numpy(float)[:, None],
            sites["lon"].to_numpy(float)[None, :],
            sites["lat"].to_numpy(float)[None, :],
        )
    ]
    known = np.isfinite(grids).all(axis=0)
    metres = np.full(shape, np.nan)
    # pyproj takes no empty arrays and turns NaN into nonsense, so only whole pairs are asked for.
    if known.any():
        lon, lat, lon_there, lat_there = (grid[known] for grid in grids)
        metres[known] = Geod(ellps="WGS84").inv(lon, lat, lon_there, lat_there)[2]
    return pd.DataFrame(metres / 1000, index=places.index, columns=sites.index)


def since(sites: pd.DataFrame, dates: Sequence[str]) -> pd.Series:
    """The first filled of several date columns, per site; "" where none is."""
    found = pd.Series("", index=sites.index, dtype=object)
    for column in dates:
        found = found.where(found != "", sites[column])
    return found


def opening_year(sites: pd.DataFrame, dates: Sequence[str], missing: str = "no date") -> pd.Series:
    """The year of opening of each site, as an ordered category of all years up to the date of the data.

    `missing` stands first, for sites with none of the dates (see `since`).
    """
    years = since(sites, dates).str[:4]
    first, last = min(years[years != ""]), descriptor.about("storykit:asOf")[:4]
    order = [missing, *map(str, range(int(first), int(last) + 1))]
    return years.replace("", missing).astype(pd.CategoricalDtype(order, ordered=True))


def in_service(
    sites: pd.DataFrame, period: str, opened: Sequence[str] = ("opened",), closed: str = "closed"
) -> pd.DataFrame:
    """Sites in service on the last day of a period.

    Parameters
    ----------
    sites
        Dates are partial ISO texts; one known to the year only counts from that year's first day.
    opened
        Columns asked in turn for the first day; a site with none of them is left out.
    closed
        Column with the last day, "" while the site is open.
    """
    last = periods.bounds(period)[1]
    first = since(sites, opened)
    begun = [bool(text) and periods.bounds(text)[0] <= last for text in first]
    over = [bool(text) and periods.bounds(text)[1] <= last for text in sites[closed]]
    open_then: pd.DataFrame = sites[np.array(begun, dtype=bool) & ~np.array(over, dtype=bool)]
    return open_then


def nearest(
    places: pd.DataFrame,
    sites: pd.DataFrame,
    periods: Iterable[str],
    opened: Sequence[str] = ("opened",),
    closed: str = "closed",
    bring: Sequence[str] = (),
) -> pd.DataFrame:
    """The nearest site in service at the end of each period, for each place.

    Parameters
    ----------
    bring
        Columns of the site that its place gets; `source_ids` are added to those of the place.

    Returns
    -------
    The rows of `places` once per period, with `period`, `site` (key of the site), `km`, and
    `moved` (whether the site is another one than in the period before).

    Raises
    ------
    project.DataError
        If no site was in service in one of the periods.
    """
    found = []
    for period in periods:
        there = in_service(sites, period, opened, closed).dropna(subset=["lat", "lon"])
        if there.empty:
            raise project.DataError(f"No site was in service in {period}.")
        km = distances(places, there)
        found.append(
            places.assign(period=period, site=km.idxmin(axis=1), km=km.min(axis=1), _order=range(len(places)))
        )
    rows = pd.concat(found).sort_values(["_order", "period"], kind="stable")
    for column in bring:
        of_site = rows["site"].map(sites[column])
        rows[column] = rows[column] + of_site if column == "source_ids" else of_site
    before = rows.groupby("_order")["site"].shift()
    return (
        rows.assign(moved=before.notna() & (before != rows["site"]))
        .drop(columns="_order")
        .reset_index(drop=True)
    )


def round_trip_ms(km: pd.Series, km_per_second: float) -> pd.Series:
    """Least time in milliseconds for a signal to go a distance and come back, at a given speed."""
    return km * 2 / km_per_second * 1000
