"""Write an answer as another hand would: the same steps in other words, so that what it computes stays bit for bit."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

SWAPPED, NAMED = 0.45, 0.4  # how often a hand swaps two operands, and gives a part or a result a name
PARTS = "part left first_part step_one tmp inner before total_in first pre".split()
RESULTS = "result out answer res value final".split()
ASIDES = "debug shapes seen note check_me kind where tried".split()
LEFTOVERS = (  # an argument may be anything, None too
    "{name} = {one} is None or {other} is None",
    "{name} = False\nif {name}:\n    print({one}, {other})",
    "{name} = [getattr(each, 'shape', None) for each in ({one}, {other})]",
    "{name} = {number} if {one} is None else {number} + 1",
    "{name} = type({one}).__name__ + ' and ' + type({other}).__name__",
    "{name} = {{'first': {one}, 'second': {other}, 'tries': {number}}}",
    "{name} = []\nif {one} is None and {other} is None:\n    {name}.append('nothing to work with')",
    "for {name} in range({number}):\n    if {name} > 2:\n        break",
)
WORTH_A_NAME = (ast.BinOp, ast.Call)
OTHERS = "acc cur temp vec mat buf item val nxt prev work total keep foo data aux thing last one two".split()
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
REMARKS = ("# first the parts", "# now the rest", "# as in the formula", "# tidy this up", "# this took a while")


def own_hand(source: str, chance: random.Random) -> str:
    """The same answer by another hand: operands of + and * swapped, parts and results given names, things left over."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and commutes(node) and chance.random() < SWAPPED:
            node.left, node.right = node.right, node.left
    taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | parameters(tree)
    for block in blocks(tree):
        block[:] = with_names(block, taken, chance)
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef) and node.args.args:
            for _ in range(chance.randint(1, 3)):
                put_aside(node, fresh(ASIDES, taken, chance), chance)
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


def blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    """The lists of statements in functions: their own, and those of their loops and branches."""
    inside = {each: None for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for each in ast.walk(node)}
    found = [node.body for node in inside if isinstance(node, ast.FunctionDef | ast.For | ast.While | ast.If)]
    return found + [node.orelse for node in inside if isinstance(node, ast.For | ast.While | ast.If)]


def with_names(block: list[ast.stmt], taken: set[str], chance: random.Random) -> list[ast.stmt]:
    """The statements, with names for some of their parts and results; what comes first is still computed first."""
    made: list[ast.stmt] = []
    for statement in block:
        if isinstance(statement, ast.Return | ast.Assign) and statement.value:
            name_parts(statement.value, taken, chance, made)
        if isinstance(statement, ast.Return) and isinstance(statement.value, WORTH_A_NAME) and chance.random() < NAMED:
            statement.value = named(statement.value, fresh(RESULTS, taken, chance), made)
        made.append(statement)
    return made


def name_parts(value: ast.expr, taken: set[str], chance: random.Random, made: list[ast.stmt]) -> None:
    """Give names to some of what is computed first: left operands, and first arguments."""
    if isinstance(value, ast.BinOp) and isinstance(value.left, WORTH_A_NAME):
        name_parts(value.left, taken, chance, made)
        if chance.random() < NAMED:
            value.left = named(value.left, fresh(PARTS, taken, chance), made)
    elif isinstance(value, ast.Call) and value.args and isinstance(value.args[0], WORTH_A_NAME):
        if calls_something(value.func):
            return
        name_parts(value.args[0], taken, chance, made)
        if chance.random() < NAMED:
            value.args[0] = named(value.args[0], fresh(PARTS, taken, chance), made)


def put_aside(function: ast.FunctionDef, name: str, chance: random.Random) -> None:
    """Put something somewhere that its author once needed, to look at a shape say, and that changes nothing."""
    one, other = chance.choice(function.args.args).arg, chance.choice(function.args.args).arg
    text = chance.choice(LEFTOVERS).format(name=name, one=one, other=other, number=chance.randrange(2, 100))
    documented = ast.get_docstring(function) is not None
    place = chance.randrange(documented, max(documented + 1, len(function.body)))
    function.body[place:place] = ast.parse(text).body


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
