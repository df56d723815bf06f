"""The autograder for Gradescope: what its ZIP file holds, and `run_autograder` in a container's layout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
from running import COURSE, run_well
from test_exports import check_results

from autograder.course import Key, find_assignment
from autograder.demo import solved
from autograder.exports import gradescope_run
from autograder.exports.gradescope_zip import GRADER, requirements
from autograder.jail import levels
from autograder.jail.packages import installed

SECRET = "a key that nobody knows"
STEALS = """
def sigmoid(a):
    import pathlib
    found = []
    for name in {names}:
        try:
            found.append(pathlib.Path(name).read_text()[:200])
        except Exception:
            pass
    raise ValueError(str(found))
try:
    open({results!r}, "w").write('{{"score": 8}}')
except Exception:
    pass
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Made at level weak, so that the tests run wherever they are; the best level that there is is used."""
    file = tmp_path_factory.mktemp("zip") / "gru_cell.zip"
    said = run_well("autograder", "gradescope", "gru_cell", "--isolation", "weak", "--out", file, key=SECRET)
    assert "give it to nobody" in said
    assert "level weak" in said
    assert "set Autograder points to 8. A person gives 2 more" in said
    return file


@pytest.fixture(scope="module")
def source(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("autograder") / "source"
    with zipfile.ZipFile(archive) as made:
        for entry in made.infolist():
            made.extract(entry, folder)
            (folder / entry.filename).chmod(entry.external_attr >> 16)
    return folder


@pytest.fixture
def places(source, tmp_path):
    """The layout that the documentation describes, elsewhere: the variables that say so."""
    (tmp_path / "submission").mkdir()
    users = [{"email": "student@example.com", "id": 1, "name": "A Student"}]
    (tmp_path / "submission_metadata.json").write_text(json.dumps({"id": 7, "users": users}))
    return {
        "AUTOGRADER_SOURCE": str(source),
        "AUTOGRADER_SUBMISSION": str(tmp_path / "submission"),
        "AUTOGRADER_RESULTS": str(tmp_path / "results"),
        "AUTOGRADER_METADATA": str(tmp_path / "submission_metadata.json"),
        "AUTOGRADER_PYTHON": sys.executable,
    }


def results(places, **environment):
    """What `run_autograder` leaves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AUTOGRADER_", "PYTHON"))}
    command = ["bash", f"{places['AUTOGRADER_SOURCE']}/run_autograder"]
    done = subprocess.run(
        command, env={**kept, **places, **environment}, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return check_results(json.loads(Path(places["AUTOGRADER_RESULTS"], "results.json").read_text()))


def hand_in(places, *names, notebook=None):
    notebook = notebook or solved(find_assignment(COURSE, "gru_cell"))
    for name in names:
        path = Path(places["AUTOGRADER_SUBMISSION"], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


def test_the_zip_file_holds_what_is_needed_and_nothing_else_of_the_key(archive):
    with zipfile.ZipFile(archive) as made:
        names = set(made.namelist())
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in made.infolist()}
        packages = made.read("requirements.txt").decode().split()
        assert made.read("course/.course-key").decode().strip() == SECRET
    assert {"setup.sh", "run_autograder", "settings.json", "course/solutions/gru_cell/checks.py"} <= names
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["course/.course-key"] == 0o600
    assert not [name for name in names if name.startswith(("course/solutions/lstm/", "course/exercises/lstm/"))]
    assert all("==" in line for line in packages)
    assert "torch" not in " ".join(packages)


def test_an_assignment_in_torch_takes_the_build_without_cuda():
    lines, _ = requirements(find_assignment(COURSE, "training"))
    assert lines[0] == "--extra-index-url https://download.pytorch.org/whl/cpu"
    assert [line for line in lines if line.startswith("torch==")]


PINNED_ALONE = """
import sys
class Others:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {others!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Others())
from autograder.exports.gradescope_run import main
sys.exit(main())
"""


def test_it_needs_no_package_but_those_it_installs(places):
    """As in a container that holds what requirements.txt names, with what that needs, and nothing else."""
    hand_in(places, "a.ipynb")
    ours = {Path(name).stem for name in installed(GRADER)} | {"autograder", "solutions"}
    others = packages_distributions().keys() - ours
    assert {"nbgrader", "sqlalchemy", "torch", "dateutil"} <= others
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AUTOGRADER_", "PYTHON"))}
    environment = {**kept, **places, "PYTHONPATH": f"{places['AUTOGRADER_SOURCE']}/course"}
    command = [sys.executable, "-c", PINNED_ALONE.format(others=others)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(places["AUTOGRADER_RESULTS"], "results.json").read_text())["score"] == 8


def test_the_scripts_are_sound_bash(source):
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", source / name], check=True)


def test_the_one_notebook_is_graded_whatever_its_name(places):
    wrong = "def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):\n    return h\n"
    notebook = solved(find_assignment(COURSE, "gru_cell"), {"gru_cell": wrong})
    hand_in(places, "My hand-in (3).IPYNB", notebook=notebook)
    hand_in(places, ".ipynb_checkpoints/My hand-in-checkpoint.ipynb", "__MACOSX/._My hand-in.ipynb")
    found = results(places, AUTOGRADER_KEY="another, which does not count")
    assert found["score"] == 1
    assert [(test["name"], test["score"], test["max_score"]) for test in found["tests"]] == [
        ("sigmoid", 1, 1),
        ("gru_cell", 0, 4),
        ("gru_forward", 0, 3),
    ]
    assert "My hand-in (3).IPYNB: 1 of 8 points" in found["output"]
    assert "A person still reads: what_a_unit_does." in found["output"]
    assert found["extra_data"]["isolation"] == levels.best_level()
    assert found["extra_data"]["key_id"] == Key(SECRET).id
    assert SECRET not in json.dumps(found)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "There is no file in what you handed in. Hand in one notebook, gru_cell.ipynb."),
        (("a.ipynb", "b/c.ipynb"), "There are 2 notebooks in what you handed in (a.ipynb, b/c.ipynb)."),
    ],
)
def test_not_one_notebook(places, names, sentence):
    hand_in(places, *names)
    found = results(places)
    assert (found["score"], found["tests"]) == (0, [])
    assert sentence in found["output"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("answer.py", "pass", "There is no notebook in what you handed in, only answer.py."),
        ("a.ipynb", "{ not JSON", "The notebook is not JSON"),
    ],
)
def test_what_is_no_notebook(places, name, text, sentence):
    Path(places["AUTOGRADER_SUBMISSION"], name).write_text(text)
    found = results(places)
    assert found["score"] == 0
    assert sentence in found["output"]


def test_no_submission_and_no_metadata_at_all(places):
    shutil.rmtree(places["AUTOGRADER_SUBMISSION"])
    Path(places["AUTOGRADER_METADATA"]).unlink()
    assert "Nothing was handed in." in results(places)["output"]


def test_whatever_becomes_of_the_grader_there_is_a_result(places):
    hand_in(places, "a.ipynb")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = ["bash", f"{places['AUTOGRADER_SOURCE']}/run_autograder"]
    subprocess.run(command, env={**kept, **places, "AUTOGRADER_PYTHON": "/bin/false"}, check=False)
    found = check_results(json.loads(Path(places["AUTOGRADER_RESULTS"], "results.json").read_text()))
    assert found["score"] == 0
    assert "This is not your mistake" in found["output"]


def test_a_student_s_code_reads_nothing_of_it_and_writes_no_result(places, source):
    if levels.best_level() == "weak":
        pytest.skip(f"Learners' code is not shut in here. {levels.obstacles()['container']}")
    names = [str(source / "course" / name) for name in (".course-key", "solutions/gru_cell/checks.py")]
    answer = STEALS.format(names=names, results=f"{places['AUTOGRADER_RESULTS']}/results.json")
    notebook = solved(find_assignment(COURSE, "gru_cell"), {"sigmoid": answer})
    hand_in(places, "a.ipynb", notebook=notebook)
    found = results(places)
    assert found["tests"][0]["score"] == 0
    assert SECRET not in json.dumps(found)
    assert "assert_agree" not in json.dumps(found)


@pytest.fixture
def in_this_process(places, monkeypatch):
    """Runs it here, on a machine without Landlock, at the lowest level that the ZIP file allows."""

    def run(isolation):
        for name, value in places.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(levels, "obstacles", lambda: {"container": "No Landlock.", "sealed": "No Landlock."})
        own = Path(places["AUTOGRADER_RESULTS"]).parent / "own"
        own.mkdir()
        (own / "settings.json").write_text(
            json.dumps({"assignment": "gru_cell", "isolation": isolation, "visibility": "visible"})
        )
        (own / "course").symlink_to(COURSE)
        monkeypatch.setenv("AUTOGRADER_SOURCE", str(own))
        monkeypatch.setattr(gradescope_run, "course_key", lambda course: Key("for a test"))
        hand_in(places, "a.ipynb")
        assert gradescope_run.main() == 0
        return check_results(json.loads(Path(places["AUTOGRADER_RESULTS"], "results.json").read_text()))

    return run


def test_where_only_weak_holds_nothing_runs(in_this_process, capsys):
    found = in_this_process("container")
    assert (found["score"], found["tests"]) == (0, [])
    assert "this machine cannot shut a student's code in. This is not your mistake" in found["output"]
    assert "at level weak here, and at least container is wanted. No Landlock." in capsys.readouterr().err


def test_where_weak_is_allowed_the_student_is_told(in_this_process):
    found = in_this_process("weak")
    assert found["score"] == 8
    assert found["output"].startswith("Your code was graded at isolation level weak, as your instructor has allowed")
    assert found["extra_data"]["isolation"] == "weak"
