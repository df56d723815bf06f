"""Stands in for matplotlib where work is graded: it takes every call and draws nothing."""

import sys
import types

import numpy as np


class Nothing(types.ModuleType):
    """Whatever is asked of it, it gives itself: an attribute, a call, an item, a pair of axes, a block."""

    def __init__(self):
        super().__init__("matplotlib")
        self.__path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **kwargs):
        return self

    def subplots(self, nrows=1, ncols=1, *, squeeze=True, **kwargs):
        axes = np.full((nrows, ncols), self, dtype=object)
        if not squeeze:
            return self, axes
        return self, axes.item() if axes.size == 1 else axes.squeeze()

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter((self, self))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False


nothing = Nothing()
for name in ("", ".pyplot", ".cm", ".colors", ".ticker", ".patches", ".animation", ".gridspec", ".lines"):
    sys.modules["matplotlib" + name] = nothing
