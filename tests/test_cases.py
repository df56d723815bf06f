"""The frozen cases of a check: a file that is found from where learners are, and that is never believed."""

import contextlib
import io
import json
import random
import zipfile

import numpy as np
import pytest

from autograder.learner import cases as frozen
from autograder.learner.answer import Answer, Error


def small_cases() -> frozen.Cases:
    """One of everything that the file holds."""
    a = np.linspace(-1, 1, 6).reshape(2, 3)
    known = {"flipped": Answer(-a, None, None, [0], [], ["w"]), "dead": Answer(error=Error("ValueError", "no", "x"))}
    case = frozen.Case([a, 2, None, [a, "text"]], a + 1, "row unit", True, known=known)
    checks = [frozen.Check("one", "It works.", [case]), frozen.Check("none", "")]
    task = frozen.Task("cell", ["x", "n"], checks, [frozen.Case([a[:1], 2], a[:1] + 1, sizes="B = 1")])
    hint = frozen.Hint([("cell", "It is flipped.")], "the gates of others")
    return frozen.Cases("small", [task], {"flipped": hint})


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "cases.npz"
    frozen.save(small_cases(), path)
    return path


def rewrite(path, head: bytes, **arrays) -> None:
    """A file of the right form with other contents."""
    np.savez(path, **{"block": np.zeros(0, np.uint8), **arrays}, head=np.frombuffer(head, dtype=np.uint8))


def assert_refused(path) -> None:
    with pytest.raises(ValueError, match=r"cases\.npz .*\. Take a fresh copy of the exercise\.$"):
        frozen.load(path)


def test_what_is_saved_is_loaded(saved):
    loaded = frozen.load(saved)
    want = small_cases()
    assert (loaded.assignment, loaded.hints) == (want.assignment, want.hints)
    (task,), (wanted,) = loaded.tasks, want.tasks
    assert (task.name, task.parameters) == (wanted.name, wanted.parameters)
    assert [(check.name, check.title, len(check.cases)) for check in task.checks] == [
        ("one", "It works.", 1),
        ("none", "", 0),
    ]
    (case,), (right,) = task.checks[0].cases, wanted.checks[0].cases
    assert (case.axes, case.quiet) == (right.axes, right.quiet)
    assert case.want.tobytes() == right.want.tobytes()
    assert case.arguments[0].tobytes() == right.arguments[0].tobytes()
    assert case.arguments[1:3] == [2, None]
    assert case.arguments[3][1] == "text"
    assert list(case.known) == ["flipped", "dead"]
    assert case.known["flipped"].value.tobytes() == right.known["flipped"].value.tobytes()
    assert case.known["flipped"].changed == [0]
    assert case.known["dead"] == right.known["dead"]
    (small,), (right,) = task.small, wanted.small
    assert (small.sizes, small.known, small.arguments[1]) == ("B = 1", {}, 2)
    assert small.want.tobytes() == right.want.tobytes()


def test_an_array_that_occurs_often_is_stored_once(saved):
    with np.load(saved) as file:
        head, block = json.loads(file["head"].tobytes()), file["block"]
    assert len(head["arrays"]) > len(head["stored"])
    # a, a + 1 and -a of six numbers, and a row of the first two
    assert head["stored"] == [["<f8", [2, 3]]] * 3 + [["<f8", [1, 3]]] * 2
    assert block.nbytes == 8 * (3 * 6 + 2 * 3)


def test_two_cases_do_not_share_an_array(saved):
    case = frozen.load(saved).tasks[0].checks[0].cases[0]
    case.arguments[0][:] = 7
    assert case.arguments[3][0][0, 0] == -1


def test_the_same_cases_make_the_same_contents(tmp_path, saved):
    again = tmp_path / "again.npz"
    frozen.save(small_cases(), again)
    with np.load(saved) as one, np.load(again) as other:
        assert one.files == other.files
        assert all((one[name] == other[name]).all() for name in one.files)


def test_the_course_s_own_cases_are_read(assignment):
    cases = frozen.load(assignment.released / "cases.npz")
    assert [task.name for task in cases.tasks] == ["sigmoid", "gru_cell", "gru_forward"]


def test_nothing_in_the_course_s_own_cases_is_pickled(assignment):
    with zipfile.ZipFile(assignment.released / "cases.npz") as file:
        headers = [np.lib.format.read_array_header_1_0(at_header(file.read(name))) for name in file.namelist()]
    assert not any(dtype.hasobject for _, _, dtype in headers)


def at_header(data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    np.lib.format.read_magic(file)
    return file


@pytest.mark.parametrize(
    "data",
    [b"", b"hello\n", b"\x80\x04\x8c\x05hello\x94.", b"PK\x03\x04", b"\x93NUMPY", bytes(1000)],
    ids=["empty", "text", "pickle", "zip", "npy", "zeros"],
)
def test_a_file_of_another_kind_is_refused(tmp_path, data):
    path = tmp_path / "cases.npz"
    path.write_bytes(data)
    assert_refused(path)


def test_an_array_file_is_refused(tmp_path):
    path = tmp_path / "cases.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    assert_refused(path)


def test_a_foreign_npz_is_refused(tmp_path):
    path = tmp_path / "cases.npz"
    np.savez(path, weights=np.zeros(3))
    assert_refused(path)


def test_a_file_with_pickled_objects_is_refused_unopened(tmp_path):
    path = tmp_path / "cases.npz"
    np.savez(path, head=np.array([Loud()], dtype=object))
    Loud.heard = False
    assert_refused(path)
    assert not Loud.heard


class Loud:
    """Says so when it is unpickled."""

    heard = False

    def __setstate__(self, state):
        Loud.heard = True

    def __getstate__(self):
        return {"state": 1}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"schema": 3}',
        b'{"schema": 3, "stored": 5, "arrays": [], "tree": []}',
        b'{"schema": 3, "stored": [["|O8", [1]]], "arrays": [0], "tree": {"array": 0}}',
        b'{"schema": 3, "stored": [["<f8", [-1]]], "arrays": [0], "tree": {"array": 0}}',
        b'{"schema": 3, "stored": [["<f8", [3]]], "arrays": [0], "tree": {"array": 0}}',
        b'{"schema": 3, "stored": [], "arrays": 5, "tree": []}',
        b'{"schema": 3, "stored": [], "arrays": [[]], "tree": []}',
        b'{"schema": 3, "stored": [], "arrays": [0], "tree": []}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": []}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": NaN}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": {"other": 1}}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": {"dict": []}}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": {"dict": [["tasks", []], ["hints", []]]}}',
        b'{"schema": 3, "stored": [], "arrays": [], "tree": {"dict": [["tasks", [1]], ["hints", {"dict": []}]]}}',
    ],
    ids=lambda head: repr(head)[2:40],
)
def test_a_file_with_another_head_is_refused(tmp_path, head):
    path = tmp_path / "cases.npz"
    rewrite(path, head)
    assert_refused(path)


def test_a_file_of_another_schema_is_refused(tmp_path):
    path = tmp_path / "cases.npz"
    frozen.save(small_cases(), path)
    with np.load(path) as file:
        contents = dict(file)
    head = json.loads(contents.pop("head").tobytes())
    rewrite(path, json.dumps({**head, "schema": 3}).encode(), **contents)
    assert frozen.load(path).assignment == "small"
    rewrite(path, json.dumps({**head, "schema": 99}).encode(), **contents)
    assert_refused(path)


def test_a_damaged_file_is_read_right_or_refused(tmp_path, saved):
    """A changed byte is found by the zip file's check sums, or hits what nobody reads."""
    data, draw = saved.read_bytes(), random.Random(3)
    path = tmp_path / "cases.npz"
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(damaged[: draw.choice([len(data), draw.randrange(len(data))])])
        with contextlib.suppress(ValueError):
            assert frozen.load(path).assignment == "small"


@pytest.fixture
def course_folder(tmp_path):
    """A course with the cases of one exercise in it."""
    folder = tmp_path / "exercises" / "small"
    folder.mkdir(parents=True)
    frozen.save(small_cases(), folder / "cases.npz")
    return tmp_path


@pytest.mark.parametrize("place", ["exercises/small", "exercises/small/deeper", "exercises", ".", "book/chapters"])
def test_the_file_is_found_from(course_folder, place):
    start = course_folder / place
    start.mkdir(parents=True, exist_ok=True)
    assert frozen.find("small", start) == course_folder / "exercises" / "small" / "cases.npz"


def test_the_file_is_found_from_the_working_directory(course_folder, monkeypatch):
    monkeypatch.chdir(course_folder / "exercises" / "small")
    assert frozen.find("small") == course_folder / "exercises" / "small" / "cases.npz"


def test_the_file_beside_the_notebook_comes_first(course_folder):
    own = course_folder / "exercises" / "small" / "small"
    own.mkdir()
    frozen.save(small_cases(), own / "cases.npz")
    assert frozen.find("small", own) == own / "cases.npz"


def test_another_exercise_s_cases_are_not_taken(course_folder):
    with pytest.raises(FileNotFoundError):
        frozen.find("other", course_folder / "exercises" / "small")


def test_a_missing_file_is_told_in_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        frozen.find("small", tmp_path)
    text = str(caught.value)
    assert str(tmp_path) in text
    assert text.endswith("Open the notebook in the folder exercises/small/ that it came in.")
