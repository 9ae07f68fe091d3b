"""Only nodes that wait in the queue are remembered."""
# hint: A node that is met again, after its turn, appears twice
# pista: Un nodo que se vuelve a encontrar, después de su turno, aparece dos veces


def graph_ops(t):
    queue, names = deque([t.grad_fn] if t.grad_fn is not None else []), []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after is not None and after not in queue:
                queue.append(after)
    return names
