"""Calls that an exercise refuses: torch's own functions for what the learner is asked to write.

This is a rule of the exercise, and no wall: it acts in the process in which the learner's code runs.  While a check
asks something of that code, torch's dispatcher is told to refuse these functions.  Every way to them leads through it:
the module in torch.nn, the function by any of its names, a compiled graph.  Before and after they work as ever.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

IMPLICIT = "CompositeImplicitAutograd"  # where torch keeps the functions that it makes of others


class RefusedCall(Exception):
    """What a refused function raises.  The message is for the learner."""


@dataclass(frozen=True)
class Refused:
    """calls: functions of torch, "gru" say.  what: that which is to be written.  advice: a sentence, what with."""

    calls: tuple[str, ...]
    what: str
    advice: str

    def sentence(self, name: str) -> str:
        """What a learner is told who called `torch.<name>`."""
        return (
            f"This exercise asks you to write {self.what} yourself, and your code called `torch.{name}`, which is the "
            f"library's own. {self.advice}"
        )

    def as_value(self) -> dict:
        """Of plain kinds alone, for `codec.encode`."""
        return {**vars(self), "calls": list(self.calls)}

    @classmethod
    def from_value(cls, fields: dict) -> Refused:
        return cls(**{**fields, "calls": tuple(fields["calls"])})


@contextlib.contextmanager
def refusing(rule: Refused | None) -> Iterator[list[str]]:
    """Refuse these functions in the block; the list is of those that were called all the same."""
    called: list[str] = []
    torch = sys.modules.get("torch")
    if rule is None or torch is None:
        yield called
        return

    def refuse(name: str) -> object:
        def call(*_: object, **__: object) -> None:
            called.append(name)
            raise RefusedCall(rule.sentence(name))

        return call

    library = torch.library.Library("aten", "IMPL")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns, rightly, that a function of its own is replaced
            for name in rule.calls:
                for overload in overloads_of(torch, name):
                    library.impl(overload, refuse(name), IMPLICIT)
        yield called
    finally:
        library._destroy()


def overloads_of(torch: ModuleType, name: str) -> list[str]:
    """The dispatcher's names of a function, "gru.input" and "gru.data" say; none where this torch has none."""
    function = getattr(torch.ops.aten, name, None)
    return [f"{name}.{each}".removesuffix(".default") for each in function.overloads()] if function else []
