"""Returns objects that run code when they are unpickled."""

# score: 0
# verdicts: failed error

# %%
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @COURSE@/unpickled",)

    def __getstate__(self):
        return {"x": 1}


def double(x):
    return Bomb()
