"""None in next_functions is taken for a node."""
# hint: stands as None in next_functions
# pista: aparece como None en next_functions


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn] if t.grad_fn is not None else []), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return names
