"""Model size over time: record holders, halving times at equal quality, and spread.

Sizes may be in any unit (parameters, multiply-accumulates, bytes): a halving time does
not depend on it. Dates are anything that pandas reads as a date; times are months of
365.25 / 12 days. The functions serve image models and language models alike.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

DAYS_PER_MONTH = 365.25 / 12
MONTHS_PER_YEAR = 12
# Top-1 accuracies at which the sizes of image models are compared, and the manners of
# training that are left out of it because they raise accuracy at equal size.
CNN_THRESHOLDS_PCT = (55, 60, 65, 70, 75, 78)
NEWER_RECIPES = ("modern", "extra data")


@dataclass(frozen=True)
class Halving:
    """How fast size falls: an estimate with its interval.

    halving_months : months in which size halves; inf where size does not fall
    low_months, high_months : the interval of it; high is inf where the data do not rule
        out that size stands still; both nan where the data allow no interval
    halvings_per_year : the same as a rate, signed: negative means that size grows
    low_per_year, high_per_year : the interval of the rate
    n : data points that were fitted
    span_months : months from the first point to the last
    confidence : coverage of the interval, for example 0.95
    """

    halving_months: float
    low_months: float
    high_months: float
    halvings_per_year: float
    low_per_year: float
    high_per_year: float
    n: int
    span_months: float
    confidence: float


def months_since_first(dates):
    """Months from the earliest date to each date, as an array of floats.

    dates : dates, in any order

    >>> months_since_first(["2014-01-01", "2015-01-01"]).round(2).tolist()
    [0.0, 11.99]
    """
    days = pd.DatetimeIndex(pd.to_datetime(list(dates)))
    if len(days) == 0 or days.hasnans:
        raise ValueError("every model needs a date: got none, or an empty one")
    return np.asarray((days - days.min()) / pd.Timedelta(days=1), dtype=float) / DAYS_PER_MONTH


def months_to_halve(halvings_per_year):
    """Months in which size halves at a rate; inf where the rate is zero or negative.

    halvings_per_year : a number or an array

    >>> months_to_halve(3.0)
    4.0
    >>> months_to_halve(-1.0)
    inf
    """
    rate = np.asarray(halvings_per_year, dtype=float)
    months = np.full(rate.shape, np.inf)
    np.divide(MONTHS_PER_YEAR, rate, out=months, where=~(rate <= 0))
    return float(months) if months.ndim == 0 else months


def record_holders(models, date="released_on", size="params_m", quality="top1_pct", threshold=0.0):
    """Models that were the smallest so far to reach a quality, in order of date.

    models : DataFrame, one model a row
    date, size, quality : names of its columns; size above zero, in any unit; rows where
        one of the three is empty are left out
    threshold : the least quality that counts, in the unit of the quality column

    The first row is the first model that reached the threshold; each further row is
    strictly smaller than all before it. Of models of one day only the smallest counts.
    The result has the columns of ``models`` and its row labels; it is empty where no
    model reached the threshold.

    >>> nets = pd.DataFrame({"released_on": ["2012-12-03", "2014-09-04", "2016-02-24"],
    ...                      "params_m": [61.1, 138.4, 1.25], "top1_pct": [56.5, 71.6, 58.1]})
    >>> record_holders(nets, threshold=55)["params_m"].tolist()
    [61.1, 1.25]
    """
    _check_columns(models, [date, size, quality])
    known = models.dropna(subset=[date, size, quality])
    _check_sizes(known[size])
    able = known[known[quality] >= threshold]
    when = pd.to_datetime(able[date])
    able = able.assign(_when=when).sort_values(["_when", size], kind="stable")
    smallest_before = able[size].cummin().shift(fill_value=np.inf)
    return able[able[size] < smallest_before].drop(columns="_when")


def record_paths(models, thresholds, date="released_on", size="params_m", quality="top1_pct"):
    """Record holders of several thresholds, one under another, with a threshold column.

    thresholds : qualities to reach; the other arguments as in ``record_holders``

    >>> nets = pd.DataFrame({"released_on": ["2012-12-03", "2014-09-17"],
    ...                      "params_m": [61.1, 6.6], "top1_pct": [56.5, 69.8]})
    >>> record_paths(nets, [55, 65])[["threshold", "params_m"]].values.tolist()
    [[55.0, 61.1], [55.0, 6.6], [65.0, 6.6]]
    """
    paths = [
        record_holders(models, date, size, quality, level).assign(threshold=float(level))
        for level in thresholds
    ]
    if not paths:
        raise ValueError("give at least one threshold")
    return pd.concat(paths, ignore_index=True)


def halving_time(dates, sizes, confidence=0.95):
    """Fit log2 of size as a straight line in time; return the halving time as ``Halving``.

    dates, sizes : one entry a model; sizes above zero, in any unit
    confidence : coverage of the interval, which is Student's t for the slope; two points
        give an estimate but no interval (nan)

    The interval takes the points as independent. Record holders are not quite: each is
    smaller than the last by construction. ``bootstrap_halving`` does without that.

    >>> fit = halving_time(["2012-01-01", "2013-01-01", "2014-01-01"], [64, 32, 16])
    >>> round(fit.halving_months, 1), fit.n
    (12.0, 3)
    """
    months, log_sizes = _months_and_log2(dates, sizes)
    return _fit(months, log_sizes, np.zeros(len(months), dtype=int), confidence)


def pooled_halving(
    records, date="released_on", size="params_m", threshold="threshold", confidence=0.95
):
    """One halving time for several thresholds: a common slope, an intercept for each.

    records : DataFrame as ``record_paths`` makes it
    date, size, threshold : names of its columns

    A threshold with a single record holder says nothing about the slope. A model that
    holds the record at several thresholds counts at each, so the interval is too narrow;
    ``bootstrap_halving`` is the honest one.

    >>> path = pd.DataFrame({"threshold": [60, 60, 70, 70], "params_m": [64, 16, 128, 32],
    ...     "released_on": ["2012-01-01", "2014-01-01", "2014-01-01", "2016-01-01"]})
    >>> round(pooled_halving(path).halving_months, 1)
    12.0
    """
    _check_columns(records, [date, size, threshold])
    months, log_sizes = _months_and_log2(records[date], records[size])
    return _fit(months, log_sizes, pd.factorize(records[threshold])[0], confidence)


def bootstrap_halving(
    models,
    thresholds,
    date="released_on",
    size="params_m",
    quality="top1_pct",
    group=None,
    draws=2000,
    seed=0,
    confidence=0.95,
):
    """Halving time at equal quality, with an interval from resampled models.

    models, date, size, quality : as in ``record_holders``
    thresholds : one threshold or several; several share one slope (``pooled_halving``)
    group : name of a column; whole groups (families, makers) are drawn instead of single
        models, because models of one paper are not independent; None draws models
    draws : resamples with replacement; seed : of the random generator

    Each resample finds its own record holders and is fitted anew. The estimate is that of
    the full table; low and high are percentiles of the resamples. A resample whose records
    allow no slope is left out; more than half of them raise ValueError.

    >>> nets = pd.DataFrame({"released_on": pd.date_range("2012", periods=24, freq="MS"),
    ...                      "params_m": 2.0 ** -np.arange(24), "top1_pct": 70.0})
    >>> fit = bootstrap_halving(nets, 70, draws=50)
    >>> round(fit.halving_months, 2), round(fit.low_months, 1), round(fit.high_months, 1)
    (1.0, 1.0, 1.0)
    """
    levels = np.atleast_1d(np.asarray(thresholds, dtype=float))
    fit = pooled_halving(
        record_paths(models, levels, date, size, quality), date, size, confidence=confidence
    )
    known = models.dropna(subset=[date, size, quality])
    months = months_since_first(known[date])
    log_sizes = np.log2(known[size].to_numpy(dtype=float))
    qualities = known[quality].to_numpy(dtype=float)
    rates = []
    for rows in _resamples(known, group, draws, seed):
        path = _record_arrays(months[rows], log_sizes[rows], qualities[rows], levels)
        slope = _within_slope(*path)[0]
        if np.isfinite(slope):
            rates.append(-slope * MONTHS_PER_YEAR)
    if len(rates) < draws / 2:
        raise ValueError(f"only {len(rates)} of {draws} resamples have records to fit")
    return _with_interval(fit, rates, confidence)


def trade_off_halving(
    models,
    date="released_on",
    size="params_m",
    quality="top1_pct",
    group=None,
    draws=2000,
    seed=0,
    confidence=0.95,
):
    """Halving time at equal quality from all models: quality on log2 size and date.

    The arguments are those of ``bootstrap_halving``. A plane is fitted by least squares:
    quality = a + b x log2(size) + c x months. Size at equal quality then halves every
    b / c months. The interval comes from resampled models or groups. No record holder is
    picked, so that a poor model counts as much as a good one.

    >>> rng = np.random.default_rng(1)
    >>> months, doublings = rng.uniform(0, 60, 40), rng.uniform(0, 8, 40)
    >>> nets = pd.DataFrame({"params_m": 2 ** doublings, "top1_pct": 3 * doublings + months / 2,
    ...     "released_on": pd.Timestamp("2012-01-01") + pd.to_timedelta(months * 30.4375, "D")})
    >>> round(trade_off_halving(nets, draws=20).halving_months, 1)
    6.0
    """
    _check_columns(models, [date, size, quality])
    known = models.dropna(subset=[date, size, quality])
    _check_sizes(known[size])
    if len(known) < 4:
        raise ValueError(f"a plane needs at least 4 models, got {len(known)}")
    months = months_since_first(known[date])
    design = np.column_stack([np.ones(len(known)), np.log2(known[size].astype(float)), months])
    qualities = known[quality].to_numpy(dtype=float)

    def rate(rows):
        _, per_doubling, per_month = np.linalg.lstsq(design[rows], qualities[rows], rcond=None)[0]
        return MONTHS_PER_YEAR * per_month / per_doubling

    rates = [rate(rows) for rows in _resamples(known, group, draws, seed)]
    whole = float(rate(np.arange(len(known))))
    fit = Halving(
        months_to_halve(whole), np.nan, np.nan, whole, np.nan, np.nan,
        len(known), float(np.ptp(months)), confidence,
    )  # fmt: skip
    return _with_interval(fit, rates, confidence)


def endpoint_halving_months(dates, sizes):
    """Months for one halving between the first and the last record; inf if not smaller.

    dates, sizes : one entry a model, sizes above zero

    >>> round(endpoint_halving_months(["2014-09-04", "2016-09-04"], [138.4, 34.6]), 1)
    12.0
    """
    months, log_sizes = _months_and_log2(dates, sizes)
    first, last = np.argmin(months), np.argmax(months)
    if months[last] == months[first]:
        raise ValueError("a halving time needs at least two different dates")
    rate = (log_sizes[first] - log_sizes[last]) / (months[last] - months[first])
    return months_to_halve(MONTHS_PER_YEAR * rate)


def halving_by_threshold(records, date="released_on", size="params_m"):
    """Ends of each record path and the halving time of a line through it.

    records : result of ``record_paths``; date, size : names of its columns

    Returns one threshold a row: ``threshold``, ``records``, ``first`` and ``last`` size in
    the unit of the size column, ``halving_months``; nan where all records are of one day.

    >>> path = pd.DataFrame({"threshold": [60.0, 60.0], "params_m": [64.0, 16.0],
    ...                      "released_on": ["2012-01-01", "2014-01-01"]})
    >>> halving_by_threshold(path).round(1).values.tolist()
    [[60.0, 2.0, 64.0, 16.0, 12.0]]
    """
    rows = []
    for level, path in records.groupby("threshold"):
        months = (
            halving_time(path[date], path[size]).halving_months
            if path[date].nunique() > 1
            else np.nan
        )
        first, last = path[size].iloc[[0, -1]]
        rows.append((level, len(path), first, last, months))
    columns = ["threshold", "records", "first", "last", "halving_months"]
    return pd.DataFrame(rows, columns=columns)


def halving_table(fits):
    """One row a fit: ``choice``, the fields of ``Halving`` that a figure needs.

    fits : dict of ``Halving`` by choice
    """
    fields = ["halving_months", "low_months", "high_months", "n"]
    return pd.DataFrame(
        [{"choice": choice, **{f: getattr(fit, f) for f in fields}} for choice, fit in fits.items()]
    )


def comparable_networks(cnn, protocol="torchvision V1", newer_recipes=False):
    """Image models whose accuracies may be compared: one protocol, one manner of training.

    cnn : the table ``cnn_models``
    protocol : one evaluation protocol, or None for all single-crop measurements
    newer_recipes : keep weights marked as trained with a newer recipe or with extra data
    """
    keep = cnn["top1_pct"].notna()
    if protocol is not None:
        if protocol not in set(cnn["protocol"].dropna()):
            raise ValueError(f"no model was measured by protocol {protocol!r}")
        keep &= cnn["protocol"] == protocol
    if not newer_recipes:
        keep &= ~cnn["recipe"].isin(NEWER_RECIPES)
    return cnn[keep]


def distinct_networks(cnn):
    """One row for each network of a paper: input sizes, ports and recipes of it fall together.

    cnn : the table ``cnn_models``; rows without parameters are left out, and of rows of one
        family and day whose sizes agree to 0.1 million parameters that of the largest input
        stays, of several the first
    """
    known = cnn[cnn["params_m"].notna()]
    key = known.assign(rounded=known["params_m"].round(1), input_px=known["input_px"].fillna(0))
    key = key.sort_values("input_px", ascending=False, kind="stable")
    kept = ~key.duplicated(["family", "released_on", "rounded"])
    return known[kept.reindex(known.index)]


def spread_by_period(models, edges, date="released_on", size="params_m"):
    """Smallest, median and largest size and the spread between networks, for each period.

    models : DataFrame, one network a row
    edges : first years of the periods and the year after the last, ascending
    date, size : names of the columns

    Returns one period a row: ``n``, ``smallest``, ``p10``, ``median``, ``p90``, ``largest``
    in the unit of size, and ``spread_doublings``, the standard deviation of log2 size.
    """
    rows = [
        {"period": label, **_summary(part[size])} for label, part in _periods(models, edges, date)
    ]
    return pd.DataFrame(rows).set_index("period")


def spread_change(
    models, edges, date="released_on", size="params_m", group="family", draws=2000, seed=0,
    confidence=0.95,
):  # fmt: skip
    """Change of spread and of median size from the first period to the last, with intervals.

    The arguments are those of ``spread_by_period`` and ``bootstrap_halving``: whole groups
    are drawn, because networks of one family are not independent. Returns two rows,
    ``spread`` and ``median``, in doublings: estimate, low, high. A resample without at least
    three networks in both periods is left out.
    """
    ends = [edges[:2], edges[-2:]]

    def change(frame):
        values = []
        for pair in ends:
            parts = [part[size] for _, part in _periods(frame, pair, date)]
            if not parts or len(parts[0]) < 3:
                return None
            logs = np.log2(parts[0].to_numpy(dtype=float))
            values.append((logs.std(ddof=1), np.median(logs)))
        return np.subtract(values[1], values[0])

    estimate = change(models)
    if estimate is None:
        raise ValueError("the first and the last period need at least three networks each")
    drawn = [change(models.iloc[rows]) for rows in _resamples(models, group, draws, seed)]
    drawn = np.array([d for d in drawn if d is not None])
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return pd.DataFrame(
        {"estimate": estimate, "low": low, "high": high}, index=["spread", "median"]
    )


def _check_columns(frame, names):
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}; there are {', '.join(frame.columns)}")


def _check_sizes(sizes):
    values = np.asarray(sizes, dtype=float)
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("every size must be a finite number above zero")


def _months_and_log2(dates, sizes):
    sizes = np.asarray(list(sizes), dtype=float)
    _check_sizes(sizes)
    months = months_since_first(dates)
    if len(months) != len(sizes):
        raise ValueError(f"got {len(months)} dates for {len(sizes)} sizes")
    return months, np.log2(sizes)


def _within_slope(months, log_sizes, groups):
    """Slope of log2 size per month within groups, its variance term and residuals."""
    counts = np.bincount(groups)
    t = months - (np.bincount(groups, months) / np.maximum(counts, 1))[groups]
    y = log_sizes - (np.bincount(groups, log_sizes) / np.maximum(counts, 1))[groups]
    spread = float(t @ t)
    if spread < 1e-9:
        return np.nan, spread, y
    slope = float(t @ y) / spread
    return slope, spread, y - slope * t


def _fit(months, log_sizes, groups, confidence):
    slope, spread, residuals = _within_slope(months, log_sizes, groups)
    if not np.isfinite(slope):
        raise ValueError("a halving time needs at least two different dates")
    freedom = len(months) - len(np.unique(groups)) - 1
    half_width = np.nan
    if freedom > 0:
        error = np.sqrt(float(residuals @ residuals) / freedom / spread)
        half_width = error * stats.t.ppf((1 + confidence) / 2, freedom)
    rate, half_width = -slope * MONTHS_PER_YEAR, half_width * MONTHS_PER_YEAR
    return Halving(
        months_to_halve(rate),
        months_to_halve(rate + half_width),
        months_to_halve(rate - half_width),
        rate,
        rate - half_width,
        rate + half_width,
        len(months),
        float(np.ptp(months)),
        confidence,
    )


def _record_arrays(months, log_sizes, qualities, thresholds):
    """The path of ``record_paths`` on arrays: months, log sizes, index of the threshold."""
    order = np.lexsort((log_sizes, months))
    months, log_sizes, qualities = months[order], log_sizes[order], qualities[order]
    paths = []
    for index, level in enumerate(thresholds):
        able = np.flatnonzero(qualities >= level)
        smallest = np.minimum.accumulate(log_sizes[able])
        record = np.ones(len(able), dtype=bool)
        record[1:] = log_sizes[able][1:] < smallest[:-1]
        held = able[record]
        paths.append((months[held], log_sizes[held], np.full(len(held), index)))
    return tuple(np.concatenate(parts) for parts in zip(*paths, strict=True))


def _resamples(models, group, draws, seed):
    """Yield row positions of ``draws`` resamples of models, or of whole groups of them."""
    rng = np.random.default_rng(seed)
    if group is None:
        members = np.arange(len(models))[:, None]
    else:
        _check_columns(models, [group])
        codes = pd.factorize(models[group])[0]
        members = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    for _ in range(draws):
        drawn = rng.integers(len(members), size=len(members))
        yield np.concatenate([members[i] for i in drawn])


def _with_interval(fit, rates, confidence):
    tail = (1 - confidence) / 2
    low, high = (float(bound) for bound in np.quantile(rates, [tail, 1 - tail]))
    return Halving(
        fit.halving_months,
        months_to_halve(high),
        months_to_halve(low),
        fit.halvings_per_year,
        low,
        high,
        fit.n,
        fit.span_months,
        confidence,
    )


def _periods(models, edges, date):
    years = pd.to_datetime(models[date]).dt.year
    for start, stop in itertools.pairwise(edges):
        part = models[(years >= start) & (years < stop)]
        if len(part):
            yield (str(start) if stop == start + 1 else f"{start}–{stop - 1}"), part


def _summary(sizes):
    logs = np.log2(sizes.to_numpy(dtype=float))
    low, median, high = 2 ** np.quantile(logs, [0.1, 0.5, 0.9])
    spread = float(logs.std(ddof=1)) if len(logs) > 1 else np.nan
    return {
        "n": len(sizes),
        "smallest": sizes.min(),
        "p10": low,
        "median": median,
        "p90": high,
        "largest": sizes.max(),
        "spread_doublings": spread,
    }
