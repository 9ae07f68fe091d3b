"""Prints without end."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
while True:
    print("x" * 1000)

# %%
def double(x):
    return 2 * x
