""".data takes x out of the graph before f sees it."""
# title.es: .data saca a x del grafo antes de que f la vea.
# hint.en: Your f gets x.data, which has no graph, so backward finds none. What must f be given?
# hint.es: Tu f recibe x.data, que no tiene grafo, así que backward no encuentra ninguno. ¿Qué hay que darle a f?
# class: fatal


def elementwise_derivative(f, x):
    x = x.clone()
    x.requires_grad = True if x.is_leaf else False
    y = f(x.data)
    y.sum().backward()
    return x.grad
