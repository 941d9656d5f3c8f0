"""Verdicts on the claims of section 4 and the closing (C61 to C70), tested in chapter 06.

Each function takes the tables it needs and returns one `Verdict`; limits stand in the code.
"""

from dataclasses import dataclass, replace

import pandas as pd

from model_economics import scenarios
from model_economics.claims import Verdict

CERTAIN = 0.05  # p value below which a correlation counts


@dataclass(frozen=True)
class Assumptions:
    """What the scenarios assume; the chapter's assumptions cell repeats it, to be changed there.

    day : reading of prices
    year : of the rent
    tok_per_s : slowest stream that a customer accepts
    load : mean share of full load that is sold
    size : how many times larger, or smaller, models become
    device_share : share of tokens that leaves for devices; nobody has measured it
    market : how far open weights may raise demand at an unchanged price; nobody has measured it
    upgrade : how many times cheaper technical progress makes a token
    """

    day: str = "2026-07-02"
    year: int = 2026
    tok_per_s: float = 20
    load: float = 0.5
    size: float = 3
    device_share: float = 0.3
    market: float = 2
    upgrade: float = 2


def setting(
    hosts: pd.DataFrame, gpu_prices: pd.DataFrame, assumed: Assumptions | None = None
) -> dict:
    """Models with price and cost, and what the scenarios take from them.

    Returns assumed, models, rent, price (fit of price in size), gap (fit of cost / price in
    size), cost_exponents (low, middle, high), start_margin and hosts_ratio.
    """
    assumed = assumed or Assumptions()
    rent = scenarios.rent_usd_per_gpu_hour(gpu_prices, assumed.year)
    models = scenarios.priced_models(hosts, assumed.day, rent, assumed.tok_per_s)
    price = scenarios.fit_power(models["params_total_b"], models["median_usd_per_mtok"])
    gap = scenarios.fit_power(models["params_total_b"], models["cost_share"])
    return {
        "assumed": assumed,
        "models": models,
        "rent": rent,
        "price": price,
        "gap": gap,
        "cost_exponents": price["exponent"] + gap[["low", "exponent", "high"]].to_numpy(),
        "start_margin": float(1 - models["cost_share"].median() / assumed.load),
        "hosts_ratio": float(scenarios.after_entry(hosts)["hosts_ratio"].median()),
    }


def shifts(found: dict, cost_exponent: float | None = None) -> dict:
    """The four scenarios in a setting; at its middle cost exponent unless another is given."""
    return scenarios.four_scenarios(
        found["price"]["exponent"],
        found["cost_exponents"][1] if cost_exponent is None else cost_exponent,
        found["start_margin"],
        size=found["assumed"].size,
        device_share=found["assumed"].device_share,
        hosts_ratio=found["hosts_ratio"],
    )


def losing(found: dict, elasticity: pd.DataFrame, **changes) -> tuple[int, int, int]:
    """Scenarios that lose somewhere, that gain somewhere, and all of them.

    Tried at both ends of the published elasticities and of the interval of the cost exponent;
    open weights with the market as before and with the market that is assumed.
    changes : terms of every Shift, such as cost_ratio for a technical upgrade
    """
    ends = published_range(elasticity)
    tried = []
    for cost_exponent in found["cost_exponents"]:
        cases = {k: s.with_(**changes) for k, s in shifts(found, cost_exponent).items()}
        wider = cases["open weights"].with_(market_ratio=found["assumed"].market)
        tried.append(scenarios.outcomes(cases, ends))
        tried.append(scenarios.outcomes({**cases, "open weights": wider}, ends))
    tried = pd.concat(tried, axis=1)
    return int((tried < 1).any(axis=1).sum()), int((tried > 1).any(axis=1).sum()), len(tried)


def either_way(found: dict, elasticity: pd.DataFrame) -> int:
    """Scenarios that can lose and can gain with the market as before."""
    assumed = replace(found["assumed"], market=1)
    return min(losing({**found, "assumed": assumed}, elasticity)[:2])


def ranges(found: dict, elasticities: tuple) -> pd.DataFrame:
    """Lowest and highest profit ratio of each scenario, in columns low and high.

    Over the elasticities given and the interval of the cost exponent, with the market as before.
    """
    tried = [scenarios.outcomes(shifts(found, b), elasticities) for b in found["cost_exponents"]]
    tried = pd.concat(tried, axis=1)
    return pd.DataFrame({"low": tried.min(axis=1), "high": tried.max(axis=1)})


def upgraded(found: dict, elasticity: pd.DataFrame) -> tuple[int, int, int]:
    """Scenarios that can lose with a technical upgrade passed on in price, kept whole, and all."""
    cheaper = 1 / found["assumed"].upgrade
    shared, _, of = losing(found, elasticity, cost_ratio=cheaper, price_cut=cheaper)
    return shared, losing(found, elasticity, cost_ratio=cheaper)[0], of


def published_range(elasticity: pd.DataFrame) -> tuple[float, float]:
    """Lowest and highest published elasticity."""
    rows = scenarios.published_elasticities(elasticity)
    return float(rows["low"].min()), float(rows["high"].max())


def c61(found: dict, elasticity: pd.DataFrame) -> Verdict:
    """C61: it depends on the case; counted over scenarios that can turn either way."""
    lose, gain, of = losing(found, elasticity)
    both = min(lose, gain)
    verdict = "holds with a caveat" if both >= of / 2 else "partly" if both else "not supported"
    number = f"{lose} of {of} scenarios can lose, {gain} can gain"
    reason = (
        "in the provider model, over the published elasticities and the interval of the cost "
        "exponent; open weights gain only if the market grows more than the hosts, which is "
        "assumed, as nobody publishes it; the model is ours and no host's accounts are public"
    )
    return _computed("C61", verdict, number, reason, "ch06-map")


def c62(hosts: pd.DataFrame) -> Verdict:
    """C62: larger models raise the threshold to serve, and so the price."""
    price = scenarios.price_exponents(hosts)
    fewer = scenarios.host_correlations(hosts)
    dearer = bool((price["low"] > 0).all())
    barrier = bool(((fewer["rho"] < 0) & (fewer["p_value"] < CERTAIN)).mean() > 0.5)
    verdict = {2: "holds with a caveat", 1: "partly", 0: "not supported"}[dearer + barrier]
    number = (
        f"price grows with size to the power {_span(price['exponent'])}; "
        f"correlation of hosts with size {_signed(fewer['rho'])}"
    )
    reason = (
        f"price rises in all {len(price)} readings; in none do larger models have clearly fewer "
        "hosts, but a listing is no capacity, so a barrier is not excluded"
    )
    return _computed("C62", verdict, number, reason, "ch06-larger")


def c63(training_costs: pd.DataFrame, found: dict) -> Verdict:
    """C63: the compute needed does not fall in proportion to size."""
    shares = llama_shares(training_costs).iloc[0]
    hours = shares["gpu_hours"] / shares["params"]
    flop = shares["flop"] / shares["params"]
    dense = found["models"][found["models"]["kind"] == "dense"]
    cost = scenarios.fit_power(dense["params_total_b"], dense["usd_per_mtok"])
    training = hours > 1.2  # clearly more than in proportion
    serving = cost["high"] < 1  # clearly less than in proportion
    verdict = {2: "holds with a caveat", 1: "partly", 0: "not supported"}[training + serving]
    number = (
        f"GPU-hours {hours:.1f}×, operations {flop:.2f}× the share of size; "
        f"serving cost to the power {cost['exponent']:.2f}"
    )
    reason = (
        "Llama 3.1 8B against 405B, not distilled, so training alone; a teacher's own training "
        "would outweigh its student's, while serving is within the error of proportion "
        f"({cost['low']:.2f} to {cost['high']:.2f})"
    )
    return _computed("C63", verdict, number, reason, "ch06-distilled")


def c64(elasticity: pd.DataFrame, ondevice: pd.DataFrame) -> Verdict:
    """C64: small models open more uses; revenue may rise while the unit price falls."""
    low, high = published_range(elasticity)
    share = ondevice.set_index("metric_id")["value"]
    more = share["local-coverage-2025"] > share["local-coverage-2023"]
    possible = high > 1
    sure = low > 1
    verdict = "reproduced" if more and sure else "holds with a caveat" if more and possible else ""
    verdict = verdict or ("partly" if more or possible else "not supported")
    number = f"needs an elasticity above 1; published {low:.2f} to {high:.2f}"
    reason = (
        "the claim says may; local models answer more queries "
        f"({share['local-coverage-2023']:.0f} to {share['local-coverage-2025']:.0f} %), whose "
        "tokens a host does not sell; the elasticity of the market is not identified"
    )
    return _computed("C64", verdict, number, reason, "ch06-devices")


def c65(providers: pd.DataFrame, hosts: pd.DataFrame) -> Verdict:
    """C65: open weights widen the customers whom a host can serve."""
    listed = providers[providers["measure"] == "inference providers listed"]
    first, last = listed.sort_values("observed_on")["value"].iloc[[0, -1]]
    most = int(hosts.loc[hosts["registry"] == "models.dev", "hosts"].max())
    verdict = "holds with a caveat" if last > first else "not supported"
    number = f"{first:.0f} to {last:.0f} providers in 2025; up to {most} hosts of one model"
    reason = (
        "hosts were counted, customers were not: anyone can serve open weights, so every rival "
        "can; Llama 3.1 405B got no successor of its size"
    )
    return _computed("C65", verdict, number, reason, "ch06-open")


def c66(found: dict, elasticity: pd.DataFrame) -> Verdict:
    """C66: safe whatever happens to size; one losing scenario in the data's range refutes it."""
    shared, kept, of = upgraded(found, elasticity)
    verdict = "not supported" if shared else "holds with a caveat"
    times = f"a {found['assumed'].upgrade:g}× upgrade"
    number = f"{shared} of {of} scenarios can lose if rivals share {times}, {kept} if he keeps it"
    reason = (
        "a rule for every case fails where one case loses, here in our model; open weights lose "
        "in it if the market does not outgrow the hosts, which nobody publishes; the tables hold "
        "no host that a change of size has hurt, but they hold no host's margin either"
    )
    return _computed("C66", verdict, number, reason, "ch06-map")


def c67() -> Verdict:
    """C67: every piece of news is good for Moutai."""
    return _argued(
        "C67",
        "a joke that no outcome could contradict; the rule behind it is judged at C66",
        "ch06-map",
    )


def c68() -> Verdict:
    """C68: perhaps this is why he posts."""
    return _argued(
        "C68",
        "a motive cannot be read from data; that he sold hosting, and that the figures are his "
        "own, is a reason to check them, which chapters 04 and 05 do",
        "ch06-sure",
    )


def c69() -> Verdict:
    """C69: do readers believe in this road?"""
    return _argued(
        "C69", "a question to the reader; the events since are listed in chapter 07", "ch07-since"
    )


def c70(posts: pd.DataFrame) -> Verdict:
    """C70: seven links are given."""
    listed = int(posts["listed_by_article"].sum())
    verdict = "reproduced" if listed == 7 else "not supported"
    number = f"{listed} links to posts"
    reason = "complete as counted; the critic's sum and Karpathy's post are not among them"
    return _computed("C70", verdict, number, reason, "ch07-sure")


def verdicts(
    hosts: pd.DataFrame,
    gpu_prices: pd.DataFrame,
    training_costs: pd.DataFrame,
    elasticity: pd.DataFrame,
    ondevice: pd.DataFrame,
    providers: pd.DataFrame,
    posts: pd.DataFrame,
    assumed: Assumptions | None = None,
) -> list[Verdict]:
    """Verdicts C61 to C70 in order."""
    found = setting(hosts, gpu_prices, assumed)
    return [
        c61(found, elasticity),
        c62(hosts),
        c63(training_costs, found),
        c64(elasticity, ondevice),
        c65(providers, hosts),
        c66(found, elasticity),
        c67(),
        c68(),
        c69(),
        c70(posts),
    ]


def llama_shares(training_costs: pd.DataFrame) -> pd.DataFrame:
    """Sizes, operations and hours of the Llama 3.1 family as shares of the 405B."""
    names = ["llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b"]
    family = training_costs[training_costs["training_id"].isin(names)]
    family = family.sort_values("params_total_b")
    return scenarios.family_shares(family, "llama-3.1-405b")


def _span(values):
    """Lowest to highest of a column of exponents.

    >>> _span(pd.Series([0.38, 0.62]))
    '0.38 to 0.62'
    """
    return f"{values.min():.2f} to {values.max():.2f}"


def _signed(values):
    return f"{values.min():+.2f} to {values.max():+.2f}".replace("-", "−")


def _computed(claim, verdict, number, reason, section):
    return Verdict(claim, verdict, number, reason, "computed", section)


def _argued(claim, reason, section):
    return Verdict(claim, "cannot be tested", "", reason, "argued", section)
