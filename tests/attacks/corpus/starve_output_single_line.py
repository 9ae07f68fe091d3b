"""Prints one line of 300 MB."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
print("x" * 300_000_000)

# %%
def double(x):
    return 2 * x
