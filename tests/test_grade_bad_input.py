"""Whatever is handed in, the run goes on, and each submission ends in one status and a sentence.

One run of the command line over a class of bad submissions; then each test looks at what came of one of them.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import ctypes
import json
import os
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from running import COURSE, run

from autograder.cli import main
from autograder.course import find_assignment
from autograder.demo import answer_cells, solved
from autograder.names import as_cell, as_text
from autograder.report import STATUSES, page_path, report_path

ASSIGNMENT = find_assignment(COURSE, "gru_cell")
ALL, NONE = 8.0, 0.0
TASKS = ["sigmoid", "gru_cell", "gru_forward"]
KEY = "a secret of this class"
FORWARD = "def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):\n    "
# A submission writes to the grader by itself, and its text holds half of a character.
FORGED = """
import json, os, sys
from autograder.jail.inside.wire import HEAD, MAGIC
def gru_forward(*arguments):
    frame = sys._getframe()
    while type(frame.f_locals.get("frame")).__name__ != "Frame":
        frame = frame.f_back
    fields = [["value", 1], ["error", None], ["unsendable", "\\ud800"], ["changed", []], ["shares", []], ["warned", []]]
    number = frame.f_locals["frame"].number
    header = json.dumps({"kind": "answer", "number": number, "tree": {"dict": fields}, "arrays": []}).encode()
    os.write(3, HEAD.pack(MAGIC, len(header), 0) + header)
    os.read(3, 1)
"""


def text_of(notebook: dict) -> str:
    return json.dumps(notebook)


def right(**replaced: str) -> dict:
    """The right notebook, with other answers to some tasks."""
    return solved(ASSIGNMENT, replaced)


def with_own_cell(source: str, place: int = -1) -> dict:
    """The right notebook, with a cell that the learner has added."""
    notebook = right()
    cells = notebook.cells
    cells.insert(len(cells) if place < 0 else place, nbformat.v4.new_code_cell(source, id="own-cell"))
    return notebook


def with_cells(change: Callable[[list], list]) -> dict:
    notebook = right()
    notebook.cells = change(notebook.cells)
    return notebook


def without(*grade_ids: str) -> dict:
    """The right notebook, with these cells deleted."""
    return with_cells(
        lambda cells: [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in grade_ids]
    )


def without_sources() -> dict:
    notebook = right()
    for cell in notebook.cells:
        del cell["source"]
    return notebook


def twice(cells: list) -> list:
    """Each cell and its copy, as Jupyter makes one: another id and the same metadata."""
    copies = [copy.deepcopy(cell) for cell in cells]
    for cell in copies:
        cell["id"] += "-copy"
    return [each for pair in zip(cells, copies, strict=True) for each in pair]


def in_format_3() -> str:
    notebook = right()
    for cell in notebook.cells:
        cell.pop("id")
    notebook.nbformat_minor = 4
    return text_of(nbformat.convert(notebook, 3))


def with_magics() -> dict:
    """The right notebook, with a magic or a shell line at the head of each answer, and one within."""
    notebook = right()
    heads = ["%matplotlib inline\n", "!pip install numpy\n", "%%time\n# is this quick?\n"]
    for cell, head in zip(answer_cells(notebook), heads, strict=True):
        cell.source = f"{head}{cell.source}\nif True:\n    %timeit -n 1 sigmoid(0.0)  # is it?"
    return notebook


def with_plots() -> dict:
    """The right notebook, with a plot in the cell of an answer."""
    notebook = right()
    plot = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplt.show()\n"
    cell = answer_cells(notebook)[0]
    cell.source = plot + cell.source
    return notebook


# What lies in a student's folder in the place of a notebook.


def nothing(student: Path) -> None:
    student.mkdir()


def empty_folder(student: Path) -> None:
    (student / "gru_cell").mkdir(parents=True)


def a_file(student: Path) -> None:
    student.write_text("my homework")


def a_file_for_the_folder(student: Path) -> None:
    student.mkdir()
    (student / "gru_cell").write_text("my homework")


def another_name(student: Path) -> None:
    empty_folder(student)
    (student / "gru_cell" / "GRU cell (1).ipynb").write_text(text_of(right()))


def fifty_megabytes(student: Path) -> None:
    empty_folder(student)
    with (student / "gru_cell" / "gru_cell.ipynb").open("wb") as file:
        file.truncate(50 << 20)


def a_folder_for_the_notebook(student: Path) -> None:
    (student / "gru_cell" / "gru_cell.ipynb").mkdir(parents=True)


def a_pipe(student: Path) -> None:
    empty_folder(student)
    os.mkfifo(student / "gru_cell" / "gru_cell.ipynb")


def a_link(student: Path) -> None:
    empty_folder(student)
    (student / "gru_cell" / "gru_cell.ipynb").symlink_to(student.parent / "prints" / "gru_cell" / "gru_cell.ipynb")


def a_link_to_the_folder_of_another(student: Path) -> None:
    student.mkdir()
    (student / "gru_cell").symlink_to(student.parent / "prints" / "gru_cell")


def a_link_that_leads_nowhere(student: Path) -> None:
    empty_folder(student)
    (student / "gru_cell" / "gru_cell.ipynb").symlink_to("nowhere")


def a_device(student: Path) -> None:
    empty_folder(student)
    (student / "gru_cell" / "gru_cell.ipynb").symlink_to("/dev/zero")


# student: (what is handed in, status, score, a part of what is said where not all was scored)
UNREAD = {
    "nothing": (nothing, "missing", "The folder of nothing holds no folder gru_cell."),
    "empty-folder": (empty_folder, "missing", "holds no gru_cell.ipynb."),
    "a-file.ipynb": (a_file, "missing", "is a file; a folder named after the student is wanted."),
    "a-file-for-the-folder": (a_file_for_the_folder, "missing", "is a file; a folder with the notebook in it"),
    "another-name": (another_name, "missing", "There is GRU cell (1).ipynb; rename it."),
    "fifty-megabytes": (fifty_megabytes, "unreadable", "The notebook has 50 MB; at most 10 MB are read."),
    "a-folder-for-the-notebook": (a_folder_for_the_notebook, "unreadable", "something other than a file"),
    "a-pipe": (a_pipe, "unreadable", "something other than a file"),
    "a-link": (a_link, "unreadable", "it is a link, and a file is wanted"),
    "a-linked-folder": (a_link_to_the_folder_of_another, "missing", "is a link; a folder with the notebook in it"),
    "a-dangling-link": (a_link_that_leads_nowhere, "unreadable", "it is a link, and a file is wanted"),
    "a-device": (a_device, "unreadable", "it is a link, and a file is wanted"),
    "braces": (b"{}", "unreadable", "The file is JSON, but not a notebook"),
    "empty-file": (b"", "unreadable", "The notebook is an empty file."),
    "not-json": (b"def sigmoid(a): ...", "unreadable", "The notebook is not JSON"),
    "half-a-file": (text_of(right()).encode()[:2000], "unreadable", "The notebook is not JSON"),
    "latin-1": (text_of(right()).replace("GRU", "GRÜ").encode("latin-1"), "unreadable", "The notebook is not UTF-8"),
    "utf-16": (text_of(right()).encode("utf-16"), "unreadable", "The notebook is not UTF-8"),
    "no-notebook": (b'{"cells": []}', "unreadable", "The file is JSON, but not a notebook"),
    "format-5": (text_of(right() | {"nbformat": 5}), "unreadable", "The notebook is of format 5;"),
    "very-many-cells": (with_cells(lambda cells: cells * 500), "unreadable", "cells; "),
}
READ = {
    "format-3": (in_format_3(), ALL, ""),
    "byte-order-mark": (b"\xef\xbb\xbf" + text_of(right()).encode(), ALL, ""),
    "one-large-cell": (with_own_cell("#" * (9 << 20)), ALL, ""),
    "no-cells": (with_cells(lambda _: []), NONE, "There is no function `sigmoid`."),
    "answers-deleted": (without(*(f"{task}_answer" for task in TASKS)), NONE, "There is no function `sigmoid`."),
    "setup-deleted": (without("setup"), ALL, ""),
    "checks-deleted": (without("open", *TASKS, "picture", "what_a_unit_does"), ALL, ""),
    "duplicated-cells": (with_cells(twice), ALL, ""),
    "other-function": (right(gru_forward="def forward(x): return x"), 5.0, "There is no function `gru_forward`."),
    "not-callable": (right(gru_forward="gru_forward = 3"), 5.0, "`gru_forward` is "),
    "syntax-error": (right(gru_forward="def gru_forward(x:\n"), 5.0, "A cell stopped with SyntaxError: "),
    "syntax-error-elsewhere": (with_own_cell("for in range(3)"), ALL, ""),
    "cells-without-sources": (without_sources(), NONE, "There is no function `sigmoid`."),
    "half-a-character": (with_own_cell("# \ud800"), ALL, ""),
    "raises-elsewhere": (with_own_cell("1 / 0", 0), ALL, ""),
    "leaves": (with_own_cell("raise SystemExit", 0), ALL, ""),
    "leaves-in-a-call": (right(gru_forward=f"{FORWARD}raise SystemExit('bye')"), 5.0, "It raised SystemExit: bye."),
    "recursion": (right(gru_forward=f"{FORWARD}return gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh)"), 5.0, "Recursion"),
    "prints": (with_own_cell("for _ in range(100): print('x' * 10**5)"), ALL, ""),
    "prints-in-a-call": (
        right(gru_forward=f"{FORWARD}print('x' * 10**7); return h0"),
        *(5.0, "The result has shape "),
    ),
    "patches-numpy": (with_own_cell("np.exp = np.tanh = lambda a: 0 * a", 2), NONE, "First difference"),
    "magics": (with_magics(), ALL, ""),
    "plots": (with_plots(), ALL, ""),
    "Zoë O'Neil": (right(), ALL, ""),
    "<script>alert('x')<\\script> & \"more\"": (right(), ALL, ""),
    "50% #1?": (right(), ALL, ""),
    "javascript:alert(1)": (right(), ALL, ""),
    "--help": (right(), ALL, ""),
    "two\nlines": (right(), ALL, ""),
    "ana": (right(), ALL, ""),
    "Ana": (right(gru_forward="def forward(x): return x"), 5.0, "There is no function `gru_forward`."),
    "zoë": (right(), ALL, ""),
    "zoe\u0308": (right(gru_forward="def forward(x): return x"), 5.0, "There is no function `gru_forward`."),
    '=HYPERLINK("http:--example.org")': (right(), ALL, ""),
    "aux.": (right(), ALL, ""),
    "a" * 255: (right(), ALL, ""),
    "\u202erolf \N{PILE OF POO}": (right(), ALL, ""),
    os.fsdecode(b"caf\xe9"): (right(), ALL, ""),
}
# student: (what is handed in, the submission's status, score, the status of gru_forward, a part of what is said)
DIED = {
    "exits": (with_own_cell("import os; os._exit(0)"), "crash", NONE, "crash", "ended with exit code 0 before it had"),
    "exits-in-a-call": (
        right(gru_forward=f"{FORWARD}import os; os._exit(3)"),
        *("graded", 5.0, "crash", "Its process ended with exit code 3"),
    ),
    "forged": (right(gru_forward=FORGED), "graded", 5.0, "crash", "sent what no sound process sends"),
    "memory": (
        right(gru_forward=f"{FORWARD}return np.ones(10**10)"),
        *("graded", 5.0, "memory", "It used more memory than a submission may have."),
    ),
    "memory-in-a-cell": (with_own_cell("everything = bytearray(10**10)", 2), "graded", ALL, "graded", ""),
    "endless-cell": (with_own_cell("while True: pass"), "graded", ALL, "graded", ""),
    "loop": (
        right(gru_forward=f"{FORWARD}while True: pass"),
        *("graded", 5.0, "timeout", "It took too long and was stopped."),
    ),
}
EXPECTED = (
    {student: (status, NONE, status, words) for student, (_, status, words) in UNREAD.items()}
    | {student: ("graded", score, "graded", words) for student, (_, score, words) in READ.items()}
    | {student: tuple(told) for student, (_, *told) in DIED.items()}
)


def hand_in(submitted: Path, student: str, work: object) -> None:
    submitted.mkdir(exist_ok=True)
    if callable(work):
        work(submitted / student)
        return
    data = work if isinstance(work, bytes) else (work if isinstance(work, str) else text_of(work)).encode()
    (submitted / student / "gru_cell").mkdir(parents=True)
    (submitted / student / "gru_cell" / "gru_cell.ipynb").write_bytes(data)


class Run:
    """A run of `autograder grade`: how it ended, and what it wrote."""

    def __init__(self, folder: Path) -> None:
        self.out, self.scratch = folder / "grades", folder / "scratch"
        self.scratch.mkdir()
        with orphans_of() as left:
            self.done = run(
                *("autograder", "grade", folder / "submitted", "--out", self.out, "--jobs", 2),
                key=KEY,
                TMPDIR=str(self.scratch),
            )
        self.left = left

    def report(self, student: str) -> dict:
        return json.loads(report_path(self.out, student, "gru_cell").read_text())

    def page(self, student: str) -> str:
        return page_path(self.out, student, "gru_cell").read_text(encoding="utf-8")

    @cached_property
    def index(self) -> Page:
        return Page((self.out / "index.html").read_text(encoding="utf-8"))

    @cached_property
    def rows(self) -> list[dict]:
        with (self.out / "grades.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@contextlib.contextmanager
def orphans_of() -> Iterator[dict[int, str]]:
    """What the processes that are started in the block leave behind: its number and command, after a moment."""
    become_parent_of_orphans(True)
    before, left = children(), {}
    try:
        yield left
        for _ in range(50):
            found = {pid: command for pid, command in children().items() if pid not in before}
            if not found:
                return
            time.sleep(0.1)
        left |= found
    finally:
        become_parent_of_orphans(False)


def become_parent_of_orphans(wanted: bool) -> None:
    PR_SET_CHILD_SUBREAPER = 36
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) == 0


def children() -> dict[int, str]:
    """The processes whose parent this one is, and that have not ended."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *_ = (path / "stat").read_text().rpartition(")")[2].split()
            if int(parent) == os.getpid() and state != "Z":
                found[int(path.name)] = (path / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("bad")
    for student, (work, *_) in {**UNREAD, **READ, **DIED}.items():
        hand_in(folder / "submitted", student, work)
    (folder / "submitted" / ".hidden").mkdir()
    return Run(folder)


class Page(HTMLParser):
    """The links, the tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links, self.tags, self.text = {}, set(), ""
        self.link = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "a":
            self.link = dict(attrs)["href"]

    def handle_endtag(self, tag):
        if tag == "a":
            self.link = None

    def handle_data(self, data):
        self.text += data
        if self.link:
            self.links[data] = self.link


each_student = pytest.mark.parametrize("student", EXPECTED, ids=lambda name: ascii(name)[1:-1])


def test_the_run_succeeds(graded):
    assert graded.done.returncode == 0, graded.done.stderr
    assert "Traceback" not in graded.done.stderr + graded.done.stdout
    assert not (graded.out / "faults.txt").exists()


def test_it_says_how_many_there_were_and_where_to_look(graded):
    assert graded.done.stdout.startswith(f"{len(EXPECTED)} submissions: ")
    assert str(graded.out / "index.html") in graded.done.stdout
    assert f"Isolation level: {graded.report('nothing')['isolation']}." in graded.done.stdout


def test_every_entry_that_is_not_hidden_has_a_report(graded):
    reports = [json.loads(path.read_text()) for path in graded.out.glob("reports/*/gru_cell.json")]
    assert sorted(report["student"] for report in reports) == sorted(EXPECTED)


@each_student
def test_a_submission_has_its_status_and_score(graded, student):
    status, score, last, _ = EXPECTED[student]
    report = graded.report(student)
    said = [check["message"] for task in report["tasks"] for check in task["checks"] if not check["passed"]]
    assert (report["status"], report["score"], report["tasks"][-1]["status"]) == (status, score, last), said
    assert report["max_score"] == ALL


@each_student
def test_a_submission_that_lost_points_is_told_why(graded, student):
    words = EXPECTED[student][-1]
    report = graded.report(student)
    said = [check["message"] for task in report["tasks"] for check in task["checks"] if not check["passed"]]
    sentences = [report["message"]] if report["message"] else said
    assert any(words in sentence for sentence in sentences) or not words, sentences
    assert bool(sentences) == (report["score"] < ALL)
    assert all(sentence.strip().endswith((".", "?")) for sentence in sentences)


@each_student
def test_a_report_has_the_fields_of_its_schema(graded, student):
    report = graded.report(student)
    kinds = {"schema": int, "student": str, "assignment": str, "status": str, "score": float, "max_score": float}
    kinds |= {"tasks": list, "manual": list, "assignment_sha256": str, "grader_version": str, "key_id": str}
    kinds |= {"isolation": str, "device": str, "seconds": float, "submission_sha256": str | None}
    assert {name: type(report[name]) for name in kinds if not isinstance(report[name], kinds[name])} == {}
    assert report["student"] == student
    assert report["status"] in STATUSES
    assert [task["name"] for task in report["tasks"]] == TASKS
    assert report["manual"] == ["what_a_unit_does"]
    for task in report["tasks"]:
        assert {"name", "points", "max_points", "status", "mistake", "hint", "checks"} <= set(task)
        assert task["status"] in STATUSES
        assert task["points"] in (0, task["max_points"])
        assert all({"name", "passed", "message"} <= set(check) for check in task["checks"])


@each_student
def test_a_table_row_says_the_same(graded, student):
    (row,) = [row for row in graded.rows if row["student"] == as_cell(as_text(student))]
    report = graded.report(student)
    assert (row["status"], float(row["score"]), float(row["max_score"])) == (report["status"], report["score"], ALL)
    assert row["message"] == as_cell(report["message"] or "")


@each_student
def test_the_link_of_a_submission_leads_to_its_page(graded, student):
    link = graded.index.links[as_text(student)]
    assert not link.startswith(("/", "javascript:"))
    target = graded.out / unquote(link, errors="surrogateescape")
    assert target == page_path(graded.out, student, "gru_cell")
    assert target.is_file()


@each_student
def test_a_page_shows_the_name_and_obeys_none_of_it(graded, student):
    page = Page(graded.page(student))
    assert as_text(student) in page.text
    assert "script" not in page.tags
    assert "script" not in graded.index.tags


def test_a_syntax_error_is_told_with_its_line(graded):
    (message, *_) = [check["message"] for check in graded.report("syntax-error")["tasks"][-1]["checks"]]
    assert message.startswith("There is no function `gru_forward`. A cell stopped with SyntaxError: ")
    assert "`def gru_forward(x:`" in message


@pytest.mark.parametrize("student", ["other-function", "syntax-error", "leaves-in-a-call", "loop", "memory", "forged"])
def test_a_task_that_dies_costs_that_task_alone(graded, student):
    tasks = graded.report(student)["tasks"]
    assert [task["points"] for task in tasks] == [1, 4, 0]
    assert [task["status"] for task in tasks[:2]] == ["graded", "graded"]


def test_what_could_not_be_read_has_a_hash_where_there_was_a_file(graded):
    assert len(graded.report("not-json")["submission_sha256"]) == 64
    assert graded.report("nothing")["submission_sha256"] is None


def test_no_process_of_the_run_is_left(graded):
    assert graded.left == {}


def test_no_temporary_file_of_the_run_is_left(graded):
    assert list(graded.scratch.iterdir()) == []


def test_nothing_is_written_half(graded):
    assert not list(graded.out.rglob(".new-*"))


# The same work, key and code make the same report.


@pytest.fixture
def reports_with(tmp_path, monkeypatch, capsys):
    """Grades a part of the class with a key; the reports without the time that they took."""
    for student in ("format-3", "not-json", "patches-numpy", "syntax-error"):
        hand_in(tmp_path / "submitted", student, {**UNREAD, **READ}[student][0])

    def grade(key: str) -> dict[str, dict]:
        monkeypatch.setenv("AUTOGRADER_KEY", key)
        assert main(["grade", str(tmp_path / "submitted"), "--out", str(tmp_path), "--jobs", "1"]) == 0
        reports = {path.parent.name: json.loads(path.read_text()) for path in tmp_path.glob("reports/*/*.json")}
        assert all(report.pop("seconds") >= 0 for report in reports.values())
        return reports

    return grade


def test_the_same_key_makes_the_same_reports_whoever_else_is_in_the_class(graded, reports_with):
    again = reports_with(KEY)
    assert len(again) == 4
    for student, report in again.items():
        first = graded.report(student)
        assert {**first, "seconds": 0} == {**report, "seconds": 0}
    assert KEY not in json.dumps(again)


def test_another_key_draws_other_inputs(graded, reports_with):
    first, other = graded.report("patches-numpy"), reports_with("another secret")["patches-numpy"]
    assert first["key_id"] != other["key_id"]
    assert first["score"] == other["score"]
    messages = [[check["message"] for check in report["tasks"][0]["checks"]] for report in (first, other)]
    assert messages[0] != messages[1]


# A command that makes no sense.


@pytest.fixture
def handed_in(tmp_path) -> Path:
    hand_in(tmp_path / "submitted", "ada", right())
    return tmp_path / "submitted"


def refused(capsys, *arguments: object) -> str:
    """What is said of a command that ends with exit code 2."""
    try:
        code = main(["grade", *map(str, arguments)])
    except SystemExit as stop:  # argparse says it so
        code = stop.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err.strip()


def test_no_such_folder(capsys, tmp_path):
    said = refused(capsys, tmp_path / "none", "--out", tmp_path / "out")
    assert said == f"{tmp_path}/none is not a folder. It should hold <student>/<assignment>/<assignment>.ipynb."


def test_a_file_in_the_place_of_the_folder(capsys, handed_in, tmp_path):
    notebook = handed_in / "ada" / "gru_cell" / "gru_cell.ipynb"
    assert "gru_cell.ipynb is not a folder." in refused(capsys, notebook, "--out", tmp_path / "out")


def test_an_unknown_assignment(capsys, handed_in, tmp_path):
    said = refused(capsys, handed_in, "--out", tmp_path / "out", "--assignment", "nonsense")
    assert said.startswith("This course has no assignment 'nonsense'. It has: ")


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_processes_that_is_none(capsys, handed_in, tmp_path, jobs):
    said = refused(capsys, handed_in, "--out", tmp_path / "out", f"--jobs={jobs}")
    assert said.endswith(f"'{jobs}' is not a number of processes; give 1 or more")


@pytest.mark.parametrize("below", ["", "below", "far/below"])
def test_a_file_where_the_grades_should_go(capsys, handed_in, tmp_path, below):
    (tmp_path / "file").write_text("mine")
    said = refused(capsys, handed_in, "--out", tmp_path / "file" / below)
    assert str(tmp_path / "file") in said
    assert said.endswith(".")
    assert (tmp_path / "file").read_text() == "mine"


def test_nowhere_for_the_grades_to_go(capsys, handed_in):
    assert "--out" in refused(capsys, handed_in)


def test_nothing_handed_in(capsys, tmp_path):
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    said = refused(capsys, tmp_path / "submitted", "--out", tmp_path / "out")
    assert said.startswith(f"Nobody in {tmp_path}/submitted has handed in any of this course's assignments")
    assert not (tmp_path / "out").exists()


def test_an_empty_folder(capsys, tmp_path):
    (tmp_path / "submitted").mkdir()
    said = refused(capsys, tmp_path / "submitted", "--out", tmp_path / "out", "--assignment", "gru_cell")
    assert f"{tmp_path}/submitted" in said
    assert said.endswith("It should hold <student>/<assignment>/<assignment>.ipynb.")


def test_a_course_that_is_none(capsys, handed_in, tmp_path):
    said = refused(capsys, handed_in, "--out", tmp_path / "out", "--course", handed_in)
    assert said == f"{handed_in} is no course: it has no folder solutions/."
