"""Load and check the report's tables; the only module that reads files.

Each table is a CSV in ``data/``, described column by column in ``data/datapackage.json``
(a Frictionless data package). Frictionless checks types, constraints, keys and references
between tables; the checks it does not have (delimiter, byte-order mark, sources that are in
the bibliography) are added here.
"""

import csv
import functools
import json
import re
import warnings
from pathlib import Path

import pandas as pd

with warnings.catch_warnings():
    # Frictionless imports optional parsers that announce their own deprecations.
    warnings.simplefilter("ignore", DeprecationWarning)
    import frictionless

ROOT = Path(__file__).resolve().parents[2]
DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}
SOURCE_COLUMNS = ("source", "other_sources")


class DataError(ValueError):
    """A table breaks its description; names file, row, column, value and rule."""


def load(name, root=ROOT):
    """Return table ``name`` as a typed DataFrame, after checking every cell.

    name : name of a resource in ``data/datapackage.json``, for example "serving_cases"
    root : folder that holds ``data/`` and ``book/references.bib``

    Numbers are float64, integers Int64, booleans boolean, dates datetime64 and the rest str;
    an empty cell is missing. Raises DataError for the first rule that a cell breaks, and
    KeyError where no such table is described.

    >>> load("claims").loc[0, "claim_id"]
    'C01'
    """
    check(name, root)
    resource = describe(name, root)
    frame = pd.read_csv(Path(root, "data", resource["path"]), dtype="str", encoding="utf-8")
    for field in resource["schema"]["fields"]:
        column, kind = field["name"], field["type"]
        if kind == "date":
            frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
        elif kind == "boolean":
            frame[column] = frame[column].map({"true": True, "false": False}).astype("boolean")
        elif kind in ("number", "integer", "year"):
            frame[column] = pd.to_numeric(frame[column]).astype(DTYPES.get(kind, "Int64"))
    return frame


def names(root=ROOT):
    """Names of all described tables, in the order of ``datapackage.json``."""
    return [resource["name"] for resource in _package(root)["resources"]]


def describe(name, root=ROOT):
    """Description of table ``name``: the resource of ``datapackage.json`` as a dict."""
    for resource in _package(root)["resources"]:
        if resource["name"] == name:
            return resource
    raise KeyError(f"data/datapackage.json describes no table {name!r}; it has {names(root)}")


def sources(root=ROOT):
    """Keys of all entries of ``book/references.bib``, as a set."""
    text = Path(root, "book", "references.bib").read_text(encoding="utf-8")
    return set(re.findall(r"^@\w+\{\s*([^,\s]+)\s*,", text, flags=re.MULTILINE))


def source_keys(frame):
    """All source keys that ``frame`` cites in its ``source`` and ``other_sources`` columns."""
    cited = [frame[c].dropna().str.split(r";\s*", regex=True) for c in SOURCE_COLUMNS if c in frame]
    return set(pd.concat(cited).explode()) if cited else set()


def check(name, root=ROOT):
    """Raise DataError for the first cell of table ``name`` that breaks its description."""
    resource = describe(name, root)
    path = Path(root, "data", resource["path"])
    stamps = tuple(
        (p.stat().st_mtime_ns, p.stat().st_size) if p.exists() else None
        for p in (path, Path(root, "data", "datapackage.json"), Path(root, "book/references.bib"))
    )
    _check(name, Path(root), stamps)


@functools.lru_cache(maxsize=256)
def _check(name, root, _stamps):
    """Check a table once for each state of its files."""
    resource = describe(name, root)
    path = root / "data" / resource["path"]
    _check_text(path, resource)
    _check_rows(path, resource, root)
    _check_cells(path, resource, root)


def _package(root):
    return json.loads(Path(root, "data", "datapackage.json").read_text(encoding="utf-8"))


def _fail(path, row, column, value, rule):
    raise DataError(f"data/{path.name}, row {row}, column {column!r}, value {value!r}: {rule}")


def _check_text(path, resource):
    """Reject what spreadsheets do to a CSV before any cell is read: encoding, mark, header."""
    if not path.exists():
        raise DataError(f"data/{path.name}: the file that datapackage.json describes is missing")
    raw = path.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf"):
        _fail(path, 1, "(file)", "U+FEFF", "the file must be UTF-8 without a byte-order mark")
    try:
        first = raw.decode("utf-8").splitlines()[0] if raw else ""
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        _fail(path, row, "(file)", f"byte {raw[error.start]:#x}", "the file must be UTF-8")
    expected = [field["name"] for field in resource["schema"]["fields"]]
    if ";" in first and "," not in first and len(expected) > 1:
        _fail(path, 1, "(header)", first[:60], "columns must be separated by commas")
    header = next(csv.reader([first]), [])
    for column in expected:
        if column not in header:
            _fail(path, 1, column, None, "the column is described but missing from the header")
    if header != expected:
        wrong = next((c for c, e in zip(header, expected, strict=False) if c != e), header[-1])
        _fail(path, 1, wrong, wrong, f"the header must read {','.join(expected)}")


def _check_cells(path, resource, root):
    """Types, constraints, primary and foreign keys, as Frictionless sees them."""
    package = frictionless.Package.from_descriptor(
        {"name": "one", "resources": _with_referenced(resource, root)},
        basepath=str(root / "data"),
    )
    report = package.get_resource(resource["name"]).validate(limit_errors=1)
    if report.valid:
        return
    errors = report.tasks[0].errors if report.tasks else report.errors
    error = errors[0].to_dict() if errors else report.errors[0].to_dict()
    cells = error.get("cells") or []
    number = error.get("fieldNumber")
    column = error.get("fieldName") or "(row)"
    value = error.get("cell", cells[number - 1] if number and number <= len(cells) else cells[:3])
    rule = error.get("note") or error["message"]
    if error["type"] == "type-error":
        kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        rule = f"the cell must hold a value of type {kinds[column]}"
    _fail(path, error.get("rowNumber", 1), column, value, rule)


def _with_referenced(resource, root):
    """The table and those its foreign keys point to, which Frictionless needs to follow them."""
    keys = resource["schema"].get("foreignKeys", [])
    wanted = [resource["name"], *(key["reference"]["resource"] for key in keys)]
    return [describe(name, root) for name in dict.fromkeys(wanted) if name]


def _check_rows(path, resource, root):
    """Numbers are finite, and every key of a source column is in the bibliography."""
    known = sources(root)
    numbers = [f["name"] for f in resource["schema"]["fields"] if f["type"] == "number"]
    with path.open(encoding="utf-8", newline="") as lines:
        for row, cells in enumerate(csv.DictReader(lines), start=2):
            for column in numbers:
                if re.fullmatch(r"[-+]?(nan|inf|infinity)", (cells[column] or "").lower()):
                    _fail(path, row, column, cells[column], "a number must be finite")
            for column in SOURCE_COLUMNS:
                for key in re.split(r";\s*", cells.get(column) or ""):
                    if key and key not in known:
                        _fail(path, row, column, key, "no such key in book/references.bib")
