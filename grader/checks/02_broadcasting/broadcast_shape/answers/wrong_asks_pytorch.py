"""PyTorch broadcasts, and its error becomes a ValueError."""
# title.es: PyTorch hace el broadcasting, y su error pasa a ser un ValueError.
# hint.en: Your code leaves the rule to PyTorch, and writing it is the exercise. Which two sizes fit, and what comes of them?
# hint.es: Tu código le deja la regla a PyTorch, y escribirla es el ejercicio. ¿Qué dos tamaños encajan, y qué sale de ellos?
# class: fatal


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    try:
        return tuple(torch.broadcast_shapes(a, b))
    except RuntimeError:
        raise ValueError(f"shapes {a} and {b} do not fit") from None
