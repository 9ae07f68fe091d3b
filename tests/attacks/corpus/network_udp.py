"""Sends a datagram to the grader."""

# score: 0
# verdicts: failed

# %%
import socket

try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", @UDP@))
except OSError as error:
    print(error)


def double(x):
    return x
