"""What the tests ask of other processes."""

import time
from pathlib import Path


def ended(pid: int) -> bool:
    """Whether a process is gone, or will be in a moment."""
    for _ in range(100):
        if parent_and_state(pid)[1] == "Z":
            return True
        time.sleep(0.05)
    return False


def parent_and_state(pid: int) -> tuple[int, str]:
    """A process that is gone is told as one that waits to be."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, "Z"
    return int(parent), state


def below(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    parents = {int(path.name): parent_and_state(int(path.name))[0] for path in Path("/proc").glob("[0-9]*")}
    found = {child for child, parent in parents.items() if parent == pid}
    return found.union(*map(below, found))
