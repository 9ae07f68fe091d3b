"""Forks twice into a session of its own, to outlive its notebook."""

# score: 0
# verdicts: failed
# plain: harmful

# %%
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.1)
            try:
                open("@COURSE@/left", "w").close()
            except OSError:
                pass
    os._exit(0)


def double(x):
    return x
