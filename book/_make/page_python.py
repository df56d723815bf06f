"""Python for the page: Pyodide, NumPy and the learner's half of autograder, as files that a worker in the page fetches.

Pyodide comes from npm, pinned with its hash in `package-lock.json`; NumPy from a wheel on PyPI, pinned with its hash in
`page_python.txt`.  Both are packed once, under `_build/page_python`.  The files are compressed here, since not every
host compresses, and have an ending of their own, since some hosts take `.gz` for an encoding of theirs.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from . import node

ROOT = node.HERE.parent.parent
KEPT = node.KEPT.parent / "page_python"
PINNED = node.HERE / "page_python.txt"
PAGE = ROOT / "book" / "_page"
PACKED = ".packed"
DATE = (2026, 1, 1, 0, 0, 0)
PYODIDE = ("pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
# Nothing of the book asks for these parts of NumPy.
NOT_NEEDED = (
    *("/tests/", "/f2py/", "/distutils/", "/doc/", "/_pyinstaller/", "/typing/", "/include/", "/core/lib/"),
    *("_tests.cpython", "/_simd.", "/testing/_private/extbuild", "/lib/libnpymath"),
)
NOT_NEEDED_ENDINGS = (".pyi", ".a", "RECORD")
LICENCES = """\
Pyodide and its Python run here under the Mozilla Public License 2.0 and the Python Software Foundation License, NumPy
under the BSD 3-Clause License. Their sources: https://github.com/pyodide/pyodide, https://github.com/numpy/numpy.
"""


class NoPageError(Exception):
    """Python for the page cannot be had; the message says why."""


def add_page_python(site: Path, packages: Path, assignments: list[str]) -> None:
    """Put `py/` into the site: Python, and what the exercises of these assignments need.

    Raises `NoPageError` where the packages cannot be had.
    """
    folder = site / "py"
    shutil.copytree(packed(packages), folder)
    write_packed(folder / "course.zip", course_archive())
    for name in assignments:
        write_packed(folder / f"{name}.zip", cases_archive(name))
    (folder / "LICENCES.txt").write_text(LICENCES)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.glob(f"*{PACKED}"))}
    (folder / "files.json").write_text(json.dumps(sizes))


def packed(packages: Path) -> Path:
    """The folder of what never changes, made once for each version of its ingredients and of this file."""
    ingredients = (node.HERE / "package-lock.json", PINNED, Path(__file__))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in ingredients)).hexdigest()[:12]
    home = KEPT / digest
    if not home.is_dir():
        draft = KEPT / f"{digest}.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name in PYODIDE:
            write_packed(draft / name, (packages / "pyodide" / name).read_bytes())
        shutil.copy(packages / "pyodide" / "pyodide.js", draft)
        write_packed(draft / "numpy.zip", numpy_archive(download()))
        (draft / "pyodide-lock.json").write_text(lock(packages))
        draft.rename(home)
    return home


def write_packed(path: Path, content: bytes) -> None:
    path.with_name(path.name + PACKED).write_bytes(gzip.compress(content, 9, mtime=0))


def lock(packages: Path) -> str:
    """Pyodide's list of packages, without any: what the page loads it loads by itself."""
    whole = json.loads((packages / "pyodide" / "pyodide-lock.json").read_text())
    return json.dumps({"info": whole["info"], "packages": {}})


def download() -> bytes:
    """The wheel that carries NumPy, its hash checked by pip."""
    KEPT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(KEPT), "--requirement", str(PINNED)]
    done = subprocess.run(command, check=False, **node.QUIET)
    found = sorted(KEPT.glob("*.whl"))
    if done.returncode or not found:
        words = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise NoPageError(f"pip could not fetch NumPy for the browser ({words}).")
    return found[0].read_bytes()


def numpy_archive(wheel: bytes) -> bytes:
    """NumPy out of the wheel, as an archive that is not compressed: the whole file will be."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as outer:
        inner = next(name for name in outer.namelist() if "/static/numpy-" in name)
        content = outer.read(inner)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return stored(dict(numpy_files(archive)))


def numpy_files(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in archive.getmembers():
        _, inside, name = member.name.partition("site-packages/")
        wanted = not any(part in f"/{name}" for part in NOT_NEEDED) and not name.endswith(NOT_NEEDED_ENDINGS)
        if member.isfile() and inside and wanted:
            yield name, archive.extractfile(member).read()


def course_archive() -> bytes:
    """The learner's half of autograder, and Python's side of the exercises."""
    package = ROOT / "autograder"
    files = {"autograder/__init__.py": package / "__init__.py", "page.py": PAGE / "page.py"}
    files |= {f"autograder/learner/{path.name}": path for path in (package / "learner").glob("*.py")}
    return stored({name: path.read_bytes() for name, path in files.items()})


def cases_archive(assignment: str) -> bytes:
    """What the check of an assignment replays, as the learner receives it."""
    folder = ROOT / "exercises" / assignment
    found = (folder / name for name in ("cases.npz", "probes.py") if (folder / name).is_file())
    return stored({f"exercises/{assignment}/{path.name}": path.read_bytes() for path in found})


def stored(files: dict[str, bytes]) -> bytes:
    """A zip archive with fixed dates, so that the same files make the same archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, date_time=DATE), content)
    return made.getvalue()
