"""Reads address zero."""

# score: 0
# verdicts: crashed

# %%
import ctypes


def double(x):
    return ctypes.string_at(0)
