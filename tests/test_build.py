"""Promise: a build is fresh, incremental, repeatable, and a failed one changes nothing."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from support import ROOT

PARTS = (
    "_config.yml",
    "Makefile",
    "CITATION.cff",
    "requirements.in",
    "requirements.txt",
    "requirements-test.txt",
    "book",
    "data",
)
# As from a shell: without what an outer `make test` tells the makes it starts.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
CHAPTER = """# A small chapter

The rent is {glue:text}`rent` USD an hour.
"""
CODE = """from model_economics import datasets, figures

claims = datasets.load("claims")
figures.glue_all({"rent": claims.loc[0, "claim_id"]})"""
OTHER = """# Another chapter

It uses no table."""


def notebook(text, *cells):
    new = nbformat.v4.new_notebook()
    new.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    new.metadata["description"] = "A chapter made by a test, to see what a build does with it."
    new.cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, cells)]
    return new


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with two small chapters, sharing this environment."""
    root = tmp_path_factory.mktemp("project")
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / part)
    shutil.copytree(ROOT / "notebooks/model_economics", root / "notebooks/model_economics")
    nbformat.write(notebook(CHAPTER, CODE), root / "notebooks/01_small.ipynb")
    nbformat.write(notebook(OTHER, "print(1 + 1)"), root / "notebooks/02_other.ipynb")
    (root / "book/index.md").write_text("---\ndescription: Front page.\n---\n# Front\n\nText.\n")
    (root / "book/references.md").write_text("# References\n\n```{bibliography}\n```\n")
    chapters = "".join(f"  - file: notebooks/{n}\n" for n in ("01_small", "02_other"))
    pages = "  - file: book/references\n  - glob: book/data/*\n"
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/index\nchapters:\n{chapters}{pages}"
    )
    (root / ".venv").mkdir()
    (root / ".venv/bin").symlink_to(sys.prefix + "/bin")
    for stamp in ("reader.stamp", "test.stamp"):
        (root / ".venv" / stamp).touch()
    return root


def make_book(root, *arguments):
    command = ["make", "book", *arguments]
    return subprocess.run(
        command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, timeout=900
    )


def page(root, name="01_small"):
    return (root / f"_build/html/notebooks/{name}.html").read_text(encoding="utf-8")


def digest(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_build_follows_its_sources(project):
    """One story, in order, since each step starts from the build before it."""
    done = make_book(project)
    assert done.returncode == 0, done.stderr
    assert "executing 2 of 2 notebooks" in done.stderr
    assert "The rent is" in page(project) and ">C01<" in page(project)
    first = digest(project / "_build/html")

    done = make_book(project)
    assert done.returncode == 0 and "executing" not in done.stderr, done.stderr
    assert digest(project / "_build/html") == first

    # A changed cell of a table runs the chapter that loads the table, and no other.
    table = project / "data/claims.csv"
    before = table.read_text(encoding="utf-8")
    table.write_text(before.replace("\nC01,", "\nC98,", 1), encoding="utf-8")
    done = make_book(project)
    assert done.returncode == 0, done.stderr
    assert "executing 1 of 2 notebooks: notebooks/01_small" in done.stderr
    assert ">C98<" in page(project)
    assert "C98" in (project / "_build/html/book/data/claims.html").read_text(encoding="utf-8")
    table.write_text(before, encoding="utf-8")

    # A changed library function runs all chapters.
    module = project / "notebooks/model_economics/figures.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    done = make_book(project)
    assert done.returncode == 0 and "executing 2 of 2 notebooks" in done.stderr, done.stderr
    assert ">C01<" in page(project)

    # A failing cell fails the build, is named, and leaves the last good site as it was.
    good = digest(project / "_build/html")
    chapter = project / "notebooks/02_other.ipynb"
    nbformat.write(notebook(OTHER, "price = -1\nassert price > 0, 'no price'"), chapter)
    done = make_book(project)
    assert done.returncode != 0
    assert "notebooks/02_other.ipynb, cell 2: AssertionError: no price" in done.stderr
    assert digest(project / "_build/html") == good

    # So does a broken table, and a reference that leads nowhere.
    nbformat.write(notebook(OTHER, "print(1 + 1)"), chapter)
    table.write_text(before.replace("\nC01,", "\nCxx,", 1), encoding="utf-8")
    done = make_book(project)
    assert done.returncode != 0 and "data/claims.csv, row 2, column 'claim_id'" in done.stderr
    assert "Traceback" not in done.stderr
    table.write_text(before, encoding="utf-8")
    nbformat.write(notebook(OTHER + " See {ref}`nowhere`.", "print(1 + 1)"), chapter)
    for _ in range(2):  # also when nothing else changed since
        done = make_book(project)
        assert done.returncode != 0 and "nowhere" in done.stderr
    assert digest(project / "_build/html") == good

    # From nothing again, the same sources give the same bytes.
    nbformat.write(notebook(OTHER, "print(1 + 1)"), chapter)
    assert make_book(project).returncode == 0
    built = digest(project / "_build/html")
    shutil.rmtree(project / "_build")
    assert make_book(project).returncode == 0
    again = digest(project / "_build/html")
    assert {k for k in built.keys() | again.keys() if built.get(k) != again.get(k)} == set()


def test_python_missing_is_one_line(tmp_path):
    """Neither a missing nor an old Python ends in a traceback."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-test.txt"):
        (tmp_path / name).write_text("")
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for python in ("no-such-python", str(old)):
        done = make_book(tmp_path, f"PYTHON={python}")
        said = [line for line in (done.stdout + done.stderr).splitlines() if "***" not in line]
        assert done.returncode != 0 and len(said) == 1, said
        assert "missing or older than 3.11" in said[0]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "no room on disk"),
        ("WARNING: Retrying: NewConnectionError: Temporary failure in name resolution", "network"),
    ],
)
def test_failed_install_is_one_line(tmp_path, log, said):
    """A stand-in for pip that fails as pip does without room or network."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    fake = tmp_path / ".venv/bin/python"
    fake.parent.mkdir(parents=True)
    fake.write_text(f'#!/bin/sh\necho "{log}" >&2\nexit 1\n')
    fake.chmod(0o755)
    done = make_book(tmp_path)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "***" not in line]
    assert done.returncode != 0 and len(lines) == 1 and said in lines[0], lines


def test_locks_name_no_address():
    for name in ("requirements.txt", "requirements-test.txt", "requirements-lab.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "--index" not in text and "--find-links" not in text
        packages = [line for line in text.splitlines() if line and line[0] not in "# -"]
        assert all("==" in line for line in packages)
        assert text.count("--hash=sha256:") >= len(packages)


def test_lock_serves_all_systems():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "jupyter-book==1.0.4.post1" in text
    assert "sys_platform == 'win32'" in text, "compiled for one system only"


def test_library_files_are_read_in_one_place():
    """Only ``datasets`` touches files (figures reads its own style)."""
    for module in (ROOT / "notebooks/model_economics").rglob("*.py"):
        if module.name not in ("datasets.py", "figures.py"):
            text = module.read_text(encoding="utf-8")
            assert "open(" not in text and "read_csv" not in text and "Path(" not in text, module


def test_descriptions_are_plain_json():
    text = (ROOT / "data/datapackage.json").read_text(encoding="utf-8")
    package = json.loads(text)
    assert text == json.dumps(package, indent=1, ensure_ascii=False) + "\n", "indent with one space"
    names = [resource["name"] for resource in package["resources"]]
    assert names == sorted(names)
