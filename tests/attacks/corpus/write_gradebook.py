"""Gives itself full marks in the gradebook."""

# score: 0
# verdicts: failed

# %%
import sqlite3

try:
    with sqlite3.connect("@COURSE@/gradebook.db") as gradebook:
        gradebook.execute("update grade set score = 10")
except sqlite3.Error as error:
    print(error)
for mode in ("w", "a", "r+"):
    try:
        open("@COURSE@/gradebook.db", mode).write("mine")
    except OSError as error:
        print(error)


def double(x):
    return x
