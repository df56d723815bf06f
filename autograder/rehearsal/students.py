"""A rehearsal class: many plausible students whose right grades are known, to try everything before learners come.

Every student has an ability, drawn from the seed.  A good one gets most tasks right, in one style or another; a weak
one makes the catalogue's mistakes, the popular ones more often, stops early, leaves the words out, and hands in late or
never.  A few hand in what misbehaves, what cannot be read, or a classmate's work under other names.

What each task scores and is told must be certain.  So two mistakes in one notebook stand in tasks that have nothing to
do with each other, or are a pair of the catalogue.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autograder.catalogue import Catalogue
from autograder.course import Assignment
from autograder.demo import members, status_of, without_markers
from autograder.rehearsal.handwriting import copied, own_hand
from autograder.source import source_cells
from autograder.testing import Mistake
from autograder.written.rubrics import read_rubric, rubric_file

FIRST_DUE = dt.datetime(2026, 10, 12, 23, 59, tzinfo=dt.UTC)  # a Monday; each further assignment is due a week later
ODD = {"copied": 0.02, "hostile": 0.015, "misnamed": 0.01, "unreadable": 0.005}  # shares of a class
SMALLEST = 8  # students, from which on a class has at least one of each of these
NEUTRAL = "Here a student's own words would stand. The rehearsal class has none for this question."
ANSWER = "_answer"  # what the name of an answer's cell ends in, after the task's


@dataclass
class Handed:
    """One student's work on one assignment, and the truth about it.

    kind: right, mistakes, unfinished, empty, missing, misnamed, unreadable, copied, or what is hostile of it.  file:
    the name that it has, None where nothing was handed in.  answers: the source of each cell that was written.
    mistakes and statuses: by task, where there is one; scores: of all autograded tasks.
    """

    kind: str
    ability: float
    scores: dict[str, float]
    mistakes: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    status: str = "graded"
    unanswered: list[str] = field(default_factory=list)
    written: dict[str, float | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    file: str | None = None
    text: str = ""
    handed_in: dt.datetime | None = None
    late_hours: float = 0.0
    copied_from: str | None = None

    def told(self) -> dict:
        """The truth as it is written down."""
        kept = {each.name for each in dataclasses.fields(self)} - {"answers", "file", "text"}
        told = {name: value for name, value in vars(self).items() if name in kept}
        return {**told, "handed_in": self.handed_in and self.handed_in.isoformat()}


class Room:
    """One assignment of the class: what its notebooks are made of, and who has a seat of the few odd ones."""

    def __init__(self, assignment: Assignment, due: dt.datetime, students: list[str], seed: int) -> None:
        self.assignment, self.due, self.students, self.seed = assignment, due, students, seed
        self.catalogue = Catalogue(assignment)
        self.full = {task.name: task.points for task in assignment.tasks if not task.manual}
        self.questions = [task.name for task in assignment.tasks if task.manual]
        self.samples = sample_answers(assignment)
        self.notebook = json.loads(assignment.release.read_text(encoding="utf-8"))
        sources = {cell.grade_id: cell.source for cell in source_cells(assignment) if cell.grade_id}
        self.solution = {task: without_markers(sources[task + ANSWER]) for task in self.catalogue.tasks}
        self.variants = [path.read_text(encoding="utf-8") for path in assignment.variants]
        self.hostile = [each for each in members(assignment) if each.student.startswith("hostile-")]
        self.chance("hostile").shuffle(self.hostile)
        self.popular = {task: self.by_popularity(task) for task in self.catalogue.tasks}
        self.odd = self.odd_seats()

    def chance(self, *names: object) -> random.Random:
        """Random numbers that depend on the seed, the assignment and these names alone."""
        return random.Random(" ".join(map(str, (self.seed, self.assignment.name, *names))))

    def by_popularity(self, task: str) -> list[Mistake]:
        """The mistakes that are made in a task, the most popular first; two at once are rarer than one."""
        found = [each for each in self.catalogue.mistakes if task in each.functions]
        self.chance("popularity", task).shuffle(found)
        return sorted(found, key=lambda each: len(each.of))

    def odd_seats(self) -> dict[int, str]:
        """What a few students hand in, by their number."""
        count, seats = len(self.students), list(range(len(self.students)))
        self.chance("seats").shuffle(seats)
        taken = {}
        for kind, share in ODD.items():
            for _ in range(max(1, round(share * count)) if count >= SMALLEST else 0):
                taken[seats.pop()] = kind
        return taken

    def handed(self, number: int, ability: float) -> Handed:
        """What a student hands in."""
        chance, kind = self.chance("student", number), self.odd.get(number)
        if kind == "hostile":
            made = self.hostile_work(number, ability)
        elif kind == "copied":
            return self.copied_work(ability, chance)
        else:
            made = self.own_work(ability, chance)
            if kind is None and chance.random() < curve(-3.0 - 0.9 * ability):
                return self.without_marks("missing", made)
        self.hand_in(made, chance)
        return self.spoilt(kind, made, chance) if kind in ("misnamed", "unreadable") else made

    def hand_in(self, made: Handed, chance: random.Random, after: dt.datetime | None = None) -> None:
        """Write the notebook and say when it came: most in the last day before it is due, some late."""
        made.file, made.text = self.assignment.release.name, self.notebook_with(made.answers)
        if chance.random() < curve(-2.0 - 0.6 * made.ability):
            hours = min(240.0, chance.lognormvariate(1.6, 1.3))
        else:
            hours = -min(150.0, chance.lognormvariate(2.2 + 0.2 * made.ability, 1.2))
        moment = self.due + dt.timedelta(seconds=round(3600 * hours))
        if after and moment <= after:
            moment = after + dt.timedelta(seconds=chance.randrange(1800, 36_000))
        made.handed_in = moment
        made.late_hours = max(0.0, round((moment - self.due).total_seconds() / 3600, 2))

    def own_work(self, ability: float, chance: random.Random) -> Handed:
        """Somebody's own answers: which tasks are written, which are right, and how the others are wrong."""
        made = Handed("right", round(ability, 2), dict(self.full))
        absent, wrong = self.left_out(made, ability, chance)
        lost = {task for task in self.full if task in absent or self.catalogue.calls[task] & absent}
        made.scores |= dict.fromkeys(lost, 0.0)
        self.make_mistakes(made, wrong, absent, lost, chance)
        self.write_words(made, ability, chance)
        if made.kind == "right" and chance.random() < 0.7 and self.variants:
            text = own_hand(chance.choice(self.variants), chance)
            first, *others = self.catalogue.tasks
            made.answers |= {first + ANSWER: text, **{task + ANSWER: "# written above" for task in others}}
            return made
        for task, source in self.solution.items():
            if task not in absent and task + ANSWER not in made.answers:
                made.answers[task + ANSWER] = own_hand(source, chance)
        return made

    def left_out(self, made: Handed, ability: float, chance: random.Random) -> tuple[set[str], list[str]]:
        """The tasks that are not written, or not to their end; and those to make a mistake in."""
        absent: set[str] = set()
        wrong: list[str] = []
        for place, task in enumerate(self.catalogue.tasks):
            if chance.random() < curve(-3.3 - 1.1 * ability):
                absent |= set(self.catalogue.tasks[place:])
                break
            if chance.random() < curve(-1.6 - 1.2 * ability + 0.15 * place):
                way = chance.random()
                if way < 0.08:
                    made.answers[task + ANSWER] = half_written(own_hand(self.solution[task], chance))
                if way < 0.2:
                    absent.add(task)
                else:
                    wrong.append(task)
        if absent:
            made.kind = "empty" if len(absent) == len(self.full) and not made.answers else "unfinished"
        return absent, wrong

    def make_mistakes(
        self, made: Handed, wanted: list[str], absent: set[str], lost: set[str], chance: random.Random
    ) -> None:
        """Make a mistake in each task that wants one, unless what would come of it there is not certain."""
        wrong: set[str] = set()
        for task in wanted:
            mistake = self.draw(task, chance)
            if mistake is None or not self.is_certain(mistake, absent, lost, wrong, made):
                continue
            made.kind = "mistakes"
            made.mistakes |= {of: name for of, name in self.catalogue.names(mistake).items() if of not in lost}
            made.scores |= dict.fromkeys(self.catalogue.spoiled_tasks(mistake), 0.0)
            made.answers |= {of + ANSWER: own_hand(source, chance) for of, source in mistake.sources.items()}
            wrong |= mistake.functions.keys()

    def draw(self, task: str, chance: random.Random) -> Mistake | None:
        """One of a task's mistakes; of the popular ones the second is made half as often as the first, and so on."""
        found = self.popular[task]
        return chance.choices(found, [1 / place for place in range(1, len(found) + 1)])[0] if found else None

    def is_certain(self, mistake: Mistake, absent: set[str], lost: set[str], wrong: set[str], made: Handed) -> bool:
        """Whether it is known what comes of the mistake beside all else that is missing or wrong."""
        tasks, spoiled = set(mistake.functions), set(self.catalogue.spoiled_tasks(mistake))
        uses = tasks | {task for source in mistake.sources.values() for task in re.findall(r"\w+", source)}
        uses |= {other for task in uses & self.full.keys() for other in self.catalogue.calls[task]}
        built_on = {task for task in self.full if self.catalogue.calls[task] & tasks}
        return not (tasks & lost or uses & (absent | wrong) or built_on & wrong or spoiled & made.mistakes.keys())

    def write_words(self, made: Handed, ability: float, chance: random.Random) -> None:
        """Answer the written questions, well or badly, or not at all."""
        for question in self.questions:
            quality = ability + chance.gauss(0, 0.7)
            if made.kind == "empty" or chance.random() < curve(-1.8 - 1.0 * ability):
                made.unanswered.append(question)
                continue
            samples = sorted(self.samples.get(question, [(None, NEUTRAL)]), key=lambda each: each[0] or 0)
            place = min(len(samples) - 1, int(len(samples) * curve(1.5 * quality + 0.5)))
            made.written[question], made.answers[question] = samples[place]

    def hostile_work(self, number: int, ability: float) -> Handed:
        place = sum(kind == "hostile" for other, kind in self.odd.items() if other < number)
        member = self.hostile[place % len(self.hostile)]
        made = Handed(member.student, round(ability, 2), member.scores, member.mistakes, member.statuses)
        made.status = status_of(member.scores, member.statuses)
        answers = {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell.source for cell in member.notebook.cells}
        made.answers = {name: source for name, source in answers.items() if name.endswith(ANSWER)}
        made.unanswered = list(self.questions)
        return made

    def copied_work(self, ability: float, chance: random.Random) -> Handed:
        """A classmate's notebook under other names, handed in after theirs; their own work where nobody has any."""
        for number in chance.sample(range(len(self.students)), min(100, len(self.students))):
            source = None if number in self.odd else self.handed(number, ability_of(self.seed, number))
            if source and source.file and sum(source.scores.values()):
                break
        else:
            source = self.own_work(ability, chance)
            self.hand_in(source, chance)
            return source
        made = dataclasses.replace(source, kind="copied", ability=round(ability, 2), copied_from=self.students[number])
        made.answers = {
            name: copied(text, chance) if name.endswith(ANSWER) and parses(text) else text
            for name, text in source.answers.items()
        }
        self.hand_in(made, chance, after=source.handed_in)
        return made

    def spoilt(self, kind: str, made: Handed, chance: random.Random) -> Handed:
        """A notebook under a name that nobody looks for, or of which only a part arrived."""
        text, moment, hours = made.text, made.handed_in, made.late_hours
        made = self.without_marks(kind, made)
        made.handed_in, made.late_hours, name = moment, hours, self.assignment.name
        if kind == "misnamed":
            made.file, made.text = chance.choice([f"{name} (1).ipynb", f"{name}-final.ipynb", "Untitled.ipynb"]), text
        else:
            made.status, made.file = "unreadable", self.assignment.release.name
            made.text = text[: int(len(text) * chance.uniform(0.2, 0.9))]
        return made

    def without_marks(self, kind: str, made: Handed) -> Handed:
        none = dict.fromkeys(self.full, 0.0)
        return Handed(kind, made.ability, none, status="missing", unanswered=list(self.questions))

    def notebook_with(self, answers: Mapping[str, str]) -> str:
        """The release as a file, with these cells written."""
        cells = []
        for cell in self.notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cells.append({**cell, "source": answers[name].splitlines(True)} if name in answers else cell)
        return json.dumps({**self.notebook, "cells": cells}, indent=1, ensure_ascii=False) + "\n"


def curve(a: float) -> float:
    """The logistic function: a chance between 0 and 1."""
    return 1 / (1 + math.exp(-a))


def ability_of(seed: int, number: int) -> float:
    """Standard normal; the same in every assignment."""
    return random.Random(f"{seed} ability {number}").gauss(0, 1)


def half_written(source: str) -> str:
    """The answer as it stood when somebody stopped in the middle of a line."""
    lines = source.rstrip().splitlines()
    return "\n".join([*lines[:-1], f"{lines[-1]} = ("])


def parses(source: str) -> bool:
    try:
        compile(source, "answer", "exec")
    except SyntaxError:
        return False
    return True


def sample_answers(assignment: Assignment) -> dict[str, list[tuple[float, str]]]:
    """The sample answers of the assignment's rubric, with their marks, by question; none where it has no rubric."""
    if not rubric_file(assignment).is_file():
        return {}
    rubric = read_rubric(assignment)
    return {name: [(sample.points, sample.answer) for sample in each.samples] for name, each in rubric.items()}


def rooms(chosen: list[Assignment], students: list[str], seed: int) -> Iterator[Room]:
    """A room for each assignment, each due a week after the one before."""
    for week, assignment in enumerate(chosen):
        yield Room(assignment, FIRST_DUE + dt.timedelta(weeks=week), students, seed)
