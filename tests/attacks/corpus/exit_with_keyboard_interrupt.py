"""Raises KeyboardInterrupt, as if the grader had lost patience."""

# score: 0
# verdicts: error crashed timeout

# %%
def double(x):
    raise KeyboardInterrupt


class Interrupt(KeyboardInterrupt, ExceptionGroup if False else BaseException):
    pass
