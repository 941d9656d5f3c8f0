"""Keep in a notebook what readers and tests need: code, text, outputs, and no machine's traces.

Run on files (``python tests/notebook_hygiene.py notebooks/*.ipynb``) it rewrites those that
need it and exits with 1 if any did, as pre-commit expects; ``make refresh`` uses it too.
"""

import sys
from pathlib import Path

import nbformat

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTEBOOK_KEYS = {"kernelspec", "description"}
CELL_KEYS = {"tags", "mystnb"}


def cleaned(notebook):
    """Return a notebook without stray metadata, its code cells counted from 1."""
    notebook.metadata = {k: v for k, v in notebook.metadata.items() if k in NOTEBOOK_KEYS}
    notebook.metadata["kernelspec"] = KERNEL
    count = 0
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in CELL_KEYS}
        if cell.cell_type == "code" and cell.source.strip():
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    return notebook


def main(paths):
    """Clean the notebooks at ``paths``; return how many were changed."""
    changed = 0
    for path in map(Path, paths):
        before = path.read_text(encoding="utf-8")
        after = nbformat.writes(cleaned(nbformat.reads(before, as_version=4))) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"cleaned {path}")
            changed += 1
    return changed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
