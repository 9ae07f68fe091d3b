"""A stack in place of a queue."""
# hint.en: That order goes deep first
# hint.es: Ese orden va primero hacia el fondo


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
