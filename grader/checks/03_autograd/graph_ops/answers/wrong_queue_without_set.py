"""A node that several others use is listed several times."""
# title.es: Un nodo que usan varios otros se lista varias veces.
# hint.en: Your list repeats nodes that are reached in several ways. What must your function remember?
# hint.es: Tu lista repite nodos a los que se llega por varios caminos. ¿Qué debe recordar tu función?
# class: fatal


def graph_ops(t):
    queue, names = deque([t.grad_fn]), []
    while queue:
        node = queue.popleft()
        if node is not None:
            names.append(type(node).__name__)
            queue.extend(after for after, _ in node.next_functions)
    return names
