"""Training and serving compute of a model that must reach a given loss.

The loss of a model with N parameters trained on D tokens is taken as
L = E + A / N**alpha + B / D**beta. Training costs 6 N D floating-point operations and
serving 2 N for each token read or written. Parameters and tokens are plain numbers.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

TRAINING_FLOP_PER_PARAM_TOKEN = 6
SERVING_FLOP_PER_PARAM_TOKEN = 2


@dataclass(frozen=True)
class ScalingLaw:
    """Constants of L = e + a / N**alpha + b / D**beta, in nats per token."""

    e: float
    a: float
    alpha: float
    b: float
    beta: float


def scaling_law(table, law="Chinchilla"):
    """The ``ScalingLaw`` of a table with the columns law, symbol and value.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"law": ["Chinchilla"] * 5, "value": [1.69, 406.4, 0.34, 410.7, 0.28],
    ...                      "symbol": ["E", "A", "alpha", "B", "beta"]})
    >>> scaling_law(rows).alpha
    0.34
    """
    values = table[table["law"] == law].set_index("symbol")["value"]
    missing = [name for name in ("E", "A", "alpha", "B", "beta") if name not in values.index]
    if missing:
        raise ValueError(f"{law} has no value for {', '.join(missing)}")
    return ScalingLaw(*(float(values[name]) for name in ("E", "A", "alpha", "B", "beta")))


def loss(params, tokens, law):
    """Loss in nats per token of a model with ``params`` parameters after ``tokens`` tokens.

    >>> chinchilla = ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)
    >>> round(float(loss(70e9, 1.4e12, chinchilla)), 3)
    1.937
    """
    params, tokens = _positive(params, "parameters"), _positive(tokens, "tokens")
    return law.e + law.a / params**law.alpha + law.b / tokens**law.beta


def tokens_for_loss(params, target_loss, law):
    """Training tokens that bring a model to a loss; inf where it is too small ever to.

    >>> chinchilla = ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)
    >>> round(float(tokens_for_loss(70e9, loss(70e9, 1.4e12, chinchilla), chinchilla)) / 1e12, 3)
    1.4
    """
    params = _positive(params, "parameters")
    room = np.asarray(target_loss - law.e - law.a / params**law.alpha, dtype=float)
    reachable = room > 0
    tokens = np.full(room.shape, np.inf)
    np.power(law.b / np.where(reachable, room, 1.0), 1 / law.beta, out=tokens, where=reachable)
    return tokens


def lifetime_flop(params, target_loss, served_tokens, law):
    """Training and serving compute, in floating-point operations, of a model at a loss.

    served_tokens : tokens read and written over the model's life

    >>> chinchilla = ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)
    >>> target = loss(70e9, 1.4e12, chinchilla)
    >>> round(float(lifetime_flop(70e9, target, 0, chinchilla)) / 1e23, 2)
    5.88
    """
    if np.any(np.asarray(served_tokens) < 0):
        raise ValueError("served tokens must not be negative")
    params = _positive(params, "parameters")
    training = TRAINING_FLOP_PER_PARAM_TOKEN * params * tokens_for_loss(params, target_loss, law)
    return training + SERVING_FLOP_PER_PARAM_TOKEN * params * served_tokens


def cheapest_params(target_loss, served_tokens, law):
    """Parameters with the least training and serving compute at a loss, for one demand.

    The optimum falls as demand grows, because serving cost grows with size and training
    on more tokens buys a smaller model of equal loss. Raises ValueError where no model
    reaches the loss.

    >>> chinchilla = ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)
    >>> target = loss(70e9, 1.4e12, chinchilla)
    >>> cheapest_params(target, 1e15, chinchilla) < cheapest_params(target, 0, chinchilla)
    True
    """
    if target_loss <= law.e:
        raise ValueError(f"no model reaches a loss of {target_loss}; the floor is {law.e}")
    smallest = np.log((law.a / (target_loss - law.e)) ** (1 / law.alpha))

    def log_cost(log_params):
        return float(np.log(lifetime_flop(np.exp(log_params), target_loss, served_tokens, law)))

    bounds = (smallest + 1e-6, smallest + 12)
    best = optimize.minimize_scalar(log_cost, bounds=bounds, method="bounded")
    return float(np.exp(best.x))


def demand_curves(target_loss, served_trillion, smallest_b, largest_b, law, points=300):
    """Lifetime compute by size for several demands, and the cheapest size of each.

    served_trillion : tokens served over the model's life, in trillions, one curve each
    smallest_b, largest_b : ends of the range of sizes, in billions, of ``points`` sizes

    Returns two DataFrames with served_trillion, params_b and flop_e24 (1e24 operations);
    the second holds one row a demand and training tokens per parameter besides.

    >>> chinchilla = ScalingLaw(1.69, 406.4, 0.34, 410.7, 0.28)
    >>> curves, best = demand_curves(1.937, [0, 100], 10, 100, chinchilla, points=2)
    >>> len(curves), best["params_b"].round(0).tolist()
    (4, [30.0, 9.0])
    """
    sizes_b = np.geomspace(smallest_b, largest_b, points)
    parts, best = [], []
    for trillion in served_trillion:
        served = trillion * 1e12
        flop = lifetime_flop(sizes_b * 1e9, target_loss, served, law) / 1e24
        parts.append(
            pd.DataFrame({"served_trillion": trillion, "params_b": sizes_b, "flop_e24": flop})
        )
        cheapest = cheapest_params(target_loss, served, law)
        best.append(
            {
                "served_trillion": trillion,
                "params_b": cheapest / 1e9,
                "flop_e24": float(lifetime_flop(cheapest, target_loss, served, law)) / 1e24,
                "tokens_per_param": float(tokens_for_loss(cheapest, target_loss, law)) / cheapest,
            }
        )
    return pd.concat(parts, ignore_index=True), pd.DataFrame(best)


def _positive(values, what):
    values = np.asarray(values, dtype=float)
    if not (values > 0).all():
        raise ValueError(f"{what} must be above zero")
    return values
