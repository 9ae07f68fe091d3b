"""Waits in the call for a lock that a child holds and never gives back, and takes no interrupt for an answer."""

# score: 0
# verdicts: timeout
# plain: harmful

# %%
import multiprocessing
import time


def hold():
    lock.acquire()
    ready.put(True)
    time.sleep(600)


lock, ready = multiprocessing.Lock(), multiprocessing.Queue()
multiprocessing.Process(target=hold, daemon=True).start()
ready.get()


def double(x):
    while True:
        try:
            lock.acquire()
        except BaseException:
            pass
