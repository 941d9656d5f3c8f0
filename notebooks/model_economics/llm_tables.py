"""Tables and worded numbers of the chapter on language-model sizes, ready to be shown."""

import numpy as np
import pandas as pd

from . import llm_samples, sizes

TURN = (
    "gpt-3-175b", "gopher-280b", "chinchilla-70b", "palm-540b", "llama-65b", "llama-2-70b",
    "mistral-7b-v0.1", "llama-3-8b", "llama-3.1-405b", "qwen3-8b",
)  # fmt: skip
FLAGSHIPS = (
    "llama-2-70b", "llama-3.1-405b", "deepseek-v3", "llama-4-maverick", "qwen3-235b-a22b",
    "kimi-k2", "mistral-large-3", "glm-5", "deepseek-v4-pro", "kimi-k3", "qwen3.8-2.4t-a95b",
    "mistral-large-4",
)  # fmt: skip
MARKET = (
    "hf-under-1b-all-time", "hf-over-70b-2026", "hf-average-size-growth",
    "openrouter-open-share-2025", "openrouter-week-deepseek-v4.1-flash",
    "openrouter-week-glm-5.3-flash", "openrouter-week-hy4", "menlo-open-share", "midtier-tokens",
)  # fmt: skip


def plain_number(value):
    """A number as text with three digits: thousands with commas, no powers.

    >>> [plain_number(x) for x in (1.718, 0.5, 4618.4, 60000)]
    ['1.72', '0.5', '4,618', '60,000']
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def halving_words(prefix, fit):
    """Strings of a ``sizes.Halving`` for the prose: prefix-months, -low, -high and -n.

    >>> fit = sizes.halving_time(["2012-01-01", "2013-01-01", "2014-01-01"], [64, 32, 16])
    >>> halving_words("a", fit)["a-months"]
    '12.0'
    """
    return {
        f"{prefix}-months": f"{fit.halving_months:.1f}",
        f"{prefix}-low": f"{fit.low_months:.1f}",
        f"{prefix}-high": f"{fit.high_months:.1f}",
        f"{prefix}-n": f"{fit.n}",
    }


def undisclosed(models):
    """Sizes that nobody disclosed, with the grade of the evidence."""
    guessed = models[models["status"].isin(["estimated", "rumoured"])].sort_values("released_on")
    return pd.DataFrame(
        {
            "model": guessed["name"],
            "released": guessed["released_on"].dt.strftime("%Y-%m"),
            "billion": guessed["params_total_b"].map(plain_number),
            "grade": guessed["grade"],
        }
    )


def turn(models):
    """The models that mark the turn from more parameters to more text."""
    rows = models.set_index("model").loc[list(TURN)]
    ratio = 1000 * rows["training_tokens_t"] / rows["params_active_b"]
    return pd.DataFrame(
        {
            "model": rows["name"] + " (" + rows["released_on"].dt.strftime("%Y") + ")",
            "billion": rows["params_total_b"].map(plain_number),
            "tokens per parameter": ratio.map(plain_number).replace("nan", ""),
            "MMLU": rows["mmlu_5shot_base_pct"].map("{:.1f}".format),
        }
    )


def record_months(models, thresholds):
    """First and smallest record holder of each score, and months for one halving between.

    Columns of the result: MMLU, from, to by total, to by active, total, active (months).
    """
    rows = []
    for threshold in thresholds:
        row = {"MMLU": f"≥ {threshold}"}
        for measure, size in (("total", llm_samples.SIZE), ("active", llm_samples.ACTIVE)):
            path = sizes.record_holders(
                models, size=size, quality=llm_samples.SCORE, threshold=threshold
            )
            last = path.iloc[-1]
            row.setdefault("from", path["name"].iloc[0])
            row[f"to, by {measure}"] = f"{last['name']} ({plain_number(last[size])}B)"
            row[measure] = sizes.endpoint_halving_months(path["released_on"], path[size])
        rows.append(row)
    return pd.DataFrame(rows)[["MMLU", "from", "to, by total", "to, by active", "total", "active"]]


def record_table(records):
    """The result of ``record_months``, with both halving times in one column."""
    months = records["total"].map("{:.1f}".format) + " / " + records["active"].map("{:.1f}".format)
    return records.drop(columns=["total", "active"]).assign(months=months)


def fits(named):
    """Halving times side by side: dict of method to ``sizes.Halving``."""
    return pd.DataFrame(
        {
            "method": list(named),
            "months": [f"{fit.halving_months:.1f}" for fit in named.values()],
            "interval": [f"{f.low_months:.1f} to {f.high_months:.1f}" for f in named.values()],
            "n": [fit.n for fit in named.values()],
        }
    )


def breaks(named):
    """Results of ``equal_quality.broken_halving``, one row a fit: dict of label to result."""

    def months(fit, when):
        middle, low, high = (fit[f"{when}_months{end}"] for end in ("", "_low", "_high"))
        interval = f"{low:.1f} to {high:.1f}" if high < 100 else f"{low:.1f} or more"
        if np.isinf(low):
            interval = "none"
        return f"{middle:.1f} ({interval})" if middle < 100 else f"no fall ({interval})"

    return pd.DataFrame(
        {
            "bend or choice": list(named),
            "months before": [months(fit, "before") for fit in named.values()],
            "months after": [months(fit, "after") for fit in named.values()],
            "n": [f"{fit['n_before']} + {fit['n_after']}" for fit in named.values()],
            "p": [f"{fit['p_value']:.3f}" for fit in named.values()],
        }
    )


def flagships(models):
    """Open flagships in order of release, with a short label that holds year and month."""
    rows = models.set_index("model").loc[list(FLAGSHIPS)]
    short = rows["name"].str.replace(r" \(.*\)|-A22B", "", regex=True)
    short = short.str.replace("-2.4T-A95B", "-Max", regex=False)
    return rows.assign(label=short + ", " + rows["released_on"].dt.strftime("%y-%m"))


def laboratories(labs):
    """The result of ``llm_samples.laboratories``, formatted."""
    return pd.DataFrame(
        {
            "laboratory": labs["developer"],
            "before": labs["before_b"].map(plain_number),
            "since": labs["after_b"].map(plain_number),
            "active": labs["after_active_b"].map(plain_number),
            "growth": labs["growth"].map("{:.1f}×".format),
        }
    )


def market(evidence):
    """Published measurements of use by size."""
    rows = evidence.set_index("evidence").loc[list(MARKET)]
    point = rows["value"].map("{:g}".format)
    span = rows["value_low"].map("{:g}".format) + " to " + rows["value_high"].map("{:g}".format)
    return pd.DataFrame(
        {
            "date": rows["observed_on"].dt.strftime("%Y-%m"),
            "what": rows["measure"],
            "value": point.where(rows["value"].notna(), span) + " " + rows["unit"],
            "read": rows["read"],
        }
    )


def stages(cnns, models):
    """The stages of both histories, with the factor and date of each."""
    image, text = cnns.set_index("model"), models.set_index("model")

    def factor(table, column, key, against, of=None):
        ratio = table.loc[key, of or column] / table.loc[against, column]
        times = f"{plain_number(ratio)}×" if ratio > 1 else f"÷ {plain_number(1 / ratio)}"
        return f"{times} ({table.loc[key, 'released_on']:%Y-%m})"

    def net(key, against):
        return factor(image, "params_m", key, against)

    def llm(key, against, of=None):
        return factor(text, "params_total_b", key, against, of)

    rows = [
        ("grow", "AlexNet to VGG-19", net("vgg-19", "alexnet"),
         "GPT-1 to PaLM", llm("palm-540b", "gpt-1")),
        ("shrink", "VGG-19 to GoogLeNet", net("googlenet-caffe", "vgg-19"),
         "PaLM to Llama-2-70B", llm("llama-2-70b", "palm-540b")),
        ("shrink further", "VGG-19 to SqueezeNet", net("squeezenet-1.0", "vgg-19"),
         "Gopher to Qwen2.5-1.5B", llm("qwen2.5-1.5b", "gopher-280b")),
        ("balance", "ResNet-50", net("resnet-50", "vgg-19"),
         "DeepSeek-V3, active", llm("deepseek-v3", "palm-540b", "params_active_b")),
        ("mobile", "MobileNet", net("mobilenet-v1-1.0-224", "vgg-19"),
         "Apple on-device", llm("afm-on-device", "palm-540b")),
        ("grow again", "ResNeXt WSL", net("resnext-101-32x48d-wsl", "vgg-19"),
         "Kimi K3", llm("kimi-k3", "palm-540b")),
    ]  # fmt: skip
    return pd.DataFrame(
        [(stage, f"{a}: {b}", f"{c}: {d}") for stage, a, b, c, d in rows],
        columns=["stage", "image models", "language models"],
    )
