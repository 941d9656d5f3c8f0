"""All verdicts together: one for each of the seventy claims.

Rule: the chapter that a claim belongs to gives its verdict. Chapter 05 tests claims of chapter
04 again, by physics; its words must agree with theirs (a test holds them to it), and they are
not counted twice.
"""

import pandas as pd

from model_economics.claims import (
    VERDICTS,
    Verdict,
    badge,
    cnn_history,
    llm_sizes,
    perishable_models,
    serving_cost,
    who_wins,
)

# Each module's verdicts and the tables they take, in order.
MODULES = (
    (
        perishable_models.verdicts,
        "quality_prices token_prices model_lifetimes arena_reigns training_costs posts",
    ),
    (cnn_history.verdicts, "cnn_models cnn_transfer"),
    (llm_sizes.verdicts, "llm_models market_evidence"),
    (
        serving_cost.verdicts,
        "serving_cases token_prices gpu_prices workload_ratios traffic caching speculative",
    ),
    (
        who_wins.verdicts,
        "hosts_by_model gpu_prices training_costs elasticity ondevice providers posts",
    ),
)
CHAPTERS = {
    "01": "Are models perishable?",
    "02": "Image models",
    "03": "Language models",
    "04": "The serving sums",
    "06": "Who wins?",
    "07": "The references",
}
# What a claim advises, and how a reader who followed it fared; see ``advice``.
ADVICE = {
    "C11": "sell at once",
    "C12": "write off the old model",
    "C20": "build small",
    "C22": "aim at 7B to 70B",
    "C38": "leave large models alone",
    "C51": "rent a node and host the 405B",
    "C52": "plan for uneven traffic",
    "C62": "count on a barrier and a higher price",
    "C66": "count on safety",
}
# Advice that is the opposite of what another claim advises, and is judged by that claim.
OPPOSITE = {"C38": "C51"}
# The words that make a claim too strong, for those that the data do not support.
STRONG = {
    "C12": "almost nothing",
    "C14": "on the eve",
    "C27": "a factor of 100",
    "C38": "however one counts",
    "C66": "whatever happens",
}
FARED = {
    "reproduced": "right",
    "holds with a caveat": "right, on a condition",
    "partly": "half right",
    "not supported": "wrong",
    "cannot be tested": "open",
}
# How the opposite of an advice fared.
REVERSED = {
    "right": "wrong",
    "right, on a condition": "half right",
    "half right": "half right",
    "wrong": "right",
    "open": "open",
}


def gather(tables: dict) -> list[Verdict]:
    """All verdicts in order of claim, from tables by name.

    tables : dict of name to DataFrame, with all that MODULES names

    Raises ValueError where a table is missing or a claim has two verdicts.
    """
    wanted = {name for _, names in MODULES for name in names.split()}
    missing = sorted(wanted - set(tables))
    if missing:
        raise ValueError(f"tables are missing: {', '.join(missing)}")
    given = [v for verdicts, names in MODULES for v in verdicts(*map(tables.get, names.split()))]
    ids = [v.claim for v in given]
    twice = sorted({claim for claim in ids if ids.count(claim) > 1})
    if twice:
        raise ValueError(f"more than one verdict on {', '.join(twice)}")
    return sorted(given, key=lambda v: v.claim)


def frame(verdicts: list[Verdict], claims: pd.DataFrame) -> pd.DataFrame:
    """Scorecard as data: one row for each claim.

    verdicts : what ``gather`` returns
    claims : the table ``claims``

    Raises ValueError where claims and verdicts do not match one to one.
    """
    if [v.claim for v in verdicts] != sorted(claims["claim_id"]):
        without = sorted(set(claims["claim_id"]) ^ {v.claim for v in verdicts})
        raise ValueError(f"claims and verdicts differ: {', '.join(without) or 'order'}")
    given = pd.DataFrame(
        {
            "claim_id": [v.claim for v in verdicts],
            "verdict": [v.verdict for v in verdicts],
            "deciding_number": [v.number for v in verdicts],
            "reason": [v.reason for v in verdicts],
            "computed_or_argued": [v.kind for v in verdicts],
            "tested_in": [v.section for v in verdicts],
        }
    )
    columns = ["claim_id", "chapter", "speaker", "kind", "claim"]
    return claims[columns].merge(given, on="claim_id", validate="one_to_one")


def table(card: pd.DataFrame) -> pd.DataFrame:
    """Scorecard for ``figures.table``: claim, who says it and where it is tested, verdict, number.

    card : what ``frame`` returns
    """
    argued = card["deciding_number"].eq("")
    return pd.DataFrame(
        {
            "claim": "**" + card["claim_id"] + "** " + card["claim"],
            "who, where": "["
            + card["speaker"]
            + "]{.claim-speaker}, [chapter "
            + card["chapter"]
            + "]{.claim-chapter}, [test](#"
            + card["tested_in"]
            + ")",
            "verdict": card["verdict"].map(badge),
            "what decides": card["deciding_number"].mask(argued, card["reason"]),
        }
    )


def by_group(card: pd.DataFrame, column: str) -> pd.DataFrame:
    """Counts of verdicts by a column of the scorecard, in the order of the scale.

    card : what ``frame`` returns
    column : "chapter", "speaker", "kind" or "computed_or_argued"
    """
    counts = pd.crosstab(card[column], card["verdict"])
    return counts.reindex(columns=list(VERDICTS), fill_value=0)


def speaker_group(speaker: pd.Series) -> pd.Series:
    """Speakers in three groups: Jia, the article itself, and others.

    >>> speaker_group(pd.Series(["Jia, as reported", "article for Jia", "Musk"])).tolist()
    ['Jia', 'Jia', 'others']
    """
    group = speaker.where(speaker == "article", "others")
    return group.mask(speaker.str.contains("Jia"), "Jia")


def unsupported(card: pd.DataFrame) -> str:
    """The claims that are not supported, with the words that make them too strong.

    card : what ``frame`` returns
    """
    failed = card.loc[card["verdict"] == "not supported", "claim_id"]
    told = [f"{claim} (“{STRONG[claim]}”)" if claim in STRONG else claim for claim in failed]
    return ", ".join(told)


def advice(card: pd.DataFrame) -> pd.DataFrame:
    """How a reader fared who acted on the article's advice, by the verdict of the claim behind.

    card : what ``frame`` returns

    A claim that is not supported was wrong advice, even where another reason speaks for it. To
    leave large models alone is judged by whether hosting one pays: a sum that fails as worded
    ("however one counts") does not show that it pays under real traffic.
    """
    rows = card.set_index("claim_id").loc[[OPPOSITE.get(claim, claim) for claim in ADVICE]]
    fared = [
        REVERSED[FARED[verdict]] if claim in OPPOSITE else FARED[verdict]
        for claim, verdict in zip(ADVICE, rows["verdict"], strict=True)
    ]
    told = {c: f"{c}, judged by {OPPOSITE[c]}" if c in OPPOSITE else c for c in ADVICE}
    return pd.DataFrame(
        {
            "advice": [f"{text} ({told[claim]})" for claim, text in ADVICE.items()],
            "it was": fared,
            "because": rows["deciding_number"].to_numpy(),
        }
    )


def since(events: pd.DataFrame, *subjects: str) -> pd.DataFrame:
    """Events of some subjects for ``figures.table``, by date, with how sources differ.

    events : table ``events``
    subjects : values of its column subject
    """
    rows = events[events["subject"].isin(subjects)].sort_values("happened_on")
    forms = {"day": "%d %b %Y", "month": "%b %Y", "year": "%Y"}
    dates = [r.happened_on.strftime(forms[r.happened_on_precision]) for r in rows.itertuples()]
    dates = [date.lstrip("0").replace(" ", "\N{NO-BREAK SPACE}") for date in dates]
    numbers = rows["value"].map("{:,g}".format) + " " + rows["unit"].fillna("")
    said = rows["event"] + numbers.mask(rows["value"].isna(), "").map(
        lambda n: f": {n}" if n else ""
    )
    conflict = rows["conflict"].fillna("")
    return pd.DataFrame(
        {
            "date": dates,
            "what happened": said + " {cite:p}`" + rows["source"] + "`",
            "how sources differ": conflict,
        }
    )
