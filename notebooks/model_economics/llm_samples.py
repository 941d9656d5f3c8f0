"""Samples of the language-model table: which models a question is asked of."""

import pandas as pd

from . import equal_quality

SIZE, ACTIVE, SCORE = "params_total_b", "params_active_b", "mmlu_5shot_base_pct"
FIRST_OPEN = "2023-01-01"  # LLaMA, the first open model of the series, is of February 2023
FORECAST_ON = "2024-07-18"  # Karpathy's post, the day from which the forecast is scored


def disclosed(models):
    """Models whose total size is disclosed; estimates and rumours left out.

    >>> disclosed(pd.DataFrame({"model": ["a", "b"], "status": ["disclosed", "rumoured"]})).shape
    (1, 2)
    """
    return models[models["status"] == "disclosed"]


def open_models(models, since=FIRST_OPEN):
    """Open-weight models of disclosed size from ``since`` on."""
    known = disclosed(models)
    return known[known["open_weights"].astype(bool) & (known["released_on"] >= since)]


def main_sample(models):
    """The sample of the main fit: open, dense, with a 5-shot base score, from 2023 on."""
    known = open_models(models)
    return known[(known["kind"] == "dense") & known[SCORE].notna()]


def with_benchmark(models, scores, benchmark):
    """Open models with the mean of their scores on one benchmark in a column ``score``.

    Models that reason at length before they answer are left out: their score buys size
    with thinking time.
    """
    plain = scores[(scores["benchmark"] == benchmark) & ~scores["reasoning"].astype(bool)]
    if plain.empty:
        raise ValueError(f"no score on {benchmark}")
    mean = plain.groupby("model")["score_pct"].mean().rename("score")
    return open_models(models).merge(mean, left_on="model", right_index=True)


def lowest_measurement(models, scores):
    """The main sample with each score replaced by the lowest of its 5-shot base measurements."""
    same = (scores["benchmark"] == "MMLU") & (scores["protocol"] == "5-shot, base")
    lowest = scores[same].groupby("model")["score_pct"].min()
    main = main_sample(models)
    other = main["model"].map(lowest)
    return main.assign(score=main[SCORE].where(~(other < main[SCORE]), other))


def specifications(models, scores):
    """Every choice of the specification curve: label to (kind of choice, sample).

    A sample is (DataFrame, size column, quality column) as ``equal_quality`` takes it.
    Kinds: main, sample, measure, period, benchmark.
    """
    main = main_sample(models)
    known, opened, family = disclosed(models), open_models(models), main["family"]
    any_score = opened.assign(score=opened[SCORE].fillna(opened["mmlu_other_pct"]))
    rumours = models[models["released_on"] >= FIRST_OPEN]
    rumours = rumours.assign(score=rumours[SCORE].fillna(rumours["mmlu_other_pct"]))
    logit = main.assign(score=equal_quality.chance_corrected_logit(main[SCORE]))
    chosen = {
        "main sample": ("main", (main, SIZE, SCORE)),
        "no Qwen": ("sample", (main[family != "Qwen"], SIZE, SCORE)),
        "no Phi": ("sample", (main[family != "Phi"], SIZE, SCORE)),
        "no Phi, no Qwen": ("sample", (main[~family.isin(["Phi", "Qwen"])], SIZE, SCORE)),
        "no Llama": ("sample", (main[family != "Llama"], SIZE, SCORE)),
        "no Gemma": ("sample", (main[family != "Gemma"], SIZE, SCORE)),
        "closed models too": ("sample", (_dense(known, FIRST_OPEN), SIZE, SCORE)),
        "closed, from 2020": ("sample", (_dense(known, "2020-01-01"), SIZE, SCORE)),
        "rumours too": ("sample", (rumours, SIZE, "score")),
        "evidence A or B": ("sample", (main[main["grade"].isin(["A", "B"])], SIZE, SCORE)),
        "from 2 billion up": ("sample", (main[main[SIZE] >= 2], SIZE, SCORE)),
        "any protocol": ("measure", (_dense(any_score, FIRST_OPEN), SIZE, "score")),
        "lowest measurement": ("measure", (lowest_measurement(models, scores), SIZE, "score")),
        "scores 45 to 85": ("measure", (main[main[SCORE].between(45, 85)], SIZE, SCORE)),
        "log odds of score": ("measure", (logit, SIZE, "score")),
        "mixtures, total": ("measure", (opened, SIZE, SCORE)),
        "mixtures, active": ("measure", (opened, ACTIVE, SCORE)),
        "from July 2023": ("period", (_since(main, "2023-07-01"), SIZE, SCORE)),
        "before July 2024": ("period", (main[main["released_on"] < FORECAST_ON], SIZE, SCORE)),
        "after July 2024": ("period", (_since(main, FORECAST_ON), SIZE, SCORE)),
    }
    for benchmark in ("BBH", "MMLU-Pro", "GPQA diamond", "MATH level 5"):
        sample = _dense(with_benchmark(models, scores, benchmark), FIRST_OPEN)
        chosen[benchmark] = ("benchmark", (sample, SIZE, "score"))
    return chosen


def laboratories(models, split=FORECAST_ON):
    """Each laboratory's largest open release before and after a date, with its growth.

    Laboratories with an open release of disclosed size since 2022 on both sides of
    ``split``; columns developer, before_b, after_b, after_model, after_active_b, growth;
    most grown first.
    """
    opened = open_models(models, "2022-01-01")
    before = opened[opened["released_on"] < split].groupby("developer")[SIZE].max()
    later = opened[opened["released_on"] >= split].sort_values(SIZE)
    last = later.groupby("developer").last()
    both = pd.DataFrame(
        {
            "before_b": before,
            "after_b": last[SIZE],
            "after_model": last["name"],
            "after_active_b": last[ACTIVE],
        }
    ).dropna(subset=["before_b", "after_b"])
    both["growth"] = both["after_b"] / both["before_b"]
    return both.sort_values("growth", ascending=False).rename_axis("developer").reset_index()


def _dense(models, since):
    return _since(models[models["kind"] == "dense"], since)


def _since(models, date):
    return models[models["released_on"] >= date]
