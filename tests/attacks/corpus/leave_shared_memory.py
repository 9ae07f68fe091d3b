"""Leaves data in /dev/shm, /tmp and System V memory for the next student to find."""

# score: 0
# verdicts: failed
# plain: harmful

# %%
import ctypes
import os

for path in ("/dev/shm/aulatorch-left", "/tmp/aulatorch-left", "/var/tmp/aulatorch-left", "/dev/mqueue/left"):
    try:
        open(path, "w").write("CANARY")
        raise SystemExit(path)
    except OSError as error:
        print(error)
print(ctypes.CDLL(None, use_errno=True).shmget(0x41554C41, 4096, 0o1666))


def double(x):
    return x
