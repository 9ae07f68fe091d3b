"""Asks for input that nobody will give."""

# score: 0
# verdicts: error timeout

# %%
import getpass
import sys


def double(x):
    for ask in (input, getpass.getpass, sys.stdin.read, sys.__stdin__.read):
        try:
            ask()
        except Exception as error:
            print(error)
    return input("grade: ")
