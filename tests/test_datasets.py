"""Promise: a table that breaks its description is refused with one clear error."""

import json
import re
import shutil

import pandas as pd
import pytest

from model_economics import datasets
from support import ROOT

GOOD = """price_id,seen_on,usd_per_hour,gpus,on_demand,source
lambda-2024,2024-07-27,3.49,8,true,known2024
aws-2024,2024-07-01,12.29,8,true,known2024
own-2026,,1.30,,false,known2024
"""
FIELDS = [
    {"name": "price_id", "type": "string", "constraints": {"required": True, "unique": True}},
    {"name": "seen_on", "type": "date"},
    {"name": "usd_per_hour", "type": "number", "constraints": {"required": True, "minimum": 0}},
    {"name": "gpus", "type": "integer"},
    {"name": "on_demand", "type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    {"name": "source", "type": "string", "constraints": {"required": True}},
]


@pytest.fixture
def root(tmp_path):
    """A project with one small table, ``rents``."""
    (tmp_path / "data").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "book/references.bib").write_text("@misc{known2024,\n title = {Known}\n}\n")
    schema = {"fields": FIELDS, "primaryKey": ["price_id"], "missingValues": [""]}
    resource = {"name": "rents", "path": "rents.csv", "schema": schema}
    package = {"name": "test", "resources": [resource]}
    (tmp_path / "data/datapackage.json").write_text(json.dumps(package))
    (tmp_path / "data/rents.csv").write_text(GOOD)
    return tmp_path


def test_load_returns_typed_columns(root):
    rents = datasets.load("rents", root)
    assert rents["usd_per_hour"].tolist() == [3.49, 12.29, 1.30]
    assert rents["seen_on"].iloc[0] == pd.Timestamp("2024-07-27")
    assert pd.isna(rents["seen_on"].iloc[2]) and pd.isna(rents["gpus"].iloc[2])
    assert rents["gpus"].dtype == "Int64" and rents["on_demand"].dtype == "boolean"


BAD = {
    "a letter in a number column": ("3.49", "3.4g", 2, "usd_per_hour", "3.4g", "number"),
    "a negative price": ("3.49", "-3.49", 2, "usd_per_hour", "-3.49", "minimum"),
    "not a number": ("3.49", "NaN", 2, "usd_per_hour", "NaN", "finite"),
    "a duplicated key": ("aws-2024", "lambda-2024", 3, "price_id", "lambda-2024", "same"),
    "an unknown source key": (",true,known2024", ",true,new2024", 2, "source", "new2024", "bib"),
    "an empty required cell": ("12.29", "", 3, "usd_per_hour", "", "required"),
    "a wrong date": ("2024-07-27", "2024-02-30", 2, "seen_on", "2024-02-30", "date"),
    "a date the wrong way round": ("2024-07-27", "27.07.2024", 2, "seen_on", "27.07.2024", "date"),
    "a missing column": ("usd_per_hour,", "", 1, "usd_per_hour", "None", "missing"),
    "a renamed column": ("gpus", "gpu_count", 1, "gpus", "None", "missing"),
    "half a unit": (",8,true", ",8.5,true", 2, "gpus", "8.5", "integer"),
    "a cell too many": ("8,true,known2024\n", "8,true,known2024,x\n", 2, "", "x", "extra"),
    "a row cut short": (
        "2024-07-01,12.29,8,true,known2024",
        "2024-07-01,12.29",
        3,
        "source",
        "",
        "required",
    ),
}


@pytest.mark.parametrize("case", BAD, ids=[case.replace(" ", "-") for case in BAD])
def test_bad_cell_is_named(root, case):
    old, new, row, column, value, rule = BAD[case]
    (root / "data/rents.csv").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(datasets.DataError) as caught:
        datasets.load("rents", root)
    message = str(caught.value)
    assert message.startswith(f"data/rents.csv, row {row}, column '{column}"), message
    assert value in message and rule in message, message
    assert "\n" not in message


def test_semicolons_are_named(root):
    (root / "data/rents.csv").write_text(GOOD.replace(",", ";"))
    with pytest.raises(datasets.DataError, match=r"row 1.*separated by commas"):
        datasets.load("rents", root)


def test_byte_order_mark_is_named(root):
    (root / "data/rents.csv").write_text(GOOD, encoding="utf-8-sig")
    with pytest.raises(datasets.DataError, match="byte-order mark"):
        datasets.load("rents", root)


def test_missing_file_is_named(root):
    (root / "data/rents.csv").unlink()
    with pytest.raises(datasets.DataError, match=r"data/rents\.csv.*missing"):
        datasets.load("rents", root)


def test_other_encoding_is_named(root):
    (root / "data/rents.csv").write_bytes(GOOD.replace("aws", "m\xfcnchen").encode("latin-1"))
    with pytest.raises(datasets.DataError, match=r"row 3.*UTF-8"):
        datasets.load("rents", root)


def test_a_mended_table_loads_again(root):
    path = root / "data/rents.csv"
    path.write_text(GOOD.replace("3.49", "x"))
    with pytest.raises(datasets.DataError):
        datasets.load("rents", root)
    path.write_text(GOOD)
    assert len(datasets.load("rents", root)) == 3


def test_unknown_table_lists_the_known_ones(root):
    with pytest.raises(KeyError, match=r"no table 'rent'.*rents"):
        datasets.load("rent", root)


def test_foreign_key_must_resolve(root):
    package = json.loads((root / "data/datapackage.json").read_text())
    fields = [{"name": "price_id", "type": "string"}]
    key = {"fields": ["price_id"], "reference": {"resource": "rents", "fields": ["price_id"]}}
    schema = {"fields": fields, "foreignKeys": [key]}
    package["resources"].append({"name": "used", "path": "used.csv", "schema": schema})
    (root / "data/datapackage.json").write_text(json.dumps(package))
    (root / "data/used.csv").write_text("price_id\naws-2024\n")
    assert len(datasets.load("used", root)) == 1
    (root / "data/used.csv").write_text("price_id\naws-2025\n")
    with pytest.raises(datasets.DataError, match=r"used\.csv, row 2.*aws-2025"):
        datasets.load("used", root)


@pytest.mark.parametrize("name", datasets.names())
def test_published_table_is_whole(name):
    """Every table of the report loads, and its description is fit to be read."""
    frame = datasets.load(name)
    resource = datasets.describe(name)
    assert len(frame) > 0
    assert resource["path"] == f"{name}.csv"
    assert resource["schema"].get("primaryKey"), "a table needs a key"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", resource["sourcesRead"])
    assert resource["title"] and len(resource["description"]) > 60
    assert resource["licenses"][0]["name"] and resource["licenses"][0]["title"]
    for field in resource["schema"]["fields"]:
        assert field.get("description"), f"{field['name']} has no description"
        assert field["type"] in ("string", "number", "integer", "boolean", "date", "year")
        if field["type"] in ("number", "integer"):
            assert "unit" in field, f"{field['name']}: a number has a unit, or '' for none"
    assert list(frame.columns) == [field["name"] for field in resource["schema"]["fields"]]


def test_every_csv_is_described():
    described = {datasets.describe(name)["path"] for name in datasets.names()}
    assert {path.name for path in (ROOT / "data").glob("*.csv")} == described


def test_every_source_is_used():
    """No orphan: each bibliography entry is a row's source or cited in the text."""
    cited = set()
    for name in datasets.names():
        cited |= datasets.source_keys(datasets.load(name))
    texts = [*(ROOT / "book").glob("*.md"), *(ROOT / "notebooks").rglob("*.ipynb")]
    for path in texts:
        text = path.read_text(encoding="utf-8")
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text):
            cited |= {key.strip() for key in keys.split(",")}
    assert datasets.sources() - cited == set()


def test_every_source_is_dated():
    """Each entry names author, title, year, an address or identifier, and the day it was read."""
    text = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=@)", text):
        if not entry.startswith("@"):
            continue
        key = re.match(r"@\w+\{([^,]+),", entry)[1]
        for field in ("author", "title", "year", "urldate"):
            assert re.search(rf"^\s*{field}\s*=", entry, re.MULTILINE), f"{key} has no {field}"
        assert re.search(r"^\s*(url|doi|eprint|howpublished)\s*=", entry, re.MULTILINE), key


def test_copy_of_the_data_is_enough(tmp_path):
    """``load`` needs only data/ and the bibliography, wherever they lie."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book/references.bib", tmp_path / "book")
    for name in datasets.names(tmp_path):
        datasets.check(name, tmp_path)
