"""Raises SystemExit in the call."""

# score: 0
# verdicts: error crashed

# %%
import sys


def double(x):
    sys.exit(0)
