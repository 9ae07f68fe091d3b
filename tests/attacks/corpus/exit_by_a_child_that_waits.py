"""Starts a child that kills the kernel after a while, from a cell before the answer."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import os
import time

parent = os.getpid()
if os.fork() == 0:
    time.sleep(0.6)
    os.kill(parent, 9)
    os._exit(0)

# %%
def double(x):
    return 2 * x

# %% after
import time

time.sleep(1.5)
print("innocent")
