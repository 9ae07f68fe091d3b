"""Changes the installed packages for the students after it."""

# score: 0
# verdicts: failed
# plain: harmful

# %%
import os
import site
import sys

import torch

import grader

for path in (
    *(folder + "/sitecustomize.py" for folder in site.getsitepackages()),
    *(folder + "/aulatorch_evil.pth" for folder in site.getsitepackages()),
    torch.__file__,
    grader.__file__,
    os.path.join(sys.prefix, "evil"),
):
    try:
        with open(path, "a") as file:
            file.write("")
        print("WROTE", path)
        raise SystemExit("the packages can be changed")
    except OSError as error:
        print(error)


def double(x):
    return x
