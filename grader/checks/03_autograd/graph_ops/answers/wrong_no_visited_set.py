"""A node that several others use is listed several times."""
# title.es: Un nodo que usan varios otros se lista varias veces.
# hint.en: Your list repeats nodes that are reached in several ways. What must your function remember?
# hint.es: Tu lista repite nodos a los que se llega por varios caminos. ¿Qué debe recordar tu función?
# class: fatal


def graph_ops(t):
    def below(node):
        names = [type(node).__name__]
        for after, _ in node.next_functions:
            if after is not None:
                names += below(after)
        return names

    return below(t.grad_fn) if t.grad_fn is not None else []
