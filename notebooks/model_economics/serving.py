"""The article's arithmetic: what one rented node earns and costs in a day.

A node writes ``output_tok_per_s`` tokens a second at full load and reads
``input_per_output`` tokens for each. Every token is billed; rent runs day and night.
Output speed is an input of these sums: whether it survives longer prompts is a
question of physics, not of this module.

All functions take plain numbers or numpy arrays and broadcast them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import permutations

import numpy as np
import pandas as pd

SECONDS_PER_DAY = 86_400
HOURS_PER_DAY = 24
TOKENS_PER_MTOK = 1_000_000


def tokens_per_day(output_tok_per_s, input_per_output=0.0, *, utilisation=1.0):
    """Tokens that a node handles in a day, input and output together.

    output_tok_per_s : output tokens a second at full load, above zero
    input_per_output : input tokens per output token, zero or more
    utilisation : mean load as a share of full load, 0 to 1

    Raises ValueError for a value outside these ranges or not a number.
    Source: the sum in leiphone-jia-2024, section 3.

    >>> round(tokens_per_day(300, 10))
    285120000
    """
    output_tok_per_s = _positive("output_tok_per_s", output_tok_per_s)
    input_per_output = _not_negative("input_per_output", input_per_output)
    utilisation = _share("utilisation", utilisation)
    return output_tok_per_s * (1 + input_per_output) * SECONDS_PER_DAY * utilisation


def effective_input_usd_per_mtok(input_usd_per_mtok, cached_share=0.0, cached_usd_per_mtok=0.0):
    """Average price of an input token when a share of the input is a cache hit.

    input_usd_per_mtok : price of fresh input, USD per million tokens
    cached_share : share of input tokens read from the cache, 0 to 1
    cached_usd_per_mtok : price of cached input, USD per million tokens

    Raises ValueError for a value out of range.

    >>> effective_input_usd_per_mtok(1.0, 0.5, 0.1)
    0.55
    """
    input_usd_per_mtok = _not_negative("input_usd_per_mtok", input_usd_per_mtok)
    cached_share = _share("cached_share", cached_share)
    cached_usd_per_mtok = _not_negative("cached_usd_per_mtok", cached_usd_per_mtok)
    return (1 - cached_share) * input_usd_per_mtok + cached_share * cached_usd_per_mtok


def blended_usd_per_mtok(
    input_per_output,
    input_usd_per_mtok,
    output_usd_per_mtok,
    *,
    cached_share=0.0,
    cached_usd_per_mtok=0.0,
):
    """Average price over all billed tokens at one input:output ratio.

    Units and errors as in `revenue_usd_per_day`. Two price lists can be compared
    only at the same ratio: a blend at 3:1 is another number than one at 10:1.

    >>> round(blended_usd_per_mtok(3, 5.33, 16.0), 2)
    8.0
    """
    ratio = _not_negative("input_per_output", input_per_output)
    output_usd_per_mtok = _not_negative("output_usd_per_mtok", output_usd_per_mtok)
    paid = effective_input_usd_per_mtok(input_usd_per_mtok, cached_share, cached_usd_per_mtok)
    return (ratio * paid + output_usd_per_mtok) / (ratio + 1)


def revenue_usd_per_day(
    output_tok_per_s,
    input_per_output,
    input_usd_per_mtok,
    output_usd_per_mtok,
    *,
    cached_share=0.0,
    cached_usd_per_mtok=0.0,
    utilisation=1.0,
):
    """What a node earns in a day, in USD.

    output_tok_per_s : output tokens a second at full load, above zero
    input_per_output : input tokens per output token, zero or more
    input_usd_per_mtok, output_usd_per_mtok : USD per million tokens, zero or more
    cached_share, cached_usd_per_mtok : share of input that is a cache hit, and its price
    utilisation : mean load as a share of full load, 0 to 1

    Raises ValueError for a value out of range or not a number.

    >>> round(revenue_usd_per_day(300, 10, 2.80, 2.80), 3)
    798.336
    """
    price = blended_usd_per_mtok(
        input_per_output,
        input_usd_per_mtok,
        output_usd_per_mtok,
        cached_share=cached_share,
        cached_usd_per_mtok=cached_usd_per_mtok,
    )
    tokens = tokens_per_day(output_tok_per_s, input_per_output, utilisation=utilisation)
    return tokens * price / TOKENS_PER_MTOK


def cost_usd_per_day(gpus, usd_per_gpu_hour):
    """Rent of a node for a day, in USD: the only cost in the article's sum.

    gpus : GPUs in the node, above zero
    usd_per_gpu_hour : rent of one GPU, USD an hour, zero or more

    Raises ValueError for a value out of range or not a number.

    >>> round(cost_usd_per_day(8, 3.49), 2)
    670.08
    """
    gpus = _positive("gpus", gpus)
    return gpus * _not_negative("usd_per_gpu_hour", usd_per_gpu_hour) * HOURS_PER_DAY


def break_even_utilisation(revenue_at_full_load_usd_per_day, cost_usd_per_day):
    """Share of full load at which revenue pays the rent.

    revenue_at_full_load_usd_per_day : above zero
    cost_usd_per_day : zero or more, the same at any load

    A result above 1 means that no load pays. Raises ValueError for a value out of range.

    >>> break_even_utilisation(800.0, 600.0)
    0.75
    """
    name = "revenue_at_full_load_usd_per_day"
    revenue = _positive(name, revenue_at_full_load_usd_per_day)
    return _not_negative("cost_usd_per_day", cost_usd_per_day) / revenue


def break_even_usd_per_mtok(tokens_per_day, cost_usd_per_day):
    """Average price over all billed tokens that pays the rent, USD per million.

    tokens_per_day : billed tokens, above zero
    cost_usd_per_day : zero or more

    Raises ValueError for a value out of range.

    >>> round(break_even_usd_per_mtok(285_120_000, 670.08), 2)
    2.35
    """
    tokens = _positive("tokens_per_day", tokens_per_day)
    return _not_negative("cost_usd_per_day", cost_usd_per_day) * TOKENS_PER_MTOK / tokens


@dataclass(frozen=True)
class ServingCase:
    """Parameters of one day's sum for one node.

    output_tok_per_s : output tokens a second at full load, above zero
    input_per_output : input tokens per output token, zero or more
    input_usd_per_mtok, output_usd_per_mtok : USD per million tokens, zero or more
    gpus, usd_per_gpu_hour : size of the node and rent of one GPU in USD an hour
    utilisation : mean load, above 0 up to 1
    cached_share, cached_usd_per_mtok : share of input that is a cache hit, and its price

    Raises ValueError, naming argument and value, for anything out of range.
    A break-even moves one parameter and holds the others; it can lie out of reach,
    and then says so by its value: a load above 1, a ratio below 0, or infinity.

    >>> case = ServingCase(300, 10, 2.80, 2.80, gpus=8, usd_per_gpu_hour=3.49)
    >>> round(case.profit_usd_per_day, 2)
    128.26
    """

    output_tok_per_s: float
    input_per_output: float
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    gpus: float
    usd_per_gpu_hour: float
    utilisation: float = 1.0
    cached_share: float = 0.0
    cached_usd_per_mtok: float = 0.0

    def __post_init__(self):
        _positive("utilisation", self.utilisation)
        _ = self.profit_usd_per_day  # every parameter is checked on the way

    def with_(self, **changes) -> ServingCase:
        """The same case with some parameters changed.

        >>> case = ServingCase(300, 10, 2.80, 2.80, gpus=8, usd_per_gpu_hour=3.49)
        >>> round(case.with_(input_per_output=3).profit_usd_per_day, 2)
        -379.78
        """
        return replace(self, **changes)

    @property
    def tokens_per_day(self):
        """Billed tokens a day at the case's load."""
        return tokens_per_day(
            self.output_tok_per_s, self.input_per_output, utilisation=self.utilisation
        )

    @property
    def blended_usd_per_mtok(self):
        """Average price over all billed tokens, USD per million."""
        return blended_usd_per_mtok(
            self.input_per_output,
            self.input_usd_per_mtok,
            self.output_usd_per_mtok,
            cached_share=self.cached_share,
            cached_usd_per_mtok=self.cached_usd_per_mtok,
        )

    @property
    def revenue_usd_per_day(self):
        """USD earned in a day."""
        return self.tokens_per_day * self.blended_usd_per_mtok / TOKENS_PER_MTOK

    @property
    def cost_usd_per_day(self):
        """USD of rent in a day."""
        return cost_usd_per_day(self.gpus, self.usd_per_gpu_hour)

    @property
    def profit_usd_per_day(self):
        """USD left after the rent, gross of every other cost."""
        return self.revenue_usd_per_day - self.cost_usd_per_day

    @property
    def margin(self):
        """Profit as a share of revenue; minus infinity where nothing is earned."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return _plain(np.divide(self.profit_usd_per_day, self.revenue_usd_per_day))

    @property
    def break_even_utilisation(self):
        """Mean load that pays the rent; above 1 no load does."""
        return _ratio(self.cost_usd_per_day * self.utilisation, self.revenue_usd_per_day)

    @property
    def break_even_usd_per_mtok(self):
        """Average price over all billed tokens that pays the rent."""
        return break_even_usd_per_mtok(self.tokens_per_day, self.cost_usd_per_day)

    @property
    def break_even_input_per_output(self):
        """Input tokens per output token that pay the rent; below 0 output alone does."""
        output_mtok = self._output_mtok_per_day
        missing = self.cost_usd_per_day / output_mtok - self.output_usd_per_mtok
        return _ratio(missing, self._paid_input_usd_per_mtok)

    @property
    def break_even_input_usd_per_mtok(self):
        """Average input price that pays the rent at the case's output price."""
        output_mtok = self._output_mtok_per_day
        missing = self.cost_usd_per_day / output_mtok - self.output_usd_per_mtok
        return _ratio(missing, self.input_per_output)

    @property
    def break_even_usd_per_gpu_hour(self):
        """Dearest rent that revenue pays, USD per GPU-hour."""
        return self.revenue_usd_per_day / (self.gpus * HOURS_PER_DAY)

    @property
    def break_even_output_tok_per_s(self):
        """Output tokens a second, at full load, that pay the rent."""
        return _ratio(self.cost_usd_per_day * self.output_tok_per_s, self.revenue_usd_per_day)

    @property
    def _output_mtok_per_day(self):
        return self.output_tok_per_s * self.utilisation * SECONDS_PER_DAY / TOKENS_PER_MTOK

    @property
    def _paid_input_usd_per_mtok(self):
        return effective_input_usd_per_mtok(
            self.input_usd_per_mtok, self.cached_share, self.cached_usd_per_mtok
        )


def same_work(case: ServingCase, input_per_output) -> ServingCase:
    """The case at another ratio, with as many tokens a second in all, input and output.

    input_per_output : input tokens per output token, zero or more

    Holding output instead says that reading costs no time; this says that an input token
    takes as long as an output token. Raises ValueError for a value out of range.

    >>> case = ServingCase(300, 10, 2.80, 2.80, gpus=8, usd_per_gpu_hour=3.49)
    >>> round(same_work(case, 3).output_tok_per_s)
    825
    """
    ratio = _not_negative("input_per_output", input_per_output)
    speed = case.output_tok_per_s * (1 + case.input_per_output) / (1 + ratio)
    return case.with_(output_tok_per_s=speed, input_per_output=ratio)


def case_values(cases: pd.DataFrame, case_id: str) -> dict[str, float]:
    """Parameters of one case in the table `serving_cases`, by name.

    cases : columns case_id, parameter, value
    Raises ValueError where the case is missing or a parameter stands twice.
    """
    rows = cases[cases["case_id"] == case_id]
    if rows.empty:
        known = ", ".join(sorted(cases["case_id"].unique()))
        raise ValueError(f"case_id must be one of {known}, got {case_id!r}")
    twice = rows["parameter"][rows["parameter"].duplicated()]
    if len(twice):
        raise ValueError(f"case {case_id!r} has the parameter {twice.iloc[0]!r} more than once")
    return dict(zip(rows["parameter"], rows["value"].astype(float), strict=True))


def case_from_table(cases: pd.DataFrame, case_id: str) -> ServingCase:
    """Build a `ServingCase` from the rows of one case in the table `serving_cases`.

    Output speed comes from `output_tok_per_s`, from `output_mtok_per_day`, or from
    `stream_tok_per_s` times `batch_gain`; rent from `usd_per_gpu_hour` or `node_usd_per_day`.
    Raises ValueError naming the case and the parameter where one is missing.
    """
    values = case_values(cases, case_id)

    def need(parameter):
        if parameter not in values:
            raise ValueError(f"case {case_id!r} has no parameter {parameter!r}")
        return values[parameter]

    if "output_tok_per_s" in values:
        speed = need("output_tok_per_s")
    elif "output_mtok_per_day" in values:
        speed = need("output_mtok_per_day") * TOKENS_PER_MTOK / SECONDS_PER_DAY
    else:
        speed = need("stream_tok_per_s") * need("batch_gain")
    if "node_usd_per_day" in values:
        rent = need("node_usd_per_day") / (need("gpus") * HOURS_PER_DAY)
    else:
        rent = need("usd_per_gpu_hour")
    names = {field.name for field in fields(ServingCase)} - {"output_tok_per_s", "usd_per_gpu_hour"}
    optional = {"utilisation", "cached_share", "cached_usd_per_mtok"}
    others = {name: need(name) for name in names if name in values or name not in optional}
    return ServingCase(output_tok_per_s=speed, usd_per_gpu_hour=rent, **others)


def measured_speeds(cases: pd.DataFrame) -> pd.DataFrame:
    """Measured cases of the table `serving_cases`, one row a case.

    Returns case_id, case_title, `output_tok_per_s`, `input_per_output`, `total_tok_per_s`,
    `gpus` (missing where not stated) and `params_b`.
    """
    rows = cases[cases["role"] == "measured"]
    wide = rows.pivot(index=["case_id", "case_title"], columns="parameter", values="value")
    ratio = wide["input_tokens"] / wide["output_tokens"]
    speed = wide["output_tok_per_s"]
    found = pd.DataFrame(
        {
            "output_tok_per_s": speed,
            "input_per_output": ratio,
            "total_tok_per_s": speed * (1 + ratio),
            "gpus": wide["gpus"],
            "params_b": wide["params_b"],
        }
    )
    return found.reset_index()


def value_on(dates, read_on, values):
    """Value on each date: linear between readings, the nearest reading outside them.

    dates : dates to look up
    read_on, values : readings, in any order

    >>> value_on(["2024-07-03"], ["2024-07-01", "2024-07-05"], [3.49, 2.99]).tolist()
    [3.24]
    """
    readings = pd.Series(np.asarray(values, dtype=float), pd.DatetimeIndex(read_on)).sort_index()
    days = [
        index.to_numpy().astype("datetime64[D]").astype(float)
        for index in (pd.DatetimeIndex(dates), readings.index)
    ]
    return np.interp(*days, readings.to_numpy())


def bridge(
    start: ServingCase, end: ServingCase, steps: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Split the change of profit between two cases into steps, over every order of steps.

    start, end : the cases at either end
    steps : name of a step -> parameters that it moves from `start` to `end`

    Returns one row a step: `in_order_usd_per_day` (steps taken as listed),
    `shapley_usd_per_day` (mean over all orders; adds up to the whole change), and
    `lowest_`, `highest_usd_per_day` over the orders.
    Raises ValueError where the steps leave a difference between the cases.
    """
    moved = {name for names in steps.values() for name in names}
    left = [
        field.name
        for field in fields(ServingCase)
        if field.name not in moved and getattr(start, field.name) != getattr(end, field.name)
    ]
    if left:
        raise ValueError(f"steps must cover every parameter that differs, missing {left}")
    effects = {name: [] for name in steps}
    for order in permutations(steps):
        case = start
        for name in order:
            changed = case.with_(**{key: getattr(end, key) for key in steps[name]})
            effects[name].append(changed.profit_usd_per_day - case.profit_usd_per_day)
            case = changed
    return pd.DataFrame(
        {
            "step": list(steps),
            "in_order_usd_per_day": [found[0] for found in effects.values()],
            "shapley_usd_per_day": [float(np.mean(found)) for found in effects.values()],
            "lowest_usd_per_day": [min(found) for found in effects.values()],
            "highest_usd_per_day": [max(found) for found in effects.values()],
        }
    )


def one_at_a_time(case: ServingCase, ranges: pd.DataFrame) -> pd.DataFrame:
    """Profit when one parameter at a time moves over its range, the others held.

    case : the case in the middle
    ranges : one row a range, with columns `label`, `parameter` (one or more names of
        `ServingCase`, joined by "+"), `low`, `high`

    Returns the rows with `profit_low_usd_per_day`, `profit_high_usd_per_day` and
    `swing_usd_per_day` added, widest swing first.
    Raises ValueError for an unknown parameter.
    """
    known = {field.name for field in fields(ServingCase)}

    def profit(row, end):
        names = row["parameter"].split("+")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"parameter must be a field of ServingCase, got {unknown[0]!r}")
        return case.with_(**dict.fromkeys(names, row[end])).profit_usd_per_day

    table = ranges.copy()
    table["profit_low_usd_per_day"] = [profit(row, "low") for _, row in ranges.iterrows()]
    table["profit_high_usd_per_day"] = [profit(row, "high") for _, row in ranges.iterrows()]
    swing = (table["profit_high_usd_per_day"] - table["profit_low_usd_per_day"]).abs()
    return table.assign(swing_usd_per_day=swing).sort_values(
        "swing_usd_per_day", ascending=False, ignore_index=True
    )


def utilisation_from_peak(peak_to_mean):
    """Mean load of a fleet that is sized for its peak and cannot shrink.

    peak_to_mean : peak over mean traffic, 1 or more

    Raises ValueError for a value below 1 or not a number.

    >>> utilisation_from_peak(2.0)
    0.5
    """
    ratio = np.asarray(peak_to_mean, dtype=float)
    _require("peak_to_mean", ratio, ratio >= 1, "1 or more")
    return _plain(1 / ratio)


def revenue_kept(
    input_per_output, cached_share, discount, *, input_usd_per_mtok=1.0, output_usd_per_mtok=1.0
):
    """Share of revenue left when cache hits are sold at a discount.

    input_per_output : input tokens per output token, zero or more
    cached_share : share of input tokens that are hits, 0 to 1
    discount : cut of the input price on a hit, 0 to 1
    input_usd_per_mtok, output_usd_per_mtok : only their ratio matters

    One over the result is the rise in throughput that makes up for the discount.
    Raises ValueError for a value out of range.

    >>> round(revenue_kept(10, 0.5, 0.9), 3)
    0.591
    """
    discount = _share("discount", discount)
    prices = (input_per_output, input_usd_per_mtok, output_usd_per_mtok)
    cached = (1 - discount) * _not_negative("input_usd_per_mtok", input_usd_per_mtok)
    after = blended_usd_per_mtok(*prices, cached_share=cached_share, cached_usd_per_mtok=cached)
    return after / blended_usd_per_mtok(*prices)


def throughput_gain(part_of_time, time_saved):
    """Rise in throughput when a part of the work takes less time (Amdahl's law).

    part_of_time : share of a node's time that the work takes, 0 to 1
    time_saved : share of that time that is saved, 0 up to but not including 1

    With `part_of_time` 1 it is the most that a saving can give.
    Raises ValueError for a value out of range.

    >>> throughput_gain(0.5, 0.5)
    1.3333333333333333
    """
    part_of_time = _share("part_of_time", part_of_time)
    rule = "between 0 and 1, 1 excluded"
    time_saved = _checked("time_saved", time_saved, rule, lambda x: (x >= 0) & (x < 1))
    return 1 / (1 - part_of_time * time_saved)


def _require(name, values, good, rule):
    """Raise one ValueError that names the argument and its first bad value."""
    bad = ~np.atleast_1d(good)
    if bad.any():
        value = np.atleast_1d(values)[bad][0]
        raise ValueError(f"{name} must be {rule}, got {value}")


def _plain(values):
    """A float for a scalar, the array otherwise."""
    return float(values) if np.ndim(values) == 0 else values


def _checked(name, values, rule, test):
    """Numbers as floats, checked against a rule; series become arrays."""
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, got {values!r}") from None
    _require(name, numbers, np.isfinite(numbers) & test(numbers), rule)
    return _plain(numbers)


def _positive(name, values):
    return _checked(name, values, "a finite number above zero", lambda x: x > 0)


def _not_negative(name, values):
    return _checked(name, values, "a finite number, zero or more", lambda x: x >= 0)


def _share(name, values):
    return _checked(name, values, "between 0 and 1", lambda x: (x >= 0) & (x <= 1))


def _ratio(numerator, denominator):
    """Division that gives a signed infinity, without a warning, over zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _plain(np.divide(numerator, denominator))
