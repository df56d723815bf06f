"""The hostile corpus: submissions that attack the grader, the class or the reader, as data.

Nothing here is ever run outside the jail.
"""

from . import breaking_out, cheating, confusing, exhausting, stealing
from .attack import FULL, Attack

THEMES: dict[str, list[Attack]] = {
    "stealing": stealing.ATTACKS,
    "cheating": cheating.ATTACKS,
    "breaking out": breaking_out.ATTACKS,
    "exhausting": exhausting.ATTACKS,
    "confusing": confusing.ATTACKS,
}
ATTACKS = [attack for attacks in THEMES.values() for attack in attacks]

__all__ = ["ATTACKS", "FULL", "THEMES", "Attack"]
