"""The history of a kind of model: largest, median and smallest size against its own past.

Tables hold one model a row with released_on and a size column; sizes may be in any unit.
The functions serve image models and language models alike, so that both histories can be
laid on one pair of axes.
"""

import numpy as np
import pandas as pd

from . import sizes

DAYS_PER_YEAR = 365.25


def largest_so_far(models, size, date="released_on"):
    """Models that were larger than every model before them, in order of date.

    models : DataFrame; size, date : names of its columns; rows with an empty cell are
        left out

    Of models of one day only the largest counts.

    >>> nets = pd.DataFrame({"released_on": ["2012-01-01", "2014-01-01", "2015-01-01"],
    ...                      "params_m": [61.0, 144.0, 7.0]})
    >>> largest_so_far(nets, "params_m")["params_m"].tolist()
    [61.0, 144.0]
    """
    known = models.dropna(subset=[date, size])
    if known.empty:
        raise ValueError(f"no model has both {date} and {size}")
    when = pd.to_datetime(known[date])
    ordered = known.assign(_when=when).sort_values(["_when", size], ascending=[True, False])
    before = ordered[size].cummax().shift(fill_value=-np.inf)
    return ordered[ordered[size] > before].drop(columns="_when")


def rolling_median(models, size, window_months=12, every="QE", date="released_on", group=None):
    """Median size of the models of the last months, at regular dates.

    models, size, date : as in ``largest_so_far``
    window_months : how far back a date looks
    every : pandas frequency of the dates, quarter ends by default
    group : name of a column; models of one group and day count as one, by their median,
        so that a paper with ten widths of one network does not count ten times

    Columns of the result: date, median, n (models, or groups and days); dates without a
    model in the window are left out.

    >>> nets = pd.DataFrame({"released_on": ["2014-01-15", "2014-02-15", "2015-05-15"],
    ...                      "params_m": [10.0, 30.0, 5.0]})
    >>> rolling_median(nets, "params_m", every="YE")[["median", "n"]].values.tolist()
    [[20.0, 2.0], [5.0, 1.0]]
    """
    known = models.dropna(subset=[date, size]).assign(**{date: lambda f: pd.to_datetime(f[date])})
    if group is not None:
        known = known.groupby([date, group], as_index=False)[size].median()
    last = known[date].max()
    ends = pd.date_range(known[date].min(), last + pd.DateOffset(years=1), freq=every)
    ends = ends[: int(np.searchsorted(ends, last)) + 1]
    rows = []
    for end in ends:
        start = end - pd.DateOffset(months=window_months)
        inside = known.loc[(known[date] > start) & (known[date] <= end), size]
        if len(inside):
            rows.append({"date": end, "median": float(inside.median()), "n": len(inside)})
    return pd.DataFrame(rows)


def years_since(dates, first):
    """Years from ``first`` to each date, as an array.

    >>> years_since(["2014-12-03"], "2012-12-03").round(2).tolist()
    [2.0]
    """
    days = pd.DatetimeIndex(pd.to_datetime(list(dates))) - pd.Timestamp(first)
    return np.asarray(days / pd.Timedelta(days=1), dtype=float) / DAYS_PER_YEAR


def relative_history(models, size, compute, quality, threshold, first_on, peak_by, group="family"):
    """Four measures of a history against its first peak, as a long table for drawing.

    models : DataFrame with released_on, group and the columns named here
    size, compute : size and compute of one input; quality, threshold : what "equal
        quality" means; the smallest model that reaches the threshold is followed
    first_on : date of the first model of the kind, year zero
    peak_by : end of the first phase of growth; largest, median and compute are divided
        by their own highest value up to then, smallest by its first holder

    Columns of the result: measure (largest, median, smallest, compute), years, relative.

    >>> nets = pd.DataFrame({"released_on": ["2012-12-03", "2014-09-04", "2016-02-24"],
    ...     "family": ["a", "b", "c"], "params_m": [61.0, 144.0, 1.2], "top1": [56.0, 72, 58],
    ...     "gmacs": [0.7, 19.6, 0.8]})
    >>> long = relative_history(nets, "params_m", "gmacs", "top1", 55, "2012-12-03", "2014-12-31")
    >>> long[long["measure"] == "smallest"].round(2).values.tolist()
    [['smallest', 0.0, 1.0], ['smallest', 3.23, 0.02]]
    """
    largest = largest_so_far(models, size)
    paths = {
        "largest": (largest["released_on"], largest[size]),
        "median": _median_path(models, size, group),
        "compute": _median_path(models, compute, group),
    }
    parts = []
    for measure, (dates, values) in paths.items():
        early = pd.to_datetime(dates) <= pd.Timestamp(peak_by)
        if not early.any():
            raise ValueError(f"no model up to {peak_by}")
        parts.append(_part(measure, dates, values / values[early.to_numpy()].max(), first_on))
    holders = sizes.record_holders(models, size=size, quality=quality, threshold=threshold)
    if holders.empty:
        raise ValueError(f"no model reaches {quality} {threshold}")
    smallest = holders[size] / holders[size].iloc[0]
    parts.append(_part("smallest", holders["released_on"], smallest, first_on))
    return pd.concat(parts, ignore_index=True)


def _median_path(models, size, group):
    path = rolling_median(models, size, group=group)
    return path["date"], path["median"]


def _part(measure, dates, relative, first_on):
    return pd.DataFrame(
        {
            "measure": measure,
            "years": years_since(dates, first_on),
            "relative": np.asarray(relative, dtype=float),
        }
    )
