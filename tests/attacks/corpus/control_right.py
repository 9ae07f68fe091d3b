"""The right answer."""

# score: 10
# verdicts: passed

# %%
def double(x):
    return 2 * x
