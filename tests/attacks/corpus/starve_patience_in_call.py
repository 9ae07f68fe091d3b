"""Loops without end in the call and swallows every interrupt."""

# score: 0
# verdicts: timeout
# plain: harmful

# %%
def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
