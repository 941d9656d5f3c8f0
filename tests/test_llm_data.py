"""The tables of chapter 03 hold what they promise: enough models, sizes that add up."""

import numpy as np
import pytest

from model_economics import datasets, llm_shapes


@pytest.fixture(scope="module")
def models():
    return datasets.load("llm_models").set_index("model")


@pytest.fixture(scope="module")
def shapes():
    return datasets.load("llm_architectures").set_index("model")


def test_enough_models_over_the_whole_period(models):
    # issue 4: at least 200 models, 2018 to late 2026
    assert len(models) >= 200
    assert models["released_on"].min().year == 2018
    assert models["released_on"].max().isoformat() >= "2026-10"


def test_active_size_never_exceeds_the_total(models):
    sized = models.dropna(subset=["params_total_b", "params_active_b"])
    assert (sized["params_active_b"] <= sized["params_total_b"] * 1.0001).all()
    dense = sized[
        (sized["kind"] == "dense")
        & ~sized.index.isin(["gemma-3n-e4b", "gemma-4-e4b", "gemma-4-e2b"])
    ]
    assert np.allclose(dense["params_active_b"], dense["params_total_b"])


def test_every_size_has_a_status_and_a_grade(models):
    sized = models["params_total_b"].notna()
    assert models.loc[sized, ["status", "grade"]].notna().all().all()
    assert models.loc[~sized, ["status", "grade"]].isna().all().all()
    # what is graded D is nowhere called disclosed
    assert not ((models["grade"] == "D") & (models["status"] == "disclosed")).any()


def test_every_score_has_a_source_and_a_protocol(models):
    known = datasets.sources()
    for score, source in (
        ("mmlu_5shot_base_pct", "mmlu_source"),
        ("mmlu_other_pct", "mmlu_other_source"),
    ):
        scored = models[models[score].notna()]
        assert set(scored[source]) <= known
        assert models.loc[models[score].isna(), source].isna().all()
    assert models.loc[models["mmlu_other_pct"].notna(), "mmlu_other_protocol"].notna().all()


@pytest.mark.parametrize(
    ("model", "total_b", "active_b", "mmlu_pct"),
    [
        ("palm-540b", 540.35, 540.35, 69.3),  # LLaMA report, table 9
        ("llama-2-70b", 70, 70, 68.9),  # Meta, Llama 2 model card
        ("llama-3.1-405b", 405, 405, 85.2),  # Meta, Llama 3.1 model card
        ("qwen2.5-72b", 72.7, 72.7, 86.06),  # Qwen3 Technical Report, table 3
        ("deepseek-v3", 671, 37, 87.1),  # DeepSeek, model card
        ("kimi-k2", 1000, 32, 87.8),  # Moonshot AI, model card
        ("deepseek-v4-pro", 1600, 49, 90.1),  # DeepSeek, model card
        ("qwen3-4b", 4.02, 4.02, 72.99),  # Qwen3 Technical Report, table 7
        ("kimi-k3", 2780, 104, None),  # NVIDIA NeMo and a second description
        ("tele-flm-1t", 1000, 1000, None),  # model card: dense, open, one trillion
    ],
)
def test_rows_that_decide_a_verdict_match_their_source(models, model, total_b, active_b, mmlu_pct):
    row = models.loc[model]
    assert (row["params_total_b"], row["params_active_b"]) == (total_b, active_b)
    if mmlu_pct is not None:
        assert row["mmlu_5shot_base_pct"] == mmlu_pct


def test_enough_shapes(shapes):
    assert len(shapes) >= 60  # issue 4


def test_totals_recomputed_from_shapes_agree_or_are_explained(shapes):
    counted = llm_shapes.count_parameters(shapes)
    off = (counted["counted_total_b"] / shapes["params_total_b"] - 1).abs()
    unexplained = off[(off > 0.03) & shapes["deviation_reason"].isna()]
    assert unexplained.empty, unexplained
    assert (off <= 0.03).mean() > 0.85  # explanations stay the exception


def test_active_sizes_recomputed_from_shapes_agree_or_are_explained(shapes):
    counted = llm_shapes.count_parameters(shapes)
    off = (counted["counted_active_b"] / shapes["params_active_b"] - 1).abs()
    assert off[(off > 0.06) & shapes["deviation_reason"].isna()].empty


def test_shapes_and_models_print_the_same_size(shapes, models):
    same = models.loc[shapes.index, "params_total_b"]
    # the list rounds as vendors do; the shapes carry the digits of the configuration
    assert ((shapes["params_total_b"] / same - 1).abs() < 0.06).all()


def test_market_evidence_has_a_value_or_a_range():
    rows = datasets.load("market_evidence")
    assert (rows["value"].notna() ^ (rows["value_low"].notna() & rows["value_high"].notna())).all()
    assert (rows["value_low"].dropna() < rows["value_high"].dropna()).all()
