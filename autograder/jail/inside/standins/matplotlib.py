"""Stands in for matplotlib where work is graded: it takes every call and draws nothing."""

import sys
import types


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
