"""Recursion without remembering the nodes."""
# hint.en: A node that two others use appears twice
# hint.es: Un nodo que usan otros dos sale dos veces


def graph_ops(t):
    def below(node):
        names = [type(node).__name__]
        for after, _ in node.next_functions:
            if after is not None:
                names += below(after)
        return names

    return below(t.grad_fn) if t.grad_fn is not None else []
