"""A student's name as a folder, as text, and as a cell of a table."""

import csv
import io
import itertools
import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.names import as_cell, as_text, as_word, file_name, from_cell, mistakable

ANA = ["ana", "Ana", "ANA", "aNa"]
ZOE = ["zoë", "zoe\u0308", "Zoë", "Zoe\u0308", "ZOË"]
ODD = [
    *("", ".", "..", "../ana", "inst/ana", "a\\b", "/etc/passwd", "-rf", "--help", ".hidden", "ana.", "ana ", "a:b?"),
    *("CON", "con", "aux.txt", "nul .x", "com1", "LPT¹", "two\nlines", "tab\t", "\x00", "a\u202eb", "a\u200bb", "groß"),
    *("gross", "ıda", "ida", "a" * 255, "é" * 127, "é" * 126 + "e", "ana~dea210f0", "\ud800", os.fsdecode(b"caf\xe9")),
]
names = st.text(max_size=8) | st.text("aAéE\u0301ßSıIſ./~ ", max_size=5) | st.sampled_from([*ANA, *ZOE, *ODD])


def on_any_disk(name: str) -> set[str]:
    """What disks may take a name for: Windows' upper case, macOS's decomposed small letters."""
    return {unicodedata.normalize("NFC", name.upper()), unicodedata.normalize("NFD", name.casefold())}


def test_a_plain_name_stays_what_it_is():
    plain = [
        "ana",
        "ana.silva",
        "s1234567",
        "zoë",
        "o'neil & 50%",
        "山田",
        "ana_123_assignsubmission_file_",
        "😀",
        "con1",
    ]
    assert [file_name(name) for name in plain] == plain


def test_names_that_a_disk_may_take_for_one_have_files_of_their_own():
    for one, other in itertools.combinations([*ANA, *ZOE, *ODD], 2):
        assert not on_any_disk(file_name(one)) & on_any_disk(file_name(other)), (one, other)


@given(names, names)
def test_no_two_names_share_a_file(one, other):
    alike = bool(on_any_disk(file_name(one)) & on_any_disk(file_name(other)))
    assert alike == (one == other)


@given(names)
def test_a_file_s_name_is_one_on_any_system(name):
    made = file_name(name)
    assert 0 < len(made.encode()) <= 120
    assert made.isprintable()
    assert not set(made) & set('<>:"/\\|?*')
    assert not made.startswith((".", "-"))
    assert not made.endswith((".", " "))
    assert made.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


def test_names_that_may_be_mistaken_for_one_another():
    assert mistakable([*ANA[:2], "bo", "zoë", "zoe\u0308"]) == [["Ana", "ana"], ["zoe\u0308", "zoë"]]
    assert mistakable(["ana", "ana", "bo"]) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''=1", "--help"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(text):
    cell = as_cell(text)
    assert cell == f"'{text}"
    assert from_cell(cell) == text


@given(st.text("='+a @-", max_size=4) | st.text(max_size=8))
def test_a_cell_gives_its_text_back(text):
    out = io.StringIO()
    csv.writer(out).writerow([as_cell(text)])
    assert from_cell(as_cell(text)) == text
    assert not as_cell(text).startswith(tuple("=+-@\t\r\n"))


@pytest.mark.parametrize("text", ["'t Hooft", "ana", "", "O'Neil", "a=b", " =1"])
def test_a_cell_that_is_harmless_stays_what_it_is(text):
    assert as_cell(text) == from_cell(text) == text


def test_a_name_on_a_page_and_in_a_terminal():
    assert as_text(os.fsdecode(b"caf\xe9")) == "caf\\udce9"
    assert as_word("two\nlines \u202eéa\x1b[1m") == "two\\nlines \\u202eéa\\x1b[1m"
    assert as_word("\udce9") == "\\udce9"
