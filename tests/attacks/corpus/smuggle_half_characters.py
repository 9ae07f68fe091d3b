"""Raises errors whose texts no file can hold, and no terminal should print."""

# score: 0
# verdicts: error

# %%
class Odd(Exception):
    pass


Odd.__qualname__ = "\ud800\x00\x1b[2J"


def double(x):
    raise Odd("\ud800 \x00 \x1b]0;owned\x07")
