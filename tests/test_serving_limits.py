"""Textbook formulas of serving, held to the worked examples of those who published them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_economics import serving_limits as limits

V5E = {"bandwidth": 8.2e11, "flops": 1.97e14}  # TPU v5e as the book's tables use it


# Jax ML scaling book, applied-inference.md @0819a7d: LLaMA-2 13B, 16-bit, on 8 TPU v5e at 8192
# tokens. Its column is "GiB" but counts 1e9 bytes; K = 40 heads, and with 5 times fewer.
@pytest.mark.parametrize(
    ("kv_heads", "batch", "step_ms", "tok_per_s"),
    [
        (40, 1, 4.98, 200.61), (40, 8, 12.13, 659.30), (40, 16, 20.30, 787.99),
        (40, 32, 36.65, 873.21), (40, 64, 69.33, 923.13), (40, 240, 249.09, 963.53),
        (8, 1, 4.17, 239.94), (8, 8, 5.60, 1429.19), (8, 16, 7.23, 2212.48),
        (8, 32, 10.50, 3047.62), (8, 64, 17.04, 3756.62), (8, 240, 52.99, 4529.34),
    ],
)  # fmt: skip
def test_scaling_book_13b(kv_heads, batch, step_ms, tok_per_s):
    cache = limits.cache_bytes_per_token(40, kv_heads, 128)
    step = limits.step_seconds(batch, 8192, cache, 13e9, 26e9, 8, **V5E)
    assert 1e3 * step == pytest.approx(step_ms, rel=0.004)
    assert batch / step == pytest.approx(tok_per_s, rel=0.004)


def test_scaling_book_70b():
    cache = limits.cache_bytes_per_token(80, 8, 128, 1)
    assert cache == 163_840  # "160 kB" a token
    assert 32 * 8192 * cache + 70e9 == pytest.approx(112e9, rel=0.01)
    step = limits.step_seconds(32, 8192, cache, 70e9, 70e9, 8, 8.1e11, 1.97e14)
    assert 1e3 * step == pytest.approx(17, abs=0.5)
    assert 32 / step == pytest.approx(1882, rel=0.03)  # the book rounds to 160 kB and 17 ms
    assert limits.critical_batch(1.97e14, 8.2e11, 2) == pytest.approx(240, rel=0.01)
    assert limits.critical_batch(1.97e14, 8.2e11, 1) == pytest.approx(120, rel=0.01)


def test_scaling_book_30b():
    for batch, step_ms in ((4, 2.5), (256, 21)):  # 100 kB a token, 16 chips
        step = limits.step_seconds(batch, 8192, 100e3, 30e9, 30e9, 16, 8.1e11, 1.97e14)
        assert 1e3 * step == pytest.approx(step_ms, rel=0.03)


# cli99/llm-analysis @d841e40, LLaMA tables: A100 80 GB, prompt of 512, ideal milliseconds.
# Its counts add attention's operations and activations, which the plain formula leaves out.
@pytest.mark.parametrize(
    ("billions", "gpus", "prefill_ms", "decode_ms"),
    [(6.74, 1, 22.41, 6.73), (13.02, 1, 43.1, 12.94), (32.5, 1, 107.74, 32.36),
     (65.2, 2, 113.33, 33.85)],
)  # fmt: skip
def test_llm_analysis_llama(billions, gpus, prefill_ms, decode_ms):
    prefill = limits.prefill_seconds(billions * 1e9, 512, gpus, 312e12)
    assert 1e3 * prefill == pytest.approx(prefill_ms, rel=0.06)
    step = limits.step_seconds(1, 0, 0, billions * 1e9, 2e9 * billions, gpus, 2.039e12, 312e12)
    assert 1e3 * step == pytest.approx(decode_ms, rel=0.06)


# DeepSeek, open-infra-index, day 6: 226.75 nodes on average, 87,072 USD a day at 2 USD, theoretical
# revenue of 562,027 USD, cost-profit ratio 545 %.
def test_deepseek_fleet():
    nodes = limits.fleet_nodes(608e9, 168e9, 73_700, 14_800)
    assert nodes == pytest.approx(226.75, rel=0.002)
    assert 226.75 * 8 * 24 * 2 == 87_072
    revenue = (342e9 * 0.14 + 266e9 * 0.55 + 168e9 * 2.19) / 1e6
    assert revenue == pytest.approx(562_027, rel=0.001)
    assert revenue / 87_072 - 1 == pytest.approx(5.45, abs=0.01)
    cost = limits.usd_per_mtok(2, 226.75 * 8, (608e9 + 168e9) / 86_400)
    assert cost == pytest.approx(0.112, abs=0.0005)


def test_llama_405b_ceilings():
    """66 tok/s where all weights are 8-bit, 54 to 55 with Meta's checkpoint of 487 to 496 GB."""
    speed = [
        1 / limits.step_seconds(1, 0, 0, 405e9, size, 8, 3.35e12, 1979e12)
        for size in (405e9, 487e9, 496e9)
    ]
    assert np.round(speed, 1).tolist() == [66.2, 55.0, 54.0]


@given(st.floats(1, 4096), st.floats(1, 4096))
def test_a_larger_batch_never_decodes_less(a, b):
    small, large = sorted((a, b))
    args = (1000, 5e5, 405e9, 405e9, 8, 3.35e12, 1979e12)
    per_s = [batch / limits.step_seconds(batch, *args) for batch in (small, large)]
    assert per_s[1] >= per_s[0] * (1 - 1e-12)


@pytest.mark.parametrize("load", [0, -0.1, 1.01])
def test_load_outside_its_range_is_refused(load):
    with pytest.raises(ValueError, match="load must be above 0"):
        limits.usd_per_mtok(3.49, 8, 3300, load)
