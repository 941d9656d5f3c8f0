"""Verdicts of chapter 03 follow from the tables: change the facts and the verdict changes."""

import pandas as pd
import pytest

from model_economics import datasets, llm_samples
from model_economics.claims import llm_sizes


@pytest.fixture(scope="module")
def models():
    return datasets.load("llm_models")


@pytest.fixture(scope="module")
def evidence():
    return datasets.load("market_evidence")


def test_every_claim_of_the_chapter_has_one_verdict(models, evidence):
    # issue 4 names these
    ids = [v.claim for v in llm_sizes.verdicts(models, evidence)]
    assert ids == [
        "C02",
        "C03",
        "C04",
        "C05",
        "C06",
        "C07",
        "C08",
        "C20",
        "C21",
        "C22",
        "C23",
        "C33",
    ]


def test_computed_verdicts_carry_the_number_that_decides(models, evidence):
    numbers = {v.claim: v.number for v in llm_sizes.verdicts(models, evidence)}
    assert "6.9×" in numbers["C23"]  # Kimi K3 2,780 B over Llama 3.1 405 B: 6.86
    assert "552B" in numbers["C20"]  # DeepSeek-V4.1-Flash, most used of one week


def test_without_the_giants_since_2024_the_forecast_would_have_held(models):
    small = models[(models["params_total_b"] < 300) | (models["released_on"] < "2024-08-03")]
    assert llm_sizes.c23(small).verdict == "holds with a caveat"
    assert llm_sizes.c05(small).verdict == "reproduced"
    assert llm_sizes.c05(models).verdict == "partly"


def test_without_new_small_models_nothing_shrinks(models):
    late = models["released_on"] >= "2024-07-18"
    frozen = models.assign(mmlu_5shot_base_pct=models["mmlu_5shot_base_pct"].mask(late))
    parts = llm_sizes.forecast(frozen).set_index("part")["outcome"]
    assert parts["equal quality needs ever smaller models"] == "no"


def test_no_small_model_no_claim(models):
    assert llm_sizes.c06(models[models["params_total_b"] > 10]).verdict == "not supported"


def test_good_small_models_by_the_day_of_the_article(models):
    # counted by hand: Mistral 7B, Yi-6B, Gemma 7B, Gemma 2 9B, Llama 3 and 3.1 8B, Phi-3-mini,
    # Phi-3-small, Qwen1.5-7B, Qwen2-7B
    assert llm_sizes.c06(models).number.startswith("10 open models")
    assert llm_sizes.c06(models).verdict == "holds with a caveat"


def test_main_sample_holds_no_rumour_and_no_mixture(models):
    main = llm_samples.main_sample(models)
    assert (main["status"] == "disclosed").all() and (main["kind"] == "dense").all()
    assert main["released_on"].min() >= pd.Timestamp("2023-01-01")


def test_band_follows_the_sizes(models):
    squeezed = models.assign(params_total_b=models["params_total_b"].clip(8, 60))
    assert llm_sizes.c22(squeezed).verdict == "holds with a caveat"


def test_handy_models_depend_on_what_is_served(evidence):
    rows = evidence.set_index("evidence")
    rows.loc["openrouter-week-deepseek-v4.1-flash", "value"] = 1.0
    assert llm_sizes.c20(rows.reset_index()).verdict == "holds with a caveat"


def test_argued_verdicts_say_why():
    for verdict in (llm_sizes.c02(), llm_sizes.c04(), llm_sizes.c08()):
        assert verdict.verdict == "cannot be tested"
        assert len(verdict.reason) > 40


def test_forecast_is_decided_by_numbers(models):
    parts = llm_sizes.forecast(models)
    assert parts["outcome"].isin(["yes", "no"]).all()
    assert parts["measure"].str.contains(r"\d").all()
    assert isinstance(parts, pd.DataFrame)


def test_the_forecast_measures_every_part_with_one_yardstick(models):
    # Llama 3.1 405B, known when the article appeared; 253B is Llama Nemotron Ultra of 2025
    parts = llm_sizes.forecast(models).set_index("part")["measure"]
    assert parts["the largest dense models shrink"] == "405B, then 253B"
    assert parts["flagships use fewer parameters per token"].startswith("405B")
