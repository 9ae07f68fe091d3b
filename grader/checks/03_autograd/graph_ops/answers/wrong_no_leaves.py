"""Leaves are left out."""
# hint: The leaves are missing
# pista: Faltan las hojas


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn] if t.grad_fn is not None else []), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return [name for name in names if name != "AccumulateGrad"]
