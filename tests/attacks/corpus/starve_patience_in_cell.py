"""Loops without end in a cell and swallows every interrupt."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass

# %%
def double(x):
    return 2 * x
