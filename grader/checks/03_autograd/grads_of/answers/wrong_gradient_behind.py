"""backward goes on to the caller's leaves."""
# title.es: backward sigue hasta las hojas de quien llama.
# hint.en: Your copy of a tensor that is no leaf still hangs on the caller's graph, and backward walks on to the leaf behind it and leaves a gradient there. Which step takes a copy out of the graph?
# hint.es: Tu copia de un tensor que no es hoja sigue colgada del grafo de quien llama, y backward continúa hasta la hoja de detrás y deja allí un gradiente. ¿Qué paso saca una copia del grafo?
# class: serious


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = []
    for x in xs:
        if x.requires_grad and not x.is_leaf:
            x = x.clone()
            x.retain_grad()
        else:
            x = (x.detach() if x.is_floating_point() else x.float()).requires_grad_()
        leaves.append(x)
    f(*leaves).backward()
    return tuple(x.grad for x in leaves)
