"""Grading goes on where it stopped, on one machine or many, and nothing is lost, doubled or half written."""

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from killing import by_kind
from running import COURSE, run, run_well

from autograder.batches import Batch, close_pools, judge_batch
from autograder.course import find_assignment
from autograder.demo import solved
from autograder.grade import How, batches_of
from autograder.jail.host import ZygoteFailed
from autograder.jail.levels import best_level
from autograder.judge import Judge

ENVIRONMENT = {"AUTOGRADER_KEY": "a key for tests", "AUTOGRADER_ISOLATION": "weak"}
WRONG = {"gru_forward": "def gru_forward(*arguments):\n    return None\n"}


def hand_in(submitted: Path, student: str, replaced: dict | None = None) -> None:
    notebook = solved(find_assignment(COURSE, "gru_cell"), replaced)
    folder = submitted / student / "gru_cell"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "gru_cell.ipynb")


def a_class(folder: Path, count: int) -> Path:
    """So many submissions; every third is wrong in its last task."""
    for number in range(count):
        hand_in(folder / "submitted", f"student-{number:03}", WRONG if number % 3 == 0 else None)
    return folder / "submitted"


def reports(out: Path) -> dict[str, dict]:
    """What the reports say, but for the seconds."""
    found = {}
    for path in (out / "reports").glob("*/*.json"):
        found[path.parent.name] = {
            name: value for name, value in json.loads(path.read_text()).items() if name != "seconds"
        }
    return found


def rows(out: Path) -> list[dict]:
    with (out / "grades.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of 45 and its grades, undisturbed."""
    folder = tmp_path_factory.mktemp("class")
    a_class(folder, 45)
    run_well("autograder", "grade", folder / "submitted", "--out", folder / "grades")
    return folder


def begin(submitted: Path, out: Path, *options: str) -> subprocess.Popen:
    """Start grading in a process group of its own and do not wait."""
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", submitted, "--out", out, *options],
        cwd=COURSE,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_reports(out: Path, process: subprocess.Popen) -> None:
    """Wait until the first report is there, or the process has ended."""
    while process.poll() is None and not any((out / "reports").glob("*/*.json")):
        time.sleep(0.01)


class TestAgain:
    def test_nothing_is_done_twice(self, graded, tmp_path):
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        before = {path: path.stat().st_mtime_ns for path in out.glob("reports/*/*")}
        said = run_well("autograder", "grade", graded / "submitted", "--out", out)
        assert "45 of them were graded before" in said
        assert {path: path.stat().st_mtime_ns for path in out.glob("reports/*/*")} == before
        assert rows(out) == rows(graded / "grades")

    def test_regrade_does_it_all_and_says_the_same(self, graded, tmp_path):
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        before = {path: path.stat().st_mtime_ns for path in out.glob("reports/*/*")}
        run_well("autograder", "grade", graded / "submitted", "--out", out, "--regrade")
        after = {path: path.stat().st_mtime_ns for path in out.glob("reports/*/*")}
        assert all(after[path] > before[path] for path in before)
        assert reports(out) == reports(graded / "grades")

    def test_only_what_was_handed_in_anew_is_graded(self, graded, tmp_path):
        submitted = shutil.copytree(graded / "submitted", tmp_path / "submitted")
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        hand_in(submitted, "student-000")
        hand_in(submitted, "student-new")
        assert "44 of them were graded before" in run_well("autograder", "grade", submitted, "--out", out)
        scores = {row["student"]: float(row["score"]) for row in rows(out)}
        assert len(scores) == 46
        assert scores["student-000"] == scores["student-new"] == 8

    @pytest.mark.parametrize(
        ("field", "other"),
        [("grader_version", "0.0"), ("assignment_sha256", "0" * 64), ("key_id", "another"), ("status", "fault")],
    )
    def test_a_report_that_is_not_current_is_made_anew(self, graded, tmp_path, field, other):
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        path = out / "reports" / "student-001" / "gru_cell.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), field: other}))
        assert "44 of them were graded before" in run_well("autograder", "grade", graded / "submitted", "--out", out)
        assert reports(out) == reports(graded / "grades")

    def test_a_report_with_a_fault_in_one_task_is_made_anew(self, graded, tmp_path):
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        path = out / "reports" / "student-001" / "gru_cell.json"
        report = json.loads(path.read_text())
        report["tasks"][1] |= {"status": "fault", "points": 0}
        path.write_text(json.dumps({**report, "score": 4}))
        assert "44 of them were graded before" in run_well("autograder", "grade", graded / "submitted", "--out", out)
        assert reports(out) == reports(graded / "grades")

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"student": "student-001"}'])
    def test_half_a_report_counts_as_none(self, graded, tmp_path, text):
        out = shutil.copytree(graded / "grades", tmp_path / "grades")
        (out / "reports" / "student-001" / "gru_cell.json").write_text(text)
        run_well("autograder", "grade", graded / "submitted", "--out", out)
        assert reports(out) == reports(graded / "grades")


class TestJailThatFails:
    """The process that a submission's would be forked from does not start, or is gone."""

    @pytest.fixture
    def fail(self, monkeypatch):
        """Has so many judges fail."""
        close_pools()

        def arrange(times: int) -> None:
            failing = iter(range(times))

            def judge(*arguments: object, **more: object) -> Judge:
                if next(failing, None) is not None:
                    raise ZygoteFailed("It is gone.")
                return Judge(*arguments, **more)

            monkeypatch.setattr("autograder.judge.Judge", judge)

        yield arrange
        close_pools()

    def test_a_batch_is_tried_once_more(self, graded, tmp_path, fail):
        fail(1)
        (batch, *_) = a_batch(graded, tmp_path)
        outcome = judge_batch(batch)
        assert (len(outcome.reports), outcome.faults) == (20, [])
        expected = reports(graded / "grades")
        assert {student: report["score"] for student, report in reports(tmp_path).items()} == {
            student: expected[student]["score"] for student in reports(tmp_path)
        }

    def test_and_not_for_ever(self, graded, tmp_path, fail):
        fail(2)
        (batch, *_) = a_batch(graded, tmp_path)
        with pytest.raises(ZygoteFailed):
            judge_batch(batch)


def a_batch(graded: Path, out: Path) -> list[Batch]:
    how = How(isolation="weak")
    return batches_of(COURSE, graded / "submitted", out, [find_assignment(COURSE, "gru_cell")], how)


class TestShards:
    def test_merged_they_are_the_whole(self, graded, tmp_path):
        parts = [tmp_path / f"part-{number}" for number in (1, 2, 3)]
        for number, part in enumerate(parts, 1):
            run_well("autograder", "grade", graded / "submitted", "--out", part, "--shard", f"{number}/3")
        assert all(reports(part) for part in parts)
        run_well("autograder", "merge", *parts, "--out", tmp_path / "all")
        assert reports(tmp_path / "all") == reports(graded / "grades")
        assert (tmp_path / "all" / "grades.csv").read_text() == (graded / "grades" / "grades.csv").read_text()
        assert (tmp_path / "all" / "index.html").read_text() == (graded / "grades" / "index.html").read_text()

        run_well("autograder", "merge", *parts, parts[0], "--out", tmp_path / "all")  # again, and one of them twice
        assert len(rows(tmp_path / "all")) == 45

        done = run("autograder", "merge", *parts[:2], "--out", tmp_path / "some")
        assert done.returncode == 1
        assert "Not among them: shard 3/3." in done.stderr

    def test_two_different_reports_on_one_submission_are_refused(self, graded, tmp_path):
        other = shutil.copytree(graded / "grades", tmp_path / "other")
        path = other / "reports" / "student-001" / "gru_cell.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "submission_sha256": "0" * 64}))
        done = run("autograder", "merge", graded / "grades", other, "--out", tmp_path / "all")
        assert done.returncode == 2
        assert "There are two reports on gru_cell of student-001" in done.stderr

    @pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3"])
    def test_a_shard_that_makes_no_sense(self, graded, tmp_path, shard):
        done = run("autograder", "grade", graded / "submitted", "--out", tmp_path / "out", f"--shard={shard}")
        assert done.returncode == 2
        assert "is no part of a whole" in done.stderr

    def test_what_is_no_graded_folder_cannot_be_merged(self, tmp_path):
        done = run("autograder", "merge", tmp_path, "--out", tmp_path / "all")
        assert done.returncode == 2
        assert "holds no reports" in done.stderr


@pytest.mark.alone
class TestDisturbed:
    def test_a_second_run_on_one_folder_is_refused(self, graded, tmp_path):
        first = begin(graded / "submitted", tmp_path / "out", "--jobs=1")
        wait_for_reports(tmp_path / "out", first)
        os.killpg(first.pid, signal.SIGSTOP)  # or it might be done before the second has begun
        second = run("autograder", "grade", graded / "submitted", "--out", tmp_path / "out")
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate(timeout=120)
        assert first.returncode == 0
        assert second.returncode == 2
        assert "Another run is grading into" in second.stderr
        assert reports(tmp_path / "out") == reports(graded / "grades")

    @pytest.mark.parametrize(
        ("send", "number"),
        [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)],  # a terminal's, to all of them; a system's
        ids=["ctrl-c", "sigterm"],
    )
    def test_ctrl_c_stops_and_says_how_to_go_on(self, graded, tmp_path, send, number):
        out = tmp_path / "out"
        process = begin(graded / "submitted", out, "--jobs=2")
        wait_for_reports(out, process)
        send(process.pid, number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert "run the same command again" in said
        assert "Traceback" not in said
        wait_for_the_end_of(process.pid)
        run_well("autograder", "grade", graded / "submitted", "--out", out)
        assert reports(out) == reports(graded / "grades")
        assert rows(out) == rows(graded / "grades")

    @pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
    def test_a_worker_that_is_killed_is_replaced(self, graded, tmp_path):
        out = tmp_path / "out"
        process = begin(graded / "submitted", out, "--jobs=2")
        wait_for_reports(out, process)
        for worker in by_kind(process.pid).get("worker", []):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        _, complained = process.communicate(timeout=120)
        assert process.returncode == 0, complained
        assert reports(out) == reports(graded / "grades")
        assert len(rows(out)) == 45

    def test_a_full_disk_loses_nothing(self, graded, tmp_path):
        if best_level() != "sealed":
            pytest.skip("a small disk is made with bubblewrap, which may not make one here")
        out = tmp_path / "out"
        out.mkdir()
        small = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc"]
        small += ["--size", str(300 << 10), "--tmpfs", str(out)]
        grade = [sys.executable, "-m", "autograder", "grade", str(graded / "submitted"), "--out", str(out)]
        look = f"find {out} -name '.new-*' | wc -l; find {out} -name '*.json' -size 0 | wc -l"
        done = subprocess.run(
            [*small, "sh", "-c", f"{' '.join(grade)}; echo code $?; {look}"],
            cwd=COURSE,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.stdout.split()[-4:] == ["code", "1", "0", "0"]
        assert "no space left on device" in done.stderr
        assert "run the same command again" in done.stderr

    def test_an_output_folder_that_cannot_be_written_to(self, graded, tmp_path):
        if best_level() != "sealed":
            pytest.skip("a folder that not even root can write to is made with bubblewrap, which may not make one here")
        out = tmp_path / "out"
        out.mkdir()
        locked = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc"]
        locked += ["--ro-bind", str(out), str(out)]
        done = subprocess.run(
            [*locked, sys.executable, "-m", "autograder", "grade", str(graded / "submitted"), "--out", str(out)],
            cwd=COURSE,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 2
        assert "cannot be written to: read-only file system" in done.stderr


def processes_of(group: int) -> list[int]:
    """The processes of a session that are still there."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[3]) == group and fields[0] != "Z":
                found.append(int(status.parent.name))
    return found


def wait_for_the_end_of(group: int) -> None:
    """Python's own helper process may take a moment longer."""
    for _ in range(100):
        if not processes_of(group):
            return
        time.sleep(0.1)
    raise AssertionError(f"processes are left: {processes_of(group)}")
