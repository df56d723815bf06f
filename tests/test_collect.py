"""`autograder collect` lays out what others' systems hand an instructor, and loses nothing on the way."""

import os
import subprocess
import zipfile
from datetime import datetime

import pytest
from nbgrader.utils import parse_utc
from running import COURSE, run, run_well

RELEASE = (COURSE / "exercises" / "gru_cell" / "gru_cell.ipynb").read_text()


def notebook(mark: str) -> str:
    """The release with a word in it that tells one notebook from another."""
    return RELEASE.replace("GRU", mark, 1)


def archive(file, entries: dict[str, str]):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in entries.items():
            made.writestr(name, text)
    return file


def collect(source, submitted, *how):
    return run("autograder", "collect", source, "--to", submitted, "--assignment=gru_cell", f"--course={COURSE}", *how)


def there(submitted) -> dict[str, str]:
    return {path.parent.parent.name: path.read_text() for path in submitted.glob("*/gru_cell/gru_cell.ipynb")}


def test_canvas(tmp_path):
    """One flat archive; what was handed in again has a number behind its name."""
    source = archive(
        tmp_path / "submissions.zip",
        {
            "adaone_1234_56789_gru_cell.ipynb": notebook("first"),
            "adaone_1234_56790_gru_cell-1.ipynb": notebook("second"),
            "benthree_LATE_77_56791_my homework.ipynb": notebook("late"),
            "readme.ipynb": notebook("nobody"),
        },
    )
    done = collect(source, tmp_path / "submitted", "--like=canvas")
    assert there(tmp_path / "submitted") == {"1234": notebook("second"), "77": notebook("late")}
    assert (done.returncode, "readme.ipynb: its name does not say whose it is." in done.stderr) == (1, True)


@pytest.mark.parametrize("between", ["_/", "/", "_"], ids=["folders", "folders-without-dash", "flat"])
def test_moodle(tmp_path, between):
    source = archive(
        tmp_path / "submissions.zip",
        {
            f"Ana-María de Óz_345_assignsubmission_file{between}gru_cell.ipynb": notebook("ana"),
            f"Bo Li_12_assignsubmission_file{between}gru_cell.ipynb": notebook("one"),
            f"Bo Li_13_assignsubmission_file{between}gru_cell.ipynb": notebook("other"),
        },
    )
    done = collect(source, tmp_path / "submitted", "--like=moodle")
    wanted = {"Ana-María de Óz": notebook("ana"), "Bo Li_12": notebook("one"), "Bo Li_13": notebook("other")}
    assert there(tmp_path / "submitted") == wanted
    assert done.returncode == 0


def test_github_with_the_time_of_the_last_commit(tmp_path):
    clone = tmp_path / "week-4-submissions" / "week-4-ada"
    clone.mkdir(parents=True)
    (clone / "gru_cell.ipynb").write_text(notebook("ada"))
    author = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    when = {**os.environ, "GIT_COMMITTER_DATE": "2026-10-12T23:58:00+0200"}
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "done"]):
        subprocess.run(["git", "-C", str(clone), *command], check=True, env=when)
    collect(clone.parent, tmp_path / "submitted", "--like=github", "--slug=week-4-")
    assert there(tmp_path / "submitted") == {"ada": notebook("ada")}
    stamp = (tmp_path / "submitted" / "ada" / "gru_cell" / "timestamp.txt").read_text().strip()
    assert parse_utc(stamp) == datetime(2026, 10, 12, 21, 58)


def test_anything_else_by_a_pattern_and_a_table_of_times(tmp_path):
    source = tmp_path / "mail"
    source.mkdir()
    (source / "from ada, week 4.ipynb").write_text(notebook("ada"))
    (tmp_path / "times.csv").write_text("student,handed_in\nada,2026-10-13T01:00:00+02:00\n")
    how = [r"--pattern=from (?P<student>\w+).*", f"--times={tmp_path / 'times.csv'}"]
    assert collect(source, tmp_path / "submitted", *how).returncode == 0
    stamp = (tmp_path / "submitted" / "ada" / "gru_cell" / "timestamp.txt").read_text().strip()
    assert parse_utc(stamp) == datetime(2026, 10, 12, 23, 0)


def test_again_changes_nothing_and_what_is_replaced_is_kept(tmp_path):
    first = archive(tmp_path / "first.zip", {"ada_1_2_gru_cell.ipynb": notebook("old")})
    second = archive(tmp_path / "second.zip", {"ada_1_3_gru_cell-1.ipynb": notebook("new")})
    submitted = tmp_path / "submitted"
    assert "1 new" in collect(first, submitted, "--like=canvas").stdout
    assert "1 as they were" in collect(first, submitted, "--like=canvas").stdout
    assert "1 handed in again" in collect(second, submitted, "--like=canvas").stdout
    assert there(submitted) == {"1": notebook("new")}
    assert (submitted / ".earlier" / "1" / "gru_cell-1.ipynb").read_text() == notebook("old")
    graded = run_well("autograder", "grade", submitted, f"--out={tmp_path / 'grades'}", f"--course={COURSE}")
    assert graded.startswith("1 submissions"), "what is kept is nobody's submission"


@pytest.mark.parametrize("name", ["../../escape", ".hidden", ""])
def test_a_name_that_would_lead_elsewhere_is_refused(tmp_path, name):
    source = archive(tmp_path / "submissions.zip", {f"{name} |gru_cell.ipynb": notebook("x")})
    done = collect(source, tmp_path / "submitted", r"--pattern=(?P<student>.*) \|.*")
    assert done.returncode == 1
    assert "cannot be the name of a student's folder" in done.stderr
    assert there(tmp_path) == there(tmp_path / "submitted") == {}


def test_an_entry_that_unpacks_to_too_much_is_left_out(tmp_path):
    source = archive(tmp_path / "submissions.zip", {"ada_1_2_gru_cell.ipynb": " " * (21 << 20)})
    done = collect(source, tmp_path / "submitted", "--like=canvas")
    assert "it is larger than 20 MB" in done.stderr
    assert there(tmp_path / "submitted") == {}


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"ada_1_2_draft.ipynb": "{}", "ada_1_3_final.ipynb": "{}"}, "there are several notebooks"),
        (None, "is neither a folder nor a zip file"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, entries, sentence):
    source = tmp_path / "submissions.zip"
    if entries is None:
        source.write_text("no archive")
    else:
        archive(source, entries)
    done = collect(source, tmp_path / "submitted", "--like=canvas")
    assert sentence in done.stderr
    assert done.returncode in (1, 2)


def test_times_without_an_offset_are_refused(tmp_path):
    (tmp_path / "times.csv").write_text("student,handed_in\nada,2026-10-13T01:00:00\n")
    source = archive(tmp_path / "submissions.zip", {"ada_1_2_gru_cell.ipynb": "{}"})
    done = collect(source, tmp_path / "submitted", "--like=canvas", f"--times={tmp_path / 'times.csv'}")
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert there(tmp_path / "submitted") == {}
