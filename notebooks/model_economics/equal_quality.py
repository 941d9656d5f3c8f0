"""How the halving time at equal quality moves with the choices that were made.

The estimator is ``sizes.trade_off_halving``: quality = a + b log2(size) + c months, so
that size at equal quality halves every b / c months. Here it is run under many choices
of sample, and its time slope is allowed to break at a date.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from . import sizes


def chance_corrected_logit(score_pct, chance_pct=25.0, ceiling_pct=100.0):
    """Log odds of the share of questions known beyond chance; nan at or beyond the ends.

    score_pct : score in percent; chance_pct : score of guessing; ceiling_pct : best score

    >>> chance_corrected_logit([62.5]).tolist()
    [0.0]
    """
    if not chance_pct < ceiling_pct:
        raise ValueError("the ceiling must lie above chance")
    share = (np.asarray(score_pct, dtype=float) - chance_pct) / (ceiling_pct - chance_pct)
    inside = (share > 0) & (share < 1)
    safe = np.where(inside, share, 0.5)
    return np.where(inside, np.log(safe / (1 - safe)), np.nan)


def specification_curve(samples, confidence=0.9, draws=500, seed=0):
    """One halving time for each sample, in order of size: a specification curve.

    samples : dict of label to (DataFrame, name of size column, name of quality column);
        each frame needs released_on and family besides. Rows with an empty cell are
        left out
    confidence, draws, seed : of the bootstrap over families

    Columns of the result: choice, months, low_months, high_months, n, families.

    >>> rng = np.random.default_rng(0)
    >>> months, doublings = rng.uniform(0, 40, 60), rng.uniform(0, 8, 60)
    >>> frame = pd.DataFrame({"params_total_b": 2 ** doublings, "score": months + 4 * doublings,
    ...     "released_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(months * 30.4375, "D"),
    ...     "family": np.arange(60) % 12})
    >>> curve = specification_curve({"all": (frame, "params_total_b", "score")}, draws=20)
    >>> curve.round(1)[["months", "n", "families"]].values.tolist()
    [[4.0, 60.0, 12.0]]
    """
    rows = []
    for choice, (frame, size, quality) in samples.items():
        known = frame.dropna(subset=["released_on", size, quality])
        fit = sizes.trade_off_halving(
            known, size=size, quality=quality, group="family",
            draws=draws, seed=seed, confidence=confidence,
        )  # fmt: skip
        rows.append(
            {
                "choice": choice,
                "months": fit.halving_months,
                "low_months": fit.low_months,
                "high_months": fit.high_months,
                "n": fit.n,
                "families": known["family"].nunique(),
            }
        )
    if not rows:
        raise ValueError("give at least one sample")
    return pd.DataFrame(rows).sort_values("months", ignore_index=True)


def leave_families_out(models, size, quality, left_out=1, group="family"):
    """Halving time without each family, or each pair or more of them, as a DataFrame.

    models, size, quality : as in ``sizes.trade_off_halving``
    left_out : how many families to leave out at a time

    Columns of the result: left_out (names joined by " + ") and months, in order of months.

    >>> frame = pd.DataFrame({"size": [1., 2, 4, 1, 2, 4], "score": [1., 2, 3, 5, 6, 7],
    ...     "released_on": ["2023-01-01"] * 3 + ["2024-01-01"] * 3, "family": list("abcabc")})
    >>> leave_families_out(frame, "size", "score").round(1)["months"].tolist()
    [3.0, 3.0, 3.0]
    """
    known = models.dropna(subset=["released_on", size, quality])
    names = sorted(known[group].unique())
    if not 0 < left_out < len(names):
        raise ValueError(f"leave out at least 1 and at most {len(names) - 1} families")
    design, scores = _plane(known, size, quality)
    codes = known[group].to_numpy()
    rows = []
    for out in combinations(names, left_out):
        keep = ~np.isin(codes, out)
        _, per_doubling, per_month = np.linalg.lstsq(design[keep], scores[keep], rcond=None)[0]
        rate = sizes.MONTHS_PER_YEAR * per_month / per_doubling
        rows.append({"left_out": " + ".join(map(str, out)), "months": sizes.months_to_halve(rate)})
    return pd.DataFrame(rows).sort_values("months", ignore_index=True)


def other_fits(models, size, quality, group="family", draws=500, seed=0, confidence=0.9):
    """Halving time of the same models by three other regressions: dict of name to Halving.

    models, size, quality, group : as in ``sizes.trade_off_halving``
    draws, seed, confidence : of the bootstrap over groups

    The three: log2 size on score and date (errors in size, not in score); the plane with
    every group given the same total weight; the plane with a level of its own for each group,
    so that only changes inside a group count.

    >>> months, doublings = np.tile([0.0, 8, 16, 24], 5), np.repeat(np.arange(5.0), 4)
    >>> frame = pd.DataFrame({"size": 2 ** doublings, "score": months + 4 * doublings,
    ...     "released_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(months * 30.4375, "D"),
    ...     "family": np.arange(20) % 3})
    >>> [round(fit.halving_months, 2) for fit in other_fits(frame, "size", "score").values()]
    [4.0, 4.0, 4.0]
    """
    known = models.dropna(subset=["released_on", size, quality])
    design, scores = _plane(known, size, quality)
    table = np.column_stack([design, scores])  # one, log2 size, months, score
    codes = pd.factorize(known[group])[0]
    members = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    means = np.array([table[rows].mean(axis=0) for rows in members])
    forms = {
        "size on score and date": (table, [0, 3, 2], 1),
        "families weighted alike": (
            table / np.sqrt(np.bincount(codes)[codes])[:, None],
            [0, 1, 2],
            3,
        ),
        "each family its own level": (table - means[codes], [1, 2], 3),
    }
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(members), size=(draws, len(members)))
    samples = [np.concatenate([members[i] for i in pick]) for pick in picks]
    fits = {}
    for name, (data, columns, target) in forms.items():

        def rate(rows, data=data, columns=columns, target=target):
            *_, other, time = np.linalg.lstsq(
                data[rows][:, columns], data[rows, target], rcond=None
            )[0]
            return sizes.MONTHS_PER_YEAR * (-time if target == 1 else time / other)

        tail = 50 * (1 - confidence)
        low, high = np.percentile([rate(rows) for rows in samples], [tail, 100 - tail])
        middle = float(rate(np.arange(len(known))))
        months = (sizes.months_to_halve(value) for value in (middle, high, low))
        span = float(np.ptp(design[:, 2]))
        fits[name] = sizes.Halving(
            *months, middle, float(low), float(high), len(known), span, confidence
        )
    return fits


def broken_halving(models, break_date, size, quality, group="family", draws=2000, seed=0):
    """Halving time before and after a date, with one size slope and a kink at the date.

    quality = a + b log2(size) + c min(t, T) + d max(t - T, 0): the line in time may bend
    at T but not jump. The interval and the p value come from resampled families.

    Returns a dict: before_months, after_months, slower (before rate / after rate, inf where
    size no longer falls), each with _low and _high for 90 %; p_value (two-sided, of equal
    rates, never below 1 / draws); n_before, n_after, families_after.

    >>> rng = np.random.default_rng(2)
    >>> months, doublings = rng.uniform(0, 40, 200), rng.uniform(0, 8, 200)
    >>> score = 2 * doublings + np.minimum(months, 20) + np.maximum(months - 20, 0) / 2
    >>> frame = pd.DataFrame({"size": 2 ** doublings, "score": score, "family": np.arange(200),
    ...     "released_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(months * 30.4375, "D")})
    >>> fit = broken_halving(frame, frame["released_on"].min() + pd.Timedelta(days=20 * 30.4375),
    ...                      "size", "score", draws=50)
    >>> round(fit["before_months"], 1), round(fit["after_months"], 1)
    (2.0, 4.0)
    """
    known = models.dropna(subset=["released_on", size, quality])
    design, scores = _plane(known, size, quality)
    first = pd.to_datetime(known["released_on"]).min()
    kink = (pd.Timestamp(break_date) - first) / pd.Timedelta(days=1) / sizes.DAYS_PER_MONTH
    months = design[:, 2]
    if not (months.min() < kink < months.max()):
        raise ValueError(f"{break_date} does not lie inside the dates of the models")
    design = np.column_stack([design, np.maximum(months - kink, 0)])

    def rates(rows):
        _, per_doubling, before, change = np.linalg.lstsq(design[rows], scores[rows], rcond=None)[0]
        scale = sizes.MONTHS_PER_YEAR / per_doubling
        return scale * before, scale * (before + change)

    codes = pd.factorize(known[group])[0]
    members = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    rng = np.random.default_rng(seed)
    sampled = np.array(
        [
            rates(
                np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
            )
            for _ in range(draws)
        ]
    )
    before, after = rates(np.arange(len(known)))
    higher = float(np.mean(sampled[:, 0] > sampled[:, 1]))
    result = {
        "n_before": int((months < kink).sum()),
        "n_after": int((months >= kink).sum()),
        "families_after": int(known.loc[months >= kink, group].nunique()),
        "p_value": min(1.0, 2 * min(higher, 1 - higher) + 1 / draws),
    }
    for name, whole, column in (("before", before, 0), ("after", after, 1)):
        low, high = np.quantile(sampled[:, column], [0.05, 0.95])
        result[f"{name}_months"] = sizes.months_to_halve(whole)
        result[f"{name}_months_low"] = sizes.months_to_halve(high)
        result[f"{name}_months_high"] = sizes.months_to_halve(low)
    ratios = np.concatenate([[_times_slower(before, after)], _times_slower(*sampled.T)])
    result["slower"] = ratios[0]
    result["slower_low"], result["slower_high"] = np.quantile(
        ratios[1:], [0.05, 0.95], method="closest_observation"
    )
    return result


def share_in_band(sizes_b, low_b, high_b):
    """Share of models whose size lies in a band, both ends included; empty sizes left out.

    >>> share_in_band([1.0, 7.0, 70.0, 400.0], 7, 70)
    0.5
    """
    if not low_b < high_b:
        raise ValueError("the band's upper end must lie above its lower end")
    known = pd.Series(sizes_b, dtype=float).dropna()
    if known.empty:
        raise ValueError("no model with a known size")
    return float(known.between(low_b, high_b).mean())


def half_year_shares(models, columns, low_b, high_b, first, last, missing=0.5):
    """Share of each half-year's models in a band of size, with bounds, as a long table.

    models : DataFrame with released_on and the size columns
    columns : dict of measure to size column; first, last : starts of the first and last
        half-year; missing : models missing from the list, as a share of those in it

    Columns of the result: middle (date), measure, share, low, high, n.

    >>> frame = pd.DataFrame({"released_on": ["2023-02-01", "2023-03-01"], "size": [7.0, 400.0]})
    >>> shares = half_year_shares(frame, {"total": "size"}, 7, 70, "2023-01-01", "2023-01-01")
    >>> shares[["share", "n"]].values.tolist()
    [[0.5, 2.0]]
    """
    when, rows = pd.to_datetime(models["released_on"]), []
    for start in pd.date_range(first, last, freq="6MS"):
        inside = models[(when >= start) & (when < start + pd.DateOffset(months=6))]
        for measure, column in columns.items():
            share = share_in_band(inside[column], low_b, high_b)
            bounds = share_bounds(share, len(inside), missing * len(inside))
            rows.append((start + pd.DateOffset(months=3), measure, share, *bounds, len(inside)))
    return pd.DataFrame(rows, columns=["middle", "measure", "share", "low", "high", "n"])


def share_bounds(share, n_in_list, n_missing):
    """Least and greatest share, if ``n_missing`` models were left off the list.

    share : share in the list; n_in_list : models in it. The bounds take all missing
    models outside the band, or all inside.

    >>> share_bounds(0.5, 100, 100)
    (0.25, 0.75)
    """
    if not 0 <= share <= 1 or n_in_list <= 0 or n_missing < 0:
        raise ValueError(
            "need a share between 0 and 1, models in the list, none below zero missing"
        )
    inside = share * n_in_list
    return inside / (n_in_list + n_missing), (inside + n_missing) / (n_in_list + n_missing)


def _times_slower(before, after):
    """Ratio of two rates; inf where the later one is zero or negative."""
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    ratio = np.full(after.shape, np.inf)
    return np.divide(before, after, out=ratio, where=after > 0)


def _plane(known, size, quality):
    months = sizes.months_since_first(known["released_on"])
    doublings = np.log2(known[size].to_numpy(dtype=float))
    design = np.column_stack([np.ones(len(known)), doublings, months])
    return design, known[quality].to_numpy(dtype=float)
