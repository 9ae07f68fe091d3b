"""Sends a datagram to a Unix socket from one end of a socket pair."""

# score: 0
# verdicts: failed

# %%
import socket

for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
    try:
        left, right = socket.socketpair(socket.AF_UNIX, kind)
        left.sendto(b"hello", "@UNIXDATAGRAM@")
    except OSError as error:
        print(kind, error)


def double(x):
    return x
