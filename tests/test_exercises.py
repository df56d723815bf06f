"""What is committed under exercises/ is what solutions/ makes, and holds no answer."""

import copy
import json

import nbformat
import numpy as np
import pytest
from running import COURSE, run

from autograder.course import assignment_names, find_assignment
from autograder.learner import cases as frozen
from autograder.release import alike
from autograder.runtime import runtime_of
from autograder.source import read_source, source_cells

ASSIGNMENTS = [find_assignment(COURSE, name) for name in assignment_names(COURSE)]


@pytest.fixture(params=ASSIGNMENTS, ids=lambda assignment: assignment.name)
def assignment(request):
    return request.param


def test_the_committed_exercises_are_up_to_date():
    done = run("autograder", "exercises", "--check")
    assert done.returncode == 0, done.stderr


def test_a_stale_exercise_is_noticed(tmp_path):
    """The comparison sees a changed number beyond rounding, a changed text and a missing field."""
    value = frozen.to_value(frozen.load(ASSIGNMENTS[0].released / "cases.npz"))
    case = ("tasks", 0, "checks", 0, "cases", 0)

    def changed(change):
        other = copy.deepcopy(value)
        inner = other
        for step in case:
            inner = inner[step]
        change(inner)
        return other

    assert alike(value, copy.deepcopy(value))
    assert alike(value, changed(lambda inner: inner.update(want=inner["want"] + 5e-14)))
    assert not alike(value, changed(lambda inner: inner.update(want=inner["want"] + 1e-9)))
    assert not alike(value, changed(lambda inner: inner.update(quiet=True)))
    assert not alike(value, changed(lambda inner: inner.pop("axes")))
    assert alike((1.0, [value]), (1.0 + 5e-14, [copy.deepcopy(value)]))
    assert not alike((1.0, 2), (1.0 + 1e-9, 2))
    assert not alike((1.0, 2), [1.0, 2])


def test_rounding_is_that_of_the_numbers_kind():
    """Another processor's float32 differs from ours by more than its float64."""
    for dtype, rounding in ((np.float32, 1e-6), (np.float64, 1e-14)):
        old = np.ones(3, dtype)
        assert alike(old, old + dtype(rounding))
        assert not alike(old, old + dtype(100 * rounding))


def test_a_stale_part_of_a_tuple_is_noticed():
    part = frozen.to_value(frozen.load(ASSIGNMENTS[0].released / "cases.npz"))["tasks"][0]["checks"][0]["cases"][0][
        "want"
    ]
    assert alike((part, part), (part, part + 5e-14))
    assert not alike((part, part), (part, part + 1e-9))
    assert not alike((part, part), [part, part])


@pytest.mark.parametrize(("old", "new"), [(np.nan, np.nan), (np.float64(1000), np.float64(1000 + 1.2e-13)), (2.0, 2.0)])
def test_a_number_is_compared_as_an_array_is(old, new):
    """What a known mistake returns may be one number, and not a number."""
    assert alike({"value": [old]}, {"value": [new]})
    assert not alike({"value": [old]}, {"value": [1000 + 1e-9]})


def test_no_solution_stays_in_the_release(assignment):
    release = nbformat.read(assignment.release, as_version=4)
    text = "\n".join(cell.source for cell in release.cells)
    assert "BEGIN SOLUTION" not in text
    assert text.count("raise NotImplementedError()") == sum(not task.manual for task in assignment.tasks)


def test_every_answer_cell_is_named_for_its_task(assignment):
    """The demo class finds the cell by that name."""
    named = [cell.grade_id for cell in source_cells(assignment) if cell.kind == "code" and cell.solution]
    assert named == [f"{task.name}_answer" for task in assignment.tasks if not task.manual]


def test_signatures_and_docstrings_survive_stripping(assignment):
    solved = {cell.id: cell.source for cell in read_source(assignment.source).cells}
    for cell in nbformat.read(assignment.release, as_version=4).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            head = solved[cell.id].split("### BEGIN SOLUTION")[0]
            assert cell.source.startswith(head.rstrip())


def test_cell_ids_are_the_same_at_every_run(assignment):
    ids = [cell.id for cell in nbformat.read(assignment.release, as_version=4).cells]
    assert ids == [cell.id for cell in read_source(assignment.source).cells]
    assert len(set(ids)) == len(ids)


def test_only_the_notebook_with_its_cases_its_cells_and_its_probes_is_released(assignment):
    names = {path.name for path in assignment.released.iterdir() if not path.name.startswith(".")}
    probes = {"probes.py"} if runtime_of(assignment).probes else set()
    assert names == {f"{assignment.name}.ipynb", "cases.npz", "release.json"} | probes


def test_the_notebook_has_no_outputs(assignment):
    for cell in json.loads(assignment.release.read_text())["cells"]:
        assert not cell.get("outputs")
