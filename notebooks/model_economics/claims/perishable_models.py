"""Verdicts on the claims of section 1 of the article (C01, C09 to C19), tested in chapter 01.

``measure`` reduces the tables to the few numbers that decide; each function takes them and
returns one Verdict. Thresholds stand in the code; a changed cell can change a verdict.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_economics import prices
from model_economics.claims import Verdict

READ_ON = "2026-11-24"  # day the tables were read; shutdowns announced for later are no ends
# Models whose launch sets a level of quality: cheapest of their level when they came out.
LEVELS = (
    "gpt-3.5-turbo-1106",
    "gpt-4-0314",
    "gpt-4-1106-preview",
    "gpt-4o-2024-05-13",
    "claude-3-5-sonnet-20241022",
    "gpt-5-high",
)
TOP_LEVEL = "gemini-3-pro"  # newest level with a full price and half a year to be undercut
VENDORS = ("OpenAI", "Anthropic", "Google", "Mistral", "xAI", "DeepSeek", "Cohere")
TRAINING_RUN = "llama-3.1-405b"  # row of training_costs for the article's own model
FEW, MANY = 0.10, 0.50  # shares that make "almost nothing" and "most"
LAUNCH_USD_PER_DAY = 1e6  # assumed revenue just after a release, for the treadmill
MATTERS = 1.5  # times more or less revenue that make a difference
MONTH = prices.DAYS_PER_MONTH


@dataclass(frozen=True)
class Evidence:
    """The numbers that decide the claims of chapter 01; days unless the name says otherwise.

    halving : median over levels of the halving time of the price of equal quality
    halving_low, halving_high : its interval when vendors are drawn anew
    level_fast, level_slow : fastest and slowest level
    levels, levels_fitted : levels in all, and those whose own fit excludes no fall
    top_factor, top_days : fall of the newest level, and how long it had to fall
    sale : median days on sale; reign : median days at the top of the Arena
    listings, cuts, rises : posted prices of vendors that were followed, and what they did
    lows_per_year : new lowest prices a level and year
    training_usd : cost of the article's model
    post_times : time of posting by author, first listed post of each
    """

    halving: float
    halving_low: float
    halving_high: float
    level_fast: float
    level_slow: float
    levels: int
    levels_fitted: int
    top_factor: float
    top_days: int
    sale: float
    reign: float
    listings: int
    cuts: int
    rises: int
    lows_per_year: float
    training_usd: float
    post_times: pd.Series


def measure(
    quality_prices,
    token_prices,
    model_lifetimes,
    arena_reigns,
    training_costs,
    posts,
    levels=LEVELS,
):
    """Reduce the tables of chapter 01 to ``Evidence``.

    The arguments are the tables of those names; levels names the reference models.
    """
    quality = prices.with_blend(quality_prices)
    fits = prices.level_halvings(quality, levels)
    low, high = prices.bootstrap_median_halving(quality, levels, draws=400)
    top = prices.level_halvings(quality, [TOP_LEVEL]).iloc[0]
    sale = prices.days_on_sale(model_lifetimes, READ_ON).query("stage == 'stable'")
    reigns = prices.days_at_top(arena_reigns)
    moves = vendor_moves(token_prices)["move"]
    years = (fits["last_on"] - fits["first_on"]).dt.days.sum() / prices.DAYS_PER_YEAR
    cost = training_costs.set_index("training_id").loc[TRAINING_RUN, "cost_usd"]
    times = posts.assign(time=posts["post_id"].map(prices.post_time_utc))
    listed = times[times["listed_by_article"].astype(bool)].sort_values("time")
    return Evidence(
        halving=float(fits["halving_days"].median()),
        halving_low=low,
        halving_high=high,
        level_fast=float(fits["halving_days"].min()),
        level_slow=float(fits["halving_days"].max()),
        levels=len(fits),
        levels_fitted=int(np.isfinite(fits["high_days"]).sum()),
        top_factor=float(top["factor"]),
        top_days=int((quality["priced_on"].max() - top["first_on"]).days),
        sale=prices.median_days(sale["days"], sale["ended"])[0],
        reign=prices.median_days(reigns["days"], reigns["ended"])[0],
        listings=len(moves),
        cuts=int((moves == "cut").sum()),
        rises=int((moves == "rise").sum()),
        lows_per_year=float((fits["n"] - 1).sum() / years),
        training_usd=float(cost),
        post_times=listed[listed["time"] >= "2024-07-31"].groupby("author")["time"].min(),
    )


def vendor_moves(token_prices, hosts=VENDORS):
    """Posted prices in the two registries at the given hosts, and whether each moved."""
    registry = token_prices["date_basis"] == "first_seen_in_registry"
    listed = token_prices["listing"].notna() & token_prices["host"].isin(hosts)
    return prices.posted_price_moves(prices.with_blend(token_prices[registry & listed]))


def c01(e):
    """C01: only a quick sale earns, by what one month's delay costs."""
    lost = prices.share_lost_to_delay(MONTH, e.halving, e.sale)
    kept = 1 - prices.share_lost_to_delay(3 * MONTH, e.halving, e.sale)
    verdict = "reproduced" if lost >= MANY else "partly" if lost >= FEW else "not supported"
    reason = (
        "speed pays, but it is not the only thing that does: a launch a quarter late still "
        f"collects {100 * kept:.0f} %"
    )
    return _computed(
        "C01", verdict, f"a month's delay costs {100 * lost:.0f} %", reason, "ch01-delay"
    )


def c09(e):
    """C09: Pohlen opened the round, by the times in the ids of the linked posts."""
    first = e.post_times.idxmin()
    verdict = "holds with a caveat" if first == "TobyPhln" else "not supported"
    return _computed(
        "C09",
        verdict,
        f"posted {e.post_times['TobyPhln']:%d %B %Y, %H:%M} UTC",
        "his is the first of the linked posts of that day; their texts were not read",
        "ch01-laws",
    )


def c10(e):
    """C10: value falls exponentially, by straight lines through log prices at equal quality."""
    straight = e.levels_fitted / e.levels
    verdict = (
        "holds with a caveat" if straight >= MANY else "partly" if straight else "not supported"
    )
    number = f"halves every {e.halving:.0f} days (levels {e.level_fast:.0f} to {e.level_slow:.0f})"
    newest = f"fell {e.top_factor:.1f} times" if e.top_factor > 1 else "has not fallen"
    reason = (
        "true of the price of equal quality, in steps; not of a model's own posted price, and "
        f"the newest level {newest} in {e.top_days} days"
    )
    return _computed("C10", verdict, number, reason, "ch01-equal-quality")


def c11(e):
    """C11: owners must act quickly, by the revenue a month of delay costs at either end."""
    slow = prices.share_lost_to_delay(MONTH, e.level_slow, e.sale)
    fast = prices.share_lost_to_delay(MONTH, e.level_fast, e.sale)
    verdict = "holds with a caveat" if slow >= FEW else "not supported"
    return _computed(
        "C11",
        verdict,
        f"{100 * slow:.0f} % to {100 * fast:.0f} % of revenue for a month's delay",
        "at constant volume; growing sales offset it, and what being first costs is not known",
        "ch01-delay",
    )


def c12(e):
    """C12: the old generation is worth almost nothing, by what is left when the top changes."""
    left = prices.exponential_value(e.reign, e.halving)
    verdict = "not supported" if left > FEW else "reproduced"
    unmoved = 1 - (e.cuts + e.rises) / e.listings
    reason = (
        f"a tenth is left only after {e.halving * np.log2(10):.0f} days, and "
        f"{100 * unmoved:.0f} % of posted prices ended where they began"
    )
    return _computed(
        "C12",
        verdict,
        f"{100 * left:.0f} % of the price is left after a median reign",
        reason,
        "ch01-posted",
    )


def c13(e):
    """C13: Musk's endorsement, by the seconds between the two posts."""
    seconds = (e.post_times["elonmusk"] - e.post_times["TobyPhln"]).total_seconds()
    verdict = "reproduced" if 0 < seconds < 3600 else "not supported"
    reason = "from the times in the two ids; an endorsement is no evidence for the argument"
    return _computed("C13", verdict, f"{seconds:.0f} seconds later", reason, "ch01-laws")


def c14(e):
    """C14: a turkey's price path, by the posted prices that fell."""
    share = e.cuts / e.listings
    verdict = "not supported" if share < MANY else "holds with a caveat"
    reason = (
        "no drop on a known day: posted prices mostly stand until the model is shut down, and "
        "copies of a model do not spoil"
    )
    number = f"{e.cuts} of {e.listings} posted prices ended lower"
    return _computed("C14", verdict, number, reason, "ch01-posted")


def c15(e):
    """C15: one Thanksgiving after another, by new lows a year and the cost of delay."""
    lost = prices.share_lost_to_delay(MONTH, e.halving, e.sale)
    holds = e.lows_per_year > 1 and lost >= FEW
    reason = (
        "many small drops on unknown days add up to an exponential, so an earlier sale does "
        "earn more; there is no eve to wait for"
    )
    return _computed(
        "C15",
        "holds with a caveat" if holds else "not supported",
        f"{e.lows_per_year:.1f} new lows a year at each level",
        reason,
        "ch01-delay",
    )


def c16():
    """C16: mooncakes as a parallel."""
    reason = "an editor's aside on another good; no prices of mooncakes were collected"
    return Verdict("C16", "cannot be tested", "", reason, "argued", "ch01-laws")


def c17(e):
    """C17: value without end by iterating, by whether the assumed launch revenue repays a run."""
    needed = e.training_usd * np.log(2) / e.halving
    return _computed(
        "C17",
        "holds with a caveat" if needed < LAUNCH_USD_PER_DAY else "not supported",
        f"only above USD {needed / 1e6:.2f} M a day at launch",
        f"below it a run of USD {e.training_usd / 1e6:.0f} M is never repaid; the article leaves "
        "training out",
        "ch01-treadmill",
    )


def c18(e):
    """C18: frequency decides value, by what one and twelve releases a year collect."""
    year, month = (
        prices.collected_launch_days(0.0, e.halving, days) for days in (prices.DAYS_PER_YEAR, MONTH)
    )
    flow = 12 * month / year
    each = month / year
    verdict = "partly" if flow > MATTERS and each < 1 / MATTERS else "not supported"
    number = (
        f"twelve releases a year: {flow:.1f}× the revenue, {100 * each:.0f} % of it for each model"
    )
    reason = "more frequent releases raise the firm's flow and lower the value of every model"
    return _computed("C18", verdict, number, reason, "ch01-treadmill")


def c19():
    """C19: the article's open question."""
    reason = (
        "a question; this chapter's answer is price at equal quality times volume times days on "
        "sale, less training, of which volume is not public"
    )
    return Verdict("C19", "cannot be tested", "", reason, "argued", "ch01-sure")


def verdicts(
    quality_prices,
    token_prices,
    model_lifetimes,
    arena_reigns,
    training_costs,
    posts,
    levels=LEVELS,
):
    """All verdicts of chapter 01, in the order of the claims; the arguments of ``measure``."""
    e = measure(
        quality_prices, token_prices, model_lifetimes, arena_reigns, training_costs, posts, levels
    )
    return [
        c01(e), c09(e), c10(e), c11(e), c12(e), c13(e),
        c14(e), c15(e), c16(), c17(e), c18(e), c19(),
    ]  # fmt: skip


def _computed(claim, verdict, number, reason, section):
    return Verdict(claim, verdict, number, reason, "computed", section)
