"""The states of the global random generators, so that a call that draws from one is noticed."""

from __future__ import annotations

import ctypes
import random
import sys
from array import array
from typing import Final

import numpy as np
import torch

_MT19937_BYTES: Final = 624 * 4 + 4
"""The state of a Mersenne Twister: its key, and its position there."""


def random_states() -> dict[str, object]:
    """The states of PyTorch's, NumPy's and Python's own generator; each is equal to itself until somebody draws."""
    return {
        "torch": torch.default_generator.get_state().numpy().tobytes(),
        "numpy": _numpy_state(),
        "random": _python_state(),
    }


def _numpy_state() -> object:
    generator = np.random.get_bit_generator()  # type: ignore[attr-defined] # NumPy's stubs lack it
    if type(generator) is np.random.MT19937:
        return ctypes.string_at(generator.ctypes.state_address, _MT19937_BYTES)  # `.state` takes ten times as long
    return repr(generator.state)


_GENERATOR: Final = random.getstate.__self__  # type: ignore[attr-defined] # a bound method
"""The object behind ``random.random()``, which stays the same for the life of a process."""


def _python_state() -> object:
    """Of Python's own generator. `random.getstate` makes 625 numbers of it, which takes longer than a small call."""
    if _ADDRESS is None:
        return random.getstate()
    return ctypes.string_at(_ADDRESS, _MT19937_BYTES), _GENERATOR.gauss_next


def _address() -> int | None:
    """Where CPython keeps the generator's position and key; None where it does not lie as it does today."""
    if sys.implementation.name != "cpython":
        return None
    begin, base = object.__basicsize__, type(_GENERATOR).__base__
    if base is None or base.__basicsize__ < begin + _MT19937_BYTES or array("I").itemsize != 4:
        return None
    address = id(_GENERATOR) + begin
    found = array("I", ctypes.string_at(address, _MT19937_BYTES)).tolist()
    *key, position = random.getstate()[1]
    return address if found == [position, *key] else None


_ADDRESS: Final = _address()
