"""How a submission stands with its deadline, in words: for pages, and for whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from autograder.learner.results import counted
from autograder.policies import Policies, days_begun, final_score, handed_in, is_late, late_penalty, later
from autograder.report import Report


def lateness(report: Report, policies: Policies) -> str | None:
    """How it stands with the deadline, in a sentence with the rule and the numbers; None where there is no deadline."""
    due = policies.deadline(report.student, report.assignment)
    if due is None or report.status == "missing":
        return None
    extended = report.assignment in policies.extensions.get(report.student, {})
    deadline = f"the deadline of {date_in_words(due, policies)}" + (", an extension" if extended else "")
    handed = handed_in(report)
    if handed is None:
        return f"When it was handed in is not known, so it does not count as late ({deadline})."
    if handed <= due:
        return f"Handed in on {date_in_words(handed, policies)}, by {deadline}."
    after = f"Handed in {span_in_words(handed - due)} after {deadline}"
    if handed <= later(due, policies.late.grace, policies.zone):
        return f"{after}: within the {span_in_words(policies.late.grace)} that do not count."
    return f"{after}: {rule_in_words(handed, due, policies)} {taken_off(report, policies)}"


def rule_in_words(handed: dt.datetime, due: dt.datetime, policies: Policies) -> str:
    rule = policies.late
    if rule.closed_after is not None and handed > later(due, rule.closed_after, policies.zone):
        return f"more than {span_in_words(rule.closed_after)} late, it scores nothing."
    if rule.per_day == 0 or rule.at_most == 0:
        return "nothing is taken off for that."
    days = days_begun(handed, due, policies.zone)
    limit = f", {percent(rule.at_most)} at most" if rule.at_most < 1 else ""
    return f"{percent(rule.per_day)} off for each day begun ({days}){limit}."


def taken_off(report: Report, policies: Policies) -> str:
    taken, left = late_penalty(report, policies), final_score(report, policies)
    return f"That takes {taken:g} of {report.score:g} points and leaves {left:g}."


def lateness_of_class(reports: Sequence[Report], policies: Policies) -> str | None:
    """The deadline of one assignment, the rule, and how many were late; None where nobody has a deadline."""
    assignment = reports[0].assignment
    dated = [report for report in reports if policies.deadline(report.student, assignment)]
    if not dated:
        return None
    due, extended = policies.due.get(assignment), sum(assignment in names for names in policies.extensions.values())
    late = [report for report in dated if is_late(report, policies)]
    unknown = sum(report.handed_in is None for report in dated if report.status != "missing")
    sentences = [
        (f"Due on {date_in_words(due, policies)}" if due else "Only some have a deadline")
        + (f" ({counted(extended, 'extension', 'extensions')})." if extended else "."),
        rule_of_class(policies),
        f"Late: {len(late)}, which takes {sum(late_penalty(report, policies) for report in late):g} points in all.",
    ]
    if unknown:
        sentences.append(
            f"When {counted(unknown, 'notebook', 'notebooks')} came is not known; nobody counts as late for that."
        )
    return " ".join(sentences)


def rule_of_class(policies: Policies) -> str:
    rule = policies.late
    parts = [f"{percent(rule.per_day)} off for each day begun"] if rule.per_day else []
    parts += [f"{percent(rule.at_most)} at most"] if parts and rule.at_most < 1 else []
    parts += [f"all of it after {span_in_words(rule.closed_after)}"] if rule.closed_after is not None else []
    parts += [f"the first {span_in_words(rule.grace)} do not count"] if parts and rule.grace else []
    if not parts:
        return "Lateness costs nothing."
    return f"Who is late loses a share of the points earned: {', '.join(parts)}."


def date_as_iso(moment: dt.datetime | None, policies: Policies) -> str:
    """For a table: ISO 8601 as a clock in the course's zone shows it, with its offset."""
    return moment.astimezone(policies.zone).isoformat() if moment else ""


def date_in_words(moment: dt.datetime, policies: Policies) -> str:
    """A date as a clock in the course's zone shows it."""
    local = moment.astimezone(policies.zone)
    seconds = ":%S" if local.second else ""
    return f"{local.strftime(f'%Y-%m-%d %H:%M{seconds}')} ({policies.zone.key})"


def span_in_words(span: dt.timedelta) -> str:
    """ "1 day 3 h", "12 min", "40 s": the two largest units, cut off."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} day{'s' if days > 1 else ''}"] if days else []
    parts += [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if number]
    return " ".join(parts[:2]) or "less than a second"


def percent(share: float) -> str:
    return f"{share * 100:g} %"
