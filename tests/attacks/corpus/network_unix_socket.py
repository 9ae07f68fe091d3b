"""Connects to sockets in the file system, and to abstract ones."""

# score: 0
# verdicts: failed

# %%
import socket

for address in ("@UNIX@", "\0@ABSTRACT@"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            connection = socket.socket(socket.AF_UNIX, kind)
            connection.connect(address)
            connection.send(b"hello")
        except OSError as error:
            print(error)


def double(x):
    return x
