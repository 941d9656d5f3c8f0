"""Throughput of a language model on a node of GPUs, from its shape and the data sheet.

One step of a loaded engine decodes one token for each of B sequences and reads, mixed in,
the prompts of those that start: with I tokens in and O out, T = B·(1 + I/O) tokens pass the
weights in a step on average, in bursts where few sequences start. A step takes the sum of

* matrices: max of 2·P·T/(N·C) and P·w/(N·W), P weights of w bytes, T tokens, N GPUs of C
  operations and W bytes a second (scaling-book, "Inference"); of experts only those read
  that T tokens touch, E·(1 − (1 − k/E)^T) of E
* a partial wave: each product leaves the last tiles of the GPU idle for a moment
* cache: B·S·c/(N·W), c = 2·L·K·H bytes of key and value a token, S = I + O/2 on average;
  latent attention stores one vector a layer but computes more
* prompt attention: 2·L·heads·H·I² operations a prompt, causal
* exchange between GPUs, two sums a layer: latency + bytes/link, direct or in a ring
* overhead a layer and a sequence

and B is what memory leaves for the cache, what the engine allows, or the concurrency asked
for. Each hardware limit carries one fitted efficiency (table ``roofline_efficiencies``);
``fit_roofline`` fits them.
"""

import re

import numpy as np
import pandas as pd

from model_economics import datasets
from model_economics.llm_shapes import attention_weights

GIB = 2.0**30
RESERVED_BYTES = 2.5e9  # a GPU's share for driver, engine and communication buffers
LOGIT_COPIES = 2.0  # 4-byte copies of vocabulary × sequences that an engine keeps
BYTES_PER_WEIGHT = {16: 2.0, 8: 1.0, 4: 0.5 + 1 / 16}  # 4 bits with a scale for 16 weights
TILE = 128  # rows of a matrix that a GPU works on at once; experts waste half a tile each
CHUNK = 1 << 16  # rows worked on together, so that they stay in the processor's cache

# Names under which measurements list models of the table of shapes.
MODEL_ALIASES = {
    "llama370b": "llama-3.1-70b",
    "llama3.370b": "llama-3.1-70b",
    "llama3405b": "llama-3.1-405b",
    "deepseekr1": "deepseek-v3",
    "deepseekv3/r1": "deepseek-v3",
    "deepseekv3.1": "deepseek-v3",
}
# What an engine does by default: share of free memory it gives to the cache, and how many
# sequences and tokens a step may hold ("sized": TensorRT-LLM's rule, see _capacity).
ENGINES = pd.DataFrame(
    [
        ("trtllm_0_12", 0.90, 8192, 16384, False),
        ("trtllm_0_13", 0.90, 8192, 16384, False),
        ("trtllm_0_17", 0.95, np.nan, np.nan, True),
        ("trtllm_1_0", 0.95, np.nan, np.nan, True),
        ("vllm_0_6", 0.90, 256, 131072, False),
        ("vllm_0_10", 0.90, 1024, 8192, False),
    ],
    columns=["generation", "cache_share", "max_sequences", "max_tokens", "sized"],
).set_index("generation")
DEFAULT_ENGINE = "trtllm_1_0"
# Architectures without measurements borrow the efficiency of their nearest relative.
RELATIVES = {"volta": "ampere", "cdna4": "cdna3", "tpu": "ampere"}
ARCHITECTURES = ("ampere", "ada", "hopper", "blackwell", "cdna3")
TERMS = {
    "matrices": "matrix compute",
    "weights": "weight reading",
    "cache": "cache reading",
    "prompts": "prompt attention",
    "exchange": "exchange between GPUs",
    "overhead": "overhead",
}
BATCH_LIMITS = ("concurrency", "cache memory", "engine limit", "prompt tokens")
INPUTS = ("model", "hardware", "gpus", "precision", "isl", "osl", "concurrency")
NUMBERS = ("gpus", "isl", "osl", "concurrency", "requests")


def predict(rows, errors="raise", *, models=None, gpus=None, efficiencies=None):
    """Throughput at full load of each row, as a DataFrame with the index of ``rows``.

    rows : DataFrame with model, hardware, gpus (of the whole system; above 8 they are taken
        as copies of 8, or of more in a rack with fast links, where a model needs it),
        precision ("FP8", "BF16", "FP4", ...), isl and osl (tokens in and out), concurrency
        (sequences in flight; empty for as many as fit) and, optionally, engine
        ("TensorRT-LLM 0.17", "vLLM 0.10.0", ...; empty or unknown: the generation of
        TensorRT-LLM 1.0) and requests (length of a benchmark run; a named TensorRT-LLM
        without concurrency gets the counts that its authors used, all else a steady state)
    errors : "raise" for one ValueError that names the first bad row, "nan" for empty results
    models, gpus, efficiencies : the report's tables ``llm_architectures``, ``gpu_specs`` and
        ``roofline_efficiencies``; loaded where not given

    Columns: output_tok_per_s and total_tok_per_s of the system, per_user_tok_per_s, batch
    (sequences in flight) and bound (the term that takes most of a step, as a category).
    """
    return _frame(rows, errors, models, gpus, efficiencies, detail=False)


def breakdown(rows, errors="raise", *, models=None, gpus=None, efficiencies=None):
    """What ``predict`` returns, and where the time of a step goes.

    Arguments as in ``predict``. Adds batch_limit (what stops the batch), step_ms, for each
    of TERMS a column such as cache_ms (the time of the matrices counts as weights_ms where
    reading takes longer than computing), prefill_share (the part of a step that prompts
    add) and capacity (sequences that fit).
    """
    return _frame(rows, errors, models, gpus, efficiencies, detail=True)


def describe(rows, errors="raise", *, models=None, gpus=None, spread=True):
    """Everything about the rows that needs no efficiency: bytes, operations, limits.

    Arguments as in ``predict``; spread says whether GPUs share out sequences and experts
    of models with latent attention, or else heads and matrices. Returns a dict: "setup"
    holds arrays with one value for each combination of model, GPUs, precision and engine,
    "index" the combination of each row, and the rest are the rows' own numbers.
    """
    if errors not in ("raise", "nan"):
        raise ValueError(f'errors must be "raise" or "nan", got {errors!r}')
    missing = [name for name in INPUTS if name not in rows.columns]
    if missing:
        raise ValueError(f"rows lack the column {', '.join(missing)}")
    models = datasets.load("llm_architectures") if models is None else models
    gpus = datasets.load("gpu_specs") if gpus is None else gpus
    row = {name: _floats(rows, name) for name in NUMBERS}
    names = {name: _codes(rows, name) for name in ("model", "hardware", "precision", "engine")}
    names["gpus"] = pd.factorize(row["gpus"], use_na_sentinel=True)
    index, first = _combinations([codes for codes, _ in names.values()])
    unique = {
        name: np.append(values, np.nan if name == "gpus" else None)[codes[first]]
        for name, (codes, values) in names.items()
    }
    setup, problem = _setups(unique, models, gpus, spread)
    bad = _bad_numbers(row, rows)
    good = np.array([not text for text in problem], dtype=bool)
    usable = good[index] & (bad == "") if len(rows) else np.zeros(0, dtype=bool)
    if errors == "raise" and not usable.all():
        at = int(np.flatnonzero(~usable)[0])
        raise ValueError(f"row {rows.index[at]!r}: {problem[index[at]] or bad[at]}")
    return {"setup": setup, "index": index, "usable": usable, **row}


def step(features, efficiencies, detail=False):
    """One step of a loaded engine for each row, as a dict of arrays.

    features : what ``describe`` returns
    efficiencies : dict of name to value, as in ``roofline_efficiencies``
    detail : whether to split the step into its terms

    Rows that are not usable, or do not fit into memory, are NaN. "bound" and "batch_limit"
    are positions in TERMS and BATCH_LIMITS.
    """
    e = efficiencies
    s = {name: values[features["index"]] for name, values in features["setup"].items()}
    s["rate"] = np.array([e[f"gemm_{name}"] for name in ARCHITECTURES])[s["architecture"]]
    s["reach"] = np.where(s["architecture"] == ARCHITECTURES.index("cdna3"), e["memory_cdna3"], 1)
    factors = [e.get(f"overhead_{name}", 1.0) for name in ENGINES.index]
    s["overhead"] = np.array(factors)[s["engine"]]
    isl, osl = features["isl"], features["osl"]
    with np.errstate(all="ignore"):
        capacity, limit = _capacity(s, e, isl, osl)
        batch, limit = _in_flight(features, s, capacity, limit)
        parts, compute = _terms(s, e, batch, isl, osl)
        seconds = sum(parts.values())
        ok = np.where(features["usable"] & (capacity >= 1), 1.0, np.nan)
        result = {
            "output_tok_per_s": ok * s["copies"] * batch / seconds,
            "total_tok_per_s": ok * s["copies"] * batch / seconds * (1 + isl / osl),
            "per_user_tok_per_s": ok / seconds,
            "batch": ok * batch * s["copies"],
        }
        reading = np.where(compute < parts["matrices"] / 2, parts["matrices"], 0.0)
        parts["weights"], parts["matrices"] = reading, parts["matrices"] - reading
        longest = np.zeros_like(seconds)
        result["bound"] = np.zeros(len(seconds), dtype=np.int8)
        for position, name in enumerate(TERMS):
            result["bound"][parts[name] > longest] = position
            longest = np.maximum(longest, parts[name])
        result["batch_limit"] = limit
        if detail:
            bare, _ = _terms(s, e, batch, isl, osl, prompts=False)
            bare = sum(bare.values())
            result["step_ms"] = ok * 1e3 * seconds
            result["prefill_share"] = ok * (1 - bare / seconds)
            result["capacity"] = ok * capacity * s["copies"]
            result |= {f"{name}_ms": ok * 1e3 * parts[name] for name in TERMS}
    return result


def no_losses():
    """Efficiencies of hardware that reaches its data sheet, without latency or overhead.

    >>> no_losses()["gemm_hopper"], no_losses()["layer_overhead"]
    (1.0, 0.0)
    """
    shares = (
        "weight_read cache_read memory_cdna3 prompt_attention expert_gemm busiest_expert "
        "old_logit_copies ring_link direct_link"
    )
    losses = "partial_wave ring_latency direct_latency layer_overhead sequence_overhead"
    ideal = {f"gemm_{name}": 1.0 for name in ARCHITECTURES}
    return ideal | dict.fromkeys(shares.split(), 1.0) | dict.fromkeys(losses.split(), 0.0)


def engine_generation(engine):
    """Generation of ENGINES that an engine's name belongs to.

    engine : name as measurements give it

    >>> engine_generation("TensorRT-LLM 0.17"), engine_generation("vLLM 0.6.3.dev116")
    ('trtllm_0_17', 'vllm_0_6')
    >>> engine_generation("an engine nobody measured")
    'trtllm_1_0'
    """
    name = str(engine or "").lower()
    version = [int(part) for part in re.findall(r"\d+", name)[:2]] + [0, 0]
    if "nim" in name.split():
        return "trtllm_0_17"
    if "pytorch backend" in name:
        return "trtllm_1_0"
    if "tensorrt-llm" in name:
        if not re.search(r"tensorrt-llm \d", name):
            return "trtllm_0_13"  # posts of summer 2024 give no version
        if version[0] == 0 and version[1] < 20:
            old = "trtllm_0_12" if version[1] <= 12 else "trtllm_0_13"
            return old if version[1] < 14 else "trtllm_0_17"
        return "trtllm_1_0"
    if name.startswith("tgi") or "benchmark_throughput" in name:
        return "vllm_0_6"
    if "vllm" in name:
        return "vllm_0_6" if version[0] == 0 and 0 < version[1] < 8 else "vllm_0_10"
    return "vllm_0_10" if "sglang" in name else DEFAULT_ENGINE


def benchmark_requests(isl, osl):
    """Requests in a run of TensorRT-LLM's published maximum-load benchmark.

    isl, osl : tokens in and out; numbers or arrays

    The table on the benchmark's page, continued by total length to other shapes.

    >>> benchmark_requests([128, 128, 20000], [128, 2048, 2000]).tolist()
    [30000.0, 3000.0, 1000.0]
    """
    isl, total = np.asarray(isl, dtype=float), np.add(isl, osl, dtype=float)
    middle = np.where((total < 3000) & (isl < 4000), 3000.0, 1500.0)
    return np.select([total <= 300, total < 20000], [30000.0, middle], 1000.0)


def _frame(rows, errors, models, gpus, efficiencies, detail):
    features = describe(rows, errors, models=models, gpus=gpus)
    if efficiencies is None:
        efficiencies = datasets.load("roofline_efficiencies")
    if isinstance(efficiencies, pd.DataFrame):
        efficiencies = dict(zip(efficiencies["efficiency"], efficiencies["value"], strict=True))
    out = _run(features, efficiencies, detail)
    choice = np.flatnonzero(features["setup"]["latent"][features["index"]])
    if len(choice):  # with latent attention an operator takes the faster way to share work
        some = rows.iloc[choice]
        other = _run(
            describe(some, errors, models=models, gpus=gpus, spread=False), efficiencies, detail
        )
        speed, rival = out["output_tok_per_s"][choice], other["output_tok_per_s"]
        better = np.nan_to_num(rival) > np.nan_to_num(speed)
        for name, values in out.items():
            values[choice[better]] = other[name][better]
    lost = np.flatnonzero(features["usable"] & ~np.isfinite(out["batch"]))
    if errors == "raise" and len(lost):
        row = rows.iloc[int(lost[0])]
        raise ValueError(
            f"row {rows.index[lost[0]]!r}: {row['model']} at {row['precision']} does not fit into "
            f"the memory of {features['gpus'][lost[0]]:g} x {row['hardware']} with a sequence of "
            f"{features['isl'][lost[0]] + features['osl'][lost[0]]:g} tokens"
        )
    empty = ~np.isfinite(out["batch"])
    for name, labels in (("bound", list(TERMS.values())), ("batch_limit", list(BATCH_LIMITS))):
        codes = np.where(empty, -1, out[name]).astype(np.int8)
        out[name] = pd.Categorical.from_codes(codes, labels)
    if not detail:
        del out["batch_limit"]
    return pd.DataFrame(out, index=rows.index)


def _run(features, efficiencies, detail):
    """What ``step`` gives for all rows, worked out in chunks."""
    columns = {name: values for name, values in features.items() if name != "setup"}
    pieces = []
    for start in range(0, max(len(columns["index"]), 1), CHUNK):
        part = {name: values[start : start + CHUNK] for name, values in columns.items()}
        pieces.append(step({"setup": features["setup"], **part}, efficiencies, detail))
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _capacity(s, e, isl, osl):
    """Sequences that one copy can hold, and what limits them (a position in BATCH_LIMITS)."""
    length, share = isl + osl, 1 + isl / osl
    a_sequence = s["cache_bytes"] * length
    free = s["memory"] - s["resident_bytes"]
    # TensorRT-LLM sizes an engine for what the cache can hold, up to 4,096 sequences and
    # 32,768 tokens (bench/build/tuning.py), in round numbers.
    ranks = s["ranks"]  # groups of GPUs that hold their own sequences
    planned = np.clip(0.95 * free / a_sequence / ranks, 1, 4096)
    grain = np.select([planned < 256, planned < 1024], [32.0, 128.0], 256.0)
    rounded = np.maximum(64, grain * np.ceil(planned / grain))
    sequences = np.where(s["sized"], rounded, s["max_sequences"])
    tokens = np.where(s["sized"], np.clip(planned * share, 2048, 32768), s["max_tokens"])
    tokens = np.maximum(tokens, isl)
    copies = np.where(s["old"], e["old_logit_copies"], LOGIT_COPIES)
    buffers = 4 * copies * sequences * s["vocabulary"] + tokens * s["activation_bytes"]
    room = free - s["gpus"] * (RESERVED_BYTES + buffers)
    by_cache = s["cache_share"] * room / a_sequence
    by_prompt = np.where(s["trtllm"], ranks * tokens / share, np.inf)
    capacity = np.minimum(np.minimum(by_cache, ranks * sequences), by_prompt)
    limit = np.select([capacity == by_cache, capacity == ranks * sequences], [1, 2], 3)
    return capacity, limit


def _in_flight(features, s, capacity, limit):
    """Sequences in flight: those asked for, or on average over a run in waves."""
    asked = features["concurrency"] / s["copies"]
    batch = np.where(np.isfinite(asked), np.minimum(asked, capacity), capacity)
    limit = np.where(asked < capacity, 0, limit)
    isl, osl = features["isl"], features["osl"]
    run = np.where(s["runs"] & ~np.isfinite(asked), benchmark_requests(isl, osl), np.inf)
    run = np.where(np.isfinite(features["requests"]), features["requests"], run)
    at = np.flatnonzero(np.isfinite(run) & (capacity >= 1))
    if len(at):
        # Requests of equal length finish together, so a run is a whole number of waves,
        # smeared over 12 % of doubt about the capacity, unless prompts spread the starts.
        waves = run[at] / s["copies"][at] / batch[at]
        whole = sum(np.ceil(waves * (0.88 + 0.03 * i)) for i in range(9)) / 9
        spread = np.minimum(1, batch[at] * isl[at] / (16384 * osl[at]))
        passes = (1 - spread) * whole + spread * np.maximum(1, waves + 0.5)
        batch[at] = run[at] / s["copies"][at] / passes
    return batch, limit


def _terms(s, e, batch, isl, osl, prompts=True):
    """Seconds of an average step by term, and those of the matrices' arithmetic alone.

    Where fewer sequences start than steps are made, prompts come in bursts: a share of the
    steps reads whole prompts, the others decode alone and find the weights still to read.
    """
    starts = batch / osl if prompts else 0 * batch  # prompts that begin in a step
    burst = np.minimum(1, starts)
    tokens = batch + isl * np.maximum(1, starts)
    quiet = _passing(s, e, batch, batch)
    busy = _passing(s, e, batch, tokens)
    passing = {name: (1 - burst) * quiet[name] + burst * busy[name] for name in busy}

    context = batch * (isl + osl / 2)
    reach = s["gpus"] * s["bandwidth"] * s["reach"] * e["cache_read"]
    read = context * s["cache_bytes"] / reach
    latent = context * s["decode_seconds"] / e["prompt_attention"]
    attention = isl * isl * starts * s["prompt_seconds"] / e["prompt_attention"]
    overhead = e["layer_overhead"] * s["layers"] + e["sequence_overhead"] * batch
    parts = {
        "matrices": passing["matrices"],
        "cache": np.maximum(read, latent),
        "prompts": attention,
        "exchange": passing["exchange"],
        "overhead": overhead * s["overhead"],
    }
    return parts, passing["compute"]


def _passing(s, e, batch, tokens):
    """Seconds that ``tokens`` take to pass the weights, and to be exchanged between GPUs."""
    rate, memory = s["rate"], s["bandwidth"] * s["reach"] * e["weight_read"]
    compute = (tokens * s["dense_seconds"] + batch * s["head_seconds"]) / rate
    dense = _rounded_max(compute, s["dense_bytes"] / memory)
    touched = -np.expm1(tokens * s["log_missed"])  # share of the experts that are read
    padded = tokens + TILE / 2 * touched * s["tokens_an_expert"]
    expert_compute = padded * s["expert_seconds"] / (rate * e["expert_gemm"])
    experts = _rounded_max(expert_compute, touched * s["expert_bytes"] / memory)
    wave = e["partial_wave"] * s["wave_seconds"] / rate * np.minimum(1, batch / TILE)
    moved = tokens * s["moved_bytes"] / s["link"]
    direct = e["direct_latency"] * s["hops"] + moved / e["direct_link"]
    ring = e["ring_latency"] + moved / e["ring_link"]
    logits = batch * s["logit_bytes"] / (e["ring_link"] * s["link"])
    return {
        "matrices": dense + wave + experts * np.where(s["ranks"] > 1, e["busiest_expert"], 1.0),
        "compute": compute + expert_compute + wave,
        "exchange": s["sums"] * np.minimum(direct, ring) + logits,
    }


def _rounded_max(a, b):
    """Larger of two times, (a^4 + b^4)^(1/4): the corner of the roofline is round."""
    a, b = a * a, b * b
    return np.sqrt(np.sqrt(a * a + b * b))


def _setups(unique, models, gpus, spread):
    """Sizes and rates of each combination, as a dict of arrays, and what is wrong with it."""
    shape, card = _shapes(models), _cards(gpus)
    m = _find(unique["model"], models, "model", MODEL_ALIASES)
    g = _find(unique["hardware"], gpus, "gpu", {})
    precision = [str(text or "").upper() for text in unique["precision"]]
    bits = np.array([_bits(text) for text in precision], dtype=int)
    engine = [engine_generation(name) for name in unique["engine"]]
    total = np.asarray(unique["gpus"], dtype=float)
    rows = zip(unique["model"], unique["hardware"], unique["precision"], m, g, bits, strict=True)
    problem = [
        f"no model {model!r} in llm_architectures" if i < 0
        else f"model {model!r} has empty cells in llm_architectures" if not shape["complete"][i]
        else f"no GPU {hardware!r} in gpu_specs" if j < 0
        else f"cannot read the precision {text!r}: name a type such as FP8 or BF16" if b < 0
        else ""
        for model, hardware, text, i, j, b in rows
    ]  # fmt: skip
    problem = [
        text or (f"gpus is {count:g}: must be a whole number of 1 or more"
                 if not (1 <= count < np.inf and count == np.floor(count)) else "")
        for text, count in zip(problem, total, strict=True)
    ]  # fmt: skip
    s = {name: values[m] for name, values in shape.items()}
    c = {name: values[g] for name, values in card.items()}
    bits = np.where(bits < 0, 16, bits)
    weight = np.select([bits == 4, bits == 8], [BYTES_PER_WEIGHT[4], BYTES_PER_WEIGHT[8]], 2.0)
    n = _gpus_of_a_copy(np.nan_to_num(total, nan=1.0), s["parameters"] * weight, c)
    copies = np.maximum(np.nan_to_num(total, nan=1.0), 1.0) / n
    rate = np.select([bits == 4, bits == 8], [c["rate4"], c["rate8"]], c["rate16"])

    meta = [("META" in text or "OFFICIAL LLAMA" in text) for text in precision]
    meta = np.array(meta, dtype=bool)
    plain_attention = meta | (s["latent"] & (bits == 4))  # recipes that leave it at 16 bits
    attention_weight = np.where(plain_attention, 2.0, weight)
    attention_rate = np.where(plain_attention, c["rate16"], rate)
    # With latent attention each GPU attends for its own sequences and holds its own experts.
    apart = (n > 1) & s["latent"] & spread
    attention_bytes = s["attention"] * attention_weight
    other_bytes = s["other"] * weight
    expert_bytes = s["experts_total"] * weight
    own = np.where(apart, n, 1.0)
    # vLLM keeps a 16-bit cache unless told otherwise; AMD's builds of it are told.
    full = [str(name or "").lower() for name in unique["engine"]]
    wide = [
        b == 16 or "BF16 KV" in text or (name.startswith("vllm") and "rocm" not in engine_name)
        for b, text, name, engine_name in zip(bits, precision, engine, full, strict=True)
    ]
    cache_weight = np.where(np.array(wide, dtype=bool), 2.0, 1.0)
    repeats = np.where(apart, 1.0, np.maximum(s["kv_heads"], n) / s["kv_heads"])
    kinds = ENGINES.loc[engine]
    setup = {
        "gpus": n,
        "copies": copies,
        "ranks": own,
        "architecture": c["architecture"],
        "engine": ENGINES.index.get_indexer(engine),
        "trtllm": np.array([name.startswith("trtllm") for name in engine], dtype=bool),
        "old": np.isin(engine, ["trtllm_0_12", "trtllm_0_13"]),
        "runs": np.array(["tensorrt-llm" in name for name in full], dtype=bool),
        "sized": kinds["sized"].to_numpy(dtype=bool),
        "cache_share": kinds["cache_share"].to_numpy(),
        "max_sequences": kinds["max_sequences"].to_numpy(),
        "max_tokens": kinds["max_tokens"].to_numpy(),
        "memory": n * c["memory"],
        "bandwidth": c["bandwidth"],
        "link": c["link"],
        "latent": s["latent"] & (n > 1),
        "layers": s["layers"],
        "vocabulary": s["vocabulary"],
        "resident_bytes": attention_bytes * own + other_bytes + expert_bytes
        + 2 * s["embedding"],
        "cache_bytes": s["cache_numbers"] * cache_weight * repeats,
        "activation_bytes": 4 * s["width"] + 4 * (s["heads_width"] + s["ffn"]) / n,
        "dense_seconds": 2 * (s["attention"] / attention_rate + s["other"] / rate) / n,
        "dense_bytes": (attention_bytes * own + other_bytes + 2 * s["head"]) / n,
        "head_seconds": 2 * s["head"] / (n * c["rate16"]),
        "expert_seconds": 2 * s["experts_active"] / (n * rate),
        "expert_bytes": expert_bytes / n,
        "log_missed": s["log_missed"],
        "tokens_an_expert": s["tokens_an_expert"],
        "wave_seconds": 2 * s["layers"] * (2 * s["width"] + (s["heads_width"] + s["ffn"]) / n)
        / rate,
        "decode_seconds": s["decode_operations"] / (n * c["rate16"]),
        "prompt_seconds": s["prompt_operations"] / (n * c["rate16"]),
        "moved_bytes": 4 * s["width"] * (n - 1) / n,
        "hops": np.log2(np.maximum(n, 2)) / 3,
        "sums": np.where(n > 1, s["layers"] * np.where(apart, 1.0, 2.0), 0.0),
        "logit_bytes": np.where(n > 1, 4 * s["vocabulary"], 0.0),
    }  # fmt: skip
    return setup, problem


def _gpus_of_a_copy(total, weight_bytes, card):
    """GPUs that serve one copy of the model: up to 8, more where a rack has fast links.

    Systems above 8 GPUs are taken as copies of 8; in a rack whose fast links join more, a
    copy grows until its weights take at most 80 % of the memory.
    """
    n = np.where((total > 8) & (total % 8 == 0), 8.0, np.maximum(total, 1.0))
    for size in (16.0, 32.0, 64.0):
        small = weight_bytes > 0.8 * n * card["memory"]
        n = np.where(small & (size <= card["domain"]) & (total % size == 0) & (total > 0), size, n)
    return n


def _shapes(models):
    """Parameters, cache and operations of each model, from the published sizes and shapes."""

    def column(name, empty=np.nan):
        values = models[name] if name in models else pd.Series(np.nan, index=models.index)
        return pd.to_numeric(values).astype("Float64").fillna(empty).to_numpy(dtype=float)

    layers, width, heads = column("layers"), column("width"), column("heads")
    size, kv_heads = column("head_size"), column("kv_heads")
    latent = (models["attention"] == "mla").to_numpy(dtype=bool)
    value = np.where(latent, column("value_head_size", 0.0), size)
    rank, rope = column("kv_lora_rank", 0.0), column("rope_head_size", 0.0)
    attending = column("full_attention_layers")
    attending = np.where(np.isfinite(attending), attending, layers)
    experts, used = column("experts", 0.0), column("experts_per_token", 0.0)
    known = ~(np.isnan(column("experts_per_token")) & (experts > 0))
    total, active = 1e9 * column("params_total_b"), 1e9 * column("params_active_b")
    routed = np.where(experts > 0, (total - active) * experts / np.maximum(experts - used, 1), 0)
    head = width * column("vocabulary")
    embedding = head * np.where(models["tied_embeddings"].astype(bool), 1, 2)
    share = np.where(experts > 0, used / np.maximum(experts, 1), 0.0)
    dense = np.maximum(active - embedding - routed * share, 0)
    attention = np.minimum(layers * attention_weights(models), dense)
    expert_width = column("expert_ffn_width", 0.0) * (used + column("shared_experts", 0.0))
    dense_layers = np.where(experts > 0, column("dense_layers", 0.0), layers)
    ffn = dense_layers * column("ffn_width", 0.0) + (layers - dense_layers) * expert_width
    missed = np.where(experts > 0, 1 - share, 1.0)
    kv_heads_ = np.where(latent, 1.0, kv_heads)
    return {
        "complete": known & np.isfinite(layers * width * heads * size * kv_heads_ * active * total),
        "latent": latent,
        "parameters": total,
        "layers": layers,
        "width": width,
        "kv_heads": kv_heads_,
        "heads_width": heads * value,
        "ffn": ffn / layers,
        "vocabulary": column("vocabulary"),
        "head": head,
        "embedding": embedding,
        "attention": attention,
        "other": dense - attention,
        "experts_total": routed,
        "experts_active": routed * share,
        "tokens_an_expert": np.where(share > 0, 1 / np.maximum(share, 1e-9), 0.0),
        "log_missed": np.log(np.maximum(missed, 1e-300)),
        "cache_numbers": attending * np.where(latent, rank + rope, 2 * kv_heads_ * size),
        "decode_operations": 2 * attending * heads * np.where(latent, 2 * rank + rope, 2 * size),
        "prompt_operations": attending * heads * (size + value),
    }


def _cards(gpus):
    """Memory, bandwidth and rates of each GPU in bytes and operations a second."""
    rate16 = 1e12 * gpus["bf16_dense_tflops"].to_numpy(dtype=float)
    rate8 = 1e12 * gpus["fp8_dense_tflops"].to_numpy(dtype=float)
    rate4 = 1e12 * gpus["fp4_dense_tflops"].to_numpy(dtype=float)
    kinds = gpus["architecture"].str.lower().str.replace(" ", "")
    kinds = kinds.map(lambda name: RELATIVES.get(name, name))
    return {
        "architecture": np.array([ARCHITECTURES.index(name) for name in kinds]),
        "domain": gpus["fast_link_gpus"].to_numpy(dtype=float),
        "memory": GIB * gpus["memory_gib"].to_numpy(dtype=float),
        "bandwidth": 1e12 * gpus["bandwidth_tb_per_s"].to_numpy(dtype=float),
        "link": 1e9 * gpus["link_gb_per_s"].fillna(32).to_numpy(dtype=float),
        "rate16": rate16,
        "rate8": np.where(np.isnan(rate8), rate16, rate8),
        "rate4": np.where(np.isnan(rate4), rate16, rate4),  # 4-bit weights, 16-bit arithmetic
    }


def _find(names, table, key, aliases):
    """Position of each name in a table by key, name or alias, or -1.

    Names are compared without case and punctuation; where that finds none, also without
    vendor, memory type and the endings of released weights ("-Instruct", "-FP8", "-0528").
    """
    at = {}
    for position, row in enumerate(table.to_dict("records")):
        known = [row[key], row.get("name"), *str(row.get("aliases") or "").split(";")]
        at |= {_plain(name): position for name in known if isinstance(name, str) and name.strip()}
    keys = {name: position for position, name in enumerate(table[key])}
    at |= {alias: keys[name] for alias, name in aliases.items() if name in keys}
    bare = {}
    for name, position in at.items():
        bare.setdefault(_bare(name), position)
    plain = [_plain(name) for name in names]
    return np.array([at.get(name, bare.get(_bare(name), -1)) for name in plain], dtype=int)


def _plain(name):
    return re.sub(r"[^a-z0-9./]", "", str(name or "").lower())


def _bare(plain):
    """A plain name without what tells releases of one model or GPU apart.

    >>> _bare("metallama/llama3.170binstructfp8"), _bare("deepseekr10528"), _bare("h100sxm580gb")
    ('llama3.170b', 'deepseekr1', 'h10080gb')
    """
    name = plain.rsplit("/", 1)[-1]
    name = re.sub(r"^(nvidia|amdinstinct|meta(?=llama))|sxm[45]?(?=\d*gb|$)|hbm3e?$", "", name)
    return re.sub(r"((instruct|chat|hf|nvfp4|fp[48]|bf16|v0\.\d)|(?<=\d)\d{4})+$", "", name)


def _bits(precision):
    """Bits of a weight under a precision's name, or -1.

    >>> [_bits(name) for name in ("MXFP4", "FP8 (META CKPT)", "BFLOAT16", "FP32", "")]
    [4, 8, 16, -1, -1]
    """
    found = re.search(r"(?:FP|FLOAT|INT|BF|W)(4|8|16)(?!\d)", precision)
    return int(found[1]) if found else -1


def _floats(rows, name):
    if name not in rows:
        return np.full(len(rows), np.nan)
    return pd.to_numeric(rows[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _codes(rows, name):
    if name not in rows:
        return np.full(len(rows), -1), np.array([], dtype=object)
    codes, values = pd.factorize(rows[name], use_na_sentinel=True)
    return codes, np.asarray(values, dtype=object)


def _combinations(columns):
    """Number of the combination in each row, and the first row of each combination."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        combined = combined * (codes.max(initial=0) + 2) + codes + 1
    index, values = pd.factorize(combined)
    first = np.zeros(len(values), dtype=int)
    first[index[::-1]] = np.arange(len(index))[::-1]
    return index, first


def _bad_numbers(row, rows):
    """What is wrong with a row's own numbers, as text; empty where nothing is."""
    bad = np.full(len(row["isl"]), "", dtype=object)
    bad[~(row["isl"] >= 0)] = "isl must be 0 or more tokens"
    bad[~(row["osl"] > 0)] = "osl must be above 0 tokens"
    bad[row["concurrency"] <= 0] = "concurrency must be above 0, or empty"
    bad[row["requests"] <= 0] = "requests must be above 0, or empty"
    for name in NUMBERS:
        if name in rows and not pd.api.types.is_numeric_dtype(rows[name]):
            text = rows[name].map(lambda v: isinstance(v, str) and v.strip() != "")
            for at in np.flatnonzero(text.to_numpy(dtype=bool) & np.isnan(row[name])):
                bad[at] = f"{name} is {rows[name].iloc[at]!r}, not a number"
    return bad
