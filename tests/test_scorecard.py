"""Promise: every one of the seventy claims has exactly one verdict, and pages agree on it."""

import json
import re

import pandas as pd
import pytest

from model_economics import claims as claim_rules
from model_economics import datasets
from model_economics.claims import Verdict, scorecard
from support import NOTEBOOKS, ROOT, SITE, needs
from test_browser import address, browser, opened  # noqa: F401 (fixtures)

CLAIMS = datasets.load("claims")
TABLES = {name: datasets.load(name) for _, names in scorecard.MODULES for name in names.split()}
ROW = re.compile(r"\*\*(C\d\d)\*\*.*?\{\.verdict \.verdict-([\w-]+)\}")


@pytest.fixture(scope="module")
def verdicts():
    return scorecard.gather(TABLES)


@pytest.fixture(scope="module")
def card(verdicts):
    return scorecard.frame(verdicts, CLAIMS)


def shown(path):
    """Claims and verdicts in the verdict table that a notebook stores, as a dict."""
    text = ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            text += "".join(output.get("data", {}).get("text/markdown", ""))
    return {claim: word.replace("-", " ") for claim, word in ROW.findall(text)}


def test_seventy_claims_with_one_verdict_each(verdicts):
    assert [v.claim for v in verdicts] == [f"C{n:02d}" for n in range(1, 71)]
    assert claim_rules.counts(verdicts).sum() == 70


def test_every_verdict_is_traced_to_a_number_or_a_reason(verdicts):
    for v in verdicts:
        assert v.reason
        assert v.number if v.kind == "computed" else v.verdict == "cannot be tested"


def test_every_verdict_names_a_section_of_a_chapter(verdicts):
    text = "\n".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    labels = set(re.findall(r'"\(([\w-]+)\)=\\n', text))
    assert {v.section for v in verdicts} <= labels


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_chapters_and_scorecard_show_the_same_words(path, verdicts):
    """Chapter 05, which tests claims of chapter 04 again, included."""
    given = {v.claim: v.verdict for v in verdicts}
    found = shown(path)
    assert found
    assert found == {claim: given[claim] for claim in found}


def test_chapters_leave_no_claim_out():
    chapters = [path for path in NOTEBOOKS if not path.stem.startswith("07")]
    assert len(set().union(*(shown(path) for path in chapters))) == 70


def test_failed_claims_are_named_with_their_words(card):
    told = scorecard.unsupported(card)
    assert "C27 (“a factor of 100”)" in told
    assert told.count("C") == (card["verdict"] == "not supported").sum()


def test_two_verdicts_on_a_claim_are_refused(monkeypatch):
    twice = Verdict("C01", "partly", "1", "again", "computed", "ch01-delay")
    modules = (*scorecard.MODULES, (lambda posts: [twice], "posts"))
    monkeypatch.setattr(scorecard, "MODULES", modules)
    with pytest.raises(ValueError, match="more than one verdict on C01"):
        scorecard.gather(TABLES)


def test_a_missing_table_or_verdict_is_named(verdicts):
    with pytest.raises(ValueError, match="posts"):
        scorecard.gather({name: t for name, t in TABLES.items() if name != "posts"})
    with pytest.raises(ValueError, match="C70"):
        scorecard.frame(verdicts[:-1], CLAIMS)


def test_groups_count_every_claim(card):
    for column in ("chapter", "speaker", "kind", "computed_or_argued"):
        counts = scorecard.by_group(card, column)
        assert counts.to_numpy().sum() == 70
        assert list(counts.columns) == list(claim_rules.VERDICTS)


def test_advice_follows_its_claims(card):
    changed = card.assign(verdict="not supported")
    fared = scorecard.advice(changed).set_index("advice")["it was"]
    alone = "leave large models alone (C38, judged by C51)"
    assert set(fared.drop(alone)) == {"wrong"}
    assert fared[alone] == "right"
    assert scorecard.advice(card).set_index("advice").loc[alone, "it was"] == "half right"


def test_events_are_told_in_order_with_their_source():
    events = datasets.load("events")
    told = scorecard.since(events, *events["subject"].unique())
    assert len(told) == len(events)
    assert told["date"].iloc[-1].split() == ["24", "Nov", "2026"]
    for subject in events["subject"].unique():
        rows = scorecard.since(events, subject)
        assert rows["date"].str.fullmatch(r"(\d{1,2}\s)?([A-Z]\w\w\s)?\d{4}").all()
        assert rows["what happened"].str.contains(r"\{cite:p\}`[\w.-]+`$").all()
    assert isinstance(events["happened_on"].min(), pd.Timestamp)


def test_filter_of_the_scorecard(browser, address):  # noqa: F811
    """All rows stand without a script; with it, three menus choose among them."""
    page_name = "notebooks/07_scorecard.html"
    needs((SITE / page_name).exists(), "no built site: run `make book` first")
    assert (ROOT / "book" / "_static" / "scorecard.js").exists()
    url = f"{address}/{page_name}"
    plain, _ = opened(browser, url, java_script_enabled=True)
    total = plain.locator("#tbl-ch07-scorecard tbody tr, table#tbl-ch07-scorecard tbody tr")
    assert total.count() == 70
    page, wrong = opened(browser, url, viewport={"width": 360, "height": 800})
    rows = page.locator("tr:has(.claim-speaker):visible")
    assert rows.count() == 70
    page.get_by_label("verdict").select_option("not supported")
    failed = rows.count()
    assert 0 < failed < 10
    assert page.locator("output").inner_text() == f"{failed} of 70 claims"
    page.get_by_label("chapter").select_option("chapter 02")
    assert 0 < rows.count() < failed
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.querySelector('output').textContent.startsWith('70')")
    assert rows.count() == 70
    filtered, _ = opened(browser, f"{url}?verdict=partly")
    assert filtered.locator("tr:has(.claim-speaker):visible").count() < 70
    assert wrong == []
