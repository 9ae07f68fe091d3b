"""Stops the kernel's event loop once its cell has replied."""

# score: 10
# verdicts: passed

# %%
from tornado.ioloop import IOLoop

IOLoop.current().call_later(0.3, IOLoop.current().stop)

# %%
def double(x):
    return 2 * x

# %% after
import time

time.sleep(1.5)
print("innocent")
