"""Publishes messages that no Jupyter client expects."""

# score: 0
# verdicts: failed

# %%
kernel = get_ipython().kernel
session, socket, parent = kernel.session, kernel.iopub_socket, kernel.get_parent()
for kind in ("stream", "display_data", "execute_result", "error", "status", "clear_output", "comm_open", "update_display_data", 5):
    for content in ({}, [], {"data": 5}, {"text": {"a": 1}, "name": 3}, {"transient": 5}, {"data": {"text/plain": None}}):
        try:
            session.send(socket, kind, content, parent=parent)
        except Exception:
            pass


def double(x):
    return x
