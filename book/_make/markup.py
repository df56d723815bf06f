"""Mend what the theme writes, so that a page is the same for who sees, hears or steers it by keyboard."""

from __future__ import annotations

import re

# (what is looked for, what stands there instead): each on its own, in this order
MENDED: list[tuple[re.Pattern, str]] = [
    # the theme says it twice, or three times
    (re.compile(r'(<meta name="viewport"[^>]*>)([\s\S]*?)<meta name="viewport"[^>]*>'), r"\1\2"),
    (re.compile(r'(<meta name="viewport"[^>]*>)([\s\S]*?)<meta name="viewport"[^>]*>'), r"\1\2"),
]


def mend(html: str, up: str) -> str:
    """A page with its landmarks, names and icon.  up: the way from the page to the site's root."""
    for pattern, instead in MENDED:
        html = pattern.sub(instead, html)
    return html.replace("</title>", f'</title>\n<link rel="icon" type="image/svg+xml" href="{up}icon.svg" />', 1)
