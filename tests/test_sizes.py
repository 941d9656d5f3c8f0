"""Record holders, halving times and spread, on data whose answer is known beforehand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model_economics import sizes


def models(dates, sizes_m, quality=70.0, **columns):
    return pd.DataFrame(
        {"released_on": pd.to_datetime(dates), "params_m": sizes_m, "top1_pct": quality, **columns}
    )


def falling(months_to_halve, n=12, quality=70.0, start="2012-01-01"):
    """One model a quarter, each smaller at a known halving time."""
    months = 3.0 * np.arange(n)
    dates = pd.Timestamp(start) + pd.to_timedelta(months * sizes.DAYS_PER_MONTH, unit="D")
    return models(dates, 100 * 2 ** (-months / months_to_halve), quality)


# --- record holders --------------------------------------------------------------------------

# Parameters and torchvision accuracies of four networks; worked by hand for each threshold.
FOUR = models(
    ["2012-12-03", "2014-09-04", "2014-09-17", "2016-02-24"],
    [61.1, 138.4, 6.62, 1.25],
    [56.5, 71.6, 69.8, 58.1],
)


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(55, [61.1, 6.62, 1.25]), (60, [138.4, 6.62]), (70, [138.4]), (90, [])],
)
def test_record_holders_by_hand(threshold, expected):
    assert sizes.record_holders(FOUR, threshold=threshold)["params_m"].tolist() == expected


def test_only_the_smallest_of_a_day_holds_the_record():
    day = models(["2018-07-30"] * 3, [7.4, 2.3, 3.5])
    assert sizes.record_holders(day)["params_m"].tolist() == [2.3]


def test_a_model_of_equal_size_is_no_new_record():
    assert len(sizes.record_holders(models(["2014-01-01", "2015-01-01"], [5.0, 5.0]))) == 1


def test_rows_without_size_or_accuracy_are_left_out():
    gaps = models(["2014-01-01", "2015-01-01", "2016-01-01"], [5.0, np.nan, 1.0], [70, 70, np.nan])
    assert sizes.record_holders(gaps)["params_m"].tolist() == [5.0]


sizes_and_qualities = st.lists(
    st.tuples(st.integers(0, 3000), st.floats(0.1, 1000), st.floats(40, 90)),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(sizes_and_qualities, st.floats(40, 90), st.floats(0, 20))
def test_records_fall_and_a_higher_bar_never_gives_a_smaller_record(rows, level, more):
    days, params, quality = zip(*rows, strict=True)
    frame = models(pd.Timestamp("2012-01-01") + pd.to_timedelta(days, unit="D"), params, quality)
    low = sizes.record_holders(frame, threshold=level)
    high = sizes.record_holders(frame, threshold=level + more)
    assert (low["params_m"].diff().dropna() < 0).all()
    assert low["released_on"].is_monotonic_increasing
    assert (low["top1_pct"] >= level).all()
    if len(high):
        assert low["params_m"].min() <= high["params_m"].min()


# --- halving times ---------------------------------------------------------------------------


@pytest.mark.parametrize("months", [3.0, 12.8, 40.0])
@pytest.mark.parametrize("unit", [1.0, 1e6, 1e-3])
def test_a_known_halving_time_comes_back_in_any_unit(months, unit):
    frame = falling(months)
    fit = sizes.halving_time(frame["released_on"], frame["params_m"] * unit)
    assert fit.halving_months == pytest.approx(months, rel=1e-6)
    assert fit.low_months == pytest.approx(fit.high_months, rel=1e-6)


def test_interval_is_that_of_scipy_linregress():
    frame = falling(10.0, n=9)
    noise = [0.3, -0.2, 0.1, 0.4, -0.5, 0.2, -0.1, 0.0, -0.2]
    frame["params_m"] *= 2 ** np.array(noise)
    fit = sizes.halving_time(frame["released_on"], frame["params_m"])
    line = stats.linregress(
        sizes.months_since_first(frame["released_on"]), np.log2(frame["params_m"])
    )
    wide = stats.t.ppf(0.975, 7) * line.stderr
    assert fit.halvings_per_year == pytest.approx(-12 * line.slope)
    assert fit.low_per_year == pytest.approx(-12 * (line.slope + wide))
    assert fit.high_months == pytest.approx(12 / fit.low_per_year)
    assert fit.low_months < fit.halving_months < fit.high_months


def test_growth_has_no_halving_time():
    fit = sizes.halving_time(["2012-01-01", "2014-01-01", "2016-01-01"], [1, 3, 8])
    assert fit.halving_months == np.inf and fit.halvings_per_year < 0


def test_two_points_give_no_interval():
    fit = sizes.halving_time(["2012-01-01", "2014-01-01"], [64, 16])
    assert fit.halving_months == pytest.approx(12.0, rel=1e-3)
    assert np.isnan(fit.low_months) and np.isnan(fit.high_months)


def test_pooled_slope_is_shared_though_levels_differ():
    paths = pd.concat(
        [
            falling(12.0).assign(threshold=60.0),
            falling(12.0, start="2015-06-01").assign(threshold=70.0),
        ]
    )
    assert sizes.pooled_halving(paths).halving_months == pytest.approx(12.0, rel=1e-6)
    alone = sizes.halving_time(paths["released_on"], paths["params_m"])
    assert alone.halving_months > 20  # one line through both paths misses it


def test_bootstrap_gives_the_pooled_estimate_and_repeats_itself():
    rng = np.random.default_rng(3)
    frame = falling(9.0, n=40)
    frame["params_m"] *= 2 ** rng.normal(0, 0.5, len(frame))
    frame["family"] = np.repeat(list("abcdefghij"), 4)
    first = sizes.bootstrap_halving(frame, [60, 70], group="family", draws=200, seed=7)
    assert first == sizes.bootstrap_halving(frame, [60, 70], group="family", draws=200, seed=7)
    assert first != sizes.bootstrap_halving(frame, [60, 70], group="family", draws=200, seed=8)
    pooled = sizes.pooled_halving(sizes.record_paths(frame, [60, 70]))
    assert first.halving_months == pooled.halving_months
    assert first.low_months < first.halving_months < first.high_months


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 2000), st.floats(0.5, 500)), min_size=4, max_size=15))
def test_fast_records_of_the_bootstrap_are_those_of_record_paths(rows):
    days, params = zip(*rows, strict=True)
    quality = 50 + 40 * np.linspace(0, 1, len(rows))
    frame = models(pd.Timestamp("2012-01-01") + pd.to_timedelta(days, unit="D"), params, quality)
    months, logs, index = sizes._record_arrays(
        sizes.months_since_first(frame["released_on"]),
        np.log2(frame["params_m"].to_numpy()),
        quality,
        [55, 75],
    )
    slow = sizes.record_paths(frame, [55, 75])
    assert 2**logs == pytest.approx(slow["params_m"].to_numpy())
    assert len(months) == len(index) == len(slow)


def test_trade_off_plane_comes_back():
    """Quality = 4 log2(size) + 0.5 months: 8 months buy one halving of size."""
    rng = np.random.default_rng(0)
    months, doublings = rng.uniform(0, 72, 60), rng.uniform(0, 9, 60)
    dates = pd.Timestamp("2012-01-01") + pd.to_timedelta(months * sizes.DAYS_PER_MONTH, unit="D")
    frame = models(dates, 2**doublings, 4 * doublings + 0.5 * months)
    assert sizes.trade_off_halving(frame, draws=20).halving_months == pytest.approx(8.0, rel=1e-6)


# --- spread ----------------------------------------------------------------------------------


def test_spread_by_period_by_hand():
    """log2 of 1, 4 and 16 is 0, 2 and 4: standard deviation 2, median 4."""
    frame = models(["2012-05-01", "2013-05-01", "2014-05-01"], [1.0, 4.0, 16.0])
    row = sizes.spread_by_period(frame, [2012, 2015]).loc["2012–2014"]
    assert row["spread_doublings"] == pytest.approx(2.0)
    assert (row["smallest"], row["median"], row["largest"]) == (1.0, pytest.approx(4.0), 16.0)


def test_spread_change_sees_a_range_that_widens():
    years = ["2012-01-01"] * 6 + ["2020-01-01"] * 6
    narrow, wide = [8, 9, 10, 11, 12, 13], [0.1, 1, 10, 100, 1000, 10_000]
    frame = models(years, [*narrow, *wide], family=list("abcdefabcdef"))
    change = sizes.spread_change(frame, [2012, 2015, 2020, 2021], draws=200)
    assert change.loc["spread", "low"] > 0
    assert change.loc["median", "low"] < 0 < change.loc["median", "high"]


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0.0, -1.0, np.inf])
def test_a_size_must_be_above_zero(size):
    with pytest.raises(ValueError, match="above zero"):
        sizes.halving_time(["2012-01-01", "2013-01-01"], [1.0, size])


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match="no column gmacs"):
        sizes.record_holders(FOUR, size="gmacs")


@pytest.mark.parametrize("dates", [[], ["2012-01-01", None]])
def test_dates_must_be_there(dates):
    with pytest.raises(ValueError, match="needs a date"):
        sizes.months_since_first(dates)


def test_one_date_gives_no_halving_time():
    with pytest.raises(ValueError, match="two different dates"):
        sizes.halving_time(["2012-01-01", "2012-01-01"], [1, 2])
    with pytest.raises(ValueError, match="two different dates"):
        sizes.endpoint_halving_months(["2012-01-01", "2012-01-01"], [1, 2])


def test_as_many_dates_as_sizes():
    with pytest.raises(ValueError, match="2 dates for 1 sizes"):
        sizes.halving_time(["2012-01-01", "2013-01-01"], [1.0])


def test_resamples_without_records_are_reported():
    """Two of four families reach the bar: 43 % of resamples hold both."""
    dates = ["2012-01-01", "2013-01-01", "2014-01-01", "2015-01-01"]
    lonely = models(dates, [8.0, 4.0, 2.0, 1.0], [70, 70, 50, 50], family=list("abcd"))
    with pytest.raises(ValueError, match="resamples have records"):
        sizes.bootstrap_halving(lonely, 70, draws=400, group="family")


def test_an_unknown_protocol_is_refused():
    with pytest.raises(ValueError, match="protocol"):
        sizes.comparable_networks(FOUR.assign(protocol="timm", recipe=None), "torchvision V9")
