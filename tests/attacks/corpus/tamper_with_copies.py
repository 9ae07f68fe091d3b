"""Hands in copies of the check cells with other points, ids that collide, and the checks before the answers."""

# score: 0
# verdicts: failed not_attempted error

# %%
def double(x):
    return x

# %% tamper
import copy

checks = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
for number, cell in enumerate(checks):
    for points in (0, -10, 1e308, 100):
        twin = copy.deepcopy(cell)
        twin.metadata.nbgrader["points"] = points
        twin.id = checks[number - 1].id
        twin.source = "10.0"
        notebook.cells.append(twin)
