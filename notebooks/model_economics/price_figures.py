"""Figures and tables of the chapter on perishable models; figures return their axes.

Green is the price of equal quality, orange a price or rent that someone posts, red what the
article says, grey what others found.
"""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from model_economics import prices
from model_economics.figures import COLOURS, plain_log_axis

EQUAL, POSTED, ARTICLE = COLOURS["gain"], COLOURS["loss"], COLOURS["article"]
OTHERS, FAINT = COLOURS["neutral"], "#b9b9b9"
HALO = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
SHADES = ("#9fd8c6", "#5bbd9f", "#009e73", "#00694d")  # older to newer levels of quality


# How tables name the models that set a level of quality.
LEVEL_NAMES = {
    "gpt-3.5-turbo-1106": "GPT-3.5 Turbo",
    "gpt-4-0314": "GPT-4",
    "gpt-4-1106-preview": "GPT-4 Turbo",
    "gpt-4o-2024-05-13": "GPT-4o",
    "claude-3-5-sonnet-20241022": "Sonnet 3.5",
    "gpt-5-high": "GPT-5",
}
# Series of rents: name, marker, colour.
RENT_MARKS = (
    ("market, on demand", "^", OTHERS),
    ("list of Lambda", "o", POSTED),
    ("one-year contract", "s", "#a3457f"),
)
# Where a posted price is named: text, day, USD per million tokens, alignment.
POSTED_LABELS = {
    "gpt-4": ("GPT-4", "2023-03-14", 44, {}),
    "claude-3-opus-20240229": ("Claude 3 Opus", "2024-03-10", 26, {"va": "top"}),
    "gpt-4o-2024-05-13": ("GPT-4o", "2024-07-15", 8.4, {}),
    "o3": ("o3", "2025-07-01", 13, {}),
    "gemini-1.5-flash": ("Gemini 1.5 Flash", "2024-10-25", 0.3, {}),
}


def three_laws(paths, halving_days, turkey_day, turkey_share, days=400, ax=None):
    """Value left by the exponential, the turkey and the retelling, over the levels' prices.

    paths : one row a price, with level, day (since launch) and share (of launch price)
    halving_days : of the exponential; turkey_day, turkey_share : when the step comes, what stays
    """
    ax = ax or plt.gca()
    for _, path in paths.groupby("level"):
        x = [*path["day"], max(days, path["day"].max())]
        y = [*path["share"], path["share"].iloc[-1]]
        ax.step(x, np.multiply(100, y), where="post", color=EQUAL, alpha=0.45, lw=1.4)
    grid = np.linspace(0, days, 401)
    ax.plot(grid, 100 * prices.exponential_value(grid, halving_days), color=ARTICLE, lw=3)
    for share, style in ((turkey_share, "--"), (0.0, ":")):
        step = 100 * prices.stepped_value(grid, turkey_day, share)
        ax.plot(grid, step, color=ARTICLE, ls=style, lw=2)
    ax.set(xlim=(0, days), ylim=(-3, 104), xlabel="days since launch", ylabel="value left, %")
    label(ax, 140, 45, "Pohlen: halves steadily", ARTICLE)
    label(ax, days - 4, 100 * turkey_share + 2, "turkey: one step", ARTICLE, ha="right")
    label(ax, turkey_day + 6, 2, "retelling: nothing left", ARTICLE)
    label(ax, days - 4, 70, "price of equal\nquality, six levels", EQUAL, ha="right")
    return ax


def equal_quality(paths, names, top, end, ax=None):
    """Cheapest price at some levels of quality over time, and the newest level.

    paths : one row a price, with reference, priced_on and usd_per_mtok
    names : dict of reference to label, oldest level first; top : reference of the newest level
    end : last day for which prices are known
    """
    ax = ax or plt.gca()
    for shade, (reference, name) in zip(SHADES, names.items(), strict=False):
        path = paths[paths["reference"] == reference]
        _steps(ax, path, end, shade)
        day, usd = path["priced_on"].iloc[0], path["usd_per_mtok"].iloc[0]
        left = pd.Timedelta(days=20)
        label(ax, day - left, usd, name, shade, ha="right", va="center")
    path = paths[paths["reference"] == top]
    _steps(ax, path, end, POSTED)
    label(ax, end, path["usd_per_mtok"].iloc[0] * 1.22, "Gemini 3 Pro", POSTED, ha="right")
    ax.set(yscale="log", ylim=(0.01, 100), ylabel="USD per million tokens")
    ax.set_xlim(pd.Timestamp("2022-11-01"), end + pd.Timedelta(days=25))
    plain_log_axis(ax.yaxis)
    _years(ax)
    return ax


def estimates(table, ax=None):
    """Halving times of several sources on one axis.

    table : one row an estimate, with name, days, low_days, high_days (may be missing) and ours
    """
    ax = ax or plt.gca()
    ordered = table.iloc[::-1].reset_index(drop=True)
    for y, row in ordered.iterrows():
        colour = EQUAL if row["ours"] else OTHERS
        if np.isfinite(row["low_days"]):
            ax.plot([row["low_days"], row["high_days"]], [y, y], color=colour, lw=5, alpha=0.35)
        if np.isfinite(row["days"]):
            ax.plot(row["days"], y, "o", color=colour, ms=8)
            ax.annotate(
                f"{row['days']:.0f}", (row["days"], y), (0, 7), textcoords="offset points",
                ha="center", fontsize=10.5, color=SHADES[3] if row["ours"] else colour,
            )  # fmt: skip
    ax.set_yticks(range(len(ordered)), ordered["name"])
    for tick, ours in zip(ax.get_yticklabels(), ordered["ours"], strict=True):
        tick.set_color(SHADES[3] if ours else "#333333")
    ax.set(xlim=(0, 175), ylim=(-0.6, len(ordered) - 0.2), xlabel="days until the price halves")
    ax.grid(axis="y", visible=False)
    return ax


def same_weights(own, equal, known_until, ax=None):
    """Cheapest price of one model's own weights, and of any model as good, with the gap shaded.

    own : readings of the cheapest host, with day and usd_per_mtok
    equal : path of the price of equal quality, with priced_on and usd_per_mtok
    known_until : last day for which equal prices are known
    """
    ax = ax or plt.gca()
    start, end = own["day"].iloc[0], own["day"].iloc[-1]
    days = pd.date_range(start, known_until, freq="D")
    own_daily = _daily(own["day"], own["usd_per_mtok"], days)
    equal_daily = _daily(equal["priced_on"], equal["usd_per_mtok"], days)
    ax.fill_between(days, equal_daily, own_daily, color=EQUAL, alpha=0.15, lw=0)
    ax.step(own["day"], own["usd_per_mtok"], where="post", color=POSTED)
    ax.plot(days, equal_daily, color=EQUAL, drawstyle="steps-post")
    ax.plot(own["day"], own["usd_per_mtok"], "o", color=POSTED)
    ax.set(yscale="log", ylim=(0.02, 5), ylabel="USD per million tokens")
    ax.set_yticks([0.03, 0.1, 0.3, 1, 3])
    plain_log_axis(ax.yaxis)
    _years(ax)
    label(ax, end, 0.95, "Llama 3.1 405B itself", POSTED, ha="right")
    middle = days[int(0.63 * len(days))]
    label(ax, middle, 0.2, "what newer models\nadd to the fall", EQUAL, ha="center", bbox=None)
    label(ax, days[-1], 0.04, "cheapest model as good", EQUAL, ha="right", va="top")
    return ax


def posted_prices(lines, equal, known_until, ax=None):
    """Posted prices of single models from launch to shutdown, over the price of equal quality.

    lines : one row a price of a model, with model, day, until and usd_per_mtok
    equal : path of the price of GPT-4's quality, known until known_until
    """
    ax = ax or plt.gca()
    for model, rows in lines.groupby("model", sort=False):
        days = [*rows["day"], rows["until"].iloc[-1]]
        usd = [*rows["usd_per_mtok"], rows["usd_per_mtok"].iloc[-1]]
        ax.step(days, usd, where="post", color=POSTED, lw=2)
        ax.plot(days[-1], usd[-1], "|", color=POSTED, ms=11, mew=2.5)
        if model in POSTED_LABELS:
            text, day, height, options = POSTED_LABELS[model]
            label(ax, pd.Timestamp(day), height, text, POSTED, **options)
    _steps(ax, equal, known_until, EQUAL)
    label(
        ax, pd.Timestamp("2024-12-01"), 0.028, "cheapest model\nas good as GPT-4", EQUAL, ha="right"
    )
    ax.set(yscale="log", ylim=(0.01, 150), ylabel="USD per million tokens")
    plain_log_axis(ax.yaxis)
    _years(ax)
    return ax


def survival(curves, names, ax=None):
    """Share of models still on sale by age, one line a group.

    curves : rows of ``prices.survival`` with a group column
    names : dict of group to (label, colour, days, height in %, alignment)
    """
    ax = ax or plt.gca()
    for group, (name, colour, day, height, side) in names.items():
        curve = curves[curves["group"] == group]
        ax.step(curve["days"], 100 * curve["share"], where="post", color=colour)
        label(ax, day, height, name, colour, ha=side)
    ax.axhline(50, color=FAINT, lw=1, zorder=0)
    ax.set(xlim=(0, 1250), ylim=(0, 104), xlabel="days since release", ylabel="still on sale, %")
    return ax


def how_perishable(spans, ax=None):
    """Several durations on one logarithmic axis of days.

    spans : one row a duration, with name, days, low_days, high_days and kind (colour)
    """
    ax = ax or plt.gca()
    ordered = spans.iloc[::-1].reset_index(drop=True)
    for y, row in ordered.iterrows():
        colour = {"price": EQUAL, "time": POSTED}[row["kind"]]
        ax.plot([row["low_days"], row["high_days"]], [y, y], color=colour, lw=7, alpha=0.3)
        ax.plot(row["days"], y, "o", color=colour, ms=9)
        ax.annotate(
            f"{row['days']:.0f}", (row["days"], y), (0, 9), textcoords="offset points",
            ha="center", fontsize=11.5, color=_ink(colour), weight="bold",
        )  # fmt: skip
    ax.set_yticks(range(len(ordered)), ordered["name"])
    ax.set(xscale="log", xlim=(8, 1100), ylim=(-0.5, len(ordered) - 0.3), xlabel="days")
    ax.set_xticks([10, 30, 100, 300, 1000])
    plain_log_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    return ax


def rents(series, halving_days, start, ax=None):
    """Rents of one kind of GPU by contract, and what the halving of model prices would give.

    series : one row a reading, with name, read_on and usd_per_gpu_hour
    halving_days : of the price of equal quality
    start : name of the series from whose first reading that fall is drawn
    """
    ax = ax or plt.gca()
    first = series[series["name"] == start].sort_values("read_on").iloc[0]
    days = pd.date_range(first["read_on"], series["read_on"].max(), freq="7D")
    ages = (days - first["read_on"]).days.to_numpy()
    falling = first["usd_per_gpu_hour"] * prices.exponential_value(ages, halving_days)
    ax.plot(days, falling, color=EQUAL, ls="--")
    label(ax, days[int(0.4 * len(days))], 0.1, "if it fell like\nequal quality", EQUAL, ha="right")
    marks = {name: (marker, shade) for name, marker, shade in RENT_MARKS}
    for name, rows in series.sort_values("read_on").groupby("name", sort=False):
        marker, shade = marks[name]
        ax.plot(rows["read_on"], rows["usd_per_gpu_hour"], color=shade, marker=marker)
    ax.set(yscale="log", ylim=(0.01, 20), ylabel="USD per H100 and hour")
    label(ax, pd.Timestamp("2023-02-10"), 9.0, "market, on demand", OTHERS)
    label(ax, pd.Timestamp("2026-10-15"), 4.6, "Lambda's list", POSTED, ha="right")
    label(
        ax, pd.Timestamp("2026-10-15"), 1.15, "one-year contract", "#a3457f", ha="right", va="top"
    )
    plain_log_axis(ax.yaxis)
    _years(ax)
    return ax


def delay(table, ax=None):
    """Share of revenue lost against days late, one line a halving time.

    table : rows with days_late, halving_days and lost (share)
    """
    ax = ax or plt.gca()
    lines = sorted(table["halving_days"].unique())
    for halving, shade in zip(lines, (SHADES[3], SHADES[2], SHADES[1]), strict=True):
        rows = table[table["halving_days"] == halving]
        ax.plot(rows["days_late"], 100 * rows["lost"], color=shade, lw=2.5)
        end = rows.iloc[-1]
        text = f"halves in\n{halving:.0f} days"
        ax.annotate(
            text, (end["days_late"], 100 * end["lost"]), (6, 0), textcoords="offset points",
            va="center", color=SHADES[3], fontsize=10.5, annotation_clip=False,
        )  # fmt: skip
    ax.axvline(prices.DAYS_PER_MONTH, color=FAINT, lw=1, zorder=0)
    label(ax, prices.DAYS_PER_MONTH + 3, 93, "one month late", OTHERS)
    ax.set(xlim=(0, 180), ylim=(0, 100), xlabel="days late", ylabel="revenue lost, %")
    return ax


def treadmill(table, best, ax=None):
    """Profit per day against releases per year, one line a training cost.

    table : rows with releases_per_year, name and usd_m_per_day
    best : one row a line with the best releases_per_year and usd_m_per_day
    """
    ax = ax or plt.gca()
    colours = (OTHERS, SHADES[2], POSTED)
    for (name, rows), colour in zip(table.groupby("name", sort=False), colours, strict=False):
        ax.plot(rows["releases_per_year"], rows["usd_m_per_day"], color=colour, lw=2.5)
        top = best[best["name"] == name]
        ax.plot(top["releases_per_year"], top["usd_m_per_day"], "o", color=colour, ms=9)
    ax.axhline(0, color="#767676", lw=0.8)
    ax.set(xscale="log", xlim=(0.5, 24), ylim=(-0.75, 1.05))
    label(ax, 3.6, 0.86, "free training", OTHERS, ha="right")
    label(ax, 5.2, 0.52, "USD 5.6 M a run", SHADES[2])
    label(ax, 1.05, 0.06, "USD 53 M a run", POSTED)
    ax.set_xticks([0.5, 1, 2, 4, 6, 12, 24])
    ax.set(xlabel="releases a year", ylabel="USD million a day")
    plain_log_axis(ax.xaxis)
    return ax


def cents(usd):
    """Whole cents in words: "1 cent", "2 cents"."""
    count = round(100 * usd)
    return f"{count} cent" if count == 1 else f"{count} cents"


def levels_table(levels):
    """Text of the table of levels: the level, days, first and last price, halving time."""
    return pd.DataFrame(
        {
            "as good as": levels["reference"].replace(LEVEL_NAMES),
            "days": (levels["last_on"] - levels["first_on"]).dt.days,
            "first": levels["first_usd_per_mtok"].map("{:.2f}".format),
            "last": levels["last_usd_per_mtok"].map("{:.4f}".format),
            "halves in": levels["halving_days"].map("{:.0f}".format),
        }
    )


def fits_table(levels, others):
    """Text of the table of fits: the level, fit, interval, points, and end points of others.

    levels, others : from ``prices.level_halvings``; others from a table with rows left out
    """
    ends = zip(levels["low_days"], levels["high_days"], strict=True)
    return pd.DataFrame(
        {
            "as good as": levels["reference"].replace(LEVEL_NAMES),
            "n": levels["n"],
            "fit": levels["fit_days"].map("{:.0f}".format),
            "95 %": [f"{a:.0f} to {b:.0f}" if b < 1000 else f"from {a:.0f}" for a, b in ends],
            "no Google": others["halving_days"].map("{:.0f}".format),
        }
    )


def choices_table(choices):
    """Text of the table of choices: choice, levels, median, range, in days."""
    ends = zip(choices["min_days"], choices["max_days"], strict=True)
    return pd.DataFrame(
        {
            "choice": choices["choice"],
            "levels": choices["levels"],
            "median": choices["median_days"].map("{:.0f}".format),
            "range": [
                f"{a:.0f} to {b:.0f}" if np.isfinite(b) else f"from {a:.0f}" for a, b in ends
            ],
        }
    )


def split_table(split):
    """Text of the table of own weights and equal quality."""
    return pd.DataFrame(
        {
            "model": split["name"],
            "first": split["first"].map("{:.3g}".format),
            "own fell": split["own_factor"].map("{:.1f}×".format),
            "equal fell": (split["own_factor"] * split["new_factor"]).map("{:.1f}×".format),
            "own, last": [
                f"{f:.1f}×" if f >= 1 else f"{1 / f:.1f}× dearer"
                for f in split["first"] / split["own_last"]
            ],
        }
    )


def moves_table(moves, sellers):
    """Text of the table of posted prices: seller, followed, cut, raised."""
    counted = moves.groupby("host")["move"].value_counts().unstack(fill_value=0)
    counted = counted.reindex(sellers, fill_value=0)
    return pd.DataFrame(
        {
            "seller": counted.index,
            "followed": counted.sum(axis=1).to_numpy(),
            "cut": counted["cut"].to_numpy(),
            "raised": counted["rise"].to_numpy(),
        }
    )


def changes_table(changes):
    """Text of the table of dated changes: model, day, age in days, new price over old."""
    ordered = changes.sort_values("changed_on")
    return pd.DataFrame(
        {
            "model": ordered["model"].str.replace(r"-\d{8}$|-0309-reasoning", "", regex=True),
            "changed on": ordered["changed_on"].dt.strftime("%Y-%m-%d"),
            "age, days": ordered["age_days"],
            "new / old": ordered["factor"].map("{:.2f}".format),
        }
    )


def clocks(levels, reigns, lags, sale, epoch):
    """Durations for ``how_perishable``, shortest first.

    levels : from ``prices.level_halvings``; reigns, lags, sale : with days and ended
    epoch : row of open_lag_estimates
    """
    month = prices.DAYS_PER_MONTH
    half = levels["halving_days"]
    rows = [
        ["first in\nthe Arena", *_median_and_half(reigns), "time"],
        ["price of equal\nquality halves", half.median(), half.min(), half.max(), "price"],
        [
            "open equal\n(Epoch AI)",
            *(epoch[c] * month for c in ("months", "low_months", "high_months")),
            "time",
        ],
        ["open equal\n(Arena)", *_median_and_half(lags), "time"],
        ["on sale", *_median_and_half(sale), "time"],
    ]
    return pd.DataFrame(rows, columns=["name", "days", "low_days", "high_days", "kind"])


def _median_and_half(cases):
    low, high = prices.middle_half_days(cases["days"], cases["ended"])
    return prices.median_days(cases["days"], cases["ended"])[0], low, high


def label(ax, x, y, text, colour, **options):
    """Write a label in the colour of what it names; greens are darkened to read as text."""
    ax.text(
        x, y, text, color=_ink(colour), fontsize=11, **{"va": "bottom", "bbox": HALO, **options}
    )


def _steps(ax, path, end, colour):
    days = [*path["priced_on"], max(end, path["priced_on"].iloc[-1])]
    usd = [*path["usd_per_mtok"], path["usd_per_mtok"].iloc[-1]]
    ax.step(days, usd, where="post", color=colour, lw=2.2)


def _daily(days, usd, grid):
    """The last price known on each day of a grid."""
    series = pd.Series(usd.to_numpy(), index=pd.DatetimeIndex(days)).groupby(level=0).last()
    return series.reindex(series.index.union(grid)).ffill().reindex(grid).to_numpy()


def _ink(colour):
    """The colour of text: greens are darkened."""
    return SHADES[3] if colour in SHADES else colour


def _years(ax):
    ax.xaxis.set_major_locator(mdates.YearLocator())
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    ax.set_xlabel("")
