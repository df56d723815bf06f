"""What an assignment's submissions run with: packages, budgets and public probes, as its `runtime.toml` declares them.

    packages = ["numpy", "torch"]  # what may be imported besides the standard library; the default is NumPy alone
    devices = ["cpu", "cuda"]      # where a learner's code runs: on "cuda" too, when the grader is told so
    probes = "probes.py"           # helpers of the assignment that run in the learner's process; they are no secret

    [budget]
    cell_seconds = 5               # for each cell
    call_seconds = 5               # for each call
    seconds = 20                   # for a submission in all
    memory_mb = 512                # beside what the packages themselves take

    [refused]                      # torch's own functions for what is to be written, refused while a check asks
    calls = ["gru", "gru_cell"]
    what = "the GRU"               # "This exercise asks you to write the GRU yourself, and your code called ..."
    advice = "Write its steps with products, sigmoid and tanh."

Every line may be left out, and so may the file; `refused` is all or nothing.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from autograder.course import Assignment, CourseError
from autograder.jail.host import Budget
from autograder.jail.packages import installed
from autograder.learner.refused import IMPLICIT, Refused, overloads_of
from autograder.learner.tensors import in_full_precision

FIELDS = {"packages", "devices", "probes", "budget", "refused"}
BUDGETS = {"cell_seconds", "call_seconds", "seconds", "memory_mb"}
REFUSED = {"calls", "what", "advice"}
KEPT_OUT = {"autograder", "solutions"}
DEVICES = ("cpu", "cuda")


@dataclass(frozen=True)
class Runtime:
    """packages: distributions by name, NumPy always among them.  probes: the source of the probes, if there are any.

    refused: the calls that the exercise refuses, if it does.  devices: where a learner's code may be run.
    """

    packages: tuple[str, ...] = ("numpy",)
    budget: Budget = field(default_factory=Budget)
    probes: str | None = None
    refused: Refused | None = None
    devices: tuple[str, ...] = ("cpu",)


def runtime_of(assignment: Assignment) -> Runtime:
    """The runtime that an assignment declares.  Raises `CourseError` where the declaration makes no sense."""
    file = assignment.folder / "runtime.toml"
    if not file.is_file():
        return Runtime()
    try:
        declared = tomllib.loads(file.read_text())
    except ValueError as error:
        raise CourseError(f"{file} is not TOML that can be read: {error}.") from error
    refuse_unknown(file, declared, FIELDS, "field")
    packages = packages_in(file, declared.get("packages", ["numpy"]))
    return Runtime(
        packages,
        budget_in(file, declared.get("budget", {})),
        probes_in(file, declared.get("probes")),
        refused_in(file, declared.get("refused"), packages),
        devices_in(file, declared.get("devices", ["cpu"]), packages),
    )


def refuse_unknown(file: Path, declared: dict, known: set[str], what: str) -> None:
    for name in declared.keys() - known:
        raise CourseError(f"{file} has a {what} {name!r}, and there is no such {what}. There are: {listed(known)}.")


def packages_in(file: Path, names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CourseError(f'{file}: packages should be a list of names, like ["numpy", "torch"].')
    for name in names:
        try:
            found = installed((name,))
        except PackageNotFoundError as error:
            raise CourseError(
                f"{file} asks for the package {name!r}, and {error.name} is not installed here. "
                f"Run: pip install {error.name}"
            ) from error
        if found.keys() & KEPT_OUT:
            raise CourseError(f"{file} asks for the package {name!r}, which holds the answer key or the grader itself.")
    return tuple(sorted({"numpy", *names}))


def budget_in(file: Path, declared: object) -> Budget:
    if not isinstance(declared, dict):
        raise CourseError(f"{file}: budget should be a table, with a line [budget] above it.")
    refuse_unknown(file, declared, BUDGETS, "budget")
    for name, value in declared.items():
        if type(value) not in (int, float) or not 0 < value < math.inf:
            raise CourseError(f"{file}: the budget {name} is {value!r}; a number above 0 is wanted.")
    seconds = {name: value for name, value in declared.items() if name != "memory_mb"}
    return Budget(**seconds, memory=int(declared.get("memory_mb", Budget.memory >> 20) * (1 << 20)))


def probes_in(file: Path, name: object) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str) or Path(name).name != name:
        raise CourseError(f"{file}: probes should be the name of a file beside it, like 'probes.py'.")
    try:
        return (file.parent / name).read_text()
    except OSError as error:
        raise CourseError(f"{file} names the probes {name!r}, and {file.parent / name} cannot be read.") from error


def refused_in(file: Path, declared: object, packages: tuple[str, ...]) -> Refused | None:
    if declared is None:
        return None
    if not isinstance(declared, dict):
        raise CourseError(f"{file}: refused should be a table, with a line [refused] above it.")
    refuse_unknown(file, declared, REFUSED, "field of refused")
    calls, words = declared.get("calls"), [declared.get("what"), declared.get("advice")]
    if not isinstance(calls, list) or not all(isinstance(text, str) and text for text in (*calls, *words)):
        raise CourseError(f"{file}: refused needs calls, a list of names, and what and advice, a text each.")
    if "torch" not in packages:
        raise CourseError(f"{file} refuses calls of torch, which is not among its packages.")
    import torch

    made = {each.removeprefix("aten::") for each in torch._C._dispatch_get_registrations_for_dispatch_key(IMPLICIT)}
    for name in calls:
        names = overloads_of(torch, name)
        if not names or not set(names) <= made:
            raise CourseError(f"{file} refuses {name!r}, which is no function that torch makes of others of its own.")
    return Refused(tuple(calls), *words)


def devices_in(file: Path, names: object, packages: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(names, list) or "cpu" not in names or not all(name in DEVICES for name in names):
        raise CourseError(f'{file}: devices should be ["cpu"] or ["cpu", "cuda"].')
    if len(names) > 1 and "torch" not in packages:
        raise CourseError(f"{file} names a device of torch, which is not among its packages.")
    return tuple(names)


def device_to_use(asked: str) -> tuple[str, str | None]:
    """Where the references run, and, where that is not what was asked for, a sentence that says why.

    Raises `CourseError` for a device that there is none of.
    """
    if asked not in DEVICES:
        raise CourseError(f"{asked!r} is no device; there are {', '.join(DEVICES)}.")
    if asked == "cpu":
        return "cpu", None
    try:
        import torch
    except ImportError:
        return "cpu", "CUDA was asked for, and torch is not installed here: the references run on the CPU."
    if not torch.cuda.is_available():
        return "cpu", "CUDA was asked for, and torch finds none here: the references run on the CPU."
    in_full_precision()
    return "cuda", None


def listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
