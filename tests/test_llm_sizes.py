"""Parameter counts, training laws, halving under many choices, and the verdicts of chapter 03."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_economics import equal_quality, llm_shapes, llm_training, size_history, sizes

CHINCHILLA = llm_training.ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)


def shape(**changes):
    row = {
        "attention": "mha", "layers": 2, "width": 4, "heads": 2, "kv_heads": 2, "head_size": 2,
        "ffn_width": 8, "ffn_matrices": 2, "vocabulary": 10, "tied_embeddings": True,
    }  # fmt: skip
    return pd.DataFrame([row | changes])


# ---- parameters from shapes --------------------------------------------------------------


def test_tiny_model_by_hand():
    # layer: attention 4 x 4x4 = 64, feed-forward 2 x 4x8 = 64; two layers 256; embedding 40
    counted = llm_shapes.count_parameters(shape())
    assert counted["counted_total_b"].item() * 1e9 == pytest.approx(296)


def test_untied_embeddings_are_counted_twice():
    one = llm_shapes.count_parameters(shape())["counted_total_b"].item()
    two = llm_shapes.count_parameters(shape(tied_embeddings=False))["counted_total_b"].item()
    assert (two - one) * 1e9 == pytest.approx(40)


@pytest.mark.parametrize(
    ("changes", "total_b", "active_b"),
    [
        # Meta, Llama 3.1 405B: 405.85 B in its configuration
        (
            {
                "attention": "gqa",
                "layers": 126,
                "width": 16384,
                "heads": 128,
                "kv_heads": 8,
                "head_size": 128,
                "ffn_width": 53248,
                "ffn_matrices": 3,
                "vocabulary": 128256,
                "tied_embeddings": False,
            },
            405.85,
            405.85,
        ),
        # Google, PaLM: 540.35 B, one key and value head, shared embeddings
        (
            {
                "attention": "mqa",
                "layers": 118,
                "width": 18432,
                "heads": 48,
                "kv_heads": 1,
                "head_size": 256,
                "ffn_width": 73728,
                "ffn_matrices": 3,
                "vocabulary": 256000,
            },
            540.35,
            540.35,
        ),
        # Mistral, Mixtral 8x7B: 46.7 B in all, 12.9 B active
        (
            {
                "attention": "gqa",
                "layers": 32,
                "width": 4096,
                "heads": 32,
                "kv_heads": 8,
                "head_size": 128,
                "ffn_width": 0,
                "ffn_matrices": 3,
                "vocabulary": 32000,
                "tied_embeddings": False,
                "experts": 8,
                "experts_per_token": 2,
                "expert_ffn_width": 14336,
                "dense_layers": 0,
            },
            46.7,
            12.9,
        ),
        # DeepSeek, V3 report: 671 B in all, 37 B active (with embeddings 37.5)
        (
            {
                "attention": "mla",
                "layers": 61,
                "width": 7168,
                "heads": 128,
                "kv_heads": 128,
                "head_size": 192,
                "rope_head_size": 64,
                "value_head_size": 128,
                "q_lora_rank": 1536,
                "kv_lora_rank": 512,
                "ffn_width": 18432,
                "ffn_matrices": 3,
                "vocabulary": 129280,
                "tied_embeddings": False,
                "experts": 256,
                "experts_per_token": 8,
                "expert_ffn_width": 2048,
                "shared_experts": 1,
                "dense_layers": 3,
            },
            671.0,
            37.5,
        ),
    ],
)
def test_published_totals(changes, total_b, active_b):
    counted = llm_shapes.count_parameters(shape(**changes))
    assert counted["counted_total_b"].item() == pytest.approx(total_b, rel=0.002)
    assert counted["counted_active_b"].item() == pytest.approx(active_b, rel=0.005)


@given(experts=st.integers(2, 64), used=st.integers(1, 8), shared=st.integers(0, 2))
def test_active_never_exceeds_total(experts, used, shared):
    used = min(used, experts)
    counted = llm_shapes.count_parameters(
        shape(experts=experts, experts_per_token=used, expert_ffn_width=8, shared_experts=shared,
              dense_layers=1)
    )  # fmt: skip
    assert counted["counted_active_b"].item() <= counted["counted_total_b"].item()


@pytest.mark.parametrize("bad", [{"layers": 0}, {"width": -1}, {"vocabulary": None}])
def test_impossible_shapes_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        llm_shapes.count_parameters(shape(**bad))


def test_missing_column_is_named():
    with pytest.raises(ValueError, match="kv_heads"):
        llm_shapes.count_parameters(shape().drop(columns="kv_heads"))


# ---- training and serving compute --------------------------------------------------------


def test_loss_of_gopher_and_chinchilla_by_hand():
    # 406.4/280e9**0.34 = 0.0522, 410.7/300e9**0.28 = 0.2510; 0.0836 and 0.1632 for 70B
    assert float(llm_training.loss(280e9, 300e9, CHINCHILLA)) == pytest.approx(1.993, abs=0.001)
    assert float(llm_training.loss(70e9, 1.4e12, CHINCHILLA)) == pytest.approx(1.937, abs=0.001)


@given(billions=st.floats(10, 1000), trillions=st.floats(0.1, 50))
def test_tokens_for_loss_undoes_loss(billions, trillions):
    target = llm_training.loss(billions * 1e9, trillions * 1e12, CHINCHILLA)
    tokens = llm_training.tokens_for_loss(billions * 1e9, target, CHINCHILLA)
    assert float(tokens) == pytest.approx(trillions * 1e12, rel=1e-6)


@pytest.mark.parametrize("billions", [1, 30, 70, 400])
def test_without_demand_the_optimum_is_the_closed_form(billions):
    # Hoffmann et al. 2022, appendix: N = G (C/6)**(beta/(alpha+beta)),
    # G = (alpha A / (beta B))**(1/(alpha+beta))
    law, params = CHINCHILLA, billions * 1e9
    ratio = law.alpha * law.a / (law.beta * law.b)
    tokens = (params ** (law.alpha / law.beta)) / ratio ** (1 / law.beta)
    target = float(llm_training.loss(params, tokens, law))
    assert llm_training.cheapest_params(target, 0, law) == pytest.approx(params, rel=1e-3)


@settings(deadline=None)
@given(demand=st.floats(1e9, 1e16), more=st.floats(1.1, 100))
def test_more_demand_never_asks_for_a_larger_model(demand, more):
    target = float(llm_training.loss(70e9, 1.4e12, CHINCHILLA))
    small = llm_training.cheapest_params(target, demand * more, CHINCHILLA)
    assert small <= llm_training.cheapest_params(target, demand, CHINCHILLA) * 1.001


def test_lifetime_compute_by_hand():
    # training 6 x 70e9 x 1.4e12 = 5.88e23; serving 1e12 tokens 2 x 70e9 x 1e12 = 1.4e23
    target = llm_training.loss(70e9, 1.4e12, CHINCHILLA)
    flop = [float(llm_training.lifetime_flop(70e9, target, t, CHINCHILLA)) for t in (0, 1e12)]
    assert flop == pytest.approx([5.88e23, 7.28e23], rel=1e-6)


def test_a_model_too_small_for_the_loss_needs_endless_tokens():
    assert np.isinf(llm_training.tokens_for_loss(1e9, 1.75, CHINCHILLA))


def test_bad_training_input_is_refused():
    with pytest.raises(ValueError, match="floor"):
        llm_training.cheapest_params(1.5, 0, CHINCHILLA)
    with pytest.raises(ValueError, match="above zero"):
        llm_training.loss(0, 1e12, CHINCHILLA)
    with pytest.raises(ValueError, match="negative"):
        llm_training.lifetime_flop(1e9, 2.5, -1, CHINCHILLA)


# ---- halving under many choices ----------------------------------------------------------


def plane(months_to_halve=4.0, n=80, kink=None, after=None, families=20, seed=1):
    """Models on an exact plane: 4 points a doubling, size at equal score halving as asked."""
    rng = np.random.default_rng(seed)
    months, doublings = rng.uniform(0, 40, n), rng.uniform(0, 8, n)
    rate = 4 / months_to_halve
    gained = rate * months
    if kink is not None:
        gained = rate * np.minimum(months, kink) + 4 / after * np.maximum(months - kink, 0)
    return pd.DataFrame(
        {
            "released_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(months * 30.4375, "D"),
            "params_total_b": 2**doublings,
            "score": 20 + 4 * doublings + gained,
            "family": np.arange(n) % families,
        }
    )


@settings(deadline=None, max_examples=20)
@given(true=st.floats(1, 20))
def test_specification_curve_gives_back_the_known_rate(true):
    frame = plane(true)
    curve = equal_quality.specification_curve(
        {
            "all": (frame, "params_total_b", "score"),
            "half": (frame[::2], "params_total_b", "score"),
        },
        draws=10,
    )
    assert curve["months"].to_numpy() == pytest.approx([true, true], rel=1e-3)
    assert curve["n"].tolist() == [80, 40] or curve["n"].tolist() == [40, 80]


def test_leaving_families_out_of_an_exact_plane_changes_nothing():
    without = equal_quality.leave_families_out(plane(), "params_total_b", "score", left_out=2)
    assert len(without) == 190  # 20 x 19 / 2
    assert without["months"].to_numpy() == pytest.approx(4.0, rel=1e-3)


def test_leaving_out_the_odd_family_gives_back_the_rate():
    frame = plane()
    frame.loc[frame["family"] == 7, "score"] += 30
    without = equal_quality.leave_families_out(frame, "params_total_b", "score")
    months = without.set_index("left_out")["months"]
    assert months["7"] == pytest.approx(4.0, rel=1e-3)
    assert abs(months["8"] - 4.0) > 0.01


def test_broken_halving_finds_a_known_kink():
    frame = plane(3.0, n=400, kink=20, after=9.0, families=400)
    date = frame["released_on"].min() + pd.Timedelta(days=20 * 30.4375)
    fit = equal_quality.broken_halving(frame, date, "params_total_b", "score", draws=50)
    assert fit["before_months"] == pytest.approx(3.0, rel=0.02)
    assert fit["after_months"] == pytest.approx(9.0, rel=0.02)
    assert fit["slower"] == pytest.approx(3.0, rel=0.03)
    assert fit["p_value"] < 0.05


def test_broken_halving_finds_no_kink_where_there_is_none():
    frame = plane(4.0, n=200, families=200)
    frame["score"] += np.random.default_rng(3).normal(0, 3, len(frame))
    fit = equal_quality.broken_halving(frame, "2024-07-18", "params_total_b", "score", draws=200)
    assert fit["p_value"] > 0.05


def test_a_break_outside_the_data_is_refused():
    with pytest.raises(ValueError, match="inside the dates"):
        equal_quality.broken_halving(plane(), "2030-01-01", "params_total_b", "score")


def test_logit_of_chance_and_of_the_middle():
    # (62.5 - 25) / 75 = 1/2, so its log odds are 0; 81.25 is 3/4: log 3
    logit = equal_quality.chance_corrected_logit([25, 62.5, 81.25, 100])
    assert np.isnan(logit[[0, 3]]).all()
    assert logit[1:3] == pytest.approx([0, np.log(3)])


def test_band_share_counts_both_ends_and_bounds_are_ordered():
    assert equal_quality.share_in_band([7, 70, 71, np.nan], 7, 70) == pytest.approx(2 / 3)
    low, high = equal_quality.share_bounds(0.4, 50, 25)
    assert (low, high) == pytest.approx((20 / 75, 45 / 75))
    with pytest.raises(ValueError, match="upper end"):
        equal_quality.share_in_band([1], 70, 7)


def test_half_years_split_on_the_first_of_january_and_july():
    frame = pd.DataFrame(
        {"released_on": ["2023-06-30", "2023-07-01", "2023-12-31"], "size": [7.0, 400, 8]}
    )
    shares = equal_quality.half_year_shares(
        frame, {"total": "size"}, 7, 70, "2023-01-01", "2023-07-01", missing=1
    )
    assert shares["n"].tolist() == [1, 2]
    assert shares["share"].tolist() == [1.0, 0.5]
    # as many again missing: 1 of 4 to 3 of 4
    assert shares.loc[1, ["low", "high"]].tolist() == [0.25, 0.75]


# ---- history against the first peak ------------------------------------------------------


def nets():
    # AlexNet 61 M, VGG-16 138 M, SqueezeNet 1.25 M, a later giant; top-1 as published
    return pd.DataFrame(
        {
            "released_on": ["2012-12-03", "2014-09-04", "2016-02-24", "2018-05-02"],
            "family": ["a", "v", "s", "r"],
            "params_m": [61.0, 138.0, 1.25, 828.0],
            "gmacs": [0.7, 15.5, 0.8, 153.0],
            "top1": [56.5, 71.6, 58.1, 85.4],
        }
    )


def test_history_is_measured_against_the_first_peak():
    history = size_history.relative_history(
        nets(), "params_m", "gmacs", "top1", 55, "2012-12-03", "2014-12-31"
    )
    largest = history[history["measure"] == "largest"]
    assert largest["relative"].tolist() == pytest.approx([61 / 138, 1, 6])
    assert largest["years"].iloc[-1] == pytest.approx(1976 / 365.25)
    smallest = history[history["measure"] == "smallest"]
    assert smallest["relative"].tolist() == pytest.approx([1, 1.25 / 61])


def test_history_without_a_first_phase_is_refused():
    with pytest.raises(ValueError, match="no model up to"):
        size_history.relative_history(
            nets(), "params_m", "gmacs", "top1", 55, "2012-12-03", "2010-01-01"
        )


def test_a_paper_with_many_widths_counts_once_in_the_median():
    many = pd.DataFrame(
        {
            "released_on": ["2017-04-17"] * 9 + ["2017-05-01", "2017-06-01"],
            "family": ["mobile"] * 9 + ["a", "b"],
            "params_m": [1.0] * 9 + [50.0, 60.0],
        }
    )
    alone = size_history.rolling_median(many, "params_m", every="YE")["median"].item()
    grouped = size_history.rolling_median(many, "params_m", every="YE", group="family")
    assert (alone, grouped["median"].item(), grouped["n"].item()) == (1.0, 50.0, 3)


def test_sizes_serves_language_models_unchanged():
    # LLaMA-65B, Feb 2023, to Qwen2.5-1.5B, Sep 2024, both above MMLU 60: 42x in 573 days
    months = sizes.endpoint_halving_months(["2023-02-24", "2024-09-19"], [65.2, 1.54])
    assert months == pytest.approx(573 / 30.4375 / np.log2(65.2 / 1.54), rel=1e-6)


def test_three_other_regressions_find_a_known_rate():
    fits = equal_quality.other_fits(plane(), "params_total_b", "score", draws=20)
    assert [fit.halving_months for fit in fits.values()] == pytest.approx([4.0] * 3, rel=1e-3)


def test_a_level_for_each_family_undoes_a_shift_of_one():
    frame = plane()
    frame.loc[frame["family"] == 7, "score"] += 30
    fits = equal_quality.other_fits(frame, "params_total_b", "score", draws=20)
    assert fits["each family its own level"].halving_months == pytest.approx(4.0, rel=1e-3)
    assert abs(fits["families weighted alike"].halving_months - 4.0) > 0.01
