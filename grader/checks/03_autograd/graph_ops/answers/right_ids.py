"""Remembers ids; a node is skipped when its turn comes a second time."""


def graph_ops(t):
    queue, seen, names = [t.grad_fn], set(), []
    while queue:
        node = queue.pop(0)
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        names.append(type(node).__name__)
        queue += [pair[0] for pair in node.next_functions]
    return names
