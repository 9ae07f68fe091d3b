"""Reads another student's notebook."""

# score: 0
# verdicts: failed

# %%
import glob

for path in ("@COURSE@/submitted/other/attacked/attacked.ipynb", *glob.glob("/tmp/aulatorch-*/work/*")):
    try:
        print(open(path).read())
    except OSError as error:
        print(type(error))


def double(x):
    return x
