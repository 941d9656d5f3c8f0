"""Execute the notebooks whose outputs may have changed, in parallel.

Jupyter Book's own cache looks only at a notebook's code. Here a notebook is executed again
when its code, a table it loads, the shared library, the locked packages or Python changed.
"""

import hashlib
import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from sphinx.errors import ExtensionError

from model_economics import datasets

LOAD = re.compile(r"""\bload\(\s*["'](\w+)["']""")


def fingerprint(path, root):
    """Hash of all that the outputs of a notebook depend on."""
    notebook = nbformat.read(path, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    digest = hashlib.sha256(f"{sys.version_info[:2]}\n{code}".encode())
    for name in sorted(set(LOAD.findall(code))):
        resource = datasets.describe(name, root)
        digest.update(json.dumps(resource, sort_keys=True).encode())
        digest.update(Path(root, "data", resource["path"]).read_bytes())
    library = Path(root, "notebooks", "model_economics")
    shared = [p for p in library.rglob("*") if p.suffix in (".py", ".mplstyle")]
    for source in sorted([*shared, Path(root, "requirements.txt")]):
        if source.exists():
            digest.update(source.read_bytes())
    return digest.hexdigest()


def execute_stale(app):
    """Execute every notebook of the book whose fingerprint changed, in parallel."""
    cache_path = app.env.mystnb_config.execution_cache_path
    store = Path(cache_path, "fingerprints.json")
    cache = get_cache(cache_path)
    known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    documents = sorted(p.stem for p in Path(app.srcdir, "notebooks").glob("*.ipynb"))
    documents = [f"notebooks/{stem}" for stem in documents]
    site_map = app.config.external_site_map
    paths = {
        d: Path(app.srcdir, f"{d}.ipynb")
        for d in documents
        if d in site_map or f"{d}.ipynb" in site_map
    }
    prints = {document: fingerprint(path, app.srcdir) for document, path in paths.items()}
    stale = [
        d for d, path in paths.items() if prints[d] != known.get(d) or not _cached(cache, path)
    ]
    app.env.stale_notebooks = stale
    if not stale:
        return
    message = f"executing {len(stale)} of {len(paths)} notebooks: {', '.join(stale)}"
    print(message, file=sys.stderr, flush=True)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    timeout = app.config.nb_execution_timeout
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda d: _execute(paths[d], timeout), stale))
    for document, result in zip(stale, results, strict=True):
        if result.err is not None:
            raise ExtensionError(_failure(paths[document], result))
        record = _cached(cache, paths[document])
        if record is not None:
            cache.remove_cache(record.pk)
        seconds = {"execution_seconds": result.time}
        bundle = CacheBundleIn(result.nb, str(paths[document]), data=seconds)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        known[document] = prints[document]
    known = {document: known[document] for document in paths if document in known}
    store.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


def _execute(path, timeout):
    notebook = nbformat.read(path, as_version=4)
    quiet = ["--IPKernelApp.log_level=40"]  # it warns of TCP on the loopback interface
    return single_nb_execution(
        notebook, str(path.parent), timeout, allow_errors=False, extra_arguments=quiet
    )


def executed(env, path):
    """The notebook at ``path`` with the outputs of its last execution, or None."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    try:
        return cache.merge_match_into_notebook(nbformat.read(path, as_version=4))[1]
    except KeyError:
        return None


def _cached(cache, path):
    """The cache's record of a notebook's code, or None."""
    try:
        return cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None


def _failure(path, result):
    """One message that names notebook, cell and error."""
    for number, cell in enumerate(result.nb.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return (
                    f"notebooks/{path.name}, cell {number}: {output.ename}: {output.evalue}\n"
                    f"{cell.source}"
                )
    return f"notebooks/{path.name}: {result.err}"


def outdated(app, _env, _added, _changed, _removed):
    """Pages to read again: executed notebooks, and pages that paste their numbers."""
    stale = list(app.env.stale_notebooks)
    return stale + [d for d in app.env.found_docs if d.startswith("book/") and stale]
