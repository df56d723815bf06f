"""Write an answer as another hand would: the same steps in other words, so that what it computes stays bit for bit."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

SWAPPED, NAMED = 0.4, 0.35  # how often a hand swaps two operands, and gives a part or a result a name
PARTS = "part left first_part step_one tmp".split()
RESULTS = "result out answer res value".split()
OTHERS = "acc cur temp vec mat buf item val nxt prev work total keep foo data aux thing last one two".split()
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
REMARKS = ("# first the parts", "# now the rest", "# as in the formula", "# TODO: tidy up", "# this took a while")


def own_hand(source: str, chance: random.Random) -> str:
    """The same answer by another hand: operands of + and * swapped, parts and results given names."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and commutes(node) and chance.random() < SWAPPED:
            node.left, node.right = node.right, node.left
    taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | parameters(tree)
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef):
            name_parts(node, taken, chance)
    return ast.unparse(ast.fix_missing_locations(tree))


def commutes(node: ast.BinOp) -> bool:
    """Whether the operands may be swapped: of numbers a + b is b + a to the last bit; lists and texts are left alone.

    Where both sides call something, the order of the calls may matter.
    """
    if calls_something(node.left) and calls_something(node.right):
        return False
    parts = [*ast.walk(node.left), *ast.walk(node.right)]
    numbers = any(map(is_arithmetic, parts)) and not any(map(is_row_of_things, parts))
    return isinstance(node.op, ast.Mult) or (isinstance(node.op, ast.Add) and numbers)


def is_arithmetic(node: ast.AST) -> bool:
    """Whether it is what can be done with numbers alone."""
    return isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mod)


def is_row_of_things(node: ast.AST) -> bool:
    """Whether it is, or may be, a list, a tuple or a text, or a part of one."""
    shape = isinstance(node, ast.Attribute) and node.attr == "shape"
    text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return shape or text or isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.JoinedStr | ast.Slice)


def calls_something(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Call) for each in ast.walk(node))


def parameters(tree: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def name_parts(function: ast.FunctionDef, taken: set[str], chance: random.Random) -> None:
    """Give names to some left operands and some results of the function's own statements, in their old order."""
    made: list[ast.stmt] = []
    for statement in function.body:
        value = statement.value if isinstance(statement, ast.Return | ast.Assign) else None
        if isinstance(value, ast.BinOp) and isinstance(value.left, ast.BinOp | ast.Call) and chance.random() < NAMED:
            value.left = named(value.left, fresh(PARTS, taken, chance), made)
        if isinstance(statement, ast.Return) and isinstance(value, ast.BinOp | ast.Call) and chance.random() < NAMED:
            statement.value = named(value, fresh(RESULTS, taken, chance), made)
        made.append(statement)
    function.body = made


def named(value: ast.expr, name: str, before: list[ast.stmt]) -> ast.Name:
    """The name of a value, after a statement that gives it one."""
    before.append(ast.Assign([ast.Name(name, ast.Store())], value))
    return ast.Name(name, ast.Load())


def fresh(words: list[str], taken: set[str], chance: random.Random) -> str:
    """A word, or a word with a number, that nothing else is called."""
    word = chance.choice(words)
    name = next(name for name in numbered(word) if name not in taken)
    taken.add(name)
    return name


def numbered(word: str) -> Iterator[str]:
    yield word
    yield from (f"{word}_{number}" for number in range(2, 10_000))


def copied(source: str, chance: random.Random) -> str:
    """A copy that hides where it is from: other names for what is the functions' own, and a remark here and there."""
    tree = ast.parse(source)
    own = own_names(tree)
    taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | parameters(tree)
    others = {name: fresh(OTHERS, taken, chance) for name in sorted(own)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in others:
            node.id = others[node.id]
    return with_remarks(ast.unparse(tree), chance)


def own_names(tree: ast.Module) -> set[str]:
    """What is assigned in functions alone: no parameter, no function, no name of the module or of a class."""
    nodes = list(ast.walk(tree))
    outside = parameters(tree) | {node.name for node in nodes if isinstance(node, DEFINITIONS)}
    outside |= {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    for scope in nodes:
        if isinstance(scope, ast.Module | ast.ClassDef):
            others = (each for each in scope.body if not isinstance(each, DEFINITIONS))
            outside |= {node.id for each in others for node in ast.walk(each) if isinstance(node, ast.Name)}
    inside = (each for node in nodes if isinstance(node, ast.FunctionDef) for each in ast.walk(node))
    return {each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)} - outside


def with_remarks(text: str, chance: random.Random) -> str:
    """Comments between the lines of a text that holds no text of several lines but docstrings."""
    tree, made = ast.parse(text), []
    first_lines = {node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.Return | ast.For)}
    for number, line in enumerate(text.splitlines(), 1):
        if number in first_lines and chance.random() < 0.2:
            made.append(f"{line[: len(line) - len(line.lstrip())]}{chance.choice(REMARKS)}")
        made.append(line)
    return "\n".join(made)
