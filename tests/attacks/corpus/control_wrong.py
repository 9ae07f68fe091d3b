"""A wrong answer: the identity."""

# score: 0
# verdicts: failed

# %%
def double(x):
    return x
