"""How well learners' code is shut in, and which level this machine allows.

sealed     namespaces of its own (bubblewrap): no other file, process or network exists for it; and the next's walls
container  Landlock and seccomp: it can read the packages it needs, and open, change, contact or start nothing else
weak       limits of time and memory alone: it has the rights of the user who grades

On a GPU it runs at *weak*, and without the limit of memory: the driver needs device files and system calls that the
walls do not let through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

from autograder.jail.inside.walls import landlock_version
from autograder.jail.policy import compile_filter

LEVELS = ("sealed", "container", "weak")
DEFAULT = "container"
ON_GPU = "weak"
VARIABLE = "AUTOGRADER_ISOLATION"


class NotIsolated(Exception):
    """The level that was asked for does not hold here.  The message says what would raise it."""


@cache
def obstacles() -> dict[str, str]:
    """What keeps this machine from each level above *weak*, in a sentence that says what to do."""
    found = {}
    if landlock_version() < 1:
        found["container"] = (
            "The kernel has no Landlock (Linux 5.13 or newer, with landlock among its security modules)."
        )
    try:
        compile_filter()
    except (ImportError, OSError, RuntimeError) as error:
        found["container"] = f"seccomp filters cannot be made ({error}). On Debian: apt install libseccomp2"
    if found:
        return {**found, "sealed": found["container"]}
    if shutil.which("bwrap") is None:
        return {"sealed": "bubblewrap is not installed. On Debian: apt install bubblewrap"}
    command = [*NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    trial = subprocess.run(command, capture_output=True, text=True, check=False)
    if trial.returncode:
        reason = (trial.stderr.strip().splitlines() or ["it gives no reason"])[-1]
        return {"sealed": f"bubblewrap may not make namespaces here ({reason}). Inside a container this is usual."}
    return {}


def level_on_gpu(lowest: str | None = None) -> str:
    """The level at which learners' code runs on a GPU.  Raises `NotIsolated` where that is below `lowest`."""
    lowest = lowest or os.environ.get(VARIABLE) or DEFAULT
    if lowest != ON_GPU:
        raise NotIsolated(
            f"On a GPU learners' code runs at level {ON_GPU}, and at least {lowest} is wanted. Its driver needs device "
            "files and system calls that the walls do not let through. To grade people you trust so: "
            f"--isolation {ON_GPU}"
        )
    return ON_GPU


# Everything of its own: users, mounts, processes, network, messages, host name.  It ends with the grader.
NAMESPACES = (
    *("bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
)


def best_level() -> str:
    """The best level that this machine allows."""
    return next(level for level in LEVELS if level not in obstacles())


def level_to_use(lowest: str | None = None) -> str:
    """The best level here.  Raises `NotIsolated` where it is below `lowest`.

    The default for `lowest` is the environment variable AUTOGRADER_ISOLATION, else *container*.
    """
    lowest = lowest or os.environ.get(VARIABLE) or DEFAULT
    if lowest not in LEVELS:
        raise NotIsolated(f"{lowest!r} is no level of isolation; there are {', '.join(LEVELS)}.")
    best = best_level()
    if LEVELS.index(best) > LEVELS.index(lowest):
        raise NotIsolated(
            f"Learners' code would run at level {best} here, and at least {lowest} is wanted. {obstacles()[lowest]} "
            f"To grade people you trust at level {best}: --isolation {best}"
        )
    return best
