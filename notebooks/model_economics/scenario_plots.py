"""Figures of the chapter on who wins: data and axes in, axes out."""

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.ticker import PercentFormatter

from model_economics.figures import COLOURS, plain_log_axis

LOSS_TO_GAIN = LinearSegmentedColormap.from_list(
    "loss_to_gain", ["#8f3f00", COLOURS["loss"], "#ffffff", COLOURS["gain"], "#005f46"]
)
# From reproduced to cannot be tested, as the badges.
VERDICT_COLOURS = ("#00694e", "#00507d", "#7a5200", "#a2361f", "#4d5660")
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}


# Labels of the entry figure: model, text, and factors that move the text off its dot.
ENTRY_LABELS = (
    ("DeepSeek-R1 (0120/0528)", "DeepSeek-R1", 1.0, 0.80),
    ("gpt-oss-20b", "gpt-oss-20b", 0.84, 0.80),
    ("gpt-oss-120b", "gpt-oss-120b", 1.12, 0.85),
    ("Qwen3-235B-A22B (all variants)", "Qwen3-235B", 1.1, 0.82),
)


def pct(share, digits=0):
    """A share in per cent.

    >>> pct(0.0198, 1)
    '2.0 %'
    """
    return f"{100 * share:.{digits}f} %"


def signed(value, digits):
    """A number with its sign, minus as a true minus sign.

    >>> signed(-0.063, 2), signed(0.15, 2)
    ('−0.06', '+0.15')
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def times(ratio):
    """A ratio as a table shows it; a loss on every token is said, not counted.

    >>> times(1.234), times(-3.1)
    ('1.2×', 'below 0')
    """
    return f"{ratio:.1f}×" if ratio >= 0 else "below 0"


def span(low, high):
    """Two ratios as a table shows them, once if they look alike.

    >>> span(-1.0, 1.24), span(0.72, 0.72)
    ('below 0 to 1.2×', '0.7×')
    """
    return " to ".join(dict.fromkeys([times(low), times(high)]))


def firms(money, sold):
    """Table of firms: first and last revenue, or the sale.

    money, sold : rows of ``providers`` with revenue and with sales
    """
    rows = []
    for name, group in money.sort_values("observed_on").groupby("provider", sort=False):
        steps = [f"{r.value:,.0f} ({r.observed_on:%b %Y})" for r in group.itertuples()]
        rows.append((name, " → ".join(dict.fromkeys([steps[0], steps[-1]])), ""))
    for row in sold.sort_values("observed_on").itertuples():
        price = "" if np.isnan(row.value) else f", USD {row.value:,.0f} M"
        rows.append((row.provider, "", f"{row.observed_on:%b %Y}{price}"))
    return pd.DataFrame(rows, columns=["firm", "revenue a year", "sold"])


def price_and_cost(models, ax):
    """Price and cost of a token against size; the line between them is the margin at full load.

    models : columns params_total_b, kind, median_usd_per_mtok, usd_per_mtok
    """
    for row in models.itertuples():
        ends = [row.usd_per_mtok, row.median_usd_per_mtok]
        colour = COLOURS["gain"] if ends[1] >= ends[0] else COLOURS["loss"]
        ax.plot([row.params_total_b] * 2, ends, color=colour, lw=1.2, alpha=0.7, zorder=1)
    for kind in ("dense", "moe"):
        rows = models[models["kind"] == kind]
        ax.plot(
            rows["params_total_b"], rows["median_usd_per_mtok"], "o", color=COLOURS[kind], zorder=3
        )
    ax.plot(
        models["params_total_b"],
        models["usd_per_mtok"],
        "D",
        ms=4.5,
        mfc="white",
        mec=COLOURS["estimate"],
        mew=1.4,
        zorder=2,
    )
    ax.set(xscale="log", yscale="log", xlabel="total parameters, billion")
    ax.set(ylabel="USD per million tokens", ylim=(0.008, 2.6))
    plain_log_axis(ax.xaxis)
    plain_log_axis(ax.yaxis)
    return ax


def correlations(by_total, by_active, ax):
    """Rank correlation of hosts with size by reading, by two meanings of size.

    by_total, by_active : read_on, registry, rho, p_value
    """
    place = np.arange(len(by_total))[::-1]
    for rows, colour, shift in ((by_total, "total", 0.14), (by_active, "active", -0.14)):
        sure = rows["p_value"] < 0.05
        ax.plot(rows["rho"], place + shift, "o", mfc="white", mec=COLOURS[colour], mew=1.6)
        ax.plot(rows["rho"][sure], place[sure] + shift, "o", color=COLOURS[colour])
    ax.axvline(0, color=COLOURS["neutral"], lw=1)
    names = [f"{r.read_on:%b %Y}, {r.registry}" for r in by_total.itertuples()]
    ax.set_yticks(place, names)
    ax.set(
        xlim=(-0.75, 0.75), ylim=(-0.9, len(by_total)), xlabel="rank correlation of hosts with size"
    )
    ax.grid(axis="y", visible=False)
    return ax


def break_evens(x, lines, ax, labels=None):
    """Curves of a break-even; one middle line and the band that two others span.

    x : values of the horizontal axis
    lines : low, middle and high break-even, one value for each x
    labels : text of the areas (above, below), or None
    """
    low, middle, high = lines
    ax.fill_between(x, low, high, color=COLOURS["neutral"], alpha=0.18, lw=0)
    ax.plot(x, middle, color=COLOURS["neutral"])
    if labels:
        for text, (px, py), colour in labels:
            ax.text(px, py, text, color=COLOURS[colour], ha="center", weight="bold", bbox=WHITE)
    return ax


def published_span(spans, ax, y):
    """Mark ranges on a horizontal axis with a bracket line at height ``y`` (axes fraction)."""
    low, high = spans
    ax.plot(
        [low, high],
        [y, y],
        transform=ax.get_xaxis_transform(),
        color=COLOURS["article"],
        lw=3,
        solid_capstyle="butt",
        clip_on=False,
    )
    return ax


def elasticities(rows, ax):
    """Ranges of elasticity, one line each.

    rows : label, low, middle (or NaN), high, colour (key of COLOURS)
    """
    place = np.arange(len(rows))[::-1]
    for y, row in zip(place, rows.itertuples(), strict=True):
        ax.plot([row.low, row.high], [y, y], color=COLOURS[row.colour], lw=4, alpha=0.45)
        points = [row.low, row.high] if np.isnan(row.middle) else [row.middle]
        ax.plot(points, [y] * len(points), "o", color=COLOURS[row.colour])
    ax.axvline(1, color=COLOURS["neutral"], lw=1.2)
    ax.set_yticks(place, rows["label"])
    ax.set_xlabel("price elasticity of demand")
    ax.grid(axis="y", visible=False)
    ax.set_xlim(left=0)
    return ax


def compute_share(path, params_share, ax):
    """Operations of the student's path as a share of the teacher's, by tokens served.

    path : columns served_t, share (teacher's training counted), own (not counted)
    params_share : size of the student as a share of the teacher
    """
    ax.plot(path["served_t"], path["share"], color=COLOURS["loss"])
    ax.plot(path["served_t"], path["own"], color=COLOURS["dense"])
    ax.axhline(params_share, color=COLOURS["neutral"], lw=1, ls="--")
    ax.set(xscale="log", yscale="log", xlabel="tokens served, trillion")
    ax.set_ylabel("student's compute / teacher's")
    plain_log_axis(ax.xaxis)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_minor_formatter(lambda value, _: "")
    return ax


def entry(pairs, ax):
    """Change of a model's price against the change of its hosts.

    pairs : hosts_ratio, price_ratio
    """
    ax.axhline(1, color=COLOURS["neutral"], lw=1)
    ax.axvline(1, color=COLOURS["neutral"], lw=1)
    ax.plot(pairs["hosts_ratio"], pairs["price_ratio"], "o", color=COLOURS["total"], alpha=0.75)
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("hosts, last reading / first")
    ax.set_ylabel("median price, last / first")
    for axis, ticks in ((ax.xaxis, (0.5, 1, 2, 4, 8)), (ax.yaxis, (0.25, 0.5, 1, 2))):
        plain_log_axis(axis)
        axis.set_ticks(ticks)
    return ax


def gain_map(size_ratio, elasticity, change, end_margin, ax):
    """Change of gross profit over size and elasticity; hatched where the margin is gone.

    size_ratio, elasticity : values of the axes
    change : gross profit after / before − 1, elasticity by size
    end_margin : gross margin afterwards, same shape

    Returns the coloured mesh, for a colour bar.
    """
    gone = np.broadcast_to(end_margin, change.shape)
    levels = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5, 2]
    mesh = ax.contourf(
        size_ratio,
        elasticity,
        np.clip(change, -1, 2),
        levels=levels,
        cmap=LOSS_TO_GAIN,
        norm=TwoSlopeNorm(0, -1, 2),
    )
    ax.contour(size_ratio, elasticity, change, levels=[0], colors="black", linewidths=1.6)
    ax.contourf(size_ratio, elasticity, gone, levels=[-9, 0], colors="none", hatches=["////"])
    ax.set(xscale="log", ylabel="elasticity")
    plain_log_axis(ax.xaxis, "×")
    ax.set_xticks([0.1, 0.3, 1, 3, 10])
    ax.grid(visible=False)
    return mesh


def size_axis(ax, ticks):
    """Label a logarithmic axis of size ratios with plain factors."""
    plain_log_axis(ax.xaxis, "×")
    ax.set_xticks(ticks)
    return ax


def percent_axis(axis):
    """Label an axis of shares in per cent."""
    axis.set_major_formatter(PercentFormatter(1, decimals=0))
    return axis


def long_map(size_ratio, elasticity, shift, title):
    """The cells of a map as rows, every fourth in both directions, for download."""
    change = np.broadcast_to(shift.profit_ratio, (len(elasticity), len(size_ratio)))
    frame = pd.DataFrame(change, index=elasticity, columns=size_ratio).iloc[::4, ::4]
    long = frame.rename_axis("elasticity").reset_index().melt("elasticity", var_name="size_ratio")
    return long.rename(columns={"value": "profit_ratio"}).assign(panel=title)


def map_notes(axes, mesh, published):
    """Label the areas of the two maps, mark the published elasticities, add the colour bar.

    axes : the two panels, top first
    mesh : what ``gain_map`` returns first
    published : lowest and highest published elasticity
    """
    for ax in axes:
        ax.plot(
            [-0.012, -0.012],
            published,
            transform=ax.get_yaxis_transform(),
            color=COLOURS["article"],
            lw=5,
            solid_capstyle="butt",
            clip_on=False,
        )
    axes[0].text(0.16, 1.55, "gains", weight="bold", bbox=WHITE)
    axes[0].text(0.13, 0.22, "loses", weight="bold", bbox=WHITE)
    axes[0].text(2.0, 1.55, "loses", weight="bold", bbox=WHITE)
    axes[1].text(0.115, 1.7, "gains", weight="bold", bbox=WHITE)
    axes[1].text(0.5, 0.7, "loses", weight="bold", bbox=WHITE)
    axes[1].set_xlabel("model size, after / before")
    bar = axes[0].figure.colorbar(mesh, ax=list(axes), location="bottom", aspect=34, pad=0.02)
    bar.set_label("change of gross profit")
    bar.set_ticks([-1, 0, 1, 2], labels=["−100 %", "0", "+100 %", "+200 %"])
    return axes


def verdict_counts(counts, ax):
    """Bars of the number of verdicts of each kind.

    counts : Series, verdict to number, in the order of the scale
    """
    place = np.arange(len(counts))[::-1]
    ax.barh(place, counts, color=VERDICT_COLOURS, height=0.7)
    for y, number in zip(place, counts, strict=True):
        ax.text(number + 0.4, y, f"{number}", va="center", weight="bold")
    ax.set_yticks(place, counts.index)
    ax.set(xlabel="claims", xlim=(0, counts.max() * 1.12))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    return ax


def verdict_shares(counts, ax):
    """One bar for each group, split by verdict, with the numbers inside.

    counts : groups by verdicts, verdicts in the order of the scale
    """
    place = np.arange(len(counts))[::-1]
    left = np.zeros(len(counts))
    total = counts.sum(axis=1).to_numpy()
    for verdict, colour in zip(counts.columns, VERDICT_COLOURS, strict=True):
        share = counts[verdict].to_numpy() / total
        ax.barh(place, share, left=left, color=colour, height=0.72, label=verdict)
        for y, start, width, number in zip(place, left, share, counts[verdict], strict=True):
            if number:
                ax.text(
                    start + width / 2,
                    y,
                    f"{number}",
                    color="white",
                    weight="bold",
                    ha="center",
                    va="center",
                )
        left += share
    ax.set_yticks(place, counts.index)
    ax.set(xlim=(0, 1), xticks=[])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False)
    ax.figure.legend(loc="outside lower center", ncols=2, handlelength=1, columnspacing=1.2)
    return ax
