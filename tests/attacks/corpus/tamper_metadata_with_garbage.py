"""Fills metadata with values of types that no tool expects."""

# score: 10
# verdicts: passed
# plain: invalid

# %%
def double(x):
    return 2 * x

# %% tamper
for cell in notebook.cells:
    cell.metadata["tags"] = [5, None, {"a": []}, "x" * 10000]
    cell.metadata["execution"] = "never"
    cell.metadata["collapsed"] = "maybe"
