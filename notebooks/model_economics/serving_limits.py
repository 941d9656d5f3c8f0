"""What hardware allows a language model at best: the textbook formulas of serving.

P parameters (active ones of a mixture of experts), w bytes of each, L layers, K key and
value heads, H head size, S tokens of context, B sequences, N chips with W bytes and C
operations a second. No efficiency, no exchange between chips, perfect overlap: measured
speed stays below. ``roofline`` adds what is missing. Sizes are bytes and times seconds.
"""

import numpy as np


def cache_bytes_per_token(layers, kv_heads, head_size, bytes_per_number=2):
    """Key and value bytes that one token keeps in memory, 2·L·K·H numbers.

    layers, kv_heads, head_size : shape of the model
    bytes_per_number : 2 for 16-bit, 1 for 8-bit caches

    Source: scaling-book, "Inference".

    >>> cache_bytes_per_token(126, 8, 128)  # Llama 3.1 405B
    516096
    """
    return 2 * layers * kv_heads * head_size * bytes_per_number


def step_seconds(
    batch, context, cache_per_token, parameters, weight_bytes, chips, bandwidth, flops
):
    """Seconds of one decoding step for B sequences, at the least.

    batch, context : B sequences of S tokens each
    cache_per_token : bytes a token keeps, see ``cache_bytes_per_token``
    parameters : P, active ones
    weight_bytes : bytes of all weights that a step reads
    chips, bandwidth, flops : N, and W and C of one chip

    B·S·cache/(N·W) + max(2·B·P/(N·C), weights/(N·W)). Source: scaling-book, "Inference".

    >>> print(f"{1 / step_seconds(1, 0, 0, 405e9, 405e9, 8, 3.35e12, 1979e12):.1f}")
    66.2
    """
    cache = batch * context * cache_per_token / (chips * bandwidth)
    compute = 2 * batch * parameters / (chips * flops)
    return cache + np.maximum(compute, weight_bytes / (chips * bandwidth))


def prefill_seconds(parameters, tokens, chips, flops, utilisation=1.0):
    """Seconds to read a prompt, 2·P·tokens/(N·C·utilisation), attention left out.

    parameters, tokens : P active parameters, and tokens of the prompt
    chips, flops : N, and C of one chip
    utilisation : share of the peak that is reached

    >>> round(prefill_seconds(70e9, 8192, 16, 1.97e14, 0.4), 2)
    0.91
    """
    return 2 * parameters * tokens / (chips * flops * utilisation)


def critical_batch(flops, bandwidth, bytes_per_weight):
    """Sequences from which arithmetic, not reading weights, limits a step: C/W·w/2.

    flops, bandwidth : C and W of one chip
    bytes_per_weight : w

    >>> round(critical_batch(1979e12, 3.35e12, 1))  # H100 at 8 bits
    295
    """
    return flops / bandwidth * bytes_per_weight / 2


def prefill_servers_per_decode_server(prefill_s, step_s, batch, output_tokens):
    """Machines that read prompts for each machine that decodes, B·prefill/(step·O).

    prefill_s : seconds to read one prompt
    step_s, batch : seconds of a decoding step, and sequences in it
    output_tokens : O tokens of an answer

    >>> round(prefill_servers_per_decode_server(0.91, 0.019, 32, 512), 1)
    3.0
    """
    return batch * prefill_s / (step_s * output_tokens)


def fleet_nodes(input_tokens, output_tokens, read_per_s, write_per_s):
    """Nodes that a day's tokens keep busy, reading and writing apart.

    input_tokens, output_tokens : tokens of a day
    read_per_s, write_per_s : tokens a second that one node reads or writes

    >>> round(fleet_nodes(608e9, 168e9, 73_700, 14_800), 1)  # DeepSeek, 27 to 28 Feb 2025
    226.9
    """
    return (input_tokens / read_per_s + output_tokens / write_per_s) / 86_400


def usd_per_mtok(usd_per_gpu_hour, gpus, tok_per_s, load=1.0):
    """Cost of a million tokens on rented GPUs, in US dollars.

    usd_per_gpu_hour, gpus : rent of one GPU, and GPUs
    tok_per_s : tokens a second at full load
    load : share of full load, above 0 and at most 1

    >>> round(usd_per_mtok(3.49, 8, 3300), 2)  # the article's case
    2.35
    """
    if np.any(np.asarray(load) <= 0) or np.any(np.asarray(load) > 1):
        raise ValueError(f"load must be above 0 and at most 1, got {load}")
    return usd_per_gpu_hour * gpus / 3600 / (tok_per_s * load) * 1e6
