"""Serve the built site as its hosts do: compressed, and under a folder of the host."""

from __future__ import annotations

import contextlib
import functools
import gzip
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

UNDER = "/gated"
PACKED = (".html", ".css", ".js", ".svg", ".json", ".ipynb")


class Host(SimpleHTTPRequestHandler):
    """Text goes out compressed; nothing lies outside the folder that the site has at its host."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not path.startswith(f"{UNDER}/"):
            self.send_error(404)
            return
        self.path = path.removeprefix(UNDER)
        file = Path(self.translate_path(self.path))
        if file.suffix not in PACKED or not file.is_file():
            super().do_GET()
            return
        body = packed(file)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@functools.cache
def packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A browser that leaves a page hangs up in the middle of an answer."""


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    """The site's address, as long as the block lasts."""
    with Server(("127.0.0.1", 0), functools.partial(Host, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{UNDER}"
        server.shutdown()
