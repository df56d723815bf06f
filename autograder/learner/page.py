"""A page of its own for what is shown in a notebook: the look of the grader's pages, no script, no other file."""

from __future__ import annotations

from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #c4c8cc; }
@media (prefers-color-scheme: dark) { :root { --line: #4a5058; } }
html { background: Canvas; color: CanvasText; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 68rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
th, td { border-bottom: 1px solid var(--line); }
"""


def as_page(heading: str, body: str) -> str:
    """A whole page around some HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(heading)}</title>\n<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f"<main>\n<h1>{escape(heading)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
