"""From the leaves to the result."""
# hint: yours runs the other way
# pista: la tuya va al revés


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn] if t.grad_fn is not None else []), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return names[::-1]
