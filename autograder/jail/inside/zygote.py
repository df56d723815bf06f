"""The zygote: a process with NumPy, and torch where it is wanted, that has never seen a submission, and forks children.

It is started by `autograder.jail.host` with the folder of importable packages and the number of its control socket.
The first message there says which packages to import and which walls its children build around themselves.  To each
later one (a JSON text with the child's limits, and the child's channel as a descriptor) it answers with the child's
process id and pidfd, and later says how that child ended.  When the socket closes, it ends.
"""

import base64
import contextlib
import gc
import json
import os
import select
import socket
import sys

PACKAGES, CONTROL = sys.argv[1], int(sys.argv[2])
sys.path.append(PACKAGES)

from autograder.jail.inside.child import address_space, become_child  # noqa: E402
from autograder.jail.inside.walls import readable_only  # noqa: E402
from autograder.jail.inside.warm import warm  # noqa: E402


def main() -> None:
    control = socket.socket(fileno=CONTROL)
    told = json.loads(control.recv(1 << 20))
    walls = told["walls"]
    if walls:
        walls["ruleset"] = readable_only(walls.pop("readable"))
        walls["filter"] = base64.b64decode(walls["filter"])
    warm(told["packages"], PACKAGES)
    in_use = address_space()
    gc.collect()
    gc.freeze()  # the collector would else touch, and so copy, every object's page in every child
    control.send(json.dumps({"ready": os.getpid()}).encode())
    poll = select.poll()
    poll.register(control, select.POLLIN)
    children: dict[int, int] = {}  # pidfd -> pid
    while True:
        for ready, _ in poll.poll():
            if ready != control.fileno():
                poll.unregister(ready)
                control.send(json.dumps(reap(ready, children.pop(ready))).encode())
                continue
            message, channels, _, _ = socket.recv_fds(control, 4096, 1)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                become_child(channels[0], json.loads(message), in_use, walls)
            os.close(channels[0])
            pidfd = os.pidfd_open(pid)
            children[pidfd] = pid
            poll.register(pidfd, select.POLLIN)
            socket.send_fds(control, [json.dumps({"child": pid}).encode()], [pidfd])


def reap(pidfd: int, pid: int) -> dict:
    """How a child ended: its exit code, or minus the number of the signal that killed it; and its processor time."""
    _, status, used = os.wait4(pid, 0)
    os.close(pidfd)
    return {"ended": pid, "code": os.waitstatus_to_exitcode(status), "cpu_seconds": used.ru_utime + used.ru_stime}


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError, KeyboardInterrupt):  # the grader is gone, and so are we
        main()
