"""A queue, but no set of visited nodes."""
# hint.en: A node that two others use appears twice
# hint.es: Un nodo que usan otros dos sale dos veces


def graph_ops(t):
    queue, names = deque([t.grad_fn]), []
    while queue:
        node = queue.popleft()
        if node is not None:
            names.append(type(node).__name__)
            queue.extend(after for after, _ in node.next_functions)
    return names
