"""Ends the process in a cell, then answers rightly."""

# score: 10
# verdicts: passed
# restarts: 1

# %%
import os

os._exit(0)

# %%
def double(x):
    return 2 * x
