"""Shuts the kernel down, closes its loop and its descriptors."""

# score: 0
# verdicts: crashed error timeout

# %%
import os


def double(x):
    get_ipython().kernel.do_shutdown(False)
    os.closerange(3, 256)
    return x
