"""A node stands where it is met last."""
# title.es: Un nodo queda donde se encuentra por última vez.
# hint.en: Your list moves a node to the end when it is met again. Where does the text place it?
# hint.es: Tu lista mueve un nodo al final cuando se vuelve a encontrar. ¿Dónde lo coloca el enunciado?
# class: serious


def graph_ops(t):
    queue, met = deque([t.grad_fn] if t.grad_fn is not None else []), []
    while queue:
        node = queue.popleft()
        if node in met:
            met.remove(node)
        met.append(node)
        queue.extend(after for after, _ in node.next_functions if after is not None)
    return [type(node).__name__ for node in met]
