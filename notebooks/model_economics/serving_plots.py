"""Figures of the serving chapter: each takes tidy data, draws on one axes and returns it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm

from model_economics import figures, serving

COLOURS = figures.COLOURS
LOSS_TO_GAIN = LinearSegmentedColormap.from_list(
    "loss_to_gain", [COLOURS["loss"], "#f6c9a4", "#f7f7f7", "#a6dbc7", COLOURS["gain"]]
)

HALO = {"fc": "#ffffff", "ec": "none", "pad": 1, "alpha": 0.85}
COVER = {**HALO, "alpha": 1}  # hides a line that would run through a label


def usd(amount, digits=0):
    """A signed amount of USD with a true minus sign.

    >>> usd(-922)
    '−922'
    """
    return f"{amount:+,.{digits}f}".replace("-", "−")


def pct(share, digits=0):
    """A share in per cent.

    >>> pct(0.8393, 1)
    '83.9 %'
    """
    return f"{100 * share:.{digits}f} %"


def bridge(parts, *, start, end, ax=None):
    """Draw a horizontal waterfall from one profit to another.

    parts : result of `serving.bridge`; `step` holds the labels
    start, end : (label, profit in USD a day, colour) of the two ends
    """
    ax = ax or plt.gca()
    moves = parts["shapley_usd_per_day"].to_numpy()
    before = start[1] + np.concatenate([[0], np.cumsum(moves)[:-1]])
    rows = np.arange(1, len(parts) + 1)
    colours = [COLOURS["gain"] if move > 0 else COLOURS["loss"] for move in moves]
    ax.barh(rows, moves, left=before, color=colours, height=0.62)
    ax.barh([0], [start[1]], color=start[2], height=0.62)
    ax.barh([len(parts) + 1], [end[1]], color=end[2], height=0.62)
    edge = np.concatenate([[start[1]], before + moves])
    for row, x in enumerate(edge):
        ax.plot([x, x], [row - 0.31, row + 1.31], color=COLOURS["neutral"], lw=0.8)
    span = parts[["lowest_usd_per_day", "highest_usd_per_day"]].to_numpy()
    for row, x, move, (low, high) in zip(rows, before, moves, span, strict=True):
        right = max(x, x + move)
        orders = f"  ({usd(low)} to {usd(high)})" if high - low > 10 else ""
        ax.text(right + 14, row, f"{usd(move)}{orders}", va="center", bbox=HALO)
    ax.text(start[1] / 2, 0, usd(start[1]), va="center", ha="center", color="white")
    ax.text(end[1] + 14, len(parts) + 1, usd(end[1]), va="center")
    ax.set_yticks(range(len(parts) + 2), [start[0], *parts["step"], end[0]])
    ax.invert_yaxis()
    ax.axvline(0, color="#222222", lw=1)
    reach = max(edge.max(), end[1], 0)
    ax.set_xlim(min(edge.min(), start[1], 0) * 1.05, reach + 300)
    ax.set_xlabel("profit of one node, USD a day")
    ax.grid(axis="y", visible=False)
    return ax


def profit_grid(case, ratios, loads):
    """Profit in USD a day over ratio (columns) and load (rows), the rest as in `case`."""
    revenue = serving.revenue_usd_per_day(
        case.output_tok_per_s,
        np.asarray(ratios)[None, :],
        case.input_usd_per_mtok,
        case.output_usd_per_mtok,
        utilisation=np.asarray(loads)[:, None],
    )
    return revenue - case.cost_usd_per_day


def ratio_at(case, profit_usd_per_day, utilisation):
    """Ratio at which `case` makes a profit at a load: where a contour meets that load.

    Adding the profit to the rent turns the question into a break-even.
    """
    rent = case.cost_usd_per_day + profit_usd_per_day
    per_gpu_hour = max(rent, 0) / (case.gpus * serving.HOURS_PER_DAY)
    moved = case.with_(usd_per_gpu_hour=per_gpu_hour, utilisation=utilisation)
    return moved.break_even_input_per_output


def profit_map(case, points, workloads, stated, ax=None):
    """Draw profit over input:output ratio and load, with its zero line.

    The map holds output speed; a dashed line is the zero line at the same work in all.

    points : one row a marked case: label, input_per_output, utilisation, colour, and the
        offset of its label dx, dy in points
    workloads : one row a measured ratio: label, input_per_output
    stated : (lowest, highest) ratio of the host's own range
    """
    ax = ax or plt.gca()
    widest = max(18, 1.2 * points["input_per_output"].max())
    ratios, loads = np.linspace(0, widest, 91), np.linspace(0.3, 1, 71)
    profit = profit_grid(case, ratios, loads)
    levels = [-650, -500, -400, -300, -200, -100, 0, 100, 200, 300, 400, 500, 750]
    norm = TwoSlopeNorm(0, -650, 750)
    ax.contourf(ratios, loads, profit, levels, cmap=LOSS_TO_GAIN, norm=norm, extend="both")
    ax.contour(ratios, loads, profit, [0], colors="#222222", linewidths=2)
    ax.set(xlim=(0, widest), ylim=(0.3, 1), xlabel="input tokens per output token")
    same = serving.same_work(case, ratios).break_even_utilisation
    ax.plot(ratios, same, color="#222222", lw=2, ls=(0, (4, 2)))
    if 0.34 < same[-1] < 0.96:
        total = case.output_tok_per_s * (1 + case.input_per_output)
        text = f"break-even at {total:,.0f} in all"
        ax.text(widest - 0.2, same[-1] + 0.035, text, ha="right", va="center", bbox=HALO)
    for level, load in {-300: 0.8, 0: 0.66, 300: 0.78}.items():
        at = ratio_at(case, level, load)
        if 1 < at < widest - 1:
            text = "break-even" if level == 0 else usd(level)
            box = {**HALO, "pad": 1.5}
            ax.text(
                at, load, text, ha="center", va="center", rotation=0 if level else -38, bbox=box
            )
    for _, row in workloads.iterrows():
        ax.plot([row["input_per_output"]] * 2, [0.3, 0.33], color="#222222", lw=1.5)
        ax.text(
            row["input_per_output"],
            0.337,
            row["label"],
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=10.5,
        )
    low, high = stated
    ax.plot(
        [low, high],
        [1.03, 1.03],
        color=COLOURS["article"],
        lw=5,
        solid_capstyle="butt",
        clip_on=False,
    )
    ax.text(
        (low + high) / 2,
        1.048,
        f"Lepton's own range, {low:.0f} to {high:.0f}",
        ha="center",
        va="bottom",
        color=COLOURS["article"],
    )
    for _, row in points.iterrows():
        at = (row["input_per_output"], row["utilisation"])
        ax.plot(*at, "o", ms=11, color=row["colour"], mec="white", mew=1.5, clip_on=False, zorder=5)
        ax.annotate(
            row["label"],
            at,
            (row["dx"], row["dy"]),
            textcoords="offset points",
            color=row["colour"],
            fontweight="bold",
            ha=row["ha"],
            va="center",
            bbox={"fc": "#ffffff", "ec": "none", "pad": 1, "alpha": 0.8},
        )
    ax.set_xticks(range(0, int(widest) + 1, 2 if widest < 25 else 10))
    ax.set_yticks([0.4, 0.6, 0.8, 1.0], ["40 %", "60 %", "80 %", "100 %"])
    ax.set_ylabel("mean load")
    ax.grid(visible=False)
    return ax


def tornado(table, base, ax=None):
    """Draw one bar a range, from the profit at its low end to that at its high end.

    table : result of `serving.one_at_a_time`, with text columns low_label, high_label
    base : profit of the case in the middle, USD a day
    """
    ax = ax or plt.gca()
    for row, bar in table.iterrows():
        ends = [
            (bar["profit_low_usd_per_day"], bar["low_label"]),
            (bar["profit_high_usd_per_day"], bar["high_label"]),
        ]
        (left, left_text), (right, right_text) = sorted(ends)
        for a, b, colour in ((left, min(right, 0), "loss"), (max(left, 0), right, "gain")):
            if b > a:
                ax.barh(row, b - a, left=a, color=COLOURS[colour], height=0.5)
        ax.text(left - 40, row, left_text, ha="right", va="center", bbox=COVER)
        ax.text(right + 40, row, right_text, ha="left", va="center", bbox=COVER)
    ax.axvline(0, color="#222222", lw=1)
    ax.axvline(base, color=COLOURS["article"], lw=2, ls=(0, (4, 2)))
    ax.text(base + 25, -0.52, f"the sum: {usd(base)}", color=COLOURS["article"], va="bottom")
    ax.set_yticks(range(len(table)), table["label"])
    ax.set_ylim(len(table) - 0.5, -0.85)
    ends = table[["profit_low_usd_per_day", "profit_high_usd_per_day"]]
    ax.set_xlim(ends.min().min() - 750, ends.max().max() + 750)
    ax.set_xlabel("profit of one node, USD a day")
    ax.grid(axis="y", visible=False)
    return ax


def loads(needed, reached, mark, ax=None):
    """Draw the load that rents need above the load that traffic reaches.

    needed : one row a rent: label, load
    reached : one row a service: label, load_hour, load_shortest (may be missing)
    mark : load that the sum under test needs, drawn through both groups
    """
    ax = ax or plt.gca()
    rows = np.arange(len(needed))
    top = 1.12
    inside = needed["load"] <= 1.1
    ax.hlines(rows, 0, needed["load"].clip(upper=top), color=COLOURS["loss"], lw=2.5)
    ax.plot(needed["load"][inside], rows[inside], "D", ms=8, color=COLOURS["loss"])
    ax.plot(np.full((~inside).sum(), top), rows[~inside], ">", ms=10, color=COLOURS["loss"])
    for row, load in zip(rows, needed["load"], strict=True):
        ax.text(
            min(load, top) + 0.03, row, pct(load), va="center", color=COLOURS["loss"], bbox=HALO
        )
    below = np.arange(len(reached)) + len(needed) + 1
    short = reached["load_shortest"].fillna(reached["load_hour"])
    ax.hlines(below, short, reached["load_hour"], color=COLOURS["gain"], lw=2.5)
    ax.plot(short, below, "o", ms=8, mfc="white", mec=COLOURS["gain"], mew=2)
    ax.plot(reached["load_hour"], below, "o", ms=9, color=COLOURS["gain"])
    for row, load in zip(below, reached["load_hour"], strict=True):
        ax.text(load + 0.03, row, pct(load), va="center", color=COLOURS["gain"], bbox=COVER)
    ax.set_yticks([*rows, *below], [*needed["label"], *reached["label"]])
    ax.text(
        0, -0.85, "Load that pays the rent", fontweight="bold", color=COLOURS["loss"], va="center"
    )
    ax.text(
        0,
        len(needed) - 0.05,
        "Load reached when sized for the peak",
        fontweight="bold",
        color=COLOURS["gain"],
        va="center",
        bbox=COVER,
    )
    ax.set_ylim(below[-1] + 0.6, -1.4)
    ax.set_xlim(0, 1.3)
    ax.axvline(1, color="#222222", lw=1)
    ax.axvline(mark, color=COLOURS["article"], lw=1.5, ls=(0, (4, 2)), zorder=0)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel("share of full load")
    ax.grid(axis="y", visible=False)
    return ax


def speedups(rows, ax=None):
    """Draw speed-up by batch, one line a series, labelled at its end.

    rows : columns series, method, batch, speedup
    """
    ax = ax or plt.gca()
    style = {"EAGLE-3": COLOURS["dense"], "EAGLE": COLOURS["active"]}
    lift = {"EAGLE-3, vLLM": 9, "EAGLE, SGLang": -9}  # two lines end at the same height
    for name, line in rows.sort_values("batch").groupby("series"):
        colour = style[line["method"].iloc[0]]
        dashed = "vLLM" in name
        ax.plot(line["batch"], line["speedup"], "o--" if dashed else "o-", color=colour, ms=6)
        last = line.iloc[-1]
        ax.annotate(
            name,
            (last["batch"], last["speedup"]),
            (8, lift.get(name, 0)),
            textcoords="offset points",
            va="center",
            color="#222222",
        )
    ax.axhline(1, color="#222222", lw=1)
    ax.text(2, 0.965, "below 1 it costs throughput", va="top", ha="left", fontsize=10.5)
    ax.set_xscale("log", base=2)
    batches = [2, 4, 8, 16, 32, 64]
    ax.set_xticks(batches, [str(batch) for batch in batches])
    ax.set_xlim(1.8, 190)
    ax.set_ylim(0.6, 2.0)
    ax.set_xlabel("requests at once")
    ax.set_ylabel("throughput, × without it")
    return ax


def cache_gains(ratio, discounts, bounds, ax=None):
    """Draw the rise in throughput that makes up for a cache discount, by hit rate.

    ratio : input tokens per output token
    discounts : cuts of the input price on a hit, 0 to 1
    bounds : one row a workload: label, hit_rate, gain (the most that the cache can give)
    """
    ax = ax or plt.gca()
    hits = np.linspace(0, 0.8, 81)
    shades = [COLOURS["estimate"], COLOURS["active"], COLOURS["loss"]]
    for discount, colour in zip(discounts, shades, strict=False):
        needed = 1 / serving.revenue_kept(ratio, hits, discount)
        ax.plot(hits, needed, color=colour)
        ax.text(0.81, needed[-1], f"{pct(discount)} off", va="center", color="#222222")
    ax.plot(bounds["hit_rate"], bounds["gain"], "o", ms=9, color=COLOURS["gain"])
    for _, row in bounds.iterrows():
        ax.annotate(
            row["label"],
            (row["hit_rate"], row["gain"]),
            (-9, 3),
            ha="right",
            textcoords="offset points",
            color=COLOURS["gain"],
        )
    ax.text(0.03, 3.2, "● the most a cache can give", color=COLOURS["gain"], va="center")
    ax.text(0.03, 3.0, "— what makes up for the discount", color="#222222", va="center")
    ax.set_xlim(0, 0.97)
    ax.set_ylim(1, 3.4)
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8], ["0", "20 %", "40 %", "60 %", "80 %"])
    ax.set_yticks([1, 1.5, 2, 2.5, 3], ["1×", "1.5×", "2×", "2.5×", "3×"])
    ax.set_xlabel("share of input tokens that hit the cache")
    ax.set_ylabel("throughput, × without a cache")
    return ax


def price_history(listings, break_evens, today, ax=None):
    """Draw each listing as a line from first to last day seen, against break-even prices.

    listings : columns valid_from, valid_to (empty: no end known, dotted up to today),
        last_seen_on, usd_per_mtok, pays, and label, dx, dy, ha for the name (label "" for
        none; dx, dy in points)
    break_evens : columns series, read_on, usd_per_mtok; one line a series
    today : last day of the axis
    """
    ax = ax or plt.gca()
    for _, row in listings.iterrows():
        colour = COLOURS["gain"] if row["pays"] else COLOURS["loss"]
        start, end, y = row["valid_from"], row["last_seen_on"], row["usd_per_mtok"]
        ax.plot([start, end], [y, y], color=colour, lw=3.5, solid_capstyle="butt")
        if pd.isna(row["valid_to"]):
            ax.plot([end, today], [y, y], color=colour, lw=1.5, ls=":")
        ax.plot(start, y, "o", ms=5.5, color=colour)
        ax.annotate(
            row["label"],
            (start, y),
            (row["dx"], row["dy"]),
            fontsize=10.5,
            textcoords="offset points",
            va="center",
            ha=row["ha"],
        )
    marks = {
        "on-demand": ("#222222", "-", "break-even at on-demand rent", "2025-01-20", -10),
        "1-year contract": (
            COLOURS["neutral"],
            (0, (3, 2)),
            "at 1-year contracts",
            "2026-01-25",
            -12,
        ),
    }
    for name, line in break_evens.sort_values("read_on").groupby("series"):
        colour, dash, text, day, dy = marks[name]
        dates = [*line["read_on"], today]
        values = [*line["usd_per_mtok"], line["usd_per_mtok"].iloc[-1]]
        shown = list(range(len(line)))
        ax.plot(dates, values, color=colour, ls=dash, marker="s", ms=4, markevery=shown, zorder=1)
        at = (pd.Timestamp(day), serving.value_on([day], line["read_on"], line["usd_per_mtok"])[0])
        ax.annotate(
            text, at, (0, dy), textcoords="offset points", fontsize=10.5, color=colour, va="center"
        )
    ax.set_yscale("log")
    ax.set_ylim(0.6, 16)
    figures.plain_log_axis(ax.yaxis)
    ax.set_yticks([1, 2, 5, 10])
    ax.set_xlim(pd.Timestamp("2024-05-20"), today + pd.Timedelta(days=15))
    years = pd.to_datetime(["2024-07-01", "2025-01-01", "2025-07-01", "2026-01-01", "2026-07-01"])
    ax.set_xticks(years, ["July\n2024", "Jan\n2025", "July\n2025", "Jan\n2026", "July\n2026"])
    ax.set_ylabel("USD per M tokens at 10:1")
    ax.grid(axis="x", visible=False)
    return ax
