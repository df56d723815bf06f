"""kill -9 of the grader, a worker, a zygote or a learner's process at any moment; then the same command, and the
reports, the grades and the gradebook are those of an undisturbed run.  So it is for a killed `import-gradebook`."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
from gradebooks import exported, marks
from killing import KINDS, adopting, below, by_kind, kill_one, left_over
from running import COURSE, run_well

from autograder.course import find_assignment
from autograder.demo import function, members, solved
from autograder.gradebook.entering import import_into
from autograder.jail.levels import LEVELS, best_level

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"),
]

ROUNDS = 52
IMPORTS = 12
SETTINGS = [("sealed", 2), ("container", 1), ("weak", 2), ("sealed", 1)]
HOLDING = [setting for setting in SETTINGS if LEVELS.index(setting[0]) >= LEVELS.index(best_level())]
LEAVE_OUT = {"hostile-endless-loop"}  # it takes seconds, and dies of SIGKILL as it should
HIT: Counter[str] = Counter()


@dataclass
class Course:
    """A copy of the course with a class in it, a gradebook that knows the assignment, and folders to hide things."""

    root: Path
    graders: dict[tuple[str, int], "Undisturbed"] = field(default_factory=dict)

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    def undisturbed(self, level: str, jobs: int) -> "Undisturbed":
        if (level, jobs) not in self.graders:
            self.graders[level, jobs] = Undisturbed(self, level, jobs)
        return self.graders[level, jobs]

    def environment(self, level: str) -> dict[str, str]:
        """Where this level is the best there is: without bubblewrap, or without seccomp."""
        found = {**os.environ, "AUTOGRADER_KEY": "a key for tests", "AUTOGRADER_ISOLATION": "weak"}
        if level != "sealed":
            found["PATH"] = str(Path(sys.executable).parent)
        if level == "weak":
            found["PYTHONPATH"] = str(self.root / "without-seccomp")
        return found

    def entered(self, out: Path, folder: Path) -> tuple[dict, str]:
        """What a gradebook holds that these reports were entered into."""
        gradebook = Path(shutil.copy(self.root / "gradebook.db", folder / "entered.db"))
        assert import_into(f"sqlite:///{gradebook}", out) == 0
        return held_in(gradebook)


@dataclass
class Undisturbed:
    """A run of the grader that nobody disturbs, and how long it took."""

    course: Course
    level: str
    jobs: int

    def begin(self, out: Path, log: Path) -> subprocess.Popen:
        """Grade the class into `out`, and do not wait."""
        command = [sys.executable, "-m", "autograder", "grade", self.course.submitted, "--out", out]
        with log.open("a") as file:
            return subprocess.Popen(
                [*command, "--jobs", str(self.jobs)],
                cwd=self.course.root,
                env=self.course.environment(self.level),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    @cached_property
    def seconds(self) -> float:
        started = time.monotonic()
        process = self.begin(self.out, self.out.with_suffix(".log"))
        assert process.wait(120) == 0, self.out.with_suffix(".log").read_text()
        return time.monotonic() - started

    @property
    def out(self) -> Path:
        return self.course.root / f"undisturbed-{self.level}-{self.jobs}"

    @cached_property
    def told(self) -> dict[str, object]:
        assert self.seconds > 0
        return told(self.out)

    @cached_property
    def entered(self) -> tuple[dict, str]:
        return self.course.entered(self.out, self.course.root)


def held_in(gradebook: Path) -> tuple[dict, str]:
    """Every mark and comment, and what nbgrader exports."""
    address = f"sqlite:///{gradebook}"
    return marks(address), exported(address, gradebook.parent)


def told(out: Path) -> dict[str, object]:
    """All that a folder of grades holds, but for the seconds."""
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and path.name != ".lock"]
    found: dict[str, object] = {str(path.relative_to(out)): path.read_text() for path in files}
    for name, text in found.items():
        if name.endswith(".json"):
            found[name] = {**json.loads(text), "seconds": None}
        if name.startswith("pages"):
            found[name] = re.sub(r"Judged in [0-9.]+ s", "Judged in so many s", text)
    return found


def differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """The files that are not the same."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def write_class(submitted: Path) -> None:
    """Right answers, wrong ones of the catalogue, and some that end badly or are not there: 26 in all."""
    assignment = find_assignment(COURSE, "gru_cell")
    everyone = {member.student: member.notebook for member in members(assignment) if member.student not in LEAVE_OUT}
    wrong = [student for student in everyone if student.startswith("mistake-")]
    for student in wrong[10:]:
        del everyone[student]
    greedy = function("gru_forward", ["x", "h0", "W_ih", "W_hh", "b_ih", "b_hh"], "return np.ones((1 << 15, 1 << 15))")
    everyone["wants-8-GB"] = solved(assignment, {"gru_forward": greedy})
    for student, notebook in everyone.items():
        path = submitted / student / "gru_cell" / "gru_cell.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    (submitted / "handed-in-nothing").mkdir()
    shutil.copytree(submitted / "right-solution", submitted / "cannot-be-read")
    (submitted / "cannot-be-read" / "gru_cell" / "gru_cell.ipynb").write_text("{")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root)
    run_well("autograder", "exercises", "--check", cwd=root)
    write_class(root / "submitted")
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=root)
    (root / "without-seccomp").mkdir()
    (root / "without-seccomp" / "pyseccomp.py").write_text("raise ImportError('a test has hidden it')\n")
    return Course(root)


def disturb(process: subprocess.Popen, moments: list[float], draw: random.Random) -> int:
    """Kill something at each of the moments, if the run still goes on then; its exit code."""
    started = time.monotonic()
    for moment in sorted(moments):
        left = started + moment - time.monotonic()
        try:
            return process.wait(max(0, left))
        except subprocess.TimeoutExpired:
            kill_one(process, draw, HIT)
    return process.wait(120)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_kill_at_any_moment_changes_nothing(course, tmp_path, number):
    undisturbed = course.undisturbed(*HOLDING[number % len(HOLDING)])
    draw = random.Random(number)
    moments = [draw.uniform(0, undisturbed.seconds) for _ in range(draw.choice([1, 1, 2]))]
    out, log = tmp_path / "grades", tmp_path / "log"
    with adopting():
        before = set(below(os.getpid()))
        hit = HIT.copy()
        code = disturb(undisturbed.begin(out, log), moments, draw)
        print("killed:", *(HIT - hit).elements())  # pytest shows it where the round fails
        assert code in (0, 1, -9)
        assert left_over(before) == []
        for _ in range(3):
            if code == 0:
                break
            code = undisturbed.begin(out, log).wait(120)
        assert code == 0, log.read_text()
        assert left_over(before) == []
    assert "Traceback" not in log.read_text()
    assert differing(told(out), undisturbed.told) == []
    assert (out / "grades.csv").read_bytes() == (undisturbed.out / "grades.csv").read_bytes()
    assert course.entered(out, tmp_path) == undisturbed.entered


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("number", range(4))
def test_ctrl_c_at_any_moment_ends_in_words(course, tmp_path, number, times):
    """From the moment that the first worker starts to that when 10 of 26 are graded; once, or twice in a row."""
    undisturbed = course.undisturbed(*HOLDING[0])
    draw = random.Random(number)
    log = tmp_path / "log"
    with adopting():
        before = set(below(os.getpid()))
        process, reports = undisturbed.begin(tmp_path / "grades", log), draw.randint(0, 10)
        while process.poll() is None and "worker" not in by_kind(process.pid):
            time.sleep(0.01)
        while process.poll() is None and len([*tmp_path.glob("grades/reports/*/*.json")]) < reports:
            time.sleep(0.01)
        for _ in range(times):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.02)
        assert process.wait(60) == 130, log.read_text()
        assert left_over(before) == []
    assert "Traceback" not in log.read_text()
    assert "run the same command again: it goes on from there." in log.read_text()


def test_processes_of_every_kind_were_killed():
    assert all(HIT[kind] >= 5 for kind in KINDS), HIT


def test_the_settings_grade_alike_and_at_their_level(course):
    """So that the rounds above are what they say."""
    scores = set()
    for level, jobs in HOLDING:
        reports = [report for name, report in course.undisturbed(level, jobs).told.items() if name.endswith(".json")]
        assert {report["isolation"] for report in reports} == {level}
        assert Counter(report["status"] for report in reports).keys() == {"graded", "missing", "unreadable"}
        scores.add(tuple(report["score"] for report in reports))
    assert len(scores) == 1


@dataclass
class Importing:
    """Grades of 560 students, to be entered in two transactions; how long that takes, and what is there then."""

    course: Course
    out: Path

    def begin(self, gradebook: Path) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "autograder", "import-gradebook", self.out, f"--gradebook=sqlite:///{gradebook}"],
            cwd=self.course.root,
            env=self.course.environment("weak"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @cached_property
    def seconds(self) -> float:
        started = time.monotonic()
        gradebook = shutil.copy(self.course.root / "gradebook.db", self.out / "entered.db")
        assert self.begin(gradebook).wait(120) == 0
        return time.monotonic() - started

    @cached_property
    def entered(self) -> tuple[dict, str]:
        assert self.seconds > 0
        return held_in(self.out / "entered.db")


@pytest.fixture(scope="module")
def importing(course):
    out = course.root / "many"
    for name, report in course.undisturbed(*HOLDING[0]).told.items():
        for number in range(20) if name.startswith("reports") else ():
            student = f"{report['student']}-{number:02}"
            path = out / "reports" / student / "gru_cell.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({**report, "student": student, "seconds": 0.0}))
    return Importing(course, out)


@pytest.mark.parametrize("number", range(IMPORTS))
def test_an_import_that_is_killed_and_run_again_enters_the_same(importing, tmp_path, number):
    gradebook = shutil.copy(importing.course.root / "gradebook.db", tmp_path / "gradebook.db")
    draw = random.Random(number)
    for _ in range(draw.choice([1, 2])):
        process = importing.begin(gradebook)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, importing.seconds))
        process.kill()
        process.wait()
    assert importing.begin(gradebook).wait(120) == 0
    assert held_in(gradebook) == importing.entered
