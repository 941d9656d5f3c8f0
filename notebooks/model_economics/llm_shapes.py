"""Parameters of a language model, counted from the shapes of its layers.

Only weight matrices are counted: attention, feed-forward, experts, router, embeddings.
Biases, norms and learned positions are left out; together they are below 1 % of every
model in the table. Counts are in billions (1e9).
"""

import numpy as np
import pandas as pd

COLUMNS = (
    "attention", "layers", "width", "heads", "kv_heads", "head_size", "ffn_width",
    "ffn_matrices", "vocabulary", "tied_embeddings",
)  # fmt: skip


def attention_weights(shapes):
    """Weights of one layer's attention, as an array.

    shapes : DataFrame with attention (mha, gqa, mqa or mla), width, heads, kv_heads,
        head_size and, where they are known, q_lora_rank, kv_lora_rank, rope_head_size,
        value_head_size, output_lora_rank and output_groups

    Latent attention (mla) stores a compressed key and value of kv_lora_rank numbers and
    a rotary key of rope_head_size; head_size is then query and key size, rotary part
    included. A low-rank query or grouped low-rank output is counted as such.

    >>> attention_weights(pd.DataFrame({"attention": ["gqa"], "width": [4096], "heads": [32],
    ...     "kv_heads": [8], "head_size": [128]})).tolist()
    [41943040.0]
    """
    width, heads, kv_heads, head = (
        _numbers(shapes, name) for name in ("width", "heads", "kv_heads", "head_size")
    )
    rank, groups = _numbers(shapes, "output_lora_rank"), _numbers(shapes, "output_groups")
    query = _query(shapes, width, heads, head)
    output = np.where(rank > 0, heads * head * rank + groups * rank * width, heads * head * width)
    plain = query + output + 2 * width * kv_heads * head

    rope, value = _numbers(shapes, "rope_head_size"), _numbers(shapes, "value_head_size")
    latent = _numbers(shapes, "kv_lora_rank")
    keys = width * (latent + rope) + latent * heads * (head - rope + value)
    compressed = query + keys + heads * value * width
    return np.where(shapes["attention"] == "mla", compressed, plain)


def count_parameters(shapes):
    """Total and active parameters in billions, as a DataFrame with the rows of ``shapes``.

    shapes : DataFrame, one model a row; see ``COLUMNS`` for what must be there. Mixtures
        of experts also need experts, experts_per_token, expert_ffn_width and
        dense_layers; shared_experts and expert_input_width where the model has them

    Raises ValueError where a column is missing or a required size is not above zero.
    The result has columns counted_total_b and counted_active_b; the active count holds
    every layer's attention, the routed and shared experts of one token, the router and
    the embeddings.

    >>> llama = pd.DataFrame({"attention": ["gqa"], "layers": [126], "width": [16384],
    ...     "heads": [128], "kv_heads": [8], "head_size": [128], "ffn_width": [53248],
    ...     "ffn_matrices": [3], "vocabulary": [128256], "tied_embeddings": [False]})
    >>> count_parameters(llama).round(1).values.tolist()
    [[405.8, 405.8]]
    """
    missing = [name for name in COLUMNS if name not in shapes.columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    for name in ("layers", "width", "heads", "head_size", "vocabulary", "ffn_matrices"):
        if not (_numbers(shapes, name) > 0).all():
            raise ValueError(f"every model needs a {name} above zero")
    layers, width = _numbers(shapes, "layers"), _numbers(shapes, "width")
    experts, matrices = _numbers(shapes, "experts"), _numbers(shapes, "ffn_matrices")
    dense_layers = np.where(experts > 0, _numbers(shapes, "dense_layers"), layers)
    outside = layers * attention_weights(shapes)
    outside += dense_layers * matrices * width * _numbers(shapes, "ffn_width")
    copies = np.where(shapes["tied_embeddings"].astype(bool), 1, 2)
    outside += copies * _numbers(shapes, "vocabulary") * width

    into = _numbers(shapes, "expert_input_width")
    into = np.where(into > 0, into, width)
    expert = matrices * into * _numbers(shapes, "expert_ffn_width")
    shared = matrices * width * _numbers(shapes, "expert_ffn_width")
    shared = shared * _numbers(shapes, "shared_experts") + width * experts
    sparse_layers = layers - dense_layers
    return pd.DataFrame(
        {
            "counted_total_b": (outside + sparse_layers * (expert * experts + shared)) / 1e9,
            "counted_active_b": (
                outside + sparse_layers * (expert * _numbers(shapes, "experts_per_token") + shared)
            )
            / 1e9,
        },
        index=shapes.index,
    )


def _numbers(shapes, name):
    """A column as floats with zero for empty; zeros where the column is not there."""
    if name not in shapes.columns:
        return np.zeros(len(shapes))
    return pd.to_numeric(shapes[name]).astype("Float64").fillna(0.0).to_numpy(dtype=float)


def _query(shapes, width, heads, head):
    rank = _numbers(shapes, "q_lora_rank")
    return np.where(rank > 0, width * rank + rank * heads * head, width * heads * head)
