"""The learner's own check passes every right answer and names every known mistake, in words, on the frozen cases."""

import shutil
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from running import COURSE

import autograder
from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.demo import answer_cells
from autograder.learner import cases as frozen
from autograder.learner.check import Checker, open_cases
from autograder.source import solution_namespace

ASSIGNMENT = find_assignment(COURSE, "gru_cell")
CATALOGUE = Catalogue(ASSIGNMENT)
TASKS = ["sigmoid", "gru_cell", "gru_forward"]


@pytest.fixture(scope="module")
def cases():
    return frozen.load(ASSIGNMENT.released / "cases.npz")


@pytest.fixture
def check_with(cases):
    """The check of a notebook with the right answers, but for some that are replaced."""
    return lambda **replaced: Checker(cases, solution_namespace(ASSIGNMENT, replaced))


def messages(result) -> list[str]:
    return [check.message for check in result.checks if not check.passed]


@pytest.mark.parametrize("task", TASKS)
def test_the_right_answer_passes(check_with, task):
    result = check_with().result(task)
    assert result.passed
    assert (result.mistake, result.hint, messages(result)) == (None, None, [])


@pytest.mark.parametrize("variant", ASSIGNMENT.variants, ids=lambda path: path.stem)
def test_every_right_way_of_writing_it_passes(cases, variant):
    namespace: dict = {"__name__": variant.stem}
    exec(compile(variant.read_text(), variant, "exec", dont_inherit=True), namespace)
    results = [Checker(cases, namespace).result(task) for task in TASKS]
    assert all(result.passed for result in results), results


def test_the_catalogue_is_large_enough():
    assert len(CATALOGUE.mistakes) >= 14


@pytest.mark.parametrize("mistake", CATALOGUE.mistakes, ids=lambda mistake: mistake.name)
def test_a_mistake_is_named_in_every_task_that_it_spoils_and_fails_no_other(cases, mistake):
    namespace = solution_namespace(ASSIGNMENT)
    for source in mistake.sources.values():
        exec(source, namespace)
    check = Checker(cases, namespace)
    results = {task: check.result(task) for task in TASKS}
    spoiled = CATALOGUE.spoiled_tasks(mistake)
    assert [task for task in TASKS if not results[task].passed] == sorted(spoiled, key=TASKS.index)
    named = {each.name: each for each in CATALOGUE.mistakes}
    for task, name in CATALOGUE.names(mistake).items():
        assert (results[task].mistake, results[task].kind) == (name, named[name].told.kind)
        assert (results[task].unknown, results[task].snippet) == (None, None)
        for part in named[name].of or (named[name],):
            assert part.hint in results[task].hint
            assert (f"This comes from your `{part.task}`." in results[task].hint) == (task != part.task)


def test_every_task_of_the_assignment_has_a_check():
    assert [task.name for task in ASSIGNMENT.tasks if not task.manual] == CATALOGUE.tasks == TASKS


# What a learner meets on the way.


def sentences(cases, task: str, namespace: dict) -> list[str]:
    """What is said of a task that fails, the same in every check."""
    result = Checker(cases, namespace).result(task)
    assert not result.passed
    assert len(result.checks) > 1
    return sorted(set(messages(result)))


def test_a_function_that_is_not_defined(cases):
    said = sentences(cases, "gru_cell", {})
    assert said == ["There is no function `gru_cell`. Run the cell that defines it."]


@pytest.mark.parametrize("thing", [3, None, np.zeros(2), "text"], ids=lambda thing: type(thing).__name__)
def test_a_name_that_is_no_function(cases, thing):
    (said,) = sentences(cases, "gru_cell", {"gru_cell": thing})
    assert said.startswith("`gru_cell` is ")
    assert said.endswith(f"{type(thing).__name__}, not a function.")


def test_a_function_that_is_not_written_yet(cases):
    def gru_cell(*_):
        raise NotImplementedError

    assert sentences(cases, "gru_cell", {"gru_cell": gru_cell}) == ["It is not written yet."]


def test_a_function_that_only_passes(cases):
    (first, *_) = sentences(cases, "gru_cell", {"gru_cell": lambda *_: None})
    assert first.startswith("It returned None; an array of shape ")


def test_a_function_that_raises(cases):
    def gru_cell(x, h, *weights):
        raise ValueError("operands could not be broadcast together")

    said = sentences(cases, "gru_cell", {"gru_cell": gru_cell})
    assert said == ["It raised ValueError: operands could not be broadcast together."]


def test_a_function_that_leaves(cases):
    def gru_cell(x, h, *weights):
        raise SystemExit(1)

    assert sentences(cases, "gru_cell", {"gru_cell": gru_cell}) == ["It raised SystemExit: 1."]


def test_a_function_with_other_parameters(cases):
    (said,) = sentences(cases, "gru_cell", {"gru_cell": lambda x, h: h})
    assert said.startswith("It raised TypeError: ")


def test_the_learner_may_interrupt(check_with):
    def gru_cell(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_with(gru_cell=gru_cell).result("gru_cell")


def test_a_result_in_float32_is_told_so(check_with):
    right = solution_namespace(ASSIGNMENT)["gru_cell"]
    result = check_with(gru_cell=lambda *cell: right(*cell).astype(np.float32)).result("gru_cell")
    assert messages(result)[0] == "The result is float32; it should be float64, as the inputs are."


def test_warnings_and_prints_cost_nothing(check_with, capsys):
    right = solution_namespace(ASSIGNMENT)["gru_cell"]

    def gru_cell(*cell):
        print("working", np.array([1.0]) / 0)
        return right(*cell)

    assert check_with(gru_cell=gru_cell).result("gru_cell").passed


@pytest.mark.parametrize("task", TASKS)
def test_a_function_that_changes_its_inputs_does_not_spoil_the_cases(cases, task):
    def spoil(*arguments):
        for argument in arguments:
            argument[...] = 0
        return arguments[0]

    assert not Checker(cases, {task: spoil}).result(task).passed
    first = repr(Checker(cases, {task: spoil}).result(task))
    assert repr(Checker(cases, {task: spoil}).result(task)) == first
    assert Checker(cases, solution_namespace(ASSIGNMENT)).result(task).passed


# How it is said.


def test_the_words_are_the_same_in_the_terminal_and_in_the_notebook(check_with):
    old_state_missing = next(each for each in CATALOGUE.mistakes if each.name == "old_state_missing")
    result = check_with(gru_cell=old_state_missing.function).result("gru_cell")
    shown = text_of(result._repr_html_())
    for words in (result.headline(), "a known mistake: old state missing", result.hint, *messages(result)):
        assert " ".join(words.split()) in shown
        assert " ".join(words.split()) in " ".join(repr(result).split())


class Text(HTMLParser):
    """The text of a page, and the tags that it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += f"{data} "


def text_of(html: str) -> str:
    parser = Text()
    parser.feed(html)
    return " ".join(parser.text.split())


def test_markup_in_a_learner_s_message_is_shown_and_not_obeyed(check_with):
    markup = "<script>alert('x')</script> & <img src=x onerror=alert(1)>"

    def gru_cell(*_):
        raise ValueError(markup)

    html = check_with(gru_cell=gru_cell).result("gru_cell")._repr_html_()
    parser = Text()
    parser.feed(html)
    assert markup in parser.text
    assert parser.tags <= {"div", "b", "ul", "li", "br", "p", "pre"}


def test_outside_of_a_notebook_the_check_prints(check_with, capsys):
    assert check_with()("sigmoid") is None
    printed = capsys.readouterr().out
    assert printed.startswith("sigmoid: all ")
    assert "gru_cell" not in printed


def test_without_a_name_every_task_is_checked(check_with, capsys):
    check_with()()
    printed = capsys.readouterr().out
    assert [line.split(":")[0] for line in printed.splitlines() if not line.startswith(" ")] == TASKS


@pytest.mark.parametrize("name", ["nonsense", "what_a_unit_does", len, 3], ids=str)
def test_a_task_that_there_is_not_gets_the_names_of_those_there_are(check_with, name):
    with pytest.raises(ValueError, match=r"gru_cell has no task .* 'sigmoid', 'gru_cell', 'gru_forward'\.$"):
        check_with()(name)


def test_where_nbgrader_runs_the_notebook_a_failed_check_raises(check_with, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(AssertionError, match=r"sigmoid: 0 of [0-9]+ checks pass"):
        check_with(sigmoid=3)("sigmoid")
    assert check_with()("sigmoid") is None


def test_elsewhere_a_failed_check_does_not_raise(check_with, capsys):
    assert check_with(sigmoid=3)("sigmoid") is None
    assert "FAIL" in capsys.readouterr().out


def test_open_finds_the_cases_and_the_functions_of_its_caller(monkeypatch, capsys):
    monkeypatch.chdir(ASSIGNMENT.released)
    namespace = solution_namespace(ASSIGNMENT) | {"autograder": autograder}
    exec('check = autograder.open("gru_cell")', namespace)
    namespace["check"]("gru_forward")
    assert capsys.readouterr().out.startswith("gru_forward: all ")


def test_the_check_sees_a_function_that_is_written_again(cases):
    namespace: dict = {}
    check = Checker(cases, namespace)
    assert not check.result("sigmoid").passed
    namespace.update(solution_namespace(ASSIGNMENT))
    assert check.result("sigmoid").passed


def test_open_says_where_the_notebook_belongs(tmp_path):
    with pytest.raises(FileNotFoundError, match="Open the notebook in the folder exercises/gru_cell/"):
        open_cases("gru_cell", {}, tmp_path)


@pytest.mark.filterwarnings("default")
def test_a_learner_in_jupyter_is_told_of_the_update_gate_in_words(tmp_path, solved_notebook):
    folder = tmp_path / "gru_cell"
    shutil.copytree(ASSIGNMENT.released, folder)
    notebook = nbformat.read(folder / "gru_cell.ipynb", as_version=4)
    flipped = next(each.sources for each in CATALOGUE.mistakes if each.name == "update_gate_flipped")
    answered = answer_cells(solved_notebook(flipped))
    for cell, answer in zip(answer_cells(notebook), answered, strict=True):
        cell.source = answer.source
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    graded = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    shown = {task: text_of("".join(output.data["text/html"] for output in graded[task].outputs)) for task in TASKS}
    assert shown["sigmoid"].startswith("sigmoid: all ")
    assert "First difference at row 0, unit 0: yours is " in shown["gru_cell"]
    assert "This looks like a right cell of another convention: update gate flipped ." in shown["gru_cell"]
    assert "it has the update gate of Chung et al. (2014). Your update gate is flipped: in this" in shown["gru_cell"]
    assert "This comes from your `gru_cell`. Your function is right in another convention" in shown["gru_forward"]
    assert any("image/png" in output.get("data", {}) for output in graded["picture"].outputs)
