"""What the serving model says of the article: curves, maps, draws and costs.

Everything here takes tables and the predictions of ``roofline`` and returns DataFrames;
names carry units. Figures are drawn from the results by ``physics_plots``.
"""

import itertools

import numpy as np
import pandas as pd

from model_economics import roofline, serving
from model_economics.claims import serving_cost
from model_economics.serving_limits import step_seconds, usd_per_mtok

SIZES = (
    "llama-3.2-1b", "llama-3.2-3b", "llama-3.1-8b", "qwen2.5-14b", "qwen2.5-32b",
    "llama-3.1-70b", "mistral-large-2", "llama-3.1-405b", "gpt-oss-20b", "qwen3-30b-a3b",
    "mixtral-8x7b", "mixtral-8x22b", "gpt-oss-120b", "minimax-m2.5", "qwen3-235b-a22b",
    "glm-4.5", "llama-4-maverick", "qwen3-coder-480b-a35b", "deepseek-v3", "kimi-k2",
    "glm-5.1", "kimi-k3",
)  # fmt: skip
SERIES = {  # measured batching curves: engine and prompt length pick the rows of one
    "405B, Oracle's service": {"engine": "OCI Generative AI (LLMPerf client)"},
    "405B, 8 H100, vLLM 2024": {
        "precision": "FP8 (meta-llama/Llama-3.1-405B-FP8)", "isl": 128,
        "engine": "vLLM benchmark_throughput (2024-11)",
    },
    "405B, 8 MI300X, vLLM 2025": {
        "model": "Llama 3.1 405B", "engine": "vLLM 0.10.0 (ROCm 6.4.1)", "isl": 128,
        "scenario": "static batch latency",
    },
    "70B, 2 H100, 5,000 in": {"engine": "NVIDIA NIM 1.8.0", "isl": 5000},
}  # fmt: skip


def cases(**columns):
    """Every combination of the values given, one a row, as ``roofline`` takes them.

    columns : a value or a list of values for each column; engine and concurrency may be
        left out (the default engine, and as many sequences as fit)

    >>> cases(model="Llama 3.1 8B", gpus=[1, 2], isl=[100, 200])[["gpus", "isl"]].values.tolist()
    [[1, 100], [1, 200], [2, 100], [2, 200]]
    """
    columns = {"engine": "", "concurrency": np.nan} | columns
    lists = [
        list(values) if isinstance(values, list | tuple | np.ndarray | pd.Index) else [values]
        for values in columns.values()
    ]
    return pd.DataFrame(list(itertools.product(*lists)), columns=list(columns))


def batching(throughput, **tables):
    """Measured batching curves beside the model's, one row a measured point.

    throughput : the table ``serving_throughput``
    tables : models, gpus and efficiencies for ``roofline``

    Adds to the measured rows: series, gain (output over that of one stream), predicted_gain
    (empty where the hardware was not named) and kept (per-user speed over that of a single
    stream). A curve that starts above one stream takes its per-user speed there as one
    stream's.
    """
    pieces = []
    for name, chosen in SERIES.items():
        wanted = (throughput[list(chosen)] == pd.Series(chosen)).all(axis=1)
        rows = throughput[wanted & throughput["concurrency"].notna()].copy()
        rows = rows.sort_values("concurrency").assign(series=name)
        first = rows.iloc[0]
        single = first["output_tok_per_s"] / first["concurrency"]
        rows["gain"] = rows["output_tok_per_s"] / single
        rows["kept"] = rows["gain"] / rows["concurrency"].astype(float)
        asked = pd.concat([rows, rows.head(1).assign(concurrency=1)], ignore_index=True)
        found = roofline.predict(asked, errors="nan", **tables)["output_tok_per_s"].to_numpy()
        rows["predicted_gain"] = found[:-1] / found[-1]
        pieces.append(rows)
    return pd.concat(pieces, ignore_index=True)


def concurrency_of_gain(curves, gain=10.0, column="gain"):
    """Concurrency at which each series reaches a gain, and the per-user speed kept there.

    curves : what ``batching`` returns
    gain : output over that of one stream
    column : "gain" for measurements, "predicted_gain" for the model

    Interpolates on logarithms; empty where the gain is not reached.
    """
    table = []
    for name, rows in curves.groupby("series", sort=False):
        rows = rows[rows[column].notna()]
        where = np.nan
        if len(rows) and rows[column].max() >= gain:
            rising = rows[: int(rows[column].to_numpy().argmax()) + 1]
            where = np.exp(
                np.interp(
                    np.log(gain),
                    np.log(rising[column].to_numpy(dtype=float)),
                    np.log(rising["concurrency"].to_numpy(dtype=float)),
                )
            )
        table.append({"series": name, "concurrency": where, "kept": gain / where})
    return pd.DataFrame(table)


def by_ratio(ratios, output_tokens, engines, **tables):
    """Output of 405B on 8 H100 at full load for each input:output ratio and engine.

    ratios : input tokens per output token
    output_tokens : tokens of an answer
    engines : dict of label to (engine, precision)
    """
    pieces = []
    for label, (engine, precision) in engines.items():
        rows = cases(
            model="Llama 3.1 405B", hardware="H100 SXM 80GB", gpus=8, precision=precision,
            osl=output_tokens, isl=np.asarray(ratios) * output_tokens, engine=engine,
        )  # fmt: skip
        found = roofline.breakdown(rows, errors="nan", **tables)
        pieces.append(rows.join(found).assign(label=label, input_per_output=np.asarray(ratios)))
    return pd.concat(pieces, ignore_index=True)


def at_speed(ratios, output_tokens, least_tok_per_s_per_user, **tables):
    """Like ``by_ratio`` for the default engine, with a speed that each user must see.

    ratios : input tokens per output token
    output_tokens : tokens of an answer
    least_tok_per_s_per_user : output tokens a second of one request; the batch is the
        largest output that keeps it
    """
    rows = cases(
        model="Llama 3.1 405B", hardware="H100 SXM 80GB", gpus=8, precision="FP8",
        osl=output_tokens, isl=np.asarray(ratios, dtype=float) * output_tokens,
        concurrency=np.geomspace(1, 2000, 300),
    )  # fmt: skip
    rows = rows.join(roofline.predict(rows, errors="nan", **tables))
    rows["input_per_output"] = rows["isl"] / rows["osl"]
    rows = rows[rows["per_user_tok_per_s"] >= least_tok_per_s_per_user]
    best = rows.groupby("input_per_output")["output_tok_per_s"].idxmax()
    return rows.loc[best].reset_index(drop=True)


def profit_map(curve, loads, usd_per_token_m, usd_per_gpu_hour, gpus=8):
    """Profit of a day by ratio and load, as a DataFrame with loads as index.

    curve : rows of one engine from ``by_ratio``
    loads : shares of full load
    usd_per_token_m : price of a million tokens, in or out
    usd_per_gpu_hour, gpus : rent of one GPU, and GPUs
    """
    tokens = curve["output_tok_per_s"] * (1 + curve["input_per_output"]) * serving.SECONDS_PER_DAY
    revenue = np.outer(loads, tokens) * usd_per_token_m / 1e6
    cost = serving.cost_usd_per_day(gpus, usd_per_gpu_hour)
    return pd.DataFrame(revenue - cost, index=loads, columns=curve["input_per_output"])


def zero_line(profit):
    """Load at which each column of a ``profit_map`` breaks even; above 1 where it never does."""
    loads = profit.index.to_numpy()
    cost = profit.iloc[0] - (profit.iloc[-1] - profit.iloc[0]) * loads[0] / (loads[-1] - loads[0])
    return -cost / ((profit.iloc[-1] - profit.iloc[0]) / (loads[-1] - loads[0]))


def measured_over_predicted(rows, **tables):
    """Measured output over the model's, one number a row, without rows it cannot predict."""
    found = roofline.predict(rows, errors="nan", **tables)["output_tok_per_s"]
    return (rows["output_tok_per_s"] / found).dropna().to_numpy()


def draw_profit(case, curve, draws, seed=0):
    """Profit of a day under uncertainty, one row a draw.

    case : dict of arrays to draw from, with equal chances: usd_per_gpu_hour, prices (pairs
        of input and output price, USD per million), input_per_output, load and engine
        (measured over predicted speed); an array of one value is certain
    curve : rows of one engine from ``by_ratio``, for the speed at each ratio
    draws : how many
    """
    random = np.random.default_rng(seed)
    prices = np.asarray(case["prices"], dtype=float)
    chosen = random.integers(len(prices), size=draws)
    drawn = {
        name: random.choice(np.asarray(case[name], dtype=float), draws)
        for name in ("usd_per_gpu_hour", "input_per_output", "load", "engine")
    }
    ratio = drawn["input_per_output"]
    speed = np.exp(
        np.interp(
            np.log1p(ratio),
            np.log1p(curve["input_per_output"]),
            np.log(curve["output_tok_per_s"].to_numpy(dtype=float)),
        )
    )
    output = speed * drawn["engine"] * drawn["load"] * serving.SECONDS_PER_DAY
    revenue = output * (prices[chosen, 1] + ratio * prices[chosen, 0]) / 1e6
    cost = 8 * 24 * drawn["usd_per_gpu_hour"]
    blended = np.round((prices[chosen, 1] + ratio * prices[chosen, 0]) / (1 + ratio), 6)
    return pd.DataFrame(drawn | {"price": blended, "profit_usd_per_day": revenue - cost})


def rank_shares(drawn, outcome="profit_usd_per_day"):
    """Share of the outcome's ranks that goes with each input: squared rank correlations.

    drawn : what ``draw_profit`` returns

    Inputs are drawn apart, so the shares add up to what is monotone; they are scaled to 1.
    """
    ranks = drawn.rank()
    inputs = [name for name in drawn.columns if name != outcome and drawn[name].nunique() > 1]
    squared = ranks[inputs].corrwith(ranks[outcome]) ** 2
    return (squared / squared.sum()).sort_values(ascending=False)


def cheapest(options, usd_per_gpu_hour, least_tok_per_s_per_user=0.0):
    """Cheapest way to serve each model at full load, one row a model.

    options : rows with model, hardware, gpus and the columns of ``roofline.predict``
    usd_per_gpu_hour : rent by hardware
    least_tok_per_s_per_user : speed that each user must see

    Adds usd_per_mtok, of input and output tokens together.
    """
    rent = options["hardware"].map(usd_per_gpu_hour)
    cost = usd_per_mtok(rent, options["gpus"], options["total_tok_per_s"])
    options = options.assign(usd_per_mtok=cost)
    fast = options["per_user_tok_per_s"] >= least_tok_per_s_per_user
    usable = options[fast & options["usd_per_mtok"].notna()]
    return usable.loc[usable.groupby("model", sort=False)["usd_per_mtok"].idxmin()]


def smallest_node(options, usd_per_gpu_hour):
    """Cheapest node that holds each model at all, one row a model, with usd_per_day."""
    rent = options["hardware"].map(usd_per_gpu_hour) * options["gpus"] * 24
    options = options.assign(usd_per_day=rent)[options["output_tok_per_s"].notna()]
    best = options.sort_values(["usd_per_day", "total_tok_per_s"], ascending=[True, False])
    return best.drop_duplicates("model")


def cost_at_demand(nodes, mtok_per_day):
    """Cost of a million tokens when only so many are asked for, one row a model and demand.

    nodes : rows with model, usd_per_day and total_tok_per_s of one node
    mtok_per_day : demand, million tokens a day

    Whole nodes are rented: one serves any demand up to its capacity.
    """
    table = nodes[["model", "usd_per_day", "total_tok_per_s"]].merge(
        pd.DataFrame({"mtok_per_day": mtok_per_day}), how="cross"
    )
    capacity = table["total_tok_per_s"] * serving.SECONDS_PER_DAY / 1e6
    table["nodes"] = np.ceil(table["mtok_per_day"] / capacity)
    table["usd_per_mtok"] = table["nodes"] * table["usd_per_day"] / table["mtok_per_day"]
    return table


def size_slopes(cost):
    """Exponents of cost in active and total parameters, from one regression on logarithms.

    cost : rows with params_active_b, params_total_b and usd_per_mtok

    Returns a dict: active and total (exponents of both together), dense (exponent among
    dense models alone) and spread (typical factor by which a model lies off the fit).
    """
    active, total = np.log(cost["params_active_b"]), np.log(cost["params_total_b"])
    outcome = np.log(cost["usd_per_mtok"])
    design = np.column_stack([np.ones(len(cost)), active, total])
    fitted = np.linalg.lstsq(design, outcome, rcond=None)[0]
    dense = (cost["params_active_b"] == cost["params_total_b"]).to_numpy()
    return {
        "active": fitted[1],
        "total": fitted[2],
        "dense": np.polyfit(active[dense], outcome[dense], 1)[0],
        "spread": np.exp(np.std(outcome - design @ fitted)),
    }


def neighbours(throughput):
    """Measurements of 405B on one node of 8 H100 near full load, for ``physics_plots.by_ratio``.

    throughput : the table ``serving_throughput``

    kind is "2025" for TensorRT-LLM 1.0, "2024" for vLLM at its largest load, and "outlier"
    for the run with prompts of 32,784 tokens whose slowness nobody explains.
    """
    rows = throughput[
        (throughput["model"] == "Llama 3.1 405B")
        & throughput["hardware"].fillna("").str.startswith("H100")
        & (throughput["gpus"] == 8)
        & throughput["isl"].notna()
        & throughput["engine"].fillna("").str.contains("vLLM|TensorRT-LLM 1.0")
    ].copy()
    rows["input_per_output"] = rows["isl"] / rows["osl"]
    tuned = rows["engine"].str.startswith("TensorRT-LLM")
    rows["kind"] = np.select([tuned, rows["isl"] > 30_000], ["2025", "outlier"], "2024")
    largest = rows["concurrency"].isna() | rows["concurrency"].isin([256])
    outlier = (rows["kind"] == "outlier") & (rows["concurrency"] == 16)
    return rows[(largest & (rows["kind"] != "outlier")) | outlier].reset_index(drop=True)


def early_engine(throughput, **tables):
    """Measured over predicted speed of vLLM in 2024, 405B on 8 H100 near full load."""
    rows = neighbours(throughput)
    return measured_over_predicted(rows[rows["kind"] == "2024"], **tables)


def tuned_engine(throughput, **tables):
    """Measured over predicted speed of TensorRT-LLM 1.0, 405B at full load."""
    engine = throughput["engine"].fillna("")
    wanted = engine.str.startswith("TensorRT-LLM 1.0") & (throughput["model"] == "Llama 3.1 405B")
    return measured_over_predicted(throughput[wanted], **tables)


def listed_prices(token_prices, first, last, model="llama-3.1-405b-instruct"):
    """Input and output price of each offer that was open between two days, one row an offer."""
    offers = token_prices[token_prices["model"] == model]
    until = offers["valid_to"].fillna(pd.Timestamp.max)
    offers = offers[(offers["valid_from"] <= last) & (until >= first)]
    written = offers["output_usd_per_mtok"].fillna(offers["input_usd_per_mtok"])
    return np.column_stack([offers["input_usd_per_mtok"], written])


def rents(gpu_prices, first, last):
    """Rents of an H100 per hour read between two days, without ownership cost and spot."""
    wanted = (
        gpu_prices["gpu"].str.startswith("H100")
        & gpu_prices["read_on"].between(pd.Timestamp(first), pd.Timestamp(last))
        & ~gpu_prices["commitment"].isin(["ownership_cost", "spot"])
    )
    return gpu_prices.loc[wanted, "usd_per_gpu_hour"].to_numpy(dtype=float)


def odds(open_cases, draws):
    """Range and chance of a profit for each case, one row a case.

    open_cases : dict of label to (curve, case), as ``draw_profit`` takes them
    draws : how many for each
    """
    table, shares = [], {}
    for label, (curve, case) in open_cases.items():
        drawn = draw_profit(case, curve, draws)
        profit = drawn["profit_usd_per_day"]
        low, median, high = profit.quantile([0.05, 0.5, 0.95])
        table.append({"label": label, "low": low, "median": median, "high": high,
                      "chance": (profit > 0).mean()})  # fmt: skip
        shares[label] = rank_shares(drawn)
    return pd.DataFrame(table), pd.DataFrame(shares).T


def serving_options(names, isl, osl, **tables):
    """Predictions for every way to serve each model at 8 bits, by GPU, size and concurrency.

    names : keys of ``llm_architectures``
    isl, osl : tokens of prompt and answer
    """
    concurrency = np.unique(np.round(np.geomspace(1, 4096, 49)))
    shape = {"precision": "FP8", "isl": isl, "osl": osl, "concurrency": concurrency}
    rows = pd.concat(
        [
            cases(model=names, hardware=["H100", "H200", "B200"], gpus=[1, 2, 4, 8], **shape),
            cases(model=names, hardware="GB200", gpus=[4, 8, 16, 32], **shape),
        ],
        ignore_index=True,
    )
    return rows.join(roofline.predict(rows, errors="nan", **tables))


def token_seconds(isl, osl, least_tok_per_s_per_user, **tables):
    """Node-seconds of an input and of an output token for 405B on 8 H100, as a dict.

    isl : prompt lengths to compare, zero among them
    osl : tokens of an answer
    least_tok_per_s_per_user : speed that each user must see

    The output token's time is that of answers without a prompt; the input token's is what
    prompts add.
    """
    concurrency = np.geomspace(1, 1500, 300)
    rows = cases(
        model="Llama 3.1 405B", hardware="H100", gpus=8, precision="FP8", isl=isl, osl=osl,
        concurrency=concurrency,
    )  # fmt: skip
    rows = rows.join(roofline.predict(rows, errors="nan", **tables))
    rows = rows[rows["per_user_tok_per_s"] >= least_tok_per_s_per_user]
    answer = osl / rows.groupby("isl")["output_tok_per_s"].max()
    slope = np.polyfit(answer.index.to_numpy(dtype=float), answer.to_numpy(), 1)[0]
    return {"input_s": slope, "output_s": answer.loc[0] / osl}


def speculation_gain(concurrency, drafted, accepted, **tables):
    """Output with speculative decoding over output without, for 405B on 8 H100.

    concurrency : sequences in flight
    drafted : tokens proposed and checked in a step, for each sequence
    accepted : tokens that a step yields on average

    A step passes 1 + drafted tokens a sequence instead of one; drafting itself is free here,
    so the true gain is smaller.
    """
    shape = {"model": "Llama 3.1 405B", "hardware": "H100", "gpus": 8, "precision": "FP8"}
    plain = cases(**shape, isl=0, osl=300, concurrency=concurrency)
    checked = plain.assign(concurrency=plain["concurrency"] * (1 + drafted))
    step = [
        roofline.breakdown(rows, errors="nan", **tables)["step_ms"] for rows in (plain, checked)
    ]
    return pd.DataFrame({"concurrency": concurrency, "gain": accepted * step[0] / step[1]})


def one_stream(checkpoint_gb, **tables):
    """Speed of one request of 405B on 8 H100 that each limit leaves, from the data sheet down.

    checkpoint_gb : size of the weights as stored, in 1e9 bytes

    Returns label and tok_per_s of each limit, and the model's breakdown of the last.
    """
    card = tables["gpus"].set_index("gpu").loc["h100-sxm-80gb"]
    rows = cases(
        model="Llama 3.1 405B", hardware="H100", gpus=8, precision="FP8 (meta)", isl=128,
        osl=512, concurrency=1,
    )  # fmt: skip
    single = roofline.breakdown(rows, **tables).iloc[0]
    share = tables["efficiencies"].set_index("efficiency").loc["weight_read", "value"]
    limits = [("all weights 8-bit", 405.0, 1.0), ("Meta's checkpoint", checkpoint_gb, 1.0),
              ("bandwidth reached", checkpoint_gb, share)]  # fmt: skip
    bandwidth, flops = 1e12 * card["bandwidth_tb_per_s"], 1e12 * card["fp8_dense_tflops"]
    speed = {
        label: 1 / step_seconds(1, 0, 0, 405e9, 1e9 * size, 8, bandwidth * reached, flops)
        for label, size, reached in limits
    }
    speed["kernels, exchange"] = single["per_user_tok_per_s"]
    return pd.DataFrame({"label": speed.keys(), "tok_per_s": speed.values()}), single


def measured_streams(throughput):
    """Measured speed of one request of 405B, or of four where no smaller load was measured."""
    keys = {
        "Azure's service": "l-3-1-405b-microsoft-azure-api-nan",
        "vLLM, 4 streams": "l-3-1-405b-h100-80gb-x8-vllm-bt-128-2048-c4",
    }
    speed = throughput.set_index("measurement")["per_user_tok_per_s"]
    oracle = throughput["engine"].str.startswith("OCI Generative AI (LLM", na=False)
    single = throughput[oracle & (throughput["concurrency"] == 1)]["per_user_tok_per_s"]
    table = {name: speed[key] for name, key in keys.items()} | {"Oracle's service": single.iloc[0]}
    return pd.DataFrame({"label": table.keys(), "tok_per_s": table.values()})


def promises(floors, input_per_output, output_tokens, usd_per_token_m, usd_per_gpu_hour, **tables):
    """What promising users a speed costs: batch, output and break-even load, one row a floor.

    floors : output tokens a second that each user must see
    input_per_output, output_tokens : shape of a request
    usd_per_token_m : price of a million tokens, in or out
    usd_per_gpu_hour : rent of one of eight GPUs
    """
    best = pd.concat(
        [at_speed([input_per_output], output_tokens, floor, **tables) for floor in floors],
        ignore_index=True,
    )
    revenue = serving.revenue_usd_per_day(
        best["output_tok_per_s"].to_numpy(), input_per_output, usd_per_token_m, usd_per_token_m
    )
    return best.assign(
        break_even=serving.break_even_utilisation(
            revenue, serving.cost_usd_per_day(8, usd_per_gpu_hour)
        )
    )


def article_case(usd_per_token_m, usd_per_gpu_hour, traffic, engine):
    """The article's sum as a case to draw from: its price, rent and ratios, real traffic.

    usd_per_token_m, usd_per_gpu_hour : price of a million tokens, and rent
    traffic : the table ``traffic``; load is the mean over the hourly peak
    engine : measured over predicted speed
    """
    hourly = traffic[traffic["window"] == "hour"]["peak_to_mean"]
    return {
        "usd_per_gpu_hour": [usd_per_gpu_hour],
        "prices": [[usd_per_token_m, usd_per_token_m]],
        "input_per_output": np.arange(3, 11),
        "load": 1 / hourly.to_numpy(dtype=float),
        "engine": engine,
    }


def market(rents_table, token_prices, year):
    """Rents of an H100 and prices of 405B of mid-2024 or 2026, as parts of a case."""
    if year == 2024:
        rent = serving_cost.mid_2024_rents(rents_table)["usd_per_gpu_hour"]
        offers = listed_prices(token_prices, "2024-07-23", "2024-09-30")
    elif year == 2026:
        rent = rents(rents_table, "2026-01-01", "2026-11-24")
        offers = listed_prices(token_prices, "2026-01-01", "2026-11-24")
    else:
        raise ValueError(f"year must be 2024 or 2026, got {year}")
    return {"usd_per_gpu_hour": rent, "prices": offers}


def cost_by_size(options, usd_per_gpu_hour, least_tok_per_s_per_user, shapes):
    """Cheapest cost of each model without a limit on speed ("full") and with one ("fast").

    options, usd_per_gpu_hour, least_tok_per_s_per_user : as in ``cheapest``
    shapes : the table ``llm_architectures``
    """
    full = cheapest(options, usd_per_gpu_hour).assign(rule="full")
    fast = cheapest(options, usd_per_gpu_hour, least_tok_per_s_per_user).assign(rule="fast")
    size = shapes.set_index("model")[["params_active_b", "params_total_b"]]
    cost = pd.concat([full, fast], ignore_index=True).join(size, on="model")
    cost["kind"] = np.where(cost["params_active_b"] < cost["params_total_b"], "moe", "dense")
    return cost


def efficiency_table(efficiencies):
    """The efficiencies that matter most, as text for a table."""
    names = {
        "gemm_ampere": "arithmetic, A100",
        "gemm_hopper": "arithmetic, H100 and H200",
        "gemm_blackwell": "arithmetic, B200",
        "weight_read": "reading weights",
        "cache_read": "reading the cache",
        "ring_link": "large exchanges",
    }
    shown = efficiencies.set_index("efficiency").loc[list(names)]
    percent = [f"{100 * value:.0f} %" for value in shown["value"]]
    range_ = [
        f"{100 * low:.0f} to {100 * high:.0f} %" for low, high in shown[["low", "high"]].to_numpy()
    ]
    return pd.DataFrame(
        {"limit": names.values(), "share reached": percent, "90 % interval": range_}
    )


def error_table(errors):
    """Errors of the model by what was left out, as text for a table, and the rows behind it."""
    names = {
        "nothing": "nothing",
        "tenth": "a tenth of the rows",
        "gpu": "one GPU",
        "engine": "one engine version",
        "model": "one model",
    }
    rows = errors[errors["group"] == "all"].set_index("left_out").loc[list(names)]
    table = pd.DataFrame(
        {
            "left out of the fit": names.values(),
            "median error": [f"{value:.1f} %" for value in rows["median_abs_pct"]],
            "90th percentile": [f"{value:.0f} %" for value in rows["p90_abs_pct"]],
            "rank correlation": [f"{value:.3f}" for value in rows["rank_correlation"]],
        }
    )
    return table, rows["rows"].iloc[0]


def output_at_ten_fold(curves, **tables):
    """Output of 405B where batching has brought ten-fold: measured on H100 and at Oracle,
    and by the model for a tuned engine on H100 and Oracle's lengths, as a dict.

    curves : what ``batching`` returns
    """
    found = {
        name: np.interp(10, rows["gain"], rows["output_tok_per_s"])
        for name, rows in curves.groupby("series", sort=False)
        if "405B" in name and "MI300X" not in name
    }
    rows = cases(
        model="Llama 3.1 405B", hardware="H100", gpus=8, precision="FP8", isl=480, osl=300,
        concurrency=[1, 8, 10, 12, 16],
    )  # fmt: skip
    output = roofline.predict(rows, **tables)["output_tok_per_s"]
    return found | {"model": np.interp(10, output / output[0], output)}
