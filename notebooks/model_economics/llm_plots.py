"""Figures of the chapter on language-model sizes; each takes tidy data and draws it.

Nothing is computed here that a reader should see: the notebook prepares the table.
"""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from .figures import COLOURS, plain_log_axis

KINDS = {"dense": "dense", "moe": "mixture of experts"}
WIDE = 6.2
HALO = [withStroke(linewidth=2, foreground="white")]

# Direct labels of the scatter plots: key of the model to text and offset in points.
GROWTH_LABELS = {
    "gpt-1": ("GPT-1", (0, -7)),
    "gpt-3-175b": ("GPT-3", (-6, 4)),
    "palm-540b": ("PaLM", (1, 4)),
    "gpt-4": ("GPT-4?", (-7, 0)),
    "tele-flm-1t": ("Tele-FLM-1T", (-70, 30)),
    "kimi-k3": ("Kimi K3", (3, 4)),
    "mistral-7b-v0.1": ("Mistral 7B", (-7, -8)),
    "qwen3-0.6b": ("Qwen3-0.6B", (0, -7)),
}
TOKEN_LABELS = {
    "gpt-3-175b": ("GPT-3", (0, 6)),
    "palm-540b": ("PaLM", (-7, 0)),
    "llama-7b": ("LLaMA-7B", (-7, 4)),
    "chinchilla-70b": ("Chinchilla", (-6, -7)),
    "llama-3-8b": ("Llama-3-8B", (-7, 4)),
    "qwen3-0.6b": ("Qwen3-0.6B", (-7, 2)),
    "llama-3.1-405b": ("Llama-3.1-405B", (7, 0)),
}
OVERLAY_TITLES = {
    "largest": "Largest model so far, against the first peak",
    "median": "Median model of twelve months",
    "smallest": "Smallest at equal quality (ImageNet 70 %, MMLU 60)",
    "compute": "Median compute for one input",
}
OVERLAY_LABELS = {
    ("cnn", "largest"): ("image models", 6.0, 22, "center"),
    ("dense", "largest"): ("language models", 1.0, 0.004, "left"),
}


def growth(models, records, labels=GROWTH_LABELS):
    """All models by date and size, with the line of the largest dense model so far.

    models : DataFrame with released_on, params_total_b, kind and estimate (bool)
    records : the largest dense model so far, DataFrame of the same columns
    labels : dict of model key to (text, offset in points)
    """
    fig, ax = plt.subplots(figsize=(WIDE, 4.5))
    for kind in KINDS:
        known = models[(models["kind"] == kind) & ~models["estimate"]]
        ax.plot(
            known["released_on"], known["params_total_b"], "o", ms=4.5, alpha=0.55, mew=0,
            color=COLOURS[kind],
        )  # fmt: skip
    guessed = models[models["estimate"]]
    ax.plot(
        guessed["released_on"], guessed["params_total_b"], "o", ms=5.5, mfc="none", mew=1.3,
        color=COLOURS["estimate"],
    )  # fmt: skip
    ax.step(records["released_on"], records["params_total_b"], where="post", color=COLOURS["dense"])
    _label_points(ax, models.set_index("model"), labels, "params_total_b")
    ax.set_ylim(0.012, 8000)
    ax.set_xlim(right=pd.Timestamp("2027-10-01"))
    ax.text(0.99, 0.13, "dense", color=COLOURS["dense"], transform=ax.transAxes, ha="right")
    ax.text(
        0.99, 0.07, "mixture of experts", color=COLOURS["moe"], transform=ax.transAxes, ha="right"
    )
    ax.text(0.99, 0.01, "estimate or rumour", color="#666666", transform=ax.transAxes, ha="right")
    return _dated(fig, ax, "total parameters (billion)")


def tokens_per_parameter(models, optimum, labels=TOKEN_LABELS):
    """Training tokens for each active parameter by date, with the Chinchilla ratio.

    models : DataFrame with released_on, tokens_per_param and kind
    optimum : the ratio; labels : dict of model key to (text, offset in points)
    """
    fig, ax = plt.subplots(figsize=(WIDE, 4.2))
    for kind in KINDS:
        part = models[models["kind"] == kind]
        ax.plot(
            part["released_on"], part["tokens_per_param"], "o", ms=5, alpha=0.65, mew=0,
            color=COLOURS[kind],
        )  # fmt: skip
    ax.axhline(optimum, color=COLOURS["neutral"], lw=1.2, ls="--")
    ax.text(
        pd.Timestamp("2020-04-01"), optimum * 1.25, f"least training compute: {optimum:g}",
        color=COLOURS["neutral"], fontsize=10.5,
    )  # fmt: skip
    _label_points(ax, models.set_index("model"), labels, "tokens_per_param")
    ax.text(0.99, 0.09, "dense", color=COLOURS["dense"], transform=ax.transAxes, ha="right")
    ax.text(
        0.99, 0.02, "mixture of experts", color=COLOURS["moe"], transform=ax.transAxes, ha="right"
    )
    return _dated(fig, ax, "training tokens per active parameter")


def lifetime_compute(curves, optima):
    """Training plus serving compute against size, one curve for each demand.

    curves : DataFrame with served_trillion, params_b and flop_e24; optima : the lowest
        point of each curve, in the same columns
    """
    fig, ax = plt.subplots(figsize=(WIDE, 4.3))
    shades = plt.get_cmap("Blues")(np.linspace(0.45, 0.95, len(optima)))
    for colour, best in zip(shades, optima.itertuples(), strict=True):
        part = curves[curves["served_trillion"] == best.served_trillion]
        served = f"{best.served_trillion:,.0f} trillion tokens" if best.served_trillion else "none"
        ax.plot(part["params_b"], part["flop_e24"], color=colour)
        ax.plot(best.params_b, best.flop_e24, "o", ms=8, color=COLOURS["article"])
        ax.annotate(
            f"{served}: {best.params_b:.2g}B", (best.params_b, best.flop_e24), (8, -16),
            textcoords="offset points", fontsize=10.5, path_effects=HALO, ha="left", va="center",
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="parameters (billion)")
    ax.set_ylabel("training and serving, 10²⁴ operations")
    plain_log_axis(ax.xaxis)
    ax.set_ylim(0.28, 70)
    ax.text(
        0.98, 0.97, "tokens served: cheapest size", transform=ax.transAxes, ha="right", va="top"
    )
    plain_log_axis(ax.yaxis)
    ax.set_xticks([3, 10, 30, 100])
    return fig


def record_steps(paths):
    """The smallest open model that reaches each score, as falling steps.

    paths : DataFrame of ``sizes.record_paths`` with threshold, released_on, name and
        params_total_b; each line is labelled with its threshold and last model
    """
    fig, ax = plt.subplots(figsize=(WIDE, 4.5))
    thresholds = sorted(paths["threshold"].unique())
    shades = plt.get_cmap("Blues")(np.linspace(0.6, 1.0, len(thresholds)))
    last = pd.Timestamp("2025-07-01")
    for colour, threshold in zip(shades, thresholds, strict=True):
        part = paths[paths["threshold"] == threshold].sort_values("released_on")
        values = [*part["params_total_b"], part["params_total_b"].iloc[-1]]
        ax.step([*part["released_on"], last], values, where="post", color=colour, lw=2.4)
        ax.plot(part["released_on"], part["params_total_b"], "o", ms=6, color=colour)
        ax.annotate(
            f"{threshold:.0f}: {part['name'].iloc[-1]}", (last, values[-1]), (6, 0),
            textcoords="offset points", va="center", color=colour, fontsize=10.5,
            fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(pd.Timestamp("2023-01-01"), pd.Timestamp("2026-06-15"))
    return _dated(fig, ax, "total parameters (billion)")


def specification_curve(curve, main, published, cap_months=30.0):
    """Dots and intervals of the halving time under each choice, last row at the top.

    curve : DataFrame of ``equal_quality.specification_curve`` with a column kind (main,
        sample, measure, period, benchmark); main : its row; published : (low, high) months
    """
    fig, ax = plt.subplots(figsize=(WIDE, 0.29 * len(curve) + 1.2))
    colours = {
        "main": COLOURS["article"], "sample": COLOURS["dense"], "measure": COLOURS["gain"],
        "period": COLOURS["neutral"], "benchmark": COLOURS["moe"],
    }  # fmt: skip
    ax.axvspan(*published, color="#e8e8e8", zorder=0)
    ax.axvline(main, color=COLOURS["article"], lw=1, ls="--")
    for y, row in enumerate(curve.itertuples()):
        colour = colours[row.kind]
        high = min(row.high_months, cap_months)
        ax.plot([max(row.low_months, 0.4), high], [y, y], color=colour, lw=1.6, alpha=0.75)
        if row.high_months > cap_months:
            ax.plot(cap_months, y, ">", ms=6, color=colour)
        ax.plot(min(row.months, cap_months), y, "o", ms=6.5, color=colour)
    ax.set_yticks(range(len(curve)), curve["choice"], fontsize=10.5)
    for tick, kind in zip(ax.get_yticklabels(), curve["kind"], strict=True):
        tick.set_color(colours[kind])
    ax.set(xscale="log", xlim=(0.4, cap_months * 1.1), ylim=(-0.7, len(curve) - 0.3))
    ax.set_xlabel("months in which size at equal quality halves")
    ax.set_xticks([0.5, 1, 2, 4, 8, 16])
    plain_log_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    return fig


def flagships(rows):
    """Total and active size of open flagships, one line a model, newest at the bottom.

    rows : DataFrame with label, params_total_b, params_active_b in order of date
    """
    fig, ax = plt.subplots(figsize=(WIDE, 0.36 * len(rows) + 1.2))
    for y, row in enumerate(rows.iloc[::-1].itertuples()):
        ax.plot(
            [row.params_active_b, row.params_total_b], [y, y], color="#bbbbbb", lw=2.5, zorder=1
        )
        dense = row.params_active_b == row.params_total_b
        if not dense:
            ax.plot(row.params_active_b, y, "o", ms=9, color=COLOURS["active"])
            ax.text(
                row.params_active_b * 0.84, y, f"{row.params_active_b:,.0f}", ha="right",
                va="center", fontsize=10.5,
            )  # fmt: skip
        ax.plot(row.params_total_b, y, "o", ms=9, color=COLOURS["total"])
        ax.text(
            row.params_total_b * 1.16, y, f"{row.params_total_b:,.0f}", ha="left", va="center",
            fontsize=10.5,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), rows["label"].iloc[::-1], fontsize=10.5)
    ax.set(xscale="log", xlim=(7, 8000), ylim=(-0.7, len(rows) + 0.2))
    ax.set_xlabel("parameters (billion)")
    top = len(rows) - 0.3
    ax.text(30, top, "active", color="#9a6a00", ha="center", fontweight="bold")
    ax.text(900, top, "total", color=COLOURS["total"], ha="center", fontweight="bold")
    plain_log_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    return fig


def band_shares(shares):
    """Share of open releases in a band of size over time, by total and by active size.

    shares : DataFrame with middle (date), measure (total, active), share, low, high
    """
    fig, ax = plt.subplots(figsize=(WIDE, 4.2))
    for measure, dy in (("total", -4), ("active", 4)):
        part = shares[shares["measure"] == measure]
        colour = COLOURS[measure]
        ax.fill_between(
            part["middle"], 100 * part["low"], 100 * part["high"], color=colour, alpha=0.13, lw=0
        )
        ax.plot(part["middle"], 100 * part["share"], "o-", color=colour, ms=7)
        end = part.iloc[-1]
        ax.annotate(
            f"by {measure}\nsize", (end["middle"], 100 * end["share"]), (9, dy),
            textcoords="offset points", va="center", fontweight="bold",
            color={"total": COLOURS["total"], "active": "#9a6a00"}[measure],
        )  # fmt: skip
    ax.set(ylim=(0, 100), xlim=(pd.Timestamp("2022-10-01"), pd.Timestamp("2027-05-01")))
    ax.set_ylabel("open releases of 7 to 70 billion (%)")
    ax.xaxis.set_major_locator(mdates.YearLocator())
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    return fig


def overlay(history, until, titles=OVERLAY_TITLES, ends=OVERLAY_LABELS):
    """Two histories on common axes, one panel a measure.

    history : DataFrame with kind (cnn, dense), measure, years, relative
    until : dict of kind to the year up to which a record stands if no other follows
    titles : dict of measure to the panel's title, in order
    ends : dict of (kind, measure) to (text, years, relative, ha) of a direct label
    """
    fig, axes = plt.subplots(len(titles), 1, figsize=(WIDE, 2.25 * len(titles)), sharex=True)
    for ax, (measure, title) in zip(axes, titles.items(), strict=True):
        for kind in ("cnn", "dense"):
            part = history[(history["kind"] == kind) & (history["measure"] == measure)]
            years, relative = part["years"].tolist(), part["relative"].tolist()
            record = measure in ("largest", "smallest")
            if record:
                years, relative = [*years, until[kind]], [*relative, relative[-1]]
            style = "steps-post" if record else "default"
            ax.plot(years, relative, color=COLOURS[kind], drawstyle=style, lw=2.2)
            if (kind, measure) in ends:
                text, x, y, ha = ends[kind, measure]
                ax.text(x, y, text, color=COLOURS[kind], ha=ha, va="center", fontsize=10.5)
        ax.axhline(1, color="#999999", lw=0.8)
        ax.set(yscale="log", title=title)
        plain_log_axis(ax.yaxis, "×")
    axes[-1].set_xlabel("years since the first model of the kind")
    axes[-1].set_xlim(0, 10)
    return fig


def _label_points(ax, models, labels, column):
    for key, (text, offset) in labels.items():
        row = models.loc[key]
        dx, dy = offset
        ax.annotate(
            text, (row["released_on"], row[column]), offset, textcoords="offset points",
            fontsize=10.5, path_effects=HALO,
            arrowprops={"arrowstyle": "-", "color": "#888888"} if abs(dx) > 20 else None,
            ha="left" if dx > 0 else "right" if dx < 0 else "center",
            va="bottom" if dy > 3 else "top" if dy < -3 else "center",
        )  # fmt: skip


def _dated(fig, ax, ylabel):
    ax.set(yscale="log", ylabel=ylabel)
    plain_log_axis(ax.yaxis)
    ax.xaxis.set_major_locator(mdates.YearLocator())
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    return fig
