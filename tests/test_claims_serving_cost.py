"""Verdicts on C34 to C60 follow from the tables, and change when the tables do."""

import inspect

import pandas as pd
import pytest

from model_economics import datasets
from model_economics.claims import serving_cost

TABLES = tuple(inspect.signature(serving_cost.verdicts).parameters)


@pytest.fixture
def tables():
    return {name: datasets.load(name) for name in TABLES}


def given(tables, claim):
    found = {verdict.claim: verdict for verdict in serving_cost.verdicts(**tables)}
    return found[claim]


def changed(cases, case_id, parameter, value):
    rows = (cases["case_id"] == case_id) & (cases["parameter"] == parameter)
    assert rows.sum() == 1
    return cases.assign(value=cases["value"].mask(rows, value))


def test_every_claim_of_the_chapter_has_one_verdict_in_order(tables):
    ids = [verdict.claim for verdict in serving_cost.verdicts(**tables)]
    assert ids == [f"C{number}" for number in range(34, 61)]
    claims = datasets.load("claims")
    assert ids == claims.loc[claims["chapter"] == "04", "claim_id"].tolist()


def test_all_seventy_claims_are_listed():
    claims = datasets.load("claims")
    assert claims["claim_id"].tolist() == [f"C{number:02d}" for number in range(1, 71)]


def test_published_arithmetic_is_reproduced(tables):  # printed in leiphone-jia-2024, section 3
    assert given(tables, "C48").number == "285,120,000 tokens a day (printed 285,120,000)"
    assert given(tables, "C49").number == "798.34 USD a day (printed 798.34)"
    assert given(tables, "C50").number == "670.08 USD a day (printed 670.08)"
    for claim in ("C46", "C47", "C48", "C49", "C50"):
        assert given(tables, claim).verdict == "reproduced"


@pytest.mark.parametrize(
    ("parameter", "value", "claim"),
    [
        ("input_usd_per_mtok", 2.7, "C49"),
        ("usd_per_gpu_hour", 2.99, "C50"),
        ("input_per_output", 9, "C48"),
        ("batch_gain", 12, "C46"),
    ],
)
def test_a_changed_cell_changes_the_verdict(tables, parameter, value, claim):
    tables["serving_cases"] = changed(tables["serving_cases"], "jia-2024", parameter, value)
    assert given(tables, claim).verdict == "not supported"


def test_profit_verdict_turns_with_its_sign(tables):
    cases = tables["serving_cases"]
    for rent, verdict in {
        5.0: "not supported",
        2.0: "holds with a caveat",
        0.5: "reproduced",
    }.items():
        tables["serving_cases"] = changed(cases, "jia-2024", "usd_per_gpu_hour", rent)
        assert given(tables, "C51").verdict == verdict


def test_profit_verdict_asks_for_traffic(tables):
    # by hand: 670.08 / 798.336 = 84 %, 670.08 / (610 x 11 x 0.24192) = 41 %; the services
    # reach 1 / 3.1 = 32 % and 49 to 59 %
    assert given(tables, "C51").verdict == "partly"
    assert "0 of 5 pay at 300 tokens/s, 4 at 610" in given(tables, "C51").number


def test_critics_loss_is_not_a_loss_however_counted(tables):  # by hand: +188 at Jia's rent
    assert given(tables, "C38").verdict == "not supported"
    assert "+188" in given(tables, "C38").number
    cases = tables["serving_cases"]
    tables["serving_cases"] = changed(cases, "jia-2024", "usd_per_gpu_hour", 5.0)
    assert given(tables, "C38").verdict == "reproduced"


def test_hosts_that_left_are_counted_by_registries_and_by_own_lists(tables):
    assert given(tables, "C39").number == "7 of 14 hosts gone by registries, 13 by own lists"


def test_size_is_priced_on_one_engine(tables):  # 3,459 / (610 / 8) = 45.4, TensorRT-LLM 1.0
    assert given(tables, "C35").number.startswith("45×")


def test_reading_is_set_against_the_best_writing(tables):  # 453 x 16 / 4,340 = 1.67
    assert "1.7×" in given(tables, "C42").number


def test_days_of_capacity_are_no_commitment(tables):  # 2.95 / 2.65 and 12.29 / 5.40
    assert given(tables, "C54").number == "1.1× to 2.3× the committed rent"
    assert given(tables, "C54").verdict == "holds with a caveat"


def test_rents_of_nodes_are_told_from_rents_of_cards(tables):
    nodes = serving_cost.node_rents(serving_cost.mid_2024_rents(tables["gpu_prices"]))
    assert sorted(nodes["usd_per_gpu_hour"]) == [3.49, 12.29]
    assert "2 eight-GPU nodes ask 3.49 to 12.29" in given(tables, "C36").reason


def test_capped_verdicts_are_those_that_the_chapter_names(tables):
    def capped(claim):
        source = inspect.getsource(getattr(serving_cost, claim.lower()))
        return not any(word in source for word in ('"reproduced"', "_arithmetic(", "_argued("))

    found = [v.claim for v in serving_cost.verdicts(**tables) if capped(v.claim)]
    middle = ["C39", "C40", "C41", "C42", "C43", "C44"]
    assert found == ["C35", "C37", *middle, "C54", "C56", "C58", "C59"]


def test_spread_compares_prices_of_one_day():  # 8 / 2 on 1 May; 12 is gone by then
    listings = pd.DataFrame(
        {
            "valid_from": pd.to_datetime(["2024-01-01", "2024-03-01", "2024-05-01"]),
            "valid_to": pd.to_datetime(["2024-02-01", None, None]),
            "usd_per_mtok": [12.0, 8.0, 2.0],
        }
    )
    assert serving_cost.same_day_spread(listings) == 4


def test_chatbot_example_is_sixteen_to_one(tables):  # 2048 / 128
    assert given(tables, "C45").number.startswith("2,048:128 is 16:1")
    assert given(tables, "C45").verdict == "partly"


def test_traffic_verdict_needs_every_service_below_break_even(tables):
    assert given(tables, "C52").verdict == "reproduced"
    traffic = tables["traffic"]
    tables["traffic"] = traffic.assign(peak_to_mean=traffic["peak_to_mean"].clip(upper=1.05))
    assert given(tables, "C52").verdict == "not supported"


def test_speculation_verdict_follows_the_batches(tables):
    assert given(tables, "C55").verdict == "reproduced"
    tables["speculative"] = tables["speculative"].assign(speedup=1.5)
    assert given(tables, "C55").verdict == "partly"


def test_argued_verdicts_are_the_ones_that_no_table_decides(tables):
    argued = [v.claim for v in serving_cost.verdicts(**tables) if v.kind == "argued"]
    assert argued == ["C34", "C57", "C60"]
