"""Deadlines and what lateness takes off: the rule itself, the file that declares it, and the times of handing in."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import parse_utc

from autograder.course import CourseError
from autograder.lateness import lateness
from autograder.policies import Late, Policies, final_score, late_penalty, parse, policies_of
from autograder.report import Report
from autograder.timestamps import read_timestamp

ZURICH = ZoneInfo("Europe/Zurich")
RULE = Late(grace=dt.timedelta(minutes=15), per_day=0.1, at_most=0.5, closed_after=dt.timedelta(days=7))
DUE = dt.datetime(2026, 10, 12, 23, 59, tzinfo=ZURICH)

shares = st.floats(0, 1)
spans = st.timedeltas(dt.timedelta(0), dt.timedelta(days=40))
rules = st.builds(Late, spans, shares, shares, st.none() | spans)
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))


def report(handed_in, score=8.0, student="ana"):
    moment = handed_in.isoformat() if isinstance(handed_in, dt.datetime) else handed_in
    return Report(
        student, "gru_cell", "graded", score, 8.0, [], [], "1", "2", "3", "4", "weak", "cpu", 0.1, handed_in=moment
    )


def policies(rule=RULE, due=DUE, zone=ZURICH, **extensions):
    return Policies(zone, rule, {"gru_cell": due}, {name: {"gru_cell": date} for name, date in extensions.items()})


@settings(max_examples=40)
@given(rules, moments, moments, moments, st.floats(0, 8))
def test_a_penalty_is_part_of_the_score_and_grows_with_lateness(rule, due, one, other, score):
    dates = policies(rule, due)
    sooner, later = (late_penalty(report(moment, score), dates) for moment in sorted((one, other)))
    assert 0 <= sooner <= later <= score
    assert 0 <= final_score(report(one, score), dates) <= score


@settings(max_examples=40)
@given(rules, moments, moments, spans)
def test_a_later_deadline_never_costs_more(rule, due, handed, extension):
    plain, extended = (
        late_penalty(report(handed), dates) for dates in (policies(rule, due), policies(rule, due, ana=due + extension))
    )
    assert extended <= plain


@pytest.mark.parametrize(
    ("handed_in", "penalty", "words"),
    [
        ("2026-10-12T23:59:00+02:00", 0, "by the deadline of 2026-10-12 23:59 (Europe/Zurich)."),  # to the second
        ("2026-10-13T00:14:00+02:00", 0, "within the 15 min that do not count"),
        ("2026-10-13T00:14:01+02:00", 0.8, "15 min 1 s after the deadline"),
        ("2026-10-13T21:59:00+00:00", 0.8, "10 % off for each day begun (1), 50 % at most. That takes 0.8 of 8 points"),
        ("2026-10-13T21:59:01+00:00", 1.6, "1 day 1 s after"),
        ("2026-10-19T12:00:00+02:00", 4, "(7), 50 % at most. That takes 4 of 8 points and leaves 4."),
        ("2026-10-19T23:59:00+02:00", 4, "(7)"),
        ("2026-10-19T23:59:01+02:00", 8, "more than 7 days late, it scores nothing. That takes 8 of 8 points"),
        (None, 0, "When it was handed in is not known, so it does not count as late"),
    ],
)
def test_the_rule_to_the_second_and_in_words(handed_in, penalty, words):
    handed = report(handed_in)
    assert late_penalty(handed, policies()) == penalty
    assert words in lateness(handed, policies())


def test_an_extension_counts_before_the_deadline_of_all():
    handed = dt.datetime(2026, 10, 15, 12, tzinfo=ZURICH)
    dates = policies(ben=dt.datetime(2026, 10, 15, 23, 59, tzinfo=ZURICH))
    assert late_penalty(report(handed, student="ben"), dates) == 0
    assert "an extension" in lateness(report(handed, student="ben"), dates)
    assert late_penalty(report(handed, student="ana"), dates) == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("due", "handed_in", "days"),
    [
        ("2026-10-24T23:59", "2026-10-25T23:59:00+01:00", 1),  # the clocks go back: a day of 25 hours
        ("2026-10-24T23:59", "2026-10-25T23:59:01+01:00", 2),
        ("2026-03-28T23:59", "2026-03-29T23:59:00+02:00", 1),  # forward: 23 hours
        ("2026-03-28T23:59", "2026-03-29T23:59:01+02:00", 2),
        ("2026-10-24T02:30", "2026-10-25T02:30:00+02:00", 1),  # the hour that comes twice
        ("2026-10-24T02:30", "2026-10-25T02:30:00+01:00", 2),
    ],
)
def test_a_day_ends_when_the_clock_shows_the_time_again(due, handed_in, days):
    dates = policies(Late(per_day=0.1), dt.datetime.fromisoformat(due).replace(tzinfo=ZURICH))
    assert late_penalty(report(handed_in), dates) == pytest.approx(0.8 * days)


# course.toml


def test_without_a_file_nothing_is_late(tmp_path):
    (tmp_path / "solutions").mkdir()
    dates = policies_of(tmp_path)
    assert late_penalty(report(DUE + dt.timedelta(days=99)), dates) == 0
    assert lateness(report(DUE), dates) is None


def test_a_date_without_an_offset_is_in_the_course_s_zone():
    text = 'timezone = "Europe/Zurich"\n[assignments.gru_cell]\ndue = 2026-10-12T23:59:00\n'
    assert parse(text, ["gru_cell"]).due == {"gru_cell": DUE}
    assert parse(text.replace("00\n", "00Z\n"), ["gru_cell"]).due == {"gru_cell": DUE + dt.timedelta(hours=2)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[late]\ngrace = 15 min", "line 2"),
        ('zone = "UTC"', "no 'zone' at the top"),
        ('timezone = "Mars/Olympus"', "no known time zone"),
        ("[late]\nper_week = 0.1", "no 'per_week' in [late]"),
        ("[late]\nper_day = 10", "late.per_day is 10; a share from 0 to 1"),
        ('[late]\ngrace = "a while"', "late.grace is 'a while'"),
        ('[late]\ngrace = "2 days"\nclosed_after = "1 day"', "shorter than late.grace"),
        ("[assignments.gru]\ndue = 2026-10-12T23:59:00", "no such assignment. There are: gru_cell"),
        ("[assignments.gru_cell]\ndue = 2026-10-12", "assignments.gru_cell.due is 2026-10-12; write a date and a time"),
        ('[assignments.gru_cell]\ndue = "Monday"', "assignments.gru_cell.due is Monday"),
        ("[assignments]\ngru_cell = 2026-10-12T23:59:00", "[assignments.gru_cell] above it"),
        ("[extensions.ana]\ngru_cell = 2026-10-12T23:59:00", "there is none"),
        (
            "[assignments.gru_cell]\ndue = 2026-10-12T23:59:00\n[extensions.ana]\ngru_cell = 2026-10-11T23:59:00",
            "extensions.ana.gru_cell is before the deadline",
        ),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(tmp_path, text, why):
    (tmp_path / "solutions" / "gru_cell").mkdir(parents=True)
    (tmp_path / "solutions" / "gru_cell" / "gru_cell.py").touch()
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(CourseError) as caught:
        policies_of(tmp_path)
    assert why in str(caught.value)
    assert str(tmp_path / "course.toml") in str(caught.value)


# timestamp.txt


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 15:58:23.948203 America/Los_Angeles",
        "2026-10-12 23:59:00.5 UTC",
        "2026-10-12 23:59:00",
        "2026-10-12T23:59:00+02:00\n",
        "2026-10-25 02:30:00 Europe/Zurich",
        "Feb 2 2015 3:58pm",
    ],
)
def test_a_timestamp_is_read_as_nbgrader_reads_it(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text)
    moment = dt.datetime.fromisoformat(read_timestamp(tmp_path))
    assert moment.astimezone(dt.UTC).replace(tzinfo=None) == parse_utc(text.strip())


def test_where_nbgrader_misreads_a_zone_it_is_read_as_it_is_written(tmp_path):
    for text in ("2026-10-12 23:59:00 +0200", "2026-10-12 23:59:00 CEST"):
        (tmp_path / "timestamp.txt").write_text(text)
        assert dt.datetime.fromisoformat(read_timestamp(tmp_path, ZURICH)) == DUE
        assert parse_utc(text) != DUE.astimezone(dt.UTC).replace(tzinfo=None)


@pytest.mark.parametrize("text", ["", "yesterday", "12", "2026-10-12 23:59:00 Nowhere", "\xff", "9" * 300, "1 2 ../3"])
def test_what_is_no_timestamp_is_not_known(tmp_path, text):
    (tmp_path / "timestamp.txt").write_bytes(text.encode("latin-1"))
    assert read_timestamp(tmp_path) is None
    assert read_timestamp(tmp_path / "nowhere") is None
