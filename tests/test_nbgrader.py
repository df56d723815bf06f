"""nbgrader works from the course's root, and gives the scores that `autograder grade` gives."""

import csv
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import nbformat
import pytest
from nbgrader.api import Gradebook
from running import COURSE, run, run_well
from screenshots import shoot

from autograder.course import assignment_names, find_assignment
from autograder.demo import solved

COMMENT = "Look at the last line of the cell: what does z multiply, and what does 1 - z?"
MISTAKES = ["update-gate-flipped", "hard-sigmoid", "state-not-carried"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course with a class of its own in `submitted/`, graded by nbgrader."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root)
    run_well("autograder", "demo", "--assignment=gru_cell", cwd=root)
    members = ["right-solution", "right-classes", "empty-release", *(f"mistake-{name}" for name in MISTAKES)]
    for student in members:
        shutil.copytree(root / "_build" / "demo" / "submitted" / student, root / "submitted" / student)
    for student, change in {
        "without-a-check": drop_check,
        "twice": double_answer,
        "as-text": answer_as_text,
        "written": answer_in_words,
        "cut": cut,
    }.items():
        notebook = solved(find_assignment(COURSE, "gru_cell"))
        change(notebook)
        folder = root / "submitted" / student / "gru_cell"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "gru_cell.ipynb")
    run_well("autograder", "exercises", "--check", cwd=root)
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=root)
    run_well("nbgrader", "autograde", "gru_cell", cwd=root)
    return root


def drop_check(notebook):
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != "gru_cell"]


def cut(notebook):
    """Only the first two tasks are left: the setup, the last task and the written question are gone."""
    gone = {"setup", "open", "gru_forward_answer", "gru_forward", "what_a_unit_does"}
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in gone]


def double_answer(notebook):
    """The last answer twice, first a wrong one: in a kernel the later one would count."""
    place = next(place for place, cell in enumerate(notebook.cells) if grade_id(cell) == "gru_forward_answer")
    wrong = nbformat.from_dict({**notebook.cells[place], "id": "another", "source": "gru_forward = None"})
    notebook.cells.insert(place, wrong)


def answer_as_text(notebook):
    for cell in notebook.cells:
        if grade_id(cell) == "sigmoid_answer":
            cell.cell_type = "markdown"
            del cell["outputs"], cell["execution_count"]


def answer_in_words(notebook):
    """A written answer that is no answer key: its picture is in the public guide."""
    cell = next(cell for cell in notebook.cells if grade_id(cell) == "what_a_unit_does")
    cell.source = "With z = 1 the unit takes what is new, and with z = 0 nothing happens. I am not sure what r does."


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


@pytest.fixture(scope="module")
def exported(course):
    """What `nbgrader export` says of each student."""
    run_well("nbgrader", "export", f"--to={course / 'grades.csv'}", cwd=course)
    with (course / "grades.csv").open(newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_both_give_the_same_scores(course, exported):
    run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)
    reports = [json.loads(path.read_text()) for path in (course / "grades" / "reports").glob("*/*.json")]
    assert {report["student"]: report["score"] for report in reports} == {
        student: float(row["score"]) for student, row in exported.items()
    }


def test_the_empty_release_scores_nothing(exported):
    assert float(exported["empty-release"]["score"]) == 0


@pytest.mark.parametrize("student", ["right-solution", "right-classes", "without-a-check", "twice", "as-text"])
def test_right_answers_score_full(exported, student):
    assert float(exported[student]["score"]) == 8


def test_what_is_left_of_a_cut_notebook_is_graded(exported):
    assert float(exported["cut"]["score"]) == 5


def test_the_written_question_waits_for_a_person(course):
    with gradebook(course) as book:
        grade = book.find_grade("what_a_unit_does", "gru_cell", "gru_cell", "right-solution")
        assert grade.needs_manual_grade
        assert grade.max_score == 2
        assert not book.find_grade("gru_cell", "gru_cell", "gru_cell", "right-solution").needs_manual_grade


def test_an_unanswered_written_question_scores_nothing(course):
    with gradebook(course) as book:
        assert book.find_grade("what_a_unit_does", "gru_cell", "gru_cell", "empty-release").auto_score == 0


def test_a_hand_given_mark_and_comment_survive_a_regrade(course):
    place = ("what_a_unit_does", "gru_cell", "gru_cell", "right-solution")
    with gradebook(course) as book:
        book.find_grade(*place).manual_score = 1.5
        book.find_comment(*place).manual_comment = "Say what happens to the candidate."
        book.db.commit()
    run_well("nbgrader", "autograde", "gru_cell", "--force", "--student=right-solution", cwd=course)
    with gradebook(course) as book:
        assert book.find_grade(*place).manual_score == 1.5
        assert book.find_comment(*place).manual_comment == "Say what happens to the candidate."
        assert book.find_submission("gru_cell", "right-solution").score == 9.5


def test_feedback_names_the_mistake_and_shows_no_check(course):
    run_well("nbgrader", "generate_feedback", "gru_cell", cwd=course)
    page = (course / "feedback" / "mistake-update-gate-flipped" / "gru_cell" / "gru_cell.html").read_text()
    assert "Your update gate is flipped" in page
    for secret in ("assert_agree", "random_cell", "solutions.reference", "BEGIN SOLUTION"):
        assert secret not in page


def test_no_kernel_is_started_and_no_cell_runs_in_nbgrader(course):
    """A cell that would write a file beside the notebook leaves no trace, and its other answers count."""
    folder = course / "submitted" / "writer" / "gru_cell"
    folder.mkdir(parents=True)
    notebook = solved(find_assignment(COURSE, "gru_cell"))
    trace = course / "trace"
    notebook.cells.append(nbformat.v4.new_code_cell(f"open({str(trace)!r}, 'w').write('here')"))
    nbformat.write(notebook, folder / "gru_cell.ipynb")
    run_well("nbgrader", "autograde", "gru_cell", "--student=writer", cwd=course)
    assert not trace.exists() or trace.read_text() == ""
    with gradebook(course) as book:
        assert book.find_submission("gru_cell", "writer").score == 8


def test_stock_nbgrader_would_not_give_a_wrong_answer_full_marks(tmp_path):
    """Where somebody runs nbgrader's own Execute, the check raises, and so costs the mark."""
    exercise = tmp_path / "gru_cell"
    shutil.copytree(COURSE / "exercises" / "gru_cell", exercise)
    code = "import autograder\ncheck = autograder.open('gru_cell')\nsigmoid = abs\ncheck('sigmoid')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=exercise,
        env={"NBGRADER_EXECUTION": "autograde"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "AssertionError" in done.stderr


def test_the_demo_class_is_there_until_there_is_another(tmp_path):
    """nbgrader_config looks at submitted/ where it exists, and else at the demo class."""
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    code = (
        "from traitlets.config import PyFileConfigLoader as L;"
        "c = L('nbgrader_config.py').load_config().CourseDirectory; print(c.submitted_directory, c.db_url)"
    )

    def settings():
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert settings()[0] == "_build/demo/submitted"
    (tmp_path / "submitted").mkdir()
    submitted, database = settings()
    assert submitted == "./submitted"
    assert database == f"sqlite:///{tmp_path}/gradebook.db"


def test_an_unreadable_notebook_stops_nobody_else(course):
    """nbgrader itself cannot read it and says so; the others of the same command are graded."""
    for student in ("broken", "zz-after"):
        (course / "submitted" / student / "gru_cell").mkdir(parents=True)
    (course / "submitted" / "broken" / "gru_cell" / "gru_cell.ipynb").write_text("{ not JSON")
    right = course / "submitted" / "right-solution" / "gru_cell" / "gru_cell.ipynb"
    shutil.copy(right, course / "submitted" / "zz-after" / "gru_cell" / "gru_cell.ipynb")
    done = run("nbgrader", "autograde", "gru_cell", cwd=course)
    assert done.returncode == 1
    with gradebook(course) as book:
        assert book.find_submission("gru_cell", "zz-after").score == 8
    shutil.rmtree(course / "submitted" / "broken")


@pytest.fixture(scope="module")
def server(course):
    """JupyterLab, started at the course's root as an instructor starts it; its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=word"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options],
        cwd=course,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(20)


def test_the_formgrader_knows_the_class(server):
    assignments = fetch(f"{server}/formgrader/api/assignments?token=word")
    known = dict.fromkeys(assignment_names(COURSE), 0)  # nbgrader knows the others by their source alone
    assert {each["name"]: each["max_score"] for each in assignments} == {**known, "gru_cell": 10.0}
    submissions = fetch(f"{server}/formgrader/api/submissions/gru_cell?token=word")
    scores = {each["student"]: each["code_score"] for each in submissions if each["autograded"]}
    assert scores["right-classes"] == 8
    assert scores["empty-release"] == 0


def test_a_person_marks_an_answer_in_the_formgrader(course, server, browser):
    """As the guide shows it: the menu, the class, an answer with its mark and comment.  The pictures are its own."""
    fetch(f"{server}/formgrader/api/assignments?token=word")
    tab = browser.new_page(viewport={"width": 1000, "height": 560})
    tab.goto(f"{server}/lab?token=word")
    tab.click("text=Nbgrader", timeout=60_000)
    tab.wait_for_selector("text=Formgrader")
    tab.wait_for_timeout(500)
    shoot(tab, "formgrader-menu", height=220)

    tab.goto(f"{server}/formgrader/gradebook/gru_cell/gru_cell")
    tab.wait_for_selector("text=Submission #1")
    shoot(tab, "formgrader-class")

    with gradebook(course) as book:
        notebook = book.find_submission_notebook("gru_cell", "gru_cell", "written").id
    tab.goto(f"{server}/formgrader/submissions/{notebook}")
    tab.wait_for_selector("#what_a_unit_does.needs_manual_grade")
    comment = tab.locator("#what_a_unit_does-comment")
    for field, text in ((tab.locator("#what_a_unit_does"), "0.5"), (comment, COMMENT)):
        field.fill(text)
        with tab.expect_response(lambda reply: reply.request.method == "PUT"):
            tab.keyboard.press("Tab")
    comment.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    shoot(tab, "formgrader-answer")
    with gradebook(course) as book:
        place = ("what_a_unit_does", "gru_cell", "gru_cell", "written")
        assert book.find_grade(*place).manual_score == 0.5
        assert book.find_comment(*place).manual_comment == COMMENT


def fetch(address: str):
    """The JSON at an address, once its server is up."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(address) as reply:
                return json.load(reply)
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{address} did not answer")
