"""Nests folders deeper than any path is long."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
import os

for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")


def double(x):
    return 2 * x
