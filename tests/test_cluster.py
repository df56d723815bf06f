"""`autograder grade --cluster`: a dask scheduler and workers on this machine grade as one machine alone does."""

import contextlib
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import COURSE, run, run_well
from test_engine import ENVIRONMENT, a_class, begin, reports, rows, wait_for_reports

from autograder import batches
from autograder.course import course_key, find_assignment
from autograder.grade import How, batches_of

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
pytestmark = pytest.mark.alone
SCRIPT = COURSE / "book" / "scripts" / "grade_on_a_cluster.sh"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of 45 in three batches, and its grades from this machine alone."""
    folder = tmp_path_factory.mktemp("class")
    a_class(folder, 45)
    run_well("autograder", "grade", folder / "submitted", "--out", folder / "grades")
    return folder


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts a part of dask with a log of its own; they all end with the tests."""
    folder, processes = tmp_path_factory.mktemp("dask"), []

    def start(*command: str, key: str = ENVIRONMENT["AUTOGRADER_KEY"]) -> Path:
        log = folder / f"{len(processes)}.log"
        with log.open("w") as file:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                    cwd=folder,
                    env={**os.environ, **ENVIRONMENT, "AUTOGRADER_KEY": key},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                )
            )
        return log

    yield start
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        process.wait(60)


def found_in(log: Path, pattern: str) -> str:
    """What dask writes sooner or later."""
    for _ in range(600):
        found = re.search(pattern, log.read_text())
        if found:
            return found.group(1)
        time.sleep(0.1)
    raise AssertionError(f"{pattern!r} is not in the log:\n{log.read_text()}")


def start_scheduler(start) -> str:
    """A scheduler's address."""
    return found_in(start("scheduler", "--host", "127.0.0.1", "--port", "0"), r"Scheduler at: +(tcp://\S+)")


def start_worker(start, address: str, **how: str) -> Path:
    log = start("worker", address, "--nthreads", "1", **how)
    found_in(log, "(Registered to)")
    return log


@pytest.fixture(scope="module")
def cluster(start):
    """The address of a scheduler with two workers."""
    address = start_scheduler(start)
    for _ in range(2):
        start_worker(start, address)
    return address


def workers_of(address: str) -> dict[int, str]:
    """The processes of the cluster's workers, and their addresses."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return {pid: worker for worker, pid in client.run(os.getpid).items()}


def judges_of(address: str) -> list[int]:
    """How many judges each worker has made."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return [*client.run(lambda: batches.judge_of.cache_info().currsize).values()]


class TestCluster:
    def test_it_grades_as_one_machine_alone_and_keeps_its_judges(self, graded, cluster, tmp_path):
        for out in ("one", "two"):
            run_well("autograder", "grade", graded / "submitted", "--out", tmp_path / out, "--cluster", cluster)
            assert reports(tmp_path / out) == reports(graded / "grades")
            assert (tmp_path / out / "grades.csv").read_bytes() == (graded / "grades" / "grades.csv").read_bytes()
        assert max(judges_of(cluster)) == 1

    def test_a_worker_that_is_killed_loses_and_doubles_nothing(self, graded, cluster, tmp_path):
        process = begin(graded / "submitted", tmp_path, "--cluster", cluster)
        victim = next(iter(workers_of(cluster)))
        wait_for_reports(tmp_path, process)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        _, complained = process.communicate(timeout=120)
        assert process.returncode == 0, complained
        assert victim not in workers_of(cluster)
        assert reports(tmp_path) == reports(graded / "grades")
        assert len(rows(tmp_path)) == 45

    def test_a_worker_with_another_key_is_told_in_words(self, graded, cluster, tmp_path):
        done = run("autograder", "grade", graded / "submitted", "--out", tmp_path, "--cluster", cluster, key="another")
        assert done.returncode == 2
        assert "Give every machine the same AUTOGRADER_KEY, or the same course folder." in done.stderr
        assert "Traceback" not in done.stderr
        assert reports(tmp_path) == {}

    def test_a_worker_with_another_version_of_the_course_is_told_in_words(self, graded, cluster, tmp_path):
        for name in ("solutions", "exercises"):
            shutil.copytree(COURSE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        grade = ["autograder", "grade", graded / "submitted", "--cluster", cluster]
        run_well(*grade, "--out", tmp_path / "before", cwd=tmp_path)
        with (tmp_path / "solutions" / "gru_cell" / "checks.py").open("a") as file:
            file.write("\n# harder now\n")
        done = run(*grade, "--out", tmp_path / "after", cwd=tmp_path)
        assert done.returncode == 2
        assert "start the cluster's workers anew" in done.stderr
        assert "Traceback" not in done.stderr
        assert reports(tmp_path / "after") == {}


def test_a_scheduler_without_workers_is_told_in_words(graded, start, tmp_path):
    address = start_scheduler(start)
    done = run("autograder", "grade", graded / "submitted", "--out", tmp_path, "--cluster", address)
    assert done.returncode == 2
    assert f"{address} has no workers. Start some with: dask worker {address}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.heavy
def test_a_scheduler_that_is_lost_is_told_in_words(graded, start, tmp_path):
    address = start_scheduler(start)
    start_worker(start, address)
    process = begin(graded / "submitted", tmp_path, "--cluster", address)
    wait_for_reports(tmp_path, process)
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        scheduler = client.run_on_scheduler(os.getpid)
    os.kill(scheduler, signal.SIGKILL)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == 1, complained
    assert f"The scheduler at {address} is gone; start it again." in complained
    assert "run the same command again" in complained
    run_well("autograder", "grade", graded / "submitted", "--out", tmp_path)
    assert reports(tmp_path) == reports(graded / "grades")


class TestNoScheduler:
    @pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:8786", "tcp://no-such-host.invalid:8786", ""])
    def test_an_address_that_leads_nowhere(self, graded, tmp_path, address):
        done = run("autograder", "grade", graded / "submitted", "--out", tmp_path, f"--cluster={address}")
        assert done.returncode == 2
        assert done.stderr.startswith(f"No dask scheduler answers at {address} (")
        assert len(done.stderr.splitlines()) == 1

    @pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n" * 9])
    def test_a_server_of_another_kind(self, graded, tmp_path, greeting):
        """It takes the connection, says something that makes no sense or nothing, and keeps it open."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
            command = ["grade", graded / "submitted", "--out", tmp_path, "--cluster", address]
            process = subprocess.Popen(
                [sys.executable, "-m", "autograder", *command],
                cwd=COURSE,
                env={**os.environ, **ENVIRONMENT},
                stderr=subprocess.PIPE,
                text=True,
            )
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)
                _, complained = process.communicate(timeout=60)
        assert process.returncode == 2
        assert complained.startswith(f"No dask scheduler answers at {address} (")
        assert len(complained.splitlines()) == 1

    def test_without_dask_it_says_what_to_install(self, graded, tmp_path):
        (tmp_path / "distributed.py").write_text("raise ImportError('a test has hidden it')\n")
        grade = ["autograder", "grade", graded / "submitted", "--out", tmp_path / "out", "--cluster", "tcp://x:1"]
        done = run(*grade, PYTHONPATH=str(tmp_path))
        assert done.returncode == 2
        assert done.stderr == "--cluster needs dask.distributed. Install it with: pip install dask distributed\n"


def test_what_crosses_is_plain_data_without_the_course_key(graded, tmp_path, monkeypatch):
    key = "a very secret key of the course"
    monkeypatch.setenv("AUTOGRADER_KEY", key)
    chosen = [find_assignment(COURSE, "gru_cell")]
    made = batches_of(COURSE, graded / "submitted", tmp_path, chosen, How())
    sent = pickle.dumps((batches.judge_batch, made))
    assert b"autograder.batches" in sent
    assert b"judge_batch" in sent
    assert course_key(COURSE).id.encode() in sent
    assert key.encode() not in sent
    assert pickle.loads(sent) == (batches.judge_batch, made)
    assert len(sent) / 45 < 200  # bytes a submission


def test_the_script_of_the_guide_grades(graded, tmp_path):
    page = (COURSE / "book" / "running.md").read_text()
    assert SCRIPT.relative_to(COURSE / "book").as_posix() in page
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", SCRIPT, graded / "submitted", tmp_path / "grades"],
        cwd=COURSE,
        env={**os.environ, **ENVIRONMENT, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert reports(tmp_path / "grades") == reports(graded / "grades")
