"""Hides endless loops in finalizers, weak references and the garbage collector's callbacks."""

# score: 0
# verdicts: timeout crashed error failed
# triple: 10
# plain: harmful

# %%
import gc


class Slow:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


def double(x):
    cycle = Slow()
    cycle.itself = cycle
    gc.callbacks.append(lambda phase, about: Slow())
    gc.set_threshold(1)
    return x
