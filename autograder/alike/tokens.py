"""Code and prose as streams of tokens that say what is written, and not how it is named, commented or laid out.

Code becomes its syntax tree, read from the top.  Of a name that the learner chose it is known only where it came last,
so that all names can be changed for others and nothing changes here.  Docstrings, comments, annotations, parentheses
and layout are gone.  Code that is no Python, and prose, become their words.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.alike.pieces import LARGEST_CELL, Piece

CODE, BROKEN, PROSE = "code", "code that is no Python", "prose"
OWN_NAME, STRING = "?", "text"
MOST_SLIPS = 4  # lines of a cell that are no Python
MAGIC_LINE = re.compile(r"\s*[%!]")
COMMENT = re.compile(r"#[^\n]*")
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Stream:
    """A piece as tokens, each with the line of the piece that it comes from, counted from 0.

    back: for a name of the learner's own, how many tokens before this one it stood last; 0 where it is new or no name.
    """

    kind: str
    tokens: list[str]
    lines: list[int]
    back: list[int]


def made_stream(kind: str, found: Iterable[tuple[str, int]]) -> Stream:
    """From tokens with their lines; a name of the learner's own is one that begins with `OWN_NAME`."""
    made, last = Stream(kind, [], [], []), {}
    for place, (token, line) in enumerate(found):
        own = token.startswith(OWN_NAME)
        made.back.append(place - last.get(token, place) if own else 0)
        made.tokens.append(OWN_NAME if own else token)
        made.lines.append(line)
        last[token] = place
    return made


def streams_of(pieces: Sequence[Piece], aliases: Mapping[str, str]) -> list[Stream | None]:
    """A stream for each piece of one submission; None for a cell that is too large to have been written by hand.

    aliases: the names that the release has imported, and what they stand for.
    """
    trees = [parsed(piece) if piece.kind == "code" else None for piece in pieces]
    names = Names.of([tree for tree in trees if tree is not None], aliases)
    return [stream_of(piece, tree, names) for piece, tree in zip(pieces, trees, strict=True)]


def stream_of(piece: Piece, tree: ast.Module | None, names: Names) -> Stream | None:
    if len(piece.source) > LARGEST_CELL:
        return None
    if tree is not None:
        return made_stream(CODE, code_tokens(tree, names))
    if piece.kind == "code":
        return made_stream(BROKEN, broken_tokens(piece.source))
    return made_stream(PROSE, words(piece.source))


def parsed(piece: Piece) -> ast.Module | None:
    """The syntax tree, without IPython's own lines and without a few that are no Python; None where more are none."""
    if len(piece.source) > LARGEST_CELL:
        return None
    lines = ["" if MAGIC_LINE.match(line) else line for line in piece.source.split("\n")]
    for _ in range(MOST_SLIPS + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse("\n".join(lines))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or not lines[place].strip():
                return None
            lines[place] = ""
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


@dataclass
class Names:
    """Which names of a submission its author chose, and what the imported ones stand for."""

    own: set[str]
    aliases: dict[str, str]

    @classmethod
    def of(cls, trees: Sequence[ast.Module], aliases: Mapping[str, str]) -> Names:
        own: set[str] = set()
        imported = dict(aliases)
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                    own.add(node.id if isinstance(node, ast.Name) else node.attr)
                elif isinstance(node, ast.arg):
                    own.add(node.arg)
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    own.add(node.name)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    imported |= imports(node)
        return cls(own, imported)

    def token(self, name: str) -> str:
        if name in self.aliases:
            return self.aliases[name]
        return OWN_NAME + name if name in self.own else name


def imports(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names that an import makes, and what each stands for."""
    return {each.asname or each.name: each.name for each in node.names}


def code_tokens(tree: ast.Module, names: Names) -> Iterator[tuple[str, int]]:
    """The tree from the top, a token a node.  With a stack of its own: a learner's code may be nested at will."""
    waiting: list[tuple[ast.AST, int]] = [(node, 0) for node in reversed(tree.body)]
    while waiting:
        node, line = waiting.pop()
        line = getattr(node, "lineno", line + 1) - 1
        if is_bare_text(node) or isinstance(node, ast.Load | ast.Store | ast.Del):
            continue
        yield from ((token, line) for token in tokens_of(node, names))
        waiting += [(child, line) for child in reversed(list(children_of(node)))]


def is_bare_text(node: ast.AST) -> bool:
    """A docstring, or a string that stands alone as a comment does."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def tokens_of(node: ast.AST, names: Names) -> tuple[str, ...]:
    match node:
        case ast.Name():
            return (names.token(node.id),)
        case ast.Attribute():
            return (f".{names.token(node.attr)}",)
        case ast.Constant():
            return (constant(node.value),)
        case ast.keyword():
            return (f"{names.token(node.arg)}=" if node.arg else "**",)
        case ast.arg():
            return (names.token(node.arg),)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (type(node).__name__,)
        case ast.AnnAssign():
            return ("Assign",)
        case ast.Expr() | ast.arguments():
            return ()
    return (type(node).__name__,)


def constant(value: object) -> str:
    if isinstance(value, str | bytes):
        return STRING
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return repr(float(value))
        except OverflowError:
            return "number"
    return repr(value)


def children_of(node: ast.AST) -> Iterator[ast.AST]:
    """All parts but annotations."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield child


def broken_tokens(source: str) -> Iterator[tuple[str, int]]:
    """Keywords and signs as they stand; any other word is somebody's name."""
    for line, text in enumerate(source.split("\n")):
        for word in WORD.findall(COMMENT.sub("", text)):
            named = word.isidentifier() and not keyword.iskeyword(word)
            yield (OWN_NAME + word if named else word), line


def words(source: str) -> Iterator[tuple[str, int]]:
    """The words of a text in lower case, without its signs."""
    for line, text in enumerate(source.split("\n")):
        for word in re.findall(r"\w+", text):
            yield word.casefold(), line
