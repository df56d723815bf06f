"""Carry batches to processes, on this machine or many, and see every one through whoever dies on the way."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from typing import Protocol

from autograder.batches import Batch, Outcome, close_pools, give_up, judge_batch
from autograder.course import CourseError

PR_SET_PDEATHSIG = 1
SECONDS_TO_ANSWER = 10


class Pool(Protocol):
    """`size` processes that judge batches.

    lost: what comes of a batch whose process died.  shared_fate: whether all that runs is lost with it.
    """

    size: int
    lost: tuple[type[Exception], ...]
    shared_fate: bool

    def submit(self, batch: Batch) -> Future:
        """Hand over a batch."""

    def mend(self) -> None:
        """Make it usable again after a loss."""

    def close(self) -> None:
        """End it when nothing runs any more."""

    def stop(self) -> None:
        """End it at once, whatever is still running."""


class LocalPool:
    """Processes on this machine, forked from one that has imported the judge, which takes as long as ten notebooks."""

    lost = (BrokenExecutor,)
    shared_fate = True

    def __init__(self, jobs: int) -> None:
        self.size = jobs
        self.executor = self.start()

    def start(self) -> Executor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["autograder.judge"])
        return ProcessPoolExecutor(self.size, context, begin_worker, (dict(os.environ),))

    def submit(self, batch: Batch) -> Future:
        with held_back(signal.SIGINT):  # a process that starts here would be interrupted before it can say otherwise
            try:
                return self.executor.submit(judge_batch, batch)
            except (OSError, EOFError) as error:  # which it raises where the process that forks has died
                raise BrokenExecutor("no worker could be started") from error

    def mend(self) -> None:
        self.stop()
        self.executor = self.start()

    def close(self) -> None:
        self.executor.shutdown()

    def stop(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
            process.join()


@contextlib.contextmanager
def held_back(number: signal.Signals) -> Iterator[None]:
    """A signal that comes meanwhile is heard afterwards; a process that is started meanwhile never hears it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_worker(environment: dict[str, str]) -> None:
    """Ctrl-C is the grader's to hear; and when the grader is gone, however it went, so is its worker.

    environment: the grader's as it is now; the process that forks has that of its own beginning.
    """
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # see `LocalPool.submit`
    signal.signal(signal.SIGTERM, leave)
    multiprocessing.util.Finalize(None, close_pools, exitpriority=10)  # such a process runs nothing of atexit
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the fork server's death follows the grader's
        if not multiprocessing.parent_process().is_alive():
            os._exit(1)


def leave(*_: object) -> None:
    """End this process without a trace in the temporary folder."""
    close_pools()
    os._exit(1)


class Cluster:
    """The workers of a dask scheduler.  They see the course, the submissions and the output under the same paths."""

    shared_fate = False

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
            from distributed.scheduler import KilledWorker
        except ImportError:
            raise CourseError(
                "--cluster needs dask.distributed. Install it with: pip install dask distributed"
            ) from None
        try:
            asyncio.run(asyncio.wait_for(knock(address), SECONDS_TO_ANSWER))
            self.client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError, MemoryError) as error:
            why = "what is there speaks another language" if isinstance(error, MemoryError) else str(error)
            why = why or f"waited {SECONDS_TO_ANSWER} s"
            raise CourseError(
                f"No dask scheduler answers at {address} ({why}). Start one with: dask scheduler"
            ) from error
        self.lost = (KilledWorker,)
        if not self.workers():
            self.close()
            raise CourseError(
                f"The scheduler at {address} has no workers. Start some with: dask worker {address} --nthreads 1"
            )
        self.executor = self.client.get_executor(pure=False)

    def workers(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    @property
    def size(self) -> int:
        """As many as there are now: they may come and go."""
        return max(1, self.workers())

    def submit(self, batch: Batch) -> Future:
        """Hand over a batch.  Its future is cancelled where the scheduler is lost."""
        return self.executor.submit(judge_batch, batch)

    def mend(self) -> None:
        """The scheduler starts its workers anew by itself."""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.client.close()

    def stop(self) -> None:
        """The scheduler drops what nobody waits for any more."""
        self.close()


async def knock(address: str) -> None:
    """See that a scheduler answers.  A client waits for ever for one that is none.  Raises OSError, ValueError."""
    from distributed.comm import connect, resolve_address

    resolve_address(address)  # a name that nobody knows need not be waited for
    (await connect(address, timeout=SECONDS_TO_ANSWER)).abort()


def run_all(batches: Sequence[Batch], pool: Pool) -> Iterator[Outcome]:
    """What came of each batch, as it comes.

    A batch whose process dies is tried again, and at its second loss alone, so that whose fault it is comes to light.
    What was kept of it the first time is found again, so nothing is lost and nothing told twice.
    """
    waiting, alone = deque(batches), deque[Batch]()
    losses: Counter[Batch] = Counter()
    running: dict[Future, Batch] = {}
    while waiting or running:
        while waiting and len(running) < 2 * pool.size:
            batch = waiting.popleft()
            running[submit(batch, pool)] = batch
        lost = []
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            batch = running.pop(future)
            try:
                yield future.result()
            except pool.lost:
                lost.append(batch)
        if lost and pool.shared_fate:
            lost += running.values()
            running.clear()
        if lost:
            pool.mend()
        for batch in lost:
            losses[batch] += 1
            (waiting if losses[batch] == 1 else alone).append(batch)
    for batch in alone:
        yield from run_alone(batch, pool)


def run_alone(batch: Batch, pool: Pool) -> Iterator[Outcome]:
    """Nothing else runs meanwhile.  If the process dies again: each submission alone, and at last a fault of ours."""
    try:
        yield submit(batch, pool).result()
        return
    except pool.lost:
        pool.mend()
    if len(batch.handed) == 1:
        yield give_up(batch)
        return
    for handed in batch.handed:
        yield from run_alone(replace(batch, handed=(handed,)), pool)


def submit(batch: Batch, pool: Pool) -> Future:
    """Hand over a batch.  A pool that is broken by now gives a future that says so."""
    try:
        return pool.submit(batch)
    except pool.lost as error:
        failed: Future = Future()
        failed.set_exception(error)
        return failed
