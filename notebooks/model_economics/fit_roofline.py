"""Fit the efficiencies of ``roofline`` to measured throughput.

Run ``python -m model_economics.fit_roofline`` in ``notebooks/`` to fit again. It rewrites two
small tables: ``roofline_efficiencies`` (values, intervals, date) and ``roofline_errors`` (the
errors on rows that a fit has not seen: one model, GPU or engine left out at a time).
"""

import datetime
import re

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.stats import spearmanr

from model_economics import datasets, roofline

# name, unit, start (what the literature or a data sheet suggests), lower and upper limit set
# by physics, spread of the start as a factor of e, meaning
PARAMETERS = pd.DataFrame(
    [
        ("gemm_ampere", "share of peak", 0.70, 0.2, 1.0, 0.4,
         "matrix arithmetic reached by an A100, of its dense peak"),
        ("gemm_ada", "share of peak", 0.50, 0.2, 1.0, 0.4,
         "the same on an L40S, whose 350 W do not sustain its peak"),
        ("gemm_hopper", "share of peak", 0.60, 0.2, 1.0, 0.4, "the same on H100 and H200"),
        ("gemm_blackwell", "share of peak", 0.45, 0.2, 1.0, 0.4, "the same on B200 and GB200"),
        ("gemm_cdna3", "share of peak", 0.40, 0.1, 1.0, 0.4, "the same on MI300X"),
        ("weight_read", "share of bandwidth", 0.80, 0.3, 1.0, 0.2,
         "memory bandwidth reached when weights are read"),
        ("cache_read", "share of bandwidth", 0.80, 0.3, 1.0, 0.1,
         "memory bandwidth reached when keys and values are read"),
        ("memory_cdna3", "factor", 0.90, 0.3, 1.0, 0.2,
         "both, on MI300X relative to NVIDIA's GPUs"),
        ("prompt_attention", "share of peak", 0.60, 0.1, 1.0, 0.4,
         "16-bit arithmetic reached by attention over prompts"),
        ("expert_gemm", "factor", 0.80, 0.2, 1.0, 0.4,
         "arithmetic of experts relative to that of dense matrices"),
        ("busiest_expert", "factor", 1.30, 1.0, 4.0, 0.3,
         "time of the GPU with the most wanted experts over the mean, experts spread over GPUs"),
        ("partial_wave", "elements", 1.1e6, 1e4, 4.4e6, 0.6,
         "output elements a GPU leaves idle at the end of each product; one wave of 128 x 128 "
         "tiles on 132 units is 2.2e6"),
        ("ring_link", "share of link", 0.75, 0.2, 1.0, 0.4,
         "link bandwidth reached by large exchanges"),
        ("direct_link", "share of link", 0.35, 0.05, 1.0, 0.4,
         "link bandwidth reached by small exchanges, sent directly"),
        ("ring_latency", "s", 60e-6, 5e-6, 4e-4, 0.4, "start of a large exchange"),
        ("direct_latency", "s", 12e-6, 1e-6, 1e-4, 0.4, "start of a small exchange, 8 GPUs"),
        ("layer_overhead", "s", 40e-6, 1e-6, 3e-4, 0.4,
         "kernel starts and gaps of a layer, TensorRT-LLM 0.17"),
        ("sequence_overhead", "s", 3e-6, 1e-8, 1e-4, 0.4,
         "host work for a sequence in a step: sampling, tables, TensorRT-LLM 0.17"),
        ("old_logit_copies", "copies", 7.0, 1.0, 20.0, 0.4,
         "copies of the output scores that TensorRT-LLM before 0.14 kept for 8,192 sequences"),
        ("overhead_trtllm_0_12", "factor", 1.0, 0.2, 5.0, 0.5, "overhead relative to 0.17"),
        ("overhead_trtllm_0_13", "factor", 1.0, 0.2, 5.0, 0.5, "overhead relative to 0.17"),
        ("overhead_trtllm_1_0", "factor", 1.0, 0.2, 5.0, 0.5, "overhead relative to 0.17"),
        ("overhead_vllm_0_6", "factor", 1.0, 0.2, 5.0, 0.5, "overhead relative to 0.17"),
        ("overhead_vllm_0_10", "factor", 1.0, 0.2, 5.0, 0.5, "overhead relative to 0.17"),
    ],
    columns=["efficiency", "unit", "start", "lower_limit", "upper_limit", "spread", "meaning"],
)  # fmt: skip
LOSS_SCALE = 0.1  # errors beyond 10 % pull linearly, not by their square
OTHER_WEIGHT = 0.4  # of rows that are not the maximum-load benchmark the model is for


def weights(rows):
    """Weight of each row in the fit: 1 for maximum-load benchmark rows, less for others."""
    return np.where(rows["scenario"].str.startswith("offline max load"), 1.0, OTHER_WEIGHT)


def fit(rows, models, gpus, weight=None, start=None):
    """Efficiencies that fit the rows best, as a dict.

    rows : measured rows as ``roofline.predict`` takes them, with output_tok_per_s
    models, gpus : tables ``llm_architectures`` and ``gpu_specs``
    weight : weight of each row; ``weights(rows)`` where not given
    start : dict to start from

    Least squares on the logarithm of predicted over measured, with a loss that is linear for
    large errors and a weak pull to the start values, so that an efficiency without data
    keeps what the literature suggests.
    """
    features = roofline.describe(rows, "nan", models=models, gpus=gpus)
    measured = np.log(rows["output_tok_per_s"].to_numpy(dtype=float))
    weight = weights(rows) if weight is None else weight
    names, origin = PARAMETERS["efficiency"], np.log(PARAMETERS["start"].to_numpy())
    spread = PARAMETERS["spread"].to_numpy()

    def residuals(x):
        e = dict(zip(names, np.exp(x), strict=True))
        error = np.log(roofline.step(features, e)["output_tok_per_s"]) - measured
        error = np.where(np.isfinite(error), error, 3.0) * weight
        return np.concatenate([error, LOSS_SCALE * (x - origin) / spread])

    first = origin if start is None else np.log([start[name] for name in names])
    limits = np.log(PARAMETERS[["lower_limit", "upper_limit"]].to_numpy()).T
    best = least_squares(
        residuals, first, bounds=limits, loss="soft_l1", f_scale=LOSS_SCALE, x_scale=0.1
    )
    return dict(zip(names, np.exp(best.x), strict=True))


def errors(rows, models, gpus, efficiencies):
    """Logarithm of predicted over measured output, one number a row."""
    features = roofline.describe(rows, "nan", models=models, gpus=gpus)
    output = roofline.step(features, efficiencies)["output_tok_per_s"]
    return np.log(output / rows["output_tok_per_s"].to_numpy(dtype=float))


def leave_one_out(rows, groups, models, gpus, start=None):
    """Errors of each row when its group is left out of the fit, as an array.

    groups : label of each row's group; an engine generation that is left out gets factor 1
    """
    groups = np.asarray(groups, dtype=str)
    out = np.full(len(rows), np.nan)
    for group in np.unique(groups):
        held = groups == group
        fitted = fit(rows[~held], models, gpus, start=start)
        out[held] = errors(rows[held], models, gpus, fitted)
    return out


def summary(error):
    """Median and 90th percentile of |predicted/measured - 1| and median bias, in percent.

    error : logarithms of predicted over measured

    >>> round(float(summary(np.log([1.1, 0.9, 1.0]))["median_abs_pct"]), 1)
    10.0
    """
    size = np.abs(np.exp(error) - 1)
    return {
        "rows": len(size),
        "median_abs_pct": 100 * np.median(size),
        "p90_abs_pct": 100 * np.quantile(size, 0.9),
        "bias_pct": 100 * (np.exp(np.median(error)) - 1),
    }


def benchmark(rows):
    """Whether each row is a maximum-load benchmark of TensorRT-LLM, which the model is for."""
    return (
        rows["scenario"].str.startswith("offline max load")
        & rows["engine"].fillna("").str.startswith("TensorRT-LLM")
    ).to_numpy(dtype=bool)


def clusters(rows):
    """Label of rows that share model, GPU and engine, whose errors are alike."""
    return rows["model"] + "|" + rows["hardware"] + "|" + rows["engine"].fillna("")


def intervals(rows, models, gpus, fitted, draws=100, seed=0):
    """90 % intervals of each efficiency: the fit repeated on clusters drawn with repeats.

    rows, models, gpus : as in ``fit``
    fitted : the fit of all rows, from which each repeat starts

    Returns a DataFrame with low and high, one efficiency a row.
    """
    random, label = np.random.default_rng(seed), clusters(rows)
    parts = [np.flatnonzero(label == name) for name in label.unique()]
    values = []
    for _ in range(draws):
        drawn = [parts[i] for i in random.integers(len(parts), size=len(parts))]
        values.append(fit(rows.iloc[np.concatenate(drawn)], models, gpus, start=fitted))
    limits = pd.DataFrame(values).quantile([0.05, 0.95]).T
    return limits.set_axis(["low", "high"], axis=1)


def groups(rows):
    """Groups that are left out in turn: by model, GPU, engine generation and random tenths."""
    same = {"Llama 3 70B": "Llama 3.1 70B", "Llama 3.3 70B": "Llama 3.1 70B"}
    tenths = np.random.default_rng(0).permutation(len(rows)) % 10
    return {
        "model": rows["model"].replace(same),
        "gpu": rows["hardware"].replace({"H100 80GB": "H100 SXM 80GB"}),
        "engine": rows["engine"].map(roofline.engine_generation),
        "tenth": pd.Series(tenths, index=rows.index).astype(str),
    }


def error_table(rows, models, gpus, fitted):
    """Errors on benchmark rows, fitted and left out, as the table ``roofline_errors``."""
    shown = benchmark(rows)
    measured = np.log(rows["output_tok_per_s"].to_numpy(dtype=float))
    found = [("nothing", "all", errors(rows, models, gpus, fitted), shown)]
    for kind, label in groups(rows).items():
        error = leave_one_out(rows, label, models, gpus, start=fitted)
        found.append((kind, "all", error, shown))
        if kind != "tenth":
            names = label[shown].unique()
            found += [(kind, name, error, shown & (label == name).to_numpy()) for name in names]
    table = []
    for kind, name, error, chosen in found:
        rank = spearmanr((error + measured)[chosen], measured[chosen]).statistic
        rank = rank if chosen.sum() > 2 else np.nan
        label = {"left_out": kind, "group": name}
        table.append(label | summary(error[chosen]) | {"rank_correlation": rank})
    return pd.DataFrame(table)


def main():
    """Fit again and rewrite the two tables in ``data/``."""
    rows = datasets.load("serving_throughput")
    models, gpus = datasets.load("llm_architectures"), datasets.load("gpu_specs")
    rows = rows[rows["use"] == "fit"].reset_index(drop=True)
    fitted = fit(rows, models, gpus)
    shown = summary(errors(rows, models, gpus, fitted)[benchmark(rows)])
    table = PARAMETERS.drop(columns=["spread"]).set_index("efficiency")
    table.insert(0, "value", pd.Series(fitted))
    table = table.join(intervals(rows, models, gpus, fitted)).reset_index()
    table["fitted_on"] = datetime.date.today().isoformat()
    table["rows"] = len(rows)
    table["median_abs_error_pct"] = round(shown["median_abs_pct"], 2)
    table["source"] = "gh-nvidia-tensorrt-llm"
    order = ["efficiency", "value", "low", "high", "unit", "start", "lower_limit", "upper_limit"]
    order += ["meaning", "fitted_on", "rows", "median_abs_error_pct", "source"]
    folder = datasets.ROOT / "data"
    _write(table[order], folder / "roofline_efficiencies.csv", "%.4g")
    table = error_table(rows, models, gpus, fitted)
    table.insert(0, "error", table["left_out"] + "-" + table["group"].map(_slug))
    _write(table, folder / "roofline_errors.csv", "%.4g")


def _slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _write(frame, path, digits):
    frame.to_csv(path, index=False, float_format=digits, lineterminator="\n")


if __name__ == "__main__":
    main()
