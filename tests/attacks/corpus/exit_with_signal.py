"""Kills itself in the call."""

# score: 0
# verdicts: crashed

# %%
import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGKILL)
