"""node.name() for leaves."""
# hint: gives leaves their C++ name
# pista: da a las hojas su nombre de C++


def graph_ops(t):
    queue, seen, names = deque([t.grad_fn] if t.grad_fn is not None else []), {t.grad_fn}, []
    while queue:
        node = queue.popleft()
        names.append(node.name())
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return names
