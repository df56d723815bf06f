"""The rubrics: complete, sound in their arithmetic and their science, kept out of what is public, and readable."""

import re
import shutil

import numpy as np
import pytest
from running import COURSE, run, run_well

from autograder.bundle import bundled_files
from autograder.course import Assignment, CourseError, assignment_names, find_assignment
from autograder.written.rubrics import read_rubric, rubric_file, written_tasks

ALL = [find_assignment(COURSE, name) for name in assignment_names(COURSE)]
WITH_QUESTIONS = [assignment for assignment in ALL if written_tasks(assignment)]
SHORTEST_LINE = 25


@pytest.mark.parametrize("assignment", WITH_QUESTIONS, ids=lambda assignment: assignment.name)
def test_every_written_question_has_a_rubric_to_its_points(assignment):
    rubric = read_rubric(assignment)
    assert {name: question.points for name, question in rubric.items()} == {
        task.name: task.points for task in written_tasks(assignment)
    }
    assert all(question.tests and len(question.ideas) >= 2 for question in rubric.values())


def test_there_are_rubrics_where_there_are_questions_and_nowhere_else():
    assert [each for each in ALL if rubric_file(each).exists()] == WITH_QUESTIONS
    assert sum(len(written_tasks(each)) for each in ALL) == 17


# What the sample answers say, computed.  Every decimal number of a rubric is one of these, as it stands there.


def shown(*numbers: float) -> set[str]:
    """A number as an answer may give it, with one digit or more behind the point."""
    return {f"{abs(number):.{digits}f}" for number in numbers for digits in range(1, 6)}


def turns(c: float, h: float, count: int) -> list[float]:
    """What a parity program holds after each of so many turns."""
    states = [h]
    for _ in range(count):
        states.append(float(np.tanh(-c * states[-1])))
    return states


OPEN = float(1 / (1 + np.exp(-8.0)))  # a gate with the bias 8
SHUT = 1 - OPEN
COMPUTED = {
    "gru_bptt": shown(OPEN, OPEN**100, OPEN**1000, SHUT, OPEN * SHUT),
    "lstm": {"0.99", "0.9", "0.5"} | shown(0.99**100, 0.9**100),
    "conventions": {"0.9", "0.1"}
    | shown(4 * 0.9)
    | shown(turns(4, 1, 1)[1], turns(4, 0.9, 1)[1], turns(4, 1, 1)[1] - turns(4, 0.9, 1)[1])
    | shown(turns(1, 1, 1)[1], turns(1, 0.9, 1)[1], turns(1, 1, 6)[6], turns(1, 0.9, 6)[6])
    | shown(turns(1, 1, 1)[1] - turns(1, 0.9, 1)[1], OPEN),
    "debugging": {"0.5"} | shown(1 / 6),
    "small": {"0.01", "0.1", "0.021", "0.024", "0.018", "0.03"}
    | shown(0.024 - 0.021),  # the question's own, or made up
    "training": {"0.031", "0.034"} | shown(0.034 - 0.031),
    "rnn": {"0.1"},
}
HALVES = {"0.5", "1.5"}


@pytest.mark.parametrize("assignment", WITH_QUESTIONS, ids=lambda assignment: assignment.name)
def test_the_numbers_of_a_rubric_are_right(assignment):
    lines = rubric_file(assignment).read_text().splitlines()
    points = re.compile(r"\| 0\.5 \||^### |^\d")  # a criterion, a sample's mark, the points
    found = {
        number for line in lines if not points.match(line) for number in re.findall(r"(?<![\w.])\d+\.\d+", line)
    } - ({"0.5"} if assignment.name == "rnn" else set())  # a mark in words
    assert found <= COMPUTED.get(assignment.name, set()), found - COMPUTED.get(assignment.name, set())


def test_the_numbers_that_have_no_point():
    assert f"{0.5**100:.0e}" == "8e-31"
    assert round(np.log(2) / -np.log(OPEN), -3) == 2000
    assert sum(range(1, 101)) == 5050
    assert len([place for place in range(20) if place >= 5]) == 15  # in a chunk of 20 a lag of 5 lies behind them
    assert round((0.034 - 0.031) / 0.034 * 100) == 9
    assert abs(turns(4, 1, 2)[2] - turns(4, 0.9, 2)[2]) < 1e-4


def one_step(seed: int = 0):
    """x, h_1, dh_1 and the weights of a step from the state zero, and the right gradients by differences."""
    rng = np.random.default_rng(seed)
    x, W_ih, W_hh = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 4))
    h, dh = np.zeros((2, 4)), rng.normal(size=(2, 4))
    h_next = np.tanh(x @ W_ih.T + h @ W_hh.T)
    return h, h_next, dh * (1 - h_next**2), W_hh


def test_what_the_blind_test_sees_and_what_not():
    h, h_next, da, W_hh = one_step()
    assert not (da.T @ h).any()  # dW_hh is zero: a factor, or zeros in the place of h_0, do not show
    assert (da.T @ h_next).any()  # h_t in the place of h_{t-1} does
    assert np.abs(da @ W_hh - da @ W_hh.T).max() > 0.1  # and so does W_hh transposed
    assert np.abs(h_next).min() > 0  # and the slope of tanh


def test_which_loops_clip_too_late():
    from autograder.demo import solved

    assignment = find_assignment(COURSE, "gradient_flow")
    probes: dict = {}
    exec((assignment.folder / "probes.py").read_text(), probes)
    names: dict = {"np": np}
    exec(next(cell.source for cell in solved(assignment).cells if "def clips_too_late" in cell.source), names)
    parameters = {"W": np.ones((2, 3)), "b": np.ones(2)}
    late = {
        name
        for name, loop in probes.items()
        if name.startswith("loop_") and names["clips_too_late"](loop, parameters, 1.0, 0.1)
    }
    assert late == {"loop_b", "loop_d", "loop_f", "loop_h"}


def test_what_the_lazy_test_sees_and_what_not():
    rng = np.random.default_rng(0)
    r, z, from_x = (rng.uniform(0.1, 0.9, size=(2, 4)) for _ in range(3))
    W, h = rng.normal(size=(4, 4)), np.zeros((2, 4))

    def candidates(b):
        dead, right, before = h @ W.T + b, r * (h @ W.T + b), (r * h) @ W.T + b
        return [np.tanh(from_x + part) for part in (right, dead, before)]

    right, dead, before = candidates(np.zeros(4))
    assert (right == dead).all()
    assert (right == before).all()
    right, dead, before = candidates(np.ones(4))
    assert min(np.abs(right - dead).min(), np.abs(right - before).min()) > 1e-3
    assert np.abs((1 - z) * right - z * right).max() > 0.01


# It is a part of the key, and of no grade that the checks give.


def secret_lines() -> set[str]:
    lines = {line.strip() for each in WITH_QUESTIONS for line in rubric_file(each).read_text().splitlines()}
    return {line for line in lines if len(line) >= SHORTEST_LINE}


def test_no_line_of_a_rubric_is_public():
    secret = secret_lines()
    assert len(secret) > 300
    public = [path for folder in ("book", "exercises") for path in (COURSE / folder).rglob("*") if path.is_file()]
    public += [path for _, path in bundled_files(COURSE, COURSE / "_build" / "html", ALL)]
    public += [*(COURSE / "_build" / "html").rglob("*.html"), COURSE / "README.md"]
    for path in public:
        text = path.read_bytes().decode("utf-8", "replace")
        assert not [line for line in secret if line in text], path


@pytest.fixture
def copy(tmp_path):
    """A course with one assignment, to change."""
    for folder in ("solutions/gru_cell", "solutions/reference", "exercises/gru_cell"):
        shutil.copytree(COURSE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Assignment(tmp_path, "gru_cell")


def test_a_rubric_makes_no_report_out_of_date(copy):
    before = copy.sha256
    rubric_file(copy).write_text("changed")
    assert Assignment(copy.course, "gru_cell").sha256 == before
    (copy.folder / "variants" / "rubric.md").touch()  # only that of the assignment itself
    assert Assignment(copy.course, "gru_cell").sha256 != before


# A rubric that is wrong says where.

WRONG = [  # what is changed, into what, the line that the error names, and what it says
    ("# Rubric: gru_cell", "# Rubric: lstm", "# R", "the file should begin with the line '# Rubric: gru_cell'."),
    ("## what_a_unit_does", "## what_it_does", "## w", "has no written question 'what_it_does'. It has: what_a_unit"),
    ("2 points. It", "3 points. It", "## w", "the notebook gives 2 points, the rubric 3."),
    ("2 points. It", "It", "## w", "below it should stand the points, as in '2 points.'"),
    (
        "| 0.5 | says that `r` then",
        "| 1 | says that `r` then",
        "## w",
        "its criteria add up to 2.5, and it has 2 points.",
    ),
    ("| 0.5 | says that `r` then", "| half | says that `r` then", "| half", "'half' is no number of points."),
    ("| 0.5 | says that `r` then", "| says that `r` then", "| says", "a row of a table with 2 cells is wanted"),
    ("### Part (0.5)", "### Part (0.7)", "### Part (0.7)", "no criteria add up to 0.7."),
    ("### Part (0.5)", "### Part (2)", "### Part (2)", "2 of 2 points is not what is called 'Part'."),
    ("### Part (0.5)", "### Half (0.5)", "### Half", "is none of: Full marks, Part, None"),
    ("### None (0)", "### Part (1)", "## w", "it has no sample answer '### None (...)'."),
    ("Say: The names mislead.", "The names mislead.", "### None", "a line 'Say: ...' is missing."),
    ("Why: it goes", "But it goes", "But it goes", "a line of an answer begins with >"),
    ("> r = 0 resets", "", "### None", "below it should stand the answer, each line with a > before it."),
]


@pytest.mark.parametrize(("right", "wrong", "at", "says"), WRONG, ids=[f"{each[0]} {each[1]}" for each in WRONG])
def test_what_is_wrong_with_a_rubric_is_said_with_its_line(copy, right, wrong, at, says):
    text = rubric_file(copy).read_text()
    assert text.count(right) == 1
    changed = [line if right not in line else line.replace(right, wrong) if wrong else "" for line in text.splitlines()]
    rubric_file(copy).write_text("\n".join(changed))
    line = next(number for number, line in enumerate(changed, start=1) if line.startswith(at))
    with pytest.raises(CourseError) as error:
        read_rubric(copy)
    assert str(error.value).startswith(f"{rubric_file(copy)}, line {line}: ")
    assert says in str(error.value)


def test_a_rubric_that_says_nothing_of_a_question(copy):
    rubric_file(copy).write_text("# Rubric: gru_cell\n")
    with pytest.raises(CourseError, match=r"line 1: the file ends, and says nothing of what_a_unit_does\.$"):
        read_rubric(copy)
    rubric_file(copy).unlink()
    with pytest.raises(CourseError, match=r"rubric\.md is missing\. It should say how to grade what_a_unit_does\.$"):
        read_rubric(copy)


# The command


def test_the_terminal_shows_a_rubric_and_says_that_it_is_secret():
    said = run_well("autograder", "rubric", "gru_cell", COLUMNS="200")
    assert "says that with z = 1 the unit keeps its state as it was" in said
    assert "This is a part of the answer key" in said
    assert "\x1b" not in said


def test_without_a_name_the_questions_are_listed():
    said = run_well("autograder", "rubric")
    for each in WITH_QUESTIONS:
        for task in written_tasks(each):
            assert re.search(rf"^{each.name} +{task.name} +{task.points:g}$", said, re.MULTILINE)


def test_pages_for_all_rubrics(tmp_path):
    run_well("autograder", "rubric", "--out", tmp_path)
    assert {path.stem for path in tmp_path.glob("*.html")} == {"index", *(each.name for each in WITH_QUESTIONS)}
    page = (tmp_path / "gru_cell.html").read_text()
    assert "Part of the answer key" in page
    assert "<td>says that with <code>z = 1</code> the unit keeps its state as it was</td>" in page
    assert "What does a unit do at a step where" in page
    assert "autograder/pages" not in page
    for link in re.findall(r'href="([\w.]+\.html)', (tmp_path / "index.html").read_text()):
        assert (tmp_path / link).is_file()


def test_an_assignment_that_has_no_rubric_yet(copy, tmp_path):
    rubric_file(copy).unlink()
    assert "what_a_unit_does         2  (there is no rubric yet)" in run_well("autograder", "rubric", cwd=copy.course)
    assert run("autograder", "rubric", "gru_cell", cwd=copy.course).returncode == 2
    done = run("autograder", "rubric", "--out", tmp_path / "rubrics", cwd=copy.course)
    assert done.returncode == 0
    assert "rubric.md is missing: its pages say only what is asked." in done.stderr
    assert "What does a unit do at a step where" in (tmp_path / "rubrics" / "gru_cell.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--marks", "m.csv"], "Say where they are: --answers submitted"),
        (["--answers", "submitted"], "--out DIR makes pages of them, --marks FILE a table."),
        (["nonsense"], "This course has no assignment 'nonsense'."),
    ],
)
def test_a_command_that_makes_no_sense(arguments, says):
    done = run("autograder", "rubric", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
