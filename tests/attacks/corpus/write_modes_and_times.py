"""Changes modes, owners, times and attributes of the course's files."""

# score: 0
# verdicts: failed

# %%
import os

for path in ("@COURSE@/gradebook.db", "@HIDDEN@", "@HIDDEN@/hidden.py"):
    for change in (
        lambda: os.chmod(path, 0),
        lambda: os.chown(path, 12345, 12345),
        lambda: os.utime(path, (0, 0)),
        lambda: os.setxattr(path, "user.mine", b"1"),
        lambda: os.chmod(os.open(path, os.O_PATH), 0),
    ):
        try:
            change()
        except OSError as error:
            print(error)
import ctypes

print(ctypes.CDLL(None).syscall(452, -100, b"@COURSE@/gradebook.db", 0, 0))


def double(x):
    return x
