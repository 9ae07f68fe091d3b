"""Writes as much as a cell may, in many cells."""

# score: 10
# verdicts: passed
# forbids: xxx shown 290

# %%
def double(x):
    return 2 * x


# %% tamper
import copy

for number in range(300):
    cell = copy.deepcopy(notebook.cells[1])
    cell.id = f"more-{number}"
    cell.source = f"print('x' * 49_000, 'shown', {number})"
    notebook.cells.append(cell)
