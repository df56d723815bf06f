"""Notebooks that anyone may have made: each is read, or refused in a sentence; and which of its cells are run."""

import contextlib
import json
import os

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.learner.notebook import LARGEST, Cell, Unreadable, cells_of, cells_to_run
from autograder.notebook import parse, read_bytes, read_cells

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 'é'", "outputs": []}],
}


def as_bytes(**changed: object) -> bytes:
    return json.dumps({**NOTEBOOK, **changed}, ensure_ascii=False).encode()


def with_cell(**fields: object) -> bytes:
    """A notebook with one cell, and these fields of it."""
    return as_bytes(cells=[{**NOTEBOOK["cells"][0], **fields}])


def only_cell(data: bytes) -> Cell:
    (cell,) = cells_of(parse(data))
    return cell


def cell_with(**fields: object) -> Cell:
    """The cell of a notebook that somebody else has parsed."""
    (cell,) = cells_of({"cells": [{**NOTEBOOK["cells"][0], **fields}]})
    return cell


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        cells_of(parse(data))
    return str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10) | st.text(max_size=4) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["nbgrader", "tags", "grade_id", "cells", "points"]), inner, max_size=3)
    ),
    max_leaves=6,
)
CELLS = JSON | st.lists(
    st.fixed_dictionaries(
        {},
        optional={"cell_type": st.sampled_from(["code", "markdown", "heading"]) | JSON}
        | dict.fromkeys(["source", "input", "metadata", "outputs", "level", "language"], JSON),
    ),
    max_size=2,
)


@given(
    st.fixed_dictionaries(
        {"nbformat": st.integers(-1, 6) | JSON},
        optional={"cells": CELLS, "metadata": JSON, "nbformat_minor": JSON, "worksheets": CELLS},
    )
)
@settings(max_examples=100)
def test_anything_that_claims_to_be_a_notebook_is_read_or_refused(fields):
    with contextlib.suppress(Unreadable):
        cells = cells_of(parse(json.dumps(fields).encode()))
        cells_to_run(cells, cells)


@given(st.binary(max_size=60))
@settings(max_examples=100)
def test_any_bytes_are_refused(data):
    assert refusal(data).endswith((".", "again."))


# What is refused, and in which words.


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The notebook is an empty file."),
        (b" \n\t\n", "The notebook is an empty file."),
        (b"print('hello')", "The notebook is not JSON, so Jupyter could not open it either."),
        (as_bytes()[:-20], "The notebook is not JSON, so Jupyter could not open it either."),
        (b"[" * 100_000, "The notebook is not JSON, so Jupyter could not open it either."),
        (b'{"nbformat": 4, "a": ' + b"[" * 100_000, "The notebook is not JSON"),
        (b'{"nbformat": 4, "a": ' + b"9" * 10_000 + b"}", "The notebook is not JSON"),
        (json.dumps(NOTEBOOK, ensure_ascii=False).encode("latin-1"), "The notebook is not UTF-8 text."),
        (json.dumps(NOTEBOOK).encode("utf-16"), "The notebook is not UTF-8 text."),
        (b"[]", "The file is JSON, but not a notebook"),
        (b"4", "The file is JSON, but not a notebook"),
        (b'{"cells": []}', "The file is JSON, but not a notebook"),
        (b'{"nbformat": "4", "cells": []}', "The file is JSON, but not a notebook"),
        (b'{"nbformat": 4.0, "cells": []}', "The file is JSON, but not a notebook"),
        (as_bytes(nbformat=5), "The notebook is of format 5; formats up to 4 can be read."),
        (as_bytes(nbformat=99), "The notebook is of format 99; formats up to 4 can be read."),
        (as_bytes(nbformat=0), "The notebook's format 0 could not be brought up to date"),
        (as_bytes(nbformat=-7), "The notebook's format -7 could not be brought up to date"),
        (b'{"nbformat": 4}', "The notebook holds no list of cells."),
        (b'{"nbformat": 3, "worksheets": 3}', "The notebook's format 3 could not be brought up to date"),
        (as_bytes(cells=None), "The notebook"),
        (as_bytes(cells={"0": 1}), "The notebook"),
        (with_cell(source=[[]]).replace(b"[[]]", b"[" * 900 + b"]" * 900), "The notebook's format 4 could not"),
    ],
    ids=lambda part: part[:40] if isinstance(part, str) else str(len(part)),
)
def test_what_is_no_notebook_is_refused_in_a_sentence(data, words):
    said = refusal(data)
    assert said.startswith(words)
    assert said.endswith(".")


def test_a_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.ipynb"
    with path.open("wb") as file:
        file.truncate(50 << 20)
    with pytest.raises(Unreadable, match=r"^The notebook has 50 MB; at most 10 MB are read\. Clear its outputs"):
        read_bytes(path)


def test_the_largest_file_is_read(tmp_path):
    path = tmp_path / "large.ipynb"
    with path.open("wb") as file:
        file.truncate(LARGEST)
    assert len(read_bytes(path)) == LARGEST


def test_a_notebook_of_very_many_cells_is_refused():
    """Ten thousand empty cells fit into a small file, and none of them is work."""
    said = refusal(as_bytes(cells=NOTEBOOK["cells"] * 10_000))
    assert said.startswith("The notebook has 10000 cells; ")


def test_a_link_is_refused_even_where_it_points_to_a_notebook(tmp_path):
    (tmp_path / "theirs.ipynb").write_bytes(as_bytes())
    (tmp_path / "mine.ipynb").symlink_to(tmp_path / "theirs.ipynb")
    with pytest.raises(Unreadable, match="it is a link, and a file is wanted"):
        read_cells(tmp_path / "mine.ipynb")


def test_a_link_to_nowhere_is_refused(tmp_path):
    (tmp_path / "mine.ipynb").symlink_to(tmp_path / "gone.ipynb")
    with pytest.raises(Unreadable, match="it is a link, and a file is wanted"):
        read_cells(tmp_path / "mine.ipynb")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(Unreadable, match="there is something other than a file"):
        read_cells(tmp_path / "pipe.ipynb")


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(Unreadable, match="there is something other than a file"):
        read_cells(tmp_path / "folder.ipynb")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(as_bytes())
    with pytest.raises(Unreadable, match=r"The notebook cannot be opened: not a directory\."):
        read_cells(tmp_path / "file" / "a.ipynb")


def test_a_missing_file_is_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_cells(tmp_path / "none.ipynb")


# What is read.


def test_a_notebook_is_read(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(as_bytes())
    assert read_cells(path) == [Cell("code", "x = 'é'")]


def test_a_byte_order_mark_is_no_hindrance():
    assert only_cell(b"\xef\xbb\xbf" + as_bytes()).source == "x = 'é'"


@pytest.mark.parametrize("version", [2, 3])
def test_an_old_format_is_brought_up_to_date(version, solved_notebook):
    old = solved_notebook()
    for cell in old.cells:
        cell.pop("id")
    old.nbformat_minor = 4
    want = [(cell.cell_type, cell.source) for cell in old.cells]
    old = nbformat.convert(old, 3)
    old.nbformat = version
    assert [(cell.kind, cell.source) for cell in cells_of(parse(json.dumps(old).encode()))] == want


def test_a_later_minor_format_is_read():
    assert only_cell(as_bytes(nbformat_minor=99)).source == "x = 'é'"


def test_a_source_may_be_a_list_of_lines():
    assert only_cell(with_cell(source=["a = 1\n", "b = 2"])).source == "a = 1\nb = 2"


@pytest.mark.parametrize("source", [None, 3, {}, [1, None], [["x"]]], ids=repr)
def test_a_source_of_another_kind_is_an_empty_one(source):
    assert cell_with(source=source).source == ""


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        "text",
        {"nbgrader": None, "tags": None},
        {"nbgrader": [], "tags": {}},
        {"nbgrader": {"grade_id": 3, "grade": "true", "solution": 1, "locked": [], "points": "7"}, "tags": [1, None]},
        {"nbgrader": {"grade_id": ["a"], "points": None}, "tags": "check"},
    ],
    ids=repr,
)
def test_metadata_of_another_kind_is_taken_as_absent(metadata):
    assert cell_with(metadata=metadata) == Cell("code", "x = 'é'")


def test_metadata_is_read():
    grading = {"grade_id": "gru_cell", "grade": True, "solution": True, "locked": True, "points": 4}
    cell = only_cell(with_cell(metadata={"nbgrader": grading, "tags": ["check"]}))
    assert cell == Cell("code", "x = 'é'", "gru_cell", frozenset({"check"}), True, True, True, 4.0)


def test_what_is_no_cell_is_passed_over():
    assert [cell.source for cell in cells_of({"cells": [None, 3, {"cell_type": "code", "source": "x"}]})] == ["x"]


# Which cells are run.

SETUP = Cell("code", "import numpy as np", "setup", locked=True)
OPEN = Cell("code", "check = ...", "open", frozenset({"check"}), locked=True)
ANSWER = Cell("code", "raise NotImplementedError()", "f_answer", solution=True)
CHECK = Cell("code", "check('f')", "f", frozenset({"check"}), graded=True, locked=True)
PICTURE = Cell("code", "plt.show()", "picture", frozenset({"picture"}), locked=True)
WORDS = Cell("markdown", "Your answer", "words", graded=True, solution=True)
RELEASE = [Cell("markdown", "# Title"), SETUP, OPEN, ANSWER, CHECK, PICTURE, WORDS]
MINE = Cell("code", "def f(): return 1", "f_answer", solution=True)


def run(*submitted: Cell) -> list[str]:
    return [source for _, source in cells_to_run(list(submitted), RELEASE)]


def test_of_the_release_the_setup_and_the_answers_are_run():
    assert cells_to_run(RELEASE, RELEASE) == [("setup", SETUP.source), ("f_answer", ANSWER.source)]


def test_a_deleted_setup_is_restored():
    assert run(MINE) == [SETUP.source, MINE.source]


def test_an_edited_setup_is_restored():
    edited = Cell("code", "import numpy as jnp", "setup", locked=True)
    assert run(edited, MINE) == [SETUP.source, MINE.source]


def test_a_setup_that_claims_to_be_the_learner_s_is_still_ours():
    claimed = Cell("code", "np = None", "setup", solution=True)
    assert run(claimed, MINE) == [SETUP.source, MINE.source]


def test_checks_and_pictures_are_left_out_however_they_were_edited():
    edited = [Cell("code", "print('mine')", cell.grade_id) for cell in (OPEN, CHECK, PICTURE)]
    assert run(*edited, MINE) == [SETUP.source, MINE.source]


def test_an_answer_that_was_turned_into_text_is_code_again():
    assert run(Cell("markdown", MINE.source, "f_answer")) == [SETUP.source, MINE.source]
    assert run(Cell("raw", MINE.source, "f_answer")) == [SETUP.source, MINE.source]


def test_words_that_were_turned_into_code_are_not_run():
    assert run(Cell("code", "os._exit(0)", "words"), MINE) == [SETUP.source, MINE.source]


def test_the_learner_s_own_cells_are_run_in_their_order():
    mine = [Cell("code", "a = 1"), Cell("markdown", "text"), MINE, Cell("code", "b = 2", "unknown")]
    assert run(*mine) == [SETUP.source, "a = 1", MINE.source, "b = 2"]


def test_duplicated_cells_are_kept_in_order():
    later = Cell("code", "def f(): return 2", "f_answer")
    assert run(SETUP, MINE, SETUP, later, MINE) == [SETUP.source, MINE.source, later.source, MINE.source]


def test_cells_whose_metadata_was_lost_are_run_by_their_kind():
    lost = [Cell(cell.kind, cell.source) for cell in (SETUP, MINE, CHECK, WORDS)]
    assert run(*lost) == [SETUP.source, SETUP.source, MINE.source, CHECK.source]


def test_every_cell_has_a_name_to_be_told_by():
    names = [name for name, _ in cells_to_run([Cell("code", "a"), MINE, Cell("code", "b")], RELEASE)]
    assert names == ["setup", "0", "f_answer", "2"]
