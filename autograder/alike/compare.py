"""Which submissions of an assignment are alike, and by how much: shares of what only few have written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np

from autograder.alike.fingerprints import RUN, RUN_OF_WORDS, fingerprints
from autograder.alike.pieces import Piece
from autograder.alike.tokens import PROSE, Stream

# Runs of one's own that a likeness must rest on.  One unusual token makes as many unusual runs as a run has tokens, so
# these are the traces of four or five choices; benchmarks/alike.py shows what fewer would let through.
ENOUGH, ENOUGH_IN_A_TASK, ENOUGH_IN_PROSE = 4 * RUN, 5 * RUN, 5 * RUN_OF_WORDS


@dataclass
class Work:
    """What one student wrote.  own: the fingerprints by task that neither the course nor many have."""

    student: str
    pieces: list[Piece]
    streams: list[Stream]
    own: dict[str, set[int]] = field(default_factory=dict)

    @cached_property
    def prose(self) -> set[str]:
        """The tasks that are answered in words."""
        pairs = zip(self.pieces, self.streams, strict=True)
        return {piece.task for piece, stream in pairs if stream.kind == PROSE}

    @cached_property
    def everything(self) -> set[int]:
        return set().union(*self.own.values())

    @cached_property
    def code(self) -> set[int]:
        return set().union(*(found for task, found in self.own.items() if task not in self.prose))

    @property
    def enough(self) -> bool:
        """Whether there is enough of the student's own to compare at all."""
        return len(self.code) >= ENOUGH or any(len(self.own[task]) >= ENOUGH_IN_PROSE for task in self.prose)


@dataclass(frozen=True)
class Share:
    """How many runs each of two has for itself, in a task or in all code, and how many of them the other has too.

    needed: how many of them a likeness must rest on.
    """

    first: int
    second: int
    first_shared: int
    second_shared: int
    needed: int

    @property
    def enough(self) -> bool:
        return min(self.first, self.second) >= self.needed

    @property
    def value(self) -> float:
        """The greater share of the two: what is added to a copy makes it no less of one."""
        return max(self.first_shared / max(self.first, 1), self.second_shared / max(self.second, 1))


@dataclass(frozen=True)
class Pair:
    """Two students, and what they share in all code and by task."""

    first: str
    second: str
    code: Share
    tasks: dict[str, Share]

    @cached_property
    def similarity(self) -> float:
        """The greatest share that rests on enough, 0 to 1."""
        return max((share.value for share in (self.code, *self.tasks.values()) if share.enough), default=0.0)


@dataclass
class Compared:
    """What came of one assignment.  common: more students than these make a run one that many have.

    little: the students with too little of their own.  widespread: how many runs were left out because many have them.
    """

    works: dict[str, Work]
    pairs: list[Pair]
    groups: list[list[str]]
    common: int
    little: list[str]
    widespread: int


def common_above(students: int) -> int:
    """What more students than this have written is taken for the obvious form: one in twenty, from 3 to 10."""
    return max(3, min(10, students // 20))


def compare(works: Sequence[Work], known: Iterable[Stream], least: float, common: int | None = None) -> Compared:
    """Compare all with all.  known: what the release and the course's own answer hold."""
    common = common or common_above(len(works))
    given = {number for stream in known for number in fingerprints(stream).tolist()}
    found = [prints_by_task(work, given) for work in works]
    holders = Counter(number for tasks in found for number in set().union(*tasks.values()))
    many = {number for number, count in holders.items() if count > common}
    for work, tasks in zip(works, found, strict=True):
        work.own = {task: prints - many for task, prints in tasks.items()}
    pairs = [pair_of(*two) for two in candidates([work for work in works if work.enough], least)]
    pairs = sorted((pair for pair in pairs if pair.similarity >= least), key=order)
    little = [work.student for work in works if not work.enough]
    return Compared({work.student: work for work in works}, pairs, groups_of(pairs), common, little, len(many))


def prints_by_task(work: Work, given: set[int]) -> dict[str, set[int]]:
    """The fingerprints of a submission by task, without what was given."""
    tasks: dict[str, set[int]] = defaultdict(set)
    for piece, stream in zip(work.pieces, work.streams, strict=True):
        tasks[piece.task].update(fingerprints(stream).tolist())
    return {task: found - given for task, found in tasks.items()}


def candidates(works: Sequence[Work], least: float) -> list[tuple[Work, Work]]:
    """The pairs that have so much in common that they could be alike."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, work in enumerate(works):
        for number in work.everything:
            holders[number].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        if len(places) > 1:
            shared.update(combinations(places, 2))
    fewest = least * min(ENOUGH, ENOUGH_IN_A_TASK, ENOUGH_IN_PROSE)
    return [(works[one], works[other]) for (one, other), count in shared.items() if count >= fewest]


def pair_of(first: Work, second: Work) -> Pair:
    prose = first.prose | second.prose
    tasks = {}
    for task in dict.fromkeys([*first.own, *second.own]):
        ours, theirs = first.own.get(task, set()), second.own.get(task, set())
        needed = ENOUGH_IN_PROSE if task in prose else ENOUGH_IN_A_TASK
        shared = len(ours & second.everything), len(theirs & first.everything)
        tasks[task] = Share(len(ours), len(theirs), *shared, needed)
    both = len(first.code & second.code)
    code = Share(len(first.code), len(second.code), both, both, ENOUGH)
    return Pair(first.student, second.student, code, tasks)


def order(pair: Pair) -> tuple:
    return -round(pair.similarity, 3), -pair.code.first_shared, pair.first, pair.second


def groups_of(pairs: Iterable[Pair]) -> list[list[str]]:
    """Three students or more who are alike, each to another of them."""
    group: dict[str, set[str]] = {}
    for pair in pairs:
        joined = group.get(pair.first, {pair.first}) | group.get(pair.second, {pair.second})
        group.update(dict.fromkeys(joined, joined))
    distinct = {id(members): sorted(members) for members in group.values() if len(members) > 2}
    return sorted(distinct.values(), key=lambda members: (-len(members), members))


def shared_lines(stream: Stream, common: set[int]) -> set[int]:
    """The lines of a piece, from 0, that lie in a run which is in common."""
    starts = np.flatnonzero(np.isin(fingerprints(stream), np.fromiter(common, np.uint64, len(common))))
    length = RUN_OF_WORDS if stream.kind == PROSE else RUN
    return {stream.lines[place] for start in starts for place in range(start, start + length)}
