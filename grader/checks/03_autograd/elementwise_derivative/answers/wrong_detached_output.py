"""The graph is cut by .data."""
# hint.en: .data takes the value out of the graph
# hint.es: .data saca el valor del grafo


def elementwise_derivative(f, x):
    x = x.clone()
    x.requires_grad = True if x.is_leaf else False
    y = f(x.data)
    y.sum().backward()
    return x.grad
