"""What there is in the jail: the interpreter, the standard library, what a learner's code may import, and no more."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

from autograder.jail.levels import NAMESPACES
from autograder.jail.packages import installed
from autograder.jail.policy import compile_filter

AUTOGRADER = Path(__file__).parent.parent
NUMPY_ALONE = ("numpy",)
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",  # a learner's process never touches a GPU
    "MALLOC_ARENA_MAX": "1",  # else each thread reserves 128 MB of the memory that a submission may have
}
JAIL = Path("/jail")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def python() -> str:
    """The interpreter itself, not a virtual environment's link to it."""
    return os.path.realpath(sys.executable)


def importable(packages: tuple[str, ...]) -> dict[str, Path]:
    """All that a learner's code may import besides the standard library: names under the jail's packages, and files."""
    inside = AUTOGRADER / "jail" / "inside"
    found = {
        "autograder/__init__.py": AUTOGRADER / "learner" / "standins" / "autograder.py",
        "autograder/learner": AUTOGRADER / "learner",
        "autograder/jail/__init__.py": AUTOGRADER / "jail" / "__init__.py",
        "autograder/jail/inside": inside,
    }
    for name in ("matplotlib", "torch"):
        if name not in packages:
            found[f"{name}.py"] = AUTOGRADER / "learner" / "standins" / f"{name}.py"
    return found | installed(packages)


def linked_packages(root: Path, packages: tuple[str, ...]) -> Path:
    """A folder of links to all that is importable."""
    folder = root / "packages"
    for name, target in importable(packages).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target)
    return folder


def sealed_command(packages: tuple[str, ...]) -> list[str]:
    """bubblewrap's command line: a root that holds the interpreter, its libraries, what is importable, and no more."""
    command = list(NAMESPACES)
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    for path in system_folders():
        command += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind", path, path]
    for path in foreign_packages():
        command += ["--tmpfs", path]
    for name, target in importable(packages).items():
        command += ["--ro-bind", str(target), str(JAIL / "packages" / name)]
    command += ["--dev", "/dev", "--proc", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(JAIL)]
    return command


def system_folders() -> list[str]:
    """Where the shared libraries, the interpreter and the standard library lie."""
    system = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache"]
    ours = [python(), os.path.join(sys.base_prefix, "lib")]
    return [path for path in system + [path for path in ours if path not in system] if os.path.lexists(path)]


def foreign_packages() -> list[str]:
    """Folders of installed packages among the system's: any of them may hold anything, the answer key included."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefixes = {sys.base_prefix, "/usr", "/usr/local"}
    names = [f"lib/{version}/site-packages", f"lib/{version}/dist-packages", "lib/python3/dist-packages"]
    folders = {os.path.join(prefix, name) for prefix in prefixes for name in names}
    return sorted(folder for folder in folders if os.path.isdir(folder))


def walls(level: str, folder: Path, packages: tuple[str, ...]) -> dict | None:
    """What the zygote's children shut themselves in with: what they may read, and the filter of their system calls."""
    if level == "weak":
        return None
    folders = [str(folder), *(str(target) for target in importable(packages).values()), *DEVICES]
    foreign = foreign_packages()
    for system in system_folders():
        folders += without(system, foreign)
    return {"readable": folders, "filter": base64.b64encode(compile_filter()).decode()}


def without(folder: str, left_out: list[str]) -> list[str]:
    """`folder` as a list of paths that covers all of it but the folders left out: Landlock can only add."""
    if folder in left_out:
        return []
    if not any(path.startswith(folder + os.sep) for path in left_out):
        return [folder]
    return [
        path
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        for path in without(entry.path, left_out)
    ]
