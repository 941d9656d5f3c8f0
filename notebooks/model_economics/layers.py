"""Count what a network holds and does from the shapes of its layers.

All functions take ``cnn_layers``: one layer a row, with ``kind`` ("convolution", "fully
connected" or "normalisation"), ``head`` ("main" or "auxiliary"), input and output channels,
the side of the square kernel, groups, the side of the square output and ``bias``.
One multiply-accumulate (MAC) is one multiplication with its addition; "FLOPs" in the
literature mean one or two of them.
"""

BYTES_PER_FLOAT = 4
KINDS = ("convolution", "fully connected", "normalisation", "auxiliary")


def layer_params(layers):
    """Parameters of each layer, as integers: its weights and, where it has them, biases.

    A normalisation layer has a scale and a shift for each channel: it is counted as a
    1 × 1 convolution with one channel a group and a bias.

    >>> import pandas as pd
    >>> fc8 = {"in_channels": 4096, "out_channels": 1000, "kernel_px": 1, "groups": 1,
    ...        "bias": True}
    >>> layer_params(pd.DataFrame([fc8])).tolist()
    [4097000]
    """
    weights = _weights(layers)
    return weights + layers["out_channels"] * layers["bias"].astype(int)


def layer_macs(layers):
    """Multiply-accumulates of each layer for one image; none for normalisation.

    >>> import pandas as pd
    >>> conv1 = {"kind": "convolution", "in_channels": 3, "out_channels": 64, "kernel_px": 3,
    ...          "groups": 1, "output_px": 224}
    >>> layer_macs(pd.DataFrame([conv1])).tolist()
    [86704128]
    """
    counts = layers["kind"] != "normalisation"
    return _weights(layers) * layers["output_px"] ** 2 * counts


def params_by_kind(layers):
    """Parameters of each network by kind of layer, with the total used at inference.

    Returns one network a row; columns are KINDS, where the heads used only in training are
    all "auxiliary", and ``total``, which leaves them out. The unit is parameters.
    """
    kind = layers["kind"].where(layers["head"] == "main", "auxiliary")
    counted = layers.assign(kind=kind, params=layer_params(layers))
    table = counted.pivot_table(
        index="model", columns="kind", values="params", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=list(KINDS), fill_value=0).astype("int64")
    return table.assign(total=table[list(KINDS[:3])].sum(axis=1)).rename_axis(columns=None)


def network_costs(layers):
    """Operations and activations of each network for one image, without auxiliary heads.

    Returns one network a row: ``gmacs`` and ``activation_mb`` (MB = 10^6 bytes), the
    outputs of convolutions and fully connected layers in 4-byte floats. Copies made by
    normalisation, pooling or concatenation come on top, so it is a lower bound.
    """
    main = layers[(layers["head"] == "main") & (layers["kind"] != "normalisation")]
    outputs = main["out_channels"] * main["output_px"] ** 2
    costs = main.assign(gmacs=layer_macs(main) / 1e9, activation_mb=outputs * BYTES_PER_FLOAT / 1e6)
    return costs.groupby("model")[["gmacs", "activation_mb"]].sum()


def fp32_mb(params_m):
    """Size of the weights in MB (10^6 bytes) at 4 bytes a parameter.

    params_m : million parameters

    >>> fp32_mb(60.0)
    240.0
    """
    return params_m * BYTES_PER_FLOAT


def training_state_gb(params_m):
    """GB (10^9 bytes) for weights, gradients and momentum in 4-byte floats.

    params_m : million parameters that are trained, auxiliary heads included

    >>> round(training_state_gb(138.357544), 2)
    1.66
    """
    return 3 * fp32_mb(params_m) / 1e3


def _weights(layers):
    groups = layers["groups"]
    if ((layers["in_channels"] % groups != 0) | (layers["out_channels"] % groups != 0)).any():
        raise ValueError("input and output channels must divide into the groups of the layer")
    return layers["in_channels"] // groups * layers["out_channels"] * layers["kernel_px"] ** 2
