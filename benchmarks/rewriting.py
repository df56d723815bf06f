"""Write an answer as somebody else would: in another order, with other steps, or the same under other names.

`individual` makes an answer of its own from a common one; `disguised` makes a copy that hides where it is from.
"""

from __future__ import annotations

import ast
import random

WORDS = (
    "alpha beta acc cur tmp out res val vec mat buf arr gate state hidden prev new left right total part row".split()
)
COMMENTS = ("# first the parts", "# as in the notes", "# now the rest", "# check the shapes", "# this took a while")


def individual(source: str, chance: random.Random) -> str:
    """The same steps written by another hand: operands swapped, results named, loops and calls put otherwise."""
    tree = ast.parse(source)
    tree = Hand(chance).visit(tree)
    return ast.unparse(ast.fix_missing_locations(renamed(tree, chance)))


def disguised(source: str, chance: random.Random) -> str:
    """A copy: other names, other comments and docstrings, other spacing and line breaks; the same steps."""
    tree = renamed(ast.parse(source), chance)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and chance.random() < 0.5:
            node.body.insert(0, ast.Expr(ast.Constant(f"My own {chance.choice(WORDS)}.")))
    lines = []
    for line in ast.unparse(ast.fix_missing_locations(tree)).split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if chance.random() < 0.2:
            lines.append(indent + chance.choice(COMMENTS))
        lines.append(line.replace(", ", ",") if chance.random() < 0.5 else line)
        if chance.random() < 0.2:
            lines.append("")
    return "\n".join(lines)


CLOSED = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.IfExp, ast.BoolOp)  # no step can be taken out


class Hand(ast.NodeTransformer):
    """Rewrites at random, each place by itself, and leaves what is computed as it is."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.before: list[ast.stmt] = []

    def likely(self, share: float = 0.35) -> bool:
        return self.chance.random() < share

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = self.block(node.body)
        if self.likely(0.3):
            check = f"assert {node.args.args[0].arg} is not None" if node.args.args else "pass"
            node.body[0:0] = ast.parse(check).body
        return node

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made = []
        for statement in statements:
            outer, self.before = self.before, []
            for name in ("body", "orelse"):
                if getattr(statement, name, None) and isinstance(getattr(statement, name), list):
                    setattr(statement, name, self.block(getattr(statement, name)))
            if isinstance(statement, ast.Assign | ast.Return | ast.AugAssign) and statement.value:
                statement.value = self.visit(statement.value)
            if isinstance(statement, ast.Return) and statement.value and self.likely():
                statement.value = self.named(statement.value)
            made += [*self.before, statement]
            self.before = outer
        return made

    def visit(self, node: ast.AST) -> ast.AST:
        return node if isinstance(node, CLOSED) else super().visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self.likely():
            node.left, node.right = node.right, node.left
        if isinstance(node.op, ast.MatMult) and self.likely():
            called = self.chance.choice(["np.dot", "np.matmul"])
            return ast.Call(ast.parse(called, mode="eval").body, [node.left, node.right], [])
        return self.named(node) if self.likely(0.2) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        turned = {ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.Lt: ast.Gt}
        if len(node.ops) == 1 and type(node.ops[0]) in turned and self.likely():
            left, right = node.comparators[0], node.left
            return ast.Compare(left, [turned[type(node.ops[0])]()], [right])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return self.named(node) if self.likely(0.15) else node

    def named(self, value: ast.expr) -> ast.Name:
        """The value's name, after a statement that gives it one."""
        name = f"step_{self.chance.randrange(10**6)}"
        self.before.append(ast.Assign([ast.Name(name, ast.Store())], value))
        return ast.Name(name, ast.Load())


def renamed(tree: ast.Module, chance: random.Random) -> ast.Module:
    """All names of the function's own, its parameters apart, replaced by others."""
    kept = {argument.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for argument in node.args}
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    others = {name: f"{chance.choice(WORDS)}_{number}" for number, name in enumerate(sorted(own - kept))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in others:
            node.id = others[node.id]
    return tree
