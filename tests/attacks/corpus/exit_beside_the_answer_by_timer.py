"""Ends the process a moment later, from a cell that is no exercise's: only that cell does not run."""

# score: 10
# verdicts: passed
# restarts: 1

# %%
import os
import threading

threading.Timer(0.2, os._exit, (0,)).start()

# %%
def double(x):
    return 2 * x

# %% after
import time

time.sleep(1.5)
print("innocent")
