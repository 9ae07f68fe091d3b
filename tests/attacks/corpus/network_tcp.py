"""Connects to the grader over TCP, over IPv4 and IPv6."""

# score: 0
# verdicts: failed

# %%
import socket

for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        connection = socket.socket(family)
        connection.connect((host, @TCP@))
        connection.send(b"hello")
    except OSError as error:
        print(error)


def double(x):
    return x
