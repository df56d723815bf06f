"""Run a notebook's cells as one module, each on its own: an error stops its cell and no other."""

from __future__ import annotations

import contextlib
import linecache
import re
import signal
import types
from collections.abc import Iterator

from .answer import Error, describe

MAGIC = re.compile(r"\s*(?:[%!?]|[\w.*]+\?\??\s*$)")


class CellTooSlow(BaseException):
    """Raised in a cell that has used up its time.  Not an Exception: a cell's `except Exception` lets it pass."""


def run_cells(cells: list[list[str]], namespace: dict, seconds: float) -> list[Error | None]:
    """Run [name, source] pairs in `namespace`, each for at most `seconds`; what stopped each, or None."""
    return [run_cell(name, source, namespace, seconds) for name, source in cells]


def run_cell(name: str, source: str, namespace: dict, seconds: float) -> Error | None:
    filename = f"<cell {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        code = compile_cell(source, filename)
        with at_most(seconds):
            exec(code, namespace)
    except BaseException as exception:
        return describe(exception)
    return None


def compile_cell(source: str, filename: str) -> types.CodeType:
    """Compile a cell.  Lines that are no Python, but IPython's magics, shell lines or questions, become comments."""
    while True:
        try:
            return compile(source, filename, "exec", dont_inherit=True)
        except SyntaxError as error:
            lines = source.split("\n")
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or not MAGIC.match(lines[place]):
                raise
            code = lines[place].lstrip()
            lines[place] = f"{lines[place].removesuffix(code)}pass  # {code}"
            source = "\n".join(lines)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `CellTooSlow` in the block when its time is up, on systems that have timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise CellTooSlow(f"it ran for longer than {seconds:g} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
