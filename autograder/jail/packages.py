"""Which files and folders an installed package is made of, with all that it needs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement


@cache
def installed(packages: tuple[str, ...]) -> dict[str, Path]:
    """The top-level files and folders of some distributions and of those that they need, by name.

    Never the whole folder of packages: it may hold anything.  Raises PackageNotFoundError for what is not installed.
    """
    found: dict[str, Path] = {}
    waiting, seen = list(packages), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        package = distribution(name)
        found |= top_level(package, name)
        waiting += [wanted.name for wanted in map(Requirement, package.requires or ()) if is_needed(wanted)]
    return found


def top_level(package: Distribution, name: str) -> dict[str, Path]:
    """What a distribution has put into the folder of packages."""
    record = package.read_text("RECORD")
    if record is None:  # a system's own packager may keep no list
        spec = find_spec(name)
        origin = Path(spec.origin) if spec and spec.origin else Path(str(package.locate_file(name)))
        path = origin.parent if origin.name == "__init__.py" else origin
        return {path.name: path}
    names = {line.split("/")[0].split(",")[0].strip('"') for line in record.splitlines()}
    paths = {each: Path(str(package.locate_file(each))) for each in names - {"", "..", "__pycache__"}}
    return {each: path for each, path in paths.items() if path.exists() and path.suffix != ".pth"}


def is_needed(wanted: Requirement) -> bool:
    """Whether a requirement holds here, extras left out."""
    return wanted.marker is None or wanted.marker.evaluate({"extra": ""})
