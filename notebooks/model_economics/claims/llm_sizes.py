"""Verdicts on the claims about model size (C02-C08, C20-C23, C33), tested in chapter 03.

Each function takes the tables it needs and returns one `Verdict`. Thresholds stand in
the code; changing a cell of a table can change a verdict.
"""

from __future__ import annotations

import pandas as pd

from model_economics import equal_quality, llm_samples, sizes
from model_economics.claims import Verdict

ARTICLE_ON = pd.Timestamp("2024-08-03")
BAND_B = (7, 70)  # the article's band of sizes
GREW, SHRANK = 1.1, 1 / 1.1  # a change below ten per cent counts as standing still
FLOP_PER_PARAM_TOKEN = 6


def c02() -> Verdict:
    """C02: the debate about model size has come back."""
    return _argued(
        "C02",
        "cannot be tested",
        "no archive of posts was read; one post of July 2024 shows that the debate existed, "
        "not that it had come back",
        "ch03-prediction",
    )


def c03(models: pd.DataFrame) -> Verdict:
    """C03: the scaling law loses its shine, by size, data and compute of open models since."""
    opened = llm_samples.open_models(models)
    opened = opened.assign(
        flop=FLOP_PER_PARAM_TOKEN * opened["params_active_b"] * opened["training_tokens_t"]
    )
    # Meta's 405B came out between the forecast and the article: it is what was known then.
    ratios = {
        name: _before_after(opened, column)
        for name, column in (
            ("size", "params_total_b"),
            ("tokens", "training_tokens_t"),
            ("compute", "flop"),
        )
    }
    grown = sum(ratio > GREW for ratio in ratios.values())
    verdict = "not supported" if grown == 3 else "partly" if grown else "holds with a caveat"
    number = ", ".join(f"{name} {ratio:.1f}×" for name, ratio in ratios.items())
    reason = (
        "largest open release since against the largest before the article: "
        f"{grown} of 3 quantities that scaling calls for grew, which speaks against the claim; "
        f"compute speaks for it as far as training data are known; mood was not measured"
    )
    return _computed("C03", verdict, number, reason, "ch03-split")


def c04() -> Verdict:
    """C04: a monstrous GPT-5 was expected in 2023 and no longer in August 2024."""
    return _argued(
        "C04",
        "cannot be tested",
        "what people expected was not counted, and the size of GPT-5 was never disclosed",
        "ch03-growth",
    )


def c05(models: pd.DataFrame) -> Verdict:
    """C05: size goes into reverse: at equal quality, and for the largest open model."""
    at_equal, largest = _smaller_at_equal(models), _largest_growth(models)
    verdict = _reverse_verdict(at_equal > GREW, largest < SHRANK)
    number = f"equal quality {at_equal:.1f}× smaller, largest open model {largest:.1f}× larger"
    reason = (
        "stands at equal quality, not for the largest; the quotation is cut: the same post says "
        "that models must first get larger before they can get smaller"
    )
    return _computed("C05", verdict, number, reason, "ch03-prediction")


def c06(models: pd.DataFrame) -> Verdict:
    """C06: good small models are many, counted up to the article's day."""
    score = models["mmlu_5shot_base_pct"].fillna(models["mmlu_other_pct"])
    good = models[
        models["open_weights"].astype(bool)
        & (models["params_total_b"] <= 10)
        & (score >= 60)
        & (models["released_on"] <= ARTICLE_ON)
    ]
    makers = good["developer"].nunique()
    many = len(good) >= 5 and makers >= 3
    verdict = "holds with a caveat" if many else "not supported"
    number = f"{len(good)} open models up to 10B above MMLU 60, from {makers} makers"
    earlier = int((good["released_on"] <= ARTICLE_ON - pd.DateOffset(years=1)).sum())
    reason = (
        f"{earlier} a year before; our list is a floor; competition on tasks, speed and "
        "safety was not counted"
    )
    return _computed("C06", verdict, number, reason, "ch03-quality")


def c07(models: pd.DataFrame) -> Verdict:
    """C07: explore the limit or fit the market, as an either-or of laboratories since."""
    opened = llm_samples.open_models(models, llm_samples.FORECAST_ON)
    span = opened.groupby("developer")["params_total_b"].agg(["min", "max", "count"])
    several = span[span["count"] >= 2]
    both = several[(several["min"] <= 40) & (several["max"] >= 200)]
    share = len(both) / len(several)
    verdict = "not supported" if share >= 0.5 else "partly" if len(both) else "holds with a caveat"
    number = f"{len(both)} of {len(several)} laboratories released both, up to 40B and above 200B"
    reason = (
        "of laboratories with two or more open releases since the forecast: for these it was "
        "no either-or, for the others it stands"
    )
    return _computed("C07", verdict, number, reason, "ch03-split")


def c08() -> Verdict:
    """C08: how a language model earns most."""
    return _argued(
        "C08",
        "cannot be tested",
        "a question; size alone does not answer it, and no table here holds revenue",
        "ch03-band",
    )


def c20(evidence: pd.DataFrame) -> Verdict:
    """C20: a model must be small to be handy: by downloads and by tokens served."""
    rows = evidence.set_index("evidence")["value"]
    small, huge = rows["hf-under-1b-all-time"], rows["openrouter-week-deepseek-v4.1-flash"]
    must_fails, small_leads = huge >= 10, small >= 50
    if must_fails:
        verdict = "partly" if small_leads else "not supported"
    else:
        verdict = "holds with a caveat"
    number = (
        f"{small:.0f} % of downloads below 1B, {huge:.1f} % of one week's tokens on a 552B model"
    )
    reason = (
        "stands where users run models themselves; the 'must' falls, since hosted "
        "a mixture of 552B is the most used"
    )
    return _computed("C20", verdict, number, reason, "ch03-band")


def c21(evidence: pd.DataFrame) -> Verdict:
    """C21: small models are favoured commercially: downloads against tokens served."""
    rows = evidence.set_index("evidence")["value"]
    large = ["deepseek-v4.1-flash", "glm-5.3-flash", "hy4"]
    served = sum(rows[f"openrouter-week-{name}"] for name in large)
    downloads = rows["hf-under-1b-all-time"]
    verdict = "partly" if downloads >= 50 and served >= 10 else "not supported"
    number = (
        f"{downloads:.0f} % of downloads below 1B; {served:.0f} % of one week's tokens above 300B"
    )
    reason = (
        "stands for downloads, encoders included; not for tokens served; "
        "no source gives spending by size"
    )
    return _computed("C21", verdict, number, reason, "ch03-band")


def c22(models: pd.DataFrame) -> Verdict:
    """C22: a trend to smaller capable models, and commercial use centred on 7B to 70B."""
    opened = llm_samples.open_models(models, "2025-07-01")
    total = equal_quality.share_in_band(opened["params_total_b"], *BAND_B)
    active = equal_quality.share_in_band(opened["params_active_b"], *BAND_B)
    fit = _main_rate(models)
    shrinking = fit > 0
    if shrinking:
        verdict = "holds with a caveat" if total >= 0.5 else "partly"
    else:
        verdict = "not supported"
    number = (
        f"{100 * total:.0f} % of open releases since July 2025 in the band by total size, "
        f"{100 * active:.0f} % by active"
    )
    reason = (
        "the trend stands at equal quality; the band stands only for active parameters, "
        "in a hand-picked list"
    )
    return _computed("C22", verdict, number, reason, "ch03-band")


def c23(models: pd.DataFrame) -> Verdict:
    """C23: LLMs first grow, then shrink and become more efficient, as the CNNs did."""
    at_equal, largest = _smaller_at_equal(models), _largest_growth(models)
    months = sizes.months_to_halve(_main_rate(models))
    if at_equal > GREW and largest < SHRANK:
        verdict = "holds with a caveat"
    else:
        verdict = "partly" if at_equal > GREW else "not supported"
    number = (
        f"halving in {months:.1f} months at equal MMLU; largest open model {largest:.1f}× larger"
    )
    reason = (
        "smaller at equal quality, yes; the largest models grew again, "
        "as the largest CNNs had done from 2018"
    )
    return _computed("C23", verdict, number, reason, "ch03-overlay")


def c33(models: pd.DataFrame) -> Verdict:
    """C33: will LLMs follow the CNNs? Answered with the forecast's parts."""
    parts = forecast(models)
    kept = int((parts["outcome"] == "yes").sum())
    verdict = "holds with a caveat" if kept == len(parts) else "partly" if kept else "not supported"
    number = f"{kept} of {len(parts)} parts came true"
    reason = (
        "quality per parameter and parameters per token followed the CNNs, "
        "the size of the largest and releases by total size did not"
    )
    return _computed("C33", verdict, number, reason, "ch03-prediction")


def forecast(models: pd.DataFrame) -> pd.DataFrame:
    """The forecast of July 2024 in parts that numbers decide: part, measure, outcome.

    outcome is "yes" or "no"; measure names the figures that decide it.
    """
    split = pd.Timestamp(llm_samples.FORECAST_ON)
    at_equal, largest = _smaller_at_equal(models), _largest_growth(models)
    opened = llm_samples.open_models(models)
    dense = opened[opened["kind"] == "dense"]
    later = dense[dense["released_on"] > ARTICLE_ON]["params_total_b"].max()
    newest = opened[opened["released_on"] >= "2026-01-01"].nlargest(5, "params_total_b")
    active = newest["params_active_b"].median()
    # one yardstick for all parts: 405B came out five days after the post and was known
    # when the article appeared; Tele-FLM-1T, larger and hardly used, is no yardstick
    reference = opened.set_index("model").loc["llama-3.1-405b", "params_active_b"]
    labs = llm_samples.laboratories(models, ARTICLE_ON)
    shrank = int((labs["growth"] < SHRANK).sum())
    recent = opened[opened["released_on"] >= "2025-07-01"]
    total_share = equal_quality.share_in_band(recent["params_total_b"], *BAND_B)
    before = opened[opened["released_on"] < split]
    share_before = equal_quality.share_in_band(before["params_total_b"], *BAND_B)
    rows = [
        (
            "equal quality needs ever smaller models",
            f"{at_equal:.1f}× smaller (median of MMLU 60 to 80)",
            at_equal > GREW,
        ),
        ("the largest open model shrinks", f"{largest:.1f}× larger", largest < SHRANK),
        (
            "the largest dense models shrink",
            f"{reference:,.0f}B, then {later:,.0f}B",
            later < SHRANK * reference,
        ),
        (
            "flagships use fewer parameters per token",
            f"{reference:.0f}B, then {active:.0f}B (median of the five largest of 2026)",
            active < SHRANK * reference,
        ),
        (
            "each laboratory's largest model shrinks",
            f"{shrank} of {len(labs)} did",
            shrank > len(labs) / 2,
        ),
        (
            "releases gather in 7B to 70B",
            f"{100 * share_before:.0f} %, then {100 * total_share:.0f} % by total size",
            total_share >= share_before,
        ),
    ]
    frame = pd.DataFrame(rows, columns=["part", "measure", "outcome"])
    frame["outcome"] = frame["outcome"].map({True: "yes", False: "no"})
    return frame


def verdicts(models: pd.DataFrame, evidence: pd.DataFrame) -> list[Verdict]:
    """All verdicts of the chapter, in order of claim."""
    return [
        c02(), c03(models), c04(), c05(models), c06(models), c07(models), c08(),
        c20(evidence), c21(evidence), c22(models), c23(models), c33(models),
    ]  # fmt: skip


def _before_after(models, column):
    """Largest value after the article over the largest up to it."""
    known = models.dropna(subset=[column])
    before = known.loc[known["released_on"] <= ARTICLE_ON, column].max()
    return known.loc[known["released_on"] > ARTICLE_ON, column].max() / before


def _largest_growth(models):
    """Largest open model since the article over the largest that was open and used before.

    The yardstick is Llama 3.1 405B: Tele-FLM-1T and the research mixtures of 2021 were
    larger but hardly used.
    """
    opened = llm_samples.open_models(models).set_index("model")
    after = opened.loc[opened["released_on"] > ARTICLE_ON, "params_total_b"].max()
    return after / opened.loc["llama-3.1-405b", "params_total_b"]


def _smaller_at_equal(models, thresholds=(60, 65, 70, 75, 80)):
    """Median factor by which the smallest open model at a score shrank since the forecast."""
    opened = llm_samples.open_models(models)
    factors = []
    for threshold in thresholds:
        path = sizes.record_holders(
            opened, size="params_total_b", quality="mmlu_5shot_base_pct", threshold=threshold
        )
        known = path[path["released_on"] < llm_samples.FORECAST_ON]
        if len(known):
            factors.append(known["params_total_b"].iloc[-1] / path["params_total_b"].iloc[-1])
    return float(pd.Series(factors).median())


def _main_rate(models):
    """Halvings a year of the main sample, without its interval."""
    fit = sizes.trade_off_halving(
        llm_samples.main_sample(models), size="params_total_b",
        quality="mmlu_5shot_base_pct", group="family", draws=2,
    )  # fmt: skip
    return fit.halvings_per_year


def _reverse_verdict(smaller_at_equal, largest_shrank):
    if smaller_at_equal and largest_shrank:
        return "reproduced"
    return "partly" if smaller_at_equal or largest_shrank else "not supported"


def _computed(claim, verdict, number, reason, section):
    return Verdict(claim, verdict, number, reason, "computed", section)


def _argued(claim, verdict, reason, section):
    return Verdict(claim, verdict, "", reason, "argued", section)
