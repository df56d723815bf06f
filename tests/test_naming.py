"""A wrong answer's mistake is named on fresh inputs, pairs and conventions too; what has no name gets no wrong one."""

import dataclasses
import itertools
import shutil

import nbformat
import numpy as np
import pytest
from running import COURSE, run

from autograder import judge as judging
from autograder.catalogue import Catalogue
from autograder.course import Key, find_assignment
from autograder.demo import members, solved
from autograder.handed import Handed
from autograder.jail.levels import best_level
from autograder.judge import Judge
from autograder.learner import cases as frozen
from autograder.learner.answer import observe
from autograder.learner.check import Checker
from autograder.learner.compare import compare, same_answer
from autograder.learner.results import TaskResult
from autograder.learner.smallest import UNKNOWN
from autograder.pages import write_page
from autograder.report import read_report, write_report
from autograder.source import solution_namespace
from autograder.testing import both
from solutions import reference

ASSIGNMENT = find_assignment(COURSE, "gru_cell")
CATALOGUE = Catalogue(ASSIGNMENT)
CASES = frozen.load(ASSIGNMENT.released / "cases.npz")
TASKS = {task.name: task for task in CASES.tasks}
KEYS = ["one key", "another", "a third"]

HEAD = "def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):\n"
CELL = """
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    new = (1 - z) * n + z * h
"""


def cell(end: str) -> str:
    """A right cell but for its end."""
    return f"{HEAD}{CELL}    {end}\n"


# Wrong answers that are in nobody's catalogue, by the task that they are an answer to.
STRAYS = {
    "relu candidate": ("gru_cell", cell("return (1 - z) * np.maximum(i_n + r * h_n, 0) + z * h")),
    "candidate alone": ("gru_cell", cell("return n")),
    "half and half": ("gru_cell", cell("return (n + h) / 2")),
    "z twice": ("gru_cell", cell("return z * n + z * h")),
    "r for z": ("gru_cell", cell("return (1 - r) * n + r * h")),
    "z for r": ("gru_cell", cell("n = np.tanh(i_n + z * h_n)\n    return (1 - z) * n + z * h")),
    "a little too large": ("gru_cell", cell("return 1.01 * new")),
    "three decimals": ("gru_cell", cell("return np.round(new, 3)")),
    "only the first row": ("gru_cell", cell("new[1:] = 0\n    return new")),
    "rows exchanged": ("gru_cell", cell("return new[::-1].copy()")),
    "the last unit": ("gru_cell", cell("new[:, -1] = h[:, -1]\n    return new")),
    "gates see the input alone": (
        "gru_cell",
        cell("r, z = sigmoid(i_r), sigmoid(i_z)\n    return (1 - z) * np.tanh(i_n + r * h_n) + z * h"),
    ),
    "three mistakes": ("gru_cell", cell("return z * sigmoid(i_n + (1 - r) * h_n) + (1 - z) * h")),
    "nothing but the state": ("gru_cell", cell("return h.copy()")),
    "raises": ("gru_cell", cell("raise ValueError('shapes do not fit')")),
    "a wrong factor in the exponent": ("sigmoid", "def sigmoid(a):\n    return (1 + np.tanh(a)) / 2\n"),
    "clipped too early": ("sigmoid", "def sigmoid(a):\n    return 1 / (1 + np.exp(-np.clip(a, -6, 6)))\n"),
    "a running mean": (
        "gru_forward",
        """def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        h = (h + gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)) / 2
        states.append(h)
    return np.stack(states)
""",
    ),
    "h0 is part of the result": (
        "gru_forward",
        """def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(gru_cell(x_t, states[-1], W_ih, W_hh, b_ih, b_hh))
    return np.stack(states)
""",
    ),
}


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Grades notebooks by student with one key; the reports by student."""
    judges = {}

    def graded(notebooks, key=KEYS[0]):
        folder = tmp_path_factory.mktemp("handed")
        for student, notebook in notebooks.items():
            nbformat.write(notebook, folder / f"{student}.ipynb")
        if key not in judges:
            judges[key] = Judge(ASSIGNMENT, Key(key), best_level())
        handed = [Handed(student, folder / f"{student}.ipynb") for student in notebooks]
        reports = {report.student: report for report in judges[key].judge_files(handed)}
        assert judges[key].take_faults() == []
        return reports

    yield graded
    for judge in judges.values():
        judge.close()


def by_task(report) -> dict:
    return {task.name: task for task in report.tasks}


def named(report) -> dict[str, str]:
    return {task.name: task.mistake for task in report.tasks if task.mistake}


def with_answers(**sources: str) -> dict:
    """The names of a notebook with the right answers, but for some that are replaced."""
    namespace = solution_namespace(ASSIGNMENT)
    for source in sources.values():
        exec(source, namespace)
    return namespace


# rates


@pytest.fixture(scope="module")
def graded_class(grade):
    """The demo class's wrong and right members, graded with each key: (member, report) pairs."""
    class_ = [member for member in members(ASSIGNMENT) if member.student.startswith(("mistake-", "right-"))]
    pairs = []
    for key in KEYS:
        reports = grade({member.student: member.notebook for member in class_}, key)
        pairs += [(member, reports[member.student]) for member in class_]
    return pairs


def test_every_mistake_pair_and_convention_is_named_on_fresh_inputs(graded_class):
    wrong = [(member, report) for member, report in graded_class if member.student.startswith("mistake-")]
    right = [member.student for member, report in wrong if named(report) == member.mistakes]
    assert len(wrong) == len(CATALOGUE.mistakes) * len(KEYS)
    assert len(right) / len(wrong) == 1.0  # 0.95 is asked for; this is what is measured


def test_a_right_answer_in_any_style_gets_full_marks_and_no_name(graded_class):
    right = [report for member, report in graded_class if member.student.startswith("right-")]
    assert len(right) == (1 + len(ASSIGNMENT.variants)) * len(KEYS)
    for report in right:
        assert report.score == report.max_score
        assert not any(task.mistake or task.hint or task.kind or task.unknown or task.snippet for task in report.tasks)


def test_what_is_not_in_the_catalogue_is_never_given_a_name(grade):
    notebooks = {student: solved(ASSIGNMENT, {task: source}) for student, (task, source) in STRAYS.items()}
    assert len(notebooks) >= 10
    for key in KEYS[:2]:
        reports = grade(notebooks, key)
        for student, (task, _) in STRAYS.items():
            assert named(reports[student]) == {}, student
            told = by_task(reports[student])[task]
            assert (told.points, told.status) == (0, "graded")
            assert told.unknown.startswith("This mistake is not in the catalogue. The smallest case that still fails")
            assert told.snippet.splitlines()[0].startswith("# ")


@pytest.mark.parametrize("stray", STRAYS)
def test_the_learner_s_check_gives_it_no_name_either(stray):
    task, source = STRAYS[stray]
    check = Checker(CASES, with_answers(**{task: source}))
    results = [check.result(each) for each in TASKS]
    assert [result.mistake for result in results] == [None] * 3
    wrong = next(result for result in results if result.name == task)
    assert not wrong.passed
    assert wrong.unknown.startswith(UNKNOWN)
    assert all(result.unknown is None for result in results if result.passed)


@pytest.mark.parametrize("task", TASKS)
def test_no_two_known_mistakes_answer_every_case_alike(task):
    cases = [case for check in TASKS[task].checks for case in check.cases]
    names = list(cases[0].known)
    assert len(names) == len(CATALOGUE.suspects[task])
    for one, other in itertools.combinations(names, 2):
        same = [same_answer(case.known[one], case.known[other], case.quiet) for case in cases]
        assert not all(same), (one, other)


@pytest.mark.parametrize("task", TASKS)
def test_what_one_mistake_explains_is_never_told_as_two(task):
    """Where a pair looks like one mistake, the one is found: it comes first."""
    parts = [len(suspect.mistake.of) for suspect in CATALOGUE.suspects[task]]
    assert parts == sorted(parts)
    assert list(TASKS[task].checks[0].cases[0].known) == [s.mistake.name for s in CATALOGUE.suspects[task]]


# pairs and conventions


def pairs():
    return [mistake for mistake in CATALOGUE.mistakes if mistake.of]


def test_there_are_pairs_in_one_function_and_across_two():
    kinds = [(mistake.function is None, mistake.told.kind) for mistake in pairs()]
    assert kinds.count((False, "pair")) >= 6
    assert kinds.count((True, "pair")) >= 6
    assert kinds.count((False, "convention")) == 3
    assert len({mistake.name for mistake in CATALOGUE.mistakes}) == len(CATALOGUE.mistakes)


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.name)
def test_a_pair_is_made_of_two_that_are_listed_and_says_both(pair):
    first, second = pair.of
    assert pair.name == f"{first.name}_and_{second.name}"
    assert {first, second} <= set(CATALOGUE.mistakes)
    assert pair.task == second.task
    said = pair.told.seen_from(pair.task)
    assert f"(1) {first.hint}" in said or f"(1) This comes from your `{first.task}`. {first.hint}" in said
    assert f"(2) {second.hint}" in said


def test_two_mistakes_in_one_task_need_a_function_of_their_own():
    one, other = (each.function for each in CATALOGUE.mistakes[:2])
    with pytest.raises(ValueError, match=r"are both made in sigmoid. Write a function with @mistake"):
        both(one, other)


def test_two_mistakes_in_two_tasks_are_told_where_both_show(grade):
    pair = next(each for each in pairs() if each.name == "hard_sigmoid_and_update_gate_flipped")
    tasks = by_task(grade({"ada": solved(ASSIGNMENT, pair.sources)})["ada"])
    assert [task.mistake for task in tasks.values()] == ["hard_sigmoid", pair.name, pair.name]
    assert [task.kind for task in tasks.values()] == ["mistake", "pair", "pair"]
    assert tasks["gru_cell"].hint.startswith("(1) This comes from your `sigmoid`. This is the hard sigmoid")
    assert "(2) Your update gate is flipped" in tasks["gru_cell"].hint
    assert "(2) This comes from your `gru_cell`. Your update gate is flipped" in tasks["gru_forward"].hint


CONVENTIONS = {
    "update_gate_flipped": "the update gate of Chung et al. (2014)",
    "reset_before_product": "the reset gate of the published version of Cho et al. (2014)",
    "gates_swapped": "the gates in the order of Keras and ONNX (z, r, n)",
    "update_gate_flipped_and_reset_before_product": "the gates of Chung et al. (2014)",
    "gates_swapped_and_reset_before_product": "the gates of ONNX's default and of Keras with reset_after=False",
    "gates_swapped_and_update_gate_flipped": "the gates in the order of Keras and ONNX (z, r, n) and the update gate",
}


def test_these_are_conventions_and_no_others():
    assert {mistake.name for mistake in CATALOGUE.mistakes if mistake.convention} == set(CONVENTIONS)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_right_cell_of_another_convention_is_told_whose(grade, tmp_path, name):
    mistake = next(mistake for mistake in CATALOGUE.mistakes if mistake.name == name)
    report = grade({"ada": solved(ASSIGNMENT, mistake.sources)})["ada"]
    task = by_task(report)["gru_cell"]
    assert (task.mistake, task.kind, task.points) == (name, "convention", 0)
    assert task.hint.startswith(f"Your function is right in another convention: it has {CONVENTIONS[name]}")
    page = write_page(report, tmp_path).read_text()
    assert "This looks like a right cell of another convention: <b>" in page
    assert read_report(write_report(report, tmp_path)) == report
    result = Checker(CASES, with_answers(**mistake.sources)).result("gru_cell")
    assert (result.mistake, result.kind, result.hint) == (name, "convention", task.hint)
    for shown in (repr(result), result._repr_html_()):
        assert "This looks like a right cell of another convention: " in shown


def test_a_convention_beside_a_mistake_is_no_convention():
    mixed = next(each for each in pairs() if each.name == "update_gate_flipped_and_no_recurrent_bias")
    assert mixed.told.kind == "pair"
    assert "convention" not in mixed.told.seen_from("gru_cell")


# the smallest case that fails


def result_of(task: str, source: str) -> TaskResult:
    return Checker(CASES, with_answers(**{task: source})).result(task)


def pasted(snippet: str, namespace: dict, capsys) -> dict:
    """The notebook's names after the snippet has run in a cell of it."""
    exec(snippet, namespace)
    assert capsys.readouterr().out.startswith("yours:\n")
    return namespace


@pytest.mark.parametrize("stray", [stray for stray in STRAYS if stray != "raises"])
def test_the_snippet_shows_the_failure_that_it_promises(stray, capsys):
    task, source = STRAYS[stray]
    namespace = with_answers(**{task: source})
    names = pasted(Checker(CASES, namespace).result(task).snippet, namespace, capsys)
    yours, right = np.asarray(names["yours"]), names["right"]
    assert yours.shape != right.shape or np.abs(yours - right).max() > 1e-5
    again = getattr(reference, task)(*(names[parameter] for parameter in TASKS[task].parameters))
    assert np.allclose(right, again, rtol=0, atol=1e-6)


def test_the_snippet_raises_where_it_promises_that():
    namespace = with_answers(gru_cell=STRAYS["raises"][1])
    snippet = Checker(CASES, namespace).result("gru_cell").snippet
    assert snippet.startswith("# B = 1, D = 1, H = 1: it raises an error.")
    with pytest.raises(ValueError, match="shapes do not fit"):
        exec(snippet, namespace)


def forward(condition: str) -> str:
    """A sequence that is right but where the condition holds."""
    return f"""def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    (T, B, D), H = x.shape, h0.shape[1]
    return np.stack(states) * (0.9 if {condition} else 1)
"""


@pytest.mark.parametrize("sizes", [{}, {"T": 2}, {"B": 2}, {"D": 2}, {"H": 2}, {"T": 3}, {"B": 3}, {"B": 2, "H": 3}])
def test_the_sizes_are_the_least_that_still_fail(sizes):
    condition = " and ".join(["True", *(f"{name} >= {size}" for name, size in sizes.items())])
    least = {"T": 1, "B": 1, "D": 1, "H": 1, **sizes}
    result = result_of("gru_forward", forward(condition))
    words = ", ".join(f"{name} = {size}" for name, size in least.items())
    assert result.unknown == (
        f"This mistake is not in the catalogue. The smallest case that still fails has {words}. "
        "Paste it into a cell and run it."
    )
    names: dict = {"np": np, "gru_forward": lambda *_: 0}
    exec(result.snippet, names)
    assert (*names["x"].shape, names["h0"].shape[1]) == tuple(least.values())


def test_the_small_cases_grow_and_have_few_digits():
    for name, letters in {"gru_cell": "BDH", "gru_forward": "TBDH"}.items():
        sizes = [
            tuple(int(text.partition(" = ")[2]) for text in case.sizes.split(", "))
            for case in TASKS[name].small
            if "large" not in case.sizes
        ]
        assert [sum(each) for each in sizes] == sorted(sum(each) for each in sizes)
        assert set(sizes) == set(itertools.product((1, 2, 3), repeat=len(letters)))
        for case in TASKS[name].small:
            assert all((array == array.round(2)).all() and (array != 0).all() for array in case.arguments)


@pytest.mark.parametrize("task", TASKS)
def test_the_small_cases_hold_what_the_reference_gives(task):
    for case in TASKS[task].small:
        want = getattr(reference, task)(*case.arguments)
        assert case.want.shape == np.shape(want)
        assert np.allclose(case.want, want, rtol=0, atol=1e-13)


@pytest.mark.parametrize("task", TASKS)
def test_every_known_mistake_fails_on_a_small_case_too(task):
    """So the small cases are strong: what they let through, no mistake of the catalogue looks like."""
    for suspect in CATALOGUE.suspects[task]:
        answers = [observe(suspect.function, [np.copy(a) for a in case.arguments]) for case in TASKS[task].small]
        seen = zip(answers, TASKS[task].small, strict=True)
        assert any(compare(answer, case.want, axes=case.axes, quiet=case.quiet) for answer, case in seen), suspect


@pytest.mark.parametrize(
    ("end", "promise"),
    [
        ("return new.tolist()[0]", "its result has another shape"),
        ("return new.astype(np.float32)", "its result has another dtype"),
        ("return [str(new)]", "its result is of another type"),
        ("return new / np.zeros(1)", "its result is not finite"),
        ("b_hh += 1\n    return new", "it changes its arguments"),
        ("h[:] = new\n    return h", "it changes its arguments"),
        ("return new + 3e-9", "its result differs"),
        ("raise NotImplementedError if len(x) == 1 else KeyError", "it is not written yet"),
    ],
)
def test_the_first_line_says_what_to_look_at(end, promise, capsys):
    namespace = with_answers(gru_cell=cell(end))
    result = Checker(CASES, namespace).result("gru_cell")
    assert result.snippet.splitlines()[0] == f"# B = 1, D = 1, H = 1: {promise}."
    if promise == "its result differs":
        names = pasted(result.snippet, namespace, capsys)
        assert np.abs(names["yours"] - names["right"]).max() == pytest.approx(3e-9, rel=1e-3)


def test_where_no_small_case_fails_that_is_said():
    result = result_of("gru_forward", forward("T > 3"))
    assert not result.passed
    assert result.snippet is None
    assert result.unknown == (
        "This mistake is not in the catalogue. None of its 81 small cases fails, up to T = 3, B = 3, D = 3, H = 3."
    )


@pytest.mark.parametrize("source", [f"{HEAD}    raise NotImplementedError()", "gru_cell = 3", "del gru_cell"])
def test_what_is_not_written_gets_no_case(grade, source):
    result = result_of("gru_cell", source)
    task = by_task(grade({"ada": solved(ASSIGNMENT, {"gru_cell": source})})["ada"])["gru_cell"]
    for told in (result, task):
        assert (told.unknown, told.snippet) == (None, None)
    assert not result.passed
    assert task.points == 0


def test_it_is_shown_in_the_terminal_at_the_margin_and_in_the_notebook_as_it_is():
    result = result_of("gru_cell", STRAYS["rows exchanged"][1])
    assert repr(result).endswith(f"\n\n{result.snippet}")
    assert result.snippet.endswith('sep="\\n")')
    assert "sep=&quot;\\n&quot;)</pre>" in result._repr_html_()


def test_nothing_of_the_learner_s_enters_the_case(grade):
    markup = "<script>alert(1)</script>"
    source = cell(f"raise ValueError({markup!r}) if len(x) > 1 else type({markup!r}, (Exception,), {{}})()")
    task = by_task(grade({"ada": solved(ASSIGNMENT, {"gru_cell": source})})["ada"])["gru_cell"]
    assert any(markup in check.message for check in task.checks)
    assert "script" not in task.snippet + task.unknown


def test_the_grader_shows_the_public_case_whatever_the_key(grade):
    task, source = STRAYS["only the first row"]
    told = [by_task(grade({"ada": solved(ASSIGNMENT, {task: source})}, key)["ada"])[task] for key in KEYS[:2]]
    own = result_of(task, source)
    assert [(each.unknown, each.snippet) for each in told] == [(own.unknown, own.snippet)] * 2
    assert told[0].checks != told[1].checks  # the hidden inputs were others


def test_a_page_shows_the_case_as_it_is(grade, tmp_path):
    report = grade({"ada": solved(ASSIGNMENT, {"gru_cell": STRAYS["rows exchanged"][1]})})["ada"]
    page = write_page(report, tmp_path).read_text()
    assert "This mistake is not in the catalogue." in page
    assert "yours = gru_cell(x, h, W_ih, W_hh, b_ih, b_hh)\n" in page
    assert "sep=&#34;\\n&#34;)</pre>" in page
    assert read_report(write_report(report, tmp_path)) == report


@pytest.mark.parametrize("end", ["while True: pass", "import os; os._exit(3)", "x = np.zeros(10**10)"])
def test_what_is_lost_while_a_case_is_looked_for_costs_nothing(grade, monkeypatch, end):
    """The function turns nasty on the second small case, which no check has: one row, one unit, two inputs."""
    monkeypatch.setattr(judging, "SMALL_CASES_SECONDS", 0.5)
    wrong = cell("return new * 0.9 if x.size > 2 else new")
    nasty = wrong.replace("    H = ", f"    if x.size == 2 and h.size < 3:\n        {end}\n    H = ")
    reports = grade({"calm": solved(ASSIGNMENT, {"gru_cell": wrong}), "ada": solved(ASSIGNMENT, {"gru_cell": nasty})})
    calm, task = (by_task(reports[student])["gru_cell"] for student in ("calm", "ada"))
    assert calm.snippet
    assert (task.unknown, task.snippet) == (UNKNOWN, None)
    plain = {"unknown": None, "snippet": None, "checks": []}
    assert dataclasses.replace(task, **plain) == dataclasses.replace(calm, **plain)
    assert reports["ada"].status == "graded"
    assert [check.passed for check in task.checks] == [check.passed for check in calm.checks]


def test_without_frozen_cases_the_marks_are_the_same(tmp_path):
    """Here the release has lost its cases: the instructor is told, the learner loses the small case alone."""
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "exercises" / "gru_cell" / "cases.npz").unlink()
    folder = tmp_path / "submitted" / "ada" / "gru_cell"
    folder.mkdir(parents=True)
    nbformat.write(solved(ASSIGNMENT, {"gru_cell": STRAYS["z twice"][1]}), folder / "gru_cell.ipynb")
    done = run("autograder", "grade", "submitted", "--out", "grades", cwd=tmp_path)
    assert done.returncode == 1
    assert "cases.npz holds no frozen cases that can be read" in (tmp_path / "grades" / "faults.txt").read_text()
    report = read_report(tmp_path / "grades" / "reports" / "ada" / "gru_cell.json")
    assert (report.status, report.score) == ("graded", 1)
    assert by_task(report)["gru_cell"].unknown == UNKNOWN
