"""Mend what the theme writes, so that a page is the same for who sees, hears or steers it by keyboard."""

from __future__ import annotations

import re

# (what is looked for, what stands there instead): each on its own, in this order
MENDED: list[tuple[re.Pattern, str]] = [
    # the theme says it twice, or three times
    (re.compile(r'(<meta name="viewport"[^>]*>)([\s\S]*?)<meta name="viewport"[^>]*>'), r"\1\2"),
    (re.compile(r'(<meta name="viewport"[^>]*>)([\s\S]*?)<meta name="viewport"[^>]*>'), r"\1\2"),
    # a name that is not what stands there: who speaks to the page says what stands there
    (re.compile(r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"'), r"\1"),
    (re.compile(r'<summary aria-label="[^"]*"'), "<summary"),
    # the book's contents are a landmark of their own
    (
        re.compile(r'<div id="pst-primary-sidebar"'),
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book"',
    ),
    # a corner of a table heads nothing
    (re.compile(r"<th[^>]*>(?:<p>)?\s*(?:</p>)?</th>"), "<td></td>"),
    # roles that are out of use, on a list that is none
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list"'), '<div class="citation-list"'),
]


def mend(html: str, up: str) -> str:
    """A page with its landmarks, names and icon.  up: the way from the page to the site's root."""
    for pattern, instead in MENDED:
        html = pattern.sub(instead, html)
    return html.replace("</title>", f'</title>\n<link rel="icon" type="image/svg+xml" href="{up}icon.svg" />', 1)
