"""Recurses without end, with no limit set."""

# score: 0
# verdicts: crashed memory error timeout
# plain: harmful

# %%
import sys

sys.setrecursionlimit(10**9)


def double(x):
    return double(x)
