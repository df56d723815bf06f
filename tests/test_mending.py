"""An assignment is mended in mid-term: old notebooks are graded, and what a person gave stays, through both doors."""

import csv
import json
import shutil

import nbformat
import pytest
from fixture_courses import FIXTURES
from gradebooks import marks
from nbgrader.api import Gradebook, Notebook
from running import COURSE, run, run_well

HAND_GIVEN = {"why": (1.5, "Say it shorter."), "thoughts": (1.0, None), "half": (2.5, None)}  # of ana
WRITTEN = {"double": "return x + x", "half": "return x / 2"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose one assignment is handed out, handed in, graded, in the gradebook and partly marked by hand."""
    root = tmp_path_factory.mktemp("mended")
    shutil.copytree(FIXTURES / "mended_course" / "solutions", root / "solutions")
    shutil.copy(COURSE / "nbgrader_config.py", root)
    (root / "solutions" / "reference").mkdir()
    run_well("autograder", "exercises", cwd=root)
    hand_in(root, "ana", WRITTEN, why="One undoes the other.", thoughts="Easy.")
    hand_in(root, "ben", {**WRITTEN, "double": "return x + 2"}, why="Who knows?")
    hand_in(root, "cem", {})
    run_well("nbgrader", "generate_assignment", "halves", "--force", cwd=root)
    run_well("autograder", "grade", "submitted", "--out", "grades", cwd=root)
    run_well("autograder", "import-gradebook", "grades", cwd=root)
    with Gradebook(address(root)) as book:
        for task, (mark, comment) in HAND_GIVEN.items():
            grade = book.find_grade(task, "halves", "halves", "ana")
            grade.manual_score, grade.needs_manual_grade = mark, False
            if comment:
                book.find_comment(task, "halves", "halves", "ana").manual_comment = comment
        book.db.commit()
    mend(root)
    stale = run("autograder", "grade", "submitted", "--out", "grades", cwd=root)
    assert (stale.returncode, "Run: autograder exercises halves" in stale.stderr) == (2, True)
    run_well("autograder", "exercises", cwd=root)
    shutil.copy(root / "gradebook.db", root / "before.db")
    return root


def hand_in(root, student, code, **words):
    """A notebook made from the release of today."""
    notebook = nbformat.read(root / "exercises" / "halves" / "halves.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        task = name.removesuffix("_answer")
        if task != name and task in code:
            cell.source = f"def {task}(x):\n    {code[task]}"
        if name in words:
            cell.source = words[name]
    folder = root / "submitted" / student / "halves"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "halves.ipynb")


def mend(root):
    for name in ("halves.py", "checks.py", "mistakes.py"):
        shutil.copy(FIXTURES / "mended_course" / "later" / name, root / "solutions" / "halves" / name)


def address(root, name="gradebook.db"):
    return f"sqlite:///{root / name}"


def cells(address):
    """What the gradebook knows of the assignment's cells."""
    with Gradebook(address) as book:
        notebook = book.db.query(Notebook).one()
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        source = {
            cell.name: (cell.cell_type, cell.locked, cell.source, cell.checksum) for cell in notebook.source_cells
        }
        return points, {cell.name for cell in notebook.solution_cells}, source


def grades(root, folder="grades"):
    with (root / folder / "grades.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def by_import(course):
    """Graded again and imported."""
    shutil.copy(course / "before.db", course / "gradebook.db")
    shutil.copytree(course / "grades", course / "old-grades")
    said = run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)
    refused = run("autograder", "import-gradebook", "grades", cwd=course)
    untouched = marks(address(course)) == marks(address(course, "before.db"))
    run_well("autograder", "mend-gradebook", "halves", "--drop", "half", cwd=course)
    outdated = run("autograder", "import-gradebook", "old-grades", cwd=course)
    assert outdated.returncode == 1
    assert "3 reports were left out: their assignment has other tasks or points now" in outdated.stderr
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    shutil.copy(course / "gradebook.db", course / "imported.db")
    return said, refused, untouched


def test_old_notebooks_are_graded_by_the_mended_assignment(course, by_import):
    rows = grades(course)
    assert {student: (float(row["score"]), float(row["max_score"])) for student, row in rows.items()} == {
        "ana": (4, 5),  # the sign of the check is mended; the new task she has not seen
        "ben": (0, 5),
        "cem": (0, 5),
    }
    assert rows["ben"]["mistakes"] == "double:plus_two"  # which was added to the catalogue
    assert rows["ana"]["waiting_for_a_person"] == "in_words;thoughts"


def test_the_instructor_is_told_whose_marks_changed(course, by_import):
    said, _, _ = by_import
    assert "3 submissions with other marks than before: 1 rose, 1 fell" in said
    with (course / "grades" / "changes.csv").open(newline="") as file:
        rows = {(row["student"], row["task"]): row for row in csv.DictReader(file)}
    double = rows["ana", "double"]
    assert (double["old_points"], double["new_points"], double["new_max_points"]) == ("0.0", "4.0", "4.0")
    assert (double["old_final_score"], double["new_final_score"]) == ("3.0", "4.0")
    assert double["why"] == "the task's points were changed; the assignment or its checks were changed"
    assert "no longer there" in rows["ben", "half"]["why"]
    assert "new" in rows["cem", "triple"]["why"]
    page = (course / "grades" / "changes.html").read_text()
    assert "3 submissions with other marks than before" in page
    assert "half: 3 of 3 points, now not there (the task is no longer there)." in " ".join(page.split())
    assert 'href="changes.html"' in (course / "grades" / "index.html").read_text()


def test_marks_of_a_task_that_is_gone_are_not_lost_without_a_word(course, by_import):
    _, refused, untouched = by_import
    assert refused.returncode == 2
    assert "mend-gradebook halves --drop half" in refused.stderr
    assert 'formerly=["half"]' in refused.stderr
    assert untouched
    with (course / "DROPPED_MARKS.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student"], row["task"], row["manual_score"]) == ("ana", "half", "2.5")


def test_hand_given_marks_stay_where_a_cell_is_renamed_or_worth_more(course, by_import):
    with Gradebook(address(course, "imported.db")) as book:
        place = ("halves", "halves", "ana")
        assert book.find_grade("in_words", *place).manual_score == 1.5
        assert book.find_comment("in_words", *place).manual_comment == "Say it shorter."
        assert book.find_grade("thoughts", *place).manual_score == 1.0
        assert book.find_submission("halves", "ana").score == 4 + 1.5 + 1
        assert book.find_assignment("halves").max_score == 4 + 1 + 2 + 3 + 1
        assert not book.find_grade("in_words", *place).needs_manual_grade
        assert book.find_grade("in_words", "halves", "halves", "ben").needs_manual_grade
        assert book.find_grade("next_question", *place).auto_score == 0


def test_nbgrader_itself_does_the_same(course, by_import):
    shutil.copy(course / "before.db", course / "gradebook.db")
    refused = run("nbgrader", "generate_assignment", "halves", "--force", cwd=course)
    assert refused.returncode == 1
    assert "mend-gradebook halves --drop half" in refused.stderr
    run_well("autograder", "mend-gradebook", "halves", "--drop", "half", cwd=course)
    run_well("nbgrader", "generate_assignment", "halves", "--force", cwd=course)
    run_well("nbgrader", "autograde", "halves", "--force", cwd=course)
    assert cells(address(course)) == cells(address(course, "imported.db"))
    ours, theirs = marks(address(course, "imported.db")), marks(address(course))
    person = {"in_words", "thoughts", "next_question"}
    told = {place for place in theirs if place[1] == "grade" or place[2] in person}
    hand_given = {("ana", "grade", "in_words"), ("ana", "grade", "thoughts")}  # nbgrader wants these looked at again
    assert {place: ours[place] for place in told - hand_given} == {place: theirs[place] for place in told - hand_given}
    assert all(ours[place][:2] == theirs[place][:2] for place in hand_given)


# dates that change in mid-term

DATES = """
[late]
per_day = 0.25
[assignments.halves]
due = 2026-10-12T12:00:00
"""


def test_a_changed_date_needs_no_new_grading(course, by_import):
    (course / "course.toml").write_text(DATES)
    stamp = course / "submitted" / "ana" / "halves" / "timestamp.txt"
    stamp.write_text("2026-10-12 12:00:01 UTC")
    said = run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)
    assert "3 of them were graded before" in said
    assert "1 submission with other marks than before: 0 rose, 1 fell" in said
    page = course / "grades" / "pages" / "ana" / "halves.html"
    assert "That takes 1 of 4 points and leaves 3." in page.read_text()
    row = grades(course)["ana"]
    assert (row["score"], row["late_penalty"], row["final_score"]) == ("4.0", "1.0", "3.0")
    assert (row["handed_in"], row["due"]) == ("2026-10-12T12:00:01+00:00", "2026-10-12T12:00:00+00:00")
    index = (course / "grades" / "index.html").read_text()
    assert "Late: 1, which takes 1 points in all. When 2 notebooks came is not known" in index

    (course / "course.toml").write_text(DATES + "[extensions.ana]\nhalves = 2026-10-13T12:00:00\n")
    said = run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)
    assert "3 of them were graded before" in said
    assert "1 rose, 0 fell" in said
    assert "course.toml was changed" in (course / "grades" / "changes.csv").read_text()
    assert "by the deadline of 2026-10-13 12:00 (UTC), an extension." in page.read_text()

    stamp.write_text("2026-10-14 12:00:01 UTC")  # and the notebook as it was
    said = run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)
    assert "3 of them were graded before" in said
    assert "handed in at another time" in (course / "grades" / "changes.csv").read_text()
    assert grades(course)["ana"]["final_score"] == "2.0"
    assert "other marks" not in run_well("autograder", "grade", "submitted", "--out", "grades", cwd=course)


def test_a_run_that_was_stopped_forgets_no_change(course, by_import, tmp_path):
    """The earlier report of what it had graded anew lies there still when it goes on."""
    shutil.copytree(course / "grades", tmp_path / "grades")
    report = tmp_path / "grades" / "reports" / "ben" / "halves.json"
    old = json.loads(report.read_text())
    old["tasks"][0] |= {"points": 4.0}
    before = tmp_path / "grades" / ".before" / "reports" / "ben" / "halves.json"
    before.parent.mkdir(parents=True)
    before.write_text(json.dumps({**old, "score": 4.0}))
    said = run_well("autograder", "grade", "submitted", "--out", tmp_path / "grades", cwd=course)
    assert "0 rose, 1 fell" in said
    assert "ben,halves,double,4.0,0.0" in (tmp_path / "grades" / "changes.csv").read_text()
    assert json.loads((tmp_path / "grades" / "before" / "reports" / "ben" / "halves.json").read_text())["score"] == 4
    assert "other marks" not in run_well("autograder", "grade", "submitted", "--out", tmp_path / "grades", cwd=course)


# a learner who has begun


def carried(course, folder, change=lambda notebook: None):
    """What `autograder carry` makes of ana's notebook, changed a little, and what it says."""
    old = nbformat.read(course / "submitted" / "ana" / "halves" / "halves.ipynb", as_version=4)
    change(old)
    nbformat.write(old, folder / "old.ipynb")
    shutil.copy(course / "exercises" / "halves" / "halves.ipynb", folder / "new.ipynb")
    before = (folder / "old.ipynb").read_bytes()
    said = run_well("autograder", "carry", "old.ipynb", "--into", "new.ipynb", cwd=folder)
    assert (folder / "old.ipynb").read_bytes() == before
    return nbformat.read(folder / "new.ipynb", as_version=4), said


def own_cell(notebook):
    place = [cell.id for cell in notebook.cells].index("double")
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell("double(np.ones(3))", id="mine"))


def test_a_learner_carries_work_into_the_mended_notebook(course, tmp_path):
    notebook, said = carried(course, tmp_path, own_cell)
    nbformat.validate(notebook)
    source = {cell.id: cell.source for cell in notebook.cells}
    ids = list(source)
    assert source["double-answer"].endswith("return x + x")
    assert source["in-words"] == "One undoes the other."  # which was called `why`
    assert source["thoughts"] == "Easy."
    assert "NotImplementedError" in source["triple-answer"]  # as it was handed out
    assert "THREE" in source["imports"]  # and not as it was in the old one
    assert ids.index("mine") == ids.index("double") + 1
    kept = notebook.cells[ids.index("half-answer")]
    assert kept.source.endswith("return x / 2")
    assert "nbgrader" not in kept.metadata
    assert "Carried 3 answers and 2 cells of your own" in said
    assert "half_answer is not asked any more" in said
    assert "double_answer: the exercise's own lines in this cell have changed" in said
    assert "Still to be written: triple_answer, next_question." in said


def test_carrying_twice_changes_nothing_and_never_overwrites(course, tmp_path):
    carried(course, tmp_path, own_cell)
    once = (tmp_path / "new.ipynb").read_bytes()
    run_well("autograder", "carry", "old.ipynb", "--into", "new.ipynb", cwd=tmp_path)
    assert (tmp_path / "new.ipynb").read_bytes() == once
    notebook = nbformat.read(tmp_path / "new.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id == "double-answer":
            cell.source = "double = better"
    nbformat.write(notebook, tmp_path / "new.ipynb")
    said = run_well("autograder", "carry", "old.ipynb", "--into", "new.ipynb", cwd=tmp_path)
    assert "double_answer is answered in both. The new notebook keeps its own." in said
    assert "double = better" in (tmp_path / "new.ipynb").read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "There is no notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": [1]}]}', "cannot be read as a"),
        ('{"nbformat": 4, "cells": []}', "they have no cell in common"),
    ],
)
def test_what_cannot_be_carried_is_said(course, tmp_path, text, why):
    shutil.copy(course / "exercises" / "halves" / "halves.ipynb", tmp_path / "new.ipynb")
    before = (tmp_path / "new.ipynb").read_bytes()
    if text is not None:
        (tmp_path / "old.ipynb").write_text(text)
    done = run("autograder", "carry", "old.ipynb", "--into", "new.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "new.ipynb").read_bytes() == before
