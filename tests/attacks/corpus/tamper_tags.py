"""Tags every cell so that it is skipped, or its errors are expected."""

# score: 0
# verdicts: failed

# %%
def double(x):
    return x

# %% tamper
for cell in notebook.cells:
    cell.metadata["tags"] = ["skip-execution", "raises-exception"]
