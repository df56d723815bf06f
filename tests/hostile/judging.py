"""Judge the corpus at one level of isolation, with a right submission after each attack, and note what came of it.

    python -m hostile.judging LEVEL FOLDER [NAME...]

It runs in a process of its own: it plays the grader that is attacked, with a key, a home, a course, a class and servers
that are all planted.  `FOLDER/outcome.json` holds what a test needs to know.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import os
import resource
import secrets
import shutil
import socket
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from autograder.course import Key, find_assignment
from autograder.handed import Handed
from autograder.jail.host import Budget
from autograder.judge import Judge
from autograder.pages import write_class_pages, write_page
from autograder.report import write_report

from . import ATTACKS, Attack
from .attack import RIGHT

BUDGET = Budget(cell_seconds=1, call_seconds=1, seconds=2)
BATCH = 10
MARK = "PLANTED-"
PR_SET_CHILD_SUBREAPER = 36
RIGHT_ONE = Attack("right", "Is right.", (RIGHT,))
WATCHED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/")


def main(level: str, folder: Path, names: list[str]) -> None:
    attacks = [attack for attack in ATTACKS if not names or attack.name in names]
    secret = MARK + secrets.token_hex(16)
    os.environ["AUTOGRADER_KEY"] = secret
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whatever loses its parent is found under this process
    places = plant(folder, secret)
    inherited = os.open(folder / "home" / ".ssh" / "id_ed25519", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    out = folder / "out"
    write_all(folder / "submitted", attacks, places)
    heard: list[str] = []
    outcome: dict = {"secret": secret, "level": level, "entries": {}, "heard": heard, "crashed": []}
    with listening(places, heard):
        assignment = find_assignment(folder / "course", "gru_cell")
        started = time.monotonic()
        with Judge(assignment, Key(secret), level, BUDGET) as judge:
            places |= {"grader": os.getpid(), "zygote": judge.zygote.process.pid}
            before = files_under(folder)
            for start in range(0, len(attacks), BATCH):
                batch = attacks[start : start + BATCH]
                write_all(folder / "submitted", batch, places)
                outcome["entries"] |= judge_batch(judge, batch, folder, outcome)
            outcome["processes"] = [pid for pid in descendants() if pid not in of_the_zygote(judge)]
        outcome["seconds"] = time.monotonic() - started
        outcome["processes"] += descendants()
    outcome["changed"] = changed_files(before, files_under(folder)) + strays()
    outcome["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    outcome["index"] = (out / "index.html").read_text() if (out / "index.html").exists() else ""
    (folder / "outcome.json").write_text(json.dumps(outcome))


def judge_batch(judge: Judge, attacks: list[Attack], folder: Path, outcome: dict) -> dict:
    """What came of each attack and of the right submission after it."""
    out, submitted = folder / "out", folder / "submitted"
    named = [name for attack in attacks for name in names_of(attack)]
    handed = [Handed(name, submitted / name / "gru_cell" / "gru_cell.ipynb") for name in named]
    try:
        reports = judge.judge_files(handed)
        for report in reports:
            write_report(report, out)
            write_page(report, out)
        write_class_pages(reports, out)
    except BaseException:
        outcome["crashed"].append(f"{[attack.name for attack in attacks]}:\n{traceback.format_exc()}")
        return {}
    faults = judge.take_faults()
    entries = {}
    for attack in attacks:
        entries[attack.name] = {
            kind: {
                "reports": [dataclasses.asdict(report) for report in reports if report.student == name],
                "page": (out / "pages" / name / "gru_cell.html").read_bytes().decode(errors="surrogateescape"),
                "faults": [fault for fault in faults if fault.startswith(name)],
            }
            for kind, name in zip(("attack", "next"), names_of(attack), strict=True)
        }
    return entries


def names_of(attack: Attack) -> tuple[str, str]:
    place = ATTACKS.index(attack)
    return f"{place:03}-{attack.name}", f"{place:03}-right"


def write_all(submitted: Path, attacks: list[Attack], places: dict) -> None:
    """Hand in each attack, and a right submission after it."""
    for attack in attacks:
        for name, each in zip(names_of(attack), (attack, RIGHT_ONE), strict=True):
            path = submitted / name / "gru_cell" / "gru_cell.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(each.notebook(**places)))


def plant(folder: Path, secret: str) -> dict:
    """A course, a home, a classmate and a gradebook that all hold the secret; where they are."""
    ours = Path(__file__).resolve().parents[2]
    course, home, friend = folder / "course", folder / "home", folder / "submitted" / "zz-friend" / "gru_cell"
    for name in ("solutions", "exercises"):
        shutil.copytree(ours / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (course / "solutions").rglob("*.py"):
        path.write_text(path.read_text() + f"\n# {secret}\n")
    (home / ".ssh").mkdir(parents=True)
    friend.mkdir(parents=True)
    (folder / "out").mkdir()
    for path in (course / ".course-key", home / ".ssh" / "id_ed25519", friend / "gru_cell.ipynb"):
        path.write_text(secret)
        path.chmod(0o644)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as book:
        book.execute("create table grade (student text, score real)")
        book.execute("insert into grade values (?, 1)", [secret])
        book.commit()
    return {
        "course": course,
        "home": home,
        "friend": friend / "gru_cell.ipynb",
        "out": folder / "out",
        "mark": MARK,
        "grader": os.getpid(),
        "zygote": 0,
    }


@contextlib.contextmanager
def listening(places: dict, heard: list[str]) -> Iterator[None]:
    """Servers that note whatever reaches them; their addresses are added to `places`."""
    name = str(places["out"].parent / "listener")
    with contextlib.ExitStack() as stack:
        tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        unix, nameless = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        for server, address in (
            (tcp, ("127.0.0.1", 0)),
            (udp, ("127.0.0.1", 0)),
            (unix, name),
            (nameless, f"\0{name}"),
        ):
            stack.enter_context(server).bind(address)
        for server in (tcp, unix, nameless):
            server.listen()
        places |= {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": name}
        for kind, server in (("tcp", tcp), ("udp", udp), ("unix", unix), ("nameless", nameless)):
            threading.Thread(target=hear, args=(kind, server, heard), daemon=True).start()
        yield


def hear(kind: str, server: socket.socket, heard: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            said = server.recv(100) if kind == "udp" else server.accept()[1]
            heard.append(f"{kind}: {said!r}")


def files_under(folder: Path) -> dict[str, str]:
    """A hash of every planted file.  What the judging itself writes is left out."""
    skipped = (folder / "out", folder / "submitted")
    found = {}
    for path in folder.rglob("*"):
        if any(path.is_relative_to(each) for each in skipped) and path.name != "gru_cell.ipynb":
            continue
        if "__pycache__" in path.parts or not path.is_file() or "-right" in str(path):
            continue
        if path.is_relative_to(folder / "submitted") and "zz-friend" not in path.parts:
            continue
        found[str(path)] = sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
    return found


def changed_files(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def strays() -> list[str]:
    """What attacks write they name so that it is found."""
    folders = [*WATCHED, os.getcwd(), os.path.expanduser("~"), os.path.dirname(os.__file__)]
    return [os.path.join(folder, name) for folder in folders for name in os.listdir(folder) if "HOSTILE" in name]


def descendants() -> list[int]:
    """Processes under this one, but for those that have ended and wait to be taken note of."""
    parents = {}
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = Path(f"/proc/{int(entry)}/stat").read_text().rpartition(")")[2].split()[:2]
            parents |= {} if state == "Z" else {int(entry): int(parent)}
    found, waiting = [], [os.getpid()]
    while waiting:
        above = waiting.pop()
        children = [pid for pid, parent in parents.items() if parent == above]
        found += children
        waiting += children
    return found


def of_the_zygote(judge: Judge) -> list[int]:
    """The zygote and, where it is bubblewrap that was started, the processes down to it: a line without branches."""
    line, pid = [], judge.zygote.process.pid
    while pid:
        line.append(pid)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pid = int(children[0]) if len(children) == 1 else 0
    return line[:3] if judge.zygote.level == "sealed" else line[:1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
