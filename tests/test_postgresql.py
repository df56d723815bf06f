"""A gradebook on PostgreSQL: a real server, started here, for our import, our exports and nbgrader's own commands."""

import csv
import shutil

import gradebooks
import nbformat
import postgresql
import pytest
from graded import nothing, report, write
from nbgrader.api import Gradebook
from running import COURSE, run_well

from autograder.cli import main
from autograder.course import find_assignment
from autograder.demo import solved
from autograder.gradebook.address import with_driver
from autograder.gradebook.entering import gradebook_address
from autograder.release import write_source


@pytest.fixture(scope="module")
def server():
    with postgresql.running() as found:
        yield found


@pytest.fixture
def address(server, request):
    """A database that knows the assignment and nobody's work."""
    found = server.create(request.node.name[:60])
    gradebooks.make(with_driver(found))
    return found


@pytest.fixture
def graded(tmp_path):
    return write(
        tmp_path / "grades",
        report("ann"),
        report("Zoë O'Hara", wrong=("gru_cell",)),
        report("caf\udce9", unanswered=["what_a_unit_does"]),
        nothing("dee", "missing", "Nothing is there."),
    )


def enter(graded, address):
    return main(["import-gradebook", str(graded), "--course", str(COURSE), "--gradebook", address])


def test_every_way_to_write_its_address_means_the_driver_that_there_is():
    for start in ("postgresql://", "postgres://", "postgresql+psycopg://"):
        assert with_driver(f"{start}ann@host/book") == "postgresql+psycopg://ann@host/book"


def test_the_same_import_twice_changes_nothing(address, graded, capsys):
    assert enter(graded, address) == 0
    before = gradebooks.marks(with_driver(address))
    assert before["ann", "grade", "gru_cell"] == (4.0, None, False)
    assert before["ann", "grade", "what_a_unit_does"] == (None, None, True)
    assert before["caf\\udce9", "comment", "what_a_unit_does"] == ("No response.", None)
    assert len(before) == 3 * (4 + 4)
    assert "4 reports; 3 of them changed" in capsys.readouterr().out
    assert enter(graded, address) == 0
    assert "4 reports; 0 of them changed" in capsys.readouterr().out
    assert gradebooks.marks(with_driver(address)) == before


def test_it_holds_what_a_gradebook_of_sqlite_holds(address, graded, tmp_path):
    file = f"sqlite:///{tmp_path / 'gradebook.db'}"
    gradebooks.make(file)
    for each in (address, file):
        assert enter(graded, each) == 0
    assert gradebooks.marks(with_driver(address)) == gradebooks.marks(file)
    assert gradebooks.exported(with_driver(address), tmp_path) == gradebooks.exported(file, tmp_path)


def test_a_hand_given_mark_stays_and_reaches_the_exports(address, graded, tmp_path):
    assert enter(graded, address) == 0
    with Gradebook(with_driver(address)) as book:
        answer = book.find_grade("what_a_unit_does", "gru_cell", "gru_cell", "Zoë O'Hara")
        answer.manual_score, answer.needs_manual_grade = 1.5, False
        book.db.commit()
    before = gradebooks.marks(with_driver(address))
    assert enter(write(graded, report("Zoë O'Hara")), address) == 0  # it was mended since
    changed = {**before, ("Zoë O'Hara", "grade", "gru_cell"): (4.0, None, False)}
    assert gradebooks.marks(with_driver(address)) == changed
    out = tmp_path / "canvas.csv"
    command = ["export", str(graded), "--course", str(COURSE), "--format", "canvas", "--gradebook", address]
    assert main([*command, "--out", str(out)]) == 0
    with out.open(newline="") as file:
        assert {row["Student"]: row["gru_cell"] for row in csv.DictReader(file)}["Zoë O'Hara"] == "9.5"


def test_what_is_wrong_with_the_server_is_said_in_a_sentence(server, graded, capsys, monkeypatch):
    server.create("there")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    for address, sentence in {
        server.address("nowhere"): 'database "nowhere" does not exist. Make it first: createdb',
        server.by_network("there", "wrong"): "password authentication failed",
        f"postgresql://teacher@127.0.0.1:{server.port}/there": "no password supplied",
        "postgresql://teacher@127.0.0.1:9/there": "Connection refused. Is the server running",
        server.address("there"): "The gradebook does not know gru_cell. Run first: nbgrader generate_assignment",
    }.items():
        assert enter(graded, address) == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert "wrong@" not in said
    monkeypatch.setenv("PGPASSWORD", postgresql.PASSWORD)
    assert enter(graded, f"postgresql://teacher@127.0.0.1:{server.port}/there") == 2
    assert "does not know gru_cell" in capsys.readouterr().err


def test_a_server_that_goes_away_loses_nothing(address, graded, capsys, monkeypatch):
    """Its connections are cut in the middle of an import; the same command again goes on."""
    from autograder.gradebook import rows as table_rows

    write_rows = table_rows.Rows.write

    def cut(rows, connection):
        monkeypatch.undo()
        write_rows(rows, connection)
        with Gradebook(with_driver(address)) as other:
            mine = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
            other.db.connection().exec_driver_sql(f"select pg_terminate_backend({mine})")

    monkeypatch.setattr(table_rows.Rows, "write", cut)
    assert enter(graded, address) == 2
    assert "Run the same command again: it goes on from there" in capsys.readouterr().err
    assert gradebooks.marks(with_driver(address)) == {}
    assert enter(graded, address) == 0
    assert len(gradebooks.marks(with_driver(address))) == 3 * (4 + 4)


def test_nbgrader_s_own_commands_work_on_it(server, tmp_path, monkeypatch):
    """By the variable GRADEBOOK_URL; and what our import makes of the same work is then no change."""
    address = server.create("nbgraders_own")
    monkeypatch.setenv("GRADEBOOK_URL", address)
    assert gradebook_address(COURSE) == address
    root = tmp_path / "course"
    root.mkdir()
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root)
    path = root / "submitted" / "ann" / "gru_cell" / "gru_cell.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved(find_assignment(COURSE, "gru_cell")), path)
    write_source(find_assignment(root, "gru_cell"))
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=root)
    run_well("nbgrader", "autograde", "gru_cell", cwd=root)
    run_well("nbgrader", "export", f"--to={tmp_path / 'out.csv'}", cwd=root)
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [(row["student_id"], row["score"]) for row in csv.DictReader(file)] == [("ann", "8.0")]
    before = gradebooks.marks(with_driver(address))
    assert main(["import-gradebook", str(write(tmp_path / "grades", report("ann"))), "--course", str(root)]) == 0
    assert gradebooks.marks(with_driver(address)) == before
    assert not list(root.glob("**/gradebook.db"))
