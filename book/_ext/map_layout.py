"""Where the boxes of the map stand, and how its lines run: a layered drawing, narrow enough for a phone.

Each box stands in a row below all that it needs, at most COLUMNS in a row.  A line that passes a row does so through a
free place or between two boxes, never behind one.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass

COLUMNS = 3
BOX = 108
GUTTER = 15
EDGE = 11
WIDTH = 2 * EDGE + COLUMNS * BOX + (COLUMNS - 1) * GUTTER
ROW_GAP = 34
LANE = 4
STEPS = 40000

Needs = dict[str, list[str]]
Places = dict[str, tuple[int, int]]


@dataclass
class Drawing:
    """What the SVG is made of, in its own units."""

    width: int
    height: int
    boxes: dict[str, tuple[float, float, float, float]]  # left, top, width, height
    lines: dict[tuple[str, str], str]  # from what is needed to what needs it: a path


def nearest(needs: Needs) -> Needs:
    """The needs without those that another need brings along."""
    before = {name: ancestors(needs, name) for name in needs}
    return {
        name: [each for each in direct if not any(each in before[other] for other in direct if other != each)]
        for name, direct in needs.items()
    }


def ancestors(needs: Needs, name: str) -> set[str]:
    found: set[str] = set()
    waiting = list(needs[name])
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs[each]
    return found


def in_order(needs: Needs) -> list[str]:
    """All names, each after what it needs, else in the order given; an error names a circle."""
    done: list[str] = []
    while len(done) < len(needs):
        ready = next((name for name in needs if name not in done and set(needs[name]) <= set(done)), None)
        if ready is None:
            left = ", ".join(name for name in needs if name not in done)
            raise ValueError(f"these need each other in a circle, or something that is not there: {left}")
        done.append(ready)
    return done


def rows(needs: Needs) -> list[list[str]]:
    """A first placing: row by row, what is ready, that on which the longest way follows first."""
    order = in_order(needs)
    follows = dict.fromkeys(order, 0)
    for name in reversed(order):
        for each in needs[name]:
            follows[each] = max(follows[each], follows[name] + 1)
    made: list[list[str]] = []
    placed: set[str] = set()
    while len(placed) < len(order):
        ready = [name for name in order if name not in placed and set(needs[name]) <= placed]
        made.append(sorted(ready, key=lambda name: -follows[name])[:COLUMNS])
        placed |= set(made[-1])
    return made


def place(needs: Needs) -> Places:
    """The row and column of each: a first placing, and then whatever exchange makes the drawing better."""
    at = {name: (row, column) for row, names in enumerate(rows(needs)) for column, name in enumerate(names)}
    draw = random.Random(0)
    names = list(needs)
    best, cost = dict(at), badness(needs, at)
    now = cost
    height = max(row for row, _ in at.values()) + 2
    for step in range(STEPS):
        heat = 6 * (1 - step / STEPS) ** 2
        name, spot = draw.choice(names), (draw.randrange(height), draw.randrange(COLUMNS))
        tried = {**at, name: spot}
        for other in names:
            if other != name and at[other] == spot:
                tried[other] = at[name]
        if not falls(needs, tried):
            continue
        price = badness(needs, tried)
        if price <= now or draw.random() < math.exp((now - price) / max(heat, 1e-9)):
            at, now = tried, price
            if now < cost:
                best, cost = dict(at), now
    return best


def falls(needs: Needs, at: Places) -> bool:
    return all(at[each][0] < at[name][0] for name, direct in needs.items() for each in direct)


def badness(needs: Needs, at: Places) -> float:
    """Long lines are bad, and so are lines that cross, and lines that have to go round a box."""
    lines = [(at[each], at[name]) for name, direct in needs.items() for each in direct]
    taken = set(at.values())
    total = 0.0
    for (row, column), (to_row, to_column) in lines:
        total += 2 * (to_row - row - 1) + abs(to_column - column)
        for between in range(row + 1, to_row):
            total += 2 * ((between, column) in taken and (between, to_column) in taken)
    for index, ((row, column), (to_row, to_column)) in enumerate(lines):
        for (row2, column2), (to_row2, to_column2) in lines[index + 1 :]:
            if row < to_row2 and row2 < to_row and row != row2 and to_row != to_row2:
                continue
            if row == row2 and to_row == to_row2:
                total += 3 * ((column - column2) * (to_column - to_column2) < 0)
    return total


def draw(needs: Needs, heights: dict[str, float]) -> Drawing:
    """Boxes of these heights, and the lines between them."""
    needs = nearest(needs)
    at = place(needs)
    row_count = max(row for row, _ in at.values()) + 1
    tall = [max(heights[name] for name in at if at[name][0] == row) for row in range(row_count)]
    tops = [ROW_GAP / 4 + sum(tall[:row]) + ROW_GAP * row for row in range(row_count)]
    boxes = {
        name: (left(column), tops[row] + (tall[row] - heights[name]) / 2, float(BOX), heights[name])
        for name, (row, column) in at.items()
    }
    bands = [(top, top + height) for top, height in zip(tops, tall, strict=True)]
    return Drawing(WIDTH, math.ceil(bands[-1][1] + ROW_GAP / 4), boxes, routed(needs, at, boxes, bands))


def left(column: int) -> float:
    return float(EDGE + column * (BOX + GUTTER))


def gaps(at: Places, row: int) -> list[float]:
    """Where a line can pass a row: left of all boxes, between them, right of them, and through free places."""
    between = [left(column) - GUTTER / 2 for column in range(1, COLUMNS)]
    free = [left(column) + BOX / 2 for column in range(COLUMNS) if (row, column) not in at.values()]
    return [EDGE / 2, *between, WIDTH - EDGE / 2, *free]


def routed(needs: Needs, at: Places, boxes: dict, bands: list[tuple[float, float]]) -> dict[tuple[str, str], str]:
    used: dict[tuple[int, float], list[str]] = {}  # in each gap the things that its lines come from, a lane each
    paths = {}
    pairs = [(each, name) for name, direct in needs.items() for each in direct]
    for each, name in sorted(pairs, key=lambda pair: at[pair[1]][0] - at[pair[0]][0]):
        points = [(centre(boxes[each]), boxes[each][1] + boxes[each][3])]
        end = (centre(boxes[name]), boxes[name][1])
        passed = range(at[each][0] + 1, at[name][0])
        for row, gap in zip(passed, way(at, passed, points[0][0], end[0]), strict=True):
            lanes = used.setdefault((row, gap), [])
            if each not in lanes:
                lanes.append(each)
            shift = lanes.index(each)
            x = gap + LANE * ((shift + 1) // 2) * (-1 if shift % 2 else 1)
            top, bottom = bands[row]
            points += [(x, top - 4), (x, bottom + 4)]
        points.append(end)
        paths[each, name] = curve(points)
    return paths


def way(at: Places, passed: range, start: float, end: float) -> list[float]:
    """The gaps, one for each row that is passed, with the least going to and fro."""
    best = {start: (0.0, [])}
    for row in passed:
        best = {
            gap: min((cost + abs(gap - x) + (gap - x) ** 2 / 400, [*path, gap]) for x, (cost, path) in best.items())
            for gap in gaps(at, row)
        }
    return min((cost + abs(end - x), path) for x, (cost, path) in best.items())[1]


def centre(box: tuple[float, float, float, float]) -> float:
    return box[0] + box[2] / 2


def curve(points: list[tuple[float, float]]) -> str:
    """A path through the points that leaves and enters each of them going down."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        middle = (y + to_y) / 2
        path += f"V{to_y:g}" if x == to_x else f"C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}"
    return path
