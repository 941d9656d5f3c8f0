"""Figures of the chapter on image models: each draws tidy data on the axes it is given.

Sizes of balls are proportional to parameters; a colour means the same in every chapter.
"""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FixedLocator, NullFormatter

from model_economics import figures

ACCURACY = LinearSegmentedColormap.from_list(
    "accuracy", ["#f3e9c6", "#9fd08f", "#2f9e77", "#0b4f53"]
)
HALO = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
KIND_COLOURS = {
    "convolution": "#009e73",
    "fully connected": "#e69f00",
    "normalisation": "#56b4e9",
    "auxiliary": "#b9b9b9",
}
QUANTITIES = {
    "params_m": ("parameters", "#0072b2", "o"),
    "gmacs": ("operations", "#d55e00", "s"),
    "feature_memory_mb": ("memory of outputs", "#009e73", "D"),
}
KINDS_LABELS = {
    "alexnet-caffe": "AlexNet 2012",
    "nin-imagenet": "Net in Net 2013",
    "vgg-16": "VGG-16 2014",
    "vgg-19": "VGG-19 2014",
    "googlenet-caffe": "GoogLeNet 2014",
    "resnet-50": "ResNet-50 2015",
    "squeezenet-1.0": "SqueezeNet 2016",
    "mobilenet-v1-1.0-224": "MobileNet 2017",
}
# Where a label stands: text, offset in points, alignment.
TIMELINE_LABELS = {
    "alexnet-caffe": ("AlexNet", (4, 11), "left"),
    "vgg-19": ("VGG", (0, 12), "center"),
    "googlenet-caffe": ("GoogLeNet", (-14, -19), "center"),
    "squeezenet-1.0": ("SqueezeNet", (-7, -15), "center"),
    "resnet-50": ("ResNet-50", (-10, 2), "right"),
    "resnext-50-32x4d": ("ResNeXt-50", (9, -9), "left"),
    "mobilenet-v1-1.0-224": ("MobileNet", (-9, -1), "right"),
    "resnext-101-32x48d-wsl": ("ResNeXt, web pictures", (-8, 7), "right"),
    "regnety-10b-seer": ("RegNet 10B", (-9, 0), "right"),
}
BALL_LABELS = {
    "alexnet": ("AlexNet", (11, -13), "left"),
    "vgg-16": ("VGG-16", (10, -25), "center"),
    "googlenet": ("GoogLeNet", (3, -23), "left"),
    "squeezenet-1.0": ("SqueezeNet", (9, 2), "left"),
    "resnet-50": ("ResNet-50", (9, -7), "left"),
    "resnext-101-32x8d": ("ResNeXt-101", (0, -22), "center"),
    "mobilenet-v2": ("MobileNetV2", (9, -5), "left"),
}
YEAR_LABELS = {
    "alexnet": ("AlexNet", (0, 16), "center"),
    "vgg-16": ("VGG", (-14, 6), "right"),
    "googlenet": ("GoogLeNet", (12, -26), "left"),
    "squeezenet-1.0": ("SqueezeNet", (7, -3), "left"),
    "resnet-50": ("ResNet-50", (-9, 4), "right"),
    "mobilenet-v2": ("MobileNetV2", (8, -8), "left"),
    "regnety-32gf": ("RegNetY-32GF", (-6, 25), "center"),
}


def timeline(networks, ax):
    """Parameters against date, coloured by top-1 accuracy; the article's networks are ringed.

    networks : rows of ``cnn_models``, one a network
    """
    known = networks[networks["top1_pct"].notna()]
    rest = networks[networks["top1_pct"].isna()]
    ax.scatter(rest["released_on"], rest["params_m"], s=34, facecolor="white",
               edgecolor="#8a8a8a", linewidth=1)  # fmt: skip
    points = ax.scatter(
        known["released_on"], known["params_m"], s=38, c=known["top1_pct"], cmap=ACCURACY,
        vmin=50, vmax=88, edgecolor="#444444", linewidth=0.5,
    )  # fmt: skip
    named = networks[networks["model"].isin(list(TIMELINE_LABELS)[:7])]
    ax.scatter(named["released_on"], named["params_m"], s=105, facecolor="none",
               edgecolor=figures.COLOURS["article"], linewidth=1.6)  # fmt: skip
    _label(ax, networks, "released_on", "params_m", TIMELINE_LABELS)
    ax.set_yscale("log")
    ax.set_ylim(0.25, 25_000)
    ax.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000, 10_000]))
    figures.plain_log_axis(ax.yaxis)
    ax.set_ylabel("parameters, million")
    _years(ax)
    bar = ax.figure.colorbar(points, ax=ax, location="top", aspect=45, pad=0.02, shrink=0.75)
    bar.set_label("top-1 accuracy, %   (white: not measured)", size=10.5)
    bar.outline.set_visible(False)
    return ax


def ball_chart(networks, ax):
    """Accuracy against operations; the area of a ball is the number of parameters."""
    _balls(ax, networks, networks["gmacs"])
    _label(ax, networks, "gmacs", "top1_pct", BALL_LABELS)
    ax.set_xlim(-1.2, 35)
    ax.set_xlabel("operations for one image, billion multiply-accumulates")
    _ball_key(ax, 27, 59)
    return ax


def balls_by_year(networks, ax):
    """Accuracy against date; the area of a ball is the number of parameters."""
    _balls(ax, networks, networks["released_on"])
    _label(ax, networks, "released_on", "top1_pct", YEAR_LABELS)
    _years(ax, 2021)
    _ball_key(ax, pd.Timestamp("2019-05-01"), 59)
    return ax


def ratio_bars(ratios, claimed, ax):
    """One bar a pair of networks: how many times fewer parameters; a line at the claim.

    ratios : table with ``pair`` and ``by_params``, in the order to be drawn from the top
    claimed : the ratio that the article names
    """
    drawn = ratios.iloc[::-1]
    google = drawn["pair"].str.contains("GoogLeNet")
    colours = np.where(google, figures.COLOURS["cnn"], "#b5c9c2")
    ax.barh(drawn["pair"], drawn["by_params"], color=colours, height=0.66)
    for y, ratio in enumerate(drawn["by_params"]):
        ax.annotate(f"{ratio:.1f}×", (ratio, y), (4, 0), textcoords="offset points",
                    va="center", bbox=HALO, zorder=5)  # fmt: skip
    ax.axvline(claimed, color=figures.COLOURS["article"], linewidth=2)
    ax.annotate("the article:\n100×", (claimed, len(drawn) - 0.9), (-6, 0), va="center",
                ha="right", textcoords="offset points",
                color=figures.COLOURS["article"])  # fmt: skip
    ax.set_xlim(0, 138)
    ax.set_xlabel("times fewer parameters")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    return ax


def kinds_bars(kinds, ax):
    """Parameters by kind of layer, one stacked bar a network.

    kinds : result of ``layers.params_by_kind`` with the networks of KINDS_LABELS
    """
    drawn = kinds.loc[list(KINDS_LABELS)[::-1]] / 1e6
    left = np.zeros(len(drawn))
    for kind, colour in KIND_COLOURS.items():
        width = drawn[kind].to_numpy()
        if kind != "normalisation":
            ax.barh(
                [KINDS_LABELS[model] for model in drawn.index],
                width,
                left=left,
                color=colour,
                height=0.68,
            )
            left = left + width
    for y, (total, share) in enumerate(
        zip(drawn["total"], drawn["fully connected"] / drawn["total"], strict=True)
    ):
        text = f"{total:.1f} M" + (f", {100 * share:.0f} % fully connected" if share > 0.5 else "")
        start = drawn["convolution"].iloc[y] if total > 90 else left[y]
        ax.annotate(text, (start, y), (5, 0), textcoords="offset points", va="center",
                    color="#222222")  # fmt: skip
    for kind in ("convolution", "fully connected", "auxiliary"):
        label = "training-only heads" if kind == "auxiliary" else kind
        ax.plot([], [], "s", color=KIND_COLOURS[kind], label=label, markersize=9)
    ax.legend(loc="lower right", handletextpad=0.2)
    ax.set_xlim(0, 152)
    ax.set_xlabel("parameters, million")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    return ax


def relative_costs(relative, ax):
    """Three marks a network: parameters, operations and memory of outputs, AlexNet = 1.

    relative : one network a row in the order from the top, index = label, columns QUANTITIES
    """
    drawn = relative.iloc[::-1]
    rows = np.arange(len(drawn))
    low, high = drawn.min(axis=1), drawn.max(axis=1)
    ax.hlines(rows, low, high, color="#c8c8c8", linewidth=2, zorder=1)
    ax.axvline(1, color=figures.COLOURS["neutral"], linewidth=1.2, zorder=1)
    for column, (label, colour, marker) in QUANTITIES.items():
        ax.plot(drawn[column], rows, marker, color=colour, label=label, markersize=9, zorder=3)
    ax.set_yticks(rows, drawn.index)
    ax.set_ylim(-0.6, len(drawn) - 0.4)
    ax.set_xscale("log")
    ax.set_xlim(0.015, 100)
    ax.xaxis.set_major_locator(FixedLocator([0.02, 0.1, 1, 10, 50]))
    figures.plain_log_axis(ax.xaxis, "×")
    ax.set_xlabel("compared with AlexNet (= 1×)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.42, 1.0), ncols=3, columnspacing=1,
              handletextpad=0.1)  # fmt: skip
    ax.tick_params(axis="y", length=0)
    return ax


def recipe_steps(pairs, before, ax):
    """Top-1 accuracy of the same networks with the old and the newer recipe.

    pairs : one network a row, in the order from the top, ``label``, ``old`` and ``new``
    before : ``(label, accuracy)`` of the network that the first row replaced
    """
    drawn = pairs.iloc[::-1].reset_index(drop=True)
    grey, colour = figures.COLOURS["neutral"], figures.COLOURS["cnn"]
    for y, row in drawn.iterrows():
        ax.annotate("", (row["new"] - 0.12, y), (row["old"] + 0.12, y),
                    arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.2})  # fmt: skip
        ax.annotate(f"recipe {row['new'] - row['old']:+.1f}", ((row["new"] + row["old"]) / 2, y),
                    (0, 7), textcoords="offset points", ha="center", color="#00664b")  # fmt: skip
    ax.plot(drawn["old"], drawn.index, "o", color=grey, markersize=8)
    ax.plot(drawn["new"], drawn.index, "o", color=colour, markersize=8)
    top = len(drawn) - 1
    label, start = before
    ax.plot([start], [top], "o", color=grey, markersize=8)
    ax.annotate("", (drawn.loc[top, "old"] - 0.12, top), (start + 0.12, top),
                arrowprops={"arrowstyle": "-|>", "color": grey, "lw": 2.2})  # fmt: skip
    ax.annotate(f"network {drawn.loc[top, 'old'] - start:+.1f}",
                ((drawn.loc[top, "old"] + start) / 2, top), (0, 7), textcoords="offset points",
                ha="center", color="#333333")  # fmt: skip
    ax.annotate(label, (start, top), (0, -17), textcoords="offset points", ha="center")
    ax.set_yticks(drawn.index, drawn["label"])
    ax.set_ylim(-0.6, top + 0.7)
    ax.set_xlim(start - 1.2, drawn["new"].max() + 0.8)
    ax.set_xlabel("top-1 accuracy, %")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    return ax


def record_steps(paths, thresholds, ax):
    """Smallest network so far that reaches a top-1 accuracy, one descending step line each.

    paths : result of ``sizes.record_paths``; thresholds : those to draw, ascending
    """
    colours = ACCURACY(np.linspace(0.3, 1.0, len(thresholds)))
    end = pd.Timestamp("2020-09-01")
    for level, colour in zip(thresholds, colours, strict=True):
        path = paths[paths["threshold"] == level].sort_values("released_on")
        when = [*path["released_on"], end]
        size = [*path["params_m"], path["params_m"].iloc[-1]]
        ax.step(when, size, where="post", color=colour, linewidth=2.4)
        ax.plot(path["released_on"], path["params_m"], "o", color=colour, markersize=6)
        ax.annotate(f"{level:.0f} %", (end, size[-1]), (5, 0), textcoords="offset points",
                    va="center", color="#222222", fontweight="bold")  # fmt: skip
    ax.annotate("reaching", (end, 24), (5, 0), textcoords="offset points", va="center")
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator([1, 3, 10, 30, 100]))
    figures.plain_log_axis(ax.yaxis)
    ax.set_ylim(0.8, 220)
    ax.set_ylabel("parameters, million")
    _years(ax, 2021)
    ax.set_xlim(right=pd.Timestamp("2022-01-01"))
    return ax


def forest(fits, ax):
    """Halving times with their intervals, one choice a row.

    fits : one row a choice in the order from the top: ``choice``, ``halving_months``,
        ``low_months``, ``high_months`` and ``main``, true for the headline figure
    """
    drawn = fits.iloc[::-1].reset_index(drop=True)
    for y, row in drawn.iterrows():
        colour = figures.COLOURS["cnn"] if row["main"] else "#7d9c92"
        high = min(row["high_months"], 60)
        ax.plot([row["low_months"], high], [y, y], color=colour, linewidth=3 if row["main"] else 2)
        ax.plot(row["halving_months"], y, "o", color=colour, markersize=10 if row["main"] else 7)
        ax.annotate(f"{row['halving_months']:.0f}", (row["halving_months"], y), (0, 7),
                    textcoords="offset points", ha="center", color="#222222")  # fmt: skip
    ax.set_yticks(drawn.index, drawn["choice"])
    ax.set_ylim(-0.6, len(drawn) - 0.2)
    ax.set_xlim(0, 44)
    ax.set_xlabel("months in which size halves at equal accuracy")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    return ax


def size_range(periods, networks, ax):
    """Spread of sizes by year: smallest to largest, middle 80 %, median.

    periods : result of ``sizes.spread_by_period`` for single years
    networks : the networks behind it, drawn as small dots
    """
    years = periods.index.astype(int)
    at = networks["released_on"].dt.year
    ax.plot(at, networks["params_m"], "o", color="#9a9a9a", markersize=3, alpha=0.7, zorder=1)
    ax.vlines(years, periods["smallest"], periods["largest"], color="#9fcdbd", linewidth=2)
    ax.vlines(years, periods["p10"], periods["p90"], color=figures.COLOURS["cnn"], linewidth=8,
              alpha=0.55)  # fmt: skip
    ax.plot(years, periods["median"], "o-", color="#0b4f53", markersize=7, linewidth=1.6)
    last = periods["median"].iloc[-1]
    ax.annotate("median", (years[-1], last), (9, 0), textcoords="offset points", va="center",
                color="#0b4f53", fontweight="bold")  # fmt: skip
    ax.annotate("middle 80 %", (years[-1], periods["p90"].iloc[-1]), (9, 0), va="center",
                textcoords="offset points", color="#00664b")  # fmt: skip
    ax.annotate("largest", (years[-1], periods["largest"].iloc[-1]), (9, 0), va="center",
                textcoords="offset points", color="#3d6f60")  # fmt: skip
    ax.annotate("smallest", (years[-1], periods["smallest"].iloc[-1]), (9, 0), va="center",
                textcoords="offset points", color="#3d6f60")  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(0.25, 25_000)
    ax.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000, 10_000]))
    figures.plain_log_axis(ax.yaxis)
    ax.set_ylabel("parameters, million")
    ax.set_xlim(2011.5, 2024.6)
    ax.set_xticks(range(2012, 2023, 2))
    ax.grid(axis="x", visible=False)
    return ax


def _balls(ax, networks, x):
    order = networks["params_m"].sort_values(ascending=False).index
    ax.scatter(
        x.loc[order], networks.loc[order, "top1_pct"], s=networks.loc[order, "params_m"] * 4.2,
        color=figures.COLOURS["cnn"], alpha=0.45, edgecolor="#0b4f53", linewidth=0.8,
    )  # fmt: skip
    ax.set_ylim(53.5, 85)
    ax.set_ylabel("top-1 accuracy, %")


def _ball_key(ax, x, y):
    step = pd.Timedelta(days=290) if isinstance(x, pd.Timestamp) else 3.4
    for place, size in enumerate((5, 50, 140)):
        ax.scatter(x + place * step, y, s=size * 4.2, color="#cfcfcf", edgecolor="#777777",
                   linewidth=0.8)  # fmt: skip
        ax.annotate(str(size), (x + place * step, y), (0, -24), textcoords="offset points",
                    ha="center", fontsize=10.5)  # fmt: skip
    ax.annotate("million parameters", (x + step, y), (0, -36), textcoords="offset points",
                ha="center", fontsize=10.5)  # fmt: skip


def _label(ax, networks, x, y, labels):
    rows = networks.set_index("model")
    for model, (text, offset, align) in labels.items():
        if model in rows.index:
            ax.annotate(text, (rows.loc[model, x], rows.loc[model, y]), offset, ha=align,
                        va="center", textcoords="offset points", bbox=HALO)  # fmt: skip


def _years(ax, last=2023):
    ax.set_xlim(pd.Timestamp("2012-05-01"), pd.Timestamp(f"{last}-06-01"))
    ax.xaxis.set_major_locator(mdates.YearLocator(2))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    ax.xaxis.set_minor_formatter(NullFormatter())
