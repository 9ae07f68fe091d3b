"""Prints the environment that its process was started with, which later changes do not reach."""

# score: 0
# verdicts: failed
# forbids: instructors-own-programs

# %%
print(open("/proc/self/environ").read().replace("\0", "\n"))


def double(x):
    return x
