"""Verdicts of chapter 05: claims of section 3 tested again, by physics and measurement.

Chapter 04 holds the verdict of each of these claims from the article's own sums. Here the
serving model and measured throughput decide, and a test holds that both give the same word.
"""

from model_economics.claims import Verdict

SAME = 0.20  # two readings of one quantity agree within a fifth
MOST = 0.75  # share that makes "most"


def c35(cost) -> Verdict:
    """C35: larger models cost more, over all pairs of models at equal speed per user.

    cost : rows of ``serving_study.cheapest`` with params_total_b
    """
    rows = cost.sort_values("params_total_b")
    size, usd = rows["params_total_b"].to_numpy(), rows["usd_per_mtok"].to_numpy()
    pairs = [usd[j] > usd[i] for i in range(len(usd)) for j in range(len(usd)) if size[j] > size[i]]
    share = sum(pairs) / len(pairs)
    verdict = "reproduced" if share == 1 else "holds with a caveat" if share >= MOST else "partly"
    return _computed(
        "C35",
        verdict,
        f"{100 * share:.0f} % of {len(pairs)} pairs",
        "the larger of two models costs more unless it computes with fewer of its parameters",
        "ch05-size",
    )


def c40(measured_tok_per_s, predicted_tok_per_s) -> Verdict:
    """C40: each request puts out about 30 tokens a second.

    Capped at a caveat: services do not state their GPU, and the H100 row has four requests.
    """
    off = [abs(speed / 30 - 1) for speed in (*measured_tok_per_s, predicted_tok_per_s)]
    near = sum(value <= SAME for value in off)
    verdict = "holds with a caveat" if near == len(off) else "partly" if near else "not supported"
    low, high = min(measured_tok_per_s), max(measured_tok_per_s)
    number = f"{low:.1f} to {high:.1f} measured, {predicted_tok_per_s:.0f} derived"
    reason = (
        "the data sheet allows twice as much; half is lost between memory and kernels. Oracle's "
        "speed is that while writing; chapter 04 counts the wait for the first token too"
    )
    return _computed("C40", verdict, number, reason, "ch05-one-stream")


def c41(reached) -> Verdict:
    """C41: batching lifts the total ten-fold; ``reached`` is from ``concurrency_of_gain``."""
    share, kept = reached["concurrency"].notna().mean(), reached["kept"].min()
    verdict = "not supported" if share == 0 else "partly" if share < 1 else "reproduced"
    verdict = "holds with a caveat" if share == 1 and kept < MOST else verdict
    low, high = reached["concurrency"].min(), reached["concurrency"].max()
    number = f"×10 at {low:.0f} to {high:.0f} requests"
    reason = f"with long prompts each user keeps only {100 * kept:.0f} % of the speed"
    return _computed("C41", verdict, number, reason, "ch05-batching")


def c42(full, fast) -> Verdict:
    """C42: input is read much faster; full and fast are from ``serving_study.token_seconds``."""
    at_full = full["output_s"] / full["input_s"]
    at_speed = fast["output_s"] / fast["input_s"]
    verdict = "not supported"
    if at_speed > 1 + SAME:
        verdict = "reproduced" if at_full > 1 + SAME else "holds with a caveat"
    number = f"{at_speed:.1f}× at 30 tokens/s a user, {at_full:.1f}× at full load"
    reason = "reading a prompt beats decoding only while decoding waits for memory"
    return _computed("C42", verdict, number, reason, "ch05-prefill")


def c43(full, fast) -> Verdict:
    """C43: separate billing because input is faster, against the cost of both tokens."""
    at_full = full["output_s"] / full["input_s"]
    at_speed = fast["output_s"] / fast["input_s"]
    faster = sum(value > 1 + SAME for value in (at_full, at_speed))
    verdict = {2: "reproduced", 1: "partly", 0: "not supported"}[faster]
    number = f"an output token costs {at_full:.1f} to {at_speed:.1f} input tokens"
    reason = "the cost differs where users are served fast, less than the usual price of 3 to 4"
    return _computed("C43", verdict, number, reason, "ch05-prefill")


def c46(output_at_ten) -> Verdict:
    """C46: sensible concurrency makes 300; output at the concurrency of a ten-fold gain."""
    low, high = min(output_at_ten), max(output_at_ten)
    near = all(abs(value / 300 - 1) <= SAME for value in (low, high))
    verdict = "reproduced" if near else "partly" if low <= 300 <= high else "not supported"
    number = f"{low:.0f} to {high:.0f} tokens/s at ×10"
    reason = "405B on H100 and on Oracle's service, measured, and a tuned engine, derived"
    return _computed("C46", verdict, number, reason, "ch05-batching")


def c47(launch_total_tok_per_s, tuned_total_tok_per_s, per_user_tok_per_s) -> Verdict:
    """C47: 300 out go with 3,000 in on one node, at what speed for each user."""
    near = abs(launch_total_tok_per_s / 3300 - 1) <= SAME
    verdict = "not supported"
    if max(launch_total_tok_per_s, tuned_total_tok_per_s) >= 3300 * (1 - SAME):
        verdict = "reproduced" if near else "holds with a caveat"
    number = f"{launch_total_tok_per_s:,.0f} to {tuned_total_tok_per_s:,.0f} tokens/s (sum: 3,300)"
    reason = (
        "launch-week vLLM and TensorRT-LLM 1.0 near 10:1; "
        f"each user then gets {per_user_tok_per_s:.0f} tokens/s, not 30"
    )
    return _computed("C47", verdict, number, reason, "ch05-prefill")


def c55(gains) -> Verdict:
    """C55: speculative decoding helps less at high concurrency; see ``speculation_gain``."""
    first, last = gains["gain"].iloc[0], gains["gain"].iloc[-1]
    verdict = "reproduced" if last < first * (1 - SAME) else "not supported"
    number = f"{first:.1f}× alone, {last:.1f}× at {gains['concurrency'].iloc[-1]:.0f} requests"
    reason = "checking drafts is free while memory is the limit and costs arithmetic later"
    return _computed("C55", verdict, number, reason, "ch05-batching")


def _computed(claim, verdict, number, reason, section):
    return Verdict(claim, verdict, number, reason, "computed", section)
