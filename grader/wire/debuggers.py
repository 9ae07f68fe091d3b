"""Lets debuggers pass by where nobody can answer them."""

from __future__ import annotations

import bdb
import code
import pdb
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

_OTHERS: Final = ("ipdb", "pudb")
_NAMES: Final = ("set_trace", "post_mortem", "pm", "breakpoint")


def pass_by_debuggers(remark: str) -> None:
    """Makes breakpoints, debuggers and interactive consoles of this process do nothing, but for saying so once a place.

    Args:
        remark: what is printed where one was passed by.
    """
    places: set[tuple[str, int]] = set()

    def say() -> None:
        frame = sys._getframe(2)
        while frame.f_globals.get("__name__") != "__main__" and frame.f_back is not None:
            frame = frame.f_back
        place = (frame.f_code.co_filename, frame.f_lineno)
        if place not in places:
            places.add(place)
            print(remark)

    def pass_by(*_args: Any, **_options: Any) -> None:
        say()

    def go_on(self: bdb.Bdb, *_args: Any, **_options: Any) -> None:
        say()
        self.set_continue()

    for kind in (bdb.Bdb, *_subclasses(bdb.Bdb)):
        for name, instead in (("set_trace", pass_by), ("interaction", go_on)):
            if name in vars(kind):
                setattr(kind, name, instead)
    # Module-level functions may make a debugger first, which asks for a terminal.
    for module in (pdb, *map(sys.modules.get, ("IPython.core.debugger", "torch.distributed"))):
        for name in _NAMES:
            if hasattr(module, name):
                setattr(module, name, pass_by)
    code.interact = pass_by
    code.InteractiveConsole.interact = pass_by  # type: ignore[method-assign]
    for name in ("IPython", "IPython.terminal.embed"):
        if name in sys.modules:
            vars(sys.modules[name])["embed"] = pass_by
    sys.breakpointhook = sys.__breakpointhook__ = pass_by
    for name in _OTHERS:
        sys.modules[name] = _passing_module(name, pass_by)


def _subclasses(kind: type) -> list[type]:
    direct: list[type] = kind.__subclasses__()
    return [*direct, *(below for found in direct for below in _subclasses(found))]


def _passing_module(name: str, pass_by: Callable[..., None]) -> ModuleType:
    """A debugger's module that does nothing, whether it is installed or not: notebooks import it where it is."""
    module = ModuleType(name)
    for function in _NAMES:
        setattr(module, function, pass_by)
    return module
