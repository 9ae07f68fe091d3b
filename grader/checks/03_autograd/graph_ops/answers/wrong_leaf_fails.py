"""A tensor without a graph is not expected."""
# hint: A tensor without grad_fn has no graph
# pista: Un tensor sin grad_fn no tiene grafo


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn]), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return names
