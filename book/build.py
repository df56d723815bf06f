"""Build the book: the site goes to _build/html.

Jupyter Book executes the pages and writes them to a staging folder, the steps in `_make/` make them light, and only
then does the new site take the old one's place.  A build that fails leaves the old site as it was, or none.

Outputs are kept: a page is executed again when its code, or a module of `solutions/` or `autograder/` that it imports,
has changed.  With nothing changed at all the command does nothing.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from _make import node
from _make.formulas import set_formulas
from _make.page_python import NoPageError, add_page_python
from _make.scripts import bundle_scripts, copy_scripts
from _make.slim import slim

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
SITE = BUILD / "html"
WORK = BUILD / "book"
DRAFT = WORK / "_build" / "html"
LOG = WORK / "build.log"
PASSED = WORK / "passed"
ENVIRONMENT = WORK / "_build" / ".doctrees" / "environment.pickle"
# Inside the site, so that the two can never disagree: what the site was made from.
RECORD = SITE / ".made-from"

JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
# A failed cell's report, and what the tools keep for themselves.
NOT_SITE = (".buildinfo*", "reports", "*webpack-macros.html")
HEAVY = (
    "The site is heavier than it could be, and its formulas are left to MathJax, which a browser fetches from the "
    "network: {reason}"
)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
LEVEL = r"(?:WARNING|ERROR|CRITICAL|SEVERE)"
COMPLAINT = re.compile(
    rf"(?P<file>{re.escape(str(ROOT))}.+?\.(?:md|yml|bib|py))(?::(?P<line>\d+))?: {LEVEL}: (?P<text>.*)$"
)
EXCEPTION = re.compile(r"^[\w.]*(?:Error|Exception)\b.*?: .")
EXERCISE = re.compile(r'data-task="(\w+)\.\w+"')
GENERAL = re.compile(rf"(?:^|\s){LEVEL}: (?P<text>.*)$")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="forget every kept output and execute all pages again")
    options = parser.parse_args(arguments)

    BUILD.mkdir(exist_ok=True)
    with (BUILD / "book.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at once would write over each other: the second waits
        return build(fresh=options.fresh)


def build(fresh: bool) -> int:
    """Build the site unless it is up to date; the exit code."""
    if fresh:
        shutil.rmtree(WORK, ignore_errors=True)
    made_from = inputs()
    if not fresh and RECORD.is_file() and RECORD.read_text() == made_from:
        print("The book is up to date: _build/html/index.html")
        return 0

    if not PASSED.is_file():
        # Sphinx takes a page that it has read for good, warnings and all. After a build that failed or was stopped it
        # has to read every page again.
        ENVIRONMENT.unlink(missing_ok=True)
    PASSED.unlink(missing_ok=True)
    problems = run_jupyter_book()
    if problems:
        return failed(problems)
    PASSED.touch()

    new = BUILD / "html.new"
    copy_site(DRAFT, new)
    problems, note = finish(new)
    if problems:
        shutil.rmtree(new)
        return failed(problems)
    if note:
        print(note)  # and no record: the next build tries again
    else:
        (new / RECORD.name).write_text(made_from)
    swap(new, SITE)
    print("The book is built: _build/html/index.html")
    return 0


def inputs() -> str:
    """A hash of every file that the site is made from, and of the Python that makes it."""
    files = [ROOT / name for name in ("_config.yml", "_toc.yml", "requirements.txt", "tests/flax_cells.json")]
    for folder in ("book", "solutions", "autograder", "benchmarks/results", "experiments/results"):
        files += (ROOT / folder).rglob("*")
    files += [path for path in (ROOT / "exercises").rglob("*") if path.suffix in (".npz", ".ipynb")]
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run_jupyter_book() -> list[str]:
    """Execute and render all pages into the staging folder; what went wrong, one sentence or more a problem."""
    WORK.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(DRAFT / "reports", ignore_errors=True)
    search = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(search),
        "MATPLOTLIBRC": str(ROOT / "book" / "matplotlibrc"),
        # The reader's own start-up files stay out of the kernels.
        "IPYTHONDIR": str(WORK / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "NO_COLOR": "1",
        # Small products gain nothing from threads, and a busy machine makes threads wait for each other.
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    }
    command = [*JUPYTER_BOOK, "build", str(ROOT), "--path-output", str(WORK), "-W", "-n", "--keep-going"]
    with LOG.open("w", encoding="utf-8") as log:
        done = subprocess.run(command, check=False, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    return complaints(LOG.read_text(encoding="utf-8", errors="replace")) if done.returncode else []


def complaints(log: str) -> list[str]:
    """The problems in Jupyter Book's log, in sentences."""
    found = []
    for line in ANSI.sub("", log).splitlines():
        if match := COMPLAINT.search(line):
            page = Path(match["file"]).relative_to(ROOT)
            where = f"{page}, line {match['line']}" if match["line"] else str(page)
            text = match["text"]
            if "Executing notebook failed" in text:
                found.append(f"{page}: {cell_error(page)}")
            elif "stderr was found" in text:
                cell = re.search(r"cell (\d+)", text)
                found.append(
                    f"{where}: cell {cell[1] if cell else ''} writes to standard error, a Python warning most likely. "
                    "Run the page's code to see it, and mend its cause."
                )
            else:
                found.append(f"{where}: {text}")
        elif match := GENERAL.search(line):
            found.append(match["text"])
    if not found:
        said = [line for line in ANSI.sub("", log).splitlines() if EXCEPTION.match(line)] or ["it gave no reason."]
        found.append(f"Jupyter Book stopped without naming a page: {said[0]}")
    return list(dict.fromkeys(found))


def cell_error(page: Path) -> str:
    """Which cell of a page failed, and with what error, from the report that the execution left."""
    report = DRAFT / "reports" / page.with_suffix(".err.log")
    if not report.is_file():
        return "a code cell failed, and left no report."
    text = ANSI.sub("", report.read_text(encoding="utf-8", errors="replace"))
    error = text.strip().splitlines()[-1]
    cell = re.search(r"following cell:\n-+\n(.*?)\n-+\n", text, re.DOTALL)
    if not cell:
        return f"its code did not run to the end: {error}"
    code = "\n".join(f"    {line}" for line in cell[1].strip().splitlines()[:8])
    return f"this code cell failed with {error}\n{code}\nMend the cell, or the module that it calls."


def failed(problems: list[str]) -> int:
    """Say what is wrong and what to do next."""
    print("The book was not built. What is wrong:\n", file=sys.stderr)
    for problem in problems:
        print(f"- {problem}", file=sys.stderr)
    kept = "The site in _build/html is the one of the last good build." if SITE.is_dir() else "There is no site yet."
    print(f"\n{kept} Mend the above and run `python book/build.py` again.", file=sys.stderr)
    if LOG.is_file():
        print(f"The whole log: {LOG.relative_to(ROOT)}", file=sys.stderr)
    return 1


def copy_site(draft: Path, site: Path) -> None:
    """Copy what Sphinx wrote, without what it keeps for itself and without pages that are no longer in the book."""
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(draft, site, ignore=shutil.ignore_patterns(*NOT_SITE))
    for page in (site / "book").rglob("*.html"):
        if not (ROOT / page.relative_to(site)).with_suffix(".md").is_file():
            page.unlink()
    (site / ".nojekyll").touch()  # GitHub Pages leaves out folders such as `_static` where this is missing


def finish(site: Path) -> tuple[list[str], str]:
    """What is done to the site after Jupyter Book: the problems, and a note where something cannot be had."""
    assignments = in_pages(site)
    copy_exercises(site)
    try:
        packages = node.packages()
    except node.NoNodeError as error:
        copy_scripts(site)
        return [], HEAVY.format(reason=error)
    steps = (set_formulas, bundle_scripts, slim)
    problems = [problem for step in steps for problem in step(site, packages)]
    try:
        if assignments:
            add_page_python(site, packages, assignments)
    except NoPageError as error:
        return problems, f"The exercises in the pages cannot run, and say so; the notebooks can: {error}"
    return problems, ""


def in_pages(site: Path) -> list[str]:
    """The assignments that a page has an exercise of."""
    pages = (page.read_text(encoding="utf-8") for page in sorted(site.rglob("*.html")))
    return sorted({name for page in pages for name in EXERCISE.findall(page)})


def copy_exercises(site: Path) -> None:
    """What learners receive: each notebook by itself, and all of it as one archive with the check."""
    notebooks = sorted((ROOT / "exercises").glob("*/*.ipynb"))
    for path in notebooks:
        folder = site / "exercises" / path.parent.name
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    if notebooks:
        from autograder.bundle import make_bundle

        make_bundle(ROOT, site / "gated.zip", site)


def swap(new: Path, site: Path) -> None:
    """Put the new site in the old one's place: at any moment there is a whole site, or for an instant none."""
    old = site.with_name(site.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
