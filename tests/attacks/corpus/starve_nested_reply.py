"""Returns lists in lists, and a list of a hundred million numbers."""

# score: 0
# verdicts: error memory timeout
# plain: harmful

# %%
def double(x):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep if x.shape == (3,) else [0] * 10**8
