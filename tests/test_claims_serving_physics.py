"""Verdicts of chapter 05: decided by the numbers, and in line with chapter 04."""

import inspect

import nbformat
import pandas as pd
import pytest

from model_economics import datasets
from model_economics.claims import serving_cost
from model_economics.claims import serving_physics as physics


def test_both_chapters_give_the_same_word():
    names = inspect.signature(serving_cost.verdicts).parameters
    first = {v.claim: v.verdict for v in serving_cost.verdicts(*map(datasets.load, names))}
    notebook = nbformat.read(datasets.ROOT / "notebooks" / "05_serving_physics.ipynb", 4)
    texts = [
        output["data"].get("text/markdown", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data"
    ]
    (table,) = [text for text in texts if ":name: tbl-ch05-verdicts" in text]
    rows = [line for line in table.splitlines() if line.startswith("| **C")]
    assert len(rows) == 8
    for row in rows:
        claim = row[4:7]
        assert f"[{first[claim]}]" in row, claim


@pytest.mark.parametrize(
    ("measured", "derived", "verdict"),
    [
        ([27.4, 29.4], 31, "holds with a caveat"),
        ([27.4, 50], 31, "partly"),
        ([60], 66, "not supported"),
    ],
)
def test_speed_of_one_request(measured, derived, verdict):
    assert physics.c40(measured, derived).verdict == verdict


@pytest.mark.parametrize(
    ("concurrency", "kept", "verdict"),
    [
        ([11.0, 12.0], [0.9, 0.8], "reproduced"),
        ([11.0, 19.0], [0.9, 0.5], "holds with a caveat"),
        ([11.0, None], [0.9, None], "partly"),
        ([None, None], [None, None], "not supported"),
    ],
)
def test_ten_fold(concurrency, kept, verdict):
    reached = pd.DataFrame({"concurrency": concurrency, "kept": kept}, dtype=float)
    assert physics.c41(reached).verdict == verdict


@pytest.mark.parametrize(
    ("full", "fast", "c42", "c43"),
    [
        (1.0, 1.6, "holds with a caveat", "partly"),
        (2.0, 3.0, "reproduced", "reproduced"),
        (1.0, 1.0, "not supported", "not supported"),
    ],
)
def test_reading_against_writing(full, fast, c42, c43):
    cost = [{"input_s": 1.0, "output_s": ratio} for ratio in (full, fast)]
    assert physics.c42(*cost).verdict == c42
    assert physics.c43(*cost).verdict == c43


def test_larger_models_cost_more_unless_sparse():
    cost = pd.DataFrame({"params_total_b": [1, 8, 70.0], "usd_per_mtok": [1, 2, 3.0]})
    assert physics.c35(cost).verdict == "reproduced"
    assert physics.c35(cost.assign(usd_per_mtok=[1, 3, 2.0])).verdict == "partly"


def test_node_total_and_speculation():
    assert physics.c47(3176, 6710, 19).verdict == "reproduced"
    assert physics.c47(1000, 6710, 19).verdict == "holds with a caveat"
    assert physics.c47(1000, 1500, 19).verdict == "not supported"
    assert physics.c46([268, 344]).verdict == "reproduced"
    assert physics.c46([200, 400]).verdict == "partly"
    gains = pd.DataFrame({"concurrency": [1, 256], "gain": [2.4, 1.0]})
    assert physics.c55(gains).verdict == "reproduced"
    assert physics.c55(gains.assign(gain=[2.4, 2.4])).verdict == "not supported"
