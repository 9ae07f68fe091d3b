"""Starts processes and pools far beyond what a notebook may have, and never ends them."""

# score: 10
# verdicts: passed
# forbids: ENDLESS
# plain: harmful

# %%
import multiprocessing
import time

kept, started = [], 0
for _ in range(400):
    try:
        kept.append(multiprocessing.Process(target=time.sleep, args=(600,)))
        kept[-1].start()
        started += 1
    except OSError:
        break
print(started if started < 200 else "END" "LESS")

# %%
try:
    kept.append(multiprocessing.Pool(200))
except (OSError, RuntimeError) as error:
    print(error)

# %%
def double(x):
    return 2 * x
