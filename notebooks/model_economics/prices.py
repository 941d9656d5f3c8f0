"""Prices of tokens: how fast a model's value falls, how long it sells, what delay costs.

Prices are US dollars per million tokens, times are days, dates are anything pandas reads.
The price of equal quality is the price of the cheapest model on sale that reaches a given
score. Formulas for late launches and release cycles are closed forms; the tests check them
by simulation.
"""

import warnings

import numpy as np
import pandas as pd
from scipy import optimize

from model_economics import serving, sizes

with warnings.catch_warnings():
    # lifelines imports a pandas interface that announces its own end.
    warnings.simplefilter("ignore")
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times, qth_survival_times

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
X_EPOCH_MS = 1288834974657  # first millisecond of the post ids of X (4 November 2010)


# Prices and halving times


def with_blend(table, input_per_output=3):
    """The table with a column usd_per_mtok, the blend of its input and output prices.

    table : DataFrame with input_usd_per_mtok and output_usd_per_mtok; where one of them is
        empty, so is the blend
    input_per_output : input tokens for each output token; three to one unless said

    >>> table = pd.DataFrame({"input_usd_per_mtok": [30.0], "output_usd_per_mtok": [60.0]})
    >>> with_blend(table)["usd_per_mtok"].tolist()
    [37.5]
    """
    columns = ["input_usd_per_mtok", "output_usd_per_mtok"]
    known = table[columns].dropna()
    blend = serving.blended_usd_per_mtok(input_per_output, *(known[c].to_numpy() for c in columns))
    return table.assign(usd_per_mtok=pd.Series(blend, index=known.index, dtype=float))


def halving_days(days, first_usd_per_mtok, last_usd_per_mtok):
    """Days in which the price halved between two readings; inf where it did not fall.

    days : days between the readings, above zero
    first_usd_per_mtok, last_usd_per_mtok : prices above zero, numbers or arrays

    One line by hand: days / log2(first / last).

    >>> halving_days(300, 8.0, 1.0)
    100.0
    >>> halving_days(300, 1.0, 1.0)
    inf
    """
    days = np.asarray(days, dtype=float)
    ratio = np.asarray(first_usd_per_mtok, dtype=float) / np.asarray(last_usd_per_mtok, dtype=float)
    if not ((days > 0).all() and np.isfinite(ratio).all() and (ratio > 0).all()):
        raise ValueError("days and prices must be finite and above zero")
    halvings = np.log2(ratio)
    result = np.full(np.broadcast(days, halvings).shape, np.inf)
    np.divide(days, halvings, out=result, where=halvings > 0)
    return _plain(result)


def factor_per_year(halving_days):
    """How many times cheaper in a year, from the halving time in days.

    >>> round(factor_per_year(DAYS_PER_YEAR / 3), 1)
    8.0
    """
    return _plain(2.0 ** (DAYS_PER_YEAR / np.asarray(halving_days, dtype=float)))


def net_halving_days(halving_days, volume_doubling_days):
    """Halving time of revenue when the price halves and the volume sold doubles; inf if it grows.

    halving_days : of the price; volume_doubling_days : of the tokens sold

    >>> net_halving_days(100.0, 200.0)
    200.0
    """
    rate = 1 / halving_days - 1 / volume_doubling_days
    return 1 / rate if rate > 0 else np.inf


# The price of equal quality


def equal_quality_path(quality_prices, reference, score="score_overall", price="usd_per_mtok"):
    """Cheapest prices of a quality level: the launch of a reference model, then each new low.

    quality_prices : DataFrame with model, priced_on, the score and the price column
    reference : model whose score sets the level and whose first price starts the path
    score, price : names of columns; rows where one is empty are left out

    >>> rows = pd.DataFrame({"model": ["a", "b", "c"], "score": [10, 9, 11],
    ...     "priced_on": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
    ...     "usd": [8.0, 1.0, 4.0]})
    >>> equal_quality_path(rows, "a", score="score", price="usd")["model"].tolist()
    ['a', 'c']
    """
    own = quality_prices[quality_prices["model"] == reference].dropna(subset=[score, price])
    if own.empty:
        raise ValueError(f"no row with a score and a price for the reference {reference!r}")
    start = own.loc[own["priced_on"].idxmin()]
    later = quality_prices[quality_prices["priced_on"] >= start["priced_on"]]
    rivals = later[later["priced_on"] > start["priced_on"]]
    rows = pd.concat([start.to_frame().T.astype(quality_prices.dtypes), rivals])
    return sizes.record_holders(rows, "priced_on", price, score, start[score])


def level_halvings(quality_prices, references, score="score_overall", price="usd_per_mtok"):
    """Halving time of the price of equal quality, one row a reference model.

    Arguments as in ``equal_quality_path``; references is a list of models.

    Columns: reference, score, first_on, first_usd_per_mtok, last_on, last_usd_per_mtok,
    last_model, factor, n (points of the path), halving_days (end points, the one line by
    hand), fit_days with low_days and high_days (least squares on log2 of the price, 95 %
    Student interval for the slope). A level whose price never fell has an infinite halving
    time and no fit.
    """
    rows = []
    for reference in references:
        path = equal_quality_path(quality_prices, reference, score, price)
        first, last = path.iloc[0], path.iloc[-1]
        row = {
            "reference": reference,
            "score": first[score],
            "first_on": first["priced_on"],
            "first_usd_per_mtok": first[price],
            "last_on": last["priced_on"],
            "last_usd_per_mtok": last[price],
            "last_model": last["model"],
            "factor": first[price] / last[price],
            "n": len(path),
            "halving_days": np.inf,
            "fit_days": np.nan,
            "low_days": np.nan,
            "high_days": np.nan,
        }
        if len(path) > 1:
            days = (last["priced_on"] - first["priced_on"]).days
            row["halving_days"] = halving_days(days, first[price], last[price])
            fit = sizes.halving_time(path["priced_on"], path[price])
            months = [fit.halving_months, fit.low_months, fit.high_months]
            row["fit_days"], row["low_days"], row["high_days"] = np.multiply(months, DAYS_PER_MONTH)
        rows.append(row)
    return pd.DataFrame(rows)


def bootstrap_median_halving(
    quality_prices, references, score="score_overall", price="usd_per_mtok", draws=1000, seed=0
):
    """Interval of the median halving time over levels when whole vendors are drawn anew.

    quality_prices : as in ``equal_quality_path``, with a vendor column
    draws : resamples of vendors with replacement; the reference's own row always stays
    seed : of the random generator

    Returns (low, high), the 2.5 and 97.5 percentiles in days. A level whose price does not
    fall in a resample counts as infinite.
    """
    known = quality_prices.dropna(subset=[score, price, "priced_on"])
    day = (known["priced_on"] - known["priced_on"].min()).dt.days.to_numpy()
    usd, points = known[price].to_numpy(float), known[score].to_numpy(float)
    codes, names = pd.factorize(known["vendor"])
    starts = []
    for reference in references:
        first = equal_quality_path(known, reference, score, price).iloc[0]
        begin = (first["priced_on"] - known["priced_on"].min()).days
        starts.append((begin, float(first[price]), float(first[score])))
    rng = np.random.default_rng(seed)
    medians = np.empty(draws)
    for draw in range(draws):
        kept = np.isin(codes, rng.integers(len(names), size=len(names)))
        medians[draw] = np.median([_end_point_days(s, day, usd, points, kept) for s in starts])
    return tuple(float(bound) for bound in np.quantile(medians, [0.025, 0.975], method="nearest"))


def _end_point_days(start, day, usd, points, kept):
    begin, first, level = start
    able = kept & (day > begin) & (points >= level) & (usd < first)
    if not able.any():
        return np.inf
    lowest = usd[able].min()
    reached = day[able][usd[able] == lowest].min()
    return (reached - begin) / np.log2(first / lowest)


def halving_by_choice(choices, references):
    """Median and range of the levels' halving times under several choices of data.

    choices : dict of name to (quality_prices, keyword arguments of ``level_halvings``)
    references : models that set the levels; a level whose reference has no price under a
        choice is left out there

    Columns: choice, levels, median_days, min_days, max_days.
    """
    rows = []
    for name, (table, options) in choices.items():
        known = table.dropna(subset=[options.get("price", "usd_per_mtok"), "priced_on"])
        present = [r for r in references if r in set(known["model"])]
        days = level_halvings(known, present, **options)["halving_days"]
        rows.append([name, len(days), days.median(), days.min(), days.max()])
    return pd.DataFrame(rows, columns=["choice", "levels", "median_days", "min_days", "max_days"])


def published_halvings(estimates):
    """Halving times in days of published statements, sorted from fast to slow.

    estimates : the table price_decline_estimates: factor, its range, and span in months

    Columns: name, days, low_days, high_days, ours (always False).
    """
    span = estimates["over_months"] * DAYS_PER_MONTH
    level = estimates["quality_level"].str.split(",").str[0]
    twice = estimates["publisher"].duplicated(keep=False)
    days = pd.DataFrame(
        {
            "name": estimates["publisher"].where(~twice, estimates["publisher"] + ", " + level),
            "days": span / np.log2(estimates["factor"]),
            "low_days": span / np.log2(estimates["factor_high"]),
            "high_days": span / np.log2(estimates["factor_low"]),
            "ours": False,
        }
    )
    middle = days["days"].fillna((days["low_days"] + days["high_days"]) / 2)
    return days.iloc[np.argsort(middle.to_numpy(), kind="stable")].reset_index(drop=True)


def open_equal_days(quality_prices, score="score_overall"):
    """Days until an open model equals each closed model that set a new best score.

    quality_prices : DataFrame with model, released_on, open_weights and the score column

    Columns: model, score, released_on, open_model, days, ended. Where no open model has
    reached the score, days run to the last release in the table and ended is False.

    >>> rows = pd.DataFrame({"model": ["a", "b"], "score": [10, 11], "open_weights": [False, True],
    ...     "released_on": pd.to_datetime(["2024-01-01", "2024-04-10"])})
    >>> open_equal_days(rows, score="score")[["model", "days", "ended"]].values.tolist()
    [['a', 100, True]]
    """
    known = quality_prices.dropna(subset=["released_on", "open_weights", score])
    known = known.drop_duplicates("model").sort_values(["released_on", score])
    is_open = known["open_weights"].astype(bool)
    best_before = known[score].astype(float).cummax().shift(fill_value=-np.inf)
    leaders = known[~is_open & (known[score] > best_before)]
    last_day = known["released_on"].max()
    rows = []
    for leader in leaders.itertuples():
        level = getattr(leader, score)
        equals = known[is_open & (known[score] >= level)]
        equals = equals[equals["released_on"] >= leader.released_on]
        found = not equals.empty
        reached = equals["released_on"].iloc[0] if found else last_day
        rows.append(
            {
                "model": leader.model,
                "score": level,
                "released_on": leader.released_on,
                "open_model": equals["model"].iloc[0] if found else "",
                "days": (reached - leader.released_on).days,
                "ended": found,
            }
        )
    return pd.DataFrame(rows)


# Posted prices of one model


def cheapest_on(prices, day, price="usd_per_mtok"):
    """Row of the cheapest offer that was listed on a day.

    prices : DataFrame of offers with valid_from, valid_to, last_seen_on and a price; an offer
        counts from its first day to the last day it was seen
    day : date

    Raises ValueError where nothing was listed on that day.
    """
    day = pd.Timestamp(day)
    last = prices["last_seen_on"].fillna(prices["valid_to"]).fillna(prices["valid_from"])
    listed = prices[(prices["valid_from"] <= day) & (last >= day)].dropna(subset=[price])
    if listed.empty:
        raise ValueError(f"no offer is listed on {day:%Y-%m-%d}")
    return listed.loc[listed[price].idxmin()]


def posted_price_moves(prices, min_days=180, tolerance=0.02, price="usd_per_mtok"):
    """What became of each posted price: one row a listing that was followed long enough.

    prices : rows of price registries with source, host, listing, valid_from, last_seen_on
    min_days : least days between the first and the last sighting
    tolerance : relative change below which a price counts as unmoved (rounding)

    Columns: source, host, listing, first_on, last_on, days, first_usd_per_mtok,
    last_usd_per_mtok, factor (last over first), move ("cut", "rise" or "none").
    """
    ordered = prices.dropna(subset=[price]).sort_values("valid_from", kind="stable")
    moves = (
        ordered.groupby(["source", "host", "listing"], sort=True)
        .agg(
            first_on=("valid_from", "min"),
            last_on=("last_seen_on", "max"),
            first_usd_per_mtok=(price, "first"),
            last_usd_per_mtok=(price, "last"),
        )
        .reset_index()
    )
    moves["days"] = (moves["last_on"] - moves["first_on"]).dt.days
    moves["factor"] = moves["last_usd_per_mtok"] / moves["first_usd_per_mtok"]
    moves["move"] = np.select(
        [moves["factor"] < 1 - tolerance, moves["factor"] > 1 + tolerance], ["cut", "rise"], "none"
    )
    return moves[moves["days"] >= min_days].reset_index(drop=True)


def cheapest_equal_on(
    quality_prices, least_score, day, score="score_overall", price="usd_per_mtok"
):
    """Lowest price ever offered up to a day by a model that reaches a score.

    quality_prices : DataFrame with priced_on, the score and the price column
    least_score : the score to reach; day : date

    Raises ValueError where no such model had a price by then.
    """
    known = quality_prices.dropna(subset=[score, price, "priced_on"])
    able = known[(known[score] >= least_score) & (known["priced_on"] <= pd.Timestamp(day))]
    if able.empty:
        raise ValueError(f"no priced model reaches {least_score} by {pd.Timestamp(day):%Y-%m-%d}")
    return float(able[price].min())


def split_of_fall(first, own_last, equal_last):
    """Split the fall of the price of equal quality into serving and new models.

    first : price at which the weights were first sold
    own_last : price of the same weights later: what cheaper serving and competition gave
    equal_last : price of the cheapest equal then: what newer models gave on top

    Returns (own factor, factor of new models, share of the fall in logarithms that is own).

    >>> split_of_fall(4.0, 2.0, 1.0)
    (2.0, 2.0, 0.5)
    """
    whole = np.log(first / equal_last)
    if not whole > 0:
        raise ValueError("the price of equal quality did not fall, so there is nothing to split")
    return first / own_last, own_last / equal_last, float(np.log(first / own_last) / whole)


def readings(offers, days, price="usd_per_mtok"):
    """Cheapest offer on each of several days: day, usd_per_mtok, host.

    offers : rows of one model; days : dates on which at least one offer was listed
    """
    found = [cheapest_on(offers, day, price) for day in days]
    return pd.DataFrame(
        {
            "day": pd.to_datetime(list(days)),
            "usd_per_mtok": [float(row[price]) for row in found],
            "host": [row["host"] for row in found],
        }
    )


def equal_price_path(quality_prices, rated, start, first_usd_per_mtok, score="score_overall"):
    """Path of the cheapest price of a rated model's quality, from a given price on a given day.

    quality_prices : DataFrame with model, priced_on, usd_per_mtok and the score
    rated : model whose score sets the level; start : day on which it cost first_usd_per_mtok
    """
    level = quality_prices.loc[quality_prices["model"] == rated, score].iloc[0]
    later = quality_prices[quality_prices["priced_on"] > pd.Timestamp(start)]
    first = pd.DataFrame(
        {
            "model": [rated],
            "priced_on": [pd.Timestamp(start)],
            "usd_per_mtok": [first_usd_per_mtok],
            score: [level],
        }
    ).astype({score: quality_prices[score].dtype})
    columns = list(first.columns)
    rows = pd.concat([first, later[columns].dropna(subset=["usd_per_mtok"])], ignore_index=True)
    return sizes.record_holders(rows, "priced_on", "usd_per_mtok", score, level)


def same_weights_split(token_prices, quality_prices, weights, days):
    """Own and equal prices of open models at the start and on later days.

    token_prices, quality_prices : with usd_per_mtok
    weights : dict of model to (name, name on the leaderboard, first day)
    days : two later days: of the low, and the last

    One row a model: name, days (to the low), first, own_low, equal_low, own_last (all USD per
    million tokens), own_factor, new_factor, own_share (see ``split_of_fall``).
    """
    low, last = days
    rows = []
    for model, (name, rated, start) in weights.items():
        own = readings(token_prices[token_prices["model"] == model], [start, low, last])
        first, own_low, own_last = own["usd_per_mtok"]
        path = equal_price_path(quality_prices, rated, start, first)
        equal_low = path.loc[path["priced_on"] <= pd.Timestamp(low), "usd_per_mtok"].min()
        equal_low = min(equal_low, own_low)
        own_factor, new_factor, own_share = split_of_fall(first, own_low, equal_low)
        span = (pd.Timestamp(low) - pd.Timestamp(start)).days
        rows.append(
            [name, span, first, own_low, equal_low, own_last, own_factor, new_factor, own_share]
        )
    columns = "name days first own_low equal_low own_last own_factor new_factor own_share"
    return pd.DataFrame(rows, columns=columns.split())


def dated_changes(prices, tolerance=0.02, price="usd_per_mtok"):
    """Changes of a posted price whose date and model age are known, one row a change.

    prices : rows of posted prices; only those with valid_to and model_released_on can begin a
        change, and the next price of the same model within 60 days ends it
    tolerance : relative change below which a price counts as unmoved

    Left out are previews and names that point to the newest version. Columns: model, changed_on,
    age_days, factor (new over old).
    """
    known = prices.dropna(subset=[price])
    known = known[~known["model"].str.contains("preview|latest|beta")].sort_values("valid_from")
    rows = []
    for old in known.dropna(subset=["valid_to", "model_released_on"]).itertuples():
        later = known[(known["model"] == old.model) & (known["valid_from"] >= old.valid_to)]
        later = later[later["valid_from"] <= old.valid_to + pd.Timedelta(days=60)]
        factor = later[price] / getattr(old, price)
        moved = later[(factor - 1).abs() > tolerance]
        if not moved.empty and moved.index[0] == later.index[0]:
            changed_on = moved["valid_from"].iloc[0]
            rows.append(
                {
                    "model": old.model,
                    "changed_on": changed_on,
                    "age_days": (changed_on - old.model_released_on).days,
                    "factor": factor[moved.index[0]],
                }
            )
    return pd.DataFrame(rows).drop_duplicates(["model", "changed_on"], ignore_index=True)


def posted_line(prices, model, host, until, price="usd_per_mtok"):
    """Posted price of one model at one host as steps: model, day, until, usd_per_mtok.

    until : last day drawn, for example the shutdown; repeated readings of one price are merged
    """
    rows = prices[(prices["model"] == model) & (prices["host"] == host)].dropna(subset=[price])
    rows = rows[rows["valid_from"] <= pd.Timestamp(until)].sort_values("valid_from")
    if rows.empty:
        raise ValueError(f"no posted price of {model!r} at {host!r}")
    steps = rows[rows[price].diff().fillna(1).abs() > 1e-9]
    return pd.DataFrame(
        {
            "model": model,
            "day": steps["valid_from"].to_numpy(),
            "until": pd.Timestamp(until),
            "usd_per_mtok": steps[price].to_numpy(),
        }
    )


# Time on sale, at the top, without an equal


def observed_days(started_on, ended_on, last_seen_on):
    """Days that something lasted, and whether its end was seen; the rest is censored.

    started_on, ended_on, last_seen_on : Series of dates; an end after the last sighting, or
        none, means that it still lasted when last seen

    Returns a DataFrame with columns days and ended, of the same index.
    """
    over = ended_on.notna() & (ended_on <= last_seen_on)
    until = ended_on.where(over, last_seen_on)
    return pd.DataFrame({"days": (until - started_on).dt.days, "ended": over})


def days_on_sale(model_lifetimes, read_on):
    """Days on sale of each model with a known release, with whether its end was seen.

    model_lifetimes : the table of that name
    read_on : day on which the table was read; a shutdown announced for later is no end yet

    Adds the columns days and ended; a model without a shutdown day counts to the day it was
    last seen on sale.
    """
    known = model_lifetimes.dropna(subset=["released_on"])
    last_seen = known["last_seen_on_sale"].fillna(pd.Timestamp(read_on))
    return known.join(observed_days(known["released_on"], known["shutdown_on"], last_seen))


def days_at_top(arena_reigns):
    """The table of reigns with the columns days and ended; a reign that lasts has no end."""
    spans = observed_days(
        arena_reigns["started_on"], arena_reigns["ended_on"], arena_reigns["last_seen_first_on"]
    )
    return arena_reigns.join(spans)


def survival(days, ended):
    """Kaplan-Meier curve: share still lasting after so many days, with its 95 % band.

    days, ended : as from ``observed_days``, without gaps

    Columns: days, share, low, high.
    """
    fit = _kaplan_meier(days, ended)
    band = fit.confidence_interval_
    return pd.DataFrame(
        {
            "days": fit.survival_function_.index.to_numpy(),
            "share": fit.survival_function_.iloc[:, 0].to_numpy(),
            "low": band.iloc[:, 0].to_numpy(),
            "high": band.iloc[:, 1].to_numpy(),
        }
    )


def median_days(days, ended):
    """Median of a duration with censored cases: (median, low, high, n), 95 % interval.

    Kaplan-Meier with the log-log interval; inf where the curve does not reach one half.

    >>> median_days([1, 2, 3, 4, 5], [True] * 5)[0]
    3.0
    """
    fit = _kaplan_meier(days, ended)
    low, high = np.asarray(median_survival_times(fit.confidence_interval_), dtype=float).ravel()
    return float(fit.median_survival_time_), float(low), float(high), len(np.asarray(days))


def middle_half_days(days, ended):
    """Days by which a quarter, and three quarters, of the cases have ended; inf if not reached.

    >>> middle_half_days([1, 2, 3, 4, 5], [True] * 5)
    (2.0, 4.0)
    """
    curve = _kaplan_meier(days, ended).survival_function_
    return tuple(float(qth_survival_times(left, curve)) for left in (0.75, 0.25))


def _kaplan_meier(days, ended):
    days = np.asarray(days, dtype=float)
    if len(days) == 0 or np.isnan(days).any() or (days < 0).any():
        raise ValueError("a survival curve needs durations of zero or more days, without gaps")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return KaplanMeierFitter().fit(days, np.asarray(ended, dtype=bool))


# The three laws, the late launch and the release treadmill


def exponential_value(days, halving_days):
    """Value left after so many days, as a share of launch value, when it halves steadily.

    >>> exponential_value(200.0, 100.0)
    0.25
    """
    return _plain(2.0 ** -(np.asarray(days, dtype=float) / halving_days))


def stepped_value(days, step_day, share_after):
    """Value left when it falls once, on a known day: the Thanksgiving turkey.

    >>> stepped_value([0, 30, 60], step_day=30, share_after=0.2).tolist()
    [1.0, 0.2, 0.2]
    """
    return np.where(np.asarray(days, dtype=float) < step_day, 1.0, share_after)


def random_steps_value(days, steps_per_year, share_kept):
    """Expected value left when rivals appear at random and each leaves a share of it.

    days : since launch; steps_per_year : mean number of rivals (Poisson)
    share_kept : of the value, at each step

    The mean over Poisson steps is exp(-rate x (1 - share kept) x time): many Thanksgivings
    on unknown days are an exponential.

    >>> round(random_steps_value(365.25, 2.0, 0.5), 3)
    0.368
    """
    years = np.asarray(days, dtype=float) / DAYS_PER_YEAR
    return _plain(np.exp(-steps_per_year * (1 - share_kept) * years))


def collected_launch_days(delay_days, halving_days, sale_days, fixed_end=False):
    """Revenue of a model launched late, counted in days of on-time launch revenue.

    delay_days : days late, zero or more
    halving_days : of the revenue per day, counted from the day it could have been launched
    sale_days : days on sale; with fixed_end counted from the on-time launch, so that a delay
        also shortens the sale

    With h the halving time, d the delay and L the sale, the revenue collected is
    h / ln 2 x 2^(-d/h) x (1 - 2^(-L/h)); with a fixed end L is replaced by max(L - d, 0).

    >>> round(collected_launch_days(0, 100, 100), 2)
    72.13
    >>> round(collected_launch_days(100, 100, 100), 2)
    36.07
    """
    delay = np.asarray(delay_days, dtype=float)
    halving_ok = (np.asarray(halving_days) > 0).all() and (np.asarray(sale_days) >= 0).all()
    if not ((delay >= 0).all() and halving_ok):
        raise ValueError("delay and sale must be zero or more days, the halving time above zero")
    left = np.maximum(sale_days - delay, 0) if fixed_end else sale_days
    grown = 1 - 2.0 ** -(np.asarray(left, dtype=float) / halving_days)
    return _plain(halving_days / np.log(2) * 2.0 ** -(delay / halving_days) * grown)


def share_lost_to_delay(delay_days, halving_days, sale_days, fixed_end=False):
    """Share of the on-time revenue that a delay costs, 0 to 1.

    >>> share_lost_to_delay(100, 100, 500)
    0.5
    """
    on_time = collected_launch_days(0.0, halving_days, sale_days, fixed_end)
    return _plain(
        1 - collected_launch_days(delay_days, halving_days, sale_days, fixed_end) / on_time
    )


def launch_usd_per_day_to_repay(training_usd, halving_days, sale_days):
    """Revenue per day at launch that repays a training run by the end of the sale.

    training_usd : cost of the run; the rest as in ``collected_launch_days``
    Serving cost is left out: read the result as revenue after serving.

    >>> round(launch_usd_per_day_to_repay(72.13, 100, 100), 2)
    1.0
    """
    return _plain(training_usd / collected_launch_days(0.0, halving_days, sale_days))


def treadmill_usd_per_day(interval_days, launch_usd_per_day, halving_days, training_usd):
    """Mean profit per day of a firm that replaces its model every so many days.

    interval_days : days between releases, above zero
    launch_usd_per_day : revenue per day just after each release
    halving_days : of that revenue, until the next release restores it
    training_usd : cost of each release

    >>> round(treadmill_usd_per_day(100, 1e6, 100, 0.0))
    721348
    """
    if np.any(np.asarray(interval_days) <= 0):
        raise ValueError("the interval between releases must be above zero days")
    per_release = launch_usd_per_day * collected_launch_days(0.0, halving_days, interval_days)
    return (per_release - training_usd) / interval_days


def best_interval_days(launch_usd_per_day, halving_days, training_usd):
    """Days between releases that earn most per day; inf where no interval repays the training.

    Arguments as in ``treadmill_usd_per_day``. With A = launch revenue x h / ln 2 and
    x = interval x ln 2 / h, the best x solves A (1 - e^-x (1 + x)) = training cost; where the
    cost is A or more, even an endless sale does not repay it.

    >>> round(best_interval_days(1e6, 100.0, 20e6))
    94
    """
    whole = launch_usd_per_day * halving_days / np.log(2)
    share = training_usd / whole
    if share >= 1:
        return np.inf
    if share <= 0:
        return 0.0
    x = optimize.brentq(lambda x: 1 - np.exp(-x) * (1 + x) - share, 1e-9, 700)
    return float(x * halving_days / np.log(2))


def treadmill_by_rhythm(runs, launch_usd_per_day, halving_days, releases_per_year=None):
    """Profit per day of several training costs over a range of releases per year.

    runs : dict of name to cost of a run in USD; the rest as in ``treadmill_usd_per_day``
    releases_per_year : array; by default 0.5 to 24

    Columns: name, releases_per_year, usd_m_per_day.
    """
    rhythm = np.geomspace(0.5, 24, 80) if releases_per_year is None else releases_per_year
    frames = []
    for name, cost in runs.items():
        usd = treadmill_usd_per_day(DAYS_PER_YEAR / rhythm, launch_usd_per_day, halving_days, cost)
        frames.append(
            pd.DataFrame({"name": name, "releases_per_year": rhythm, "usd_m_per_day": usd / 1e6})
        )
    return pd.concat(frames, ignore_index=True)


def best_rhythms(runs, launch_usd_per_day, halving_days):
    """Best number of releases per year for each training cost above zero, and its profit.

    Arguments and columns as in ``treadmill_by_rhythm``.
    """
    rows = []
    for name, cost in runs.items():
        interval = best_interval_days(launch_usd_per_day, halving_days, cost)
        if 0 < interval < np.inf:
            usd = treadmill_usd_per_day(interval, launch_usd_per_day, halving_days, cost)
            rows.append([name, DAYS_PER_YEAR / interval, usd / 1e6])
    return pd.DataFrame(rows, columns=["name", "releases_per_year", "usd_m_per_day"])


# Dates of posts


def post_time_utc(post_id):
    """Time at which a post on X was made, from its id (the upper bits count milliseconds).

    post_id : digits, as a string or an integer

    >>> str(post_time_utc("1818686287475282260"))
    '2024-07-31 16:32:55+00:00'
    """
    number = int(post_id)
    if number < 2**22:
        raise ValueError(f"{post_id!r} is too small to be a post id with a time in it")
    return pd.Timestamp((number >> 22) + X_EPOCH_MS, unit="ms", tz="UTC").floor("s")


def _plain(values):
    """A float where the result is a single number, else the array."""
    values = np.asarray(values, dtype=float)
    return float(values) if values.ndim == 0 else values
