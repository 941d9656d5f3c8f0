"""Verdicts on the claims of section 3 of the article (C34 to C60), tested in chapter 04.

Each function takes the tables it needs and returns one `Verdict`. Thresholds stand in
the code; changing a cell of a table can change a verdict. Where a caveat stays whatever
the numbers say, the function has no branch to "reproduced".
"""

from __future__ import annotations

import pandas as pd

from model_economics import serving
from model_economics.claims import Verdict

SAME = 0.20  # two readings of one quantity agree within a fifth
MOST, FEW = 0.75, 0.25  # shares that make "most" and "few"


def c34() -> Verdict:
    """C34: the trend to small is no reason to give up large models."""
    return _argued(
        "C34",
        "cannot be tested",
        "what ought to follow from a trend is advice; this chapter tests its premise, "
        "that a large model can be served at a profit",
        "ch04-sums",
    )


def c35(serving_cases: pd.DataFrame) -> Verdict:
    """C35: larger models cost more to serve, by GPU time per token at one request shape."""
    big = serving.case_values(serving_cases, "trtllm-5000-500")
    small = serving.case_values(serving_cases, "trtllm-8b-5000-500")
    cost = (big["gpus"] / big["output_tok_per_s"]) / (small["gpus"] / small["output_tok_per_s"])
    size = big["params_b"] / small["params_b"]
    verdict = "holds with a caveat" if cost > 1 + SAME else "not supported"
    number = f"{cost:.0f}× the GPU time per token for {size:.0f}× the parameters"
    reason = "405B against 8B on one engine at 5,000 in and 500 out; not per task"
    return _computed("C35", verdict, number, reason, "ch04-speeds")


def c36(serving_cases: pd.DataFrame, gpu_prices: pd.DataFrame) -> Verdict:
    """C36: a node costs about USD 1,000 a day, against rents listed in mid-2024."""
    critic = serving.case_from_table(serving_cases, "critic-2024")
    rents = mid_2024_rents(gpu_prices)["usd_per_gpu_hour"]
    nodes = node_rents(mid_2024_rents(gpu_prices))["usd_per_gpu_hour"]
    off = critic.usd_per_gpu_hour / rents.median() - 1
    inside = all(x.min() <= critic.usd_per_gpu_hour <= x.max() for x in (rents, nodes))
    verdict = "reproduced" if abs(off) <= SAME else "holds with a caveat"
    verdict = verdict if inside else "not supported"
    number = f"USD {critic.usd_per_gpu_hour:.2f} per GPU-hour; median listed {rents.median():.2f}"
    reason = (
        f"{_usd(100 * off)} % against the median of {len(rents)} on-demand lists of April to "
        f"September 2024, most of one card; the {len(nodes)} eight-GPU nodes ask "
        f"{nodes.min():.2f} to {nodes.max():.2f}"
    )
    return _computed("C36", verdict, number, reason, "ch04-bridge")


def c37(serving_cases: pd.DataFrame) -> Verdict:
    """C37: 26 million tokens a day, against Jia's own output speed."""
    critic = serving.case_from_table(serving_cases, "critic-2024")
    jia = serving.case_from_table(serving_cases, "jia-2024")
    jia_mtok = serving.tokens_per_day(jia.output_tok_per_s) / serving.TOKENS_PER_MTOK
    critic_mtok = critic.tokens_per_day / serving.TOKENS_PER_MTOK
    same = abs(critic_mtok / jia_mtok - 1) <= 0.01  # rounding of a million in 26
    verdict = "holds with a caveat" if same else "not supported"
    number = f"{critic_mtok:.0f} against {jia_mtok:.2f} million"
    return _computed(
        "C37",
        verdict,
        number,
        "the same output speed as Jia's; it leaves out all input",
        "ch04-bridge",
    )


def c38(serving_cases: pd.DataFrame) -> Verdict:
    """C38: a loss however one counts, tried at the critic's price."""
    critic = serving.case_from_table(serving_cases, "critic-2024")
    jia = serving.case_from_table(serving_cases, "jia-2024")
    billed = critic.with_(input_per_output=jia.input_per_output)
    cheaper = billed.with_(usd_per_gpu_hour=jia.usd_per_gpu_hour)
    profits = [case.profit_usd_per_day for case in (critic, billed, cheaper)]
    losses = sum(profit < 0 for profit in profits)
    verdict = "reproduced" if losses == len(profits) else "not supported"
    number = "USD " + ", ".join(f"{_usd(profit)}" for profit in profits) + " a day"
    reason = (
        "as the critic counted, with input billed at 10:1, and at Jia's rent as well: it holds "
        "as the critic counted; “however” fails with one profit"
    )
    return _computed("C38", verdict, number, reason, "ch04-bridge")


def c39(token_prices: pd.DataFrame) -> Verdict:
    """C39: the market drops a large model that cannot earn, by hosts still listing the 405B.

    A host is gone by registries when all its offers ended; it is there by its own list when
    the note of an open offer says that the vendor's list was read.
    """
    listed = listings_405b(token_prices)
    hosts = listed.groupby("host")["valid_to"].apply(lambda ends: ends.isna().any())
    gone = int((~hosts).sum())
    own = listed["note"].str.contains("vendor list read", na=False)
    seen = listed.loc[listed["valid_to"].isna() & own, "host"].nunique()
    verdict = _by_share(gone / len(hosts))
    number = f"{gone} of {len(hosts)} hosts gone by registries, {len(hosts) - seen} by own lists"
    reason = (
        "registries, which the verdict counts, keep dead offers; the cause may be newer models "
        "rather than a loss, and no host's margin is known"
    )
    return _computed("C39", verdict, number, reason, "ch04-later")


def c40(serving_cases: pd.DataFrame) -> Verdict:
    """C40: about 30 output tokens a second for one request."""
    claimed = serving.case_values(serving_cases, "jia-2024")["stream_tok_per_s"]
    oci = serving.case_values(serving_cases, "oci-c1")
    dstack = serving.case_values(serving_cases, "dstack-b4")
    found = [case["output_tok_per_s"] / case["concurrency"] for case in (oci, dstack)]
    near = all(abs(speed / claimed - 1) <= SAME for speed in found)
    number = " and ".join(f"{speed:.1f}" for speed in found) + f" tokens/s (claimed {claimed:.0f})"
    verdict = "holds with a caveat" if near else "not supported"
    reason = (
        "Oracle's service at one request, the wait for the first token included, GPU not stated; "
        "vLLM on 8 H100 at four requests"
    )
    return _computed("C40", verdict, number, reason, "ch04-speeds")


def c41(serving_cases: pd.DataFrame) -> Verdict:
    """C41: batching lifts throughput ten-fold or more."""
    claimed = serving.case_values(serving_cases, "jia-2024")["batch_gain"]
    gains = batching_gains(serving_cases)
    verdict = "holds with a caveat" if min(gains) >= claimed else "partly"
    number = " and ".join(f"{gain:.1f}×" for gain in gains) + " at 16 requests"
    return _computed(
        "C41",
        verdict,
        number,
        "measured with prompts under 500 tokens; chapter 05 tests long ones",
        "ch04-speeds",
    )


def c42(serving_cases: pd.DataFrame) -> Verdict:
    """C42: input is read faster than output is written, on one node and engine."""
    reading = serving.case_values(serving_cases, "trtllm-2048-128")
    writing = serving.case_values(serving_cases, "trtllm-128-2048")
    read = reading["output_tok_per_s"] * reading["input_tokens"] / reading["output_tokens"]
    ratio = read / writing["output_tok_per_s"]
    verdict = "holds with a caveat" if ratio > 1 + SAME else "not supported"
    wrote = writing["output_tok_per_s"]
    number = f"{read:,.0f} input against {wrote:,.0f} output tokens/s, {ratio:.1f}×"
    reason = "the best of each on one engine; both are mixed runs, not pure reading and writing"
    return _computed("C42", verdict, number, reason, "ch04-speeds")


def c43(token_prices: pd.DataFrame) -> Verdict:
    """C43: input and output are billed separately because input is faster."""
    listed = listings_405b(token_prices).dropna(subset=["output_usd_per_mtok"])
    apart = listed["input_usd_per_mtok"] < listed["output_usd_per_mtok"]
    hosts = apart.groupby(listed["host"]).any()
    share = hosts.mean()
    verdict = _by_share(share)
    number = f"{int(hosts.sum())} of {len(hosts)} hosts ever priced input lower"
    reason = "Lepton itself asked one price for both; the motive of the others is not on record"
    return _computed("C43", verdict, number, reason, "ch04-billing")


def c44(serving_cases: pd.DataFrame, workload_ratios: pd.DataFrame) -> Verdict:
    """C44: input is 3 to 10 times output, against production traces and fleets."""
    stated = serving.case_values(serving_cases, "lepton-2024")
    found = production_ratios(workload_ratios)["input_per_output"]
    inside = found.between(stated["input_per_output_low"], stated["input_per_output_high"]).sum()
    share = inside / len(found)
    verdict = _by_share(share)
    number = f"{inside} of {len(found)} workloads inside; {found.min():.1f} to {found.max():.0f}"
    return _computed(
        "C44", verdict, number, "the others read more input than the post says", "ch04-heat"
    )


def c45(serving_cases: pd.DataFrame) -> Verdict:
    """C45: 2,048 in and 128 out, taken as 10 to 1."""
    chat = serving.case_values(serving_cases, "chatbot-2024")
    assumed = serving.case_values(serving_cases, "jia-2024")["input_per_output"]
    ratio = chat["input_tokens"] / chat["output_tokens"]
    verdict = "reproduced" if abs(ratio / assumed - 1) <= 0.05 else "partly"
    number = f"2,048:128 is {ratio:.0f}:1 (assumed {assumed:.0f}:1)"
    reason = (
        "the example and the assumption differ; the sum uses the lower, the top of Lepton's range"
    )
    return _computed("C45", verdict, number, reason, "ch04-heat")


def c46(serving_cases: pd.DataFrame) -> Verdict:
    """C46: 30 times 10 is 300 output tokens a second."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    published = serving.case_values(serving_cases, "jia-2024")["published_output_tok_per_s"]
    return _arithmetic("C46", case.output_tok_per_s, published, "output tokens/s", 0, "ch04-sums")


def c47(serving_cases: pd.DataFrame) -> Verdict:
    """C47: 300 output tokens go with 3,000 input tokens a second."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    launch = serving.case_values(serving_cases, "vllm-2024-07")
    done = f"{launch['output_tok_per_s']:.0f} and {launch['input_tok_per_s']:,.0f}"
    reason = f"multiplication; vLLM on launch day did {done}"
    published = serving.case_values(serving_cases, "jia-2024")["published_input_tok_per_s"]
    ours = case.output_tok_per_s * case.input_per_output
    return _arithmetic("C47", ours, published, "input tokens/s", 0, "ch04-sums", reason)


def c48(serving_cases: pd.DataFrame) -> Verdict:
    """C48: 285,120,000 tokens a day."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    published = serving.case_values(serving_cases, "jia-2024")["published_tokens_per_day"]
    return _arithmetic("C48", case.tokens_per_day, published, "tokens a day", 0, "ch04-sums")


def c49(serving_cases: pd.DataFrame) -> Verdict:
    """C49: revenue of USD 798.34 a day."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    published = serving.case_values(serving_cases, "jia-2024")["published_revenue_usd_per_day"]
    return _arithmetic("C49", case.revenue_usd_per_day, published, "USD a day", 2, "ch04-sums")


def c50(serving_cases: pd.DataFrame, gpu_prices: pd.DataFrame) -> Verdict:
    """C50: eight H100s at USD 3.49 cost USD 670.08 a day."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    published = serving.case_values(serving_cases, "jia-2024")["published_cost_usd_per_day"]
    rents = gpu_prices.set_index("price_id")["usd_per_gpu_hour"]
    aws = rents["aws-8x-h100-sxm-2024-01-on-demand"]
    reason = (
        f"Lambda's price; a retelling calls it AWS, whose list price was USD {aws:.2f} a GPU-hour"
    )
    return _arithmetic("C50", case.cost_usd_per_day, published, "USD a day", 2, "ch04-sums", reason)


def c51(serving_cases: pd.DataFrame, traffic: pd.DataFrame) -> Verdict:
    """C51: profitable with the techniques combined and reasonable traffic, as traced."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    tuned = serving.case_values(serving_cases, "trtllm-5000-500")["output_tok_per_s"]
    loads = serving.utilisation_from_peak(long_hourly_traces(traffic)["peak_to_mean"].to_numpy())
    pays, pays_tuned = (
        int(sum(loads >= case.with_(output_tok_per_s=speed).break_even_utilisation))
        for speed in (case.output_tok_per_s, tuned)
    )
    verdict = "not supported"
    if case.profit_usd_per_day > 0:
        verdict = "holds with a caveat" if pays else "partly"
        verdict = "reproduced" if pays == len(loads) else verdict
    number = (
        f"USD {_usd(case.profit_usd_per_day, 2)} a day at full load; at traced loads "
        f"{pays} of {len(loads)} pay at {case.output_tok_per_s:.0f} tokens/s, "
        f"{pays_tuned} at {tuned:.0f}"
    )
    reason = (
        "the faster engine is a later one without a latency limit: by chapter 05 full throughput "
        "gives each user only a few tokens a second; rent is the only cost"
    )
    return _computed("C51", verdict, number, reason, "ch04-load")


def c52(serving_cases: pd.DataFrame, traffic: pd.DataFrame) -> Verdict:
    """C52: traffic may be unsteady, against the load that the sum needs."""
    needed = serving.case_from_table(serving_cases, "jia-2024").break_even_utilisation
    load = serving.utilisation_from_peak(long_hourly_traces(traffic)["peak_to_mean"].to_numpy())
    short = sum(load < needed)
    verdict = "reproduced" if short == len(load) else "partly" if short else "not supported"
    number = f"{_pct(min(load))} to {_pct(max(load))} of full load reached, {_pct(needed)} needed"
    return _computed(
        "C52",
        verdict,
        number,
        f"sized for the peak hour, {short} of {len(load)} services traced for a week fall short",
        "ch04-load",
    )


def c53(serving_cases: pd.DataFrame) -> Verdict:
    """C53: the form of billing matters."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    none = case.with_(input_usd_per_mtok=0).profit_usd_per_day
    share = 1 - case.with_(input_usd_per_mtok=0).revenue_usd_per_day / case.revenue_usd_per_day
    verdict = "reproduced" if (none < 0) != (case.profit_usd_per_day < 0) else "not supported"
    number = f"input brings {_pct(share)} of revenue"
    reason = (
        f"without it USD {_usd(none)} a day; input must sell above USD "
        f"{case.break_even_input_usd_per_mtok:.2f} at {case.output_usd_per_mtok:.2f} for output"
    )
    return _computed("C53", verdict, number, reason, "ch04-billing")


def c54(gpu_prices: pd.DataFrame) -> Verdict:
    """C54: elastic, on-demand GPUs are dearer than committed ones."""
    pairs = commitment_pairs(gpu_prices)
    verdict = "holds with a caveat" if (pairs["premium"] > 1).all() else "partly"
    number = f"{pairs['premium'].min():.1f}× to {pairs['premium'].max():.1f}× the committed rent"
    reason = f"{', '.join(pairs['pair'])}; that a host needs elasticity is not tested"
    return _computed("C54", verdict, number, reason, "ch04-load")


def c55(speculative: pd.DataFrame) -> Verdict:
    """C55: speculative decoding helps less at high concurrency."""
    ends = batch_ends(speculative)
    falls = (ends["speedup_largest"] < ends["speedup_smallest"]).all()
    verdict = "reproduced" if falls else "partly"
    small, large = ends["speedup_smallest"], ends["speedup_largest"]
    number = f"{small.max():.2f}× at best at batch 2, {large.max():.2f}× at best at 56 or more"
    reason = f"all {len(ends)} series of one paper fall; an 8B model, none found for the 405B"
    return _computed("C55", verdict, number, reason, "ch04-spec")


def c56(serving_cases: pd.DataFrame, caching: pd.DataFrame) -> Verdict:
    """C56: prompt caching matters, for cost and for revenue."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    rows = caching.set_index("caching_id")["value_pct"]
    hits, discount = rows["deepseek-2025-hits"] / 100, rows["hosts-2026-median"] / 100
    kept = serving.revenue_kept(case.input_per_output, hits, discount)
    verdict = "holds with a caveat" if kept < 1 - 0.05 else "not supported"
    number = f"{_pct(1 - kept)} less revenue at {_pct(hits)} hits and {_pct(discount)} off"
    reason = f"pays the host only if throughput rises by {_pct(1 / kept - 1)} or traffic grows"
    return _computed("C56", verdict, number, reason, "ch04-cache")


def c57() -> Verdict:
    """C57: other factors matter."""
    return _argued(
        "C57", "cannot be tested", "the article names no factor and no size", "ch04-left-out"
    )


def c58(serving_cases: pd.DataFrame) -> Verdict:
    """C58: six things make USD 2.8 pay; which of them carry the sum."""
    case = serving.case_from_table(serving_cases, "jia-2024")
    gain = serving.case_values(serving_cases, "jia-2024")["batch_gain"]
    without = {
        "batching": case.with_(output_tok_per_s=case.output_tok_per_s / gain).profit_usd_per_day,
        "billed input": case.with_(input_per_output=0).profit_usd_per_day,
    }
    needed = sum(profit < 0 for profit in without.values())
    verdict = "partly" if needed == 2 else "not supported"
    number = ", ".join(f"USD {_usd(profit)} without {name}" for name, profit in without.items())
    reason = (
        "of the six, two enter the sum and each is needed; 8-bit weights let the model fit on the "
        "node; speculation and caching are in no number"
    )
    return _computed("C58", verdict, number, reason, "ch04-thin")


def c59(serving_cases: pd.DataFrame) -> Verdict:
    """C59: engineers must keep optimising so that cost falls, by software on one node."""
    early = serving.case_values(serving_cases, "vllm-2024-07")
    late = serving.case_values(serving_cases, "trtllm-5000-500")
    gain = late["output_tok_per_s"] / early["output_tok_per_s"]
    verdict = "holds with a caveat" if gain > 1 + SAME else "not supported"
    number = f"{gain:.1f}× the output at 10:1 on one node by software"
    reason = (
        "launch-day vLLM, on 8×H100 or 8×A100, against TensorRT-LLM 1.0 on 8×H100; "
        "that they must is advice"
    )
    return _computed("C59", verdict, number, reason, "ch04-later")


def c60() -> Verdict:
    """C60: this is the road he believes in."""
    return _argued(
        "C60",
        "cannot be tested",
        "a belief; that Lepton was sold to NVIDIA eight months later is told in chapter 06",
        "ch04-verdicts",
    )


def verdicts(
    serving_cases: pd.DataFrame,
    token_prices: pd.DataFrame,
    gpu_prices: pd.DataFrame,
    workload_ratios: pd.DataFrame,
    traffic: pd.DataFrame,
    caching: pd.DataFrame,
    speculative: pd.DataFrame,
) -> list[Verdict]:
    """Verdicts on C34 to C60 in order, from the tables of the same names."""
    return [
        c34(),
        c35(serving_cases),
        c36(serving_cases, gpu_prices),
        c37(serving_cases),
        c38(serving_cases),
        c39(token_prices),
        c40(serving_cases),
        c41(serving_cases),
        c42(serving_cases),
        c43(token_prices),
        c44(serving_cases, workload_ratios),
        c45(serving_cases),
        c46(serving_cases),
        c47(serving_cases),
        c48(serving_cases),
        c49(serving_cases),
        c50(serving_cases, gpu_prices),
        c51(serving_cases, traffic),
        c52(serving_cases, traffic),
        c53(serving_cases),
        c54(gpu_prices),
        c55(speculative),
        c56(serving_cases, caching),
        c57(),
        c58(serving_cases),
        c59(serving_cases),
        c60(),
    ]


def mid_2024_rents(gpu_prices: pd.DataFrame) -> pd.DataFrame:
    """On-demand H100 rents listed from April to September 2024, one row a provider.

    The list price of AWS, dated to the year, counts; readings that differ only by card
    form stay apart. Oracle is read twice and counted once.
    """
    dates = pd.to_datetime(gpu_prices["read_on"])
    window = dates.between("2024-04-01", "2024-09-30")
    year = (gpu_prices["read_on_precision"] == "year") & (dates.dt.year == 2024)
    h100 = gpu_prices["gpu"].str.startswith("H100")
    rows = gpu_prices[(window | year) & h100 & (gpu_prices["commitment"] == "on-demand")]
    return rows.drop_duplicates("provider")


def node_rents(rents: pd.DataFrame) -> pd.DataFrame:
    """Those rents that are read for a whole node of eight SXM cards, as the sums need."""
    return rents[(rents["gpus"] == 8) & (rents["gpu"] == "H100 SXM")]


def listings_405b(token_prices: pd.DataFrame) -> pd.DataFrame:
    """Dated and undated listings of Llama 3.1 405B by hosts that serve it, no routers."""
    model = token_prices["model"] == "llama-3.1-405b-instruct"
    return token_prices[model & (token_prices["host"] != "OpenRouter")]


def same_day_spread(listings: pd.DataFrame) -> float:
    """Dearest over cheapest of the prices listed on one day, on the day it is widest.

    listings : columns valid_from, valid_to (empty: still listed), usd_per_mtok
    """
    ends = listings["valid_to"].fillna(pd.Timestamp.max)
    days = listings["valid_from"].dropna().unique()
    together = [
        listings.loc[(listings["valid_from"] <= day) & (ends >= day), "usd_per_mtok"]
        for day in days
    ]
    return max(prices.max() / prices.min() for prices in together)


def production_ratios(workload_ratios: pd.DataFrame) -> pd.DataFrame:
    """Workloads measured in production or disclosed for a whole fleet."""
    return workload_ratios[workload_ratios["kind"].isin(["production_trace", "fleet_total"])]


def long_hourly_traces(traffic: pd.DataFrame, days: float = 7) -> pd.DataFrame:
    """Hourly peaks of services traced for at least `days` days."""
    return traffic[(traffic["window"] == "hour") & (traffic["period_days"] >= days)]


def batching_gains(serving_cases: pd.DataFrame) -> list[float]:
    """Throughput at 16 requests over one stream, for Oracle's service and vLLM."""
    pairs = (("oci-c1", "oci-c16"), ("dstack-b4", "dstack-b16"))
    found = []
    for one, many in pairs:
        few, lot = (serving.case_values(serving_cases, name) for name in (one, many))
        found.append(lot["output_tok_per_s"] / (few["output_tok_per_s"] / few["concurrency"]))
    return found


def commitment_pairs(gpu_prices: pd.DataFrame) -> pd.DataFrame:
    """On-demand over committed rent of one seller, or of the market, in like periods.

    A block of capacity for some days is no commitment and does not count.
    """
    rents = gpu_prices.set_index("price_id")["usd_per_gpu_hour"]
    pairs = {
        "AWS list and its three-year price": (
            "aws-8x-h100-sxm-2024-01-on-demand",
            "aws-8x-h100-sxm-2023-07-reserved-3y",
        ),
        "market median and one-year contract, mid-2026": (
            "market-aimultiple-x-h100-2026-05-market-median",
            "market-semianalysis-x-h100-2026-06-reserved-1y",
        ),
    }
    rows = [(name, rents[high], rents[low]) for name, (high, low) in pairs.items()]
    table = pd.DataFrame(rows, columns=["pair", "on_demand", "committed"])
    return table.assign(premium=table["on_demand"] / table["committed"])


def batch_ends(speculative: pd.DataFrame) -> pd.DataFrame:
    """Speed-up at the smallest and largest batch of every series with at least five sizes."""
    series = batch_series(speculative).sort_values("batch").groupby("series")["speedup"]
    return pd.DataFrame({"speedup_smallest": series.first(), "speedup_largest": series.last()})


def batch_series(speculative: pd.DataFrame) -> pd.DataFrame:
    """Rows of speed-up by batch that belong to one method, engine and source table."""
    rows = speculative.dropna(subset=["batch"])
    rows = rows.assign(series=rows["method"] + ", " + rows["engine"])
    size = rows.groupby(["series", "source_detail"])["batch"].transform("size")
    return rows[size >= 5]


def _by_share(share):
    """Verdict on a claim about most cases, from the share that fits it."""
    return "holds with a caveat" if share >= MOST else "partly" if share > FEW else "not supported"


def _usd(amount, digits=0):
    """A signed amount with a true minus sign.

    >>> _usd(-202.4)
    '−202'
    """
    return f"{amount:+,.{digits}f}".replace("-", "−")


def _pct(share, digits=0):
    """A share in per cent.

    >>> _pct(0.8393)
    '84 %'
    """
    return f"{100 * share:.{digits}f} %"


def _computed(claim, verdict, number, reason, label):
    return Verdict(
        claim=claim,
        verdict=verdict,
        number=number,
        reason=reason,
        kind="computed",
        section=label,
    )


def _argued(claim, verdict, reason, label):
    return Verdict(
        claim=claim,
        verdict=verdict,
        number="",
        reason=reason,
        kind="argued",
        section=label,
    )


def _arithmetic(
    claim, ours, published, unit, digits, label, reason="the printed inputs give the printed result"
):
    same = f"{ours:.{digits}f}" == f"{published:.{digits}f}"
    number = f"{ours:,.{digits}f} {unit} (printed {published:,.{digits}f})"
    return _computed(claim, "reproduced" if same else "not supported", number, reason, label)
