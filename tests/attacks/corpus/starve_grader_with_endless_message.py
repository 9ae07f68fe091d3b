"""Sends one message of endlessly many parts, which ZeroMQ would gather in the grader's memory."""

# score: 0
# verdicts: failed crashed memory error timeout

# %%
import zmq

part = bytes(2**20)
socket = get_ipython().kernel.iopub_thread.socket
while True:
    socket.send(part, zmq.SNDMORE, copy=False)


# %%
def double(x):
    return x
