"""The serving model: its interface, its limits, and measurements made by others."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_economics import datasets, fit_roofline, roofline

COLUMNS = ["output_tok_per_s", "total_tok_per_s", "per_user_tok_per_s", "batch", "bound"]
ALL = 1e6  # requests in flight, more than fit anywhere


@pytest.fixture(scope="module")
def tables():
    return {
        "models": datasets.load("llm_architectures"),
        "gpus": datasets.load("gpu_specs"),
        "efficiencies": datasets.load("roofline_efficiencies"),
    }


def rows(**changes):
    base = {
        "model": "Llama 3.1 405B", "hardware": "H100 SXM 80GB", "gpus": 8, "precision": "FP8",
        "isl": 1000, "osl": 1000, "concurrency": np.nan, "engine": None,
    }  # fmt: skip
    length = max([len(v) for v in changes.values() if isinstance(v, list)], default=1)
    return pd.DataFrame(
        {k: v if isinstance(v, list) else [v] * length for k, v in (base | changes).items()}
    )


def test_interface(tables):
    asked = rows(model=["Llama 3.1 8B", "Mixtral 8x7B"]).set_index(pd.Index(["a", "b"]))
    found = roofline.predict(asked, **tables)
    assert found.columns.tolist() == COLUMNS
    assert found.dtypes.astype(str).tolist() == ["float64"] * 4 + ["category"]
    assert found.index.tolist() == ["a", "b"]
    assert found["total_tok_per_s"].tolist() == pytest.approx(2 * found["output_tok_per_s"])
    assert found["output_tok_per_s"].tolist() == pytest.approx(
        found["batch"] * found["per_user_tok_per_s"]
    )
    assert set(found["bound"]) <= set(roofline.TERMS.values())


def test_tables_are_loaded_where_not_given(tables):
    asked = rows()
    pd.testing.assert_frame_equal(roofline.predict(asked), roofline.predict(asked, **tables))


# NVIDIA/TensorRT-LLM, perf-overview.md @00f3768, version 1.0: 405B at 8 bits on 8 H100.
@pytest.mark.parametrize(
    ("isl", "osl", "measured"), [(1000, 1000, 2919), (2048, 128, 453), (5000, 500, 610)]
)
def test_published_maximum_load(tables, isl, osl, measured):
    asked = rows(isl=isl, osl=osl, engine="TensorRT-LLM 1.0 (PyTorch backend)")
    found = roofline.predict(asked, **tables)["output_tok_per_s"].iloc[0]
    assert found == pytest.approx(measured, rel=0.15)


def test_mlperf_405b_that_the_fit_has_not_seen(tables):
    """Cisco, MLPerf v5.1 offline, 16 x H100: 783.1 tok/s at a mean of 9,400 in, 643 out."""
    asked = rows(gpus=16, isl=9400, osl=643, engine="TensorRT 10.8, CUDA 12.8")
    assert roofline.predict(asked, **tables)["output_tok_per_s"].iloc[0] == pytest.approx(
        783.131, rel=0.10
    )


# cli99/llm-analysis @d841e40: one A100 80 GB, prompt of 512, ideal decoding in milliseconds.
@pytest.mark.parametrize(("model", "ms"), [("Llama-2-7B", 6.73), ("Llama-2-13B", 12.94)])
def test_without_losses_one_stream_matches_llm_analysis(tables, model, ms):
    asked = rows(model=model, hardware="A100 SXM 80GB", gpus=1, precision="FP16", isl=0,
                 osl=64, concurrency=1)  # fmt: skip
    found = roofline.predict(asked, **(tables | {"efficiencies": roofline.no_losses()}))
    assert 1e3 / found["per_user_tok_per_s"].iloc[0] == pytest.approx(ms, rel=0.04)


# scaling-book, applied-inference.md @0819a7d: 13B in 16 bits on 8 TPU v5e, 8192 tokens; the
# model rounds the corner of the roofline and moves no weights of the input embedding.
@pytest.mark.parametrize(("batch", "step_ms"), [(1, 4.98), (8, 12.13)])
def test_without_losses_a_step_matches_scaling_book(tables, batch, step_ms):
    asked = rows(model="Llama-2-13B", hardware="TPU v5e", precision="BF16", isl=8192 - 0.5,
                 osl=1, concurrency=batch, engine="vLLM 0.10")  # fmt: skip
    gpus = tables["gpus"].assign(link_gb_per_s=1e9, memory_gib=1e4)
    parts = roofline.breakdown(
        asked, models=tables["models"], gpus=gpus, efficiencies=roofline.no_losses()
    )
    decode = parts["step_ms"] * (1 - parts["prefill_share"])
    assert decode.iloc[0] == pytest.approx(step_ms, rel=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "GPT-9"}, "no model 'GPT-9'"),
        ({"hardware": "Abacus"}, "no GPU 'Abacus'"),
        ({"gpus": 2}, "does not fit into the memory of 2 x H100"),
        ({"gpus": 0}, "gpus is 0"),
        ({"gpus": 1.5}, "gpus is 1.5"),
        ({"precision": "exact"}, "cannot read the precision 'exact'"),
        ({"precision": None}, "cannot read the precision"),
        ({"isl": -1}, "isl must be 0 or more"),
        ({"osl": 0}, "osl must be above 0"),
        ({"osl": np.nan}, "osl must be above 0"),
        ({"concurrency": 0}, "concurrency must be above 0"),
        ({"concurrency": "many"}, "concurrency is 'many', not a number"),
        ({"gpus": np.inf}, "gpus is inf"),
        ({"gpus": "2"}, "does not fit into the memory of 2 x H100"),
    ],
)
def test_bad_rows_are_named(tables, change, message):
    bad = pd.concat([rows(), rows(**change)], ignore_index=True)
    with pytest.raises(ValueError, match=message) as caught:
        roofline.predict(bad, **tables)
    assert "row 1" in str(caught.value) and "\n" not in str(caught.value)
    found = roofline.predict(bad, errors="nan", **tables)
    assert found["output_tok_per_s"].notna().tolist() == [True, False]
    assert found["bound"].notna().tolist() == [True, False]


def test_missing_column_and_wrong_option(tables):
    with pytest.raises(ValueError, match="lack the column precision"):
        roofline.predict(rows().drop(columns="precision"), **tables)
    with pytest.raises(ValueError, match="errors must be"):
        roofline.predict(rows(), errors="ignore", **tables)


@pytest.mark.parametrize("empty", [None, np.nan, pd.NA, "", " "])
def test_empty_concurrency_means_as_many_as_fit(tables, empty):
    found = roofline.predict(rows(concurrency=[64, empty, "64"]), **tables)
    full = roofline.predict(rows(), **tables)
    assert found["batch"].tolist() == [64, full["batch"].iloc[0], 64]


def test_no_rows_give_no_rows(tables):
    found = roofline.predict(rows().iloc[:0], **tables)
    assert found.shape == (0, 5) and found.columns.tolist() == COLUMNS


def test_unknown_engine_is_the_documented_default(tables):
    named = roofline.predict(rows(engine=["", "an engine nobody measured"]), **tables)
    unnamed = roofline.predict(rows().drop(columns="engine"), **tables)
    assert set(named["output_tok_per_s"]) == set(unnamed["output_tok_per_s"])


def test_every_measured_name_is_understood(tables):
    measured = datasets.load("serving_throughput")
    measured = measured[measured["use"].isin(["fit", "check"])]
    found = roofline.predict(measured, **tables)
    assert found["output_tok_per_s"].gt(0).all()


@pytest.mark.parametrize(
    ("model", "hardware"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "NVIDIA H100-SXM5-80GB"),
        ("llama 3.1 8b", "H100 80GB HBM3"),
        ("Llama-3.1-8B-Instruct-FP8", "H100"),
    ],
)
def test_other_spellings_mean_the_same(tables, model, hardware):
    first = roofline.predict(rows(model="Llama 3.1 8B", gpus=1), **tables)
    other = roofline.predict(rows(model=model, hardware=hardware, gpus=1), **tables)
    pd.testing.assert_frame_equal(first, other)


def test_spelling_does_not_mix_up_relatives(tables):
    """Neighbours in the tables keep their own size and memory."""
    speed = roofline.predict(
        rows(model="Llama 3.1 8B", hardware=["A100-SXM4-40GB", "A100-SXM4-80GB"], gpus=1),
        **tables,
    )
    assert speed["batch"].iloc[1] > 2 * speed["batch"].iloc[0]
    small, large = roofline.predict(rows(model=["Qwen3-30B-A3B", "Qwen3-235B-A22B"]), **tables)[
        "output_tok_per_s"
    ]
    assert small > 2 * large


sizes = st.integers(16, 20_000)


@settings(max_examples=40, deadline=None)
@given(isl=sizes, osl=sizes, a=st.integers(1, 600), b=st.integers(1, 600))
def test_more_in_flight_never_means_less_output(tables, isl, osl, a, b):
    """More streams never lower the total nor speed up one of them."""
    found = roofline.predict(rows(isl=isl, osl=osl, concurrency=sorted((a, b))), **tables)
    low, high = found["output_tok_per_s"]
    assert high >= low * (1 - 1e-9)
    assert found["per_user_tok_per_s"].iloc[1] <= found["per_user_tok_per_s"].iloc[0] * (1 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(isl=sizes, osl=sizes, concurrency=st.integers(1, 300), factor=st.floats(1.01, 3))
def test_better_hardware_is_never_slower(tables, isl, osl, concurrency, factor):
    asked = rows(isl=isl, osl=osl, concurrency=concurrency)
    before = roofline.predict(asked, **tables)["output_tok_per_s"].iloc[0]
    for column in ("bandwidth_tb_per_s", "fp8_dense_tflops", "link_gb_per_s"):
        gpus = tables["gpus"].assign(**{column: tables["gpus"][column] * factor})
        after = roofline.predict(asked, **(tables | {"gpus": gpus}))["output_tok_per_s"].iloc[0]
        assert after >= before * (1 - 1e-9), column


@settings(max_examples=30, deadline=None)
@given(isl=sizes, osl=sizes, concurrency=st.integers(1, 2000))
def test_nothing_exceeds_the_data_sheet(tables, isl, osl, concurrency):
    """Arithmetic of all tokens stays below the peak of 8 H100."""
    found = roofline.predict(rows(isl=isl, osl=osl, concurrency=concurrency), **tables)
    assert 2 * 400e9 * found["total_tok_per_s"].iloc[0] < 8 * 1979e12
    assert found["per_user_tok_per_s"].iloc[0] < 66.2  # one stream, weights of 405 GB


def test_system_of_sixteen_is_two_of_eight(tables):
    one = roofline.predict(rows(concurrency=64), **tables)
    two = roofline.predict(rows(concurrency=128, gpus=16), **tables)
    assert two["output_tok_per_s"].iloc[0] == pytest.approx(2 * one["output_tok_per_s"].iloc[0])
    assert two["per_user_tok_per_s"].iloc[0] == pytest.approx(one["per_user_tok_per_s"].iloc[0])


def test_a_row_does_not_depend_on_its_neighbours(tables):
    measured = datasets.load("serving_throughput")
    measured = measured[measured["use"] == "fit"].sample(50, random_state=1)
    together = roofline.predict(measured, **tables)
    alone = pd.concat([roofline.predict(measured.loc[[i]], **tables) for i in measured.index])
    np.testing.assert_allclose(together["output_tok_per_s"], alone["output_tok_per_s"])


def test_stored_efficiencies_lie_inside_their_limits(tables):
    e = tables["efficiencies"]
    room = np.minimum(e["value"] / e["lower_limit"], e["upper_limit"] / e["value"])
    assert (room > 1.02).all(), e["efficiency"][room <= 1.02].tolist()
    assert (e["low"] <= e["value"]).all() and (e["value"] <= e["high"]).all()
    assert set(e["efficiency"]) == set(fit_roofline.PARAMETERS["efficiency"])


def test_fit_recovers_known_efficiencies(tables):
    """Rows made with known efficiencies give them back, within the pull of the start."""
    measured = datasets.load("serving_throughput")
    measured = measured[measured["use"] == "fit"].reset_index(drop=True)
    table = fit_roofline.PARAMETERS.set_index("efficiency")
    known = table["start"].to_dict() | {"gemm_hopper": 0.5, "layer_overhead": 6e-5}
    made = measured.assign(
        output_tok_per_s=roofline.predict(measured, **(tables | {"efficiencies": known}))[
            "output_tok_per_s"
        ]
    )
    found = fit_roofline.fit(made, tables["models"], tables["gpus"])
    assert found["gemm_hopper"] == pytest.approx(0.5, rel=0.03)
    assert found["layer_overhead"] == pytest.approx(6e-5, rel=0.2)


def test_fitted_error_is_the_stored_one(tables):
    measured = datasets.load("serving_throughput")
    measured = measured[measured["use"] == "fit"]
    shown = measured[fit_roofline.benchmark(measured)]
    values = dict(
        zip(tables["efficiencies"]["efficiency"], tables["efficiencies"]["value"], strict=True)
    )
    error = fit_roofline.errors(shown, tables["models"], tables["gpus"], values)
    stored = datasets.load("roofline_errors").set_index("error").loc["nothing-all"]
    assert fit_roofline.summary(error)["median_abs_pct"] == pytest.approx(
        stored["median_abs_pct"], rel=0.02
    )


def test_check_rows_stay_out_of_every_fit(tables):
    """The table of a version that no fit saw: neither its rows nor its engine may leak in."""
    check, fitted = datasets.load("serving_check"), datasets.load("serving_throughput")
    assert not set(check["measurement"]) & set(fitted["measurement"])
    assert not fitted["engine"].fillna("").str.contains("TensorRT-LLM 0.20").any()
    assert "serving_check" not in inspect.getsource(fit_roofline)
    found = roofline.predict(check, **tables)["output_tok_per_s"]
    off = found / check["output_tok_per_s"] - 1
    assert off.abs().median() < 0.10  # 6.5 % when it was predicted, once, on 24 November 2026
    assert check["model"][off.abs().idxmax()] == "Llama 4 Maverick"  # and it missed by 136 %


def test_published_run_is_counted_in_waves(tables):
    """3,000 requests into 2,000 places take two passes, so half of the places stay empty."""
    asked = rows(model="Llama 3.1 8B", hardware="B200", gpus=8, isl=128, osl=2048)
    steady = roofline.predict(asked, **tables)["batch"].iloc[0]
    run = roofline.predict(asked.assign(requests=1.5 * steady), **tables)["batch"].iloc[0]
    assert run == pytest.approx(0.75 * steady, rel=0.03)
