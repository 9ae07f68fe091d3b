"""Takes memory in a thread once its cell has replied: what runs then is not to blame."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import threading
import time


def take():
    time.sleep(0.3)
    kept = []
    while True:
        kept.append(bytearray(b"x" * 2**24))


threading.Thread(target=take, daemon=True).start()

# %%
def double(x):
    return 2 * x

# %% after
import time

time.sleep(2.5)
print("innocent")
