"""The article's arithmetic gives the published numbers, and keeps its sense when inputs move."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_economics import datasets, serving, serving_plots
from model_economics.serving import ServingCase

# Yangqing Jia's sum, as printed in the article (leiphone-jia-2024, section 3).
JIA = ServingCase(300, 10, 2.80, 2.80, gpus=8, usd_per_gpu_hour=3.49)
# The critic's: 26 million tokens, USD 3 a million, USD 1,000 a day.
CRITIC = ServingCase(26e6 / 86_400, 0, 3.0, 3.0, gpus=8, usd_per_gpu_hour=1000 / 192)

# The same examples in every run, however slow the machine.
steady = settings(deadline=None, derandomize=True)

speeds = st.floats(1, 1e5)
ratios = st.floats(0, 200)
prices = st.floats(0.01, 100)
rents = st.floats(0.1, 100)
loads = st.floats(0.01, 1)
shares = st.floats(0, 1)


@st.composite
def serving_cases(draw):
    """Any case with sensible parameters."""
    return ServingCase(
        draw(speeds),
        draw(ratios),
        draw(prices),
        draw(prices),
        gpus=8,
        usd_per_gpu_hour=draw(rents),
        utilisation=draw(loads),
        cached_share=draw(shares),
        cached_usd_per_mtok=draw(prices),
    )


def test_jias_sum_to_the_cent():  # printed: 285,120,000; 798.34; 670.08
    assert JIA.tokens_per_day == pytest.approx(285_120_000, abs=0.5)
    assert JIA.revenue_usd_per_day == pytest.approx(798.336, abs=1e-9)
    assert JIA.cost_usd_per_day == pytest.approx(670.08, abs=1e-9)
    assert JIA.profit_usd_per_day == pytest.approx(128.256, abs=1e-9)
    assert JIA.margin == pytest.approx(0.161, abs=0.0005)


def test_critics_sum_to_the_cent():  # 26 x 3 = 78 against 1,000
    assert CRITIC.revenue_usd_per_day == pytest.approx(78.00, abs=0.005)
    assert CRITIC.cost_usd_per_day == pytest.approx(1000.00, abs=0.005)
    assert CRITIC.profit_usd_per_day == pytest.approx(-922.00, abs=0.005)


def test_both_sums_are_built_from_the_table():
    cases = datasets.load("serving_cases")
    jia = serving.case_from_table(cases, "jia-2024")
    critic = serving.case_from_table(cases, "critic-2024")
    assert jia == JIA
    assert critic.profit_usd_per_day == pytest.approx(-922.00, abs=0.005)
    output = serving.tokens_per_day(jia.output_tok_per_s)
    assert output == pytest.approx(25.92e6)  # the critic's 26 million, rounded


def test_break_evens_of_jias_sum():  # 670.08 / 798.336; by hand from 72.576 x (1 + r)
    assert JIA.break_even_utilisation == pytest.approx(0.839, abs=0.0005)
    assert JIA.break_even_input_per_output == pytest.approx(8.23, abs=0.005)
    assert JIA.break_even_usd_per_mtok == pytest.approx(2.35, abs=0.005)
    assert JIA.break_even_usd_per_gpu_hour == pytest.approx(798.336 / 192)
    assert JIA.break_even_output_tok_per_s == pytest.approx(300 * 670.08 / 798.336)


@pytest.mark.parametrize(
    ("ratio", "revenue"), [(0, 72.58), (3, 290.30), (5, 435.46), (10, 798.34), (16, 1233.79)]
)
def test_revenue_by_ratio(ratio, revenue):  # 72.576 x (1 + r), worked by hand
    assert JIA.with_(input_per_output=ratio).revenue_usd_per_day == pytest.approx(
        revenue, abs=0.005
    )


def test_input_at_a_quarter_of_output_price():  # 25.92 x 2.80 + 259.2 x 0.70
    quarter = JIA.with_(input_usd_per_mtok=0.70)
    assert quarter.revenue_usd_per_day == pytest.approx(254.016)
    same_blend = JIA.with_(input_usd_per_mtok=2.2, output_usd_per_mtok=8.8)
    assert same_blend.revenue_usd_per_day == pytest.approx(798.336)


def test_deepseeks_day():  # printed by DeepSeek: 562,027 and 87,072; token counts are rounded
    day = datasets.load("provider_days").iloc[0]
    case = ServingCase(
        day["output_mtok"] * 1e6 / 86_400,
        day["input_mtok"] / day["output_mtok"],
        day["input_usd_per_mtok"],
        day["output_usd_per_mtok"],
        gpus=day["nodes_mean"] * day["gpus_per_node"],
        usd_per_gpu_hour=day["usd_per_gpu_hour"],
        cached_share=day["cached_input_mtok"] / day["input_mtok"],
        cached_usd_per_mtok=day["cached_usd_per_mtok"],
    )
    # 266,000 x 0.55 + 342,000 x 0.14 + 168,000 x 2.19, by hand
    assert case.revenue_usd_per_day == pytest.approx(562_100)
    assert case.revenue_usd_per_day == pytest.approx(day["published_revenue_usd"], rel=0.0005)
    assert case.cost_usd_per_day == pytest.approx(87_072)
    assert case.profit_usd_per_day / case.cost_usd_per_day == pytest.approx(5.45, abs=0.01)


def test_caching_at_deepseeks_prices_takes_a_fifth_of_revenue():  # 562,100 / 702,320
    kept = serving.revenue_kept(
        608 / 168, 342 / 608, 1 - 0.14 / 0.55, input_usd_per_mtok=0.55, output_usd_per_mtok=2.19
    )
    assert kept == pytest.approx(562_100 / 702_320)


def test_azures_blend_at_three_to_one():  # Artificial Analysis prints 8.00 for 5.33 and 16.00
    assert serving.blended_usd_per_mtok(3, 5.33, 16.0) == pytest.approx(8.00, abs=0.005)


@steady
@given(serving_cases())
def test_profit_is_revenue_less_cost(case):
    assert case.profit_usd_per_day == pytest.approx(
        case.revenue_usd_per_day - case.cost_usd_per_day
    )


@steady
@given(serving_cases())
def test_every_break_even_makes_profit_zero(case):
    scale = case.cost_usd_per_day
    load = case.break_even_utilisation
    if load <= 1:
        assert case.with_(utilisation=load).profit_usd_per_day == pytest.approx(0, abs=1e-6 * scale)
    ratio = case.break_even_input_per_output
    if 0 <= ratio < math.inf:
        moved = case.with_(input_per_output=ratio)
        assert moved.profit_usd_per_day == pytest.approx(0, abs=1e-6 * scale)
    price = case.break_even_usd_per_mtok
    flat = case.with_(input_usd_per_mtok=price, output_usd_per_mtok=price, cached_share=0)
    assert flat.profit_usd_per_day == pytest.approx(0, abs=1e-6 * scale)
    rent = case.with_(usd_per_gpu_hour=case.break_even_usd_per_gpu_hour)
    assert rent.profit_usd_per_day == pytest.approx(0, abs=1e-6 * rent.cost_usd_per_day)
    speed = case.with_(output_tok_per_s=case.break_even_output_tok_per_s)
    assert speed.profit_usd_per_day == pytest.approx(0, abs=1e-6 * scale)


@steady
@given(serving_cases(), st.floats(1.01, 10))
def test_revenue_grows_with_speed_price_and_ratio(case, factor):
    revenue = case.revenue_usd_per_day
    assert case.with_(output_tok_per_s=case.output_tok_per_s * factor).revenue_usd_per_day > revenue
    dearer = case.with_(output_usd_per_mtok=case.output_usd_per_mtok * factor)
    assert dearer.revenue_usd_per_day > revenue
    longer = case.with_(input_per_output=case.input_per_output + factor)
    assert longer.revenue_usd_per_day > revenue


@steady
@given(serving_cases(), st.floats(1.01, 10))
def test_the_blend_lies_between_its_prices(case, factor):
    asked = (case.input_usd_per_mtok, case.output_usd_per_mtok, case.cached_usd_per_mtok)
    assert min(asked) - 1e-9 <= case.blended_usd_per_mtok <= max(asked) + 1e-9


@steady
@given(ratios, shares, shares)
def test_a_discount_never_adds_revenue(ratio, hits, discount):
    assert 0 <= serving.revenue_kept(ratio, hits, discount) <= 1 + 1e-12


@steady
@given(serving_cases(), serving_cases())
def test_the_bridge_adds_up_in_every_order(start, end):
    steps = {
        "speed": ["output_tok_per_s", "utilisation"],
        "price": ["input_usd_per_mtok", "output_usd_per_mtok"],
        "input": ["input_per_output", "cached_share", "cached_usd_per_mtok"],
        "rent": ["gpus", "usd_per_gpu_hour"],
    }
    parts = serving.bridge(start, end, steps)
    change = end.profit_usd_per_day - start.profit_usd_per_day
    scale = 1 + abs(start.profit_usd_per_day) + abs(end.profit_usd_per_day)
    largest = parts[["lowest_usd_per_day", "highest_usd_per_day"]].abs().max().max()
    for column in ("in_order_usd_per_day", "shapley_usd_per_day"):
        assert parts[column].sum() == pytest.approx(change, abs=1e-9 * (scale + largest))


def test_bridge_from_critic_to_jia():  # by hand: 1000 - 670.08; 259.2 x 2.8 after the price step
    steps = {
        "speed": ["output_tok_per_s"],
        "price": ["input_usd_per_mtok", "output_usd_per_mtok"],
        "input": ["input_per_output"],
        "rent": ["usd_per_gpu_hour"],
    }
    parts = serving.bridge(CRITIC, JIA, steps).set_index("step")
    assert parts.loc["rent", "shapley_usd_per_day"] == pytest.approx(329.92)
    assert parts.loc["input", "in_order_usd_per_day"] == pytest.approx(725.76)
    # Tokens sold when the price falls: 26, 285.12, 25.92 or 286 million, by hand.
    tokens = (26 + 285.12) / 3 + (25.92 + 286) / 6
    assert parts.loc["price", "shapley_usd_per_day"] == pytest.approx(-0.2 * tokens)
    assert parts["shapley_usd_per_day"].sum() == pytest.approx(922.00 + 128.256)
    with pytest.raises(ValueError, match=r"missing.*usd_per_gpu_hour"):
        serving.bridge(CRITIC, JIA, {key: value for key, value in steps.items() if key != "rent"})


def test_saving_part_of_the_time():  # Amdahl: half the time made twice as fast is 4/3
    assert serving.throughput_gain(0.5, 0.5) == pytest.approx(4 / 3)
    assert serving.throughput_gain(1, 0.36) == pytest.approx(1.5625)
    with pytest.raises(ValueError, match=r"time_saved must be .*got 1.0"):
        serving.throughput_gain(1, 1.0)


def test_measured_speeds_count_both_directions():  # 610 x (1 + 5000 / 500), by hand
    found = serving.measured_speeds(datasets.load("serving_cases")).set_index("case_id")
    assert found.loc["trtllm-5000-500", "total_tok_per_s"] == pytest.approx(6710)
    assert np.isnan(found.loc["oci-c1", "gpus"])


def test_value_on_a_day_lies_between_the_readings():
    days = ["2024-01-01", "2024-07-01", "2024-07-03", "2026-01-01"]
    found = serving.value_on(days, ["2024-07-05", "2024-07-01"], [2.99, 3.49])
    assert found == pytest.approx([3.49, 3.49, 3.24, 2.99])


def test_a_ratio_at_the_same_work_changes_speed_and_not_profit():  # 3,300 / 4 = 825
    moved = serving.same_work(JIA, 3)
    assert moved.output_tok_per_s == pytest.approx(825)
    assert moved.profit_usd_per_day == pytest.approx(128.256)
    lines = serving.same_work(JIA, np.array([0.0, 10.0, 18.0])).break_even_utilisation
    assert lines == pytest.approx([670.08 / 798.336] * 3)
    cheap_input = JIA.with_(input_usd_per_mtok=0.70)
    assert serving.same_work(cheap_input, 0).revenue_usd_per_day == pytest.approx(798.336)
    with pytest.raises(ValueError, match=r"input_per_output must be .*zero or more, got -1"):
        serving.same_work(JIA, -1)


def test_a_measured_node_at_one_to_one_earns():  # 5,838 x 0.0864 x 2.80, by hand
    found = serving.measured_speeds(datasets.load("serving_cases")).set_index("case_id")
    even = found.loc["trtllm-1000-1000"]
    moved = JIA.with_(output_tok_per_s=even["output_tok_per_s"], input_per_output=1)
    assert moved.revenue_usd_per_day == pytest.approx(1412.33, abs=0.01)


def test_arrays_and_scalars_agree():
    ratio = np.array([[0.0, 3.0], [10.0, 16.0]])
    load = np.array([0.5, 1.0])
    grid = serving.revenue_usd_per_day(300, ratio, 2.8, 2.8, utilisation=load)
    for i in range(2):
        for j in range(2):
            one = serving.revenue_usd_per_day(300, ratio[i, j], 2.8, 2.8, utilisation=load[j])
            assert grid[i, j] == pytest.approx(one)


def test_the_map_holds_the_sums_own_point():  # 128.256 at 10:1 and a full node; 3:1 by hand
    grid = serving_plots.profit_grid(JIA, [3, 10], [0.5, 1.0])
    assert grid[1, 1] == pytest.approx(128.256)
    assert grid[1, 0] == pytest.approx(290.304 - 670.08)
    assert grid[0, 1] == pytest.approx(798.336 / 2 - 670.08)


def test_a_contour_meets_a_load_where_the_profit_is_its_level():
    at = serving_plots.ratio_at(JIA, -300, 0.8)
    moved = JIA.with_(input_per_output=at, utilisation=0.8)
    assert moved.profit_usd_per_day == pytest.approx(-300)
    assert serving_plots.ratio_at(JIA, 0, 1.0) == pytest.approx(8.2328, abs=1e-4)


def test_one_at_a_time_orders_by_swing():
    ranges = pd.DataFrame(
        {
            "label": ["load", "price"],
            "parameter": ["utilisation", "input_usd_per_mtok+output_usd_per_mtok"],
            "low": [0.9, 1.4],
            "high": [1.0, 5.6],
        }
    )
    table = serving.one_at_a_time(JIA, ranges)
    assert table["label"].tolist() == ["price", "load"]
    assert table.loc[0, "profit_high_usd_per_day"] == pytest.approx(2 * 798.336 - 670.08)
    with pytest.raises(ValueError, match="parameter must be a field of ServingCase, got 'rent'"):
        serving.one_at_a_time(JIA, ranges.assign(parameter="rent"))


def test_unreachable_break_evens_say_so():
    poor = JIA.with_(input_per_output=3)
    assert poor.break_even_utilisation > 1
    assert JIA.with_(input_usd_per_mtok=0).break_even_input_per_output == math.inf
    assert JIA.with_(input_per_output=0).break_even_input_usd_per_mtok == math.inf
    assert JIA.with_(output_usd_per_mtok=50).break_even_input_per_output < 0


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("utilisation", 1.2, "between 0 and 1"),
        ("utilisation", -0.1, "above zero"),
        ("utilisation", 0, "above zero"),
        ("utilisation", math.nan, "above zero"),
        ("output_tok_per_s", 0, "above zero"),
        ("output_tok_per_s", -300, "above zero"),
        ("output_tok_per_s", math.nan, "above zero"),
        ("output_tok_per_s", math.inf, "above zero"),
        ("input_per_output", -1, "zero or more"),
        ("input_usd_per_mtok", -2.8, "zero or more"),
        ("output_usd_per_mtok", math.nan, "zero or more"),
        ("output_usd_per_mtok", "2,8", "a number"),
        ("gpus", 0, "above zero"),
        ("usd_per_gpu_hour", -3.49, "zero or more"),
        ("cached_share", 1.5, "between 0 and 1"),
        ("cached_usd_per_mtok", -1, "zero or more"),
    ],
)
def test_a_bad_value_is_named(argument, value, rule):
    with pytest.raises(ValueError, match=rf"^{argument} must be .*{rule}.*got .*{value}"):
        JIA.with_(**{argument: value})


def test_a_bad_element_of_an_array_is_named():
    with pytest.raises(ValueError, match=r"utilisation must be between 0 and 1, got 1.5"):
        serving.tokens_per_day(300, 10, utilisation=np.array([0.5, 1.5]))
    with pytest.raises(ValueError, match=r"peak_to_mean must be 1 or more, got 0.5"):
        serving.utilisation_from_peak(0.5)
    with pytest.raises(ValueError, match=r"discount must be between 0 and 1, got 90"):
        serving.revenue_kept(10, 0.5, 90)


def test_a_bad_table_is_named():
    cases = datasets.load("serving_cases")
    with pytest.raises(ValueError, match=r"case_id must be one of .*jia-2024.*got 'jia'"):
        serving.case_from_table(cases, "jia")
    with pytest.raises(ValueError, match="'jia-2024' has no parameter 'gpus'"):
        serving.case_from_table(cases[cases["parameter"] != "gpus"], "jia-2024")
    with pytest.raises(ValueError, match="parameter 'stream_tok_per_s' more than once"):
        serving.case_from_table(pd.concat([cases, cases]), "jia-2024")
