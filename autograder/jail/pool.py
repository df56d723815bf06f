"""The warm zygotes of one level of isolation: one for each kind of runtime, replaced before it can grow old or odd."""

from __future__ import annotations

from autograder.jail.contents import NUMPY_ALONE
from autograder.jail.host import Budget, Child, Zygote, ZygoteFailed

MOST_CHILDREN = 1_000


class Pool:
    """Starts a zygote for the packages that are asked for, and keeps it.  Close it, or use it as a context.

    most_children: after so many children a zygote makes room for a fresh one, as does one that broke or ended.
    """

    def __init__(self, level: str, most_children: int = MOST_CHILDREN) -> None:
        self.level = level
        self.most_children = most_children
        self.zygotes: dict[tuple[str, ...], Zygote] = {}

    def zygote(self, packages: tuple[str, ...] = NUMPY_ALONE) -> Zygote:
        """The zygote to use now.  Raises `ZygoteFailed` where none can be started."""
        zygote = self.zygotes.get(packages)
        if zygote is None or zygote.broken or zygote.started >= self.most_children or zygote.process.poll() is not None:
            self.discard(packages)
            self.zygotes[packages] = zygote = Zygote(self.level, packages)
        return zygote

    def spawn(self, budget: Budget, packages: tuple[str, ...] = NUMPY_ALONE) -> Child:
        """A fresh process for one submission; from a second zygote, where the first has gone since it was last used."""
        try:
            return self.zygote(packages).spawn(budget)
        except ZygoteFailed:
            self.discard(packages)
            return self.zygote(packages).spawn(budget)

    def discard(self, packages: tuple[str, ...] = NUMPY_ALONE) -> None:
        """End the zygote for these packages, if there is one; the next that is asked for is fresh."""
        zygote = self.zygotes.pop(packages, None)
        if zygote:
            zygote.close()

    def close(self) -> None:
        for packages in list(self.zygotes):
            self.discard(packages)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
