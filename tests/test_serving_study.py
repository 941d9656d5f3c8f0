"""Curves, maps, draws and costs of chapter 05, against sums worked by hand."""

import numpy as np
import pandas as pd
import pytest

from model_economics import datasets, serving, serving_limits
from model_economics import serving_study as study


@pytest.fixture(scope="module")
def tables():
    return {
        "models": datasets.load("llm_architectures"),
        "gpus": datasets.load("gpu_specs"),
        "efficiencies": datasets.load("roofline_efficiencies"),
    }


def flat_curve(output=300.0):
    """Output that no prompt slows, as the article holds it."""
    return pd.DataFrame({"input_per_output": [1.0, 10.0, 16.0], "output_tok_per_s": [output] * 3})


def test_map_at_the_articles_point_gives_the_articles_profit():
    """leiphone-jia-2024: 798.34 USD of revenue, 670.08 of rent, so 128.26 of profit."""
    profit = study.profit_map(flat_curve(), np.array([0.5, 1.0]), 2.80, 3.49)
    assert profit.loc[1.0, 10.0] == pytest.approx(128.256, abs=0.001)
    assert profit.loc[0.5, 10.0] == pytest.approx(798.336 / 2 - 670.08, abs=0.001)


def test_zero_line_is_the_break_even_load():
    """670.08 / 798.336 = 83.93 % at 10:1; at 1:1 no load pays."""
    profit = study.profit_map(flat_curve(), np.array([0.1, 1.0]), 2.80, 3.49)
    zero = study.zero_line(profit)
    assert zero[10.0] == pytest.approx(0.8393, abs=1e-4)
    assert zero[1.0] == pytest.approx(670.08 / (600 * 0.0864 * 2.8), rel=1e-9)


def test_certain_draws_are_the_printed_sum():
    case = {
        "usd_per_gpu_hour": [3.49],
        "prices": [[2.8, 2.8]],
        "input_per_output": [10],
        "load": [1.0],
        "engine": [1.0],
    }
    drawn = study.draw_profit(case, flat_curve(), 100)
    np.testing.assert_allclose(drawn["profit_usd_per_day"], 128.256, atol=0.001)


def test_draws_repeat_with_their_seed_and_use_every_value():
    case = {
        "usd_per_gpu_hour": [2.0, 3.0],
        "prices": [[1, 3], [2, 2]],
        "input_per_output": [1, 10],
        "load": [0.5, 1.0],
        "engine": [0.5, 1.0],
    }
    one = study.draw_profit(case, flat_curve(), 2000, seed=3)
    pd.testing.assert_frame_equal(one, study.draw_profit(case, flat_curve(), 2000, seed=3))
    assert one["usd_per_gpu_hour"].mean() == pytest.approx(2.5, abs=0.05)
    # blended price at 1:1 and 10:1 of (1, 3): 2 and 13/11; of (2, 2): 2
    assert set(one["price"].round(4)) == {2.0, 1.1818}


def test_shares_find_the_input_that_matters():
    random = np.random.default_rng(0)
    drawn = pd.DataFrame({"a": random.normal(size=5000), "b": random.normal(size=5000)})
    drawn["profit_usd_per_day"] = 3 * drawn["a"] + drawn["b"]
    shares = study.rank_shares(drawn)
    assert shares.sum() == pytest.approx(1)
    assert shares["a"] == pytest.approx(0.9, abs=0.03)  # 9 : 1 of the variance


def test_gain_is_read_between_points():
    """8 requests at a gain of 8 and 32 at 32: ten-fold at 10, nothing lost."""
    curves = pd.DataFrame({"series": "x", "concurrency": [1, 8, 32], "gain": [1.0, 8.0, 32.0]})
    reached = study.concurrency_of_gain(curves)
    assert reached["concurrency"].iloc[0] == pytest.approx(10)
    assert reached["kept"].iloc[0] == pytest.approx(1)
    short = study.concurrency_of_gain(curves.head(2))
    assert short["concurrency"].isna().all()


def test_demand_below_capacity_pays_one_node_and_above_it_two():
    """100 tokens a second are 8.64 million a day."""
    nodes = pd.DataFrame({"model": ["m"], "usd_per_day": [86.4], "total_tok_per_s": [100.0]})
    cost = study.cost_at_demand(nodes, [4.32, 8.64, 9.0])
    assert cost["nodes"].tolist() == [1, 1, 2]
    assert cost["usd_per_mtok"].tolist() == pytest.approx([20.0, 10.0, 19.2])


def test_cheapest_respects_the_promised_speed():
    options = pd.DataFrame(
        {
            "model": ["m", "m"],
            "hardware": ["H100", "H100"],
            "gpus": [1, 1],
            "total_tok_per_s": [1000.0, 100.0],
            "per_user_tok_per_s": [5.0, 40.0],
        }
    )
    rent = {"H100": 3.6}
    free = study.cheapest(options, rent)["usd_per_mtok"].iloc[0]
    fast = study.cheapest(options, rent, 30)["usd_per_mtok"].iloc[0]
    assert (free, fast) == pytest.approx((1.0, 10.0))  # 3.6 USD an hour is 0.001 a second
    assert free == pytest.approx(serving_limits.usd_per_mtok(3.6, 1, 1000))


def test_slopes_of_a_known_law_come_back():
    active, total = np.array([1, 8, 70, 3, 22, 37.0]), np.array([1, 8, 70, 30, 235, 671.0])
    cost = pd.DataFrame({"params_active_b": active, "params_total_b": total})
    found = study.size_slopes(cost.assign(usd_per_mtok=0.01 * active**0.8 * total**0.2))
    assert found["active"] == pytest.approx(0.8)
    assert found["total"] == pytest.approx(0.2)
    assert found["dense"] == pytest.approx(1.0)
    assert found["spread"] == pytest.approx(1.0)


def test_a_faster_promise_never_gives_more_output(tables):
    output = [
        study.at_speed([10], 250, floor, **tables)["output_tok_per_s"].iloc[0]
        for floor in (0, 5, 10, 15, 20, 25, 30)
    ]
    assert output == sorted(output, reverse=True)


def test_longer_prompts_lower_the_output(tables):
    curve = study.by_ratio([1, 2, 4, 8, 16], 250, {"new": ("", "FP8")}, **tables)
    assert curve["output_tok_per_s"].is_monotonic_decreasing


def test_one_stream_starts_at_the_data_sheet(tables):
    """405 GB over 26.8 TB/s is 66.2 a second; 487 GB is 55.0."""
    steps, _ = study.one_stream(487, **tables)
    assert steps["tok_per_s"].iloc[:2].tolist() == pytest.approx([66.17, 55.03], abs=0.01)
    assert steps["tok_per_s"].is_monotonic_decreasing


def test_market_knows_its_years():
    with pytest.raises(ValueError, match="2024 or 2026"):
        study.market(datasets.load("gpu_prices"), datasets.load("token_prices"), 2025)


def test_promised_nothing_breaks_even_where_the_map_does(tables):
    loads = np.array([0.1, 1.0])
    curve = study.at_speed([10], 250, 0, **tables)
    zero = study.zero_line(study.profit_map(curve, loads, 2.8, 3.49)).iloc[0]
    found = study.promises([0], 10, 250, 2.8, 3.49, **tables)["break_even"].iloc[0]
    assert found == pytest.approx(zero)
    assert serving.cost_usd_per_day(8, 3.49) == pytest.approx(670.08)
