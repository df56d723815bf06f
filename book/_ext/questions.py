"""Questions in a chapter, each option with its reason.

    :::{question} a-slug-of-its-own
    :kind: choose
    The question, in any Markdown.

    - [x] the right option

      Why it is right.
    - [ ] a wrong option

      What one has mixed up who takes it.
    :::

Kinds: `choose`; `curve`, which curve is which; `line`, spot the wrong line; `predict`, where the reader commits to an
answer before any reason is shown.  The options are the last list of the question.  They stand in an order of their own
that never changes, drawn from the slug, so that the right one is not always the first; those of `line` keep theirs, and
so do all with the option `:ordered:`.

Without JavaScript the options are a list, and each one's reason is folded below it.  `book/_js/questions.js` makes of
it a form with radio buttons.

Why our own: of the extensions that there are for Sphinx, those we know draw their questions by a script alone, so that
nothing is there without it, give one text for right and wrong instead of a reason for each option, and fetch their
scripts or styles from another host.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

KINDS = ("choose", "curve", "line", "predict")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MARK = re.compile(r"\[([xX ])\](?:\s+|$)")
logger = logging.getLogger(__name__)


class QuestionNode(nodes.General, nodes.Element):
    """slug, kind, and what its page is found to hold: number, total."""


class OptionsNode(nodes.General, nodes.Element):
    pass


class OptionNode(nodes.General, nodes.Element):
    """index: its place in the source; right."""


class ChoiceNode(nodes.General, nodes.TextElement):
    pass


class ReasonNode(nodes.General, nodes.Element):
    """right: of the option that it belongs to."""


class QuestionError(Exception):
    """What is wrong with a question, in a sentence."""


class Question(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"kind": directives.unchanged, "ordered": directives.flag}

    def run(self) -> list[nodes.Node]:
        slug, kind = self.arguments[0], self.options.get("kind", "choose")
        try:
            return [self.made(slug, kind)]
        except QuestionError as error:
            logger.warning(f"Question {slug!r}: {error}", location=self.get_location(), type="question")
            return []

    def made(self, slug: str, kind: str) -> QuestionNode:
        if not SLUG.fullmatch(slug):
            raise QuestionError("its name must be lower-case words joined by hyphens.")
        if kind not in KINDS:
            raise QuestionError(f"there is no kind {kind!r}. The kinds are {', '.join(KINDS)}.")
        text, listed = split(self.parsed())
        options = [option(item, index) for index, item in enumerate(listed)]
        right = sum(each["right"] for each in options)
        if right != 1:
            number = "no option is" if not right else f"{right} options are"
            raise QuestionError(f"{number} marked [x]. Exactly one must be right.")
        if not (kind == "line" or "ordered" in self.options):
            options = shuffled(options, slug)
        made = QuestionNode("", *text, OptionsNode("", *options), slug=slug, kind=kind)
        self.set_source_info(made)
        return made

    def parsed(self) -> list[nodes.Node]:
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        return body.children


def split(body: list[nodes.Node]) -> tuple[list[nodes.Node], list[nodes.list_item]]:
    """The question's text, and the items of the list at its end."""
    if not body or not isinstance(body[-1], nodes.bullet_list):
        raise QuestionError("it must end with a list of options, each beginning with [x] or [ ].")
    *text, options = body
    if not text:
        raise QuestionError("there are options, but nothing is asked.")
    if len(options) < 2:
        raise QuestionError("one option is no choice. Give two or more.")
    return text, options.children


def option(item: nodes.list_item, index: int) -> OptionNode:
    """An option from its item in the list: the first paragraph is what is chosen, all below it is the reason."""
    which = f"option {index + 1}"
    first = item[0] if len(item) else None
    lead = first[0] if isinstance(first, nodes.paragraph) and len(first) else None
    mark = MARK.match(lead.astext()) if isinstance(lead, nodes.Text) else None
    if not mark:
        raise QuestionError(f"{which} must begin with [x] or [ ], and a space.")
    rest = nodes.Text(lead.astext()[mark.end() :])
    choice = [*([rest] if rest else []), *first.children[1:]]
    if not choice:
        raise QuestionError(f"{which} says nothing on the line of its mark.")
    if len(item) < 2:
        raise QuestionError(
            f"{which} ({nodes.unescape(rest)!r}) has no reason. Say why it is right or wrong, in a paragraph below it."
        )
    right = mark[1] != " "
    return OptionNode(
        "",
        ChoiceNode("", "", *choice),
        ReasonNode("", *item.children[1:], right=right),
        index=index,
        right=right,
    )


def shuffled(options: list[OptionNode], slug: str) -> list[OptionNode]:
    """The options in an order that depends on the slug alone."""
    return sorted(options, key=lambda each: hashlib.sha256(f"{slug} {each['index']}".encode()).digest())


# What the book holds


def asked(env: BuildEnvironment) -> dict[str, list[dict]]:
    """The questions of each page that has some, in order: slug, kind and line."""
    if not hasattr(env, "gated_questions"):
        env.gated_questions = {}
    return env.gated_questions


def number(app: Sphinx, doctree: nodes.document) -> None:
    """A page has been read: its questions learn their numbers, and the book learns of them."""
    found = list(doctree.findall(QuestionNode))
    for place, node in enumerate(found, start=1):
        node["number"], node["total"] = place, len(found)
    if found:
        listed = [{"slug": node["slug"], "kind": node["kind"], "line": node.line} for node in found]
        asked(app.env)[app.env.docname] = listed


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    asked(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    asked(env).update({name: found for name, found in asked(other).items() if name in docnames})


def warn_of_twins(app: Sphinx, env: BuildEnvironment) -> None:
    """What a reader has answered is kept under the slug, so that each may stand once in the whole book."""
    first: dict[str, str] = {}
    for docname, each in all_asked(env):
        if each["slug"] in first:
            where = f"there is another of this name in {first[each['slug']]}. Give each a name of its own."
            place = (docname, each["line"])
            logger.warning(f"Question {each['slug']!r}: {where}", location=place, type="question")
        first.setdefault(each["slug"], docname)


def all_asked(env: BuildEnvironment) -> Iterator[tuple[str, dict]]:
    return ((docname, each) for docname, found in sorted(asked(env).items()) for each in found)


# In HTML


def visit_question(self, node: QuestionNode) -> None:
    slug = node["slug"]
    number, total = node.get("number", 1), node.get("total", 1)
    place = f" {number} of {total}" if total > 1 else ""
    self.body.append(
        f'<section class="question" id="question-{slug}" data-script="questions" data-question="{slug}" '
        f'data-kind="{node["kind"]}" aria-labelledby="question-{slug}-title">\n'
        f'<p class="question-title" id="question-{slug}-title">Question{place}</p>\n'
    )


def depart_question(self, node: QuestionNode) -> None:
    self.body.append("</section>\n")


def visit_options(self, node: OptionsNode) -> None:
    self.body.append('<ul class="question-options">\n')


def depart_options(self, node: OptionsNode) -> None:
    self.body.append("</ul>\n")


def visit_option(self, node: OptionNode) -> None:
    right = " data-right" if node["right"] else ""
    self.body.append(f'<li data-option="{node["index"]}"{right}>')


def depart_option(self, node: OptionNode) -> None:
    self.body.append("</li>\n")


def visit_choice(self, node: ChoiceNode) -> None:
    self.body.append('<span class="question-choice">')


def depart_choice(self, node: ChoiceNode) -> None:
    self.body.append("</span>\n")


def visit_reason(self, node: ReasonNode) -> None:
    verdict = ' is-right">Right.' if node["right"] else '">Not right.'
    self.body.append(
        '<details><summary>Right or wrong?</summary><div class="question-reason">'
        f'<p class="question-verdict{verdict}</p>\n'
    )


def depart_reason(self, node: ReasonNode) -> None:
    self.body.append("</div></details>")


def plainly(self, node: nodes.Element) -> None:
    """In a format without forms the parts stand one after the other."""


HTML = {
    QuestionNode: (visit_question, depart_question),
    OptionsNode: (visit_options, depart_options),
    OptionNode: (visit_option, depart_option),
    ChoiceNode: (visit_choice, depart_choice),
    ReasonNode: (visit_reason, depart_reason),
}


def setup(app: Sphinx) -> dict[str, bool | int]:
    for node, visitors in HTML.items():
        app.add_node(node, html=visitors, latex=(plainly, plainly), text=(plainly, plainly))
    app.add_directive("question", Question)
    app.connect("doctree-read", number)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", warn_of_twins)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
