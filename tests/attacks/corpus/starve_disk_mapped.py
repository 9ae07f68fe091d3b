"""Fills the disk with files that have no name and no descriptor: they are only mapped."""

# score: 0
# verdicts: failed
# restarts: 1
# plain: harmful

# %%
import mmap
import os
import time

kept = []
for number in range(20):
    with open("file", "wb+") as file:
        os.unlink("file")
        file.write(bytes(2**25))
        file.flush()
        kept.append(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE))
time.sleep(2)


# %%
def double(x):
    return x
