"""Execute a page again when a project module that its code imports has changed.

Jupyter Book keeps a page's outputs as long as the page's own cells stay the same: it does not look into the modules
that they import.  This extension does.  A page's fingerprint is a hash of the project files that its cells import, and
that those import in turn, and of the versions of the installed packages among them.  Where the fingerprint is not the
one that the kept outputs were made with, they are dropped and the page is built anew.  A page that imports nothing
that changed keeps its outputs.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from jupyter_cache import get_cache
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

STORE = "fingerprints.json"


def imported_names(code: str, package: str = "") -> set[str]:
    """The dotted names that `code` imports; of `from a import b` both `a` and `a.b`, as b may be a module.

    package: the package that relative imports start from.  Lines of IPython magic are skipped.
    """
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return set()  # executing the page will say so, better
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def files_of(name: str, root: Path) -> Iterator[tuple[Path, str]]:
    """The files that importing `name` runs, each with the package that its relative imports start from."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        folder, package = root.joinpath(*parts[:depth]), ".".join(parts[:depth])
        if (folder / "__init__.py").is_file():
            yield folder / "__init__.py", package
        elif folder.with_suffix(".py").is_file():
            yield folder.with_suffix(".py"), package.rpartition(".")[0]


def imported_files(cells: Iterable[str], root: Path, packages: Iterable[str]) -> tuple[set[Path], set[str]]:
    """What the cells import, directly or not: the files of `packages` under root, and the other top-level names."""
    files: set[Path] = set()
    others: set[str] = set()
    waiting = set().union(*map(imported_names, cells))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        top = name.partition(".")[0]
        if top not in packages:
            others.add(top)
            continue
        for path, package in files_of(name, root):
            if path not in files:
                files.add(path)
                waiting |= imported_names(path.read_text(encoding="utf-8"), package) - seen
    return files, others


def fingerprint(cells: Iterable[str], root: Path, packages: Iterable[str], also: Iterable[str] = ()) -> str:
    """A hash of all that the cells' outputs depend on besides the cells.  also: further files under root,
    as patterns."""
    files, others = imported_files(cells, root, packages)
    digest = hashlib.sha256()
    for path in sorted(files.union(*(root.glob(pattern) for pattern in also))):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    for name in sorted(filter(None, others)):
        # not found: the standard library, or a distribution of another name
        with contextlib.suppress(metadata.PackageNotFoundError):
            digest.update(f"{name} {metadata.version(name)}\n".encode())
    return digest.hexdigest()


def code_cells(env: BuildEnvironment, docname: str) -> list[str] | None:
    """The sources of a page's code cells, or None for a page without a kernel."""
    path = env.doc2path(docname)
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None
    return [cell.source for cell in reader.read(text).cells if cell.cell_type == "code"]


def forget(cache_folder: Path, page: str) -> None:
    """Drop every output that the cache holds for a page, whichever of its past versions they were made from."""
    cache = get_cache(str(cache_folder))
    for record in cache.list_cache_records():
        if record.uri.endswith(f"/{page}"):
            cache.remove_cache(record.pk)


def pages_to_execute(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Sphinx asks which pages are out of date: those whose fingerprint is not the one on record."""
    root = Path(app.srcdir, app.config.reexecute_root).resolve()
    cache_folder = Path(env.mystnb_config.execution_cache_path)
    cache_folder.mkdir(parents=True, exist_ok=True)
    store = cache_folder / STORE
    old = json.loads(store.read_text()) if store.is_file() else {}
    new, stale = {}, []
    for docname in sorted(env.found_docs):
        cells = code_cells(env, docname)
        if not cells:
            continue
        also = [*app.config.reexecute_also, *app.config.reexecute_page_also.get(docname, [])]
        new[docname] = fingerprint(cells, root, app.config.reexecute_packages, also)
        if new[docname] != old.get(docname):
            forget(cache_folder, Path(env.doc2path(docname)).relative_to(app.srcdir).as_posix())
            stale.append(docname)
    store.write_text(json.dumps(new, indent=2) + "\n")
    return stale


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("reexecute_root", ".", "")
    app.add_config_value("reexecute_packages", [], "")
    app.add_config_value("reexecute_also", [], "")
    app.add_config_value("reexecute_page_also", {}, "")
    app.connect("env-get-outdated", pages_to_execute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
