"""Fills the memory in a cell, then answers rightly."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
hoard = []
while True:
    hoard.append(bytearray(2**26))

# %%
def double(x):
    return 2 * x
