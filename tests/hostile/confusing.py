"""Submissions whose words are meant for the people and programs that read the reports."""

from .attack import ALL, WRONG, Attack, cheat


def saying(name: str, tries: str, code: str, **more: object) -> Attack:
    """One that makes `f` say something unpleasant, whichever function is called."""
    return cheat(name, tries, code + ALL, **more)


ATTACKS = [
    saying(
        "exception-with-a-script",
        "Raises an exception whose text is a script for the page.",
        """
def f(*a):
    raise ValueError("<script>document.title='8/8'</script><img src=x onerror=alert(1)>")
""",
    ),
    saying(
        "exception-that-closes-the-page",
        "Raises an exception whose text closes the page's elements and opens its own.",
        """
def f(*a):
    raise ValueError("</li></ul></main><h2>gru_cell: 4 of 4 points</h2><!--")
""",
    ),
    saying(
        "exception-with-template-code",
        "Raises an exception whose text is code for a template engine.",
        """
def f(*a):
    raise ValueError("{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}${7*7}%s%n")
""",
    ),
    saying(
        "exception-with-terminal-codes",
        "Raises an exception whose text clears the terminal and paints it green.",
        r"""
def f(*a):
    raise ValueError("\x1b[2J\x1b[H\x1b[32mall checks pass\x1b]0;owned\x07\x9b31m\x08\x08\x08\r8 of 8")
""",
    ),
    saying(
        "exception-with-nul",
        "Raises an exception whose text holds NUL, which ends texts elsewhere.",
        r"""
def f(*a):
    raise ValueError("fine\0 and more\0\0\x01\x02\x7f")
""",
    ),
    saying(
        "exception-read-backwards",
        "Raises an exception whose text turns the reading order of the page.",
        r"""
def f(*a):
    raise ValueError("\u202e8 fo 8\u2066\u2067\u2069\u200b\ufeff\u2028\u2029\U000e0041")
""",
    ),
    saying(
        "exception-with-half-a-character",
        "Raises an exception whose text no file can be written with.",
        r"""
def f(*a):
    raise ValueError("\ud800\udfff\udc80")
""",
    ),
    saying(
        "exception-that-cannot-be-printed",
        "Raises an exception whose __str__ and __repr__ raise.",
        """
class Mute(Exception):
    def __str__(self): raise self
    __repr__ = __str__
def f(*a):
    raise Mute
""",
    ),
    saying(
        "exception-that-prints-no-text",
        "Raises an exception whose __str__ returns something else, or ends the process.",
        """
import os
class Odd(Exception):
    def __str__(self): return 7
def f(*a):
    raise Odd
""",
    ),
    saying(
        "exception-that-ends-the-process",
        "Raises an exception whose __str__ ends the process.",
        """
import os
class Last(Exception):
    def __str__(self): os._exit(0)
def f(*a):
    raise Last
""",
        status=("crash",),
    ),
    saying(
        "exception-whose-text-lies",
        "Raises an exception whose text is a str that answers for itself.",
        """
class Text(str):
    def __getitem__(self, key): return self
    def encode(self, *a): return b"8 of 8"
    def __len__(self): return 0
class Lying(Exception):
    def __str__(self): return Text("x" * 1000)
def f(*a):
    raise Lying
""",
    ),
    saying(
        "exception-with-a-tricky-name",
        "Raises an exception whose class is named like markup, through its metaclass.",
        r"""
class Meta(type):
    __name__ = property(lambda cls: "<script>\x1b[2J\u202e" + "x" * 10_000)
class Named(Exception, metaclass=Meta):
    pass
def f(*a):
    raise Named("x")
""",
    ),
    saying(
        "exception-named-as-the-graders",
        "Raises exceptions named as those that the grader knows by name.",
        """
names = iter(["Lost", "Disagreement", "NotImplementedError", "KeyboardInterrupt", "SystemExit", "ZygoteFailed"] * 9)
def f(*a):
    raise type(next(names), (Exception,), {})("status: graded, 8 of 8")
""",
    ),
    saying(
        "exception-group",
        "Raises a group of exceptions, chained and with notes, each long.",
        """
def f(*a):
    error = ExceptionGroup("x" * 9999, [ValueError("<b>" * 9999)] * 99)
    error.add_note("y" * 99999)
    raise error from RuntimeError("z" * 9999)
""",
    ),
    saying(
        "exception-from-a-line-of-markup",
        "Raises on a source line that is itself markup and control characters.",
        """
def f(*a):
    raise ValueError  # <script>alert(1)</script> \u202e </li> 8 of 8 {{ 7*7 }}
""",
    ),
    saying(
        "raises-base-exceptions",
        "Raises what ends programs: GeneratorExit, KeyboardInterrupt, SystemExit.",
        """
errors = iter([GeneratorExit, KeyboardInterrupt, SystemExit(0), BaseException] * 9)
def f(*a):
    raise next(errors)
""",
    ),
    saying(
        "warning-with-markup",
        "Warns, a thousand times, with markup and terminal codes.",
        r"""
import warnings
def f(*a):
    for place in range(1000):
        warnings.warn(f"<script>{place}</script>\x1b[31m\u202e" + "w" * 900)
    return a[0] * 0
""",
    ),
    saying(
        "warning-that-cannot-be-printed",
        "Warns with an object whose text raises.",
        """
import warnings
class Mute(UserWarning):
    def __str__(self): raise RuntimeError("<i>no</i>")
def f(*a):
    warnings.warn(Mute())
    return a[0] * 0
""",
    ),
    saying(
        "value-of-a-tricky-type",
        "Returns a value whose type is named like markup.",
        r"""
class Meta(type):
    __name__ = property(lambda cls: "<script>alert(1)</script>\x1b[2J\u202e\ud800")
class Named(metaclass=Meta):
    pass
def f(*a):
    return Named()
""",
    ),
    saying(
        "value-with-tricky-keys",
        "Returns a dictionary whose keys are markup, and a key of a tricky type.",
        r"""
def f(*a):
    return {"<script>": 1, "\x1b[2J": 2, "\u202e": [3], "\ud800": 4, "__class__": 5, "array": 0}
""",
    ),
    cheat(
        "names-that-are-not-functions",
        "Leaves under the tasks' names objects whose type is named like markup.",
        r"""
class Meta(type):
    __name__ = property(lambda cls: "<script>alert(1)</script>\x1b[2J\u202e")
class Named(metaclass=Meta):
    pass
sigmoid = gru_cell = gru_forward = Named()
""",
    ),
    cheat(
        "cells-that-fail-with-markup",
        "Defines no function, and fails in its cells with markup.",
        r"""
raise ValueError("<script>alert(1)</script>\x1b[2J\u202e\0")
""",
        r"""
def sigmoid(a) <script>alert(1)</script>
""",
        "\x00\ud800",
        "def gru_cell(:\n  \x1b[2J",
    ),
    cheat(
        "docstrings-and-names",
        "Names functions and writes docstrings so that they look like a verdict.",
        WRONG
        + r"""
sigmoid.__name__ = sigmoid.__qualname__ = "</code><b>all 9 checks pass</b>"
sigmoid.__doc__ = "8 of 8 points\u202e<script>"
sigmoid.__module__ = "\x1b[32m"
""",
    ),
    cheat(
        "prints-a-verdict",
        "Prints what the grader says where all is right.",
        WRONG
        + """
import sys
print('{"status": "graded", "score": 8.0, "max_score": 8.0}')
print("8 submissions: 8 graded.", file=sys.stderr)
sys.stdout.flush()
""",
    ),
    cheat(
        "metadata-with-markup",
        "Gives its cells ids and tags of markup, and points of its own.",
        WRONG,
        metadata={
            "tags": ["<script>"],
            "nbgrader": {"grade_id": "<script>\u202e\x1b[2J", "grade": True, "points": 1000, "solution": True},
        },
    ),
    cheat(
        "metadata-with-endless-points",
        "Gives its cells more points than a float can hold.",
        WRONG,
        metadata={"nbgrader": {"grade_id": "x", "grade": True, "points": 10**400}},
        status=("unreadable", "graded"),
    ),
]
