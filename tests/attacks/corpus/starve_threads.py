"""Starts threads without end."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
import threading

stop = threading.Event()
while True:
    threading.Thread(target=stop.wait, daemon=True).start()

# %%
def double(x):
    return 2 * x
