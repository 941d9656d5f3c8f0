"""Verdicts of chapter 01: the data decide them, and other data decide otherwise."""

import dataclasses

import pytest

from model_economics import datasets
from model_economics.claims import VERDICTS
from model_economics.claims import perishable_models as claims

TABLES = (
    "quality_prices",
    "token_prices",
    "model_lifetimes",
    "arena_reigns",
    "training_costs",
    "posts",
)
IDS = ["C01", "C09", *(f"C{n}" for n in range(10, 20))]


@pytest.fixture(scope="module")
def evidence():
    return claims.measure(**{name: datasets.load(name) for name in TABLES})


def test_all_twelve_claims_have_a_verdict_in_order():
    given = claims.verdicts(**{name: datasets.load(name) for name in TABLES})
    assert [v.claim for v in given] == IDS
    assert all(v.verdict in VERDICTS for v in given)
    assert {v.claim for v in given if v.kind == "argued"} == {"C16", "C19"}


def test_the_price_of_equal_quality_halves_in_two_to_five_months(evidence):
    """Published estimates lie there: a16z 110 days, Densing law 76, MIT 110 to 157."""
    assert 60 < evidence.halving_low <= evidence.halving <= evidence.halving_high < 153


@pytest.mark.parametrize(
    "claim, change, verdict",
    [
        (claims.c01, {"halving": 20.0}, "reproduced"),
        (claims.c01, {"halving": 2000.0}, "not supported"),
        (claims.c17, {"halving": 30.0}, "not supported"),
        (claims.c10, {"levels_fitted": 0}, "not supported"),
        (claims.c10, {"levels_fitted": 1}, "partly"),
        (claims.c11, {"level_slow": 1000.0}, "not supported"),
        (claims.c12, {"reign": 400.0}, "reproduced"),
        (claims.c14, {"cuts": 200}, "holds with a caveat"),
        (claims.c15, {"lows_per_year": 0.5}, "not supported"),
        (claims.c18, {"halving": 1e9}, "not supported"),
    ],
)
def test_other_numbers_decide_otherwise(evidence, claim, change, verdict):
    other = dataclasses.replace(evidence, **change)
    assert claim(other).verdict == verdict != claim(evidence).verdict


def test_the_order_of_posts_decides_who_opened_the_round(evidence):
    later = evidence.post_times.copy()
    later["TobyPhln"] += later["jiayq"] - later["TobyPhln"] + (later["jiayq"] - later["elonmusk"])
    assert claims.c09(dataclasses.replace(evidence, post_times=later)).verdict == "not supported"
    assert claims.c13(dataclasses.replace(evidence, post_times=later)).verdict == "not supported"


def test_vendors_posted_prices_are_counted_once_each():
    moves = claims.vendor_moves(datasets.load("token_prices"))
    assert not moves.duplicated(["source", "host", "listing"]).any()
    assert set(moves["host"]) <= set(claims.VENDORS)
    assert (moves["days"] >= 180).all()
