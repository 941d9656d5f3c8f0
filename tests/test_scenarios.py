"""The provider model keeps its sense, and its fits give the values worked out elsewhere."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_economics import datasets, scenarios
from model_economics.scenarios import Shift

HOSTS = datasets.load("hosts_by_model")

shifts = st.builds(
    Shift,
    size_ratio=st.floats(0.1, 10),
    price_exponent=st.floats(0.2, 1.2),
    cost_exponent=st.floats(0.2, 1.2),
    elasticity=st.floats(0, 2),
    start_margin=st.floats(0.05, 0.9),
    hosts_ratio=st.floats(0.2, 5),
    device_share=st.floats(0, 0.9),
    market_ratio=st.floats(0.2, 5),
    load_ratio=st.floats(0.5, 2),
    cost_ratio=st.floats(0.1, 2),
    price_cut=st.floats(0.2, 2),
)


def earns(shift):
    return shift.end_margin > 0.01


# -- the provider


def test_jias_margin():  # 798.34 of revenue, 670.08 of rent, 285.12 M tokens: 16.1 %
    assert scenarios.gross_margin(2.80, 670.08 / 285.12) == pytest.approx(0.161, abs=0.0005)


def test_nothing_changes_nothing():
    same = Shift()
    assert (same.revenue_ratio, same.profit_ratio, same.end_margin) == (1, 1, 0.5)


def test_a_shift_by_hand():
    # Half the size, price 0.5, cost 0.5; elasticity 2 gives four times the tokens, so twice
    # the revenue; a quarter on devices and three times the hosts leave 0.75 / 3 of it.
    shift = Shift(size_ratio=0.5, elasticity=2.0, device_share=0.25, hosts_ratio=3.0)
    assert shift.quantity_ratio == pytest.approx(1.0)
    assert shift.revenue_ratio == pytest.approx(0.5)
    assert shift.end_margin == pytest.approx(0.5)
    assert shift.profit_ratio == pytest.approx(0.5)


def test_margin_by_hand():
    # Four times the size: price 2, cost 4; a margin of 0.6 leaves 1 - 0.4 * 2 = 0.2.
    shift = Shift(size_ratio=4.0, price_exponent=0.5, cost_exponent=1.0, start_margin=0.6)
    assert shift.end_margin == pytest.approx(0.2)
    assert scenarios.size_without_margin(shift) == pytest.approx(2.5**2)  # (1 / 0.4)^(1 / 0.5)


@given(shifts)
def test_break_evens_are_round_trips(shift):
    hosts = scenarios.break_even_hosts_ratio(shift)
    if not earns(shift):
        assert hosts <= scenarios.break_even_hosts_ratio(shift.with_(start_margin=0.9999)) + 1e-6
        return
    assert shift.with_(hosts_ratio=hosts).profit_ratio == pytest.approx(1)
    market = scenarios.break_even_market_ratio(shift)
    assert shift.with_(market_ratio=market).profit_ratio == pytest.approx(1)
    share = scenarios.break_even_device_share(shift)
    if np.isfinite(share) and share < 1:
        assert shift.with_(device_share=share).profit_ratio == pytest.approx(1)
    elasticity = scenarios.break_even_elasticity(shift)
    if np.isfinite(elasticity) and 0 <= elasticity < 100:
        assert shift.with_(elasticity=elasticity).profit_ratio == pytest.approx(1)


@given(shifts)
def test_rivals_and_devices_never_help(shift):
    for worse in (
        shift.with_(hosts_ratio=2 * shift.hosts_ratio),
        shift.with_(device_share=(1 + shift.device_share) / 2),
    ):
        assert abs(worse.profit_ratio) <= abs(shift.profit_ratio) + 1e-12


@given(shifts)
def test_margin_does_not_depend_on_demand(shift):
    assert shift.with_(elasticity=0.3, market_ratio=3.0).end_margin == shift.end_margin


def test_break_even_elasticity_is_one_where_cost_follows_price():
    for size in (0.1, 0.5, 3.0):
        assert scenarios.break_even_elasticity(Shift(size_ratio=size)) == pytest.approx(1)


def test_a_cut_without_lower_costs_needs_more_than_one():
    cut = Shift(price_cut=0.8, start_margin=0.5)
    assert scenarios.break_even_elasticity(cut) > 1


def test_halving_the_price_alone_at_1_11():
    # Worked by hand: revenue 0.5^-0.11 = 1.079; (1 - 2z) / (1 - z) * 1.079 = 1 gives z = 0.068.
    assert Shift(price_cut=0.5, elasticity=1.11).revenue_ratio == pytest.approx(1.079, abs=5e-4)
    limit = scenarios.cost_share_that_forbids_a_cut(0.5, 1.11)
    assert limit == pytest.approx(0.0684, abs=5e-5)
    at_limit = Shift(price_cut=0.5, elasticity=1.11, start_margin=1 - float(limit))
    assert at_limit.profit_ratio == pytest.approx(1)


def test_shifts_take_arrays():
    grid = Shift(size_ratio=np.array([[0.5, 2.0]]), elasticity=np.array([[0.0], [1.0], [2.0]]))
    assert grid.profit_ratio.shape == (3, 2)


def test_four_scenarios_differ_in_one_term():
    four = scenarios.four_scenarios(0.5, 0.6, 0.3, size=10, device_share=0.3, hosts_ratio=2.0)
    found = scenarios.outcomes(four, [0.5, 1.5])
    assert list(found.index) == list(four)
    assert found.loc["open weights"].tolist() == pytest.approx([0.5, 0.5])
    kept = found.loc["models on devices"] / found.loc["distilled models"]
    assert kept.tolist() == pytest.approx([0.7, 0.7])


@pytest.mark.parametrize(
    "bad",
    [
        {"size_ratio": 0},
        {"hosts_ratio": -1},
        {"start_margin": 1.0},
        {"start_margin": 0},
        {"device_share": 1.0},
        {"elasticity": -0.1},
        {"market_ratio": float("nan")},
    ],
)
def test_impossible_shifts_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Shift(**bad)


def test_impossible_inputs_are_refused():
    with pytest.raises(ValueError, match="load"):
        scenarios.gross_margin(1.0, 0.5, load=1.2)
    with pytest.raises(ValueError, match="price"):
        scenarios.gross_margin(0.0, 0.5)
    with pytest.raises(ValueError, match="positive"):
        scenarios.fit_power([1, 2, 3], [1, 0, 2])
    with pytest.raises(ValueError, match="three"):
        scenarios.fit_power([1, 2], [1, 2])
    with pytest.raises(ValueError, match="T/hour"):
        scenarios.tokens_t_per_day([1.0], ["T/hour"])
    with pytest.raises(ValueError, match="no reading"):
        scenarios.listed_on(HOSTS, "2020-01-01")
    with pytest.raises(ValueError, match="smaller"):
        scenarios.payback_tokens_t(8, 15, 405, 15)


# -- tables


@pytest.mark.parametrize(
    ("day", "registry", "n", "exponent", "active", "rho"),
    [  # worked out from the same registries by other code
        ("2025-09-01", "LiteLLM", 24, 0.49, 0.82, -0.27),
        ("2026-07-02", "models.dev", 36, 0.49, 0.84, 0.40),
        ("2026-11-24", "LiteLLM", 50, 0.49, 0.74, 0.26),
    ],
)
def test_exponents_and_correlations(day, registry, n, exponent, active, rho):
    def on(table):
        rows = table[(table["read_on"] == pd.Timestamp(day)) & (table["registry"] == registry)]
        return rows.iloc[0]

    price = on(scenarios.price_exponents(HOSTS))
    assert (price["n"], round(price["exponent"], 2)) == (n, exponent)
    by_active = on(scenarios.price_exponents(HOSTS, "params_active_b"))
    assert round(by_active["exponent"], 2) == active
    assert round(on(scenarios.host_correlations(HOSTS))["rho"], 2) == rho


def test_entry_follows_one_model():  # gpt-oss-120b, read off the table
    pairs = scenarios.after_entry(HOSTS).set_index("model")
    row = pairs.loc["gpt-oss-120b"]
    assert (row["hosts_start"], row["hosts_end"]) == (5, 28)
    assert row["price_ratio"] == pytest.approx(1.0, abs=0.01)


def test_fit_finds_a_known_power():
    rng = np.random.default_rng(1)
    size = np.geomspace(1, 1000, 200)
    fit = scenarios.fit_power(size, 3 * size**0.5 * np.exp(rng.normal(0, 0.3, 200)))
    assert fit["low"] < 0.5 < fit["high"]
    assert fit["factor"] == pytest.approx(3, rel=0.15)


def test_cost_rises_with_rent_and_speed():
    models = ["llama-3.1-8b", "llama-3.1-70b"]
    slow = scenarios.cost_usd_per_mtok(models, 2.0, 10)
    double = scenarios.cost_usd_per_mtok(models, 4.0, 10)
    fast = scenarios.cost_usd_per_mtok(models, 2.0, 40)
    assert double["usd_per_mtok"].tolist() == pytest.approx((2 * slow["usd_per_mtok"]).tolist())
    assert (fast["usd_per_mtok"] >= slow["usd_per_mtok"]).all()
    assert (fast["output_tok_per_s_per_user"] >= 40).all()


def test_a_model_too_large_for_a_node_is_left_out():
    assert "kimi-k2" not in scenarios.cost_usd_per_mtok(["kimi-k2", "llama-3.1-8b"], 2.0, 0).index


def test_every_architecture_named_is_described():
    known = set(datasets.load("llm_architectures")["model"])
    assert set(HOSTS["architecture"].dropna()) <= known


# -- distillation


def test_training_compute_of_llama_405b():  # Meta's paper: 3.8e25 operations
    assert scenarios.training_flop(405, 15.6) == pytest.approx(3.8e25, rel=0.01)


def test_payback_by_hand():  # saved 2·50; student 6·50, teacher reads 2·100, teacher 6·100
    assert scenarios.payback_tokens_t(100, 1, 50, 1).tolist() == pytest.approx([3, 2, 5, 6])


def test_paths_cross_where_payback_says():
    pay = scenarios.payback_tokens_t(405.9, 15.6, 8.03, 15)["both"]
    path = scenarios.path_flop([pay], 405.9, 15.6, 8.03, 15)
    assert path["share"].iloc[0] == pytest.approx(1)
    far = scenarios.path_flop([1e9], 405.9, 15.6, 8.03, 15)
    assert far["share"].iloc[0] == pytest.approx(8.03 / 405.9, rel=1e-3)


def test_shares_of_the_llama_family():  # model card: 1.46, 7.0 and 30.84 million hours
    costs = datasets.load("training_costs").set_index("training_id")
    names = ["llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b"]
    shares = scenarios.family_shares(costs.loc[names].reset_index(), names[-1])
    assert [round(100 * v, 1) for v in shares["gpu_hours"]] == [4.7, 22.7, 100.0]
    assert [round(100 * v, 1) for v in shares["params"]] == [2.0, 17.4, 100.0]


# -- demand


def test_units_of_volume():  # 6 G a minute was told as about 8.6 T a day (a16z)
    found = scenarios.tokens_t_per_day([6, 7, 30], ["G/minute", "T/week", "T/day"])
    assert found.tolist() == pytest.approx([8.64, 1.0, 30.0])


def test_implied_elasticity():  # 9.7 to 480 T a month in a year, price down tenfold: 1.69
    assert scenarios.implied_elasticity(480 / 9.7, 10) == pytest.approx(1.69, abs=0.005)


def test_published_estimates():
    rows = scenarios.published_elasticities(datasets.load("elasticity")).set_index("estimate_id")
    assert rows.loc["nber-1.11", ["low", "high"]].tolist() == [1.11, 1.11]
    # 10 % cheaper, 12 to 18 % more: ln 1.12 / -ln 0.9 = 1.08, ln 1.18 / -ln 0.9 = 1.57
    market = rows.loc["exponential-view-2026", ["low", "high"]].astype(float)
    assert market.round(2).tolist() == [1.08, 1.57]
