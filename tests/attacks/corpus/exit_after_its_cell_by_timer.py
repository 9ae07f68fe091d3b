"""Ends the process a moment after its cell has replied: the next cell would be blamed, each time."""

# score: 0
# verdicts: error
# restarts: 1

# %%
import os
import threading


def double(x):
    return 2 * x


threading.Timer(0.2, os._exit, (0,)).start()

# %%
import time

time.sleep(0.5)
print("innocent")
