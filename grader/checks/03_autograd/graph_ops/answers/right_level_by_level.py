"""One level after the other, with a list that grows."""


def graph_ops(t):
    level = [] if t.grad_fn is None else [t.grad_fn]
    met = list(level)
    while level:
        below = []
        for node in level:
            for after, _ in node.next_functions:
                if after and all(after is not other for other in met):
                    met.append(after)
                    below.append(after)
        level = below
    return [node.__class__.__name__ for node in met]
