"""Promise: every chapter is executed, clean, and follows one pattern."""

import copy
import re

import nbformat
import pytest

from notebook_hygiene import cleaned
from support import NOTEBOOKS, ROOT

MAX_LINES = 15
TRACES = re.compile(
    r"\bat 0x[0-9a-f]+|Traceback|Warning\b|/(home|root|tmp|Users|work|opt)/|[A-Z]:\\\\"
)
PHONE_PX = 328  # width of the text column on a screen of 360 px


def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def figure_of(cell):
    return cell.metadata.get("mystnb", {}).get("figure")


def svg_of(cell):
    found = [o.data["image/svg+xml"] for o in cell.outputs if "image/svg+xml" in o.get("data", {})]
    return "".join(found[0]) if len(found) == 1 else None


def unexecuted(notebook):
    """What shows that a notebook was not run from top to bottom, as a list of findings."""
    cells = code(notebook)
    counts = [cell.execution_count for cell in cells]
    found = [] if counts == list(range(1, len(cells) + 1)) else [f"execution counts {counts}"]
    if not any(cell.outputs for cell in cells):
        found.append("no cell has an output")
    found += [f"no figure in {cell.id}" for cell in cells if figure_of(cell) and not svg_of(cell)]
    for cell in cells:
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"error or warning in {cell.id}")
    return found


pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def test_executed_from_top_to_bottom(path):
    assert unexecuted(read(path)) == []


def test_a_notebook_without_outputs_is_caught(path):
    """nbval passes a notebook that stores no outputs, so this check must not."""
    emptied = copy.deepcopy(read(path))
    for cell in code(emptied):
        cell.outputs, cell.execution_count = [], None
    assert len(unexecuted(emptied)) >= 2


def test_no_traces_of_a_machine(path):
    for cell in code(read(path)):
        for output in cell.outputs:
            text = str({k: v for k, v in output.get("data", {}).items() if "svg" not in k})
            assert not TRACES.search(text + str(output.get("text", ""))), cell.id


def test_is_clean(path):
    notebook = read(path)
    assert nbformat.writes(cleaned(copy.deepcopy(notebook))) == nbformat.writes(notebook), (
        "run tests/notebook_hygiene.py on it"
    )


def test_every_output_is_compared(path):
    """No cell may be exempt from the comparison of stored and recomputed outputs."""
    for cell in code(read(path)):
        assert "NBVAL" not in cell.source
        assert not [tag for tag in cell.metadata.get("tags", []) if tag.startswith("nbval")]


def test_cells_are_short_and_plain(path):
    for cell in code(read(path)):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MAX_LINES, f"{cell.id} has {len(lines)} lines: move code to a module"
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE), f"magic in {cell.id}"
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert not re.search(r"read_csv|open\(|to_csv|savefig", cell.source), "only datasets.load"
        loads = re.findall(r"\bload\(([^)]*)\)", cell.source)
        assert all(re.fullmatch(r"[\"']\w+[\"']", name) for name in loads), "load literal names"


def test_pattern_of_a_chapter(path):
    notebook = read(path)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^(#+) (.+)$", text, re.MULTILINE)
    assert [level for level, _ in headings].count("#") == 1
    sections = [title for level, title in headings if level == "##"]
    assert sections[0] == "Findings"
    assert sections[-3:] == ["How sure are we", "Verdicts", "Data"]
    findings = text.split("## Findings")[1].split("\n## ")[0]
    assert 3 <= len(re.findall(r"^[-*] ", findings, re.MULTILINE)) <= 6
    assert "{glue:text}" in findings and re.search(r"\bC\d\d\b", findings)
    assert 60 <= len(notebook.metadata.get("description", "")) <= 160


def test_figures_are_described(path):
    names = []
    for cell in code(read(path)):
        figure = figure_of(cell)
        if figure is None:
            assert svg_of(cell) is None, f"{cell.id} shows a figure without caption and alt text"
            continue
        names.append(figure["name"])
        alt = cell.metadata["mystnb"].get("image", {}).get("alt", "")
        assert figure["name"].startswith("fig-") and len(figure["caption"]) > 60
        assert figure["caption"].startswith("**"), "a caption opens with the answer, in bold"
        assert re.search(r"Data: ", figure["caption"]), "a caption ends with its data"
        assert 40 <= len(alt) <= 700 and not alt.endswith((".svg", ".png")), cell.id
        assert "hide-input" in cell.metadata.get("tags", []), cell.id
        assert any("text/csv" in o.get("data", {}) for o in cell.outputs), "show(fig, data=...)"
    assert len(names) == len(set(names))


def test_figures_can_be_read_on_a_phone(path):
    for cell in code(read(path)):
        svg = svg_of(cell)
        if svg:
            width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
            sizes = [float(s) * 100 for s in re.findall(r"scale\((0\.\d+) -0\.\d+\)", svg)]
            smallest = min(sizes) * PHONE_PX / width
            assert smallest >= 7.5, f"{cell.id}: smallest text is {smallest:.1f} px at 360 px"


def test_chapters_do_not_use_each_other(path):
    """Data flow one way: no chapter or module reads a notebook."""
    assert not any(".ipynb" in cell.source for cell in code(read(path)))
    for module in (ROOT / "notebooks/model_economics").rglob("*.py"):
        assert ".ipynb" not in module.read_text(encoding="utf-8"), module.name
