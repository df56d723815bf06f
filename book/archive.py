"""Pack the built site into one file: _build/gated-site.tar.gz.

It holds a folder `gated` that any web server can serve from any address.  The same site makes the same file, byte for
byte: names are sorted, dates and owners fixed.
"""

from __future__ import annotations

import gzip
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
ARCHIVE = ROOT / "_build" / "gated-site.tar.gz"
FOLDER = "gated"
NOT_SITE = ".made-from"  # what the build notes for itself
DATE = 1767225600  # 2026-01-01


def main() -> int:
    if not (SITE / "index.html").is_file():
        print("There is no site yet. Build it with: python book/build.py", file=sys.stderr)
        return 1
    pack(SITE, ARCHIVE)
    print(f"The site is packed: {ARCHIVE.relative_to(ROOT)} ({ARCHIVE.stat().st_size / 1e6:.0f} MB)")
    return 0


def pack(site: Path, archive: Path) -> None:
    """Write the archive, and put it in its place when it is whole."""
    draft = archive.with_suffix(".new")
    with (
        draft.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in files(site):
            with path.open("rb") as content:
                tar.addfile(member(path, site), content)
    draft.replace(archive)


def files(site: Path) -> Iterator[Path]:
    """The site's files in the order of their names."""
    for path in sorted(site.rglob("*"), key=lambda path: path.relative_to(site).as_posix()):
        if path.is_file() and path.name != NOT_SITE:
            yield path


def member(path: Path, site: Path) -> tarfile.TarInfo:
    """A file's entry: nothing in it is of the machine that built the site."""
    info = tarfile.TarInfo(f"{FOLDER}/{path.relative_to(site).as_posix()}")
    info.size = path.stat().st_size
    info.mtime = DATE
    info.mode = 0o644
    return info


if __name__ == "__main__":
    sys.exit(main())
