"""A provider that rents GPUs and sells tokens: who gains when model sizes change.

The provider sells a share of a market. With p the price and c the cost of a million tokens at
full load, u the load and m = 1 − c/(p·u) the gross margin, its gross profit is

    market · (1 − share on devices) / hosts · p · m

When the models that people use become k times as large, price moves by k^a and cost by k^b
(a and b are fitted to tables of prices and to the roofline), and demand answers price with a
constant elasticity e. The provider gains exactly if

    market ratio · (1 − share on devices) / hosts ratio · k^(a·(1 − e)) · m1 / m0 > 1,
    m1 = 1 − (1 − m0) · k^(b − a) · (cost ratio) / (load ratio)

and each break-even below solves this for one of its terms. A `Shift` bundles the terms.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from model_economics import roofline

SECONDS_PER_HOUR = 3600
TOKENS_PER_MTOK = 1e6
DAYS_PER_YEAR = 365.25
# Factors to trillion tokens a day, for the units in which volumes are announced.
T_PER_DAY = {
    "G/minute": 24 * 60 / 1000,
    "T/day": 1.0,
    "T/week": 1 / 7,
    "T/month": 12 / DAYS_PER_YEAR,
    "T/quarter": 4 / DAYS_PER_YEAR,
}
TRAINING_FLOP = 6.0  # for one parameter and one token: forward 2, backward 4
FORWARD_FLOP = 2.0  # for one parameter and one token read or written


# -- price and cost by size --------------------------------------------------------------------


def fit_power(size, value, confidence=0.95):
    """Fit value = factor · size^exponent by least squares of logarithms.

    size, value : positive arrays of one length, at least three
    confidence : of the interval of the exponent (Student's t)

    Returns a Series: exponent, low, high, factor, r, n. Raises ValueError for fewer than
    three points, or where a value is not positive.

    >>> fit_power([1, 10, 100], [2, 20, 200])[["exponent", "factor"]].round(6).tolist()
    [1.0, 2.0]
    """
    size, value = np.asarray(size, dtype=float), np.asarray(value, dtype=float)
    if size.shape != value.shape or size.size < 3:
        raise ValueError(f"size and value must pair at least three numbers, got {size.size}")
    if not ((size > 0) & (value > 0)).all():
        raise ValueError("size and value must be positive and known")
    line = stats.linregress(np.log(size), np.log(value))
    half = line.stderr * stats.t.ppf((1 + confidence) / 2, size.size - 2)
    return pd.Series(
        {
            "exponent": line.slope,
            "low": line.slope - half,
            "high": line.slope + half,
            "factor": np.exp(line.intercept),
            "r": line.rvalue,
            "n": size.size,
        }
    )


def price_exponents(hosts, size="params_total_b", price="median_usd_per_mtok", priced_at_least=2):
    """Exponent of price in model size for each registry and day with ten models or more.

    hosts : table ``hosts_by_model``
    size, price : columns to relate
    priced_at_least : priced hosts that a model needs to count

    Returns read_on, registry and what ``fit_power`` gives, in order of date.
    """
    return _by_day(hosts, priced_at_least, lambda day: fit_power(day[size], day[price]))


def host_correlations(hosts, size="params_total_b", priced_at_least=2):
    """Spearman's rank correlation of the number of hosts with size, by registry and day.

    hosts, size, priced_at_least : as in ``price_exponents``

    Returns read_on, registry, rho, p_value and n.
    """

    def correlation(day):
        rho, p_value = stats.spearmanr(day[size], day["hosts"].astype(float))
        return pd.Series({"rho": rho, "p_value": p_value, "n": len(day)})

    return _by_day(hosts, priced_at_least, correlation)


def listed_on(hosts, day, registry="models.dev"):
    """Rows of ``hosts_by_model`` of one registry and day, with a column kind (dense or moe)."""
    rows = hosts[(hosts["read_on"] == pd.Timestamp(day)) & (hosts["registry"] == registry)]
    if rows.empty:
        raise ValueError(f"the table has no reading of {registry} on {day}")
    dense = np.isclose(rows["params_total_b"], rows["params_active_b"])
    return rows.assign(kind=np.where(dense, "dense", "moe"))


def cost_usd_per_mtok(
    models, usd_per_gpu_hour, tok_per_s_per_user, *, hardware="h100-sxm-80gb", isl=3000, osl=1000
):
    """Lowest cost of a million tokens at full load, by the roofline, on one node of up to 8 GPUs.

    models : names in the table ``llm_architectures``
    usd_per_gpu_hour : rent
    tok_per_s_per_user : slowest stream that a customer accepts; 0 for batch work
    hardware : row of ``gpu_specs``
    isl, osl : tokens in and out of a request; input and output count alike

    8-bit weights. Returns a DataFrame indexed by model: usd_per_mtok, gpus, batch and
    output_tok_per_s_per_user of the cheapest setting. A model that fits on no node, or only
    slower than the floor, is left out.
    """
    trials = pd.MultiIndex.from_product(
        [list(dict.fromkeys(models)), (1, 2, 4, 8), (*(2**n for n in range(12)), np.nan)],
        names=["model", "gpus", "concurrency"],
    ).to_frame(index=False)
    trials = trials.assign(hardware=hardware, precision="FP8", isl=isl, osl=osl)
    speed = roofline.predict(trials, errors="nan")
    tok_per_hour = speed["total_tok_per_s"] / trials["gpus"] * SECONDS_PER_HOUR
    trials["usd_per_mtok"] = usd_per_gpu_hour / tok_per_hour * TOKENS_PER_MTOK
    trials["batch"] = speed["batch"]
    trials["output_tok_per_s_per_user"] = speed["per_user_tok_per_s"]
    fast = trials[trials["output_tok_per_s_per_user"] >= tok_per_s_per_user]
    best = fast.sort_values(["usd_per_mtok", "gpus"]).groupby("model").first()
    return best[["usd_per_mtok", "gpus", "batch", "output_tok_per_s_per_user"]]


def priced_models(hosts, day, usd_per_gpu_hour, tok_per_s_per_user, *, registry="models.dev"):
    """Models of one reading with price, cost at full load and their ratio.

    hosts : table ``hosts_by_model``
    day : day of the reading
    usd_per_gpu_hour, tok_per_s_per_user : as in ``cost_usd_per_mtok``

    Only models with two priced hosts or more, a published shape and a node that holds them.
    Adds usd_per_mtok, gpus, batch and cost_share, which is also the load that breaks even.
    """
    rows = listed_on(hosts, day, registry)
    rows = rows[(rows["priced_hosts"] >= 2) & rows["architecture"].notna()]
    cost = cost_usd_per_mtok(rows["architecture"], usd_per_gpu_hour, tok_per_s_per_user)
    rows = rows.join(cost, on="architecture", how="inner")
    rows["cost_share"] = rows["usd_per_mtok"] / rows["median_usd_per_mtok"]
    return rows.sort_values("params_total_b").reset_index(drop=True)


def rent_usd_per_gpu_hour(gpu_prices, year):
    """Median rent of an H100 on the market in a year, from the table ``gpu_prices``."""
    rows = gpu_prices[gpu_prices["gpu"].str.startswith("H100")]
    rows = rows[(rows["read_on"].dt.year == year) & (rows["commitment"] == "market_median")]
    if rows.empty:
        raise ValueError(f"no market median of H100 rents in {year}")
    return float(rows["usd_per_gpu_hour"].median())


# -- the provider ------------------------------------------------------------------------------


def gross_margin(price_usd_per_mtok, cost_usd_per_mtok, load=1.0):
    """Gross profit as a share of revenue; negative where the rent is not earned.

    price_usd_per_mtok : price, above zero
    cost_usd_per_mtok : cost at full load
    load : mean share of full load that is sold, above zero and at most one

    >>> gross_margin(2.8, 2.35, load=1.0).round(3), gross_margin(1.0, 0.3, load=0.5).round(2)
    (np.float64(0.161), np.float64(0.4))
    """
    price, cost, load = _arrays(price_usd_per_mtok, cost_usd_per_mtok, load)
    _need(price > 0, "price_usd_per_mtok must be above zero")
    _need(cost >= 0, "cost_usd_per_mtok must not be negative")
    _need((load > 0) & (load <= 1), "load must lie above 0 and at most at 1")
    return 1 - cost / (price * load)


@dataclass(frozen=True)
class Shift:
    """What changes for the provider; every default means no change. Fields may be arrays.

    size_ratio : parameters of the models in use, after / before
    price_exponent, cost_exponent : how price and cost of a token follow size
    elasticity : fall of demand in per cent when price rises by one per cent
    start_margin : gross margin before, above zero and below one
    hosts_ratio : hosts that share the market, after / before
    device_share : share of tokens that moves to the users' own devices
    market_ratio : demand at an unchanged price, after / before (new uses, better models)
    load_ratio : mean load, after / before
    cost_ratio : cost of a token at an unchanged size, after / before (technical progress)
    price_cut : price at an unchanged size, after / before (competition)

    >>> Shift(size_ratio=0.1, price_exponent=1.0, cost_exponent=1.0, elasticity=1.0).profit_ratio
    np.float64(1.0)
    """

    size_ratio: float = 1.0
    price_exponent: float = 1.0
    cost_exponent: float = 1.0
    elasticity: float = 1.0
    start_margin: float = 0.5
    hosts_ratio: float = 1.0
    device_share: float = 0.0
    market_ratio: float = 1.0
    load_ratio: float = 1.0
    cost_ratio: float = 1.0
    price_cut: float = 1.0

    def __post_init__(self):
        for name in self.__dataclass_fields__:
            _need(
                np.isfinite(np.asarray(getattr(self, name), dtype=float)), f"{name} must be known"
            )
        for name in ("size_ratio", "hosts_ratio", "market_ratio", "load_ratio", "price_cut"):
            _need(np.asarray(getattr(self, name)) > 0, f"{name} must be above zero")
        for name in ("elasticity", "cost_ratio"):
            _need(np.asarray(getattr(self, name)) >= 0, f"{name} must not be negative")
        margin, share = np.asarray(self.start_margin), np.asarray(self.device_share)
        _need((margin > 0) & (margin < 1), "start_margin must lie between 0 and 1")
        _need((share >= 0) & (share < 1), "device_share must lie from 0 to below 1")

    @property
    def price_ratio(self):
        """Price of a token, after / before."""
        return np.power(self.size_ratio, self.price_exponent) * self.price_cut

    @property
    def unit_cost_ratio(self):
        """Cost of a sold token, after / before."""
        grown = np.power(self.size_ratio, self.cost_exponent)
        return grown * self.cost_ratio / np.asarray(self.load_ratio, dtype=float)

    @property
    def quantity_ratio(self):
        """Tokens that the provider sells, after / before."""
        share = (1 - np.asarray(self.device_share)) / np.asarray(self.hosts_ratio, dtype=float)
        return self.market_ratio * share * self.price_ratio ** (-np.asarray(self.elasticity))

    @property
    def revenue_ratio(self):
        """Revenue, after / before."""
        return self.price_ratio * self.quantity_ratio

    @property
    def end_margin(self):
        """Gross margin afterwards; below zero the provider pays to serve."""
        return 1 - (1 - np.asarray(self.start_margin)) * self.unit_cost_ratio / self.price_ratio

    @property
    def profit_ratio(self):
        """Gross profit, after / before; above one the provider gains."""
        return self.revenue_ratio * self.end_margin / self.start_margin

    def with_(self, **changes):
        """The same shift with some terms changed."""
        return replace(self, **changes)


def break_even_elasticity(shift):
    """Elasticity at which gross profit stays the same.

    shift : a Shift; its elasticity is not used

    Where price falls, the provider gains above it; where price rises, below it. NaN where no
    margin is left or the price does not move. With costs that follow price and nothing else
    changing it is one.

    >>> break_even_elasticity(Shift(size_ratio=0.5, start_margin=0.3)).round(6)
    np.float64(1.0)
    """
    fixed = shift.with_(elasticity=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.log(fixed.profit_ratio) / np.log(fixed.price_ratio)
        return np.where(np.isfinite(needed), needed, np.nan)[()]


def break_even_hosts_ratio(shift):
    """Hosts, after / before, at which gross profit stays the same; fewer hosts are a gain.

    shift : a Shift; its hosts_ratio is not used. Zero where no margin is left.

    >>> float(break_even_hosts_ratio(Shift(market_ratio=2.0)))
    2.0
    """
    return np.maximum(shift.with_(hosts_ratio=1.0).profit_ratio, 0.0)


def break_even_device_share(shift):
    """Share of tokens on devices up to which the provider does not lose; NaN if it loses at none.

    shift : a Shift; its device_share is not used

    >>> float(break_even_device_share(Shift(market_ratio=4.0)))
    0.75
    """
    at_none = shift.with_(device_share=0.0).profit_ratio
    with np.errstate(divide="ignore"):
        return np.where(at_none >= 1, 1 - 1 / at_none, np.nan)[()]


def break_even_market_ratio(shift):
    """Growth of demand at an unchanged price that keeps gross profit; infinite without margin.

    shift : a Shift; its market_ratio is not used

    >>> float(break_even_market_ratio(Shift(hosts_ratio=3.0)))
    3.0
    """
    alone = shift.with_(market_ratio=1.0).profit_ratio
    with np.errstate(divide="ignore"):
        return np.where(alone > 0, 1 / alone, np.inf)[()]


def size_without_margin(shift):
    """Size ratio at which the margin is used up; infinite or zero where size does not reach it.

    shift : a Shift; its size_ratio is not used

    Beyond it no number of customers helps: above it if cost rises faster than price with
    size, below it if slower.

    >>> shift = Shift(price_exponent=0.5, cost_exponent=1.0, start_margin=0.75)
    >>> float(size_without_margin(shift))
    16.0
    """
    still = shift.with_(size_ratio=1.0)
    room = still.price_ratio / (still.unit_cost_ratio * (1 - np.asarray(shift.start_margin)))
    gap = np.asarray(shift.cost_exponent, dtype=float) - shift.price_exponent
    with np.errstate(divide="ignore", over="ignore"):
        return np.power(room, 1 / gap)


def cost_share_that_forbids_a_cut(price_cut, elasticity):
    """Cost as a share of the old price above which a host loses gross profit by cutting alone.

    price_cut : new price / old price, between 0 and 1
    elasticity : of the demand that one host faces

    Zero where even a host without costs loses.

    >>> cost_share_that_forbids_a_cut(0.5, 1.11).round(3)
    np.float64(0.068)
    """
    cut, elasticity = _arrays(price_cut, elasticity)
    _need((cut > 0) & (cut < 1), "price_cut must lie between 0 and 1")
    more = cut ** (-elasticity)
    return np.maximum((cut * more - 1) / (more - 1), 0.0)


def four_scenarios(price_exponent, cost_exponent, start_margin, *, size, device_share, hosts_ratio):
    """The article's four scenarios as shifts, by name.

    price_exponent, cost_exponent, start_margin : as in ``Shift``
    size : how many times larger models become, and smaller in the two scenarios of small ones
    device_share : share of tokens that leaves for devices in the third
    hosts_ratio : growth of the number of hosts in the fourth
    """
    now = Shift(
        price_exponent=price_exponent, cost_exponent=cost_exponent, start_margin=start_margin
    )
    return {
        "larger models": now.with_(size_ratio=size),
        "distilled models": now.with_(size_ratio=1 / size),
        "models on devices": now.with_(size_ratio=1 / size, device_share=device_share),
        "open weights": now.with_(hosts_ratio=hosts_ratio),
    }


def outcomes(scenarios, elasticities):
    """Gross profit, after / before, of each scenario at each elasticity.

    scenarios : dict of name to Shift
    elasticities : numbers

    Returns a DataFrame: rows scenarios, columns elasticities.
    """
    found = {
        name: [float(shift.with_(elasticity=e).profit_ratio) for e in elasticities]
        for name, shift in scenarios.items()
    }
    return pd.DataFrame.from_dict(found, orient="index", columns=list(elasticities))


# -- distillation ------------------------------------------------------------------------------


def training_flop(params_b, tokens_t):
    """Operations to train a dense model, 6 for each parameter and token.

    params_b : billion parameters (active ones for a mixture of experts)
    tokens_t : trillion tokens

    >>> f"{training_flop(405, 15.6):.2e}"
    '3.79e+25'
    """
    return TRAINING_FLOP * np.asarray(params_b, dtype=float) * 1e9 * np.asarray(tokens_t) * 1e12


def forward_flop(params_b, tokens_t):
    """Operations to read or write tokens, 2 for each parameter and token.

    params_b : billion parameters
    tokens_t : trillion tokens
    """
    return FORWARD_FLOP * np.asarray(params_b, dtype=float) * 1e9 * np.asarray(tokens_t) * 1e12


def path_flop(
    served_t, teacher_b, teacher_tokens_t, student_b, student_tokens_t, *, teacher_counted=True
):
    """Operations of serving tokens with a distilled student, and with its teacher instead.

    served_t : trillion tokens served
    teacher_b, student_b : billion parameters
    teacher_tokens_t, student_tokens_t : trillion tokens of training
    teacher_counted : whether the student's path pays for the teacher's training

    The student learns from the teacher's outputs, so the teacher reads the student's tokens
    once. Returns a DataFrame with served_t, student, teacher and share (student / teacher).
    """
    served = np.atleast_1d(np.asarray(served_t, dtype=float))
    taught = training_flop(teacher_b, teacher_tokens_t)
    student = (
        teacher_counted * taught
        + forward_flop(teacher_b, student_tokens_t)
        + training_flop(student_b, student_tokens_t)
        + forward_flop(student_b, served)
    )
    teacher = taught + forward_flop(teacher_b, served)
    return pd.DataFrame(
        {"served_t": served, "student": student, "teacher": teacher, "share": student / teacher}
    )


def payback_tokens_t(teacher_b, teacher_tokens_t, student_b, student_tokens_t):
    """Trillion served tokens at which each part of a distilled model is paid back.

    teacher_b, student_b : billion parameters, the student smaller
    teacher_tokens_t, student_tokens_t : trillion tokens of training

    Each token served by the student in place of the teacher saves 2·(T − S) operations.
    Returns a Series: student (its training), teacher pass (the teacher reads the student's
    tokens), both, and teacher training.

    >>> payback_tokens_t(100, 1, 50, 1).round(3).tolist()
    [3.0, 2.0, 5.0, 6.0]
    """
    if not 0 < student_b < teacher_b:
        raise ValueError("the student must be smaller than its teacher")
    saved = forward_flop(teacher_b - student_b, 1.0)
    student = training_flop(student_b, student_tokens_t) / saved
    read = forward_flop(teacher_b, student_tokens_t) / saved
    teacher = training_flop(teacher_b, teacher_tokens_t) / saved
    parts = {"student": student, "teacher pass": read, "both": student + read}
    return pd.Series({**parts, "teacher training": teacher})


def family_shares(training, reference):
    """Size, training operations and GPU-hours of one recipe's models, as shares of the largest.

    training : rows of ``training_costs`` of one family, with params_total_b, training_tokens_t
        and gpu_hours
    reference : training_id of the largest

    Returns model, params, flop (6 · parameters · tokens) and gpu_hours, each as a share.
    """
    largest = training.set_index("training_id").loc[reference]
    flop = training_flop(training["params_total_b"], training["training_tokens_t"])
    return pd.DataFrame(
        {
            "model": training["model"],
            "params": training["params_total_b"] / largest["params_total_b"],
            "flop": flop / training_flop(largest["params_total_b"], largest["training_tokens_t"]),
            "gpu_hours": training["gpu_hours"] / largest["gpu_hours"],
        }
    ).reset_index(drop=True)


# -- demand ------------------------------------------------------------------------------------


def tokens_t_per_day(tokens, unit):
    """Announced volumes in trillion tokens a day.

    tokens : array of numbers
    unit : array of units, keys of T_PER_DAY

    >>> tokens_t_per_day([6.0, 300.0], ["G/minute", "T/month"]).round(2).tolist()
    [8.64, 9.86]
    """
    unknown = sorted(set(unit) - set(T_PER_DAY))
    if unknown:
        raise ValueError(f"unknown unit {unknown[0]!r}; known: {', '.join(T_PER_DAY)}")
    return np.asarray(tokens, dtype=float) * np.array([T_PER_DAY[u] for u in unit])


def implied_elasticity(quantity_ratio, price_fall):
    """Constant elasticity that would explain a growth of tokens by price alone.

    quantity_ratio : tokens after / before
    price_fall : price before / after, above one

    >>> implied_elasticity(100.0, 10.0)
    np.float64(2.0)
    """
    quantity, fall = _arrays(quantity_ratio, price_fall)
    _need(fall > 1, "price_fall must be above one")
    _need(quantity > 0, "quantity_ratio must be above zero")
    return np.log(quantity) / np.log(fall)


def implied_by_series(demand, factors_per_year, min_years=0.3):
    """Implied elasticity from the first to the last volume of each series.

    demand : table ``demand_tokens``
    factors_per_year : price falls to assume, times a year
    min_years : shortest period that counts

    Returns series, start, end, years, quantity_ratio and a column for each factor.
    """
    demand = demand.assign(t_per_day=tokens_t_per_day(demand["tokens"], demand["unit"]))
    demand = demand.sort_values("observed_on")
    ends = demand.groupby("series").agg(
        start=("observed_on", "first"),
        end=("observed_on", "last"),
        first=("t_per_day", "first"),
        last=("t_per_day", "last"),
    )
    ends["years"] = (ends["end"] - ends["start"]).dt.days / DAYS_PER_YEAR
    ends["quantity_ratio"] = ends["last"] / ends["first"]
    ends = ends[ends["years"] >= min_years].drop(columns=["first", "last"]).reset_index()
    for factor in factors_per_year:
        falls = factor ** ends["years"]
        ends[factor] = implied_elasticity(ends["quantity_ratio"], falls)
    return ends


def published_elasticities(elasticity):
    """Published estimates with both ends as elasticities; from per cents where no number is given.

    elasticity : table ``elasticity``

    A price change of x % with a quantity change of y % gives ln(1 + y) / −ln(1 + x).
    """
    price = -np.log1p(elasticity["price_change_pct"] / 100)
    low = np.log1p(elasticity["quantity_change_low_pct"] / 100) / price
    high = np.log1p(elasticity["quantity_change_high_pct"] / 100) / price
    return elasticity.assign(
        low=elasticity["elasticity_low"].fillna(low),
        high=elasticity["elasticity_high"].fillna(high),
    )


def after_entry(hosts, registry="models.dev", priced_at_least=2):
    """What became of a model's hosts and price between its first and its last reading.

    hosts : table ``hosts_by_model``
    registry : one registry, because two registries count differently
    priced_at_least : priced hosts that a reading needs

    Returns a row for each model with two readings: days between them, hosts and median
    price at both, and their ratios.
    """
    rows = hosts[(hosts["registry"] == registry) & (hosts["priced_hosts"] >= priced_at_least)]
    ends = rows.sort_values("read_on").groupby("model")
    pairs = ends.agg(
        start=("read_on", "first"),
        end=("read_on", "last"),
        params_total_b=("params_total_b", "first"),
        hosts_start=("hosts", "first"),
        hosts_end=("hosts", "last"),
        price_start=("median_usd_per_mtok", "first"),
        price_end=("median_usd_per_mtok", "last"),
    )
    pairs = pairs[pairs["start"] < pairs["end"]].reset_index()
    pairs["days"] = (pairs["end"] - pairs["start"]).dt.days
    pairs["hosts_ratio"] = pairs["hosts_end"].astype(float) / pairs["hosts_start"].astype(float)
    pairs["price_ratio"] = pairs["price_end"] / pairs["price_start"]
    return pairs


# -- private -----------------------------------------------------------------------------------


def _by_day(hosts, priced_at_least, measure):
    """Apply ``measure`` to the models of each registry and day that has ten or more."""
    enough = hosts[hosts["priced_hosts"] >= priced_at_least]
    found = [
        pd.concat([pd.Series({"read_on": day, "registry": registry}), measure(rows)])
        for (day, registry), rows in enough.groupby(["read_on", "registry"])
        if len(rows) >= 10
    ]
    return pd.DataFrame(found).reset_index(drop=True)


def _arrays(*values):
    return tuple(np.asarray(value, dtype=float) for value in values)


def _need(condition, message):
    if not np.all(condition):
        raise ValueError(message)
