"""What can be asked of a submission, and how it is done: in the jail, in the learner's notebook, and on the solution.

An action names a function or a class of the submission, a probe, or an object that an earlier action made.  A *probe*
is a public helper of the assignment: it is loaded before the learner's code, from a module of its own, and may do with
the learner's objects what a plain call cannot, such as ask for gradients.
"""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .answer import Answer, Error, observe
from .codec import Held
from .refused import Refused, RefusedCall, refusing
from .tensors import to_tensors


@dataclass(frozen=True)
class Action:
    """kind, and what `name` is then:

    call   a function of the submission, to be called
    new    a class of the submission; the object that it makes is kept under the name `keep`
    use    an object, to be called
    load   an object; the one argument is what its state_dict should be
    state  an object, whose state_dict is the answer
    probe  a probe, to be called; `as_own` makes a function of the submission's an argument of it
    """

    kind: str
    name: str
    arguments: list = field(default_factory=list)
    keep: str = ""


class StateMismatch(Exception):
    """An object's state_dict does not have the names and shapes that are asked for.  The message is for the learner."""


def perform(
    action: Action, namespace: dict, held: dict[str, object], refused: Refused | None = None, device: str = "cpu"
) -> Answer | str | None:
    """What came of an action; or, where the submission has no such function or class, the type of what has its name.

    namespace: the names that the submission defines.  held: probes and objects by name; `new` adds to it.  refused:
    the calls that the exercise refuses.  device: where tensors and modules are put.
    """
    if action.kind in ("call", "new"):
        function = namespace.get(action.name)
        if not callable(function):
            return type(function).__name__ if action.name in namespace else None
    elif action.kind in ("use", "probe"):
        function = held[action.name]
    own = {}
    for name in own_functions(action.arguments):
        if not callable(namespace.get(name)):
            return type(namespace[name]).__name__ if name in namespace else None
        own[as_own(name).name] = namespace[name]
    if action.kind == "new":
        function = keeping(function, held, action.keep, device)
    elif action.kind == "load":
        function = loading(held[action.name])
    elif action.kind == "state":
        function = stating(held[action.name])
    with refusing(refused) as called:
        answer = observe(lambda *arguments: function(*to_tensors(arguments, held | own, device)), action.arguments)
    return Answer(error=Error(RefusedCall.__name__, refused.sentence(called[0]))) if called else answer


def replay(
    action: Action,
    before: Sequence[Action],
    namespace: dict,
    probes: Mapping[str, Callable],
    refused: Refused | None = None,
) -> Answer:
    """What comes of an action where others have gone before; where an object cannot be made, what came of that."""
    held: dict[str, object] = dict(probes)
    for each in (*before, action):
        answer = perform(copy.deepcopy(each), namespace, held, refused)
        if not isinstance(answer, Answer):
            return Answer(error=Error("NameError", f"name {each.name!r} is not defined"))
        if answer.error and each.kind in ("new", "load"):
            return answer
    return answer


def as_own(name: str) -> Held:
    """A function of the submission's as an argument, for a probe to call."""
    return Held(f"{name}()")


def own_functions(arguments: Sequence) -> list[str]:
    """The names of the submission's functions among some arguments."""
    return [each.name[:-2] for each in arguments if isinstance(each, Held) and each.name.endswith("()")]


def keeping(make: Callable, held: dict[str, object], name: str, device: str) -> Callable:
    def make_and_keep(*arguments: object) -> None:
        held[name] = made = make(*arguments)
        if device != "cpu" and isinstance(made, sys.modules["torch"].nn.Module):
            made.to(device)  # in place

    return make_and_keep


def loading(module: object) -> Callable:
    def load(state: dict) -> None:
        torch = sys.modules["torch"]
        with torch.no_grad():
            own = own_state(module)
            refuse_mismatch({name: tuple(np.shape(value)) for name, value in state.items()}, own)
            for name, value in state.items():
                own[name].copy_(torch.as_tensor(value))

    return load


def stating(module: object) -> Callable:
    return lambda: {name: value.clone() for name, value in own_state(module).items()}


def own_state(module: object) -> dict:
    """The state_dict of a module.  Raises `StateMismatch` for anything but a module."""
    torch = sys.modules["torch"]
    if not isinstance(module, torch.nn.Module):
        raise StateMismatch(f"it is of type {type(module).__name__}, not a torch.nn.Module, and has no state_dict")
    return torch.nn.Module.state_dict(module)


def refuse_mismatch(wanted: dict[str, tuple], own: dict) -> None:
    lacking = [name for name in wanted if name not in own]
    if lacking:
        raise StateMismatch(f"its state_dict has no {quoted(lacking)}; it has {quoted(own) or 'nothing at all'}")
    for name, value in own.items():
        if name not in wanted:
            raise StateMismatch(f"its state_dict has `{name}`, which is not wanted")
        if tuple(value.shape) != wanted[name]:
            raise StateMismatch(f"`{name}` has shape {tuple(value.shape)}; it should be {wanted[name]}")


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def load_probes(source: str | None) -> dict[str, Callable]:
    """The functions that an assignment's probes define, from a fresh module with imports of its own."""
    if source is None:
        return {}
    module = types.ModuleType("probes")
    exec(compile(source, "<probes>", "exec"), vars(module))
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, types.FunctionType) and value.__module__ == "probes" and not name.startswith("_")
    }
