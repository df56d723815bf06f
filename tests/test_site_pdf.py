"""The book on paper: `book/pdf.py`."""

import shutil
import subprocess
import sys

import pytest
from pypdf import PdfReader
from running import COURSE

PAGES = ("book/intro", "book/need", "book/notation")


def test_pages_are_numbered_through_and_linked_to_each_other(site, tmp_path):
    if not shutil.which("chromium"):
        pytest.skip("There is no Chromium: `apt-get install chromium` brings it.")
    out = tmp_path / "some.pdf"
    command = [sys.executable, "book/pdf.py", "--out", str(out), "--only", *PAGES]
    done = subprocess.run(command, check=False, cwd=COURSE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    book = PdfReader(out)
    assert [entry.title for entry in book.outline] == [
        "Gated: the GRU from first principles",
        "1. What you need",
        "2. Notation and conventions",
    ]
    starts = [book.get_destination_page_number(entry) for entry in book.outline]
    assert starts == sorted(set(starts))
    for place, page in enumerate(book.pages):
        assert page.extract_text().split("\n")[0] == str(place + 1)
    inside = {
        book.get_page_number(link["/Dest"][0].get_object())
        for link in (each.get_object() for each in book.pages[0].get("/Annots", []))
        if isinstance(link.get("/Dest"), list)
    }
    assert inside <= set(starts)
    assert "http://127.0.0.1" not in str([page.get("/Annots") for page in book.pages])


def test_where_there_is_no_site_the_command_says_what_to_do(tmp_path):
    copy = tmp_path / "book"
    copy.mkdir()
    shutil.copy(COURSE / "book" / "pdf.py", copy)
    done = subprocess.run([sys.executable, copy / "pdf.py"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "python book/build.py" in done.stderr
