"""What nbgrader's exchange hands out and takes in, as on a JupyterHub: release, fetch, check, submit, grade."""

import os
import shutil

import nbformat
import pytest
from running import COURSE, run_well

from autograder.course import find_assignment
from autograder.demo import solved


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """An instructor's course, an exchange, and a learner's home."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, root / "course" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root / "course")
    (root / "course" / "submitted").mkdir()
    (root / "learner").mkdir()
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)  # as nbgrader asks of it
    return root


def test_from_release_to_grade(hub):
    course, learner = hub / "course", hub / "learner"
    exchange = f"--Exchange.root={hub / 'exchange'}"
    of_learner = {"HOME": str(learner), "JUPYTER_CONFIG_DIR": str(learner), "PYTHONPATH": str(COURSE)}
    run_well("autograder", "exercises", "gru_cell", "--check", cwd=course)
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=course)
    run_well("nbgrader", "release_assignment", "gru_cell", exchange, cwd=course)

    run_well("nbgrader", "fetch_assignment", "gru_cell", "--course=gated", exchange, cwd=learner, **of_learner)
    assert sorted(os.listdir(learner / "gru_cell")) == ["cases.npz", "gru_cell.ipynb", "release.json"]
    nbformat.write(solved(find_assignment(COURSE, "gru_cell")), learner / "gru_cell" / "gru_cell.ipynb")
    checked = run_well("autograder", "check", "gru_cell/gru_cell.ipynb", cwd=learner, **of_learner)
    assert "gru_forward" in checked, "the frozen cases came along"
    run_well("nbgrader", "submit", "gru_cell", "--course=gated", exchange, cwd=learner, **of_learner)

    run_well("nbgrader", "collect", "gru_cell", exchange, cwd=course)
    run_well("autograder", "grade", "submitted", "--out=grades", cwd=course)
    (report,) = (course / "grades" / "reports").glob("*/gru_cell.json")
    assert '"status": "graded", "score": 8.0, "max_score": 8.0' in report.read_text()
