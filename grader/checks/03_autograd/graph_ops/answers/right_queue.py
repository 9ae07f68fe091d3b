"""A queue and a set."""


def graph_ops(t):
    if t.grad_fn is None:
        return []
    queue, seen, names = deque([t.grad_fn]), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return names
