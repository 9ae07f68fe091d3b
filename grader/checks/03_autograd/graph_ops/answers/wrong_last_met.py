"""A node stands where it is met last."""
# hint.en: stands where it is met last
# hint.es: queda donde se lo encuentra por última vez


def graph_ops(t):
    queue, met = deque([t.grad_fn] if t.grad_fn is not None else []), []
    while queue:
        node = queue.popleft()
        if node in met:
            met.remove(node)
        met.append(node)
        queue.extend(after for after, _ in node.next_functions if after is not None)
    return [type(node).__name__ for node in met]
