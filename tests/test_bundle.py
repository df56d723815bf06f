"""What a learner receives works with NumPy alone, and holds nothing of the answer key."""

import ast
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from running import COURSE, run, run_well

from autograder.bundle import make_bundle
from autograder.course import assignment_names, find_assignment
from autograder.runtime import runtime_of

SHORTEST_LINE = 25
IN_TORCH = [name for name in assignment_names(COURSE) if "torch" in runtime_of(find_assignment(COURSE, name)).packages]
CHAPTERS = sorted((COURSE / "_build" / "html" / "notebooks").glob("*.ipynb"))
IN_NUMPY = [name for name in assignment_names(COURSE) if name not in IN_TORCH]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """The bundle, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    run_well("autograder", "bundle", "--out", folder / "gated.zip")
    with zipfile.ZipFile(folder / "gated.zip") as file:
        file.extractall(folder)
    return folder / "gated"


@pytest.fixture(scope="module")
def texts(bundle):
    """Every file as text: a notebook as its cells, the frozen cases as their unpacked bytes."""
    found = {}
    for path in bundle.rglob("*"):
        if path.suffix == ".npz":
            with zipfile.ZipFile(path) as file:
                found[path] = "\n".join(file.read(name).decode("latin-1") for name in file.namelist())
        elif path.suffix == ".ipynb":
            found[path] = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        elif path.is_file():
            found[path] = path.read_text()
    return found


def key_files():
    """The sources of the key, but for an assignment's probes, which are public."""
    public = [find_assignment(COURSE, name).folder / "probes.py" for name in assignment_names(COURSE)]
    return [path for path in (COURSE / "solutions").rglob("*.py") if path.stat().st_size and path not in public]


def functions(source: str):
    tree = ast.parse(source)
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def released_lines():
    """The lines that the releases hold: they are no secret."""
    lines = set()
    for name in assignment_names(COURSE):
        for cell in nbformat.read(find_assignment(COURSE, name).release, as_version=4).cells:
            lines |= {line.strip() for line in cell.source.splitlines()}
    return lines


def test_nothing_of_the_key_is_in_the_bundle_by_name(bundle):
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert not [name for name in names if "solutions" in name or "checks" in name or "mistakes" in name]
    assert {name.split("/")[0] for name in names} == {
        "autograder",
        "exercises",
        *(["notebooks"] if CHAPTERS else []),
        "pyproject.toml",
        "requirements.txt",
        "runtime.txt",
        "README.md",
        "LICENSE",
    }
    assert all(name.startswith("autograder/learner/") or name.count("/") == 1 for name in names if "autograder" in name)


def test_no_line_of_a_solution_is_in_the_bundle(texts):
    secret = {line.strip() for path in key_files() for line in path.read_text().splitlines()}
    secret = {line for line in secret - released_lines() if len(line) >= SHORTEST_LINE}
    assert len(secret) > 300
    # a hint is what the learner is told, and a visible check's title is shown beside its verdict; the code of a chapter
    # is read by everybody on its page
    for path, text in ((path, text) for path, text in texts.items() if path.parent.name != "notebooks"):
        shared = [line for line in secret if line in text and not is_prose(line)]
        assert not shared, f"{path} holds {shared}"


def is_prose(line: str) -> bool:
    """A line of a docstring, a comment, a hint, an import of public modules or a bare type: words, and no answer."""
    words = line.startswith(('"""', "# ", '"', "hint=", "@mistake", "import ", "from ", ") -> ")) or line.endswith('",')
    return words and "solutions" not in line


def test_no_hidden_check_is_in_the_bundle(texts):
    for path in key_files():
        if path.name != "checks.py":
            continue
        for function in functions(path.read_text()):
            visible = any("visible" in ast.unparse(decorator) for decorator in function.decorator_list)
            title = ast.get_docstring(function)
            for name, text in texts.items():
                assert visible or not title or title not in text, f"{name} holds the hidden check {function.name}"
                assert ast.unparse(function.body[-1]) not in text


def test_no_code_of_a_mistake_is_in_the_bundle(texts):
    """Not as text, and not in another spelling: no expression of two or more operations of a mistake's code."""
    released = "\n".join(released_lines())
    for path in key_files():
        if path.name != "mistakes.py":
            continue
        for function in functions(path.read_text()):
            for node in ast.walk(function):
                code = ast.unparse(node) if isinstance(node, ast.Assign | ast.Return) else ""
                if len(code) >= SHORTEST_LINE and code not in released:
                    assert not [name for name, text in texts.items() if code in text], code


def test_the_search_would_find_a_leak(texts):
    """The tests above can fail: a solution's line put into a file is found."""
    line = "return (1 - z) * n + z * h"
    assert line in (COURSE / "solutions" / "gru_cell" / "gru_cell.py").read_text()
    assert line not in released_lines()
    assert not is_prose(line)


def test_the_same_course_makes_the_same_bundle(bundle, tmp_path):
    run_well("autograder", "bundle", "--out", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (bundle.parent / "gated.zip").read_bytes()


def test_the_chapters_come_along_as_the_site_has_them(bundle):
    assert {path.name: path.read_bytes() for path in bundle.glob("notebooks/*")} == {
        path.name: path.read_bytes() for path in CHAPTERS
    }
    assert ("`notebooks`" in (bundle / "README.md").read_text()) == bool(CHAPTERS)


def test_without_a_site_there_are_the_exercises_alone(tmp_path):
    for name in ("solutions", "exercises", "requirements.txt"):
        (tmp_path / name).symlink_to(COURSE / name)
    make_bundle(tmp_path, tmp_path / "gated.zip")
    with zipfile.ZipFile(tmp_path / "gated.zip") as file:
        assert not [name for name in file.namelist() if "notebooks" in name]
        assert "notebooks" not in file.read("gated/README.md").decode()


def test_a_course_may_leave_assignments_out(tmp_path):
    run_well("autograder", "bundle", "--assignment=rnn", "--assignment=lstm", "--out", tmp_path / "gated.zip")
    with zipfile.ZipFile(tmp_path / "gated.zip") as file:
        exercises = {name.split("/")[2] for name in file.namelist() if name.startswith("gated/exercises/")}
        assert exercises & set(assignment_names(COURSE)) == {"rnn", "lstm"}
        assert "need it too" not in file.read("gated/README.md").decode()  # the ones in torch are left out


def test_binder_is_told_the_versions_that_the_course_is_built_with(bundle):
    lines = (bundle / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if "==" in line]
    assert [line.partition("==")[0] for line in pins] == ["numpy", "matplotlib", "jupyterlab", "torch"]
    assert set(pins) <= set((COURSE / "requirements.txt").read_text().splitlines())
    assert "." in lines  # autograder itself
    version = re.fullmatch(r"python-3\.(\d+)\n", (bundle / "runtime.txt").read_text())
    assert int(version[1]) >= 11


def test_a_bundle_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    done = run("autograder", "bundle", "--out", tmp_path / "missing" / "gated.zip")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


@pytest.fixture(scope="module")
def clean_python(tmp_path_factory):
    """A fresh environment with NumPy alone (borrowed from this one, which spares the download)."""
    import numpy

    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    origin = Path(numpy.__file__).parent
    for package in (origin, origin.with_name("numpy.libs")):
        if package.exists():
            (Path(site) / package.name).symlink_to(package)
    return python


def in_clean_environment(python: Path, bundle: Path, *command: object):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(bundle), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), *map(str, command)]
    return subprocess.run(
        command, cwd=bundle, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_one_command_installs_the_bundle_as_it_is_packed(bundle, clean_python, tmp_path):
    """`pip install gated.zip`; NumPy and the tool that builds it are here already, which spares the download."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--disable-pip-version-check", "--target", tmp_path / "there", bundle.parent / "gated.zip"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "there"), "AUTOGRADER_EVIDENCE": "off"}
    for command, code, words in (
        (["check", "gru_cell"], 1, "It is not written yet."),
        (["validate", "gru_cell"], 1, "not written yet"),
        (["next"], 0, "Next: shared_gradients in small"),
    ):
        ran = subprocess.run(
            [clean_python, "-m", "autograder", *command],
            cwd=bundle / "exercises",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (ran.returncode, words in ran.stdout) == (code, True), ran.stdout + ran.stderr


def test_importing_autograder_needs_numpy_alone(bundle, clean_python):
    code = (
        "import autograder, sys; print(sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    done = in_clean_environment(clean_python, bundle, "-c", code)
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"'(\w+)'", done.stdout)) <= {"autograder", "numpy", "__main__"}


@pytest.fixture
def python_for(clean_python):
    """The interpreter with just enough for an assignment: NumPy alone, or this one, which has torch."""
    return lambda name: sys.executable if name in IN_TORCH else clean_python


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_the_release_runs_from_the_bundle_with_no_more_than_it_needs(bundle, python_for, name):
    """Nothing is written yet, and the check says so."""
    done = in_clean_environment(python_for(name), bundle, "-m", "autograder", "check", f"exercises/{name}/{name}.ipynb")
    assert done.returncode == 1, done.stderr
    assert "It is not written yet." in done.stdout


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_a_solved_notebook_passes_in_the_bundle_with_no_more_than_it_needs(bundle, python_for, name):
    from autograder.demo import solved

    notebook = bundle / "exercises" / name / f"{name}-solved.ipynb"
    nbformat.write(solved(find_assignment(COURSE, name)), notebook)
    done = in_clean_environment(python_for(name), bundle, "-m", "autograder", "check", notebook)
    notebook.unlink()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", IN_TORCH)
def test_without_torch_an_exercise_in_torch_says_what_to_install(bundle, clean_python, name):
    done = in_clean_environment(clean_python, bundle, "-m", "autograder", "check", f"exercises/{name}/{name}.ipynb")
    assert done.returncode == 2
    assert "needs the package torch, which is not installed here. Run: python -m pip install torch" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_names_the_exercises_that_need_torch(bundle):
    readme = (bundle / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in IN_TORCH)
    assert not [name for name in IN_NUMPY if f"`{name}`" in readme]
    assert '".[notebook,torch]"' in readme


def test_the_bundle_shows_no_instructors_command(bundle, clean_python):
    done = in_clean_environment(clean_python, bundle, "-m", "autograder", "--help")
    assert "check" in done.stdout
    assert "autograder grade" not in done.stdout
    assert "grade a folder" not in done.stdout


def test_this_environment_is_not_the_clean_one(clean_python):
    """The clean environment is clean: it has no torch, which this one has."""
    done = subprocess.run([clean_python, "-c", "import torch"], capture_output=True, check=False, env={})
    assert done.returncode != 0
    assert subprocess.run([sys.executable, "-c", "import torch"], capture_output=True, check=False).returncode == 0
