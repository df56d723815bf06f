"""What a check may do with a learner's work, wherever that work runs.

A function is called by name.  A class is made into an object with `new`; the object stays where the work runs, and the
check holds a `Handle` on it.  Tensors go in and come back as `autograder.learner.codec.Tensor`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograder.learner.actions import Action, as_own, own_functions
from autograder.learner.answer import Answer
from autograder.learner.codec import Held
from autograder.learner.compare import Disagreement, Finding, find_error
from autograder.learner.refused import Refused
from autograder.learner.tensors import to_arrays
from autograder.testing import Called


class Submission:
    """Base of what the fixture `submission` gives.  A subclass says how actions are done, in `ask`."""

    parameters: Mapping[str, Sequence[str]]  # of each function, by place
    probes: Mapping[str, Callable]  # as the trusted side has them, to see what a known mistake would answer
    refused: Refused | None  # the calls that the exercise refuses

    def __init__(
        self, parameters: Mapping[str, Sequence[str]], probes: Mapping[str, Callable], refused: Refused | None = None
    ) -> None:
        self.parameters, self.probes, self.refused = parameters, probes, refused
        self.before: list[Action] = []
        self.objects = 0

    def ask(self, actions: Sequence[Action]) -> list[Answer | str | None]:
        """An answer to each action, or the type of what is no function or class, or None where there is none."""
        raise NotImplementedError

    def missing(self, action: Action, kind: str | None) -> str:
        """The sentence for an action whose name is no function or class of the submission's, but of this type."""
        raise NotImplementedError

    def note(self, called: list[Called]) -> None:
        """Keep what was asked and answered."""

    def call(self, name: str, *arguments: object) -> Called:
        """Call one function of the submission."""
        return self.map(name, [arguments])[0]

    def map(self, name: str, calls: Sequence[Sequence]) -> list[Called]:
        """Call it once for each list of arguments, all sent together."""
        return self.do([Action("call", name, with_arrays(arguments)) for arguments in calls])

    def new(self, name: str, *arguments: object) -> Handle:
        """Make an object of the submission's class.  Raises `Disagreement` where that fails."""
        self.objects += 1
        handle = Handle(self, name, Held(f"{name} {self.objects}"))
        (called,) = self.do([Action("new", name, with_arrays(arguments), handle.held.name)])
        refuse(called)
        return handle

    def probe(self, name: str, *arguments: object) -> Called:
        """Call one of the assignment's probes, in the learner's process.  Handles may be arguments."""
        self.helper(name)
        return self.do([Action("probe", name, with_arrays(arguments))])[0]

    def helper(self, name: str) -> Held:
        """A probe, to be passed as an argument."""
        if name not in self.probes:
            raise LookupError(f"there is no probe {name!r}; the assignment's probes are {', '.join(self.probes)}")
        return Held(name)

    def function(self, name: str) -> Held:
        """A function of the submission's, to be passed to a probe as an argument."""
        return as_own(name)

    def do(self, actions: list[Action]) -> list[Called]:
        called = []
        for action, answer in zip(actions, self.ask(actions), strict=True):
            if not isinstance(answer, Answer):
                names = own_functions(action.arguments)
                wanted = Action("call", names[0]) if names else action
                raise Disagreement(Finding("missing", self.missing(wanted, answer)))
            parameters = self.parameters.get(action.name, ())
            told = {"action": action, "before": list(self.before), "probes": self.probes, "refused": self.refused}
            called.append(Called(action.name, action.arguments, answer, parameters, **told))
        self.before += [action for action in actions if action.kind != "call"]
        self.note(called)
        return called


class Handle:
    """An object of the submission's, which stays where it was made."""

    def __init__(self, submission: Submission, name: str, held: Held) -> None:
        self.submission, self.name, self.held = submission, name, held

    def load(self, state: Mapping[str, object]) -> None:
        """Give a module these weights.  Raises `Disagreement` where its state_dict has other names or shapes."""
        (called,) = self.submission.do([Action("load", self.held.name, with_arrays([dict(state)]))])
        refuse(called)

    def call(self, *arguments: object) -> Called:
        return self.submission.do([Action("use", self.held.name, with_arrays(arguments))])[0]

    def state(self) -> Called:
        """Its state_dict."""
        return self.submission.do([Action("state", self.held.name)])[0]


def with_arrays(arguments: Sequence) -> list:
    """Arguments as they cross: a handle as its name, a tensor as an array that is marked."""

    def crossing(value: object) -> object:
        if isinstance(value, Handle):
            return value.held
        if isinstance(value, list | tuple):
            return type(value)(crossing(item) for item in value)
        return {key: crossing(item) for key, item in value.items()} if isinstance(value, dict) else value

    return [to_arrays(crossing(argument)) for argument in arguments]


def refuse(called: Called) -> None:
    finding = find_error(called.answer.error)
    if finding:
        raise Disagreement(finding)
