"""Prices, halving times, survival and the closed forms of late launches and release cycles."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_economics import datasets, prices
from model_economics.claims import perishable_models


def frame(**columns):
    return pd.DataFrame(columns)


# Prices and halving times


def test_gpt_4_at_three_to_one_costs_37_50():  # 30/60 list price: (3 x 30 + 60) / 4
    table = frame(input_usd_per_mtok=[30.0, 1.0], output_usd_per_mtok=[60.0, np.nan])
    blend = prices.with_blend(table)["usd_per_mtok"]
    assert blend[0] == 37.5 and np.isnan(blend[1])
    assert prices.with_blend(table, input_per_output=1)["usd_per_mtok"][0] == 45


def test_published_rates_give_published_halving_times():
    # a16z: ten times a year; 365.25 / log2(10) = 109.95 days
    assert prices.halving_days(365.25, 10, 1) == pytest.approx(109.95, abs=0.01)
    # Densing law: 266.7 times in 20 months, given there as about 2.5 months
    months = prices.halving_days(20 * prices.DAYS_PER_MONTH, 266.7, 1) / prices.DAYS_PER_MONTH
    assert months == pytest.approx(2.5, abs=0.05)


def test_a_price_that_rises_or_stands_has_no_halving_time():
    assert prices.halving_days(100, 1.0, 2.0) == np.inf
    assert prices.halving_days([100, 100], [1.0, 8.0], [1.0, 1.0])[0] == np.inf


@given(st.floats(30, 2000), st.floats(0.01, 100), st.floats(1.01, 1000))
def test_halving_time_does_not_depend_on_the_unit_of_price(days, price, factor):
    usd = prices.halving_days(days, price, price / factor)
    cents = prices.halving_days(days, 100 * price, 100 * price / factor)
    assert usd == pytest.approx(cents)
    assert prices.factor_per_year(usd) ** (days / prices.DAYS_PER_YEAR) == pytest.approx(factor)


@pytest.mark.parametrize("days, first, last", [(0, 1, 1), (10, 0, 1), (10, 1, np.nan), (10, -1, 1)])
def test_impossible_prices_are_refused(days, first, last):
    with pytest.raises(ValueError, match="finite and above zero"):
        prices.halving_days(days, first, last)


def test_a_negative_mix_of_tokens_is_refused():
    table = frame(input_usd_per_mtok=[1.0], output_usd_per_mtok=[1.0])
    with pytest.raises(ValueError, match="input_per_output"):
        prices.with_blend(table, input_per_output=-1)


def test_growing_sales_can_outrun_a_falling_price():
    assert prices.net_halving_days(100, 100) == np.inf
    assert prices.net_halving_days(100, 1e12) == pytest.approx(100)


# The price of equal quality


@pytest.fixture
def market():
    """Price of equal quality halves every 100 days; one dear and one poor model besides."""
    days = pd.date_range("2024-01-01", periods=5, freq="100D")
    return frame(
        model=["ref", "a", "b", "c", "d", "dear", "poor"],
        vendor=["v", "v", "w", "w", "w", "w", "w"],
        priced_on=[*days, days[2], days[0]],
        usd_per_mtok=[16.0, 8.0, 4.0, 2.0, 1.0, 30.0, 0.01],
        score_overall=[10, 10, 11, 12, 10, 20, 9],
    )


def test_a_known_halving_time_is_given_back(market):
    row = prices.level_halvings(market, ["ref"]).iloc[0]
    assert row[["halving_days", "fit_days"]].tolist() == pytest.approx([100, 100])
    assert (row["n"], row["factor"], row["last_model"]) == (5, 16, "d")


def test_a_level_that_nobody_undercut_has_no_halving_time(market):
    row = prices.level_halvings(market, ["dear"]).iloc[0]
    assert row["halving_days"] == np.inf and row["n"] == 1 and np.isnan(row["fit_days"])


def test_prices_before_the_reference_do_not_count(market):
    early = market.assign(priced_on=market["priced_on"].where(market["model"] != "d", "2023-01-01"))
    early["priced_on"] = pd.to_datetime(early["priced_on"])
    assert prices.level_halvings(early, ["ref"]).iloc[0]["last_model"] == "c"


def test_an_unknown_reference_is_named(market):
    with pytest.raises(ValueError, match="no row with a score and a price for the reference 'x'"):
        prices.equal_quality_path(market, "x")


def test_bootstrap_brackets_a_rate_that_every_vendor_shares(market):
    vendors = [market.assign(vendor=f"v{i}") for i in range(12)]
    low, high = prices.bootstrap_median_halving(
        pd.concat(vendors, ignore_index=True), ["ref"], draws=50
    )
    assert (low, high) == pytest.approx((100, 100))


def test_an_open_model_counts_from_the_day_of_its_release():
    models = frame(
        model=["closed", "open", "leader"],
        released_on=pd.to_datetime(["2024-01-01", "2024-03-01", "2024-05-01"]),
        open_weights=[False, True, False],
        score_overall=[10, 12, 14],
    )
    lags = prices.open_equal_days(models)
    assert lags[["days", "ended"]].values.tolist() == [[60, True], [0, False]]


def test_the_cheapest_offer_must_be_listed_on_the_day():
    offers = frame(
        host=["a", "b"],
        valid_from=pd.to_datetime(["2024-01-01", "2024-02-01"]),
        valid_to=pd.to_datetime(["2024-01-31", None]),
        last_seen_on=pd.to_datetime(["2024-01-31", "2024-03-01"]),
        usd_per_mtok=[1.0, 2.0],
    )
    assert prices.cheapest_on(offers, "2024-01-31")["host"] == "a"
    assert prices.cheapest_on(offers, "2024-02-15")["host"] == "b"
    with pytest.raises(ValueError, match="no offer is listed on 2024-04-01"):
        prices.cheapest_on(offers, "2024-04-01")


def test_posted_prices_are_sorted_into_cuts_rises_and_none():
    listings = frame(
        source="r",
        host="h",
        listing=["a", "a", "b", "b", "c", "new"],
        valid_from=pd.to_datetime(["2024-01-01", "2024-06-01"] * 2 + ["2024-01-01", "2024-12-01"]),
        last_seen_on=pd.to_datetime(["2024-05-31", "2024-12-31"] * 2 + ["2024-12-31"] * 2),
        usd_per_mtok=[2.0, 1.0, 1.0, 3.0, 1.0, 1.0],
    )
    moves = prices.posted_price_moves(listings, min_days=90)
    assert dict(zip(moves["listing"], moves["move"], strict=True)) == {
        "a": "cut",
        "b": "rise",
        "c": "none",
    }


def test_the_fall_of_the_405b_splits_as_by_hand():
    # 2.80 to 0.80 own, 0.0625 the equal: 3.5 and 12.8 times; ln 3.5 / ln 44.8 = 0.3295
    own, new, share = prices.split_of_fall(2.8, 0.8, 0.0625)
    assert (own, new) == pytest.approx((3.5, 12.8)) and share == pytest.approx(0.3295, abs=1e-4)
    with pytest.raises(ValueError, match="did not fall"):
        prices.split_of_fall(1.0, 1.0, 2.0)


def test_published_factors_become_days_and_repeated_publishers_are_told_apart():
    estimates = frame(
        publisher=["a", "a", "m"],
        quality_level=["MMLU 42, old", "MMLU 83, new", "range"],
        factor=[10.0, 1000.0, np.nan],
        over_months=[12.0, 36.0, 12.0],
        factor_low=[np.nan, np.nan, 5.0],
        factor_high=[np.nan, np.nan, 10.0],
    )
    days = prices.published_halvings(estimates).set_index("name")
    assert set(days.index) == {"a, MMLU 42", "a, MMLU 83", "m"}
    # ten times a year twice over: 109.95 days; five times a year: 365.25 / log2(5) = 157.30
    assert days.loc[["a, MMLU 42", "a, MMLU 83"], "days"].tolist() == pytest.approx(
        [109.95] * 2, abs=0.01
    )
    assert days.loc["m", ["low_days", "high_days"]].tolist() == pytest.approx(
        [109.95, 157.30], abs=0.01
    )


def test_dated_changes_give_the_age_at_the_cut():
    rows = frame(
        model=["o3", "o3", "o3-preview", "o3-preview"],
        valid_from=pd.to_datetime(["2025-04-16", "2025-06-10"] * 2),
        valid_to=pd.to_datetime(["2025-06-10", None] * 2),
        model_released_on=pd.to_datetime(["2025-04-16"] * 4),
        usd_per_mtok=[17.5, 3.5] * 2,
    )
    changes = prices.dated_changes(rows)
    assert changes[["model", "age_days"]].values.tolist() == [["o3", 55]]
    assert changes["factor"].iloc[0] == pytest.approx(0.2)


def test_a_posted_line_merges_repeated_readings():
    rows = frame(
        model="m",
        host="h",
        valid_from=pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
        usd_per_mtok=[2.0, 2.0, 1.0],
    )
    assert prices.posted_line(rows, "m", "h", "2024-06-01")["usd_per_mtok"].tolist() == [2.0, 1.0]
    with pytest.raises(ValueError, match="no posted price of 'x'"):
        prices.posted_line(rows, "x", "h", "2024-06-01")


def test_weights_that_are_their_own_cheapest_equal_owe_nothing_to_new_models(market):
    offers = frame(
        model="w",
        host="h",
        valid_from=pd.to_datetime(["2024-01-01", "2024-06-01"]),
        valid_to=pd.to_datetime(["2024-05-31", None]),
        last_seen_on=pd.to_datetime(["2024-05-31", "2025-12-31"]),
        usd_per_mtok=[16.0, 0.5],
    )
    dates = ["2025-03-01", "2025-12-01"]
    split = prices.same_weights_split(offers, market, {"w": ("W", "ref", "2024-01-01")}, dates)
    assert split.loc[0, ["own_factor", "new_factor", "own_share"]].tolist() == [32, 1, 1]


# Durations


def test_kaplan_meier_matches_the_textbook():
    # Freireich et al. 1963, 6-MP arm: median 23 weeks, S(10) = 0.753 (Collett, Modelling
    # Survival Data in Medical Research; also lifelines' own tests of waltons-type data)
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    seen = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert prices.median_days(weeks, seen)[0] == 23
    curve = prices.survival(weeks, seen).set_index("days")["share"]
    assert curve.loc[10] == pytest.approx(0.753, abs=5e-4)


def test_an_announced_end_is_no_end_yet():
    lives = frame(
        released_on=pd.to_datetime(["2024-01-01", "2024-01-01", None]),
        shutdown_on=pd.to_datetime(["2024-07-01", "2030-01-01", "2024-07-01"]),
        last_seen_on_sale=pd.to_datetime([None, None, None]),
    )
    spans = prices.days_on_sale(lives, "2024-12-31")
    assert spans[["days", "ended"]].values.tolist() == [[182, True], [365, False]]


def test_durations_with_gaps_are_refused():
    with pytest.raises(ValueError, match="without gaps"):
        prices.median_days([1, np.nan], [True, True])


# Closed forms against simulation


@given(st.floats(0, 400), st.floats(20, 400), st.floats(10, 900))
def test_late_revenue_equals_its_sum_over_days(delay, halving, sale):
    edges = np.linspace(delay, delay + sale, 4001)
    middle = (edges[1:] + edges[:-1]) / 2
    total = prices.exponential_value(middle, halving).sum() * sale / 4000
    assert prices.collected_launch_days(delay, halving, sale) == pytest.approx(total, rel=1e-4)


@given(st.floats(1, 400), st.floats(20, 400), st.floats(10, 900))
def test_a_fixed_end_makes_delay_dearer(delay, halving, sale):
    free = prices.share_lost_to_delay(delay, halving, sale)
    fixed = prices.share_lost_to_delay(delay, halving, sale, fixed_end=True)
    assert 0 < free < 1 and free <= fixed + 1e-9 and fixed <= 1


def test_a_delay_of_one_halving_costs_half_whatever_the_sale():
    assert prices.share_lost_to_delay(96, 96, [30, 300, 3000]) == pytest.approx([0.5] * 3)


def test_negative_delay_is_refused():
    with pytest.raises(ValueError, match="zero or more days"):
        prices.collected_launch_days(-1, 100, 100)


def test_random_thanksgivings_average_to_an_exponential():
    rng = np.random.default_rng(0)
    steps = rng.poisson(4 * 200 / prices.DAYS_PER_YEAR, size=200_000)
    assert prices.random_steps_value(200, 4, 0.6) == pytest.approx((0.6**steps).mean(), rel=0.01)


def test_the_treadmill_equals_a_simulated_decade():
    interval, launch, halving, cost = 90, 1e6, 96, 20e6
    days = np.arange(0, 40 * interval, 0.01) + 0.005
    revenue = (launch * prices.exponential_value(days % interval, halving)).mean()
    simulated = revenue - cost / interval
    computed = prices.treadmill_usd_per_day(interval, launch, halving, cost)
    assert computed == pytest.approx(simulated, rel=1e-4)


@given(st.floats(1e5, 1e7), st.floats(30, 300), st.floats(0.01, 0.95))
def test_no_other_interval_earns_more_than_the_best(launch, halving, share):
    cost = share * launch * halving / np.log(2)
    best = prices.best_interval_days(launch, halving, cost)
    top = prices.treadmill_usd_per_day(best, launch, halving, cost)
    around = prices.treadmill_usd_per_day(best * np.array([0.8, 1.25]), launch, halving, cost)
    assert top >= around.max() and top > 0


def test_a_run_that_cannot_be_repaid_has_no_best_interval():
    assert prices.best_interval_days(1e6, 100, 1e6 * 100 / np.log(2)) == np.inf
    assert prices.best_interval_days(1e6, 100, 0) == 0


def test_the_launch_revenue_that_repays_does_repay():
    launch = prices.launch_usd_per_day_to_repay(52.9e6, 96, 600)
    assert launch * prices.collected_launch_days(0, 96, 600) == pytest.approx(52.9e6)


# Times of posts


def test_post_ids_give_the_times_of_posting():
    # ids and times as decoded independently for claims_sources: 96 seconds apart
    pohlen = prices.post_time_utc("1818686287475282260")
    musk = prices.post_time_utc("1818686692905435406")
    assert f"{musk:%Y-%m-%d %H:%M:%S}" == "2024-07-31 16:34:31"
    assert (musk - pohlen).total_seconds() == 96
    with pytest.raises(ValueError, match="too small"):
        prices.post_time_utc("123")


# The tables


def test_list_prices_agree_with_two_sources():
    """GPT-4 30/60, GPT-4o 5/15, GPT-4o mini 0.15/0.60, Claude 3 Opus 15/75 at launch."""
    table = datasets.load("token_prices").set_index("price_id")
    for row, price in {
        "gpt-4-openai-2023-03-14": (30, 60),
        "gpt-4o-2024-05-13-openai-2024-05-13": (5, 15),
        "gpt-4o-mini-openai-2024-07-18": (0.15, 0.6),
        "claude-3-opus-20240229-anthropic-2024-02-29": (15, 75),
    }.items():
        assert tuple(table.loc[row, ["input_usd_per_mtok", "output_usd_per_mtok"]]) == price


def test_no_price_ends_before_it_begins():
    table = datasets.load("token_prices")
    assert not (table["valid_to"] < table["valid_from"]).any()
    assert not (table["last_seen_on"] < table["valid_from"]).any()


def test_each_quality_level_can_be_redone_by_hand():
    quality = prices.with_blend(datasets.load("quality_prices"))
    for row in prices.level_halvings(quality, perishable_models.LEVELS).itertuples():
        days = (row.last_on - row.first_on).days
        by_hand = days / np.log2(row.first_usd_per_mtok / row.last_usd_per_mtok)
        assert row.halving_days == pytest.approx(by_hand)


def test_every_level_was_the_cheapest_of_its_quality_at_launch():
    quality = prices.with_blend(datasets.load("quality_prices"))
    for reference in perishable_models.LEVELS:
        first = prices.equal_quality_path(quality, reference).iloc[0]
        earlier = quality[
            (quality["priced_on"] < first["priced_on"])
            & (quality["score_overall"] >= first["score_overall"])
        ]
        assert not (earlier["usd_per_mtok"] < first["usd_per_mtok"]).any(), reference
