"""A PostgreSQL server of a test's own: made in a temporary folder, reached by a socket there, and gone with it."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "a word"


@dataclass
class Server:
    """folder: where its socket lies.  The user `teacher` is let in there, and with a password at the port."""

    programs: Path
    folder: Path
    port: int

    def address(self, database: str, start: str = "postgresql://") -> str:
        """The URL of a database, by the socket."""
        return f"{start}teacher@/{database}?host={self.folder}&port={self.port}"

    def by_network(self, database: str, password: str) -> str:
        return f"postgresql://teacher:{password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database; its URL."""
        command = [self.programs / "createdb", "-h", self.folder, "-p", str(self.port), "-U", "teacher", database]
        subprocess.run(command, check=True, capture_output=True)
        return self.address(database)


def programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def as_ordinary_user(folder: Path) -> list[str]:
    """What starts a command as somebody else where we are root, whom PostgreSQL refuses; and gives them the folder."""
    if os.geteuid() != 0:
        return []
    names = {each.pw_name for each in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Skips the test where there is no server."""
    found = programs()
    if found is None:
        pytest.skip("There is no PostgreSQL server: `apt-get install postgresql` brings it.")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:  # short: a socket's path has 107 characters
        folder = Path(name)
        before = as_ordinary_user(folder)
        (folder / "password").write_text(PASSWORD)
        os.chmod(folder / "password", 0o644)
        data = folder / "data"
        command = [*before, found / "initdb", "-D", data, "-U", "teacher", "--no-sync", "-E", "UTF8"]
        how = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={folder / 'password'}"]
        subprocess.run([*command, *how], check=True, capture_output=True, cwd=folder)
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        control = [*before, found / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd=folder)
        try:
            yield Server(found, folder, port)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder)
