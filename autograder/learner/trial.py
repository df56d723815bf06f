"""Run a notebook's cells once, from top to bottom, as a grader would: with its limits, and without what it lacks.

The grader's jail is an operating system's; this is not.  It is the learner's own machine and nothing is hidden here, so
it is enough that what fails there fails here too: other packages, files, the network, other processes.  Every step is
written down as it begins and as it ends, a JSON line each, so that what ends this process can be named.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import errno
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import io
import json
import os
import re
import sys
import time
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from . import cases as frozen
from . import given
from .answer import cut
from .cells import run_cell
from .check import judge, missing_function, probes_beside

STANDINS = Path(__file__).with_name("standins")
LACKING = ("matplotlib", "torch")  # what a stand-in stands for, where an exercise does not declare the package
PROCESSES = ("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile")
REFUSED = frozenset({"subprocess.Popen", "socket.__new__", *PROCESSES})
REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*")


class Lacking(importlib.abc.MetaPathFinder):
    """Finds nothing but the standard library, some packages, and stand-ins for what plots or is not to be used."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.there = {*sys.stdlib_module_names, "autograder", *top_levels(packages)}
        self.standins = {name: STANDINS / f"{name}.py" for name in LACKING if name not in packages}

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        top = name.partition(".")[0]
        if name in self.standins:
            return importlib.util.spec_from_file_location(name, self.standins[name])
        if top in self.there:
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def top_levels(packages: tuple[str, ...]) -> set[str]:
    """What some packages, and those that they need, are called in an import."""
    found, waiting, seen = {"numpy"}, [name for name in packages if name != "numpy"], {"numpy"}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found.add(name.replace("-", "_"))
        from importlib.metadata import PackageNotFoundError, distribution

        with contextlib.suppress(PackageNotFoundError):
            package = distribution(name)
            found |= {Path(str(file)).parts[0].removesuffix(".py") for file in package.files or ()}
            wanted = [each for each in package.requires or () if "extra ==" not in each]
            waiting += [REQUIREMENT.match(each)[0] for each in wanted if REQUIREMENT.match(each)]
    return found


def refuse_what_is_outside() -> None:
    """From here on: no file but Python's own, none written, no network, no other process."""
    sys.dont_write_bytecode = True
    own = [sys.prefix, sys.base_prefix, str(Path(__file__).parent.parent), os.path.dirname(os.__file__)]
    own += ["/dev/", "/proc/", "/sys/", os.devnull, *(each for each in sys.path if "-packages" in each)]
    readable = tuple(os.path.normcase(os.path.abspath(each)) if each else each for each in own)

    def hook(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, _, flags = arguments
            name = os.path.normcase(os.path.abspath(os.fsdecode(path)))
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if name != os.path.normcase(os.path.abspath(os.devnull)) and (writes or not name.startswith(readable)):
                kind = PermissionError if writes else FileNotFoundError  # of others' files the jail has none
                raise kind(errno.EACCES if writes else errno.ENOENT, "not in the grader", os.fsdecode(path))
        elif event in REFUSED:
            raise PermissionError(errno.EPERM, "not in the grader")

    sys.addaudithook(hook)


def stand_in() -> types.ModuleType:
    """`autograder` as a graded notebook finds it."""
    spec = importlib.util.spec_from_file_location("autograder", STANDINS / "autograder.py")
    standing_in = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(standing_in)
    return standing_in


class Log:
    """Steps as they begin and end, a line each."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, **fields: object) -> None:
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()


def main(asked: Path, told: Path) -> None:
    """asked: a JSON file with `exercise`, its folder, and `cells`, (name, source) each.  told: the log to write."""
    question = json.loads(asked.read_text(encoding="utf-8"))
    exercise, cells = Path(question["exercise"]), question["cells"]
    with told.open("w", encoding="utf-8") as file:
        log = Log(file)
        try:
            what, cases, probes = given.load(exercise), frozen.load(exercise / "cases.npz"), {}
            probes = probes_beside(exercise / "cases.npz")
        except (given.NotGiven, ValueError, ModuleNotFoundError) as error:
            log.write(problem=str(error))
            return
        namespace = {"__name__": "__main__"}
        with contextlib.redirect_stdout(io.StringIO()):
            sys.modules["autograder"] = stand_in()
            sys.meta_path.insert(0, Lacking(what.packages))
            refuse_what_is_outside()
            for name, source in cells:
                log.write(begins="cell", name=name)
                before = time.monotonic()
                error = run_cell(name, source, namespace, what.cell_seconds)
                log.write(cell=name, seconds=time.monotonic() - before, error=error and vars(error))
            for task in cases.tasks:
                log.write(begins="task", name=task.name)
                log.write(task=task.name, **seen(task, cases, namespace, probes))


def seen(task: frozen.Task, cases: frozen.Cases, namespace: dict, probes: Mapping) -> dict:
    """What there is of a task: `missing`, why there is nothing to call; where it is, how it is called, what passes."""
    function = namespace.get(task.name)
    missing = missing_function(task.name, function, task.name in namespace)
    if missing:
        return {"missing": missing}
    result = judge(cases, task, namespace, probes)
    return {
        "cell": cell_of(function),
        "signature": signature_of(function),
        "misfit": misfit(function, task.parameters),
        "undefined": sorted(undefined_names(task.name, namespace)),
        "passing": sum(check.passed for check in result.checks),
        "count": len(result.checks),
        "begun": result.begun,
    }


def cell_of(thing: object) -> str:
    """The cell that a function or class was defined in, or nothing."""
    names = {code.co_filename for code in codes_of(thing)}
    return next((name[6:-1] for name in sorted(names) if name.startswith("<cell ")), "")


def codes_of(thing: object) -> list[types.CodeType]:
    """The code of a function, or of a class's methods."""
    if isinstance(thing, type):
        return [each.__code__ for each in vars(thing).values() if isinstance(each, types.FunctionType)]
    code = getattr(thing, "__code__", None)
    return [code] if isinstance(code, types.CodeType) else []


def signature_of(function: object) -> str:
    try:
        return cut(str(inspect.signature(function)), 200)
    except (ValueError, TypeError):
        return "(...)"


def misfit(function: object, parameters: list[str]) -> str:
    """Why a function cannot be called with all that the task gives it, or nothing."""
    try:
        inspect.signature(function).bind(*parameters)
    except TypeError as error:
        return str(error)
    except ValueError:  # no signature to be had
        return ""
    return ""


def undefined_names(task: str, namespace: dict) -> set[str]:
    """The names that a task's function, or one of the notebook's that it uses, reads and that nothing defines."""
    found: set[str] = set()
    waiting, seen_names = [task], set()
    while waiting:
        name = waiting.pop()
        if name in seen_names:
            continue
        seen_names.add(name)
        for code in codes_of(namespace.get(name)):
            if not code.co_filename.startswith("<cell "):
                continue
            read, made = globals_in(code)
            found |= {each for each in read - made if each not in namespace and not hasattr(builtins, each)}
            waiting += read & namespace.keys()
    return found


def globals_in(code: types.CodeType) -> tuple[set[str], set[str]]:
    """The global names that code reads, and those that it makes itself."""
    read, made = set(), set()
    for part in nested(code):
        for step in dis.get_instructions(part):
            if step.opname == "LOAD_GLOBAL":
                read.add(step.argval)
            elif step.opname == "STORE_GLOBAL":
                made.add(step.argval)
    return read, made


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from nested(constant)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
