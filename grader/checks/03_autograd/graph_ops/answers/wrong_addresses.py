"""str(node), with its address."""
# hint: str(node) shows a memory address
# pista: str(node) muestra también una dirección de memoria


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn] if t.grad_fn is not None else []), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(str(node))
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return names
