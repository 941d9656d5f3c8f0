"""The verdicts of chapter 06 follow the tables: change the facts and they change."""

import pandas as pd
import pytest

from model_economics import claims, datasets
from model_economics.claims import who_wins

HOSTS = datasets.load("hosts_by_model")
GPU_PRICES = datasets.load("gpu_prices")
TRAINING = datasets.load("training_costs")
ELASTICITY = datasets.load("elasticity")
ONDEVICE = datasets.load("ondevice")
PROVIDERS = datasets.load("providers")
POSTS = datasets.load("posts")


@pytest.fixture(scope="module")
def found():
    return who_wins.setting(HOSTS, GPU_PRICES)


def test_all_ten_in_order():
    given = who_wins.verdicts(HOSTS, GPU_PRICES, TRAINING, ELASTICITY, ONDEVICE, PROVIDERS, POSTS)
    assert [v.claim for v in given] == [f"C{n}" for n in range(61, 71)]
    assert all(v.verdict in claims.VERDICTS for v in given)


def test_llama_405b_is_a_fiftieth_of_itself_at_8b():  # 8.03 / 405.9 of Meta's model card
    assert who_wins.llama_shares(TRAINING)["params"][0] == pytest.approx(0.0198, abs=5e-5)


def test_a_barrier_in_the_data_would_be_seen():
    """If hosts fell with size in most readings, C62 would hold."""
    rows = HOSTS.copy()
    rows["hosts"] = (1000 / rows["params_total_b"]).clip(1).round().astype("Int64")
    assert who_wins.c62(HOSTS).verdict == "partly"
    assert who_wins.c62(rows).verdict == "holds with a caveat"


def test_flat_prices_would_take_the_other_half():
    rows = HOSTS.assign(median_usd_per_mtok=1.0 + 0.01 * (HOSTS.index % 7))
    assert who_wins.c62(rows).verdict == "not supported"


def test_hours_in_proportion_would_refute_c63(found):
    rows = TRAINING.copy()
    rows["gpu_hours"] = rows["params_total_b"] * 1e5
    assert who_wins.c63(TRAINING, found).verdict == "partly"
    assert who_wins.c63(rows, found).verdict == "not supported"


def test_elasticities_decide_c64():
    low = ELASTICITY.assign(
        elasticity_low=0.2, elasticity_high=0.6, quantity_change_high_pct=float("nan")
    )
    assert who_wins.c64(ELASTICITY, ONDEVICE).verdict == "holds with a caveat"
    assert who_wins.c64(low, ONDEVICE).verdict == "partly"
    sure = low.assign(elasticity_low=1.2, elasticity_high=1.6)
    assert who_wins.c64(sure, ONDEVICE).verdict == "reproduced"


def test_fewer_providers_would_refute_c65():
    rows = PROVIDERS.copy()
    rows.loc[rows["event_id"].str.startswith("openrouter-2025-12"), "value"] = 20
    assert who_wins.c65(PROVIDERS, HOSTS).verdict == "holds with a caveat"
    assert who_wins.c65(rows, HOSTS).verdict == "not supported"


def test_a_rule_without_losses_would_hold(found):
    """With fewer hosts, a full margin and elastic demand nothing loses."""
    rosy = {
        **found,
        "assumed": who_wins.Assumptions(size=1.0, device_share=0.0, upgrade=1.0),
        "hosts_ratio": 0.5,
    }
    assert who_wins.c66(found, ELASTICITY).verdict == "not supported"
    assert who_wins.c66(rosy, ELASTICITY).verdict == "holds with a caveat"


def test_an_upgrade_protects_only_the_host_that_keeps_it(found):
    """By hand, open weights, e = 0.05, margin 0.22, hosts 1.39 times: cost and price halved give
    0.5^0.95 / 1.39 = 0.37; cost alone halved gives (1 - 0.78 / 2) / 0.22 / 1.39 = 2.0."""
    opened = who_wins.shifts(found)["open weights"].with_(elasticity=0.05, cost_ratio=0.5)
    assert float(opened.with_(price_cut=0.5).profit_ratio) == pytest.approx(0.37, abs=0.01)
    assert float(opened.profit_ratio) == pytest.approx(2.0, abs=0.05)
    shared, kept, of = who_wins.upgraded(found, ELASTICITY)
    assert (shared, kept, of) == (4, 0, 4)


def test_a_wider_market_lets_open_weights_gain(found):
    """1.39 times the hosts: a market 1.3 times as large is too small, one of 1.5 is enough."""
    gains = [
        who_wins.losing({**found, "assumed": who_wins.Assumptions(market=m)}, ELASTICITY)[1]
        for m in (1.3, 1.5)
    ]
    assert gains == [3, 4]


def test_without_a_wider_market_open_weights_only_lose(found):
    """By hand: 1 / 1.39 = 0.72 at every elasticity and exponent; the other three turn."""
    assert who_wins.either_way(found, ELASTICITY) == 3
    rows = who_wins.ranges(found, who_wins.published_range(ELASTICITY))
    assert rows.loc["open weights"].tolist() == pytest.approx([0.72, 0.72], abs=0.005)
    others = rows.drop("open weights")
    assert (others["low"] < 1).all() and (others["high"] > 1).all()


def test_every_scenario_is_counted(found):
    lose, gain, of = who_wins.losing(found, ELASTICITY)
    assert of == 4
    assert 1 <= lose <= 4
    assert 1 <= gain <= 4


def test_links_are_counted():
    assert who_wins.c70(POSTS).verdict == "reproduced"
    assert who_wins.c70(POSTS.head(3)).verdict == "not supported"


def test_no_host_margin_is_in_the_table():
    """The chapter says so; a row would make it untrue."""
    margins = PROVIDERS[PROVIDERS["measure"].str.contains("margin")]
    assert not (margins["provider_kind"] == "rents GPUs").any()


def test_wording_of_the_claims_is_there():
    wording = datasets.load("claims").set_index("claim_id")["claim"]
    given = [who_wins.c67(), who_wins.c68(), who_wins.c69()]
    assert isinstance(claims.table(given, wording.reset_index()), pd.DataFrame)
