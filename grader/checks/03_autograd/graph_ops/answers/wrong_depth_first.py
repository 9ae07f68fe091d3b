"""The nodes are listed depth-first."""
# title.es: Los nodos se listan en profundidad.
# hint.en: Your list follows one arm to its end before the next one begins. Breadth-first, whose turn is next: the node that was met first or the one that was met last?
# hint.es: Tu lista sigue una rama hasta el final antes de empezar la siguiente. En anchura, ¿a quién le toca: al nodo que se encontró primero o al último?
# class: fatal


def graph_ops(t):
    seen, names = set(), []

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        names.append(type(node).__name__)
        for after, _ in node.next_functions:
            visit(after)

    visit(t.grad_fn)
    return names
