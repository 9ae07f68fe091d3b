"""Shows pictures without end, and updates them."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
from IPython.display import display

shown = display({"image/png": "A" * 1000}, raw=True, display_id="mine")
while True:
    shown.update({"image/png": "A" * 2_000_000}, raw=True)
    display({"image/png": "A" * 2_000_000}, raw=True)

# %%
def double(x):
    return 2 * x
