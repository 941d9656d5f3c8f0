"""Figures of chapter 05. Each takes the frame it draws and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import FixedLocator, NullLocator

from model_economics import figures
from model_economics.serving_plots import LOSS_TO_GAIN

COLOURS = figures.COLOURS
SERIES_COLOURS = (COLOURS["neutral"], COLOURS["dense"], COLOURS["moe"], COLOURS["gain"])
GPU_COLOURS = {
    "A100": "#cc79a7",
    "L40S": "#555555",
    "H100": "#0072b2",
    "H200": "#56b4e9",
    "B200": "#d55e00",
    "MI300X": "#009e73",
}
MISSES = {  # worst misses of the model: label and its place
    "l-4-maverick-h100-80gb-x8-trtllm-1-0-1000-1000": ("Llama 4 Maverick\non H100", (1300, 6e4)),
    "l-3-1-405b-h200-141gb-x8-trtllm-0-13-0-128-2048": ("405B in 0.13", (450, 1.1e4)),
    "l-3-1-405b-b200-180gb-x8-tensorrt-10-8-cuda-12-9400-652-5": (
        "MLPerf 405B\non B200", (9000, 330)
    ),
    "l-4-maverick-b200-180gb-x8-trtllm-1-0-20000-2000": ("Maverick\non B200", (6e4, 3300)),
    "l-4-maverick-h200-sxm-141gb-x8-trtllm-0-20-20000-2000": (
        "Maverick on H200,\nversion 0.20", (170, 3200)
    ),
}  # fmt: skip
SIZE_LABELS = {  # label, and its place relative to the point
    "llama-3.2-1b": ("1B", 1, 1.55),
    "llama-3.1-8b": ("8B", 1.35, 0.75),
    "llama-3.1-70b": ("70B", 1.5, 0.75),
    "llama-3.1-405b": ("405B", 0.68, 1.25),
    "qwen3-30b-a3b": ("Qwen3 30B", 0.5, 1.35),
    "gpt-oss-120b": ("gpt-oss 120B", 0.45, 1.35),
    "deepseek-v3": ("DeepSeek V3 671B", 0.3, 1.3),
    "kimi-k3": ("Kimi K3 2.8T", 0.42, 1.25),
}
WORKLOADS = {
    "sharegpt-dstack": "ShareGPT",
    "azure-2023-conversation": "Azure",
    "openrouter-2025": "OpenRouter",
    "mooncake-conversation": "Kimi",
}
DEMAND_LABELS = {
    "llama-3.1-8b": "8B",
    "llama-3.1-70b": "70B",
    "llama-3.1-405b": "405B",
    "deepseek-v3": "DeepSeek V3",
}


def one_stream(steps, measured):
    """Bars of the speed that each limit leaves to one stream, and what was measured.

    steps : rows with label and tok_per_s, from the data sheet down
    measured : rows with label and tok_per_s
    """
    fig, ax = plt.subplots(figsize=(6.2, 3.9))
    y = np.arange(len(steps))[::-1] + len(measured) + 0.6
    ax.barh(y, steps["tok_per_s"], color=COLOURS["dense"], height=0.62)
    below = np.arange(len(measured))[::-1]
    ax.plot(measured["tok_per_s"], below, "o", color=COLOURS["neutral"], markersize=8)
    for at, row in zip(y, steps.itertuples(), strict=True):
        ax.text(row.tok_per_s - 1, at, f"{row.tok_per_s:.0f}", color="white", ha="right",
                va="center", fontweight="bold")  # fmt: skip
    for at, row in zip(below, measured.itertuples(), strict=True):
        ax.text(row.tok_per_s - 1.6, at, f"{row.tok_per_s:.1f}", va="center", ha="right")
    ax.axvline(30, color=COLOURS["article"], lw=2, zorder=0)
    ax.text(31, y[0] + 0.62, "article: 30", color=COLOURS["article"], va="bottom")
    ax.set_yticks([*y, *below], [*steps["label"], *measured["label"]])
    ax.set_ylim(-0.6, y[0] + 1.15)
    ax.set_xlim(0, 70)
    ax.set_xlabel("output tokens a second for one request")
    ax.grid(axis="y", visible=False)
    return fig


def batching(curves):
    """Gain from batching against concurrency: points measured, lines from the model."""
    fig, ax = plt.subplots(figsize=(6.2, 4.3))
    ends = np.array([1, 64])
    ax.plot(ends, ends, ":", color=COLOURS["estimate"], lw=1.5)
    ax.text(24, 33, "no loss", color=COLOURS["neutral"], rotation=38, ha="center")
    for i, (name, rows) in enumerate(curves.groupby("series", sort=False)):
        x, colour = rows["concurrency"].astype(float), SERIES_COLOURS[i]
        ax.plot(x, rows["gain"], "o", color=colour, markersize=6.5)
        ax.plot(x, rows["predicted_gain"], "-", color=colour, lw=1.8)
        if rows["predicted_gain"].isna().all():
            ax.plot(x, rows["gain"], "--", color=colour, lw=1.2)
        ax.plot([1.08], [55 / 1.31**i], "o", color=colour, markersize=6.5)
        ax.text(1.22, 55 / 1.31**i, name, color=colour, va="center")
    ax.axhline(10, color=COLOURS["article"], lw=2, zorder=0)
    ax.text(1.05, 10.6, "article: ×10", color=COLOURS["article"])
    ax.set(xscale="log", yscale="log", xlim=(0.9, 330), ylim=(0.9, 75))
    ax.xaxis.set_major_locator(FixedLocator([1, 4, 16, 64, 256]))
    ax.yaxis.set_major_locator(FixedLocator([1, 2, 5, 10, 20, 50]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    figures.plain_log_axis(ax.xaxis)
    figures.plain_log_axis(ax.yaxis, "×")
    ax.set_xlabel("requests in flight")
    ax.set_ylabel("output, times that of one request")
    return fig


def by_ratio(curve, measured, flat_tok_per_s=300, article_ratio=10):
    """Output against input tokens per output token: model, measurements and the flat sum."""
    fig, ax = plt.subplots(figsize=(6.2, 4.3))
    ax.axhline(flat_tok_per_s, color=COLOURS["article"], lw=2, ls="--")
    ax.plot([article_ratio], [flat_tok_per_s], "D", mec=COLOURS["article"], mfc="white",
            markersize=15, mew=2)  # fmt: skip
    ax.text(0.27, flat_tok_per_s * 1.06, "the article: 300, whatever the input",
            color=COLOURS["article"])  # fmt: skip
    for colour, (name, rows) in zip(
        (COLOURS["dense"], COLOURS["neutral"]), curve.groupby("label", sort=False), strict=True
    ):
        ax.plot(rows["input_per_output"], rows["output_tok_per_s"], color=colour, lw=2.2)
        first = rows.iloc[0]
        up = 1.05 if colour == COLOURS["dense"] else 0.66
        ax.text(first["input_per_output"] * 1.12, first["output_tok_per_s"] * up, name,
                color=colour)  # fmt: skip
    marks = (("2025", "o", COLOURS["dense"]), ("2024", "s", COLOURS["neutral"]))
    for kind, marker, colour in marks:
        rows = measured[measured["kind"] == kind]
        ax.plot(rows["input_per_output"], rows["output_tok_per_s"], marker, color=colour,
                markersize=7.5, mec="white", ls="")  # fmt: skip
    outlier = measured[measured["kind"] == "outlier"]
    ax.plot(outlier["input_per_output"], outlier["output_tok_per_s"], "x",
            color=COLOURS["neutral"], markersize=9, mew=2)  # fmt: skip
    ax.text(14.5, outlier["output_tok_per_s"].iloc[0], "unexplained", ha="right", va="center",
            color=COLOURS["neutral"])  # fmt: skip
    ax.set(xscale="log", yscale="log", xlim=(0.25, 64), ylim=(25, 8000))
    ax.xaxis.set_major_locator(FixedLocator([0.25, 1, 4, 16, 64]))
    ax.yaxis.set_major_locator(FixedLocator([30, 100, 300, 1000, 3000]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    figures.plain_log_axis(ax.xaxis)
    figures.plain_log_axis(ax.yaxis)
    ax.set_xlabel("input tokens per output token")
    ax.set_ylabel("output tokens a second, 8 H100")
    return fig


def profit_map(profit, zeros, flat_zero, workloads):
    """Heat map of a day's profit by ratio and load, with lines of zero profit.

    profit : DataFrame of profit, loads as index and ratios as columns
    zeros : load at which each ratio breaks even, by the speed promised to users; three of
        them, rising from 0
    flat_zero : the same load where output does not fall with the ratio
    workloads : the table ``workload_ratios``; those of WORKLOADS are marked on the axis
    """
    fig, ax = plt.subplots(figsize=(6.2, 4.6))
    ratios, loads = profit.columns.to_numpy(dtype=float), 100 * profit.index.to_numpy(dtype=float)
    mesh = ax.pcolormesh(
        ratios, loads, profit.to_numpy(), cmap=LOSS_TO_GAIN, shading="gouraud",
        norm=TwoSlopeNorm(0, -600, 600), rasterized=True,
    )  # fmt: skip
    bar = fig.colorbar(mesh, ax=ax, ticks=[-600, -300, 0, 300, 600], pad=0.02, aspect=28)
    bar.set_label("profit, USD a day")
    bar.outline.set_visible(False)
    places = ((1.1, 33), (1.1, 61), (2.3, 82))
    for i, ((floor, zero), at) in enumerate(zip(zeros.items(), places, strict=True)):
        ax.plot(zero.index, 100 * zero, color="black", lw=2.4 if i == 1 else 1.4)
        label = f"{floor} tokens/s each" if floor else "users bear anything"
        ax.text(*at, label, color="black")
    ax.plot(flat_zero.index, 100 * flat_zero, color=COLOURS["article"], lw=2.2, ls="--")
    ax.plot([10], [100], "D", color=COLOURS["article"], markersize=10, clip_on=False, zorder=5)
    ax.text(12.6, 84, "held\nat 300", color=COLOURS["article"], ha="left", va="center")
    ax.set(xscale="log", xlim=(1, 48), ylim=(10, 100))
    ax.xaxis.set_major_locator(FixedLocator([1, 3, 10, 30]))
    ax.xaxis.set_minor_locator(NullLocator())
    figures.plain_log_axis(ax.xaxis)
    ax.set_xlabel("input tokens per output token")
    ax.set_ylabel("load, % of full")
    ax.grid(visible=False)
    ratio = workloads.set_index("workload_id")["input_per_output"]
    for key, label in WORKLOADS.items():
        ax.plot([ratio[key]], [10], "^", color="black", markersize=7, clip_on=False)
        ax.text(ratio[key], 13, label, color="black", ha="center", va="bottom")
    return fig


def predicted(rows):
    """Predicted against measured output, log-log, with bands of 10 and 30 %.

    rows : measured_tok_per_s, predicted_tok_per_s, gpu (key of GPU_COLOURS) and use, with
        the measurement's key as index; those of MISSES are named
    """
    fig, ax = plt.subplots(figsize=(6.2, 5.4))
    line = np.array([15.0, 200_000.0])
    ax.fill_between(line, line * 0.7, line * 1.3, color="#e9e9e9", lw=0)
    ax.fill_between(line, line * 0.9, line * 1.1, color="#d0d0d0", lw=0)
    for gpu, colour in GPU_COLOURS.items():
        for use in ("fit", "check"):
            part = rows[(rows["gpu"] == gpu) & (rows["use"] == use)]
            fill = colour if use == "fit" else "none"
            ax.plot(part["measured_tok_per_s"], part["predicted_tok_per_s"], "o", mfc=fill,
                    mec=colour, mew=1.3, markersize=5.5, alpha=0.85)  # fmt: skip
    for i, (gpu, colour) in enumerate(GPU_COLOURS.items()):
        ax.text(20, 130_000 / 1.75**i, gpu, color=colour, va="top", fontweight="bold")
    for key, (text, place) in MISSES.items():
        point = rows.loc[key, ["measured_tok_per_s", "predicted_tok_per_s"]]
        ax.annotate(
            text, point.to_list(), xytext=place, ha="center", va="center", fontsize=10.5,
            arrowprops={"arrowstyle": "-", "color": "#777777", "lw": 0.8},
        )  # fmt: skip
    ax.text(26, 17, "bands: 10 and 30 %", color=COLOURS["neutral"])
    ax.set(xscale="log", yscale="log", xlim=line, ylim=line, aspect="equal")
    figures.plain_log_axis(ax.xaxis)
    figures.plain_log_axis(ax.yaxis)
    ax.set_xlabel("measured output tokens a second")
    ax.set_ylabel("predicted")
    return fig


def profit_odds(summary):
    """Range of a day's profit for each case, with the chance of a profit.

    summary : rows with label, low, median, high (USD a day) and chance
    """
    fig, ax = plt.subplots(figsize=(6.2, 3.9))
    y = np.arange(len(summary))[::-1]
    for at, row in zip(y, summary.itertuples(), strict=True):
        colour = COLOURS["gain"] if row.median > 0 else COLOURS["loss"]
        ax.plot([row.low, row.high], [at, at], color=colour, lw=7, alpha=0.35,
                solid_capstyle="butt")  # fmt: skip
        ax.plot([row.median], [at], "o", color=colour, markersize=9)
        ax.text(summary["high"].max() * 1.06, at, f"{100 * row.chance:.0f} %", va="center",
                color=colour, fontweight="bold")  # fmt: skip
    ax.axvline(0, color="black", lw=1.2)
    ax.set_yticks(y, summary["label"])
    ax.set_ylim(-0.6, len(summary) - 0.2)
    ax.set_xlim(summary["low"].min() * 1.1, summary["high"].max() * 1.3)
    ax.text(summary["high"].max() * 1.06, len(summary) - 0.55, "chance", color="#555555")
    ax.set_xlabel("profit of a day on 8 H100, USD")
    ax.grid(axis="y", visible=False)
    return fig


def cost_by_size(cost):
    """Cost of a million tokens against active parameters, dense and sparse models.

    cost : model, kind ("dense" or "moe"), params_active_b, usd_per_mtok and rule ("full"
        or "fast")
    """
    fig, ax = plt.subplots(figsize=(6.2, 4.8))
    for kind in ("dense", "moe"):
        colour = COLOURS[kind]
        for rule, fill in (("full", "none"), ("fast", colour)):
            part = cost[(cost["kind"] == kind) & (cost["rule"] == rule)]
            ax.plot(part["params_active_b"], part["usd_per_mtok"], "o", mfc=fill, mec=colour,
                    mew=1.5, markersize=7)  # fmt: skip
    fast = cost[cost["rule"] == "fast"].set_index("model")
    full = cost[cost["rule"] == "full"].set_index("model")
    for name, row in fast.iterrows():
        ax.plot([row["params_active_b"]] * 2, [full.loc[name, "usd_per_mtok"], row["usd_per_mtok"]],
                color=COLOURS[row["kind"]], lw=1, alpha=0.5, zorder=0)  # fmt: skip
    for name, (text, dx, dy) in SIZE_LABELS.items():
        row = fast.loc[name]
        ax.text(row["params_active_b"] * dx, row["usd_per_mtok"] * dy, text,
                color=COLOURS[row["kind"]], ha="center", va="center")  # fmt: skip
    key = (("dense", "dense"), ("moe", "mixture of experts"))
    for i, (kind, text) in enumerate(key):
        ax.text(640, 0.0056 / 1.7**i, text, color=COLOURS[kind], ha="right", fontweight="bold")
    ax.text(640, 0.0019, "● 30 tokens/s each", color="#555555", ha="right")
    ax.text(640, 0.00115, "○ no limit", color="#555555", ha="right")
    ax.set(xscale="log", yscale="log", xlim=(0.8, 700), ylim=(0.001, 2))
    figures.plain_log_axis(ax.xaxis, " B")
    figures.plain_log_axis(ax.yaxis)
    ax.set_xlabel("active parameters")
    ax.set_ylabel("USD per million tokens")
    return fig


def demand(curves):
    """Cost of a million tokens against demand, whole nodes rented, one line a model.

    curves : what ``serving_study.cost_at_demand`` returns, with kind, for the models of
        DEMAND_LABELS
    """
    fig, ax = plt.subplots(figsize=(6.2, 4.4))
    for name, rows in curves.groupby("model", sort=False):
        colour = COLOURS[rows["kind"].iloc[0]]
        ax.plot(rows["mtok_per_day"], rows["usd_per_mtok"], color=colour, lw=2)
        last = rows.iloc[-1]
        ax.text(1.1 * last["mtok_per_day"], last["usd_per_mtok"], DEMAND_LABELS[name],
                color=colour, va="center")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlim=(1, 30_000), ylim=(0.004, 600))
    figures.plain_log_axis(ax.xaxis)
    figures.plain_log_axis(ax.yaxis)
    ax.set_xlabel("demand, million tokens a day")
    ax.set_ylabel("USD per million tokens")
    return fig
