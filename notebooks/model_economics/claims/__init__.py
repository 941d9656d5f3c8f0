"""Verdicts on the article's claims: one module for each chapter, one function for each claim.

A function ``cNN`` takes tables or numbers and returns a Verdict. Where a claim can be checked,
the numbers decide the verdict; where it cannot (an analogy, an opinion), the reason says why.
Chapters and scorecard show the same objects, so no verdict is typed twice.
"""

from dataclasses import dataclass

import pandas as pd

VERDICTS = (
    "reproduced",
    "holds with a caveat",
    "partly",
    "not supported",
    "cannot be tested",
)
KINDS = ("computed", "argued")


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of one claim.

    claim : id in ``data/claims.csv``, for example "C27"
    verdict : one of VERDICTS
    number : the number that decides, formatted with its unit; empty only for an argued verdict
    reason : one sentence
    kind : "computed" or "argued"
    section : label of the section that tests the claim, for example "ch02-googlenet"

    Raises ValueError where a part is missing or unknown.
    """

    claim: str
    verdict: str
    number: str
    reason: str
    kind: str
    section: str

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.claim}: verdict {self.verdict!r} is none of {VERDICTS}")
        if self.kind not in KINDS:
            raise ValueError(f"{self.claim}: kind {self.kind!r} is none of {KINDS}")
        if not self.reason or not self.section or (self.kind == "computed" and not self.number):
            raise ValueError(f"{self.claim}: reason, section and a computed number are needed")


def table(verdicts, claims):
    """Return a chapter's verdict table, ready for ``figures.table``.

    verdicts : list of Verdict
    claims : the table ``claims``, for the wording of each claim
    """
    wording = claims.set_index("claim_id")["claim"]
    return pd.DataFrame(
        {
            "claim": [f"**{v.claim}** {wording[v.claim]}" for v in verdicts],
            "verdict": [badge(v.verdict) for v in verdicts],
            "deciding number": [v.number for v in verdicts],
            "why": [f"{v.reason} ([section](#{v.section}))" for v in verdicts],
        }
    )


def badge(verdict):
    """MyST markup of a verdict's badge.

    >>> badge("not supported")
    '[not supported]{.verdict .verdict-not-supported}'
    """
    return f"[{verdict}]{{.verdict .verdict-{verdict.replace(' ', '-')}}}"


def counts(verdicts):
    """Number of verdicts of each kind, in the order of VERDICTS, as a Series."""
    given = pd.Series([v.verdict for v in verdicts], dtype="object")
    return given.value_counts().reindex(VERDICTS, fill_value=0)
