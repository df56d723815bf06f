"""`autograder doctor` sees what is missing, and says what to do."""

import json
import shutil

from running import COURSE, run

from autograder import doctor
from autograder.jail import levels


def found(course=COURSE, **environment) -> dict[str, dict]:
    """The worst finding of each kind, by its name."""
    told = run("autograder", "doctor", "--json", f"--course={course}", **environment)
    rank = [doctor.WELL, doctor.NOTE, doctor.PROBLEM]
    return {each["what"]: each for each in sorted(json.loads(told.stdout), key=lambda one: rank.index(one["state"]))}


def test_it_looks_at_what_a_course_needs():
    here = found()
    wanted = "Python packages isolation CUDA assignments nbgrader Formgrader gradebook room"
    assert set(wanted.split()) <= here.keys()
    assert [name for name, each in here.items() if each["state"] == doctor.PROBLEM] == []
    assert here["packages"]["said"].startswith("all "), "what is pinned is what is installed"


def test_a_course_with_little_is_told_what_to_do(tmp_path):
    """Neither made for learners, nor with what it pins, nor with a gradebook's place."""
    shutil.copytree(COURSE / "solutions" / "gru_cell", tmp_path / "solutions" / "gru_cell")
    (tmp_path / "requirements.txt").write_text("numpy==1.0.0\nno-such-package==1.0\n-e .\n")
    told = run("autograder", "doctor", cwd=tmp_path)
    assert told.returncode == 1
    for sentence in (
        "Not installed: no-such-package.",
        "numpy 2.4.6 (1.0.0 is pinned)",
        "Run: autograder exercises gru_cell",
        "has no nbgrader_config.py",
        "2 to mend before a class is graded here.",
    ):
        assert sentence in told.stdout


def test_a_level_that_does_not_hold_is_a_problem():
    """Asked for the best level where it does not hold, else for none that exists: either way grading would refuse."""
    impossible = "sealed" if levels.best_level() != "sealed" else "granite"
    isolation = found(AUTOGRADER_ISOLATION=impossible)["isolation"]
    assert isolation["state"] == doctor.PROBLEM
    assert impossible in isolation["advice"]


def test_a_password_is_not_shown(tmp_path):
    for name in ("solutions", "exercises"):
        (tmp_path / name).mkdir()
    address = "postgresql+psycopg://ana:secret@host/book"
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {address!r}\n")
    assert found(tmp_path)["gradebook"]["said"] == "postgresql+psycopg://ana:***@host/book"
