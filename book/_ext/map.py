"""The map of the course: what needs what, as a picture and as a list, from one file.

`:::{map} map.yml` draws the picture; `:::{map-list} map.yml` writes the list.  Both are complete without JavaScript.
With it `book/_js/map.js` lights the shortest way to a goal.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import map_layout
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

DO = "do-"
LINE = 14  # of text, in the picture's units
ROOM = 7.7  # for text in a box, in heights of the letters
NARROW, WIDE = "fijlrtI.,:' ", "mwMWGOQ"
logger = logging.getLogger(__name__)


@dataclass
class Stop:
    """A chapter or an assignment."""

    name: str
    needs: list[str]
    minutes: int
    docname: str  # where it is, or where one begins it
    title: str = ""  # of an assignment; a chapter's is asked of Sphinx when all pages are read

    @property
    def is_assignment(self) -> bool:
        return self.name.startswith(DO)


class MapNode(nodes.General, nodes.Element):
    """stops, goals."""


class MapListNode(nodes.General, nodes.Element):
    """stops."""


class MapDirective(SphinxDirective):
    required_arguments = 1

    def read(self) -> tuple[list[Stop], dict]:
        """The stops and the goals of the file that is named; what is wrong with it becomes a warning."""
        name, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(name)
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        stops = self.stops(data, Path(path).parent)
        goals = data.get("goals", {})
        for problem in problems(stops, goals, self.env.found_docs):
            logger.warning(f"{name}: {problem}", location=self.get_location(), type="map")
        return stops, goals

    def stops(self, data: dict, folder: Path) -> list[Stop]:
        base = self.env.docname.rpartition("/")[0]
        found = []
        for name, each in data["chapters"].items():
            found.append(Stop(name, each["needs"], each["minutes"], f"{base}/{name}".lstrip("/")))
        for name, each in data["assignments"].items():
            notebook = folder.parent / "exercises" / name / f"{name}.ipynb"
            self.env.note_dependency(str(notebook))
            docname = f"{base}/{each['at']}".lstrip("/")
            found.append(Stop(DO + name, each["needs"], each["minutes"], docname, notebook_title(notebook)))
        return found


class Map(MapDirective):
    def run(self) -> list[nodes.Node]:
        stops, goals = self.read()
        return [MapNode("", stops=stops, goals=goals)]


class MapList(MapDirective):
    def run(self) -> list[nodes.Node]:
        stops, _ = self.read()
        return [MapListNode("", stops=stops)]


def notebook_title(path: Path) -> str:
    """The first heading of a notebook."""
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
    return re.match(r"#\s*(.+)", "".join(first))[1].strip()


def problems(stops: list[Stop], goals: dict, pages: set[str]) -> list[str]:
    """What is wrong with the map, a sentence each."""
    names = {stop.name for stop in stops}
    found = []
    for stop in stops:
        if stop.docname not in pages:
            found.append(f"{stop.name} is at {stop.docname}, and there is no such page.")
        found += [f"{stop.name} needs {need}, which is not on the map." for need in stop.needs if need not in names]
    for goal, each in goals.items():
        off = [name for name in each["to"] if name not in names]
        found += [f"the goal {goal} leads to {name}, which is not on the map." for name in off]
    try:
        map_layout.in_order({stop.name: [need for need in stop.needs if need in names] for stop in stops})
    except ValueError as error:
        found.append(f"{error}.")
    return found


# In HTML


def titled(self, stops: list[Stop]) -> dict[str, str]:
    """What each stop is called."""
    return {stop.name: stop.title or self.builder.env.titles[stop.docname].astext() for stop in stops}


def numbered(self, stop: Stop) -> str:
    """A chapter's number."""
    return ".".join(map(str, self.builder.env.toc_secnumbers.get(stop.docname, {}).get("", ())))


def address(self, stop: Stop) -> str:
    """Where a stop is, seen from this page; of an assignment the section where one begins it."""
    env = self.builder.env
    here = self.builder.current_docname
    page = self.builder.get_relative_uri(here, stop.docname)
    label = f"{stop.docname.rpartition('/')[2].replace('_', '-')}-your-turn"
    _, anchor, _ = env.get_domain("std").labels.get(label, ("", "", ""))
    return f"{page}#{anchor}" if stop.is_assignment and anchor else page


def in_hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


def wrapped(text: str) -> list[str]:
    """Lines short enough for a box."""
    lines = [""]
    for word in text.split():
        if lines[-1] and length(f"{lines[-1]} {word}") > ROOM:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def length(text: str) -> float:
    """How long a text is, about, in a wide sans serif."""
    return sum(0.37 if letter in NARROW else 0.88 if letter in WIDE else 0.61 for letter in text)


def visit_map(self, node: MapNode) -> None:
    stops, titles = node["stops"], titled(self, node["stops"])
    needs = {stop.name: stop.needs for stop in stops}
    data = {
        "stops": {
            stop.name: {
                "title": titles[stop.name],
                "minutes": stop.minutes,
                "needs": stop.needs,
                "url": address(self, stop),
            }
            for stop in stops
        },
        "order": map_layout.in_order(needs),
        "goals": node["goals"],
    }
    self.body.append(
        f'<div class="way map" data-script="map">\n<script type="application/json">{in_script(data)}</script>\n'
        f'<div class="map-controls"></div>\n<figure>\n{picture(self, stops, titles)}\n'
        "<figcaption><p>Each box is a chapter or, with a dashed border, an assignment. A line leads down from what is "
        "needed to what needs it. Below a chapter's title are its number and the time it takes.</p></figcaption>\n"
        "</figure>\n</div>\n"
    )
    raise nodes.SkipNode


def in_script(data: object) -> str:
    """JSON that can stand in a script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def picture(self, stops: list[Stop], titles: dict[str, str]) -> str:
    """The graph as SVG."""
    lines = {
        stop.name: wrapped(f"Do: {titles[stop.name]}" if stop.is_assignment else titles[stop.name]) for stop in stops
    }
    heights = {name: LINE * (len(text) + 1) + 14.0 for name, text in lines.items()}
    drawing = map_layout.draw({stop.name: stop.needs for stop in stops}, heights)
    paths = "\n".join(
        f'<path data-from="{need}" data-to="{name}" d="{path}"/>' for (need, name), path in drawing.lines.items()
    )
    boxes = "\n".join(box(stop, lines[stop.name], below(self, stop), drawing.boxes[stop.name]) for stop in stops)
    words = (
        "Graph of what needs what, chapters and assignments from top to bottom. The list below says the same in words."
    )
    return (
        f'<svg viewBox="0 0 {drawing.width} {drawing.height}" role="img" aria-label="{words}">\n'
        f'<g class="map-lines">\n{paths}\n</g>\n<g class="map-boxes">\n{boxes}\n</g>\n</svg>'
    )


def below(self, stop: Stop) -> str:
    """The last line of a box."""
    number = numbered(self, stop)
    return in_hours(stop.minutes) if stop.is_assignment or not number else f"{number} · {in_hours(stop.minutes)}"


def box(stop: Stop, lines: list[str], below: str, where: tuple[float, float, float, float]) -> str:
    left, top, width, height = where
    kind = "map-assignment" if stop.is_assignment else "map-chapter"
    text = "".join(
        f'<text x="{left + 7:g}" y="{top + 19 + LINE * row:g}">{escape(line)}</text>' for row, line in enumerate(lines)
    )
    last = top + 19 + LINE * len(lines)
    return (
        f'<g class="{kind}" data-stop="{stop.name}"><rect x="{left:g}" y="{top:g}" width="{width:g}" '
        f'height="{height:g}" rx="5"/>{text}<text class="map-minutes" x="{left + 7:g}" y="{last:g}">'
        f"{below}</text>"
        f'<g class="map-badge" transform="translate({left + width - 5:g} {top + 1:g})"><circle r="9"/>'
        '<text class="map-mark" y="4"></text></g></g>'
    )


def visit_map_list(self, node: MapListNode) -> None:
    stops, titles = node["stops"], titled(self, node["stops"])
    by_name = {stop.name: stop for stop in stops}

    def link(stop: Stop) -> str:
        number = "" if stop.is_assignment else numbered(self, stop)
        text = f"{number}. {titles[stop.name]}" if number else titles[stop.name]
        return f'<a class="reference internal" href="{escape(address(self, stop))}">{escape(text)}</a>'

    def entry(stop: Stop, within: str = "") -> str:
        kind = "Assignment: " if stop.is_assignment else ""
        needs = "; ".join(
            ("the assignment " if need.startswith(DO) else "") + link(by_name[need])
            for need in stop.needs
            if need in by_name
        )
        needed = f"Needs: {needs}." if needs else "Needs nothing."
        return (
            f'<li data-stop="{stop.name}"><p>{kind}<strong>{link(stop)}</strong>, {in_hours(stop.minutes)}. '
            f"{needed}</p>{within}</li>\n"
        )

    items = ""
    for chapter in stops:
        if not chapter.is_assignment:
            here = [each for each in stops if each.is_assignment and each.docname == chapter.docname]
            items += entry(chapter, f"<ul>\n{''.join(map(entry, here))}</ul>" if here else "")
    self.body.append(f'<ul class="way map-list">\n{items}</ul>\n')
    raise nodes.SkipNode


def skip(self, node: nodes.Element) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(MapNode, html=(visit_map, None), latex=(skip, None), text=(skip, None))
    app.add_node(MapListNode, html=(visit_map_list, None), latex=(skip, None), text=(skip, None))
    app.add_directive("map", Map)
    app.add_directive("map-list", MapList)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
