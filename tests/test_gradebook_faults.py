"""A gradebook that is locked, damaged, old, new, or about another version: a sentence, and nothing of it is lost."""

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from gradebooks import marks
from reports import graded
from running import COURSE, run_well
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.cli import main
from autograder.course import find_assignment
from autograder.release import write_source
from autograder.report import report_path

OLDER = """
ALTER TABLE student DROP COLUMN lms_user_id;
UPDATE alembic_version SET version_num = '167914646830';
"""  # what nbgrader 0.5 made, of what we need


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course whose gradebook knows gru_cell and nobody's work, and reports on three students."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(COURSE / "solutions" / "gru_cell", root / "solutions" / "gru_cell")
    shutil.copytree(COURSE / "exercises" / "gru_cell", root / "exercises" / "gru_cell")
    shutil.copy(COURSE / "nbgrader_config.py", root)
    (root / "submitted").mkdir()
    write_source(find_assignment(root, "gru_cell"))
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=root)
    for student in ("ana", "Ana", os.fsdecode(b"caf\xe9")):
        graded(root / "grades", student)
    return root


@pytest.fixture
def gradebook(course, tmp_path) -> Path:
    return Path(shutil.copy(course / "gradebook.db", tmp_path / "gradebook.db"))


@pytest.fixture
def enter(course, gradebook, capsys):
    """Runs `autograder import-gradebook`; its exit code and what it said."""

    def enter(out: Path = course / "grades", address: str = f"sqlite:///{gradebook}") -> tuple[int, str]:
        code = main(["import-gradebook", str(out), "--gradebook", address, "--course", str(course)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return enter


def statements(gradebook: Path, script: str) -> None:
    with contextlib.closing(sqlite3.connect(gradebook)) as book:
        book.executescript(script)


def test_names_that_differ_in_capitals_and_no_characters_are_students_of_their_own(enter, gradebook):
    assert enter()[0] == 0
    assert {place[0] for place in marks(f"sqlite:///{gradebook}")} == {"ana", "Ana", "caf\\udce9"}
    assert "0 of them changed" in enter()[1]


@pytest.mark.parametrize("script", [OLDER, "DROP TABLE alembic_version"])
def test_an_older_gradebook_is_left_as_it_is(enter, gradebook, script):
    statements(gradebook, script)
    before = gradebook.read_bytes()
    code, said = enter()
    assert code == 2
    assert "was made by an older nbgrader, and stays as it is" in said
    assert f"nbgrader db upgrade --CourseDirectory.db_url=sqlite:///{gradebook}" in said
    assert gradebook.read_bytes() == before


def test_an_older_gradebook_can_be_brought_up_to_date_as_it_says(enter, gradebook, course):
    statements(gradebook, OLDER)
    before = gradebook.read_bytes()
    command = enter()[1].strip().rpartition(": ")[2]
    run_well(*command.split(), cwd=course)
    (copy,) = gradebook.parent.glob("gradebook.db.*")
    assert copy.read_bytes() == before
    assert enter()[0] == 0


def test_a_newer_gradebook_is_left_as_it_is(enter, gradebook):
    statements(gradebook, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    before = gradebook.read_bytes()
    code, said = enter()
    assert code == 2
    assert "was made by a newer nbgrader than the one here" in said
    assert gradebook.read_bytes() == before


def test_what_is_no_gradebook_is_left_as_it_is(enter, tmp_path):
    (tmp_path / "notes.txt").write_text("my notes, and more of them than a database's head has bytes" * 20)
    code, said = enter(address=f"sqlite:///{tmp_path}/notes.txt")
    assert (code, "file is not a database" in said) == (2, True)
    assert (tmp_path / "notes.txt").read_text().startswith("my notes")
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE songs (name)")
    code, said = enter(address=f"sqlite:///{tmp_path}/other.db")
    assert (code, "is a database of something else" in said) == (2, True)


def test_a_damaged_gradebook_is_said(enter, gradebook):
    data = bytearray(gradebook.read_bytes())
    for page in range(2, len(data) // 4096):
        data[4096 * page : 4096 * page + 2000] = b"\xff" * 2000
    gradebook.write_bytes(data)
    code, said = enter()
    assert code == 2
    assert "Put a copy of the gradebook in its place." in said


def test_a_gradebook_that_may_not_be_written_to(enter, gradebook):
    code, said = enter(address=f"sqlite:///file:{gradebook}?mode=ro&uri=true")
    assert code == 2
    assert "attempt to write a readonly database. Give yourself the right to write the file" in said


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_gradebook_that_something_else_writes_for_longer_than_we_wait(enter, gradebook, journal):
    statements(gradebook, f"PRAGMA journal_mode = {journal}")
    address = f"sqlite:///{gradebook}?timeout=0.1"
    with contextlib.closing(sqlite3.connect(gradebook, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, said = enter(address=address)
        other.execute("ROLLBACK")
    assert code == 2
    assert "database is locked. Close what else uses it" in said
    assert enter(address=address)[0] == 0
    assert "0 of them changed" in enter()[1]


def test_a_disk_that_fills_up_while_grades_are_entered(enter, gradebook, course, tmp_path):
    pages = gradebook.stat().st_size // 4096
    statements(gradebook, "PRAGMA journal_mode = delete")
    out = tmp_path / "many"
    for number in range(40):
        graded(out, f"student-{number}")
    before = marks(f"sqlite:///{gradebook}")

    def small(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", small)
    try:
        code, said = enter(out)
    finally:
        event.remove(Engine, "connect", small)
    assert code == 2
    assert "database or disk is full. Free some space" in said
    assert marks(f"sqlite:///{gradebook}") == before
    assert enter(out)[0] == 0


def test_half_a_report_is_passed_over_and_said(enter, gradebook, course, tmp_path):
    out = Path(shutil.copytree(course / "grades", tmp_path / "grades"))
    path = report_path(out, "ana", "gru_cell")
    path.write_text(path.read_text()[:200])
    code, said = enter(out)
    assert code == 1
    assert f"{path} is no whole report, and was passed over." in said
    assert {place[0] for place in marks(f"sqlite:///{gradebook}")} == {"Ana", "caf\\udce9"}
